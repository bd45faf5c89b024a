import { tlsPiece } from './door.ts'
import { indicators } from './mail-indicators.ts'
import { count, duration, KEY_SHA256, keyed, NAME, type Piece, size } from './piece.ts'

const DOMAIN: Piece = {
  type: 'string',
  pattern: '^(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)+[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$',
  what: 'a domain in lower case, as DNS has it',
}
const HOST: Piece = { type: 'string', minLength: 1, maxLength: 253, description: 'Name or address.' }
const PORT: Piece = { type: 'integer', minimum: 1, maximum: 65_535, description: 'TCP port.' }
const ADDRESS: Piece = {
  type: 'string',
  pattern: '^[^\\s@<>"]{1,64}@[a-z0-9.-]{1,253}$',
  what: 'an address, its domain in lower case',
}

const WAY: Piece = {
  type: 'string',
  pattern: '^[a-z0-9][a-z0-9-]{0,62}/[a-z0-9][a-z0-9-]{0,62}$',
  what: '`establishment/destination`',
}

const domain = keyed(
  'One domain whose mailboxes are ours.',
  {
    name: { ...DOMAIN, description: 'The domain.' },
    establishment: { ...NAME, description: 'Establishment that it belongs to.' },
    server: keyed(
      'The establishment’s own server, which takes the mail of this domain. Absent: mailboxes kept here (Maildir).',
      {
        protocol: {
          type: 'string',
          enum: ['lmtp', 'smtp'],
          default: 'lmtp',
          description: '`lmtp` (RFC 2033) for a store such as Dovecot, `smtp` for a mail server.',
        },
        host: HOST,
        port: PORT,
        tls: tlsPiece('of the gateway at that server; absent: plain, on loopback only'),
      },
      ['host', 'port'],
    ),
  },
  ['name', 'establishment'],
)

const limits: Piece = {
  ...keyed('Limits of a mail.', {
    size: size('Longest mail (SIZE).', '25 MiB', '64 KiB', '200 MiB', 'MAIL_TOO_LARGE'),
    patientSize: size(
      'Longest mail to a patient: what their side takes.',
      '25 MiB',
      '64 KiB',
      '200 MiB',
      'MAIL_TOO_LARGE',
    ),
    recipients: count('Recipients of one mail.', 100, 1, 10_000, 'MAIL_TOO_MANY_RECIPIENTS'),
    hops: count('`Received` fields.', 50, 5, 200, 'MAIL_LOOP'),
    parts: count('MIME parts.', 1_000, 1, 10_000, 'MAIL_TOO_COMPLEX'),
    nesting: count('MIME parts inside each other.', 50, 1, 200, 'MAIL_TOO_COMPLEX'),
    zipEntries: count(
      'Files in a zip archive; of an Office document, ten times as many.',
      200,
      1,
      10_000,
      'MAIL_ARCHIVE',
    ),
    zipSize: size('What the zip archives of a mail may hold unpacked.', '200 MiB', '1 MiB', '4 GiB', 'MAIL_ARCHIVE'),
    zipRatio: count(
      'How many times its size a zip archive may hold, where that is over 1 MiB.',
      100,
      2,
      10_000,
      'MAIL_ARCHIVE',
    ),
  }),
  default: {},
}

const retry: Piece = {
  ...keyed('How mail that did not arrive is sent again.', {
    steps: {
      type: 'array',
      minItems: 1,
      maxItems: 50,
      items: duration('One wait.', null, '1 s', '24 h'),
      default: ['1 min', '5 min', '15 min', '30 min', '60 min'],
      description: 'Waits between attempts, a quarter more or less; the last is repeated.',
    },
    delayed: duration('When the sender is told that it takes longer.', '4 h', '1 s', '7 d', 'MAIL_DELAYED'),
    expires: duration('When it is given up, and the sender told.', '48 h', '1 s', '30 d', 'DELIVERY_EXPIRED'),
    atOnce: count('Mails on their way to one domain at once.', 4, 1, 64),
    lookup: duration(
      'Longest wait for the name servers, all questions together.',
      '10 s',
      '100 ms',
      '2 min',
      'MAIL_NO_HOST',
    ),
    timeout: duration(
      'Longest wait for an answer of the other side; behind the end of a mail twice that.',
      '5 min',
      '1 s',
      '30 min',
      'ANSWER_TIMEOUT',
    ),
  }),
  default: {},
}

const antivirus: Piece = keyed(
  'An antivirus that takes INSTREAM, such as clamd. Absent: none.',
  {
    host: { ...HOST, default: '127.0.0.1' },
    port: { ...PORT, default: 3310 },
    timeout: duration('Longest wait for its answer.', '60 s', '100 ms', '10 min', 'MAIL_UNSCANNED'),
    down: {
      type: 'string',
      enum: ['wait', 'pass'],
      default: 'wait',
      description: 'Without its answer: `wait`, the sender tries again later; `pass`, the mail goes unscanned.',
      peerSees: 'MAIL_UNSCANNED',
    },
  },
  [],
)

const documents: Piece = {
  type: 'array',
  maxItems: 10_000,
  default: [],
  description: 'Establishments whose documents travel by mail (docs/documents-by-mail.md).',
  items: keyed(
    'One establishment.',
    {
      establishment: { ...NAME, description: 'Its id. A route takes its MDM and ORU^R01 to `platform`.' },
      mailbox: { ...ADDRESS, description: 'Mailbox of an application (APP): documents leave in its name.' },
      dmp: { ...WAY, description: 'Destination that hands documents to the national record (DESTDMP). Absent: none.' },
      receive: keyed(
        'Where documents go that come by mail to that mailbox. Absent: they stay in it.',
        {
          to: { ...WAY, description: 'Destination.' },
          as: {
            type: 'string',
            enum: ['hl7v2', 'fhir'],
            default: 'hl7v2',
            description: 'MDM, or a Bundle with a DocumentReference.',
          },
        },
        ['to'],
      ),
    },
    ['establishment', 'mailbox'],
  ),
}

const tokens: Piece = {
  type: 'array',
  maxItems: 10,
  default: [],
  description: 'Providers whose access tokens sign people in at the submission door (XOAUTH2, OAUTHBEARER).',
  items: keyed(
    'One provider.',
    {
      issuer: { type: 'string', minLength: 8, maxLength: 1024, description: 'Its issuer (https).' },
      audience: {
        type: 'string',
        minLength: 1,
        maxLength: 300,
        description:
          '`aud` or `azp` that a token must have. Absent: any token of the provider signs in, also one it made for another of its clients, an ID token included.',
      },
      claim: {
        type: 'string',
        minLength: 1,
        maxLength: 100,
        default: 'SubjectNameID',
        description: 'Claim that holds the national identifier of the owner of a mailbox.',
      },
      userinfo: {
        type: 'boolean',
        default: false,
        description: 'The claim is asked of its userinfo endpoint with the token, instead of read in a signed token.',
      },
    },
    ['issuer'],
  ),
}

const passwords: Piece = {
  type: 'array',
  maxItems: 100,
  default: [],
  description: 'Passwords at the submission door, for a lab: refused unless that door listens on loopback.',
  items: keyed(
    'One.',
    {
      name: { type: 'string', minLength: 1, maxLength: 254, description: 'Name to sign in with.' },
      passwordSha256: { ...KEY_SHA256, description: 'SHA-256 of the password, lower-case hex, or where to read it.' },
      addresses: { type: 'array', items: ADDRESS, minItems: 1, maxItems: 50, description: 'May send as these.' },
    },
    ['name', 'passwordSha256', 'addresses'],
  ),
}

/** `mail.operator` in the schema. */
export const mailOperatorPiece: Piece = keyed(
  'This region as a mail operator. Absent: no mail is taken or sent.',
  {
    host: { ...DOMAIN, description: 'Our name in EHLO, in `Received` and in reports.' },
    domains: {
      type: 'array',
      items: domain,
      minItems: 1,
      maxItems: 10_000,
      description: 'Domains whose mailboxes are ours.',
    },
    tls: tlsPiece('of the gateway at other mail operators'),
    patientDomain: {
      ...DOMAIN,
      default: 'patient.mssante.fr',
      description: 'Domain of the addresses of patients (INS@…).',
    },
    hosts: {
      type: 'array',
      default: [],
      maxItems: 10_000,
      description: 'Where the mail of a domain goes, instead of to its MX.',
      items: keyed(
        'One domain.',
        { domain: { ...DOMAIN, description: 'The domain.' }, host: HOST, port: { ...PORT, default: 25 } },
        ['domain', 'host'],
      ),
    },
    nameServers: {
      type: 'array',
      default: [],
      maxItems: 10,
      items: { type: 'string', minLength: 2, maxLength: 100 },
      description: 'Name servers asked for MX: `10.0.0.1`, `127.0.0.1:5353`. Empty: the machine’s.',
    },
    port: { ...PORT, default: 25, description: 'Port of other mail operators.' },
    limits,
    retry,
    antivirus,
    documents,
    tokens,
    passwords,
    softwareId: {
      type: 'string',
      minLength: 1,
      maxLength: 100,
      description: 'Product reference in `X-MSS-NIL` of mails written here. Absent: none.',
    },
    testDomains: {
      type: 'array',
      default: [],
      maxItems: 100,
      items: DOMAIN,
      description:
        'Domains of trials, such as one that answers by itself: a mail from one of them, or to nobody else, is a test, and counts for qualification.',
    },
    traces: duration('How long traces of mails are kept.', '365 d', '1 d', '3650 d'),
    indicators,
    maxConnectionsPerPeer: count('Connections of one mail operator at once.', 50, 1, 10_000, 'PEER_CONNECTION_LIMIT'),
    nullSenderPerMinute: count(
      'Reports (null sender) of one mail operator in a minute.',
      600,
      1,
      1_000_000,
      'MAIL_RATE',
    ),
    submissionsPerMinute: count(
      'Mails of one user or software at the submission door in a minute: whoever has taken a mailbox over sends no more.',
      300,
      1,
      1_000_000,
      'MAIL_RATE',
    ),
  },
  ['host', 'domains', 'tls'],
)
