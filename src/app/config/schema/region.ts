import { ROLES } from '../../../core/roles.ts'
import { MATRICULE_BODY } from '../../../formats/identifiers/ins.ts'
import { tracesPiece } from '../../traces/settings.ts'
import { alertsPiece, notifyPiece } from './alerts.ts'
import { entrancesPiece } from './door.ts'
import { establishmentPiece } from './establishment.ts'
import { fhirPiece } from './fhir.ts'
import { mailPiece } from './mail.ts'
import { count, duration, KEY_SHA256, keyed, NAME, type Piece, size, texts } from './piece.ts'
import { privacyPiece } from './privacy.ts'
import { awaitAdmission, routePiece, servicePiece } from './route.ts'
import { rulesPiece } from './rules.ts'
import { GRANTED, signInPiece } from './sign-in.ts'
import { telemedicinePiece } from './telemedicine.ts'

/** Keys of region.yaml that belong to one node and are no part of the shared revision. */
export const NODE_KEYS = ['entrances', 'store', 'drain', 'traces'] as const

const sharedPieces: Readonly<Record<string, Piece>> = {
  region: keyed(
    'The region.',
    {
      name: { type: 'string', minLength: 1, maxLength: 200, description: 'Name for people.' },
      timeZone: {
        type: 'string',
        minLength: 1,
        default: 'Europe/Paris',
        description: 'IANA time zone of dates shown and of MSH-7.',
      },
      locale: { type: 'string', enum: ['fr', 'en'], default: 'fr', description: 'Language of pages and answers.' },
      departments: {
        type: 'array',
        uniqueItems: true,
        items: {
          type: 'string',
          pattern: '^(0[1-9]|[1-8][0-9]|9[0-5]|2[AB])$',
          what: 'a department: `"44"`, in quotes',
        },
        default: ['44', '49', '53', '72', '85'],
        description: 'Departments on the map of the overview.',
      },
      securityContact: {
        type: 'array',
        items: {
          type: 'string',
          maxLength: 300,
          pattern: '^(mailto:|https://|tel:)[\\x21-\\x7e]+$',
          what: 'an address as a URI: mailto:…, https://… or tel:…',
        },
        maxItems: 10,
        description:
          'Whom to tell of a weakness, the best first, as URIs: shown at /.well-known/security.txt (RFC 9116). Absent: nobody, and nothing is there.',
      },
    },
    ['name'],
  ),
  operators: {
    type: 'array',
    default: [],
    description: 'People and scripts that may use the API.',
    items: keyed(
      'One operator.',
      {
        name: { ...NAME, description: 'Name written beside each act.' },
        role: {
          type: 'string',
          enum: [...ROLES],
          description: 'What may be done with the key; docs/roles.md tells what each role may.',
        },
        keySha256: KEY_SHA256,
        identifier: {
          type: 'string',
          pattern: '^(8[0-9]{11}|0[0-9A-Z]{9}|3[0-9A-Z./-]{8,40})$',
          what: 'an IdNPS',
          description:
            'National identifier (IdNPS: `8` and the RPPS) of the person whose mailboxes the key opens, for a role that may use mailboxes. Absent: none.',
        },
        ...GRANTED,
      },
      ['name', 'role', 'keySha256'],
    ),
  },
  signIn: signInPiece,
  services: {
    type: 'object',
    propertyNames: NAME,
    additionalProperties: servicePiece,
    default: {},
    description:
      'What makes a message of a service. profiles/services ships defaults; one of the same name here replaces it, or its rule alone where no `kind` is given here.',
  },
  establishments: {
    type: 'array',
    items: establishmentPiece,
    default: [],
    description: 'Legal and geographic entities of the region.',
  },
  routes: { type: 'array', items: routePiece, default: [], description: 'Which messages go where.' },
  identities: {
    ...keyed('What no public text confirms of the national identifiers.', {
      matricule: {
        type: 'string',
        minLength: 1,
        maxLength: 200,
        what: 'a regular expression',
        default: MATRICULE_BODY,
        description: 'Form of the first 13 characters of an INS; the key is judged apart.',
      },
    }),
    default: {},
  },
  conformity: keyed('How conformity is measured, beside live traffic.', {
    probes: {
      enum: ['asked', 'scheduled'],
      default: 'asked',
      description:
        'When declared endpoints are probed for requirements: when somebody asks, or also on schedule. A probe connects, and may send a test message to destinations of `use: qualification` (docs/probes.md).',
    },
    public: keyed(
      'A page without sign-in, `/public/conformite`, with what is met in production (docs/conformity-public.md). Absent: there is none.',
      {
        frameworks: {
          ...texts('Which frameworks, as `ID@VERSION`; the first is shown first.', {
            type: 'string',
            pattern: '^[^@\\s]+@[^@\\s]+$',
            maxLength: 128,
            what: 'a framework, such as ci-sis@2026.1',
          }),
          minItems: 1,
          maxItems: 10,
        },
        establishments: {
          enum: ['agreed', 'all'],
          default: 'agreed',
          description: 'Those that agreed (`publicConformity: true`), or all.',
        },
      },
      ['frameworks'],
    ),
  }),
  fhir: fhirPiece,
  rules: rulesPiece,
  retention: {
    ...keyed('How long messages are kept.', {
      closed: duration('Messages whose deliveries all ended.', '30 d', '1 min', '3650 d'),
      refused: duration('What was refused, with its reason.', '7 d', '1 min', '3650 d'),
      refusedMax: size('All refused bytes together.', '1 GiB', '0 B', '1024 GiB'),
      orders: duration(
        'That an imaging order was made, which its cancel and its answer must name: under an HMAC, without its number.',
        '400 d',
        '1 d',
        '3650 d',
      ),
      visits: duration(
        'That a visit was admitted, since its last movement: under an HMAC, without its number.',
        '400 d',
        '1 d',
        '3650 d',
      ),
      audit: duration(
        'Who did and saw what: six years, which no text that we know fixes. What is left stays provable.',
        '2190 d',
        '30 d',
        '7300 d',
      ),
    }),
    default: {},
  },
  exports: {
    ...keyed('Lists of messages that people take away (docs/console.md).', {
      max: count('Messages that one export may hold.', 100_000, 1, 1_000_000),
    }),
    default: {},
  },
  privacy: privacyPiece,
  movements: {
    ...keyed('Movements of patients (transfers, discharges, cancellations …).', {
      awaitAdmission: awaitAdmission(
        'A movement whose visit (PV1-19, else PID-18) was not admitted yet waits this long for its admission, then goes with a finding; `0 s`: never.',
        '10 min',
      ),
    }),
    default: {},
  },
}

const watchPieces = { alerts: alertsPiece, notify: notifyPiece, telemedicine: telemedicinePiece, mail: mailPiece }

const nodePieces: Readonly<Record<(typeof NODE_KEYS)[number], Piece>> = {
  entrances: entrancesPiece,
  store: {
    ...keyed('The store of this node; not part of the shared revision.', {
      images: {
        type: 'string',
        minLength: 1,
        maxLength: 1024,
        description:
          'Folder for images that come by `POST /dicomweb/studies`, until their case is closed; each node has its own. Absent: `images` in the folder of the embedded store; on PostgreSQL no images are taken at the doors.',
      },
      kits: {
        type: 'string',
        minLength: 1,
        maxLength: 1024,
        description:
          'Folder for the kits of the degraded mode, a file per site, written each night at 02:30 by one node. Absent: `procedure-degradee` in the folder of the embedded store; on PostgreSQL no files are written, and every node serves what is kept in the store.',
      },
      mailboxes: {
        type: 'string',
        minLength: 1,
        maxLength: 1024,
        description:
          'Folder of the mailboxes kept here (Maildir); nodes that share a database share this folder. Absent: `mailboxes` in the folder of the embedded store; on PostgreSQL none are kept.',
      },
      imagesMax: size('Most that folder may hold.', '20 GiB', '1 MiB', '1024 GiB', 'IMAGES_NO_ROOM'),
      minFree: size(
        "New work is refused when less than this is free on the store's disk.",
        '2 GiB',
        '0 B',
        '1024 GiB',
        'DISK_LOW',
      ),
    }),
    default: {},
  },
  drain: duration(
    'Time given to work in flight at a stop; not part of the shared revision.',
    '10 s',
    '0 s',
    '10 min',
    'DRAINING',
  ),
  traces: tracesPiece,
}

const pieceOrder = [
  'region',
  'entrances',
  'operators',
  'signIn',
  'services',
  'establishments',
  'routes',
  'telemedicine',
  'mail',
  'identities',
  'conformity',
  'fhir',
  'rules',
  'movements',
  'retention',
  'exports',
  'alerts',
  'notify',
  'privacy',
  'store',
  'drain',
  'traces',
]
const everyPiece: Readonly<Record<string, Piece>> = { ...sharedPieces, ...watchPieces, ...nodePieces }

/** JSON Schema of region.yaml, as `passerelle check --schema` prints it. Durations and sizes bear their bounds. */
export const configSchema: Piece = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  title: 'region.yaml of Passerelle',
  ...keyed(
    'One region: its establishments, its doors, and where messages go.',
    Object.fromEntries(pieceOrder.map((name) => [name, everyPiece[name]!])),
    ['region', 'establishments'],
  ),
}

/** JSON Schema of the shared part as the store keeps it: without the node's own, with the tables it uses. */
export const sharedSchema: Piece = keyed(
  'The shared part.',
  {
    ...sharedPieces,
    ...watchPieces,
    tables: {
      type: 'object',
      propertyNames: NAME,
      additionalProperties: { type: 'array', items: { type: 'string', minLength: 1 } },
      description: 'Codes of each table used.',
    },
    maps: {
      type: 'object',
      propertyNames: NAME,
      additionalProperties: { type: 'object', additionalProperties: { type: 'string' } },
      default: {},
      description: 'Rows of each map table used.',
    },
    ruleFiles: {
      type: 'object',
      additionalProperties: { type: 'object' },
      default: {},
      description: 'Rule files of HL7 v2 messages, by name.',
    },
  },
  ['region', 'establishments', 'services', 'tables'],
)
