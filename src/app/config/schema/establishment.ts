import { FINESS_PATTERN } from '../../../formats/identifiers/finess.ts'
import { ESTABLISHMENT_KINDS } from './care.ts'
import { tlsPiece } from './door.ts'
import { ACK_POLICY, count, duration, KEY_SHA256, keyed, material, NAME, type Piece, texts } from './piece.ts'
import { launchPiece } from './sign-in.ts'

const FINESS: Piece = { type: 'string', pattern: FINESS_PATTERN, what: 'a FINESS number: nine digits in quotes' }
const DISTINGUISHED_NAME: Piece = {
  type: 'string',
  minLength: 3,
  maxLength: 1024,
  what: 'a distinguished name as RFC 4514 writes it: "CN=…,O=…,C=FR"',
}

const retryPiece: Piece = {
  ...keyed('Waits between attempts, each with a little chance added.', {
    first: duration('Wait after the first failure.', '1 s', '1 ms', '1 h'),
    factor: {
      type: 'number',
      minimum: 1,
      maximum: 10,
      default: 2,
      description: 'Each wait is the one before times this.',
    },
    max: duration('Longest wait.', '5 min', '1 ms', '24 h'),
    expires: duration('Age at which a delivery is given to a person.', '7 d', '1 s', '365 d', 'DELIVERY_EXPIRED'),
  }),
  default: {},
}

const destinationPiece: Piece = keyed(
  "One way to one of the establishment's systems.",
  {
    type: {
      type: 'string',
      enum: ['mllp', 'fhir', 'http', 'dicomweb'],
      description:
        'Protocol spoken: HL7 v2 over MLLP, FHIR R4, HL7 v2 over HTTP, or DICOMweb, for images of telemedicine cases only (docs/images.md).',
    },
    host: { type: 'string', minLength: 1, maxLength: 253, description: 'mllp: name or address.' },
    port: { type: 'integer', minimum: 1, maximum: 65_535, description: 'mllp: TCP port.' },
    url: {
      type: 'string',
      minLength: 1,
      maxLength: 1024,
      description:
        'fhir: base of the server. http: address that takes HL7 v2. dicomweb: base before `/studies`. No query, and no password in it.',
    },
    allowPlain: {
      type: 'boolean',
      default: false,
      description: 'Lets an `http:` url lead beyond loopback: only where the network itself is trusted.',
    },
    bearer: material('fhir, http, dicomweb: key of ours there, sent as `Authorization: Bearer`.'),
    issuer: {
      type: 'string',
      pattern: '^[0-9A-Za-z][0-9A-Za-z ._-]{0,31}$',
      what: 'at most 32 letters, digits, spaces, points, lines',
      description:
        "dicomweb: what the archive's own patient identifiers are issued by; set as Issuer of Patient ID (0010,0021) where it is absent. Absent: the legal entity's FINESS, else the id.",
    },
    oid: {
      type: 'string',
      pattern: '^[0-2](\\.(0|[1-9][0-9]*)){2,40}$',
      what: 'an object identifier: 1.2.250.…',
      description: 'dicomweb: the same as an ISO object identifier, for the qualifiers (0010,0024).',
    },
    patientIds: {
      type: 'string',
      enum: ['issuer', 'prefix'],
      description:
        "dicomweb: how patient identifiers of other sites are told apart in this archive. `issuer` (where absent): by Issuer of Patient ID; `prefix`: the site's issuer before the identifier, the original in (0010,1002), for archives that look at the identifier alone.",
    },
    tls: tlsPiece(
      'shown to the destination, and authorities it must be signed by; absent: plain for mllp, the public authorities for https',
    ),
    use: {
      type: 'string',
      enum: ['qualification', 'production'],
      default: 'production',
      description: 'Test messages reach only `qualification`, real ones only `production`.',
    },
    maxInFlight: {
      type: 'integer',
      minimum: 1,
      maximum: 64,
      description: 'Messages under way at once, each on its own connection. Absent: 1 for mllp, 8 for fhir and http.',
    },
    urgentInFlight: count(
      'Urgent messages under way on top, on their own connections; 0 where it takes only one connection.',
      1,
      0,
      16,
    ),
    timeout: duration('Wait for the answer after the last byte.', '30 s', '10 ms', '10 min', 'ANSWER_TIMEOUT'),
    retry: retryPiece,
    order: {
      type: 'string',
      enum: ['patient', 'destination', 'none'],
      default: 'patient',
      description: 'What deliveries wait for: earlier ones of the same patient, every earlier one, or nothing.',
    },
    onUnknown: {
      type: 'string',
      enum: ['resend', 'hold'],
      description:
        'When no answer says whether it was taken: send the same bytes again, or wait for a person. Absent: `resend` for mllp and fhir, `hold` for http.',
    },
    onRefused: {
      type: 'string',
      enum: ['hold', 'continue'],
      default: 'continue',
      description: 'After a refusal: hold what shares its patient, or go on with the next.',
    },
    charset: {
      type: 'string',
      enum: ['8859/1', '8859/15', 'UNICODE UTF-8', 'ASCII'],
      description:
        "mllp, http: HL7 v2 leaves in this character set, MSH-18 with it, whatever it came in. Absent: as it came; what is made from FHIR is written in the establishment's.",
    },
    unmappable: {
      type: 'string',
      enum: ['refuse', 'replace'],
      default: 'refuse',
      description:
        'What is done with characters that the set lacks: the delivery is refused and waits for a person, or the nearest ones are written with a finding.',
    },
    ackPolicy: ACK_POLICY,
  },
  ['type'],
)

/** One legal or geographic entity of the region. */
export const establishmentPiece: Piece = keyed(
  'One establishment.',
  {
    id: { ...NAME, description: 'Name used everywhere else; `platform` is reserved.' },
    name: { type: 'string', minLength: 1, maxLength: 200, description: 'Name for people.' },
    kind: {
      type: 'string',
      enum: [...ESTABLISHMENT_KINDS],
      description: 'What sort of establishment.',
    },
    finess: {
      ...keyed('FINESS numbers.', {
        ej: { ...FINESS, description: 'Legal entity.' },
        eg: { type: 'array', items: FINESS, uniqueItems: true, default: [], description: 'Geographic entities.' },
      }),
      default: {},
    },
    at: {
      type: 'array',
      items: { type: 'number', minimum: -180, maximum: 180 },
      minItems: 2,
      maxItems: 2,
      what: 'a longitude and a latitude: [-0.77, 48.07]',
      description:
        'Its place on the map: longitude, latitude in degrees. Absent: in the department of its FINESS number.',
    },
    publicConformity: {
      type: 'boolean',
      what: 'true or false',
      description: 'It agreed that what it meets is published (`conformity: public`). Absent: it did not.',
    },
    strict: {
      type: 'boolean',
      default: false,
      description: 'A finding of class `contract` is refused, not only recorded.',
    },
    charset: {
      type: 'string',
      enum: ['8859/1', '8859/15', 'UNICODE UTF-8', 'ASCII'],
      default: '8859/15',
      description: 'Character set assumed when MSH-18 is empty.',
    },
    senders: {
      ...keyed('How the establishment is recognised when it sends.', {
        facilities: {
          ...texts('Every MSH-4 accepted: FINESS numbers and declared names. On plain MLLP this is all there is.'),
          minItems: 0,
          default: [],
        },
        certificates: {
          type: 'array',
          default: [],
          description: 'Client certificates, by their issuer and subject.',
          items: keyed(
            'One certificate.',
            {
              issuer: { ...DISTINGUISHED_NAME, description: 'Issuer (RFC 4514).' },
              subject: { ...DISTINGUISHED_NAME, description: 'Subject (RFC 4514).' },
            },
            ['issuer', 'subject'],
          ),
        },
        keys: {
          type: 'array',
          default: [],
          description: 'Keys for HTTP: `Authorization: Bearer KEY`.',
          items: keyed('One key.', { keySha256: KEY_SHA256 }, ['keySha256']),
        },
      }),
      default: {},
    },
    clients: {
      type: 'array',
      default: [],
      description: 'Systems that ask for access tokens with a signed assertion (SMART Backend Services).',
      items: keyed(
        'One system.',
        {
          clientId: {
            type: 'string',
            pattern: '^[\\x21-\\x7e]{1,200}$',
            what: 'a client id: visible ASCII, up to 200 characters',
            description: '`iss` and `sub` of its assertions.',
          },
          jwks: {
            ...material('Its public keys, a JWK set (RFC 7517): RSA for RS384, P-384 for ES384.'),
            // In the stored revision the text itself stands here.
            maxLength: 65_536,
          },
        },
        ['clientId', 'jwks'],
      ),
    },
    launch: launchPiece,
    destinations: {
      type: 'object',
      propertyNames: NAME,
      additionalProperties: destinationPiece,
      default: {},
      description: 'Ways to its systems, by name; routes write `id/name`.',
    },
    answersTo: {
      ...NAME,
      description:
        'Destination of its own that takes application answers in enhanced mode. Absent: the connection the message came on.',
    },
    casesTo: {
      ...NAME,
      description:
        'Destination of its own that takes part in cases of telemedicine: requests where it is the centre (channel `system` of a rung), what becomes of them where it asks. An HL7 v2 one takes orders and answers, a FHIR one ServiceRequest and Task. Absent: where it asks `answersTo` when `answer` is set, else none.',
    },
    answer: {
      type: 'string',
      enum: ['orr', 'oru'],
      description:
        'How it is told in HL7 v2 what becomes of its requests (seen, accepted, refused, advice): ORR^O02, or ORU^R01. Absent: `oru`.',
    },
    sendsFor: {
      ...texts('Establishments whose messages it may send.', NAME),
      minItems: 0,
      default: [],
    },
    ackPolicy: ACK_POLICY,
  },
  ['id', 'name', 'kind'],
)
