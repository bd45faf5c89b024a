/**
 * Telemedicine services as data: `profiles/services/NAME.yaml`, resolved. What is here is the region's to set; the engine
 * knows the three kinds and nothing of a speciality. Durations ms. */
import type { EstablishmentKind, WebhookTarget } from './config.ts'
import type { Texts } from './onboarding.ts'

/** What sort of service: an emergency with a clock, an appointment with an expert, or a written opinion. */
export const SERVICE_KINDS = ['stroke', 'teleconsultation', 'tele-expertise'] as const
/** One of them. */
export type ServiceKind = (typeof SERVICE_KINDS)[number]

/** A code of a terminology. `system`: the canonical URI of FHIR. */
export interface Coded {
  readonly system: string
  readonly code: string
  readonly display: string
}

/** Times of a case that people tell, each with its source and precision. */
export const TIME_NAMES = [
  /** Vu sans déficit pour la dernière fois. */
  'last-seen-well',
  /** Début constaté. */
  'onset',
  /** Découverte, réveil. */
  'discovery',
  'first-contact',
  'arrival',
  'imaging-begun',
  'imaging-ended',
  'needle',
  'groin-puncture',
  'transfer-departure',
  'transfer-arrival',
] as const
/** One of them. */
export type TimeName = (typeof TIME_NAMES)[number]

/** A clinical window: a row of data that the region can switch off. It is shown, and decides nothing. */
export interface WindowRule {
  readonly id: string
  readonly name: Texts
  /** The times it may count from: the first of them that is told counts. */
  readonly from: readonly (TimeName | 'requested')[]
  /** It is shown only when none of these is told (a second clock for an unknown onset, never merged with the first). */
  readonly unless: readonly TimeName[]
  readonly lengthMs: number
  /** Where the figure stands, and of which day (ISO date). */
  readonly source: string
  readonly date: string
  readonly off: boolean
}

/** Whom a rung or a delay tells. `duty`: who is on duty at the centre, 1 the first; `requester` and `owner`: by their systems and screens. */
export const TOLD = [
  'duty-1',
  'duty-2',
  'coordination',
  'next-centre',
  'requester',
  'owner',
  'imaging',
  'everybody',
] as const
/** One of them. */
export type Told = (typeof TOLD)[number]

/** How people are told. `console`: with sound; `system`: the centre's own, by FHIR or HL7 v2. */
export const CHANNELS = ['console', 'sms', 'voice', 'webhook', 'system'] as const
/** One of them. */
export type Channel = (typeof CHANNELS)[number]

/** As the number of a rung: that of the Centre 15 of the site's department (`centre15Of`). */
export const CENTRE_15 = 'centre-15'

/** One rung of a ladder: told once at `afterMs` since the ladder began; the last is told again each `everyMs`, without end. */
export interface Rung {
  readonly afterMs: number
  /** Null: once. */
  readonly everyMs: number | null
  readonly tell: readonly Told[]
  readonly channels: readonly Channel[]
  /** A telephone number that goes with it, or `CENTRE_15`; null: none. */
  readonly number: string | null
}

/** The centres that answer a site, in order. `site`: an establishment, or `*` for all that have no row of their own. */
export interface CentreOrder {
  readonly site: string
  readonly centres: readonly string[]
}

/** A ladder with the centres it climbs over: `answer`, and others by name (`interventional`). */
export interface Ladder {
  readonly name: string
  readonly title: Texts
  readonly centres: readonly CentreOrder[]
  readonly rungs: readonly Rung[]
}

/** What a delay waits for, and since when it counts. */
export const DELAY_NAMES = [
  'seen-not-accepted',
  'accepted-without-advice',
  'images-absent',
  'transfer-stalled',
  'advice-not-opened',
  'decision-not-recorded',
  'request-undelivered',
  'answer-due',
] as const
/** One of them. */
export type DelayName = (typeof DELAY_NAMES)[number]

/** A timer after acceptance: the owner is told first, then the coordinator (`tell` in order, `afterMs` each). */
export interface Delay {
  readonly name: DelayName
  readonly afterMs: number
  readonly tell: readonly Told[]
  /** Wait before the next of `tell`. */
  readonly nextMs: number
}

/** A field of a service's form. `step`: 1 to 3; `patient`, `call-back` and times are the engine's own and need no row. */
export interface FormField {
  readonly id: string
  readonly name: Texts
  readonly type: 'text' | 'long-text' | 'choice' | 'date' | 'number' | 'yes-no' | 'photos' | 'documents'
  readonly required: boolean
  readonly step: number
  readonly choices: Readonly<Record<string, Texts>>
}

/** A type of report that closes a case. */
export interface ReportType {
  readonly id: string
  readonly code: Coded
  readonly name: Texts
  /** OID of the CDA template; null: none is claimed. */
  readonly template: string | null
  readonly default: boolean
}

/** A telemedicine service that is offered. Its rule, which messages are its own, is `Config.services` under the same name. */
export interface CareService {
  readonly name: string
  readonly kind: ServiceKind
  readonly title: Texts
  /** Letters before the number of a case: `AVC`. */
  readonly prefix: string
  /** Specialities, for the worklist and FHIR. */
  readonly specialities: readonly Coded[]
  /** What a ServiceRequest of it has as code. */
  readonly code: Coded
  readonly askers: { readonly kinds: readonly EstablishmentKind[]; readonly establishments: readonly string[] }
  /** Kinds of message that open a case, when its rule holds too. */
  readonly opens: readonly string[]
  /** Requests join an open case of the service that is younger than that and shares an identifier. */
  readonly joinMs: number
  readonly form: readonly FormField[]
  /** `answer` first. */
  readonly ladders: readonly Ladder[]
  readonly windows: readonly WindowRule[]
  readonly delays: readonly Delay[]
  readonly reports: readonly ReportType[]
  /** The closing report, of the default type, is made and sent when a case is finished without one. */
  readonly reportAtFinish: boolean
  /** Consent of the patient: asked for before the act, or recorded with why there was none (an emergency). */
  readonly consent: 'required' | 'recorded'
  /** Minutes are offered by Schedule and Slot; null: no appointment. */
  readonly appointment: { readonly lengthMs: number; readonly reminderMs: readonly number[] } | null
  /** Template of the link of a session, with `{token}`; null: no session of this service. */
  readonly joinUrl: string | null
  /** Units whose people see the study part alone. */
  readonly imagingUnits: readonly string[]
  /** Decisions that may be recorded, with their words and codes. */
  readonly decisions: readonly { readonly id: string; readonly name: Texts; readonly code: Coded | null }[]
  /** A time older than that, or in the future, is kept as "to verify". */
  readonly oldMs: number
  /** The content of a closed case is erased after that. */
  readonly keptMs: number
}

/**
 * An HTTP service that sends short messages or makes calls: one POST for each person. Placeholders of `body`, each escaped
 * as the content type asks: `{to}` the number, `{text}` what is said, `{id}` the notice, by which its report names it. */
export interface NoticeTarget {
  readonly url: string
  readonly body: string
  readonly contentType: 'application/json' | 'application/x-www-form-urlencoded'
  readonly bearer: string | null
  /** A name may also lead to an address of a private network. */
  readonly allowPrivate: boolean
  readonly timeoutMs: number
  readonly reports: DeliveryReports | null
}

/** How the provider tells what became of a notice: it posts JSON or a form to us. */
export interface DeliveryReports {
  /** It bears this key (`Authorization: Bearer`). */
  readonly secret: string
  /** Names of the fields that hold our `{id}` and the state. */
  readonly id: string
  readonly status: string
  /** States that mean it was received; and that it never will be. Any other is on its way. */
  readonly delivered: readonly string[]
  readonly failed: readonly string[]
}

/** A webhook that is told of cases. Null: of every service; of every establishment. */
export interface CareWebhook extends WebhookTarget {
  readonly name: string
  readonly services: readonly string[] | null
  readonly establishments: readonly string[] | null
}

/** What the region says of telemedicine as a whole: `telemedicine` of region.yaml. */
export interface Telemedicine {
  /** Origin of the console for links in notices (`https://passerelle.region.example`); null: notices have no link. */
  readonly consoleUrl: string | null
  /** Establishment that coordinates: it has the part `coordination` in every case; null: none. */
  readonly coordination: string | null
  /** Called where nobody of the coordination is on duty; null: nobody. */
  readonly coordinationNumber: string | null
  /** Numbers of the Centres 15 by department (`44`), and `*` for all others. */
  readonly centre15: Readonly<Record<string, string>>
  readonly sms: NoticeTarget | null
  readonly voice: NoticeTarget | null
  readonly webhooks: readonly CareWebhook[]
}

/** A region that says nothing of telemedicine: everything is told on screens and to the centres' systems alone. */
export const NO_TELEMEDICINE: Telemedicine = {
  consoleUrl: null,
  coordination: null,
  coordinationNumber: null,
  centre15: {},
  sms: null,
  voice: null,
  webhooks: [],
}

/** The number of the Centre 15 for a site: of the department of its FINESS number, else `*`, else 15. `finess` null: not known. */
export function centre15Of({ centre15 }: Telemedicine, finess: string | null): string {
  return centre15[finess?.slice(0, 2) ?? '*'] ?? centre15['*'] ?? '15'
}
