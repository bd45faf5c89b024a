/** The rights of a patient over what is kept of them: find, export, erase. Shapes are the API's JSON. */
import type { CaseId, CaseState } from './cases.ts'
import type { Statement } from './journal.ts'
import type { DeliveryId, DestinationId, MessageId, MessageState, State } from './message.ts'

/** A message that is about the patient, without its content. */
export interface KeptMessage {
  readonly id: MessageId
  readonly receivedAt: string
  readonly from: string | null
  readonly kind: string
  readonly bytes: number
  readonly state: MessageState
  /** `patient`: it names the patient; `batch`, `mail`: such a one came in it; `caused`: such a one caused it. */
  readonly as: 'patient' | 'batch' | 'mail' | 'caused'
}

/** What is kept of a patient. */
export interface PatientFound {
  /** What identifiers become in the store (HMAC), in the order they were given: for `privacy.holds`. */
  readonly marks: readonly string[]
  /** Names in the audit. */
  readonly names: readonly string[]
  readonly messages: number
  readonly bytes: number
  /** Messages by state. */
  readonly states: Readonly<Record<MessageState, number>>
  /** FHIR resources whose current version is one of the messages, by type. */
  readonly resources: readonly { readonly type: string; readonly n: number }[]
  /** Deliveries of the messages, by destination and state. */
  readonly deliveries: readonly { readonly destination: DestinationId; readonly state: State; readonly n: number }[]
  /** Cases that are open, and closed ones whose content is kept. */
  readonly cases: number
  readonly closedCases: number
  /** Sites at which the patient was registered in the last two days, as the form of requests offers them. */
  readonly registrations: number
  /** The newest 200. */
  readonly newest: readonly KeptMessage[]
}

/** Why something of a patient may not be erased now. */
export interface EraseBar {
  readonly why: 'in-flight' | 'parked' | 'case' | 'hold'
  /** Messages, or cases, that it is about. */
  readonly n: number
  /** Some of them, at most 20. */
  readonly messages: readonly MessageId[]
  /** Of a legal hold. */
  readonly hold: string | null
}

/** What an erasure would do. */
export interface ErasePlan {
  /** Anything here: nothing is erased. */
  readonly bars: readonly EraseBar[]
  readonly goes: {
    readonly messages: number
    readonly bytes: number
    readonly deliveries: number
    readonly resources: number
    /** Links between identifiers and names in the audit. */
    readonly names: number
    /** Registrations at sites. */
    readonly registrations: number
    /** Closed cases, whose content goes with their photos; numbers, states and times stay. */
    readonly cases: number
  }
  readonly stays: {
    /** Events of the audit, which no longer lead to the patient. */
    readonly events: number
    /** Refused bytes of everybody, which no identifier was read from; gone after `retention.refused`. */
    readonly refused: number
  }
  /** Messages among those that go which name other identifiers too: the patient's own, or another patient's. */
  readonly shared: number
  /** Names this plan: give it back to have exactly this erased. */
  readonly mark: string
}

/** What was erased. */
export interface PatientErased {
  readonly messages: number
  readonly bytes: number
  readonly resources: number
  readonly cases: number
}

/** One delivery in an export. */
export interface ExportedDelivery {
  readonly id: DeliveryId
  readonly destination: DestinationId
  readonly state: State
}

/** What is kept how long. */
export interface RetentionRow {
  readonly what:
    | 'messages'
    | 'refused'
    | 'repeats'
    | 'resources'
    | 'orders'
    | 'visits'
    | 'assertions'
    | 'audit'
    | 'names'
    | 'cases'
    | 'revisions'
  /** Path in region.yaml; null: no setting. */
  readonly setting: string | null
  /** null: as long as the store, or as it is in use. */
  readonly keptMs: number | null
  /** How many there are; null: not counted. */
  readonly n: number | null
  readonly oldestAt: string | null
  /** When the oldest goes; null: nothing goes by time. */
  readonly nextAt: string | null
}

/** Identifiers of one patient, `authority|identifier` each: 1 to 20. */
export type PatientIdentifiers = readonly string[]

/** Each names who does it and why, and is an event. All throw {GatewayError} BAD_REQUEST when an identifier is none. */
export interface PrivacyCommands {
  find(patient: PatientIdentifiers, who: string, why: string): Promise<PatientFound>
  /**
   * Everything kept, as lines of JSON: one that tells what it is, then a message each with its body, oldest first, then
   * registrations, and cases with their photos. It begins once the event is kept; `progress` counts messages. */
  export(
    patient: PatientIdentifiers,
    how: { readonly who: string; readonly why: string; readonly progress?: (done: number, total: number) => void },
  ): Promise<AsyncIterable<Uint8Array>>
  /** Changes nothing but that it was asked. */
  plan(patient: PatientIdentifiers, who: string, why: string): Promise<ErasePlan>
  /** @throws {GatewayError} ERASE_BARRED, or ERASE_CHANGED when the plan is no longer what would be done */
  erase(patient: PatientIdentifiers, mark: string, who: string, why: string): Promise<PatientErased>
  retention(): Promise<readonly RetentionRow[]>
}

/** A case of a patient whose content is kept. */
export interface KeptCase {
  readonly id: CaseId
  readonly number: string
  readonly service: string
  readonly site: string
  readonly state: CaseState
  readonly openedAtMs: number
  /** null: it is open. */
  readonly closedAtMs: number | null
  /** Search keys of whoever it says that its patient is. */
  readonly keys: readonly string[]
}

/** The cases of patients: what is found, exported and erased of them. */
export interface CasesOfPatients {
  /** Those that bear one of these search keys of patients, in whichever domain, oldest first. */
  find(searchKeys: readonly string[]): Promise<readonly KeptCase[]>
  /** Lines of an export: the case with what happened to it, then its photos and documents. None when its content went. */
  lines(of: KeptCase): AsyncIterable<Uint8Array>
  /** What erases the content of a closed case. Of one that is open again it erases nothing. */
  forget(of: KeptCase): readonly Statement[]
}
