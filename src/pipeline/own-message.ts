import type { Config } from '../core/config.ts'
import type { Intake } from '../core/journal.ts'
import type { OwnMessage } from '../core/own-message.ts'
import type { Ids } from '../core/ports.ts'
import { newDelivery } from './intake.ts'
import type { Planned } from './route.ts'

/** How what the gateway makes itself leaves: a name for people, and how it hurries. A route of that name would edit it. */
export type OwnWay = Pick<Planned, 'route' | 'lane'>

/** Of cases. */
export const CASE_WAY: OwnWay = { route: 'cases', lane: 'urgent' }
/** Of documents by mail: what came by it, acknowledgements, and what goes to the national record. */
export const DOCUMENT_WAY: OwnWay = { route: 'documents-by-mail', lane: 'normal' }

/** The message as it is committed: entrance `internal`, with its cause; order, retry and warnings are those of any other. */
export function ownIntake(made: OwnMessage, way: OwnWay, config: Config, ids: Ids): Intake {
  const { id, atMs, kind, controlId, bytes, establishment, test, cause, alertAfterMs } = made
  const planned = { ...way, alertAfterMs }
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
