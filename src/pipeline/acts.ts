import { GatewayError } from '../core/errors.ts'
import type { ExtraDelivery, Journal, Move, NewEvent, QueueEntry } from '../core/journal.ts'
import { type DeliveryId, type DestinationId, type MessageId, type State, standing } from '../core/message.ts'
import type { ActResult, Commands, MakeCommands, ReplayResult } from '../core/views.ts'
import { newDelivery } from './intake.ts'
import { type Replayed, replayable, replayEvent, replayStep, whyNot } from './replay.ts'

/** States in which an act is possible; a delivery on its way cannot be touched. */
const ENDABLE: readonly State[] = ['queued', 'unknown', 'refused', 'expired', 'poisoned']

type Parts = Parameters<MakeCommands>[0]

/** The acts of a person, each with its event in the same commit as what it changes. */
export const acts: MakeCommands = (parts): Commands => ({
  resend: (id, who, why) =>
    act(parts, id, { who, why, what: 'resend' }, (entry, atMs) => {
      const destination = parts.config().destinations.get(entry.destination)
      if (destination === undefined) throw new GatewayError('DESTINATION_GONE')
      return {
        to: entry.state === 'queued' ? null : 'queued',
        held: false,
        holds: true,
        dueAtMs: atMs,
        expiresAtMs: Math.max(entry.expiresAtMs, atMs + destination.retry.expiresMs),
        code: null,
        sameCode: 0,
      }
    }),
  close: (id, who, why) =>
    act(parts, id, { who, why, what: 'close' }, () => ({ to: 'closed', held: false, holds: false })),
  skip: (id, who, why) =>
    act(parts, id, { who, why, what: 'skip' }, (entry) => {
      if (standing(entry.state, entry.held) !== 'parked') throw new GatewayError('WRONG_STATE')
      return { holds: false }
    }),
  replay: (message, ask, who) => replay(parts, message, ask, who),
  replayMany: (ask, who) => replayStep(parts, ask, who),
  async readBody(message, who, why) {
    const atMs = parts.clock.nowMs()
    const event: NewEvent = { atMs, who, what: 'read-body', why, code: null, message, delivery: null, detail: null }
    await parts.journal.apply({ events: [event] })
  },
})

/** One act on one delivery; `change` gives what it alters, or throws. */
async function act(
  { journal, clock }: Parts,
  id: DeliveryId,
  said: Pick<NewEvent, 'who' | 'why' | 'what'>,
  change: (entry: QueueEntry, atMs: number) => Partial<Move>,
): Promise<ActResult> {
  const entry = await journal.delivery(id)
  if (entry === null) throw new GatewayError('NOT_FOUND')
  if (!ENDABLE.includes(entry.state)) throw new GatewayError('WRONG_STATE')
  const atMs = clock.nowMs()
  const move: Move = {
    deliveryId: id,
    from: [entry.state],
    to: null,
    held: entry.held,
    holds: entry.holds,
    atMs,
    dueAtMs: entry.dueAtMs,
    code: entry.lastCode,
    sameCode: entry.sameCode,
    attempts: entry.attempts,
    attempt: null,
    findings: [],
    events: [{ ...said, atMs, code: null, message: entry.messageId, delivery: id, detail: entry.state }],
    ...change(entry, atMs),
  }
  if (!(await journal.record(move))) throw new GatewayError('WRONG_STATE')
  return { id, destination: entry.destination, state: move.to ?? entry.state }
}

async function replay(
  { journal, config, clock, ids }: Parts,
  message: MessageId,
  ask: Parameters<Commands['replay']>[1],
  who: string,
): Promise<ReplayResult> {
  const olds = await deliveriesOf(journal, message)
  if (olds === null) throw new GatewayError('NOT_FOUND')
  const chosen = replayable(olds, ask.to)
  const made = { config: config(), ids, nowMs: clock.nowMs() }
  for (const one of chosen) {
    const why = whyNot(one, made.config)
    if (why !== null) throw new GatewayError(why)
  }
  const deliveries: ExtraDelivery[] = chosen.map(({ destination, route, lane, id }) => ({
    messageId: message,
    delivery: newDelivery({ destination, route, lane, alertAfterMs: null }, made, null, id),
  }))
  const event = replayEvent(message, chosen, ask.reason, who, made.nowMs)
  if (!ask.dryRun && !(await journal.apply({ deliveries, events: [event] }))) throw new GatewayError('WRONG_STATE')
  return {
    dryRun: ask.dryRun,
    deliveries: deliveries.map(({ delivery: { id, destination, replayOf } }) => ({
      id: ask.dryRun ? null : id,
      destination,
      replayOf,
    })),
  }
}

/** The last delivery to each destination of a message; null when there is no such message. */
async function deliveriesOf(journal: Journal, message: MessageId): Promise<readonly Replayed[] | null> {
  if ((await journal.state(message)) === null) return null
  const last = new Map<DestinationId, Replayed>()
  for (const row of await journal.deliveriesOf(message)) last.set(row.destination, row)
  return [...last.values()]
}
