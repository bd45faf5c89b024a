import type { FhirAsk } from './fhir.ts'
import type { Statement } from './journal.ts'
import type { DestinationId, MessageId } from './message.ts'

/** A message that the gateway makes itself, and where it goes. */
export interface OwnMessage {
  readonly id: MessageId
  readonly atMs: number
  readonly kind: string
  /** MSH-10, or the id of the resource. */
  readonly controlId: string
  readonly bytes: Uint8Array
  /** FHIR: what is asked of the destination; null: HL7 v2. */
  readonly ask: FhirAsk | null
  /** In whose name it is made; null: the region's. */
  readonly establishment: string | null
  readonly test: boolean
  /** The message that caused it; null: a person did. */
  readonly cause: MessageId | null
  /** HMACs by which its patients are searched. */
  readonly patientKeys: readonly string[]
  /** What its deliveries keep their order by. */
  readonly orderKeys: readonly string[]
  /** Where it goes; empty: it is kept alone. */
  readonly to: readonly DestinationId[]
  /** Urgent deliveries warn after that; null: never. */
  readonly alertAfterMs: number | null
  readonly rows: readonly Statement[]
}
