import { ALERT_KINDS, SEVERITIES } from '../../../core/alerts.ts'
import { count, duration, keyed, material, NAME, type Piece, texts } from './piece.ts'

/** `alerts` in the schema: when something is one. */
export const alertsPiece: Piece = {
  ...keyed('When something is an alert; docs/alerts.md tells of each.', {
    queueAge: duration('The oldest open delivery of a destination is older.', '15 min', '10 s', '30 d'),
    errorShare: {
      type: 'number',
      minimum: 0.01,
      maximum: 1,
      default: 0.2,
      description:
        'Part of the attempts to a destination, or of the arrivals from an establishment, that fails in ten minutes.',
    },
    errorLeast: count('So many of them at least, or nothing is said.', 20, 1, 100_000),
    silence: {
      ...keyed('An establishment that sends nothing, by what is usual for it at this hour of the week.', {
        weeks: count('Weeks that must be known of an hour of the week before it is judged.', 3, 1, 8),
        factor: {
          type: 'number',
          minimum: 1,
          maximum: 100,
          default: 2,
          description: 'So many times the usual silence.',
        },
        least: duration('No shorter silence is an alert.', '30 min', '1 min', '30 d'),
      }),
      default: {},
    },
    kept: duration('How long an alert that is over is kept, with what was told of it.', '90 d', '1 d', '3650 d'),
  }),
  default: {},
}

const address: Piece = {
  type: 'string',
  pattern: '^[A-Za-z0-9.!#$%&*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(\\.[A-Za-z0-9-]+)*$',
  maxLength: 254,
  what: 'a mail address',
}

const channelPiece: Piece = keyed(
  'One way to tell people.',
  {
    name: { ...NAME, description: 'Name shown beside what was told.' },
    type: {
      type: 'string',
      enum: ['mail', 'webhook', 'sms'],
      description: 'By a mail relay, to an address that takes JSON, or by an HTTP service that sends short messages.',
    },
    severities: {
      ...texts('Which are told.', { type: 'string', enum: [...SEVERITIES] }),
      default: ['urgent', 'important'],
    },
    kinds: texts('Only these; absent: all.', { type: 'string', enum: [...ALERT_KINDS] }),
    establishments: texts('Only what concerns these; absent: all, and the region.', NAME),
    every: duration('What is not urgent is told together, at most so often.', '15 min', '10 s', '24 h'),
    locale: { type: 'string', enum: ['fr', 'en'], description: "Language; absent: the region's." },
    host: { type: 'string', minLength: 1, maxLength: 253, description: 'mail: the relay.' },
    port: { type: 'integer', minimum: 1, maximum: 65_535, description: 'mail: its port. Absent: 587, with `tls` 465.' },
    security: {
      type: 'string',
      enum: ['tls', 'starttls', 'none'],
      description: 'mail: absent: `starttls`, demanded. `none` only on loopback, or with `allowPlain`.',
    },
    ca: material('mail: authorities of the relay; absent: the public ones.'),
    user: {
      type: 'string',
      minLength: 1,
      maxLength: 200,
      description: 'mail: name at the relay; absent: none is needed.',
    },
    password: material('mail: its password.'),
    from: { ...address, description: 'mail: sender.' },
    to: texts('mail: addresses. sms: telephone numbers.', { type: 'string', minLength: 3, maxLength: 254 }),
    url: {
      type: 'string',
      minLength: 1,
      maxLength: 1024,
      description: 'webhook, sms: the one address that is called. No query, and no password in it.',
    },
    secret: material('webhook: key of the HMAC-SHA-256 in the header `Passerelle-Signature`.'),
    bearer: material('sms: key of ours there, sent as `Authorization: Bearer`.'),
    body: {
      type: 'string',
      minLength: 1,
      maxLength: 4096,
      description: 'sms: what is posted for each number; `{to}` and `{text}` stand for number and text.',
    },
    contentType: {
      type: 'string',
      enum: ['application/json', 'application/x-www-form-urlencoded'],
      description: 'sms: form of the body, by which both are escaped. Absent: JSON.',
    },
    allowPlain: {
      type: 'boolean',
      default: false,
      description: 'Plain http or mail beyond loopback: only where the network itself is trusted.',
    },
    allowPrivate: {
      type: 'boolean',
      default: false,
      description: 'webhook, sms: the name may also lead to a private network. An address written out needs no leave.',
    },
  },
  ['name', 'type'],
)

/** `notify` in the schema: whom alerts are told to. */
export const notifyPiece: Piece = {
  type: 'array',
  items: channelPiece,
  default: [],
  description: 'Whom alerts are told to; absent: nobody. Notices hold names of the region, figures and times.',
}
