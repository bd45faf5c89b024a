/** What a FHIR door and the pipeline say to each other. R4 (4.0.1). */
import type { EntranceName, MessageId } from './message.ts'

/** A FHIR interaction that changes something (http.html §3.1.0, messaging.html). */
export type FhirInteraction = 'create' | 'update' | 'patch' | 'transaction' | 'batch' | 'process-message'

/** What the request asked beside its body. Header values are as received, null when absent. */
export interface FhirAsk {
  readonly interaction: FhirInteraction
  /** Resource type of the URL; null at the base. */
  readonly type: string | null
  /** Id of the URL (update, patch). */
  readonly id: string | null
  readonly ifMatch: string | null
  readonly ifNoneExist: string | null
  readonly prefer: 'minimal' | 'representation' | 'OperationOutcome'
  /** False: the caller did not say, and `prefer` is what it gets when nothing needs telling. */
  readonly preferred?: boolean
  /** How a patch is written. */
  readonly patch: 'json-patch' | 'fhirpath' | null
  /** Absolute base of the FHIR door, without a slash at the end: for Location and fullUrl. */
  readonly base: string
}

/** What is asked with a resource that the gateway writes itself: nothing beside the body. `type` null: a Bundle; `id`: of an update. */
export function askOf(interaction: FhirInteraction, type: string | null, id: string | null = null): FhirAsk {
  return { interaction, type, id, ifMatch: null, ifNoneExist: null, prefer: 'minimal', patch: null, base: '' }
}

/** What is answered over HTTP. Kept with the message, so that a repeat gets the same. `body`: JSON text. */
export interface FhirAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | null
}

/** The answer as the bytes that a receipt or a refusal carries. */
export function answerBytes(answer: FhirAnswer): Buffer {
  return Buffer.from(JSON.stringify(answer), 'utf8')
}

/** The answer that a receipt or a refusal of a FHIR arrival carries; made only from `answerBytes`. */
export function answerOf(bytes: Buffer): FhirAnswer {
  return JSON.parse(bytes.toString('utf8')) as FhirAnswer
}

/** Whose eyes read resources: an establishment sees what it created, was sent, or takes part in. */
export interface FhirReader {
  readonly establishment: string
  readonly entrance: EntranceName
}

/** A resource as kept: `json` holds its id and meta. */
export interface StoredResource {
  readonly type: string
  readonly id: string
  readonly version: number
  readonly updatedAtMs: number
  /** The message that this version came with; null: it came with none, or the reader has nothing to do with it. */
  readonly message: MessageId | null
  readonly json: string
}

/** One search parameter with its values (ORed), as the query or form gave them; modifiers apart. */
export interface SearchParameter {
  readonly name: string
  readonly modifier: string | null
  readonly values: readonly string[]
}

/** A page of a search (http.html §3.1.1). `next`: opaque, for `_page`. */
export interface SearchPage {
  readonly total: number
  readonly resources: readonly StoredResource[]
  /** Search keys of the patients whom the resources of the page are about; absent: they are about none. */
  readonly patientKeys?: readonly string[]
  readonly next: string | null
}

/** What the FHIR door reads. Never what the reader may not see: that is null, as if it were not there. */
export interface FhirReads {
  /** The current version, or null. */
  read(type: string, id: string, reader: FhirReader): Promise<StoredResource | null>
  /** One version, or null when it is not there or no longer kept. */
  version(type: string, id: string, version: number, reader: FhirReader): Promise<StoredResource | null>
  /**
   * Resources of a type: identifier, patient, status, _id, _lastUpdated; `_count` and `_page` are given apart.
   * @throws {GatewayError} BAD_REQUEST for a parameter or value that is not understood */
  search(
    type: string,
    parameters: readonly SearchParameter[],
    page: { readonly count: number; readonly after: string | null },
    reader: FhirReader,
  ): Promise<SearchPage>
}
