import { carePieces } from './care.ts'
import { duration, keyed, NAME, type Piece, texts } from './piece.ts'

const NO_CONTROL = '^[^\\u0000-\\u001f\\u007f]*$'

const PATH: Piece = {
  type: 'string',
  minLength: 3,
  maxLength: 200,
  what: 'a path, such as OBR-31 or ServiceRequest.code',
}

const conditionPiece: Piece = keyed(
  'One condition on content.',
  {
    path: { ...PATH, description: 'HL7 v2 or FHIR path; each is ignored by messages of the other sort.' },
    in: {
      type: ['string', 'array'],
      pattern: '^table:[a-z0-9][a-z0-9-]{0,62}$',
      items: { type: 'string', minLength: 1 },
      minItems: 1,
      what: '`table:NAME` or a list of codes',
      description:
        '`table:NAME` (profiles/tables/NAME.csv) or a list of codes. Component 1 of any repetition is compared; `I6*` is a prefix.',
    },
  },
  ['path', 'in'],
)

/** A service: what makes a message of it, and what it is when it is offered as telemedicine. */
export const servicePiece: Piece = {
  ...keyed('One service: at least one condition of `any` when given, every one of `all`, and none of `none`.', {
    any: { type: 'array', items: conditionPiece, default: [], description: 'One of these is enough.' },
    all: { type: 'array', items: conditionPiece, default: [], description: 'Each of these is needed.' },
    none: { type: 'array', items: conditionPiece, default: [], description: 'None of these may hold.' },
    ...carePieces,
  }),
}

/** A kind of message, as routes name it. */
export const KIND: Piece = {
  type: 'string',
  pattern: '^([A-Z][A-Z0-9]{2}(\\^([A-Z0-9]{3}|\\*))?|[A-Z][A-Za-z]+(:[a-z]+)?)$',
  what: 'a kind: ADT^A01, ADT^*, a FHIR type, or Bundle:transaction',
}

const whenPiece: Piece = keyed(
  'Which messages: every key given must hold, one of its values is enough; a key the message lacks does not hold.',
  {
    kinds: texts('Kinds: `ADT^A01`, `ADT^*`, a FHIR type, `Bundle:transaction`.', KIND),
    from: texts('Establishments that sent it.', NAME),
    receivers: texts('MSH-5 or MSH-6 as written, or a FINESS number.'),
    service: { ...NAME, description: 'A service of `services` or of profiles/services.' },
    performer: texts("Who is asked (ServiceRequest's performer)."),
    category: texts("ServiceRequest's category."),
    profile: texts('MSH-21 or meta.profile.'),
    paths: {
      type: 'object',
      propertyNames: PATH,
      additionalProperties: texts('Values, one of which the field must have.'),
      minProperties: 1,
      description: 'Fields and their values: `"OBX(1)-3.1": [30525-0]`.',
    },
  },
)

const editPiece: Piece = keyed(
  'One change of an HL7 v2 message on its way out: exactly one of `set`, `copy`, `map`, `drop`. MSH-1, MSH-2 and MSH-10 stay as they are.',
  {
    set: { ...PATH, description: 'Field that gets the text of `to`.' },
    copy: { ...PATH, description: 'Field whose value is written at `to`.' },
    map: { ...PATH, description: 'Field whose value is looked up in `table`; a value without a row stays.' },
    drop: { ...PATH, description: 'Field that is emptied, or segment (`ZXX`) of which every occurrence goes.' },
    to: {
      type: 'string',
      maxLength: 1000,
      pattern: NO_CONTROL,
      what: 'one line of text',
      description: 'With `set` the text, with `copy` the path written to.',
    },
    table: { ...NAME, description: 'With `map`: profiles/tables/NAME.csv, header `from,to`.' },
    when: keyed(
      'Only if this field has one of these values.',
      {
        path: { ...PATH, description: 'HL7 v2 path.' },
        in: texts('Values; component 1 of any repetition is compared.'),
      },
      ['path', 'in'],
    ),
  },
)

/** How long a movement waits for its admission. `text` null: no default. */
export const awaitAdmission = (description: string, text: string | null): Piece =>
  duration(description, text, '0 s', '24 h', 'ADMISSION_AWAITED')

/** A rule that sends matching messages to destinations. */
export const routePiece: Piece = keyed(
  'One route. Every route that matches applies; a destination is taken once, with the most urgent lane.',
  {
    name: { type: 'string', minLength: 1, maxLength: 100, description: 'Name for people, logs and timelines.' },
    when: whenPiece,
    to: texts('Destinations `id/name`, or `platform`: kept and answered inside.', {
      type: 'string',
      pattern: '^(platform|[a-z0-9][a-z0-9-]{0,62}/[a-z0-9][a-z0-9-]{0,62})$',
      what: '`platform` or a destination `id/name`',
    }),
    lane: {
      type: 'string',
      enum: ['normal', 'urgent'],
      default: 'normal',
      description: 'Urgent deliveries go first, on connections of their own.',
    },
    alertAfter: duration(
      'Warn when an urgent delivery is not there after this; absent: never.',
      null,
      '1 s',
      '24 h',
      'ALERT_AFTER',
    ),
    awaitAdmission: awaitAdmission('In place of `movements.awaitAdmission`, for what goes by this route.', null),
    transform: {
      type: 'string',
      enum: ['fhir', 'hl7v2'],
      description:
        'Format in which messages of the other one leave by this route (docs/bridges.md lists the kinds); before the edits. Absent: as they came.',
    },
    edit: {
      type: 'array',
      items: editPiece,
      default: [],
      description: 'Changes made to what goes out by this route, in order; absent: the bytes as they came.',
    },
  },
  ['name', 'when', 'to'],
)
