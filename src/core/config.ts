/** The running configuration as the rooms see it: checked, resolved, immutable, numbered. Durations ms, sizes bytes. */
import type { AlertKind, Severity } from './alerts.ts'
import type { Reach } from './caller.ts'
import type { ConformitySettings } from './conformity-public.ts'
import type { MailDoor } from './mail.ts'
import type { DestinationId, FindingClass, Lane } from './message.ts'
import type { Role } from './roles.ts'
import type { CareService, Telemedicine } from './services.ts'
import type { LaunchKeys, SignIn } from './sign-in.ts'
import type { MailSettings } from './white-list.ts'

/** Which code says "refused" and which "not now": the French guides and the base standard swap them. */
export type AckPolicyName = 'ans' | 'hl7base'
/** `default` for every kind, or by kind (`ORU^R01`). Absent: by the message's profile (design, HL7 answers). */
export interface AckPolicy {
  readonly default?: AckPolicyName
  readonly [kind: string]: AckPolicyName | undefined
}

/**
 * Files of a TLS identity, already read: PEM text. `crl` is empty when none is configured. `crlStale`: what is done when a
 * list is past its next update; absent: `refuse`, whoever it covers is turned away. */
export interface TlsFiles {
  readonly key: string
  readonly cert: string
  readonly ca: string
  readonly crl: readonly string[]
  readonly crlStale?: 'refuse' | 'warn'
}

/** Where an MLLP destination listens. `tls` null: plain. */
export interface MllpTarget {
  readonly type: 'mllp'
  readonly host: string
  readonly port: number
  readonly tls: TlsFiles | null
}

/** A FHIR R4 server. `url` is its base. `bearer`: a key of ours there, or null. */
export interface FhirTarget {
  readonly type: 'fhir'
  readonly url: string
  readonly tls: TlsFiles | null
  readonly bearer: string | null
}

/** An HTTP address that takes HL7 v2 (`application/hl7-v2`). */
export interface HttpTarget {
  readonly type: 'http'
  readonly url: string
  readonly tls: TlsFiles | null
  readonly bearer: string | null
}

/**
 * A DICOMweb archive (PS3.18): the site's, which images are fetched from, or the centre's, which they go to. It takes no
 * messages. `url` is the base before `/studies`. `issuer`: what its identifiers of patients are issued by (Issuer of Patient
 * ID), `oid`: the same as an ISO identifier, or null. `patientIds`: how an identifier is made unmistakable for it. */
export interface DicomwebTarget {
  readonly type: 'dicomweb'
  readonly url: string
  readonly tls: TlsFiles | null
  readonly bearer: string | null
  readonly issuer: string
  readonly oid: string | null
  readonly patientIds: 'issuer' | 'prefix'
}

/**
 * Where the mail of a domain goes. `operator`: to the mail operator that the white list names for it, over TLS that only
 * that list vouches for; `smtp`, `lmtp`: to an establishment's own server. `host` null: to its MX. `hello`: our name there. */
export interface SmtpTarget {
  readonly type: 'smtp'
  readonly how: 'operator' | 'smtp' | 'lmtp'
  readonly domain: string
  readonly hello: string
  readonly host: string | null
  readonly port: number
  readonly tls: TlsFiles | null
  readonly nameServers: readonly string[]
  /** Longest wait for them, all questions together (ms). */
  readonly lookupMs: number
}

/** Mailboxes kept here. */
export interface MaildirTarget {
  readonly type: 'maildir'
  readonly domain: string
  readonly tls: null
}

/** Where a system of an establishment is, by its type. */
export type SystemTarget = MllpTarget | FhirTarget | HttpTarget | DicomwebTarget
/** Where the mail of a domain goes. */
export type MailTarget = SmtpTarget | MaildirTarget
/** Where a way out leads. */
export type Target = SystemTarget | MailTarget

/** One change of an HL7 v2 message on its way out; `when`: only if that field has one of these values. */
export type Edit = { readonly when?: { readonly path: string; readonly in: readonly string[] } } & (
  | { readonly set: string; readonly to: string }
  | { readonly copy: string; readonly to: string }
  | { readonly map: string; readonly table: string }
  | { readonly drop: string }
)

/** What a destination is for: test messages reach only `qualification`, real ones only `production`. */
export type Use = 'qualification' | 'production'

/** Waits between attempts: `firstMs`, growing by `factor` to `maxMs`; given up after `expiresMs`. */
export interface RetryPolicy {
  readonly firstMs: number
  readonly factor: number
  readonly maxMs: number
  readonly expiresMs: number
  /** The waits themselves instead, the last of them repeated; an unknown outcome waits so, too, and `onUnknown` says nothing. */
  readonly stepsMs?: readonly number[]
}

/** Character sets that HL7 v2 is written in, by their names in MSH-18. */
export type CharsetName = '8859/1' | '8859/15' | 'UNICODE UTF-8' | 'ASCII'

/** A way out, with how it is to be treated (core/ways). */
export interface Way {
  readonly id: DestinationId
  readonly establishment: string
  readonly use: Use
  readonly target: Target
  readonly maxInFlight: number
  /** On top of `maxInFlight`, on its own connection; 0 where the receiver takes only one. */
  readonly urgentInFlight: number
  readonly timeoutMs: number
  readonly retry: RetryPolicy
  readonly order: 'patient' | 'destination' | 'none'
  readonly onUnknown: 'resend' | 'hold'
  readonly onRefused: 'hold' | 'continue'
  readonly ackPolicy: AckPolicy
  /** HL7 v2 leaves in this character set (name of MSH-18), whatever it came in; absent: as it came. */
  readonly charset?: CharsetName
  /** What is done with characters that the set lacks; absent: `refuse`. */
  readonly unmappable?: 'refuse' | 'replace'
}

/** One way to one establishment's system. */
export interface Destination extends Way {
  readonly target: SystemTarget
}

/** A certificate that names an establishment: issuer and subject as written in region.yaml (RFC 4514 strings). */
export interface CertificateName {
  readonly issuer: string
  readonly subject: string
}

/** What sort of establishment it is, as region.yaml says. */
export type EstablishmentKind =
  | 'hospital'
  | 'university-hospital'
  | 'nursing-home'
  | 'disability-home'
  | 'social'
  | 'samu'
  | 'expert-centre'
  | 'platform'

/** An establishment of the region: how it is recognised, and how it wants to be answered. */
export interface Establishment {
  readonly id: string
  readonly name: string
  readonly kind: EstablishmentKind
  readonly finess: { readonly ej: string | null; readonly eg: readonly string[] }
  readonly strict: boolean
  /** HL7 name of the charset assumed when MSH-18 is empty, such as `8859/15`. */
  readonly charset: string
  /** MSH-4 values accepted (the FINESS included). */
  readonly facilities: readonly string[]
  readonly certificates: readonly CertificateName[]
  /** SHA-256 of the keys this establishment may use, lower-case hex. */
  readonly keys: readonly string[]
  /** Public keys (JWK) with which its systems sign client assertions (SMART Backend Services), by client id. */
  readonly clients: readonly { readonly clientId: string; readonly jwks: readonly JsonWebKeyText[] }[]
  /** Keys of its launches from the patient record, beside those of `clients`; absent: none. */
  readonly launch?: LaunchKeys
  /** Destination that takes application answers (enhanced mode), or null: the same connection. */
  readonly answersTo: DestinationId | null
  /** Destination that takes part in cases: requests at a centre, what becomes of them at a site; absent: none. */
  readonly casesTo?: DestinationId
  /** How it is told in HL7 v2 what becomes of its requests; absent: `oru`. */
  readonly answer?: 'orr' | 'oru'
  readonly sendsFor: readonly string[]
  readonly ackPolicy: AckPolicy
  /** Where it stands: longitude and latitude in degrees (WGS 84); absent: its department is known by its FINESS number. */
  readonly at?: readonly [longitude: number, latitude: number]
  readonly publicConformity?: true // It agreed that what it meets is published.
}

/** When an establishment that sends nothing is an alert. */
export interface SilenceRule {
  /** Weeks that must be known of an hour of the week before it is judged. */
  readonly weeks: number
  /** How many times the usual silence. */
  readonly factor: number
  /** No shorter silence is an alert, ms. */
  readonly leastMs: number
}

/** When something is an alert. */
export interface AlertRules {
  /** Age of the oldest open delivery of a destination. */
  readonly queueAgeMs: number
  /** Part of the attempts or arrivals of ten minutes that fail (0 to 1), and the least number of them that is judged. */
  readonly errorShare: number
  readonly errorLeast: number
  readonly silence: SilenceRule
  /** How long an alert that is over is kept. */
  readonly keptMs: number
}

/** A mail relay. `user` null: none is needed. */
export interface RelayTarget {
  readonly type: 'mail'
  readonly host: string
  readonly port: number
  /** `starttls`: demanded; `none`: plain, on loopback or where the network is trusted. */
  readonly security: 'tls' | 'starttls' | 'none'
  /** PEM of the authorities of the relay; null: the public ones. */
  readonly ca: string | null
  readonly user: string | null
  readonly password: string | null
  readonly from: string
  readonly to: readonly string[]
}

/** An address that takes notices as JSON, each with an HMAC of its bytes. */
export interface WebhookTarget {
  readonly type: 'webhook'
  readonly url: string
  readonly secret: string
  /** A name may also lead to an address of a private network. */
  readonly allowPrivate: boolean
}

/** An HTTP service that sends short messages: one request for each number. */
export interface SmsTarget {
  readonly type: 'sms'
  readonly url: string
  /** With `{to}` and `{text}`, escaped as the content type asks. */
  readonly body: string
  readonly contentType: 'application/json' | 'application/x-www-form-urlencoded'
  readonly bearer: string | null
  readonly to: readonly string[]
  readonly allowPrivate: boolean
}

/** A way to tell people of alerts, and which. */
export interface NotifyChannel {
  readonly name: string
  readonly target: RelayTarget | WebhookTarget | SmsTarget
  readonly severities: readonly Severity[]
  /** Null: of every kind; null: of every establishment and of the region. */
  readonly kinds: readonly AlertKind[] | null
  readonly establishments: readonly string[] | null
  /** What is not urgent is told together, at most so often. */
  readonly everyMs: number
  readonly locale: 'fr' | 'en'
}

/** One condition on content: a field or FHIR path whose value is in a table, or is one of the values. */
export interface Condition {
  readonly path: string
  readonly in: readonly string[] | { readonly table: string }
}

/** What makes a message of a service: any of the conditions, all of `all` when given, and none of `none`. */
export interface ServiceRule {
  readonly any: readonly Condition[]
  readonly all: readonly Condition[]
  readonly none: readonly Condition[]
}

/** Keys are ANDed, values ORed; an absent key asks nothing, a key the message lacks does not match. */
export interface When {
  readonly kinds?: readonly string[]
  readonly from?: readonly string[]
  readonly receivers?: readonly string[]
  readonly service?: string
  readonly performer?: readonly string[]
  readonly category?: readonly string[]
  readonly profile?: readonly string[]
  readonly paths?: Readonly<Record<string, readonly string[]>>
}

/** A rule that sends matching messages to destinations. */
export interface RouteRule {
  readonly name: string
  readonly when: When
  readonly to: readonly DestinationId[]
  readonly lane: Lane
  readonly alertAfterMs: number | null
  /** How long a movement by this route waits for the admission of its visit; 0: never. */
  readonly awaitAdmissionMs: number
  /** Changes made to what goes out by this route, in order; none: the bytes as they came. */
  readonly edit: readonly Edit[]
  /** The format in which messages of the other one leave by this route; absent: as they came. */
  readonly transform?: 'fhir' | 'hl7v2'
}

/** Codes of `profiles/tables/NAME.csv`: exact codes, and prefixes from rows such as `I6*`. */
export interface CodeTable {
  readonly codes: ReadonlySet<string>
  readonly prefixes: readonly string[]
}

/** A person or script that may use the API. */
export interface Operator {
  readonly name: string
  readonly role: Role
  readonly keySha256: string
  readonly reach: Reach
  /** May reveal content with a reason, though the role alone may not. */
  readonly content: boolean
  /** National identifier (IdNPS) of the person whose mailboxes the key opens; absent: none. */
  readonly identifier?: string
}

/** What of the national identifiers no public text confirms, and a region may set. */
export interface IdentityRules {
  /** The form of an INS matricule's body (its first 13 characters). */
  readonly matricule: RegExp
}

/** What a region asks of FHIR resources beside what they claim themselves. */
export interface FhirRules {
  /** Canonicals of the profiles that every resource of a type must meet, by type. */
  readonly profiles: ReadonlyMap<string, readonly string[]>
}

/** The rules of HL7 v2 messages as they are written; formats/hl7v2/rules knows their form and compiles them once. */
export interface Hl7Rules {
  /** Rule files by name. */
  readonly files: Readonly<Record<string, unknown>>
  /** Classes that the region gives to rules, by id. */
  readonly classes: Readonly<Record<string, FindingClass | 'off'>>
  readonly tables: ReadonlyMap<string, CodeTable>
}

/** The shared configuration: one immutable numbered revision. Rooms call `config()` and keep no copy. */
export interface Config {
  readonly revision: number
  readonly region: {
    readonly name: string
    readonly timeZone: string
    readonly locale: 'fr' | 'en'
    /** Codes of the departments on the map; absent: none. */
    readonly departments?: readonly string[]
    /** Whom to tell of a weakness, as URIs, the best first; absent: nobody. */
    readonly securityContact?: readonly string[]
  }
  readonly operators: readonly Operator[]
  readonly services: ReadonlyMap<string, ServiceRule>
  /** Telemedicine services that are offered, by name, each with its rule in `services`; absent: none. */
  readonly careServices?: ReadonlyMap<string, CareService>
  /** Absent: `NO_TELEMEDICINE`. */
  readonly telemedicine?: Telemedicine
  readonly establishments: ReadonlyMap<string, Establishment>
  /** MSH-4 → establishment id. */
  readonly facilities: ReadonlyMap<string, string>
  readonly destinations: ReadonlyMap<DestinationId, Destination>
  readonly routes: readonly RouteRule[]
  readonly tables: ReadonlyMap<string, CodeTable>
  /** `profiles/tables/NAME.csv` with the header `from,to`, for `map`. */
  readonly maps: ReadonlyMap<string, ReadonlyMap<string, string>>
  /** Absent: nobody signs in. */
  readonly signIn?: SignIn
  /** Absent: the defaults. */
  readonly identities?: IdentityRules
  readonly conformity?: ConformitySettings
  /** Absent: nothing. */
  readonly fhir?: FhirRules
  /** Absent: HL7 v2 messages are looked at by no rule. */
  readonly rules?: Hl7Rules
  /** Messages that one export of a list may hold; absent: 100,000. */
  readonly exportMax?: number
  /** Absent: the defaults (pipeline/watch/rules). */
  readonly alerts?: AlertRules
  /** Whom alerts are told to; absent: nobody. */
  readonly notify?: readonly NotifyChannel[]
  readonly retention: {
    readonly closedMs: number
    readonly refusedMs: number
    readonly refusedMaxBytes: number
    /** How long an imaging order is known, since it was made. */
    readonly ordersMs: number
    readonly visitsMs: number
    /** How long events of the audit are kept, whatever becomes of the messages they tell of. */
    readonly auditMs: number
  }
  /** Absent: no secure mail. */
  readonly mail?: MailSettings
  /** Absent: no legal hold, and no headings. */
  readonly privacy?: PrivacyRules
}

/** A legal hold: messages that meet all of its conditions are not erased. Absent conditions are met. */
export interface LegalHold {
  readonly name: string
  readonly establishments?: readonly string[]
  /** Search keys. */
  readonly patients?: readonly string[]
  /** Received from then on, and before then (ms since 1970). */
  readonly sinceMs?: number
  readonly belowMs?: number
}

/** What the region says of the rights of patients and of incidents. */
export interface PrivacyRules {
  readonly holds: readonly LegalHold[]
  /** Of the document of a security incident. */
  readonly incidentHeadings: readonly string[]
}

/** Limits of an MLLP door, each with its named default in the schema (docs/config.md). */
export interface MllpLimits {
  readonly maxFrameBytes: number
  /** TLS handshake, or first byte on a plain door. */
  readonly handshakeMs: number
  /** Silence between messages of an identified or loopback peer. */
  readonly idleMs: number
  readonly gapMs: number
  /** After `rateGraceMs` inside a frame, at least this many bytes per second. */
  readonly minBytesPerSecond: number
  readonly rateGraceMs: number
  readonly maxJunkBytes: number
  readonly maxConnections: number
  readonly maxConnectionsPerPeer: number
  /** Bytes of this door not yet answered; above it the sockets are not read. */
  readonly budgetBytes: number
}

/** One MLLP door of this node. `tls` null: plain, loopback only unless `allowPlain`. At `sandbox` nothing is routed. */
export interface MllpDoor {
  readonly name: 'mllp' | 'mllps' | 'sandbox'
  readonly host: string
  readonly port: number
  readonly allowPlain: boolean
  readonly tls: TlsFiles | null
  readonly limits: MllpLimits
}

/** A public key as JWK, JSON text. */
export type JsonWebKeyText = string

/** An HTTP door of this node. `tls` null: plain. */
export interface HttpDoor {
  readonly name: 'http' | 'https'
  /** With TLS: mutual when a client certificate is asked for, which is the default. */
  readonly tls: TlsFiles | null
  /** With TLS: `none` asks for no certificate, so that only keys and tokens tell who calls. Absent: `required`. */
  readonly clientCertificate?: 'required' | 'none'
  /** Origin by which others reach this door (`https://fhir.region.example`), when a proxy or a port mapping stands before it. */
  readonly publicUrl?: string
  /** Largest body of FHIR and HL7 (bytes): 413 above. */
  readonly maxBodyBytes: number
  readonly host: string
  readonly port: number
  readonly allowPlain: boolean
}

/** Who is told what became of each message: an address that takes OTLP, the part of all messages, and whether it goes on. */
export interface TraceSettings {
  readonly url: string
  /** 0 to 1. */
  readonly sample: number
  readonly propagate: boolean
}

/** What belongs to this node alone and is no part of the shared revision. */
export interface NodeConfig {
  readonly mllp: readonly MllpDoor[]
  readonly http: readonly HttpDoor[]
  /** Absent: none. */
  readonly mail?: readonly MailDoor[]
  /** New work is refused when less than this is free on the store's disk (bytes). */
  readonly minFreeBytes: number
  /** Time given to work in flight at a stop (ms). */
  readonly drainMs: number
  /** Where images are kept that come by a door; folder null: beside the embedded store, and on PostgreSQL none are taken. */
  readonly images?: { readonly folder: string | null; readonly maxBytes: number }
  /** Folder of the kits of the degraded mode; absent: beside the embedded store, and on PostgreSQL no files are written. */
  readonly kits?: string
  /** Folder of the mailboxes kept here; absent: beside the embedded store, and on PostgreSQL none are. */
  readonly mailboxes?: string
  /** Absent: nothing is traced. */
  readonly traces?: TraceSettings
}

/** A region whose every destination is of qualification has no real case: what is asked on a form is a test as well. */
export function isTrialRegion({ destinations }: Pick<Config, 'destinations'>): boolean {
  return destinations.size > 0 && [...destinations.values()].every(({ use }) => use === 'qualification')
}
