import { COLUMN_FIELDS, COLUMNS } from '../../../formats/directory/columns.ts'
import { mailOperatorPiece } from './mail-operator.ts'
import { count, duration, keyed, material, type Piece, size } from './piece.ts'

/** Where the official list is; read on a real copy in 2025. */
const OFFICIAL_URL = 'https://espacedeconfiance.mssante.fr/listeblanchemssante.xml'
const OFFICIAL_ISSUER = 'CN=AC IGC-SANTE ELEMENTAIRE ORGANISATIONS,OU=IGC-SANTE,OU=0002 187512751,O=ASIP-SANTE,C=FR'

const signer: Piece = {
  ...keyed('Who signs the list. The certificate inside the list is only taken when it is his.', {
    issuer: {
      type: 'string',
      minLength: 3,
      maxLength: 1024,
      default: OFFICIAL_ISSUER,
      description: 'Subject of the authority that issues his certificates (RFC 4514).',
    },
    commonName: {
      type: 'string',
      minLength: 1,
      maxLength: 200,
      default: 'alb.mssante.fr',
      description: 'CN of his certificates.',
    },
    email: {
      type: 'string',
      minLength: 3,
      maxLength: 254,
      description: 'Mail address that his certificates must bear; absent: not looked at.',
    },
  }),
  default: {},
}

const whiteList: Piece = keyed(
  'The signed white list of the operators of the trust space.',
  {
    url: {
      type: 'string',
      pattern: '^https://[^\\s@]+$',
      maxLength: 1024,
      what: 'an https address',
      default: OFFICIAL_URL,
      description: 'Where it is fetched, over TLS that only `ca` vouches for.',
    },
    file: {
      type: 'string',
      minLength: 1,
      maxLength: 1024,
      description:
        'A file instead, from the folder of the region file: read anew as often, its age counts from the date of the list itself.',
    },
    ca: material(
      'Authorities, PEM: the issuer of the signer and of the publisher’s certificate and those above it. Public ones never count.',
    ),
    crl: {
      type: 'array',
      items: material('One list.'),
      default: [],
      description:
        'Certificate revocation lists of these authorities, for the signer and for the publisher. With one, every authority of the chain needs its own. Empty: revocation is not looked at.',
    },
    crlStale: {
      type: 'string',
      enum: ['refuse', 'warn'],
      default: 'refuse',
      peerSees: 'WHITELIST_SIGNER',
      description:
        'When one is past its next update: take no white list until it is renewed (the one in use stays), or go by what it says and warn.',
    },
    signer,
    every: duration('How often it is fetched, plus or minus a tenth.', '1 h', '1 s', '24 h'),
    timeout: duration('A fetch that takes longer is given up.', '20 s', '100 ms', '5 min', 'WHITELIST_UNREAD'),
    maxSize: size('A larger list is refused.', '32 MiB', '1 KiB', '256 MiB', 'WHITELIST_TOO_LARGE'),
    shrink: {
      ...count('A list that loses more of its rows, in percent, waits for an administrator.', 20, 1, 100),
      peerSees: 'WHITELIST_SHRUNK',
    },
    stale: duration('Without confirmation for so long, people are told.', '6 h', '1 s', '30 d', 'WHITELIST_STALE'),
    old: duration(
      'People are warned that mail will stop; who is not in the list is told to come again.',
      '24 h',
      '1 s',
      '30 d',
      'WHITELIST_OLD',
    ),
    closed: duration('Mail waits until there is a fresh list.', '72 h', '1 s', '30 d', 'WHITELIST_CLOSED'),
  },
  ['ca'],
)

const directory: Piece = keyed('How the national extraction of mailboxes is read (docs/directory.md).', {
  columns: {
    ...keyed(
      'Headers of its columns, where they are not called as they were when this was written.',
      Object.fromEntries(
        COLUMN_FIELDS.map((field) => [
          field,
          {
            type: 'string',
            minLength: 1,
            maxLength: 100,
            description: `Instead of “${COLUMNS[field].headers.join('” or “')}”.`,
          },
        ]),
      ),
    ),
    default: {},
  },
  maxSize: size('A larger file, unpacked, is refused.', '512 MiB', '1 KiB', '2 GiB', 'DIRECTORY_TOO_LARGE'),
})

/** `mail` in the schema: the region as an operator of secure mail. */
export const mailPiece: Piece = keyed(
  'Secure mail between operators of the trust space (docs/secure-mail.md). Absent: none.',
  { whiteList, operator: mailOperatorPiece, directory },
)
