import type { Config } from '../core/config.ts'
import { GatewayError } from '../core/errors.ts'
import type { ExtraDelivery, NewEvent } from '../core/journal.ts'
import { type DeliveryId, type DestinationId, type Lane, type MessageId, PLATFORM } from '../core/message.ts'
import type { ReplayAsk, ReplayStep } from '../core/operations.ts'
import type { MakeCommands } from '../core/views.ts'
import { newDelivery } from './intake.ts'
import { searchMessages } from './views/search.ts'
import { db, ask as question } from './views/tables.ts'

/** Messages of one step: one commit, which the other work of the store waits for. */
export const STEP = 200

/** The last delivery of a message to a destination. `id` null: it never had one there. */
export interface Replayed {
  readonly id: DeliveryId | null
  readonly destination: DestinationId
  readonly route: string
  readonly lane: Lane
  readonly test: boolean
}

/** All of them, or the one asked for; a destination it never had is a delivery of the same message by hand. */
export function replayable(
  olds: readonly Replayed[],
  to: DestinationId | null,
  test: boolean = olds.some((old) => old.test),
): readonly Replayed[] {
  if (to === null) return olds.filter((old) => old.destination !== PLATFORM)
  const old = olds.find((o) => o.destination === to)
  return [old ?? { id: null, destination: to, route: 'replay', lane: 'normal', test }]
}

/** Why a message may not go to a destination now, or null. */
export function whyNot({ destination, test }: Replayed, config: Config): 'DESTINATION_GONE' | 'PROCESSING_ID' | null {
  const use = config.destinations.get(destination)?.use
  if (use === undefined) return 'DESTINATION_GONE'
  return test === (use === 'qualification') ? null : 'PROCESSING_ID'
}

/** One message of a step with what it had: deliveries by destination, and where it arrived. */
interface Found {
  readonly id: MessageId
  readonly test: boolean
  readonly olds: ReadonlyMap<DestinationId, Replayed>
  readonly delivered: ReadonlySet<DestinationId>
}

/**
 * Replays the next messages that a filter finds, in the order they came, all in one commit. `after` remembers how far the
 * step before came and which message was the newest at the first, so that what arrives meanwhile is not taken.
 * @throws {GatewayError} BAD_REQUEST, QUERY_TIMEOUT; WRONG_STATE when a message went away meanwhile */
export async function replayStep(parts: Parameters<MakeCommands>[0], ask: ReplayAsk, who: string): Promise<ReplayStep> {
  const { journal } = parts
  const { low, newest } =
    ask.after === null ? { low: 0, newest: (await journal.counts()).received } : placeOf(ask.after)
  if (ask.to !== null && !parts.config().destinations.has(ask.to)) throw new GatewayError('DESTINATION_GONE')
  const seqs = await searchMessages(journal, ask.filter, null, STEP, { low, high: newest + 1 })
  const messages = await found(parts, seqs)
  const made = { config: parts.config(), ids: parts.ids, nowMs: parts.clock.nowMs() }
  const deliveries: ExtraDelivery[] = []
  const events: NewEvent[] = []
  const counted: Record<DestinationId, number> = {}
  const skipped: Partial<Record<'DESTINATION_GONE' | 'PROCESSING_ID', number>> = {}
  let doubles = 0
  for (const { id, test, olds, delivered } of messages) {
    const chosen = replayable([...olds.values()], ask.to, test).filter((one) => {
      const why = whyNot(one, made.config)
      if (why !== null) skipped[why] = (skipped[why] ?? 0) + 1
      return why === null
    })
    for (const { destination, route, lane, id: old } of chosen) {
      counted[destination] = (counted[destination] ?? 0) + 1
      if (delivered.has(destination)) doubles++
      const delivery = newDelivery({ destination, route, lane, alertAfterMs: null }, made, null, old)
      deliveries.push({ messageId: id, delivery })
    }
    if (chosen.length > 0) events.push(replayEvent(id, chosen, ask.reason, who, made.nowMs))
  }
  if (!ask.dryRun && deliveries.length > 0 && !(await journal.apply({ deliveries, events }))) {
    throw new GatewayError('WRONG_STATE')
  }
  const next = seqs.length === STEP ? `${seqs.at(-1)}.${newest}` : null
  return { dryRun: ask.dryRun, messages: seqs.length, deliveries: counted, doubles, skipped, next }
}

/** The event of a replayed message, for its timeline. */
export function replayEvent(
  message: MessageId,
  chosen: readonly Replayed[],
  why: string,
  who: string,
  atMs: number,
): NewEvent {
  const detail = chosen.map(({ destination }) => destination).join(' ')
  return { atMs, who, what: 'replay', why, code: null, message, delivery: null, detail }
}

function placeOf(after: string): { low: number; newest: number } {
  const place = /^(\d{1,15})\.(\d{1,15})$/.exec(after)
  if (place === null) throw new GatewayError('BAD_REQUEST')
  return { low: Number(place[1]), newest: Number(place[2]) }
}

async function found({ journal }: Parameters<MakeCommands>[0], seqs: readonly number[]): Promise<Found[]> {
  if (seqs.length === 0) return []
  const rows = await question(
    journal,
    db.selectFrom('message').select(['seq', 'id', 'test']).where('seq', 'in', seqs).orderBy('seq'),
  )
  // Not joined: PostgreSQL then reads every delivery there is, rather than look for those of each message.
  const deliveries = await question(
    journal,
    db
      .selectFrom('delivery')
      .select(['id', 'message_seq', 'destination', 'route', 'lane', 'state'])
      .where('message_seq', 'in', seqs)
      .orderBy('seq'),
  )
  const byMessage = Map.groupBy(deliveries, (row) => row.message_seq)
  return rows.map(({ seq, id: message, test }) => {
    const own = byMessage.get(seq) ?? []
    const olds = own.map(({ id, destination, route, lane }) => ({ id, destination, route, lane, test: test === 1 }))
    return {
      id: message,
      test: test === 1,
      olds: new Map(olds.map((old) => [old.destination, old])),
      delivered: new Set(own.filter(({ state }) => state === 'delivered').map(({ destination }) => destination)),
    }
  })
}
