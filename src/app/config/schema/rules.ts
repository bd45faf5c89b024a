import { ERRORS, type ErrorCode } from '../../../core/errors.ts'
import { keyed, type Piece, texts } from './piece.ts'

/** Names of rules: capitals, digits and hyphens, so that answers of every character set can tell them. */
const RULE_ID: Piece = {
  type: 'string',
  pattern: '^[A-Z][A-Z0-9]*(-[A-Z0-9]+)*$',
  maxLength: 60,
  what: 'a rule id of capitals, digits and hyphens, such as PAM-ZBE-4',
}
const CLASS: Piece = { type: 'string', enum: ['off', 'form', 'contract', 'safety'] }
const PLACE: Piece = {
  type: 'string',
  pattern: '^[A-Z][A-Z0-9]{2}(\\([1-9]\\d{0,6}\\))?(-[1-9]\\d{0,5}(\\([1-9]\\d{0,6}\\))?(\\.[1-9]\\d{0,5}){0,2})?$',
  what: 'a place, such as ZBE, PID-3 or PID-3.4.2',
}
const CERTAINTY: Piece = {
  type: 'string',
  enum: ['unverified'],
  description: 'Not read in the guide itself: class `form` unless another is given.',
}
const CLAUSE: Piece = {
  type: 'string',
  minLength: 1,
  maxLength: 120,
  what: 'text (a clause such as "6.10" goes in quotes)',
  description: 'Where in the guide it stands.',
}
const TABLE = '^table:[a-z0-9][a-z0-9-]{0,62}$'

/** A list of values, or `table:NAME`. */
function values(description: string): Piece {
  return {
    type: ['string', 'array'],
    pattern: TABLE,
    minItems: 1,
    uniqueItems: true,
    items: { type: 'string', minLength: 1, what: 'text (numbers, yes and no go in quotes)' },
    what: 'a list of values, or table:NAME',
    description,
  }
}

const EVENTS: Piece = {
  type: ['array', 'object'],
  minItems: 1,
  items: { type: 'string', pattern: '^[A-Z0-9]{3}$', what: 'an event, such as A01' },
  properties: { not: texts('Every event but these.') },
  additionalProperties: false,
  minProperties: 1,
  what: 'a list of events, or { not: […] }',
  description: 'Events (MSH-9.2) it is for. Absent: every event of the file.',
}

const CONDITIONS: Piece = {
  type: 'object',
  propertyNames: PLACE,
  minProperties: 1,
  additionalProperties: {
    type: ['string', 'array', 'object'],
    pattern: `^(present|absent)$|${TABLE}`,
    items: { type: 'string', minLength: 1 },
    minItems: 1,
    properties: { not: values('None of these.') },
    additionalProperties: false,
    minProperties: 1,
    what: 'a list of values, table:NAME, present, absent, or { not: […] }',
  },
  description: 'Conditions by place, all of which must hold.',
}

const rulePiece: Piece = keyed(
  'One rule: a place, and one thing asked of it.',
  {
    id: { ...RULE_ID, description: 'Its name in findings, answers and region.yaml; never given another meaning.' },
    at: { ...PLACE, description: 'Looked at: each occurrence of the segment, each repetition of the field.' },
    required: {
      type: 'boolean',
      enum: [true],
      description: 'It has a value; of a component: in each repetition there.',
    },
    forbidden: { type: 'boolean', enum: [true], description: 'It has no value.' },
    max: { type: 'integer', minimum: 1, maximum: 10_000, description: 'Most repetitions.' },
    in: values('The value, where there is one, is one of these.'),
    notIn: values('The value is none of these.'),
    contains: values('Of its repetitions, where there are any, at least one is one of these.'),
    pattern: { type: 'string', minLength: 1, maxLength: 300, description: 'The whole value, as a regular expression.' },
    type: { type: 'string', description: 'Data type: TS, DT, TM, NM, SI, UID, EI, CX, HD, XCN, XON.' },
    equals: { ...PLACE, description: 'It is the same as there, where both have a value.' },
    matrix: keyed(
      'Values allowed, by the value at another place.',
      {
        by: { ...PLACE, description: 'The other place.' },
        allow: {
          type: 'object',
          minProperties: 1,
          additionalProperties: { type: 'array', items: { type: 'string', minLength: 1 }, minItems: 1 },
          description: 'For each value there, the values here; a value that is not named allows all.',
        },
      },
      ['by', 'allow'],
    ),
    count: keyed('How many segments there are, of those that `where` leaves.', {
      min: { type: 'integer', minimum: 1, maximum: 10_000, description: 'At least.' },
      max: { type: 'integer', minimum: 1, maximum: 10_000, description: 'At most.' },
    }),
    check: { type: 'string', minLength: 1, description: 'A named check of the gateway (docs/rules.md).' },
    with: { type: 'object', description: 'What the named check wants to know.' },
    events: EVENTS,
    when: { ...CONDITIONS, description: 'The rule is asked only when all of this holds.' },
    where: { ...CONDITIONS, description: 'Only the occurrences of the segment for which all of this holds.' },
    place: { ...PLACE, description: 'Told in answers instead of `at`.' },
    class: { ...CLASS, description: 'Class of the finding; `off`: looked at only where region.yaml gives a class.' },
    code: { type: 'string', enum: Object.keys(ERRORS) as ErrorCode[], description: 'Code of docs/errors.md.' },
    clause: CLAUSE,
    certainty: CERTAINTY,
    text: keyed(
      'What is said of it. Absent: a sentence made from what it asks.',
      {
        fr: { type: 'string', minLength: 1, maxLength: 200, description: 'In French.' },
        en: { type: 'string', minLength: 1, maxLength: 200, description: 'In English.' },
      },
      ['fr', 'en'],
    ),
  },
  ['id', 'at'],
)

const FILE_NAMES = texts('Names of other files, without `.yaml`.', {
  type: 'string',
  pattern: '^[a-z0-9][a-z0-9.-]{0,62}$',
  what: 'the name of a rule file, without .yaml',
})

/** A file of profiles/hl7v2. */
export const ruleFilePiece: Piece = keyed(
  'Rules for some kinds of HL7 v2 messages, or a piece that other files use.',
  {
    title: { type: 'string', minLength: 1, maxLength: 200, description: 'Name for people.' },
    source: { type: 'string', minLength: 1, maxLength: 400, description: 'The document that clauses refer to.' },
    appliesTo: keyed(
      'Messages it is for: keys are ANDed, values ORed. Absent: a piece for others.',
      {
        kinds: texts('`ADT^A01`, `ADT^*`, or `*`.', {
          type: 'string',
          pattern: '^(\\*|[A-Z][A-Z0-9]{2}(\\^([A-Z0-9]{3}|\\*))?)$',
          what: 'a kind, such as ADT^A01, ADT^* or *',
        }),
        versions: texts('MSH-12.1.'),
        countries: texts('MSH-12.2.'),
        profiles: texts('Any component of MSH-21.'),
        when: { ...CONDITIONS, description: 'On content, where the header does not tell.' },
      },
      ['kinds'],
    ),
    replaces: { ...FILE_NAMES, description: 'Files that are not looked at where this one applies.' },
    use: { ...FILE_NAMES, description: 'Pieces whose rules and parts are taken over.' },
    parts: {
      type: 'object',
      propertyNames: { type: 'string', pattern: '^[a-z][a-zA-Z0-9]*$', what: 'a name that starts in lower case' },
      additionalProperties: { type: 'string', minLength: 1 },
      description: 'Pieces of structure, by name.',
    },
    structures: {
      type: 'array',
      description: 'What segments the messages are made of; the first that is for the event is compared.',
      items: keyed(
        'One structure.',
        {
          id: { ...RULE_ID, description: 'Its name in findings.' },
          events: EVENTS,
          when: { ...CONDITIONS, description: 'Where the event does not tell.' },
          segments: {
            type: 'string',
            minLength: 3,
            description: '`MSH EVN PID [PD1] { OBR [{NTE}] }`; names in lower case are `parts`.',
          },
          clause: CLAUSE,
          certainty: CERTAINTY,
        },
        ['id', 'segments'],
      ),
    },
    rules: { type: 'array', items: rulePiece, description: 'The rules, one a line.' },
  },
  ['title'],
)

/** `rules` of region.yaml. */
export const rulesPiece: Piece = {
  type: 'object',
  propertyNames: RULE_ID,
  additionalProperties: { ...CLASS, what: 'off, form, contract or safety' },
  default: {},
  description:
    'Classes given to rules of HL7 v2 messages, by id: `off` is not looked at, `form` is recorded, `contract` is refused where the sender is `strict`, `safety` is refused for everybody. Absent: as the rule file says (docs/rules.md).',
}
