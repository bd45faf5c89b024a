import type { EstablishmentKind } from '../../../core/config.ts'
import { CENTRE_15, CHANNELS, DELAY_NAMES, SERVICE_KINDS, TIME_NAMES, TOLD } from '../../../core/services.ts'
import { duration, keyed, NAME, type Piece, texts } from './piece.ts'

/** Kinds of establishment, as region.yaml names them. */
export const ESTABLISHMENT_KINDS = [
  'hospital',
  'university-hospital',
  'nursing-home',
  'disability-home',
  'social',
  'samu',
  'expert-centre',
  'platform',
] as const satisfies readonly EstablishmentKind[]

/** Ids inside a service: they begin with a letter, so that lists keep their order. */
const ID: Piece = {
  type: 'string',
  pattern: '^[a-z][a-z0-9-]{0,62}$',
  what: 'an id of lower-case letters, digits and hyphens that begins with a letter',
}
const line = (description: string): Piece => ({ type: 'string', minLength: 1, maxLength: 400, description })
const words = (description: string): Piece =>
  keyed(description, { fr: line('In French.'), en: line('In English.') }, ['fr', 'en'])
const coded = (description: string): Piece =>
  keyed(
    description,
    {
      system: line('Canonical URI of the terminology, as FHIR has it.'),
      code: line('The code; numbers go in quotes.'),
      display: line('Its words.'),
    },
    ['system', 'code', 'display'],
  )
const oneOf = (values: readonly string[], description?: string): Piece => ({
  type: 'string',
  enum: [...values],
  ...(description !== undefined && { description }),
})

/** Centres in order, by site. */
export const centresPiece: Piece = {
  type: 'object',
  propertyNames: { type: 'string', pattern: '^(\\*|[a-z0-9][a-z0-9-]{0,62})$', what: 'an establishment, or "*"' },
  additionalProperties: texts('Establishments that answer, the first asked first.', NAME),
  description: 'Centres that answer, in order, by the site that asks; `"*"`: all sites without a row of their own.',
}

const rungPiece: Piece = keyed(
  'One rung.',
  {
    after: duration('Since the ladder began.', null, '0 s', '30 d'),
    every: duration(
      'The last rung is told again at this interval, without end; only the last has it.',
      null,
      '30 s',
      '7 d',
    ),
    tell: texts('Who is told.', oneOf(TOLD)),
    channels: texts('How they are told.', oneOf(CHANNELS)),
    number: {
      type: 'string',
      pattern: `^(${CENTRE_15}|\\+?[0-9][0-9 ]{1,18})$`,
      what: `a telephone number, or ${CENTRE_15}`,
      description: `Telephone number that goes with it; \`${CENTRE_15}\`: of the site's department. Absent: none.`,
    },
  },
  ['after', 'tell', 'channels'],
)

/** The rungs of a ladder. */
export const rungsPiece: Piece = {
  type: 'array',
  minItems: 1,
  maxItems: 20,
  items: rungPiece,
  description: 'Rungs in the order of their times. The last is told again without end: a ladder never runs out.',
}

const ladderPiece: Piece = keyed(
  'A ladder: who is told when nobody answers.',
  {
    name: { ...ID, description: '`answer` (every service has it), or the name of another, such as `interventional`.' },
    title: words('Name for people.'),
    centres: centresPiece,
    rungs: rungsPiece,
  },
  ['name', 'title', 'rungs'],
)

const windowPiece: Piece = keyed(
  'A clinical window. It is shown with its source, and decides nothing.',
  {
    id: { ...ID, description: 'Its name in region.yaml.' },
    name: words('Name for people.'),
    from: texts(
      'Times it may count from: the first that is told counts. `requested`: the request.',
      oneOf([...TIME_NAMES, 'requested'], ''),
    ),
    unless: texts('Shown only when none of these is told.', oneOf(TIME_NAMES)),
    length: duration('How long it is.', null, '1 min', '30 d'),
    source: line('Where the figure stands; `recalled` where it was not read there.'),
    date: {
      type: 'string',
      pattern: '^\\d{4}-\\d\\d-\\d\\d$',
      what: 'a day such as 2026-03-14',
      description: 'Of which day the source is, or on which it was looked at.',
    },
    off: { type: 'boolean', default: false, description: 'It is not shown.' },
  },
  ['id', 'name', 'from', 'length', 'source', 'date'],
)

const delayPiece: Piece = keyed(
  'A timer: when what it waits for is not there, people are told, one after the other.',
  {
    after: duration('When the first is told.', null, '10 s', '90 d'),
    tell: texts('Who is told, in this order.', oneOf(TOLD)),
    next: duration('Wait before the next is told.', '2 min', '10 s', '30 d'),
  },
  ['after', 'tell'],
)

const fieldPiece: Piece = keyed(
  'A field. Patient, reason, call-back number, times, consent and treating doctor are asked where they apply, and need no row.',
  {
    id: { ...ID, description: 'Its name in what is asked and stored.' },
    name: words('Question on the form.'),
    type: oneOf(
      ['text', 'long-text', 'choice', 'date', 'number', 'yes-no', 'photos', 'documents'],
      'What is answered.',
    ),
    required: { type: 'boolean', default: false, description: 'The request is not sent without it.' },
    step: { type: 'integer', minimum: 1, maximum: 3, default: 1, description: 'Step of the form it stands on.' },
    choices: {
      type: 'array',
      minItems: 2,
      items: keyed(
        'One answer of a choice.',
        { id: { ...ID, description: 'As it is stored.' }, fr: line('In French.'), en: line('In English.') },
        ['id', 'fr', 'en'],
      ),
      description: 'With `type: choice`: the answers, in order.',
    },
  },
  ['id', 'name', 'type'],
)

const reportPiece: Piece = keyed(
  'A type of report that closes a case.',
  {
    id: { ...ID, description: 'Its name.' },
    code: coded('Type of the document.'),
    name: words('Name for people.'),
    template: {
      type: 'string',
      pattern: '^[0-2](\\.(0|[1-9][0-9]*))+$',
      what: 'an OID',
      description: 'OID of the CDA template; absent: none is claimed.',
    },
    default: { type: 'boolean', default: false, description: 'Offered first; one report alone is.' },
  },
  ['id', 'code', 'name'],
)

const decisionPiece: Piece = keyed(
  'A decision that may be recorded. None is ever suggested.',
  { id: { ...ID, description: 'Its name.' }, name: words('Its words.'), code: coded('Its code; absent: none.') },
  ['id', 'name'],
)

/** Template of the link of a session. */
export const joinUrlPiece: Piece = {
  type: 'string',
  minLength: 1,
  maxLength: 1024,
  description: 'Template of the link of a session, with `{token}`, which is signed and expires.',
}

/** Whether the closing report is made by itself. */
export const closingPiece: Piece = keyed(
  'The closing report.',
  {
    atFinish: {
      type: 'boolean',
      default: false,
      description: 'It is made, of the default type, and sent when a case is finished and nobody has made one.',
    },
  },
  [],
)

const list = (items: Piece, description: string): Piece => ({ type: 'array', items, description })

/** What a service says beside its rule when it is one of telemedicine (`kind`). Defaults are told, and filled where it is compiled: a rule alone stays a rule. */
export const carePieces: Readonly<Record<string, Piece>> = {
  kind: oneOf(
    SERVICE_KINDS,
    'A service of telemedicine: an emergency with a clock, an appointment, or a written opinion. Absent: a rule alone.',
  ),
  title: words('Name for people.'),
  prefix: {
    type: 'string',
    pattern: '^[A-Z]{2,5}$',
    what: 'two to five capitals',
    description: 'Letters before the number of a case, of this service alone.',
  },
  code: coded('What a ServiceRequest of it has as code.'),
  specialities: list(coded('A speciality.'), 'Specialities. Absent: `code`.'),
  askers: keyed('Who may ask: establishments of these kinds, and these.', {
    kinds: texts('Kinds of establishment.', oneOf(ESTABLISHMENT_KINDS)),
    establishments: texts('Establishments.', NAME),
  }),
  opens: texts('Kinds of message that open a case when the rule holds: `ORM^O01`, a FHIR type.', {
    type: 'string',
    pattern: '^([A-Z][A-Z0-9]{2}\\^[A-Z0-9]{3}|[A-Z][A-Za-z]+)$',
    what: 'a kind, such as ORM^O01 or ServiceRequest',
  }),
  join: duration(
    'Requests join an open case that is younger and shares an identifier. Absent: 24 h.',
    null,
    '1 min',
    '30 d',
  ),
  form: list(fieldPiece, 'Fields of the form, in order. Absent: none but those every form has.'),
  ladders: list(ladderPiece, 'Ladders; one of them is `answer`.'),
  windows: list(windowPiece, 'Clinical windows, in the order they are shown. Absent: none.'),
  delays: {
    type: 'object',
    propertyNames: { type: 'string', enum: [...DELAY_NAMES], what: `one of ${DELAY_NAMES.join(', ')}` },
    additionalProperties: delayPiece,
    description: 'Timers of a case, by what they wait for. Absent: none.',
  },
  reports: list(reportPiece, 'Types of report.'),
  consent: oneOf(
    ['required', 'recorded'],
    'Consent of the patient: asked for before the act, or recorded, with why there was none. Absent: `required`; of kind `stroke` `recorded`.',
  ),
  appointment: keyed(
    'Appointments; a teleconsultation has them.',
    {
      length: duration('Length of a slot.', '30 min', '5 min', '8 h'),
      reminders: texts(
        'Reminders, each so long before it begins.',
        duration('Before it begins.', null, '5 min', '30 d'),
      ),
    },
    [],
  ),
  joinUrl: {
    ...joinUrlPiece,
    description: `${joinUrlPiece.description} Absent: of a teleconsultation \`telemedicine.joinUrl\`, else no session.`,
  },
  imagingUnits: texts('Units whose people see the study part alone. Absent: none.'),
  report: closingPiece,
  decisions: list(decisionPiece, 'Decisions. Absent: none is recorded.'),
  old: duration(
    'A told time that is older, or in the future, is kept as "to verify". Absent: 48 h.',
    null,
    '1 h',
    '365 d',
  ),
  kept: duration('The content of a closed case is erased after that. Absent: 90 d.', null, '1 d', '7300 d'),
}
