import type { Config } from '../core/config.ts'
import type { FhirAsk } from '../core/fhir.ts'
import type { Intake, Statement } from '../core/journal.ts'
import type { DestinationId, MessageId } from '../core/message.ts'
import type { Ids } from '../core/ports.ts'
import { newDelivery } from './intake.ts'

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
  /** Where it goes, on the urgent lane; empty: it is kept alone. */
  readonly to: readonly DestinationId[]
  /** Urgent deliveries warn after that; null: never. */
  readonly alertAfterMs: number | null
  readonly rows: readonly Statement[]
}

/** Name of the route of deliveries that cases make. */
export const CASE_ROUTE = 'cases'

/** The message as it is committed: entrance `internal`, with its cause; order, retry and warnings are those of any other. */
export function ownIntake(made: OwnMessage, config: Config, ids: Ids): Intake {
  const { id, atMs, kind, controlId, bytes, establishment, test, cause, alertAfterMs } = made
  const planned = { route: CASE_ROUTE, lane: 'urgent', alertAfterMs } as const
  return {
    id,
    receivedAtMs: atMs,
    entrance: 'internal',
    peer: 'internal',
    establishment,
    kind,
    controlId,
    application: '',
    facility: '',
    receivingApplication: '',
    receivingFacility: '',
    test,
    bytes,
    repeatKey: null,
    answer: null,
    applicationAnswer: null,
    patientKeys: made.patientKeys,
    orderKeys: made.orderKeys,
    findings: [],
    deliveries: made.to.map((destination) => newDelivery({ ...planned, destination }, { config, ids, nowMs: atMs })),
    events: [],
    revision: config.revision,
    parent: null,
    ask: made.ask === null ? null : JSON.stringify(made.ask),
    rows: made.rows,
    cause,
  }
}
