import type { Config } from '../core/config.ts'
import type { Intake } from '../core/journal.ts'
import type { OwnMessage } from '../core/own-message.ts'
import type { Ids } from '../core/ports.ts'
import { newDelivery } from './intake.ts'

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
