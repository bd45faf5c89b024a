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
  /** `authority|identifier` that was searched for: kept as its pseudonym. */
  readonly patient: string | null
  readonly code: ErrorCode | null
  /** Method and route, never the address that was called. */
  readonly detail: string
}

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

/** Questions to the audit. */
export interface AuditViews {
  page(ask: AuditAsk): Promise<AuditPage>
  /** `size`: of the first so many events; absent: of all. @throws {GatewayError} BAD_REQUEST when there are not so many */
  state(size?: number): Promise<AuditState>
  /** Of one event; null: there is none, or no longer. */
  proof(n: number): Promise<AuditProof | null>
  /** @throws {GatewayError} BAD_REQUEST unless 0 < first ≤ second ≤ the events there are, or `first` is from before what is still kept */
  consistency(first: number, second: number): Promise<AuditConsistency>
}
