/** The region file as its schema promises it once defaults are filled in. Durations and sizes are still text. */
import type { AlertKind, Severity } from '../../core/alerts.ts'
import type {
  AckPolicy,
  CertificateName,
  CharsetName,
  EstablishmentKind,
  SystemTarget,
  Use,
} from '../../core/config.ts'
import type { ConformitySettings } from '../../core/conformity-public.ts'
import type { Lane } from '../../core/message.ts'
import type { Role } from '../../core/roles.ts'
import type { RuleClass } from '../../formats/hl7v2/rules/written.ts'
import type { WrittenTraces } from '../traces/settings.ts'
import type { Reference } from './material.ts'
import type { WrittenCare, WrittenTelemedicine } from './written-care.ts'
import type { WrittenMail } from './written-mail.ts'

/** TLS identity, by reference. */
export interface WrittenTls {
  readonly key: Reference
  readonly cert: Reference
  readonly ca: Reference
  readonly crl: readonly Reference[]
  readonly crlStale: 'refuse' | 'warn'
}

/** A door as far as all doors agree. */
export interface WrittenDoor {
  readonly host: string
  readonly port: number
  readonly allowPlain?: boolean
}

/** An MLLP door with its limits. */
export interface WrittenMllpDoor extends WrittenDoor {
  readonly tls?: WrittenTls
  readonly maxFrame: string
  readonly handshake: string
  readonly idle: string
  readonly gap: string
  readonly minRate: number
  readonly rateGrace: string
  readonly maxJunk: string
  readonly maxConnections: number
  readonly maxConnectionsPerPeer: number
  readonly budget: string
}

/** An HTTP door. */
export interface WrittenHttpDoor extends WrittenDoor {
  readonly tls?: WrittenTls
  readonly clientCertificate?: 'required' | 'none'
  readonly maxBody: string
  readonly publicUrl?: string
}

/** A mail door. */
export interface WrittenMailDoor extends WrittenDoor {
  readonly tls: WrittenTls
  readonly idle: string
  readonly handshake: string
  readonly mailTime: string
  readonly maxConnections: number
  readonly maxConnectionsPerPeer: number
}

/** One way to one system. Which of host, port and url it has depends on its type (check/destinations.ts). */
export interface WrittenDestination {
  readonly type: SystemTarget['type']
  readonly host?: string
  readonly port?: number
  readonly url?: string
  readonly allowPlain: boolean
  readonly bearer?: Reference
  readonly tls?: WrittenTls
  readonly issuer?: string
  readonly oid?: string
  readonly patientIds?: 'issuer' | 'prefix'
  readonly use: Use
  readonly maxInFlight?: number
  readonly urgentInFlight: number
  readonly timeout: string
  readonly retry: { readonly first: string; readonly factor: number; readonly max: string; readonly expires: string }
  readonly order: 'patient' | 'destination' | 'none'
  readonly onUnknown?: 'resend' | 'hold'
  readonly onRefused: 'hold' | 'continue'
  readonly charset?: CharsetName
  readonly unmappable: 'refuse' | 'replace'
  readonly ackPolicy?: AckPolicy
}

/** A system that signs assertions. `jwks`: in the file where to read it, in the shared part its text. */
export interface WrittenClient {
  readonly clientId: string
  readonly jwks: Reference
}

/** One establishment. */
export interface WrittenEstablishment {
  readonly id: string
  readonly name: string
  readonly kind: EstablishmentKind
  readonly finess: { readonly ej?: string; readonly eg: readonly string[] }
  readonly at?: readonly [longitude: number, latitude: number]
  readonly publicConformity?: boolean
  readonly strict: boolean
  readonly charset: string
  readonly senders: {
    readonly facilities: readonly string[]
    readonly certificates: readonly CertificateName[]
    readonly keys: readonly { readonly keySha256: Reference }[]
  }
  readonly clients: readonly WrittenClient[]
  readonly launch?: { readonly jwks: Reference }
  readonly destinations: Readonly<Record<string, WrittenDestination>>
  readonly answersTo?: string
  readonly casesTo?: string
  readonly answer?: 'orr' | 'oru'
  readonly sendsFor: readonly string[]
  readonly ackPolicy?: AckPolicy
}

/** One condition; `in` is `table:NAME` or codes. */
export interface WrittenCondition {
  readonly path: string
  readonly in: string | readonly string[]
}

/** What makes a message of a service, and what it is as one of telemedicine. */
export interface WrittenService extends WrittenCare {
  readonly any: readonly WrittenCondition[]
  readonly all: readonly WrittenCondition[]
  readonly none: readonly WrittenCondition[]
}

/** One edit; which keys it has depends on its verb (check/edits.ts). */
export interface WrittenEdit {
  readonly set?: string
  readonly copy?: string
  readonly map?: string
  readonly drop?: string
  readonly to?: string
  readonly table?: string
  readonly when?: { readonly path: string; readonly in: readonly string[] }
}

/** One route. */
export interface WrittenRoute {
  readonly name: string
  readonly when: {
    readonly kinds?: readonly string[]
    readonly from?: readonly string[]
    readonly receivers?: readonly string[]
    readonly service?: string
    readonly performer?: readonly string[]
    readonly category?: readonly string[]
    readonly profile?: readonly string[]
    readonly paths?: Readonly<Record<string, readonly string[]>>
  }
  readonly to: readonly string[]
  readonly lane: Lane
  readonly alertAfter?: string
  readonly awaitAdmission?: string
  readonly edit: readonly WrittenEdit[]
  readonly transform?: 'fhir' | 'hl7v2'
}

/** One operator. */
export interface WrittenOperator extends WrittenGrant {
  readonly name: string
  readonly keySha256: Reference
  readonly identifier?: string
}

/** An identity provider. */
export interface WrittenProvider {
  readonly id: string
  readonly name: string
  readonly issuer: string
  readonly clientId: string
  readonly clientSecret?: Reference
  readonly clientAuthentication: 'basic' | 'post'
  readonly scopes: readonly string[]
  readonly acrValues: readonly string[]
  readonly signatures: readonly string[]
  readonly claims: { readonly subject: string; readonly name: readonly string[] }
  readonly userinfo: boolean
}

/** One role that a person may take. */
export interface WrittenGrant {
  readonly role: Role
  readonly establishments?: readonly string[]
  readonly applications?: readonly string[]
  readonly units?: readonly string[]
  readonly content?: boolean
}

/** When something is an alert. */
export interface WrittenAlerts {
  readonly queueAge: string
  readonly errorShare: number
  readonly errorLeast: number
  readonly silence: { readonly weeks: number; readonly factor: number; readonly least: string }
  readonly kept: string
}

/** A way to tell people of alerts. Which settings it has depends on its type (check/notify.ts). */
export interface WrittenChannel {
  readonly name: string
  readonly type: 'mail' | 'webhook' | 'sms'
  readonly severities: readonly Severity[]
  readonly kinds?: readonly AlertKind[]
  readonly establishments?: readonly string[]
  readonly every: string
  readonly locale?: 'fr' | 'en'
  readonly host?: string
  readonly port?: number
  readonly security?: 'tls' | 'starttls' | 'none'
  readonly ca?: Reference
  readonly user?: string
  readonly password?: Reference
  readonly from?: string
  readonly to?: readonly string[]
  readonly url?: string
  readonly secret?: Reference
  readonly bearer?: Reference
  readonly body?: string
  readonly contentType?: 'application/json' | 'application/x-www-form-urlencoded'
  readonly allowPlain: boolean
  readonly allowPrivate: boolean
}

/** A person who may sign in. */
export interface WrittenPerson {
  readonly name?: string
  readonly provider: string
  readonly subject?: string
  readonly match?: Readonly<Record<string, string>>
  readonly grants: readonly WrittenGrant[]
}

/** How people sign in. */
export interface WrittenSignIn {
  readonly demo: boolean
  readonly providers: readonly WrittenProvider[]
  readonly people: readonly WrittenPerson[]
  readonly localAdministrators: readonly {
    readonly name: string
    readonly password: Reference
    readonly totp: Reference
  }[]
  readonly limits: { readonly idle: string; readonly absolute: string; readonly attempts: number }
}

/** What the nodes share. */
export interface WrittenShared {
  readonly region: {
    readonly name: string
    readonly timeZone: string
    readonly locale: 'fr' | 'en'
    readonly departments: readonly string[]
    readonly securityContact?: readonly string[]
  }
  readonly alerts: WrittenAlerts
  readonly notify: readonly WrittenChannel[]
  readonly operators: readonly WrittenOperator[]
  readonly signIn: WrittenSignIn
  readonly services: Readonly<Record<string, WrittenService>>
  readonly establishments: readonly WrittenEstablishment[]
  readonly routes: readonly WrittenRoute[]
  readonly telemedicine: WrittenTelemedicine
  readonly mail?: WrittenMail
  readonly identities: { readonly matricule: string }
  readonly conformity?: ConformitySettings
  readonly fhir: { readonly profiles: Readonly<Record<string, readonly string[]>> }
  readonly rules: Readonly<Record<string, RuleClass>>
  readonly movements: { readonly awaitAdmission: string }
  readonly exports: { readonly max: number }
  readonly retention: {
    readonly closed: string
    readonly refused: string
    readonly refusedMax: string
    readonly orders: string
    readonly audit: string
    readonly visits: string
  }
  readonly privacy: { readonly holds: readonly WrittenHold[]; readonly incidentHeadings: readonly string[] }
}

/** A legal hold as written; days such as 2026-03-14. */
export interface WrittenHold {
  readonly name: string
  readonly establishments?: readonly string[]
  readonly patients?: readonly string[]
  readonly since?: string
  readonly until?: string
}

/** The whole file. */
export interface WrittenRegion extends WrittenShared {
  readonly entrances: {
    readonly mllp?: WrittenMllpDoor
    readonly mllps?: WrittenMllpDoor
    readonly sandbox?: WrittenMllpDoor
    readonly http?: WrittenHttpDoor
    readonly https?: WrittenHttpDoor
    readonly smtp?: WrittenMailDoor
    readonly submission?: WrittenMailDoor
  }
  readonly store: {
    readonly minFree: string
    readonly images?: string
    readonly kits?: string
    readonly mailboxes?: string
    readonly imagesMax: string
  }
  readonly drain: string
  readonly traces?: WrittenTraces
}
