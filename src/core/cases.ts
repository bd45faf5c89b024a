/**
 * Telemedicine cases, one word for one thing:
 *
 * - **case**: what happens between a request and its report; kept by the region, not by a message.
 * - **request**: what somebody asked, by FHIR, HL7 v2 or the form; several may join in one case.
 * - **act**: what a person or a system does to a case, or the gateway notes of it; **happening**: an act that was recorded.
 * - **part**: what an establishment is to a case; **centre**: who answers; **owner**: the centre that accepted.
 *
 * Decisions are recorded, never suggested. Times ms since 1970, durations ms. */
import type { Caller } from './caller.ts'
import type { ErrorCode } from './errors.ts'
import type { IdentityChange } from './identity-change.ts'
import type { MessageId } from './message.ts'
import type { Role } from './roles.ts'
import type { Channel, Coded, DelayName, ServiceKind, TimeName, Told } from './services.ts'

/** UUIDv7 of a case. */
export type CaseId = string

/** How exact a told time is. */
export const PRECISIONS = ['minute', 'quarter-hour', 'hour', 'half-day', 'day'] as const
/** Who told a time. */
export const TIME_SOURCES = ['witness', 'patient', 'carer', 'record', 'system', 'estimate'] as const

/** A time that somebody told. */
export interface ToldTime {
  readonly atMs: number
  readonly precision: (typeof PRECISIONS)[number]
  readonly source: (typeof TIME_SOURCES)[number]
  /**
   * When it was written down: a time after that, or long before, is to be verified, however long the case lasts. Absent:
   * judged against now. */
  readonly toldAtMs?: number
}

/** Somebody who takes part. `rpps` null: not known. */
export interface Participant {
  readonly name: string
  readonly rpps: string | null
  readonly establishment: string | null
  readonly role: Role | 'establishment' | 'gateway'
  readonly phone: string | null
  /** Address of secure mail, of a treating doctor alone; absent or null: not known. */
  readonly mail?: string | null
}

/** An identifier of a patient. `authority`: the OID or URI as the message had it; `type`: `PI`, `INS`, `VN`… */
export interface CaseIdentifier {
  readonly authority: string
  readonly value: string
  readonly type: string | null
}

/** The patient of a request. Content: erased with the case. `status` as RNIV has it. */
export interface CasePatient {
  readonly identifiers: readonly CaseIdentifier[]
  readonly family: string
  readonly given: string
  /** ISO date, or part of one; null: not known. */
  readonly birthDate: string | null
  readonly sex: 'male' | 'female' | 'unknown'
  readonly status: 'provisional' | 'retrieved' | 'validated' | 'qualified'
}

/** A study that a request or a system names. */
export interface StudyName {
  /** Study Instance UID (0020,000D); null: known by its accession number alone. */
  readonly uid: string | null
  readonly accession: string | null
  /** Instances expected; null: not told. */
  readonly expected: number | null
  readonly modality: string | null
}

/** What was asked. */
export interface CaseRequest {
  readonly id: string
  readonly service: string
  readonly via: 'fhir' | 'hl7v2' | 'form'
  /** The message; null: none (the form makes one of its own behind the case). */
  readonly message: MessageId | null
  readonly atMs: number
  /** The establishment that asks, and its unit. */
  readonly site: string
  readonly unit: string | null
  readonly asker: Participant
  readonly callBack: string | null
  readonly patient: CasePatient
  /** HMACs of what it may join by: identifiers of the patient in their domains, numbers of orders and visits. */
  readonly keys: readonly string[]
  /** Number of the order at the sender's (ORC-2, ServiceRequest.identifier), for the answers; null: none. */
  readonly placer: { readonly authority: string | null; readonly value: string } | null
  readonly reason: string
  readonly coded: readonly Coded[]
  readonly times: Readonly<Partial<Record<TimeName, ToldTime>>>
  /** Answers of the form, by the id of the field. */
  readonly answers: Readonly<Record<string, string>>
  readonly studies: readonly StudyName[]
  /** Documents and photos that came with it, by the id under which they are kept. */
  readonly attachments: readonly string[]
  readonly consent: Consent | null
  readonly treatingDoctor: Participant | null
  /** Test or drill: told apart from the real everywhere. */
  readonly test: boolean
  readonly drill: boolean
  /** Written down afterwards, with the true times. */
  readonly late: boolean
  /** Its site took it back, and the case went on for others that had joined. */
  readonly takenBack?: true
}

/** Free, informed, revocable. `refusedWhy`: why there was none, in an emergency. */
export interface Consent {
  readonly given: boolean
  readonly by: string
  readonly atMs: number
  readonly refusedWhy: string | null
}

/** NIHSS: items by LOINC code, null where untestable; `total` as it was told, or the sum where none was and all are scored. */
export interface Nihss {
  readonly items: Readonly<Record<string, number | null>>
  readonly total: number | null
  /** The items do not make the total: complete and of another sum, or more than it already. */
  readonly differs: boolean
}

/** Somebody or something that was told, and how it went. */
export interface Notice {
  readonly id: string
  readonly told: Told
  readonly channel: Channel
  /** Establishment, or null for the region. */
  readonly establishment: string | null
  /** Name for people: of who is on duty, or of the channel. */
  readonly name: string
}

/**
 * What the gateway notes of a case for people, in the words of their language. `taken-back`: one of several requests was;
 * `other-cancel`: a cancel under its number bears none of its patient's identifiers; `other-request`: another case has its
 * number or INS and another patient; `same-patient`: another open case is of its patient since an identity changed; `asked-again`: its
 * patient was asked for again once one of both was answered. */
export const REMARKS = ['taken-back', 'other-cancel', 'other-request', 'same-patient', 'asked-again'] as const
/** One of them. */
export type Remark = (typeof REMARKS)[number]

/** What is done to a case. */
export type Act =
  | { readonly what: 'request'; readonly request: CaseRequest }
  /** Undoes a join: the request becomes a case of its own (`into`). `left`: what others told; absent: its message told nothing. */
  | { readonly what: 'separate'; readonly request: string; readonly into: CaseId; readonly left?: Measured }
  /** Opened at the centre. */
  | { readonly what: 'see' }
  | { readonly what: 'accept' }
  | { readonly what: 'refuse'; readonly reason: string }
  /** "Neurologue joint par téléphone", on either side: stops the ladder. */
  | { readonly what: 'reached'; readonly whom: string; readonly atMs: number }
  | { readonly what: 'tell-time'; readonly name: TimeName; readonly time: ToldTime | null }
  | { readonly what: 'score'; readonly nihss: Nihss; readonly message?: MessageId }
  /** Results came: LOINC codes, values in `text`. `complete`: what the service asks for is there. */
  | {
      readonly what: 'biology'
      readonly message: MessageId | null
      readonly codes: readonly string[]
      readonly text: string
    }
  /** `reason`: why a person says that it is the case's; absent: a request or a system named it. */
  | { readonly what: 'study'; readonly study: StudyName; readonly reason?: string }
  /** How far a study is: received of expected, at the centre; or held by the identity gate. */
  | {
      readonly what: 'images'
      readonly uid: string
      readonly received: number
      readonly expected: number | null
      readonly held: number
    }
  /** "Examen terminé, images envoyées". */
  | { readonly what: 'images-sent' }
  | { readonly what: 'confirm-identity'; readonly uid: string; readonly reason: string }
  | { readonly what: 'invite'; readonly ladder: string }
  | { readonly what: 'advise'; readonly text: string; readonly coded: readonly Coded[] }
  | { readonly what: 'read-advice' }
  | { readonly what: 'decide'; readonly decision: string; readonly text: string }
  | { readonly what: 'consent'; readonly consent: Consent }
  /** `remark`: the gateway's own, of which `text` is the reason or number; `requests`: ids of those that were taken back. */
  | {
      readonly what: 'write'
      readonly text: string
      readonly remark?: Remark
      readonly requests?: readonly string[]
    }
  | { readonly what: 'identity'; readonly change: IdentityChange }
  | { readonly what: 'hand-over'; readonly to: Participant }
  /** The report went to both records. `message`: it, when it left as a message. */
  | { readonly what: 'report'; readonly type: string; readonly message: MessageId | null; readonly text: string }
  | { readonly what: 'finish' }
  | { readonly what: 'cancel'; readonly reason: string }
  /** Of an appointment: its FHIR status. `fulfilled` after the session. */
  | {
      readonly what: 'appointment'
      readonly appointment: string
      readonly status: 'proposed' | 'booked' | 'arrived' | 'fulfilled' | 'cancelled' | 'noshow'
      readonly startMs: number
      readonly endMs: number
      readonly centre: string
    }
  /** The gateway told people: a rung of a ladder (`rung` counts repeats of the last one on), or a delay that passed. */
  | {
      readonly what: 'rung'
      readonly ladder: string
      readonly rung: number
      readonly centre: string
      readonly notices: readonly Notice[]
    }
  | { readonly what: 'late'; readonly delay: DelayName; readonly step: number; readonly notices: readonly Notice[] }
  /** The wall clock stepped (`step` counts the steps of the region): times that the gateway took are moved along. */
  | { readonly what: 'clock'; readonly step: number; readonly byMs: number }

/** An act that was recorded. `atMs`: when it was so; `recordedAtMs`: when it was written down. */
export interface Happening {
  readonly seq: number
  readonly atMs: number
  readonly recordedAtMs: number
  readonly by: Participant
  readonly act: Act
}

/** States of a case, in the order of its way; images and biology are told beside them. */
export const CASE_STATES = [
  'requested',
  'seen',
  'accepted',
  'refused',
  'planned',
  'arrived',
  'advised',
  'advice-read',
  'decided',
  'done',
  'cancelled',
] as const
/** One of them. `refused`: by every centre; the coordinator has it. */
export type CaseState = (typeof CASE_STATES)[number]
/** The case is over. */
export const CLOSED_STATES: readonly CaseState[] = ['done', 'cancelled']

/** Parts that an establishment may have in a case. */
export const PARTS = ['requester', 'centre', 'imaging', 'interventional', 'coordination'] as const
/** One of them. */
export type Part = (typeof PARTS)[number]

/** A ladder that was begun for a case. */
export interface Climb {
  readonly ladder: string
  readonly centres: readonly string[]
  /** Centre that is asked now: index in `centres`. */
  readonly at: number
  readonly begunAtMs: number
  /** Rungs climbed since `begunAtMs`. */
  readonly climbed: number
  /** Centres that refused. */
  readonly refused: readonly string[]
  /** The centre that accepted; null: none. */
  readonly acceptedBy: string | null
  /** Null: it goes on. */
  readonly endedAtMs: number | null
}

/** One study of a case. */
export interface CaseStudy extends StudyName {
  readonly received: number
  readonly held: number
  readonly changedAtMs: number
}

/** An appointment of a case. */
export type CaseAppointment = Omit<Extract<Act, { what: 'appointment' }>, 'what'>

/** What was measured of a case. */
export type Measured = Pick<Case, 'nihss' | 'biology'>

/**
 * A case as all that happened to it has made it. It is rebuilt from its happenings by `evolve` alone (telemedicine/case), and
 * kept beside them so that a list need not. */
export interface Case {
  readonly id: CaseId
  /** For people: `AVC-261126-0042`. */
  readonly number: string
  readonly service: string
  readonly kind: ServiceKind
  readonly state: CaseState
  readonly test: boolean
  readonly drill: boolean
  readonly late: boolean
  /** Number of its last happening; a write names the version it was decided on. */
  readonly version: number
  readonly openedAtMs: number
  /** When the state became what it is. */
  readonly stateAtMs: number
  readonly closedAtMs: number | null
  /** Of the first request. */
  readonly site: string
  readonly unit: string | null
  readonly requests: readonly CaseRequest[]
  readonly patient: CasePatient
  readonly times: Readonly<Partial<Record<TimeName, ToldTime>>>
  readonly climbs: readonly Climb[]
  /** The centre that accepted, and who. */
  readonly owner: { readonly establishment: string; readonly expert: Participant; readonly atMs: number } | null
  readonly seenAtMs: number | null
  readonly reached: { readonly whom: string; readonly atMs: number; readonly by: string } | null
  /** `atMs`: when it was told; absent: not known. */
  readonly nihss: (Nihss & { readonly atMs?: number }) | null
  readonly biology: { readonly codes: readonly string[]; readonly atMs: number } | null
  readonly studies: readonly CaseStudy[]
  readonly imagesSentAtMs: number | null
  readonly advice: {
    readonly text: string
    readonly by: Participant
    readonly atMs: number
    readonly readAtMs: number | null
  } | null
  readonly decision: { readonly id: string; readonly text: string; readonly atMs: number } | null
  readonly consent: Consent | null
  readonly appointment: CaseAppointment | null
  readonly report: { readonly type: string; readonly atMs: number; readonly message: MessageId | null } | null
  /** Delays that were told, by name: how many steps of `tell`. */
  readonly lateTold: Readonly<Partial<Record<DelayName, number>>>
  /** Steps of the wall clock that its times have taken along. */
  readonly clock: number
  /** Id of its FHIR Task and the Task's version. */
  readonly task: { readonly id: string; readonly version: number } | null
}

/** Who does an act, and what of a case they may see. */
export interface CaseViewer {
  readonly caller: Caller
  readonly participant: Participant
}

/**
 * Who acts, for a caller who names the establishment that they act for; null: whichever one it is, when there is only one.
 * Null: that is not told, or they do not reach it. */
export function viewerOf(caller: Caller, establishment: string | null): CaseViewer | null {
  const { role, who: name } = caller
  const mine = caller.role === 'establishment' ? [caller.establishment] : caller.reach.establishments
  const only = mine?.length === 1 ? mine[0]! : null
  const here = establishment ?? only
  const everywhere = role === 'coordination'
  if (!everywhere && (here === null || (mine !== null && !mine.includes(here)))) return null
  return { caller, participant: { name, rpps: null, establishment: here, role, phone: null } }
}

/** What became of several acts that are done together. `act`: which of them is refused, counted from 0. */
export type ActedTogether =
  | { readonly ok: true; readonly case: Case }
  | { readonly ok: false; readonly error: ErrorCode; readonly act: number }

/** What became of an act. `error`: a code of class `case`. */
export type Acted = { readonly ok: true; readonly case: Case } | { readonly ok: false; readonly error: ErrorCode }

/** Does acts, for the console, the API and the doors; the only way a case changes. Each resolves after a synchronous commit. */
export interface CaseCommands {
  /** Opens a case, or joins one that is open. */
  request(request: CaseRequest, viewer: CaseViewer): Promise<Acted>
  /** `version`: the one that was looked at, or null: whatever it is. `atMs`: when it was so; null: now. `why`: for the audit. */
  act(
    id: CaseId,
    act: Act,
    viewer: CaseViewer,
    at?: { readonly version?: number | null; readonly atMs?: number | null; readonly why?: string | null },
  ): Promise<Acted>
  /** Several acts in their order, each on the case as the one before left it, in one commit: all of them or none. */
  actTogether(
    id: CaseId,
    acts: readonly Act[],
    viewer: CaseViewer,
    at?: { readonly version?: number | null; readonly atMs?: number | null; readonly why?: string | null },
  ): Promise<ActedTogether>
}

/** What part of a case somebody sees: all of it, its studies, or its appointment (no clinical text). */
export type Extent = 'whole' | 'study' | 'appointment'

/** One line of a worklist. */
export interface CaseLine {
  readonly case: Case
  readonly extent: Extent
}

/** What a worklist is asked. */
export interface CaseQuery {
  readonly service?: string
  readonly kind?: ServiceKind
  readonly states?: readonly CaseState[]
  /** Open cases only. */
  readonly open?: boolean
  readonly site?: string
  readonly drill?: boolean
  readonly sinceMs?: number
  readonly limit: number
  readonly after?: string
}

/** Reads cases, as the viewer may see them; what is not theirs is not there (null, no line). */
export interface CaseViews {
  list(query: CaseQuery, caller: Caller): Promise<{ readonly lines: readonly CaseLine[]; readonly next: string | null }>
  one(id: CaseId, caller: Caller): Promise<CaseLine | null>
  /** In order. */
  happenings(id: CaseId, caller: Caller): Promise<readonly Happening[]>
  /** Told whenever a case changed, here or on another node; the function returned ends it. */
  watch(listener: (id: CaseId) => void): () => void
}

/**
 * Acts that a viewer may do to a case now, one of each kind at least: what a page shows buttons for. `ladders`: those that
 * may be invited; `requests`: those that may be separated. */
export interface AllowedActs {
  readonly acts: ReadonlySet<Act['what']>
  readonly ladders: readonly string[]
  readonly requests: readonly string[]
}

/** What is known of a message before its bytes are read. */
export interface CaseMessage {
  readonly id: MessageId
  readonly kind: string
  readonly establishment: string
  readonly receivedAtMs: number
  readonly test: boolean
  /** What a request of it may join by: identifiers of its patients in their domains (`ESTABLISHMENT:HMAC`), `INS:HMAC` when qualified. */
  readonly keys: readonly string[]
}

/**
 * Work on cases that a message sets as a timer of `cases`, in its own commit. `open`: it met the rules of these services;
 * `about`: it bears a key of an open case. `due`: something of a case is due. `back`: a case was opened, and what came
 * before it is looked for. `report`: it was finished, and its closing report is made unless somebody has made it.
 * `forget`: it was closed so long ago that its content goes. */
export type CaseWork =
  | { readonly what: 'open'; readonly message: CaseMessage; readonly services: readonly string[] }
  | { readonly what: 'about'; readonly message: CaseMessage }
  | { readonly what: 'due'; readonly id: CaseId; readonly version: number }
  | { readonly what: 'back' | 'report' | 'forget'; readonly id: CaseId }

/** Name of the follower of cases, and what ids of its timers begin with. */
export const CASES_FOLLOWER = 'cases'

/** Among the keys of an open case: a centre that was alerted, whose systems may answer. Nothing joins by it. */
export const partyKey = (establishment: string): string => `party:${establishment}`

/** Keys of the cases that are open, as this node knows them: what messages are looked at by. */
export interface OpenCaseKeys {
  readonly size: number
  has(key: string): boolean
}

/** What a system answers to a request: it concerns only the case of the request that it names, never one by its patient. */
export interface CaseAnswer {
  /** Number of the order (ORC-2, an identifier of the request); null: `about` says it. An authority that is null is any. */
  readonly placer: CaseRequest['placer']
  /** `ServiceRequest/ID` or `Task/ID` as the gateway keeps it; null: `placer` says it. */
  readonly about: string | null
  readonly acts: readonly Act[]
}

/** What a message says to cases: a request, acts on the case that it is about, or that a request is taken back. */
export interface CaseReading {
  readonly request: CaseRequest | null
  /** What is so of any open case of the patient: times, scores, results, studies. */
  readonly acts: readonly Act[]
  /** More that `acts` may belong by than the patient: numbers of visits, orders and studies, as in `CaseRequest.keys`. */
  readonly keys?: readonly string[]
  /** Whom the message names; absent or null: nobody, or several. */
  readonly patient?: CasePatient | null
  /** Number of the order that is cancelled, and why. */
  readonly cancels: CaseRequest['placer']
  readonly cancelReason?: string
  readonly answers?: readonly CaseAnswer[]
}

/** Reads a message for cases. `service`: whose rule it met; null: it is about a patient who has an open case. */
export type ReadCase = (
  bytes: Buffer,
  message: CaseMessage,
  service: string | null,
) => CaseReading | Promise<CaseReading>

/** A patient who was registered at a site (an ADT message), for the form. Content: kept for two days. */
export interface RegisteredPatient {
  readonly site: string
  readonly atMs: number
  readonly patient: CasePatient
}

/** Patients registered at a site in the last 24 hours, the newest first; of a site that the caller does not reach, none. */
export interface RegisteredPatients {
  list(site: string, caller: Caller): Promise<readonly RegisteredPatient[]>
}
