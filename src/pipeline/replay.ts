import type { Config } from '../core/config.ts'
import { GatewayError } from '../core/errors.ts'
import type { ExtraDelivery, Journal, NewDelivery, NewEvent, Statement } from '../core/journal.ts'
import {
  type DeliveryId,
  type DestinationId,
  type Lane,
  type MessageId,
  PLATFORM,
  type State,
} from '../core/message.ts'
import type { ReplayAsk, ReplayStep } from '../core/operations.ts'
import type { MakeCommands, ReplayResult } from '../core/views.ts'
import { newDelivery } from './intake.ts'
import { searchMessages } from './views/search.ts'
import { db, ask as question } from './views/tables.ts'

type Parts = Parameters<MakeCommands>[0]

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

/**
 * The revision whose edits and transform a person's act takes: the running one, since what went wrong has mostly been mended
 * there. Null, the one that routed the message, where the running one has no route of that name. */
export function revisionNow(config: Config, route: string): number | null {
  return config.routes.some(({ name }) => name === route) ? config.revision : null
}

function again({ id, ...to }: Omit<Replayed, 'test'>, made: Parameters<typeof newDelivery>[1]): NewDelivery {
  const delivery = newDelivery({ ...to, alertAfterMs: null }, made, null, id)
  return { ...delivery, revision: revisionNow(made.config, to.route) }
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
 * step before came and which message was the newest at the first, so that what arrives meanwhile is not taken. `also`: rows
 * of the same commit, by what the step makes; then there is a commit even where nothing is replayed.
 * @throws {GatewayError} BAD_REQUEST, QUERY_TIMEOUT; WRONG_STATE when a message went away meanwhile */
export async function replayStep(
  parts: Parts,
  ask: ReplayAsk,
  who: string,
  also?: (step: ReplayStep) => readonly Statement[],
): Promise<ReplayStep> {
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
      deliveries.push({ messageId: id, delivery: again({ id: old, destination, route, lane }, made) })
    }
    if (chosen.length > 0) events.push(replayEvent(id, chosen, ask.reason, who, made.nowMs))
  }
  const next = seqs.length === STEP ? `${seqs.at(-1)}.${newest}` : null
  const step = { dryRun: ask.dryRun, messages: seqs.length, deliveries: counted, doubles, skipped, next }
  const rows = ask.dryRun ? [] : (also?.(step) ?? [])
  if (!ask.dryRun && deliveries.length + rows.length > 0 && !(await journal.apply({ deliveries, events, rows }))) {
    throw new GatewayError('WRONG_STATE')
  }
  return step
}

/**
 * Replays one message. `also`: rows of the same commit.
 * @throws {GatewayError} NOT_FOUND; DESTINATION_GONE or PROCESSING_ID where one may not go; WRONG_STATE */
export async function replayOne(
  { journal, config, clock, ids }: Parts,
  message: MessageId,
  ask: { readonly to: DestinationId | null; readonly dryRun: boolean; readonly reason: string },
  who: string,
  also: readonly Statement[] = [],
): Promise<ReplayResult> {
  const olds = await lastOf(journal, message)
  if (olds === null) throw new GatewayError('NOT_FOUND')
  const chosen = replayable(olds, ask.to)
  const made = { config: config(), ids, nowMs: clock.nowMs() }
  for (const one of chosen) {
    const why = whyNot(one, made.config)
    if (why !== null) throw new GatewayError(why)
  }
  const deliveries: ExtraDelivery[] = chosen.map(({ destination, route, lane, id }) => ({
    messageId: message,
    delivery: again({ destination, route, lane, id }, made),
  }))
  const event = replayEvent(message, chosen, ask.reason, who, made.nowMs)
  if (!ask.dryRun && !(await journal.apply({ deliveries, events: [event], rows: also }))) {
    throw new GatewayError('WRONG_STATE')
  }
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
export async function lastOf(
  journal: Pick<Journal, 'state' | 'deliveriesOf'>,
  message: MessageId,
): Promise<readonly (Replayed & { readonly state: State })[] | null> {
  if ((await journal.state(message)) === null) return null
  const last = new Map<DestinationId, Replayed & { readonly state: State }>()
  for (const row of await journal.deliveriesOf(message)) last.set(row.destination, row)
  return [...last.values()]
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

async function found({ journal }: Parts, seqs: readonly number[]): Promise<Found[]> {
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
