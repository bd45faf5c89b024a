/** The audit as people and programs read it: every event, sealed in a signed tree (decision 0014). Shapes are the API's JSON. */

import type { ErrorCode } from './errors.ts'
import type { MessageId } from './message.ts'

/** What the audit calls a look or a refusal (`event.what`). Acts and reading content have events of their own. */
export const LOOKS = [
  /** A list or search of messages; a search for one patient. */
  'list',
  'search-patient',
  /** One message without its content; a FHIR resource, or a search of them. */
  'read-message',
  'read-resource',
  /** A case of telemedicine with what the caller sees of it. */
  'read-case',
  /** A list of cases, of appointments with whom they are for, of patients registered at a site. */
  'list-cases',
  'list-appointments',
  'list-registered',
  /** A list of mails in a mailbox that is somebody else's, delegated to the caller. */
  'list-mail',
  'read-config',
  'read-audit',
  'read-privacy',
  /** Somebody known asked for what the table of roles does not allow. */
  'refused',
  /** Nobody was recognised: a wrong key, certificate or token. */
  'unrecognised',
] as const

/** A look or a refusal, as a door saw it. */
export interface Look {
  readonly what: (typeof LOOKS)[number]
  /** Name of the caller; null: not recognised, and `detail` is the address it came from. */
  readonly who: string | null
  /** A system, which looks far more often than people do. */
  readonly system: boolean
  readonly message: MessageId | null
  /** Whom it was about, `authority|identifier` each: kept as their pseudonyms. */
  readonly patients: readonly string[]
  /** The same by their search keys; absent: nobody more. */
  readonly patientKeys?: readonly string[]
  readonly code: ErrorCode | null
  /** Method and route, never the address that was called. */
  readonly detail: string
  /** A page that is open asks again by itself; absent: somebody opened it. */
  readonly again?: boolean
}

/** What a call looked at, where its address does not say it. */
export interface LookedAt {
  readonly message?: MessageId
  /** `authority|identifier` each. */
  readonly patients?: readonly string[]
  /** Search keys of patients. */
  readonly patientKeys?: readonly string[]
  /** Number of a case of telemedicine. */
  readonly case?: string
  /** Site whose registered patients were shown. */
  readonly site?: string
  /** Mailbox of somebody else whose mails were listed. */
  readonly mailbox?: string
}

/** The header by which a page that is open says so when it asks again by itself. */
export const AGAIN_HEADER = 'x-passerelle-again'

/** Keeps looks and refusals for the audit. */
export interface Looks {
  /** Resolves once it is kept, or counted among others like it. Never rejects: a look is not worth an answer. */
  note(look: Look): Promise<void>
}

/** A signed tree head: so many events and the root over them, at a time (ms since 1970). Hash hex, signature base64. */
export interface AuditHead {
  readonly size: number
  readonly root: string
  readonly atMs: number
  readonly keyId: string
  readonly signature: string
}

/** An event in the audit: its FHIR AuditEvent as one line of JSON, whose bytes are what is hashed and signed. */
export interface AuditEventView {
  /** Its number, from 1. */
  readonly n: number
  readonly atMs: number
  readonly line: string
  readonly hash: string
  readonly signature: string
}

/** Events in the order of their commits, and the edge of the tree before the first of them (hashes hex, left to right). */
export interface AuditPage {
  readonly events: readonly AuditEventView[]
  readonly before: { readonly size: number; readonly hashes: readonly string[] }
  /** Give it as `after` for the next page; null: this is the last. */
  readonly next: number | null
}

/** Which events: of a time (ms since 1970), behind a number. `limit`: 1 to 1,000. */
export interface AuditAsk {
  readonly sinceMs?: number
  readonly untilMs?: number
  readonly after?: number
  readonly limit: number
}

/** How the audit stands. */
export interface AuditState {
  /** Signed now, over `size` events. */
  readonly head: AuditHead
  /** One of each day on which there was something new, oldest first. */
  readonly daily: readonly AuditHead[]
  /** PEM. */
  readonly publicKey: string
  /** Events made that are not in the tree yet: a second behind. */
  readonly waiting: number
  /** Events that were counted when they were made and are gone: anything but 0 was tampering or damage. */
  readonly missing: number
}

/** What shows that an event is in the tree: hashes hex, RFC 6962 §2.1.1. */
export interface AuditProof {
  readonly n: number
  readonly size: number
  readonly hash: string
  readonly proof: readonly string[]
  readonly head: AuditHead
}

/** What shows that one tree goes on from another: hashes hex, RFC 6962 §2.1.2. */
export interface AuditConsistency {
  readonly first: number
  readonly second: number
  readonly proof: readonly string[]
}

/** Which events, newest first; every condition holds, and of a list one of its values does. */
export interface AuditSearch {
  readonly who?: readonly string[]
  readonly what?: readonly string[]
  /** That sent the message, or whose destination it is. */
  readonly establishment?: readonly string[]
  readonly message?: string
  /** Only what was refused or failed, or only what was not. */
  readonly refused?: boolean
  /** Names of patients in the audit. */
  readonly patients?: readonly string[]
  readonly sinceMs?: number
  readonly untilMs?: number
  /** Numbers below it only: `next` of the page before. */
  readonly below?: number
  /** 1 to 1,000. */
  readonly limit: number
}

/** An event that was found. */
export interface AuditFoundEvent extends Pick<AuditEventView, 'n' | 'atMs' | 'line'> {
  readonly establishment: string | null
}

/** A page of what was found, newest first. `next` null: the last one. */
export interface AuditFound {
  readonly events: readonly AuditFoundEvent[]
  readonly next: number | null
}

/** A check of all of the audit, as it goes on here: one at a time. */
export interface AuditCheck {
  readonly state: 'none' | 'running' | 'sound' | 'unsound' | 'failed'
  /** Events checked, and how many there are. */
  readonly done: number
  readonly total: number
  /** When it ended, ms since 1970; null while it has not. */
  readonly endedAtMs: number | null
  /** What is wrong: at most 100, each with its kind and the event's number where it has one. */
  readonly faults: readonly { readonly what: string; readonly n: number | null }[]
  /** Events that were counted when they were made and are gone. */
  readonly missing: number
}

/** Checking the audit where it is kept. */
export interface AuditChecks {
  /** Begins one; while one runs it goes on. */
  begin(): AuditCheck
  state(): AuditCheck
}

/** Who saw or did what about a patient. */
export interface PatientReport {
  /** Names of the patient in the audit. */
  readonly names: readonly string[]
  /** Newest first. */
  readonly events: readonly AuditFoundEvent[]
  /** There are older ones. */
  readonly more: boolean
}

/** What of a security incident is wanted. Empty lists: all. */
export interface IncidentAsk {
  readonly sinceMs: number
  readonly untilMs: number
  readonly establishments: readonly string[]
  readonly actors: readonly string[]
}

/** Facts, scope and timeline of a time, from the audit, what was refused, and alerts. */
export interface Incident {
  readonly ask: IncidentAsk
  readonly counts: Readonly<
    Record<'events' | 'messages' | 'patients' | 'establishments' | 'actors' | 'refusals' | 'alerts' | 'reads', number>
  >
  /** Names in the audit. */
  readonly patients: readonly string[]
  readonly establishments: readonly string[]
  readonly people: readonly { readonly who: string; readonly n: number }[]
  /** As far as what was refused is still kept (retention.refused). */
  readonly refusals: readonly { readonly code: string; readonly establishment: string | null; readonly n: number }[]
  /** Oldest first. */
  readonly timeline: readonly AuditFoundEvent[]
  /** There are more events than the document holds: its counts are of those. */
  readonly more: boolean
}

/** Reports out of the audit. That one was made is an event. */
export interface AuditReports {
  /** By the names that `AuditViews.patients` gives. */
  patient(names: readonly string[], who: string, why: string): Promise<PatientReport>
  incident(ask: IncidentAsk, who: string, why: string): Promise<Incident>
}

/** Questions to the audit. */
export interface AuditViews {
  /** What has happened, by who, what, when, where and about whom. @throws {GatewayError} QUERY_TIMEOUT */
  search(ask: AuditSearch): Promise<AuditFound>
  /** One event; null: there is none. */
  event(n: number): Promise<AuditEventView | null>
  /** Names in the audit of the patients with these identifiers, `authority|identifier` each. @throws {GatewayError} BAD_REQUEST */
  patients(identifiers: readonly string[]): Promise<readonly string[]>
  page(ask: AuditAsk): Promise<AuditPage>
  /** `size`: of the first so many events; absent: of all. @throws {GatewayError} BAD_REQUEST when there are not so many */
  state(size?: number): Promise<AuditState>
  /** Of one event; null: there is none, or no longer. */
  proof(n: number): Promise<AuditProof | null>
  /** @throws {GatewayError} BAD_REQUEST unless 0 < first ≤ second ≤ the events there are, or `first` is from before what is still kept */
  consistency(first: number, second: number): Promise<AuditConsistency>
}
