import type { AppointmentCommands } from '../core/appointments.ts'
import type { CaseCommands, OpenCaseKeys } from '../core/cases.ts'
import type { Config } from '../core/config.ts'
import { documentTimers } from '../core/documents.ts'
import { codeOf, ERRORS, type ErrorCode, GatewayError } from '../core/errors.ts'
import type { Committed, Intake, Journal, Move, NewDelivery, NewEvent, QueueEntry } from '../core/journal.ts'
import { type Arrival, type Finding, type MessageId, type Receipt, type Refusal, standing } from '../core/message.ts'
import type { Clock, Ids, Log, Meter } from '../core/ports.ts'
import type { FhirDefinitions } from '../formats/fhir/validate/validate.ts'
import { readAnswer } from '../formats/hl7v2/answer.ts'
import { readBatch } from '../formats/hl7v2/batch.ts'
import type { Header } from '../formats/hl7v2/header.ts'
import { alertEvent } from './alerts.ts'
import { positiveAnswers, refusalOf } from './answers.ts'
import { acceptBatch } from './batch.ts'
import { caseTimers } from './care.ts'
import { acceptFhir } from './fhir/accept.ts'
import { judgeFindings } from './findings.ts'
import { identityTimers } from './identity.ts'
import { answerIntake, type IntakeParts, intakeOf, newDelivery } from './intake.ts'
import { lookInside } from './look-inside.ts'
import { type Problem, type Reading, readArrival, routeFacts, type Unread } from './reading.ts'
import { registeredRows } from './registered.ts'
import { plan } from './route.ts'
import { awaiting, type KnownVisits, ofVisit, type Visit, visitOf } from './visits.ts'

/** Kept of what an unidentified peer sent and was refused (bytes). */
export const UNIDENTIFIED_KEPT_BYTES = 65_536

/** What accepting needs. */
export interface AcceptParts {
  readonly journal: Journal
  readonly config: () => Config
  /** Why nothing new is taken now (DRAINING, DISK_LOW), or null. */
  readonly closed: () => ErrorCode | null
  /** Resolves once another revision than this one runs here, or after some seconds. Absent: it does at once. */
  readonly changed?: (than: number) => Promise<void>
  /** FHIR definitions, made when they are first needed. Absent: no resource is validated. */
  readonly definitions?: () => Promise<FhirDefinitions>
  readonly clock: Clock
  readonly ids: Ids
  readonly log: Log
  readonly meter: Meter
  /** Visits known by heart. Absent: the store is asked for each movement, behind the answer. */
  readonly visits?: KnownVisits
  /** Moves cases by their Tasks, and appointments by theirs. Absent: there are none. */
  readonly cases?: {
    readonly commands: CaseCommands
    readonly appointments?: { readonly appointments: AppointmentCommands }
  }
  /** Keys of the cases that are open. Absent: there are none. */
  readonly openCases?: OpenCaseKeys
  /** Something was committed that a follower is to do at once. */
  readonly timersSet?: () => void
}

/** The main path, inward half. When this returns, and not before, the peer may be answered. Never rejects. */
export async function accept(arrival: Arrival, parts: AcceptParts): Promise<Receipt | Refusal> {
  if (arrival.fhir !== undefined) return acceptFhir(arrival, parts)
  const batch = readBatch(arrival.bytes)
  if (batch !== null) return acceptBatch(arrival, batch, parts)
  let reading: ReturnType<typeof readArrival> | null = null
  try {
    for (let look = 0; ; look++) {
      const read = readArrival(arrival, parts.config()) // bytes → message and sender, or why not
      const inside = lookInside(read, parts, look) // documents it carries, orders it names
      reading = inside instanceof Promise ? await inside : inside
      const weighed = weigh(arrival, reading, parts) // pure: same message, same table, same routes
      if ('problem' in weighed) return await refuse(arrival, reading, weighed.problem, parts)
      if ('answer' in weighed) return await acceptAnswer(arrival, weighed.answer, parts)
      const committed = await parts.journal.commit(weighed.intakes) // one transaction, one fsync
      if (committed.kind === 'stale' || committed.kind === 'mismatch') {
        await followed(committed, weighed.intakes[0], parts) // routes or orders changed meanwhile
        continue
      }
      const { visit } = weighed
      if (committed.kind === 'committed' && visit?.role === 'admission') {
        parts.visits?.note(visit.key, parts.clock.nowMs())
      }
      if ((weighed.intakes[0].timers?.length ?? 0) > 0) parts.timersSet?.()
      return await concluded(arrival, reading, committed, parts)
    }
  } catch (fault) {
    return refuse(arrival, reading, faultOf(fault, arrival, parts), parts)
  }
}

/** What a message comes to, before anything is written. */
export type Weighed =
  | { readonly problem: Problem }
  /** An acknowledgement: told on the timeline of what it answers. */
  | { readonly answer: Reading }
  | {
      readonly intakes: readonly [Intake, ...Intake[]]
      /** What an admission or a movement is about. */
      readonly visit: Visit | null
    }

/** Judges a message that was read, and routes it. */
export function weigh(arrival: Arrival, reading: Reading | Unread, parts: AcceptParts): Weighed {
  const closed = parts.closed()
  if (closed !== null) return { problem: { code: closed, at: null } }
  if (!reading.ok) return { problem: reading.problem }
  if (reading.header.messageType === 'ACK') return { answer: reading }
  const judged = judge(reading, parts.config(), parts)
  return 'code' in judged ? { problem: judged } : intakesOf(arrival, reading, judged, parts)
}

/**
 * After a commit: where it was `stale`, waits until this node runs another revision than the one that routed it, so that
 * nobody routes by the old one again and again.
 * @throws {GatewayError} CONFIG_BEHIND when another node changed the configuration and this one does not follow */
export async function followed(
  { kind }: { readonly kind: string },
  { revision }: Pick<Intake, 'revision'>,
  { changed, config }: AcceptParts,
): Promise<void> {
  if (kind !== 'stale' || changed === undefined) return
  await changed(revision)
  if (config().revision === revision) throw new GatewayError('CONFIG_BEHIND')
}

/** What is said once the commit is through. */
export async function concluded(
  arrival: Arrival,
  reading: Reading | Unread,
  committed: Extract<Committed, { kind: 'committed' | 'repeat' | 'conflict' }>,
  parts: AcceptParts,
): Promise<Receipt | Refusal> {
  if (committed.kind === 'conflict') return refuseDuplicate(arrival, reading, committed.messageId, parts)
  parts.meter.count(committed.receipt.repeat ? 'repeated_total' : 'accepted_total', { entrance: arrival.entrance })
  return committed.receipt
}

/** The problem that a fault comes down to: the store's own, or our failure, which is logged. */
export function faultOf(fault: unknown, arrival: Arrival, { log }: AcceptParts): Problem {
  const code = codeOf(fault)
  if (code !== 'INTERNAL' && ERRORS[code].reason === 'unavailable') return { code, at: null }
  log.error('accept.fault', { entrance: arrival.entrance, peer: arrival.peer.address }, fault)
  return { code: 'PROCESSING_FAILED', at: null }
}

/** One MSH-10 for two messages: refused, and an alert on the first, which a person will be asked about. */
async function refuseDuplicate(
  arrival: Arrival,
  reading: Reading | Unread,
  first: MessageId,
  parts: AcceptParts,
): Promise<Refusal> {
  await parts.journal.apply({
    events: [alertEvent(arrival.receivedAtMs, DUPLICATE.code, { message: first })],
  })
  return refuse(arrival, reading, DUPLICATE, parts)
}

const DUPLICATE: Problem = { code: 'DUPLICATE_CONTROL_ID', at: 'MSH-10' }

interface Judged {
  readonly deliveries: readonly NewDelivery[]
  readonly findings: readonly Finding[]
}

/** Routes the message and weighs its findings: refused, parked for a person, or on its way. */
function judge(reading: Reading, config: Config, { ids, clock }: AcceptParts): Judged | Problem {
  const { matched, planned, findings } = plan(routeFacts(reading), config)
  if (!matched) return { code: 'NO_ROUTE', at: 'MSH-9' }
  if (planned.length === 0) return { code: 'PROCESSING_ID', at: 'MSH-11' }
  const urgent = planned.some((p) => p.lane === 'urgent')
  const { problem, parked } = judgeFindings(reading.findings, reading.establishment, urgent)
  if (problem !== null) return problem
  const made = { config, ids, nowMs: clock.nowMs() }
  return { deliveries: planned.map((p) => newDelivery(p, made, parked)), findings }
}

function intakesOf(
  arrival: Arrival,
  reading: Reading,
  judged: Judged,
  parts: AcceptParts,
): Extract<Weighed, { intakes: unknown }> {
  const config = parts.config()
  const nowMs = parts.clock.nowMs()
  const visit = visitOf(reading, config, parts.journal.secret)
  const known = visit !== null && parts.visits?.has(visit.key, nowMs) === true
  const waits = visit === null ? null : awaiting(visit, judged.deliveries, { config, nowMs, known })
  const positive = positiveAnswers(arrival.bytes, reading.header, {
    config,
    ids: parts.ids,
    nowMs,
  })
  const intakeParts: IntakeParts = {
    arrival,
    reading: { ...reading, findings: [...reading.findings, ...judged.findings] },
    deliveries: waits?.deliveries ?? judged.deliveries,
    positive,
    answersTo: reading.establishment.answersTo,
    config,
    secret: parts.journal.secret,
    ids: parts.ids,
  }
  const plain = intakeOf(intakeParts)
  const moved = visit === null || waits === null ? plain : ofVisit(plain, visit, waits)
  const care = caseTimers(plain, () => routeFacts(reading), { config, open: parts.openCases })
  const documents = documentTimers(plain, config)
  const identity = identityTimers(plain.id, reading, nowMs)
  const registered = registeredRows(plain, reading.message, config)
  const main = {
    ...moved,
    timers: care.length + documents.length === 0 ? identity : [...identity, ...care, ...documents],
    rows: registered.length === 0 ? moved.rows : [...moved.rows, ...registered],
  }
  if (positive.application === null) return { intakes: [main], visit }
  const lane = judged.deliveries.some((d) => d.lane === 'urgent') ? 'urgent' : 'normal'
  return { intakes: [main, answerIntake(plain, positive.application, intakeParts, lane)], visit }
}

/** An acknowledgement that came as a message: kept, and told on the timeline of what it answers (MSA-2). */
async function acceptAnswer(arrival: Arrival, reading: Reading, parts: AcceptParts): Promise<Receipt | Refusal> {
  const { journal, clock } = parts
  const config = parts.config()
  const said = readAnswer(arrival.bytes)
  if (said === null) return refuse(arrival, reading, { code: 'FIELD_MISSING', at: 'MSA-2' }, parts)
  const answered = (await journal.sent(reading.establishment.id, said.controlId))[0] ?? null
  const negative = said.code !== 'AA' && said.code !== 'CA'
  const refused = answered === null || !negative ? null : await journal.delivery(answered.deliveryId)
  const unmatched: Finding[] = answered === null ? [{ code: 'ANSWER_UNMATCHED', class: 'form', at: 'MSA-2' }] : []
  const positive = positiveAnswers(arrival.bytes, reading.header, { config, ids: parts.ids, nowMs: clock.nowMs() })
  const main = intakeOf({
    arrival,
    reading: { ...reading, findings: [...reading.findings, ...unmatched] },
    deliveries: [],
    positive,
    answersTo: null,
    config,
    secret: journal.secret,
    ids: parts.ids,
  })
  const told: Intake = {
    ...main,
    cause: answered?.messageId ?? null,
    events:
      answered === null
        ? []
        : [
            {
              atMs: arrival.receivedAtMs,
              who: 'gateway',
              what: 'answer',
              why: null,
              code: negative ? 'LATE_REFUSAL' : null,
              message: answered.messageId,
              delivery: answered.deliveryId,
              detail: `MSA-1 ${said.code}${said.errors === '' ? '' : ` ${said.errors}`}`,
            },
            ...(refused === null ? [] : [lateRefusal(refused, arrival.receivedAtMs)]),
          ],
  }
  const committed = await journal.commit([told])
  if (committed.kind === 'stale' || committed.kind === 'mismatch') {
    await followed(committed, told, parts)
    return acceptAnswer(arrival, reading, parts)
  }
  if (committed.kind === 'conflict') return refuseDuplicate(arrival, reading, committed.messageId, parts)
  if (refused !== null) await markLateRefusal(refused, committed.kind === 'repeat', parts)
  parts.meter.count('accepted_total', { entrance: arrival.entrance })
  return committed.receipt
}

/** The alert of a refusal after a positive answer: in the commit of the answer, so that nothing loses it. */
function lateRefusal({ id, messageId, destination }: QueueEntry, atMs: number): NewEvent {
  return alertEvent(atMs, 'LATE_REFUSAL', { message: messageId, delivery: id, detail: destination })
}

/** Tries at the finding of a late refusal: its delivery may move meanwhile. */
const FINDING_TRIES = 5

/**
 * The finding of a refusal after a positive answer, on the message that it is about. The answer itself is kept by now, whatever
 * comes of this; a repeat of it tries again. */
async function markLateRefusal(
  { id: deliveryId, destination }: QueueEntry,
  isRepeat: boolean,
  { journal, clock, log, meter }: AcceptParts,
): Promise<void> {
  if (!isRepeat) {
    meter.count('alert_total', { code: 'LATE_REFUSAL' })
    log.warn('delivery.late-refusal', { deliveryId, destination, code: 'LATE_REFUSAL' })
  }
  try {
    for (let tried = 0; tried < FINDING_TRIES; tried += 1) {
      const entry = await journal.delivery(deliveryId)
      if (entry === null || (await journal.record(marked(entry, clock.nowMs())))) return
    }
  } catch (fault) {
    log.warn('delivery.late-refusal-unmarked', { deliveryId, code: codeOf(fault) })
  }
}

function marked(entry: QueueEntry, atMs: number): Move {
  return {
    deliveryId: entry.id,
    from: [entry.state],
    to: null,
    held: entry.held,
    holds: standing(entry.state, entry.held) !== 'ended' && entry.holds,
    atMs,
    dueAtMs: entry.dueAtMs,
    code: entry.lastCode,
    sameCode: entry.sameCode,
    attempts: entry.attempts,
    attempt: null,
    findings: [{ code: 'LATE_REFUSAL', class: 'contract', at: entry.destination }],
    events: [],
  }
}

/** Says no, keeps what was refused and why, and counts it. */
export async function refuse(
  arrival: Arrival,
  read: ReturnType<typeof readArrival> | null,
  problem: Problem,
  parts: AcceptParts,
): Promise<Refusal> {
  const { journal, clock, ids, log, meter } = parts
  const config = parts.config()
  const header: Header | null = read?.header ?? null
  const establishment = read?.establishment ?? null
  const refusal = refusalOf(arrival.bytes, header, establishment?.ackPolicy ?? {}, problem, {
    charset: establishment?.charset,
    config,
    ids,
    nowMs: clock.nowMs(),
  })
  const identified = establishment !== null || arrival.peer.establishment !== null
  await journal.refuse({
    id: ids.uuid(),
    atMs: arrival.receivedAtMs,
    entrance: arrival.entrance,
    peer: arrival.peer.address,
    establishment: establishment?.id ?? arrival.peer.establishment,
    kind: header?.kind ?? null,
    controlId: header?.controlId ?? null,
    code: problem.code,
    at: problem.at,
    bytes: identified ? arrival.bytes : arrival.bytes.subarray(0, UNIDENTIFIED_KEPT_BYTES),
  })
  meter.count('refused_total', { entrance: arrival.entrance, code: problem.code })
  log.warn('accept.refused', {
    entrance: arrival.entrance,
    peer: arrival.peer.address,
    code: problem.code,
    bytes: arrival.bytes.length,
    ...(establishment === null ? {} : { establishment: establishment.id }),
  })
  return refusal
}
