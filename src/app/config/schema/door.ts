import { count, duration, keyed, material, type Piece, size } from './piece.ts'

const PORT: Piece = {
  type: 'integer',
  minimum: 0,
  maximum: 65_535,
  description: 'TCP port; 0 takes any free one. IANA gives HL7 2575.',
}
const HOST: Piece = {
  type: 'string',
  minLength: 1,
  maxLength: 253,
  default: '127.0.0.1',
  description: 'Address to listen on; `0.0.0.0` or `::` for all.',
}
const ALLOW_PLAIN: Piece = {
  type: 'boolean',
  default: false,
  description: 'Lets a door without TLS listen beyond loopback: only where the network itself is trusted.',
}

const MAX_BODY = size('Longest body of a request (FHIR, HL7).', '20 MiB', '1 KiB', '256 MiB', 'FRAME_TOO_LONG')

const PUBLIC_URL: Piece = {
  type: 'string',
  minLength: 8,
  maxLength: 1024,
  description:
    'Address under which callers reach it, when a proxy or another name stands before it: `https://fhir.region.example`. Absent: what they call.',
}

/** The TLS identity of a door or of a destination. */
export function tlsPiece(whose: string): Piece {
  return keyed(
    `TLS identity ${whose}: PEM files, paths from the folder of the region file. TLS 1.2 at least, both sides show a certificate.`,
    {
      key: material('Private key, readable by the gateway alone.'),
      cert: material('Certificate, followed by intermediate ones if any.'),
      ca: material('Authorities the other side must be signed by.'),
      crl: {
        type: 'array',
        items: material('One list.'),
        default: [],
        description:
          'Certificate revocation lists of these authorities. With one, every authority of the chain needs its own.',
      },
      crlStale: {
        type: 'string',
        enum: ['refuse', 'warn'],
        default: 'refuse',
        peerSees: 'REVOCATION_STALE',
        description:
          'When a list is past its next update: turn away whoever it covers, or go by what it says and warn.',
      },
    },
    ['key', 'cert', 'ca'],
  )
}

/** Limits of an MLLP door, with the code seen when one is met. */
export const mllpLimitPieces: Readonly<Record<string, Piece>> = {
  maxFrame: size('Longest message.', '16 MiB', '1 KiB', '256 MiB', 'FRAME_TOO_LONG'),
  handshake: duration(
    'From connection to end of TLS handshake, or to the first byte on a plain door.',
    '10 s',
    '100 ms',
    '5 min',
    'HANDSHAKE_TIMEOUT',
  ),
  idle: duration(
    'Silence between messages of an identified or loopback peer; TCP keep-alive is 60 s.',
    '30 min',
    '100 ms',
    '7 d',
    'IDLE_TIMEOUT',
  ),
  gap: duration('Silence inside a message, while the gateway is reading.', '30 s', '100 ms', '10 min', 'FRAME_TIMEOUT'),
  minRate: count('Least bytes per second inside a message, after rateGrace.', 100, 0, 1_000_000, 'FRAME_TIMEOUT'),
  rateGrace: duration('Time inside a message before minRate is asked.', '10 s', '100 ms', '10 min', 'FRAME_TIMEOUT'),
  maxJunk: size('Bytes outside messages on one connection.', '1 KiB', '16 B', '1 MiB', 'JUNK_LIMIT'),
  maxConnections: count('Connections open at once.', 1024, 1, 100_000, 'CONNECTION_LIMIT'),
  maxConnectionsPerPeer: count('Connections open at once from one address.', 256, 1, 100_000, 'PEER_CONNECTION_LIMIT'),
  budget: size(
    'Bytes of this door read and not yet answered; above it the sockets are not read. At least maxFrame.',
    '256 MiB',
    '1 KiB',
    '64 GiB',
  ),
}

/** Limits of a mail door. */
const mailLimitPieces: Readonly<Record<string, Piece>> = {
  idle: duration('Silence of the other side.', '5 min', '1 s', '1 h', 'IDLE_TIMEOUT'),
  handshake: duration('TLS handshake.', '30 s', '100 ms', '5 min', 'HANDSHAKE_TIMEOUT'),
  mailTime: duration('From MAIL FROM to the end of the mail.', '15 min', '1 s', '2 h', 'FRAME_TIMEOUT'),
  maxConnections: count('Connections open at once.', 500, 1, 100_000, 'CONNECTION_LIMIT'),
  maxConnectionsPerPeer: count(
    'Connections open at once from one address that have shown neither a certificate nor a sign-in; each has 2 min for that, at most `idle`.',
    50,
    1,
    100_000,
    'PEER_CONNECTION_LIMIT',
  ),
}

/** The doors of this node. */
export const entrancesPiece: Piece = {
  ...keyed('Doors of this node; not part of the shared revision.', {
    mllp: keyed(
      'HL7 v2 over MLLP, plain: loopback, or a network that is trusted.',
      { host: HOST, port: PORT, allowPlain: ALLOW_PLAIN, ...mllpLimitPieces },
      ['port'],
    ),
    mllps: keyed(
      'HL7 v2 over MLLP with mutual TLS; the certificate names the establishment.',
      { host: HOST, port: PORT, tls: tlsPiece('of the gateway'), ...mllpLimitPieces },
      ['port', 'tls'],
    ),
    sandbox: keyed(
      'HL7 v2 over MLLP for test books: messages are judged and answered as at the real doors, and go nowhere; plain, or over mutual TLS with `tls`.',
      { host: HOST, port: PORT, allowPlain: ALLOW_PLAIN, tls: tlsPiece('of the gateway'), ...mllpLimitPieces },
      ['port'],
    ),
    http: keyed(
      'Console, API, metrics, FHIR and HL7 v2 over HTTP, plain.',
      { host: HOST, port: PORT, allowPlain: ALLOW_PLAIN, maxBody: MAX_BODY, publicUrl: PUBLIC_URL },
      ['port'],
    ),
    https: keyed(
      'The same over TLS.',
      {
        host: HOST,
        port: PORT,
        tls: tlsPiece('of the gateway'),
        clientCertificate: {
          type: 'string',
          enum: ['required', 'none'],
          default: 'required',
          description: '`required`: mutual TLS, nobody without a certificate. `none`: keys and tokens tell who calls.',
        },
        maxBody: MAX_BODY,
        publicUrl: PUBLIC_URL,
      },
      ['port', 'tls'],
    ),
    smtp: keyed(
      'Secure mail of other mail operators: SMTP with STARTTLS, both sides show a certificate. Open when `mail.operator` is set.',
      { host: HOST, port: PORT, tls: tlsPiece('of the gateway'), ...mailLimitPieces },
      ['port', 'tls'],
    ),
    submission: keyed(
      'Mail that users and applications of the region send: SMTP with STARTTLS, signed in by token or certificate. Open when `mail.operator` is set.',
      { host: HOST, port: PORT, tls: tlsPiece('of the gateway'), ...mailLimitPieces },
      ['port', 'tls'],
    ),
  }),
  default: {},
}
