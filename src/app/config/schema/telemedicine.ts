import { DELAY_NAMES } from '../../../core/services.ts'
import { DURATION_PATTERN } from '../../../core/units.ts'
import { centresPiece, closingPiece, ESTABLISHMENT_KINDS, joinUrlPiece, rungsPiece } from './care.ts'
import { duration, keyed, material, NAME, type Piece, texts } from './piece.ts'

const number: Piece = {
  type: 'string',
  pattern: '^\\+?[0-9][0-9 ]{1,18}$',
  what: 'a telephone number in quotes, such as "02 99 99 99 99"',
}
const URL_PIECE: Piece = { type: 'string', minLength: 1, maxLength: 1024 }
const PRIVATE: Piece = {
  type: 'boolean',
  default: false,
  description: 'The name may also lead to a private network. An address written out needs no leave.',
}
const PLAIN: Piece = {
  type: 'boolean',
  default: false,
  description: 'Plain http beyond loopback: only where the network itself is trusted.',
}
const fieldName = (description: string, value: string): Piece => ({
  type: 'string',
  minLength: 1,
  maxLength: 100,
  default: value,
  description,
})

const reportsPiece: Piece = keyed(
  'How the provider tells what became of a notice: it posts JSON or a form to `/telemedicine/reports/sms` or `/telemedicine/reports/voice`.',
  {
    secret: material('Key that it sends as `Authorization: Bearer`.'),
    id: fieldName('Field that holds what `{id}` was.', 'id'),
    status: fieldName('Field that holds the state.', 'status'),
    delivered: { ...texts('States that mean it was received.'), default: ['delivered', 'answered'] },
    failed: {
      ...texts('States that mean it never will be.'),
      default: ['failed', 'undelivered', 'rejected', 'no-answer', 'busy'],
    },
  },
  ['secret'],
)

const target = (description: string): Piece =>
  keyed(
    description,
    {
      url: { ...URL_PIECE, description: 'The one address that is called. No query, and no password in it.' },
      body: {
        type: 'string',
        minLength: 1,
        maxLength: 4096,
        description: 'What is posted for each person: `{to}`, `{text}` and `{id}` stand for number, words and notice.',
      },
      contentType: {
        type: 'string',
        enum: ['application/json', 'application/x-www-form-urlencoded'],
        default: 'application/json',
        description: 'Form of the body, by which all is escaped.',
      },
      bearer: material('Key of ours there, sent as `Authorization: Bearer`; absent: none.'),
      timeout: duration('Answer of the provider.', '5 s', '500 ms', '60 s'),
      allowPlain: PLAIN,
      allowPrivate: PRIVATE,
      reports: reportsPiece,
    },
    ['url', 'body'],
  )

const webhookPiece: Piece = keyed(
  'One address that takes notices as JSON.',
  {
    name: { ...NAME, description: 'Name shown beside what was told.' },
    url: { ...URL_PIECE, description: 'The one address that is called. No query, and no password in it.' },
    secret: material('Key of the HMAC-SHA-256 in the header `Passerelle-Signature`.'),
    services: texts('Only cases of these services; absent: of all.', NAME),
    establishments: texts('Only what is for these establishments; absent: for all, and the region.', NAME),
    allowPlain: PLAIN,
    allowPrivate: PRIVATE,
  },
  ['name', 'url', 'secret'],
)

const offerPiece: Piece = keyed('A service that is offered, and what the region says otherwise than its file.', {
  askers: keyed('In place of who may ask.', {
    kinds: texts('Kinds of establishment.', { type: 'string', enum: [...ESTABLISHMENT_KINDS] }),
    establishments: texts('Establishments.', NAME),
  }),
  ladders: {
    type: 'object',
    propertyNames: NAME,
    additionalProperties: keyed('What is other on a ladder of the service, by its name.', {
      centres: centresPiece,
      rungs: { ...rungsPiece, description: 'In place of all rungs.' },
    }),
    description: 'Ladders by name.',
  },
  windows: {
    type: 'object',
    propertyNames: NAME,
    additionalProperties: { type: 'string', enum: ['on', 'off'] },
    description: 'Windows by id: `off` is not shown.',
  },
  delays: {
    type: 'object',
    propertyNames: { type: 'string', enum: [...DELAY_NAMES], what: `one of ${DELAY_NAMES.join(', ')}` },
    additionalProperties: {
      type: 'string',
      pattern: `^off$|${DURATION_PATTERN}`,
      what: 'a duration such as 3 min, or off',
      bounds: { of: 'duration', min: '10 s', max: '90 d' },
    },
    description: 'Timers by name: another `after`, or `off`.',
  },
  joinUrl: joinUrlPiece,
  imagingUnits: texts('Units whose people see the study part alone.'),
  report: closingPiece,
  kept: duration('The content of a closed case is erased after that; absent: as the file says.', null, '1 d', '7300 d'),
})

/** The settings of `telemedicine`. */
export const telemedicinePiece: Piece = {
  ...keyed('Telemedicine: which services are offered, by whom, and how people are told (docs/services.md).', {
    services: {
      type: 'object',
      propertyNames: NAME,
      additionalProperties: offerPiece,
      default: {},
      description: 'Services offered, by name: those of profiles/services that have a `kind`. Absent: none.',
    },
    consoleUrl: {
      ...URL_PIECE,
      description:
        'Origin of the console in links (`https://passerelle.region.example`); absent: notices have no link.',
    },
    joinUrl: { ...joinUrlPiece, description: `${joinUrlPiece.description} For services without their own.` },
    coordination: {
      ...NAME,
      description: 'Establishment that coordinates: it takes part in every case. Absent: none.',
    },
    coordinationNumber: { ...number, description: 'Called where nobody of the coordination is on duty.' },
    centre15: {
      type: 'object',
      propertyNames: {
        type: 'string',
        pattern: '^(\\*|[0-9]{2}|2[AB])$',
        what: 'a department in quotes, or "*"',
      },
      additionalProperties: number,
      default: {},
      description: 'Numbers of the Centres 15 by department (`"44"`), `"*"` for all others. Absent: 15.',
    },
    sms: target('Service that sends short messages; absent: none are sent.'),
    voice: target('Service that makes calls; absent: none are made.'),
    webhooks: { type: 'array', items: webhookPiece, default: [], description: 'Addresses that are told of cases.' },
  }),
  default: {},
}
