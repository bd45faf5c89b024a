import type { Config } from '../core/config.ts'
import type { ErrorCode } from '../core/errors.ts'
import type { Intake, NewDelivery } from '../core/journal.ts'
import { type Arrival, type DeliveryId, type DestinationId, type Lane, PLATFORM } from '../core/message.ts'
import type { Ids } from '../core/ports.ts'
import { wayOf } from '../core/ways.ts'
import { softwareVersionOf } from '../formats/hl7v2/header.ts'
import type { PatientIdentifier } from '../formats/hl7v2/identifiers.ts'
import type { Positive } from './answers.ts'
import { distinct } from './journal/entry.ts'
import { searchKey } from './keys.ts'
import type { Reading } from './reading.ts'
import type { Planned } from './route.ts'

/** Separates the parts of a repeat key; no field of a message can hold it unescaped without being found. */
const PART = '\x1f'
/** Limit of a delivery to the platform, which is never sent anywhere. */
const NEVER_MS = Number.MAX_SAFE_INTEGER

/** A delivery to be made, by the destination's own settings. `parked`: set aside for a person from the start. */
export function newDelivery(
  planned: Pick<Planned, 'destination' | 'route' | 'lane' | 'alertAfterMs'>,
  parts: { readonly config: Config; readonly ids: Ids; readonly nowMs: number },
  parked: ErrorCode | null = null,
  replayOf: DeliveryId | null = null,
): NewDelivery {
  const { config, ids, nowMs } = parts
  const destination = wayOf(config, planned.destination)
  const inside = planned.destination === PLATFORM
  return {
    id: ids.uuid(),
    destination: planned.destination,
    route: planned.route,
    lane: planned.lane,
    state: inside ? 'delivered' : parked === null ? 'queued' : 'poisoned',
    code: inside ? null : parked,
    dueAtMs: nowMs,
    expiresAtMs: destination === undefined ? NEVER_MS : nowMs + destination.retry.expiresMs,
    alertAtMs:
      inside || planned.lane !== 'urgent' || planned.alertAfterMs === null ? null : nowMs + planned.alertAfterMs,
    replayOf,
  }
}

/** Search keys of a message's patients, and the order keys: inside the sender's domain, and by INS when qualified. */
export function keysOf(
  identifiers: readonly Pick<PatientIdentifier, 'authority' | 'id' | 'ins' | 'qualified'>[],
  domain: string,
  secret: Uint8Array,
): { readonly patientKeys: readonly string[]; readonly orderKeys: readonly string[] } {
  const keys = identifiers.map(({ authority, id }) => searchKey(secret, authority, id))
  const order = identifiers.flatMap(({ ins, qualified }, i) =>
    ins && qualified ? [`${domain}:${keys[i]}`, `INS:${keys[i]}`] : [`${domain}:${keys[i]}`],
  )
  return { patientKeys: distinct(keys), orderKeys: distinct(order) }
}

/** A message and what is to be committed with it. */
export interface IntakeParts {
  readonly arrival: Arrival
  readonly reading: Reading
  readonly deliveries: readonly NewDelivery[]
  readonly positive: Positive
  /** The application answer goes to a destination of its own, and is not written on the connection. */
  readonly answersTo: DestinationId | null
  readonly config: Config
  readonly secret: Uint8Array
  readonly ids: Ids
}

/** What a message is known again by: its establishment, MSH-3, MSH-4 and MSH-10. */
export function repeatKeyOf(establishment: string, application: string, facility: string, controlId: string): string {
  return [establishment, application, facility, controlId].join(PART)
}

/** The intake of a routed message, with its findings; answers and cause are the caller's. Pure but for the new id. */
export function intakeOf(parts: IntakeParts): Intake {
  const { arrival, reading, config } = parts
  const { header, establishment } = reading
  return {
    id: parts.ids.uuid(),
    receivedAtMs: arrival.receivedAtMs,
    entrance: arrival.entrance,
    peer: arrival.peer.address,
    establishment: establishment.id,
    kind: header.kind,
    controlId: header.controlId,
    application: header.sendingApplication,
    facility: header.sendingFacility,
    receivingApplication: header.receivingApplication,
    receivingFacility: header.receivingFacility,
    test: reading.test,
    profiles: header.profiles,
    softwareVersion: softwareVersionOf(reading.message),
    bytes: arrival.bytes,
    repeatKey:
      header.controlId === ''
        ? null
        : repeatKeyOf(establishment.id, header.sendingApplication, header.sendingFacility, header.controlId),
    answer: parts.positive.answer,
    applicationAnswer: parts.answersTo === null ? parts.positive.application : null,
    ...keysOf(reading.identifiers, establishment.id, parts.secret),
    findings: reading.findings,
    deliveries: parts.deliveries,
    events: [],
    revision: config.revision,
    parent: null,
    ask: null,
    withheld: reading.withheld,
    rows: reading.rows ?? [],
    cause: null,
  }
}

/** The application answer as a message of its own: sent to `answersTo`, or kept as said on the connection. */
export function answerIntake(main: Intake, bytes: Buffer, parts: IntakeParts, lane: Lane): Intake {
  const { answersTo, config, ids } = parts
  const nowMs = main.receivedAtMs
  return {
    ...main,
    id: ids.uuid(),
    entrance: 'internal',
    peer: 'internal',
    establishment: null,
    kind: 'ACK',
    controlId: answerControlId(bytes),
    application: main.receivingApplication,
    facility: main.receivingFacility,
    receivingApplication: main.application,
    receivingFacility: main.facility,
    bytes,
    repeatKey: null,
    answer: null,
    applicationAnswer: null,
    withheld: null,
    profiles: [],
    softwareVersion: '',
    patientKeys: [],
    orderKeys: [],
    findings: [],
    rows: [],
    deliveries:
      answersTo === null
        ? []
        : [newDelivery({ destination: answersTo, route: 'answers', lane, alertAfterMs: null }, { config, ids, nowMs })],
    cause: main.id,
  }
}

/** MSH-10 of an answer of our own, whose delimiters are the sender's. */
function answerControlId(bytes: Buffer): string {
  return bytes.toString('latin1').split(String.fromCharCode(bytes[3]!), 10)[9] ?? ''
}
