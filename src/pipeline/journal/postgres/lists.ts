import { GatewayError } from '../../../core/errors.ts'
import type {
  Adoption,
  BatchCommitted,
  Committed,
  Effect,
  ExtraDelivery,
  Intake,
  Move,
  NewDelivery,
  NewEvent,
  Refused,
  StoredRevision,
  Timer,
} from '../../../core/journal.ts'
import type { Fence } from '../../../core/leases.ts'
import { type MessageId, mayMove, type Receipt, standing } from '../../../core/message.ts'
import { alertTimer, distinct, newEntry, type Owner, searchPart } from '../entry.ts'
import { type Laid, refusedData } from '../laid.ts'
import { messageRow } from '../message-row.ts'
import { parkedBy } from '../parked.ts'
import { REPEAT_MS, receipt } from '../receipt.ts'
import { difference, merged, type Standings, settled, stateOf } from '../standing.ts'
import type { Layer } from './layer.ts'
import { storable } from './sql.ts'

/** A list undoes itself and only itself, and its caller gets `value`. */
export class Undo extends Error {
  readonly value: unknown
  constructor(value: unknown) {
    super('undone')
    this.value = value
  }
}

/** An intake whose bytes are hashed, and on stable storage where they do not stand in its row. */
export interface LaidIntake {
  readonly intake: Intake
  readonly laid: Laid
}

type Known = Extract<Committed, { kind: 'repeat' | 'conflict' }>

/** What an earlier message with this key makes of this one, or null when there is none. */
function known(layer: Layer, { intake, laid }: LaidIntake): Known | null {
  const found = intake.repeatKey === null ? undefined : layer.repeat(storable(intake.repeatKey))
  if (found === undefined || found.atMs <= layer.stock.nowMs - REPEAT_MS) return null
  if (found.sha256 !== laid.sha256) return { kind: 'conflict', messageId: found.message }
  return { kind: 'repeat', receipt: receipt(found.message, true, found.answer, found.applicationAnswer) }
}

function idOf(found: Known): MessageId {
  return found.kind === 'repeat' ? found.receipt.messageId : found.messageId
}

function write(layer: Layer, part: LaidIntake): void {
  const { intake, laid } = part
  layer.messageSeq += 1
  const { nowMs } = layer.stock
  const keys = distinct(intake.orderKeys)
  const { id, kind, revision, ask, withheld = null } = intake
  const owner: Owner = { seq: layer.messageSeq, id, kind: storable(kind), revision, ask, withheld, keys }
  const row = messageRow(intake, owner, { nowMs, bytes: laid.bytes, sha256: laid.sha256 }, storable)
  layer.add('message', row)
  layer.count('received', 1)
  layer.count(row.state, 1)
  const { bytes, sha256, data, file } = laid
  layer.add('body', { message: id, message_seq: owner.seq, bytes, sha256, key_id: 0, data, file })
  for (const search_key of distinct([...intake.patientKeys, ...keys.map(searchPart)])) {
    layer.add('message_key', { message: id, message_seq: owner.seq, search_key })
  }
  for (const code of new Set(intake.findings.map((finding) => finding.code))) {
    layer.add('message_finding', { message: id, message_seq: owner.seq, code })
  }
  for (const one of intake.deliveries) deliver(layer, owner, one)
  for (const one of intake.events) event(layer, one)
  for (const one of intake.timers ?? []) timer(layer, one)
  if (intake.repeatKey !== null) {
    const { answer, applicationAnswer } = intake
    layer.repeats.set(storable(intake.repeatKey), { sha256, message: id, atMs: nowMs, answer, applicationAnswer })
  }
  layer.statements.push(...intake.rows)
}

function deliver(layer: Layer, owner: Owner, one: NewDelivery): void {
  layer.deliverySeq += 1
  layer.count('deliveries', 1)
  const { nowMs } = layer.stock
  const entry = newEntry(layer.deliverySeq, nowMs, owner, one)
  layer.add('delivery', {
    seq: entry.seq,
    id: entry.id,
    message: owner.id,
    message_seq: owner.seq,
    destination: entry.destination,
    route: one.route,
    lane: entry.lane,
    state: entry.state,
    held: entry.held ? 1 : 0,
    holds: entry.holds ? 1 : 0,
    committed_at_ms: nowMs,
    moved_at_ms: nowMs,
    due_at_ms: entry.dueAtMs,
    expires_at_ms: entry.expiresAtMs,
    attempts: 0,
    last_code: entry.lastCode,
    same_code: entry.sameCode,
    replay_of: one.replayOf,
    revision: one.revision ?? null,
  })
  if (one.alertAtMs !== null) {
    const payload = JSON.stringify({ delivery: one.id, message: owner.id })
    layer.add('timer', { id: alertTimer(one.id), follower: 'alerts', due_at_ms: one.alertAtMs, payload })
  }
  const now = standing(one.state, false)
  layer.countAt(one.destination, now === 'ended' ? 'delivered' : now, 1)
  if (one.state === 'queued') layer.queued.push(entry)
}

function event(layer: Layer, { atMs, ...one }: NewEvent): void {
  layer.add('event', { at_ms: atMs, ...one })
}

function timer(layer: Layer, { id, follower, dueAtMs, payload }: Timer): void {
  layer.add('timer', { id, follower, due_at_ms: dueAtMs, payload })
}

function writeAll(layer: Layer, parts: readonly LaidIntake[]): Receipt {
  const first = parts[0]!
  for (const part of parts) {
    const clash = part === first ? null : known(layer, part)
    if (clash) throw new Undo({ kind: 'conflict', messageId: idOf(clash) } satisfies Committed)
    write(layer, part)
  }
  const { id, answer, applicationAnswer } = first.intake
  return receipt(id, false, answer, applicationAnswer)
}

function stale(layer: Layer, parts: readonly LaidIntake[]): boolean {
  return parts.some(({ intake }) => intake.revision !== layer.revision)
}

/** The first message decides, the others go with it. */
export function commit(layer: Layer, parts: readonly LaidIntake[]): Committed {
  const before = known(layer, parts[0]!)
  if (before) return before
  return stale(layer, parts) ? { kind: 'stale' } : { kind: 'committed', receipt: writeAll(layer, parts) }
}

/** Every part decides for itself, the batch goes with the first that is new. */
export function commitBatch(
  layer: Layer,
  batch: LaidIntake,
  parts: readonly (readonly LaidIntake[])[],
): BatchCommitted {
  if (stale(layer, [batch, ...parts.flat()])) return { kind: 'stale' }
  let kept: Receipt | null = null
  const outcomes = parts.map((part): Committed & { kind: 'committed' | 'repeat' | 'conflict' } => {
    const before = known(layer, part[0]!)
    if (before) return before
    kept ??= writeAll(layer, [batch])
    return { kind: 'committed', receipt: writeAll(layer, part) }
  })
  return { kind: 'committed', batch: kept, parts: outcomes }
}

/** Does this node still hold the lease, in the epoch it acts under? */
function fenced(layer: Layer, fence: Fence | undefined): boolean {
  return fence !== undefined && layer.stock.epochs.get(fence.lease) !== fence.epoch
}

/** Changes how many deliveries of a message are open and parked, its state and the counters with it. */
function restand(layer: Layer, id: MessageId, by: Standings): void {
  const message = layer.message(id)
  if (message === undefined || (by.open === 0 && by.parked === 0)) return
  const open = message.open + by.open
  const parked = message.parked + by.parked
  const state = stateOf(open, parked)
  layer.messages.set(id, { ...message, open, parked, state })
  if (state === message.state) return
  layer.count(message.state, -1)
  layer.count(state, 1)
}

const SET_TIMER = 'INSERT INTO timer (id, follower, due_at_ms, payload) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING'

/** The list of a record: false when the delivery is not in one of the `from` states or the move is no legal one. */
export function record(layer: Layer, move: Move): boolean {
  const found = layer.delivery(move.deliveryId)
  if (found === undefined || fenced(layer, move.fence)) return false
  // The answer to an earlier commit of the same move was lost with its connection: it is there.
  const mine = move.fence !== undefined && found.state === move.to && found.moved_at_ms === move.atMs
  if (mine && found.attempts === move.attempts) return true
  if (!move.from.includes(found.state)) return false
  if (move.to !== null && !mayMove(found.state, move.to)) return false
  const { state, held, holds } = settled(move, found.state)
  layer.deliveries.set(found.id, {
    ...found,
    state,
    held: held ? 1 : 0,
    holds: holds ? 1 : 0,
    moved_at_ms: move.atMs,
    due_at_ms: move.dueAtMs,
    expires_at_ms: move.expiresAtMs ?? found.expires_at_ms,
    attempts: move.attempts,
    last_code: move.code,
    same_code: move.sameCode,
    revision: move.revision ?? found.revision,
  })
  if (move.attempt) {
    const { n, startedAtMs, endedAtMs, outcome, code, answer } = move.attempt
    layer.add('attempt', {
      delivery: found.id,
      delivery_seq: found.seq,
      n,
      started_at_ms: startedAtMs,
      ended_at_ms: endedAtMs,
      outcome,
      code,
      answer: answer?.slice(0, 200) ?? null,
    })
  }
  addFindings(layer, found.message, move)
  for (const one of move.events) event(layer, one)
  for (const { id, follower, dueAtMs, payload } of move.timers ?? []) {
    layer.statements.push({ sql: SET_TIMER, parameters: [id, follower, dueAtMs, payload] })
  }
  layer.statements.push(...(move.rows ?? []))
  const before = standing(found.state, found.held === 1)
  const after = standing(state, held)
  if (state === 'delivered' && before !== 'ended') layer.countAt(found.destination, 'delivered', 1)
  if (before !== after) {
    if (before !== 'ended') layer.countAt(found.destination, before, -1)
    if (after !== 'ended') layer.countAt(found.destination, after, 1)
    restand(layer, found.message, difference(before, after))
  }
  if (move.events.some(({ who }) => who !== 'gateway')) layer.moved.push(move.deliveryId)
  return true
}

function addFindings(layer: Layer, id: MessageId, { findings }: Move): void {
  const message = layer.message(id)
  if (message === undefined || findings.length === 0) return
  layer.messages.set(id, { ...message, findings: merged(message.findings, findings) })
  for (const code of new Set(findings.map((finding) => finding.code))) {
    layer.add('message_finding', { message: id, message_seq: message.seq, code })
  }
}

/**
 * The list of an effect: true when all of it happened. Anything not as expected (a lease, a cursor, a timer, a repeat key
 * in use, a revision that is no longer the running one) undoes all of it: false. */
export function apply(layer: Layer, effect: Effect, arrivals: readonly LaidIntake[]): boolean {
  const expect = (good: boolean): void => {
    if (!good) throw new Undo(false)
  }
  expect(!fenced(layer, effect.fence))
  if (effect.cursor) {
    const { follower, from, to } = effect.cursor
    expect((layer.cursor(follower) ?? null) === (from === null ? null : Number(from)))
    layer.cursors.set(follower, Number(to))
  }
  for (const id of effect.fired ?? []) {
    expect(layer.timer(id))
    layer.fired.add(id)
  }
  for (const one of effect.timers ?? []) {
    expect(!layer.timer(one.id))
    timer(layer, one)
  }
  layer.statements.push(...(effect.rows ?? []))
  layer.features ||= (effect.rows ?? []).length > 0
  for (const one of effect.events ?? []) event(layer, one)
  for (const part of arrivals) {
    expect(part.intake.revision === layer.revision && known(layer, part) === null)
    write(layer, part)
  }
  for (const extra of effect.deliveries ?? []) expect(replay(layer, extra))
  return true
}

/** A new delivery of a message that is here already; a closed message is in flight again. */
function replay(layer: Layer, { messageId, delivery }: ExtraDelivery): boolean {
  const message = layer.message(messageId)
  if (message === undefined) return false
  const { seq, id, kind, revision, ask, withheld } = message
  deliver(layer, { seq, id, kind, revision, ask, withheld, keys: JSON.parse(message.order_keys) }, delivery)
  const now = standing(delivery.state, false)
  restand(layer, id, { open: now === 'open' ? 1 : 0, parked: now === 'parked' ? 1 : 0 })
  return true
}

/** The list of a refusal. */
export function refuse(layer: Layer, refused: Refused, laid: Laid): void {
  const { id, atMs, entrance, peer, establishment, kind, controlId, code, at } = refused
  const { bytes, file } = laid
  const about = { id, at_ms: atMs, entrance, peer, establishment, kind, control_id: controlId, code, path: at }
  layer.add('refusal', { ...about, bytes, data: refusedData(refused.bytes, laid), file })
  layer.count('refused', 1)
  layer.count('refusedBytes', bytes)
}

/** The list of an adoption: the new revision, and with it what its missing destinations leave behind. */
export function adopt(
  layer: Layer,
  { by, atMs, json, park = [], events = [], over }: Omit<StoredRevision, 'revision'> & Partial<Adoption>,
): StoredRevision {
  if (over !== undefined && (over ?? 0) !== layer.revision) throw new GatewayError('CONFIG_BEHIND')
  const revision = layer.revision + 1
  layer.revision = revision
  layer.add('revision', { revision, at_ms: atMs, adopted_by: by, json })
  for (const destination of park) {
    for (const one of layer.stock.openOf.get(destination) ?? []) record(layer, parkedBy(one, destination, by, atMs))
  }
  for (const one of events) event(layer, one)
  return { revision, atMs, by, json }
}
