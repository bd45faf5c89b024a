import { FRAMEWORK_STATUSES, LEVELS, PROBES } from '../../../core/conformity.ts'
import { ESTABLISHMENT_KINDS } from './care.ts'
import { duration, keyed, NAME, type Piece, texts } from './piece.ts'
import { KIND } from './route.ts'

const LONGEST_TEXT = 2_000

/** A short text. */
export function line(description: string, most = 400): Piece {
  return { type: 'string', minLength: 1, maxLength: most, what: 'text (numbers and dates go in quotes)', description }
}

/** A text in both languages. */
export function both(description: string): Piece {
  const said = (language: string): Piece => ({
    type: 'string',
    minLength: 1,
    maxLength: LONGEST_TEXT,
    what: 'text',
    description: language,
  })
  return keyed(description, { fr: said('In French.'), en: said('In English.') }, ['fr', 'en'])
}

/** Whole days. */
export function days(description: string): Piece {
  return { type: 'string', pattern: '^[1-9][0-9]{0,3} d$', what: 'whole days, such as 30 d', description }
}

/** A share of a hundred. */
export function share(description: string): Piece {
  return {
    type: 'string',
    pattern: '^(100|[1-9]?[0-9](\\.[0-9]{1,2})?) %$',
    what: 'a share, such as 99 % or 99.5 %',
    description,
  }
}

/** A day of the calendar. */
export const DAY: Piece = { type: 'string', pattern: '^[0-9]{4}-[0-9]{2}-[0-9]{2}$', what: 'a day, such as 2026-01-31' }
const KINDS = texts('Kinds of establishment.', { type: 'string', enum: [...ESTABLISHMENT_KINDS] })
/** As in routes, and mail, which no route takes: `MAIL`, `MAIL^XDM` (documents), `MAIL^DSN`, `MAIL^MDN`. */
export const COUNTED: Piece = {
  type: 'string',
  pattern: `^MAIL(\\^(DSN|MDN|XDM|\\*))?$|${KIND.pattern}`,
  what: 'a kind: ADT^A01, ADT^*, a FHIR type, Bundle:transaction or MAIL^XDM',
}
const REQUIREMENT_ID: Piece = {
  type: 'string',
  pattern: '^[A-Z0-9][A-Z0-9./_-]{0,59}$',
  what: 'a requirement id of capitals, digits and . / _ -, such as PAM-IDENTITY',
}
/** A rule or code that messages are judged by. */
export const FINDING: Piece = {
  type: 'string',
  pattern: '^[A-Z][A-Z0-9_-]*\\*?$',
  what: 'the id of a rule or a code, with * at the end for any ending',
}
const CLAIMED: Piece = {
  type: 'string',
  pattern: '^[\\x21-\\x7e]{1,160}$',
  what: 'the name of a profile, with * at the end for any ending',
}
/** That a fact is not verified. */
export const CONFIRM: Piece = {
  type: 'boolean',
  default: false,
  description: 'The fact is not verified, and pages say so.',
}
const LEAST = share('Met from this share on.')
const PARTLY = share('Partly met from this share on, below `atLeast`. Absent: not met below `atLeast`.')

const trafficPiece: Piece = keyed(
  'Live messages: exactly one of `share`, `absence`, `presence`, `answered`.',
  {
    side: {
      type: 'string',
      enum: ['sent', 'received'],
      description: 'Messages that the establishment sent, or (with `answered`) those it was sent.',
    },
    kinds: texts('Kinds as in routes, and `MAIL^XDM`.', COUNTED),
    profiles: texts(
      'Only messages that claim one of these (a component of MSH-21, meta.profile); absent: all.',
      CLAIMED,
    ),
    notProfiles: texts('Not messages that claim one of these; absent: none is left out.', CLAIMED),
    window: days('Days that are looked at, today the last; 800 d at most.'),
    minimum: {
      type: 'integer',
      minimum: 1,
      maximum: 1_000_000,
      default: 1,
      description: 'Under so many messages nothing is said.',
    },
    share: keyed(
      'Share of messages that are as they must be.',
      {
        without: {
          type: 'array',
          items: FINDING,
          uniqueItems: true,
          default: [],
          description: 'Findings that a message may not have.',
        },
        refused: {
          type: 'boolean',
          default: true,
          description:
            'A message refused for its content is not as it must be. `false`: such messages are not counted.',
        },
        atLeast: LEAST,
        partly: PARTLY,
      },
      ['atLeast'],
    ),
    absence: texts('No message has one of these findings.', FINDING),
    presence: { type: 'integer', minimum: 1, maximum: 1_000_000, description: 'So many messages at least.' },
    answered: keyed(
      'Share of messages whose first attempt was answered positively.',
      { within: duration('Within this time.', null, '1 s', '1 h'), atLeast: LEAST, partly: PARTLY },
      ['atLeast'],
    ),
  },
  ['side', 'kinds', 'window'],
)

const probePiece: Piece = keyed(
  'An endpoint of the establishment that is asked.',
  {
    kind: { type: 'string', enum: [...PROBES], description: 'What is asked of which endpoints.' },
    valid: days('A result older than that has lapsed.'),
    settings: { type: 'object', default: {}, description: 'What the probe wants to know.' },
  },
  ['kind', 'valid'],
)

const evidencePiece: Piece = keyed(
  'What somebody filed and another person reviewed.',
  {
    accepts: {
      type: 'string',
      enum: ['document', 'statement', 'either'],
      description: 'A file, a written statement, or one of them.',
    },
    valid: days('It counts so long, unless the reviewer says otherwise.'),
    remind: { ...days('Days before its end at which the establishment is told.'), default: '30 d' },
  },
  ['accepts', 'valid'],
)

const trialPiece: Piece = keyed(
  'Cases of test books, passed at the sandbox door; judged for qualification alone.',
  {
    cases: texts('`BOOK/CASE`: all of them.', {
      type: 'string',
      pattern: '^[a-z0-9-]{1,64}/[A-Z0-9-]{1,64}$',
      what: 'a case of a test book, such as identities/TWOINS',
    }),
    valid: days('A case counts so long after it was passed.'),
  },
  ['cases', 'valid'],
)

const PARTS = texts('Requirements of this framework.', REQUIREMENT_ID)
const derivedPiece: Piece = keyed('Other requirements: exactly one of `all`, `any`, `atLeast`.', {
  all: { ...PARTS, description: 'All of them are met.' },
  any: { ...PARTS, description: 'One of them is met.' },
  atLeast: keyed(
    'So many of them are met.',
    { n: { type: 'integer', minimum: 1, maximum: 1_000, description: 'How many.' }, of: PARTS },
    ['n', 'of'],
  ),
})

const requirementPiece: Piece = keyed(
  'One requirement.',
  {
    id: { ...REQUIREMENT_ID, description: 'Its name for ever within the framework.' },
    level: { type: 'string', enum: [...LEVELS], description: 'How binding it is.' },
    text: both('What is asked.'),
    source: keyed(
      'Where it stands.',
      { document: line('The document.'), clause: line('The clause, or the publisher’s own id as it is written.', 120) },
      ['document'],
    ),
    confirm: CONFIRM,
    appliesTo: { ...KINDS, description: 'Kinds of establishment. Absent: those of the framework.' },
    next: both('What to do next when it is not met.'),
    judge: keyed('How it is judged: exactly one.', {
      traffic: trafficPiece,
      probe: probePiece,
      evidence: evidencePiece,
      trial: trialPiece,
      derived: derivedPiece,
    }),
  },
  ['id', 'level', 'text', 'source', 'next', 'judge'],
)

/** A file of profiles/frameworks. */
export const frameworkPiece: Piece = keyed(
  'A framework in one version.',
  {
    id: { ...NAME, description: 'Its name, the same in every version.' },
    version: {
      type: 'string',
      pattern: '^[0-9A-Za-z][0-9A-Za-z._-]{0,31}$',
      what: 'a version in quotes, such as "2026.1"',
      description: 'Another version is another framework; one that was published never changes.',
    },
    name: both('Its name for people.'),
    publisher: line('Who publishes it.', 120),
    status: { type: 'string', enum: [...FRAMEWORK_STATUSES], description: 'Where it is in its life.' },
    valid: keyed(
      'Days on which it holds.',
      {
        from: { ...DAY, description: 'The first.' },
        to: { ...DAY, description: 'The last. Absent: until further notice.' },
      },
      ['from'],
    ),
    appliesTo: { ...KINDS, description: 'Kinds of establishment that it is for.' },
    source: line('Where it is published.', LONGEST_TEXT),
    confirm: CONFIRM,
    domains: {
      type: 'array',
      minItems: 1,
      what: 'at least one domain',
      description: 'Its parts, each a column of the matrix.',
      items: keyed(
        'One domain.',
        {
          id: { ...NAME, description: 'Its name in addresses.' },
          name: both('Its name for people.'),
          requirements: {
            type: 'array',
            minItems: 1,
            what: 'at least one requirement',
            items: requirementPiece,
            description: 'What it asks.',
          },
        },
        ['id', 'name', 'requirements'],
      ),
    },
  },
  ['id', 'version', 'name', 'publisher', 'status', 'valid', 'appliesTo', 'source', 'domains'],
)
