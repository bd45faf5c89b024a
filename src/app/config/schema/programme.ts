import { FINESS_PATTERN } from '../../../formats/identifiers/finess.ts'
import { ESTABLISHMENT_KINDS } from './care.ts'
import { both, CONFIRM, COUNTED, DAY, days, FINDING, line, share } from './framework.ts'
import { keyed, NAME, type Piece, texts } from './piece.ts'

const SOURCE = line('Where it was published; « à confirmer » goes into `confirm`.', 2_000)
const AMOUNT: Piece = {
  type: 'string',
  pattern: '^[0-9]{1,3}( ?[0-9]{3}){0,3}(\\.[0-9]{2})? EUR$',
  what: 'an amount, such as 420 000 000 EUR or 828 526.26 EUR',
  description: 'How much, in euros and cents.',
}
const PART_OF = { ...share('What it is of the whole.'), default: '0 %' }
const MANY: Piece = { type: 'integer', minimum: 1, maximum: 10_000 }

function list(description: string, items: Piece, least = 0): Piece {
  return {
    type: 'array',
    items,
    description,
    ...(least === 0 ? { default: [] } : { minItems: least, what: 'at least one' }),
  }
}

const deposit: Piece = keyed('Days on which one may apply; one of them may be absent.', {
  from: { ...DAY, description: 'The first.' },
  to: { ...DAY, description: 'The last.' },
})
const DOMAINS = { ...texts('Domains of this programme. Absent: all of them.', NAME) }

const countPiece = (description: string): Piece =>
  keyed(
    description,
    {
      side: { type: 'string', enum: ['sent', 'received'], description: 'Sent by the establishment, or sent to it.' },
      kinds: texts('Kinds as in routes, and `MAIL^XDM`.', COUNTED),
      without: {
        type: 'array',
        items: FINDING,
        uniqueItems: true,
        default: [],
        description: 'Findings that such a message does not have.',
      },
    },
    ['side', 'kinds'],
  )

const targetPiece: Piece = keyed(
  'What is to be reached.',
  {
    id: { ...NAME, description: 'Its name within the programme.' },
    name: both('Its name for people.'),
    domains: DOMAINS,
    numerator: both('What is counted.'),
    denominator: both('Of what.'),
    threshold: share('Reached from this share on.'),
    source: SOURCE,
    confirm: CONFIRM,
    counts: keyed(
      'How counts of this gateway make the fraction. Absent: people declare it.',
      {
        numerator: countPiece('Messages above the line.'),
        denominator: countPiece('Messages below the line.'),
        window: days('Days that are looked at, today the last; 800 d at most.'),
        minimum: { ...MANY, default: 1, description: 'Under so many messages below the line nothing is said.' },
      },
      ['numerator', 'denominator', 'window'],
    ),
  },
  ['id', 'name', 'numerator', 'denominator', 'threshold', 'source'],
)

const milestonePiece: Piece = keyed(
  'A step on the way that requirements of conformity tell.',
  {
    id: { ...NAME, description: 'Its name within the programme.' },
    name: both('Its name for people.'),
    domains: DOMAINS,
    before: { type: 'string', enum: ['start-up', 'use'], description: 'What is not paid before it.' },
    requirements: texts('Requirements that are all to be met.', {
      type: 'string',
      pattern: '^[a-z0-9][a-z0-9-]*@[0-9A-Za-z._-]+ [A-Z0-9][A-Z0-9./_-]*$',
      what: 'a requirement, such as segur@2026.1 INS/VA1.53',
    }),
    confirm: CONFIRM,
  },
  ['id', 'name', 'before', 'requirements'],
)

const trackPiece: Piece = keyed(
  'A way to apply.',
  {
    id: { ...NAME, description: 'Its name within the programme.' },
    name: both('Its name for people.'),
    minimum: { ...MANY, description: 'So many establishments of the managing body at least.' },
    maximum: { ...MANY, description: 'So many at most.' },
    deposit,
    source: SOURCE,
    confirm: CONFIRM,
  },
  ['id', 'name', 'source'],
)

const exceptionPiece: Piece = keyed(
  'An establishment that is given more.',
  {
    finess: { type: 'string', pattern: FINESS_PATTERN, what: 'a FINESS number in quotes', description: 'Which one.' },
    domains: { ...MANY, description: 'How many domains it is given.' },
    source: SOURCE,
    confirm: CONFIRM,
  },
  ['finess', 'domains', 'source'],
)

/** A file of profiles/programmes. */
export const programmePiece: Piece = keyed(
  'A programme of funding.',
  {
    id: { ...NAME, description: 'Its name in addresses and files.' },
    name: both('Its name for people.'),
    publisher: line('Who runs it.', 120),
    period: keyed(
      'Days on which it runs.',
      {
        from: { ...DAY, description: 'The first.' },
        to: { ...DAY, description: 'The last. Absent: until further notice.' },
        confirm: CONFIRM,
      },
      ['from'],
    ),
    source: SOURCE,
    confirm: CONFIRM,
    envelopes: list(
      'Money that is set aside, of the country or of this region.',
      keyed(
        'One envelope.',
        {
          scope: { type: 'string', enum: ['national', 'region'], description: 'Whose it is.' },
          amount: AMOUNT,
          source: SOURCE,
          confirm: CONFIRM,
        },
        ['scope', 'amount', 'source'],
      ),
    ),
    kinds: texts('Kinds of establishment that may apply.', { type: 'string', enum: [...ESTABLISHMENT_KINDS] }),
    domains: list(
      'What an establishment is funded for.',
      keyed(
        'One domain.',
        {
          id: { ...NAME, description: 'Its name within the programme.' },
          name: both('Its name for people.'),
          deposit,
          confirm: CONFIRM,
        },
        ['id', 'name'],
      ),
      1,
    ),
    domainsEach: keyed(
      'How many domains one establishment is given. Absent: as many as there are.',
      {
        most: { ...MANY, description: 'So many.' },
        confirm: CONFIRM,
        exceptions: list('Establishments that are given more.', exceptionPiece),
      },
      ['most'],
    ),
    tracks: list('Ways to apply, by how many establishments the managing body brings. Absent: one.', trackPiece),
    projects: list(
      'What may be funded, of which one is chosen.',
      keyed(
        'One.',
        { id: { ...NAME, description: 'Its name within the programme.' }, name: both('Its name for people.') },
        ['id', 'name'],
      ),
    ),
    payment: keyed(
      'Parts in which it pays; together 100 %.',
      { advance: PART_OF, startUp: PART_OF, use: PART_OF, source: SOURCE, confirm: CONFIRM },
      ['source'],
    ),
    targets: list('What is to be reached.', targetPiece),
    milestones: list('Steps that requirements of conformity tell.', milestonePiece),
  },
  ['id', 'name', 'publisher', 'period', 'source', 'kinds', 'domains', 'payment'],
)
