import type { Config } from '../core/config.ts'
import { GatewayError } from '../core/errors.ts'
import type { ExtraDelivery, Journal, NewEvent, Statement } from '../core/journal.ts'
import { type MailRecipient, mailDomainOf } from '../core/mail.ts'
import {
  type DeliveryId,
  type DestinationId,
  type Lane,
  type MessageId,
  PLATFORM,
  type State,
} from '../core/message.ts'
import type { ReplayAsk, ReplaySkip, ReplayStep } from '../core/operations.ts'
import type { MakeCommands, ReplayResult } from '../core/views.ts'
import { wayOf } from '../core/ways.ts'
import { newDelivery } from './intake.ts'
import { recipientRow, recipientsOf } from './mail/rows.ts'
import { searchMessages } from './views/search.ts'
import { db, ask as question } from './views/tables.ts'

type Parts = Parameters<MakeCommands>[0]
type Made = Parameters<typeof newDelivery>[1]

/** Messages of one step: one commit, which the other work of the store waits for. */
export const STEP = 200

/** The last delivery of a message to a destination. `id` null: it never had one there. */
export interface Replayed {
  readonly id: DeliveryId | null
  readonly destination: DestinationId
  readonly route: string
  readonly lane: Lane
  readonly test: boolean
  /** Of a mail; null: it is none, or its trace is no longer kept. */
  readonly recipient: MailRecipient | null
}

/** Each recipient of a mail is a delivery of its own, and many may be of one domain. */
function keyOf({ destination, recipient }: Pick<Replayed, 'destination' | 'recipient'>): string {
  return recipient === null ? destination : `${destination} ${recipient.address}`
}

/** All of them, or those asked for; a destination it never had is a delivery of the same message by hand. */
export function replayable(
  olds: readonly Replayed[],
  to: DestinationId | null,
  test: boolean = olds.some((old) => old.test),
): readonly Replayed[] {
  if (to === null) return olds.filter((old) => old.destination !== PLATFORM)
  const there = olds.filter((old) => old.destination === to)
  if (there.length > 0) return there
  return [{ id: null, destination: to, route: 'replay', lane: 'normal', test, recipient: null }]
}

/** Why a message may not go to a destination now, or null. By mail goes only what had a recipient there, tests among it. */
export function whyNot(
  { destination, test, recipient }: Replayed,
  config: Config,
): 'DESTINATION_GONE' | 'PROCESSING_ID' | null {
  const isMail = mailDomainOf(destination) !== null
  const use = wayOf(config, destination)?.use
  if (use === undefined || (isMail && recipient === null)) return 'DESTINATION_GONE'
  return isMail || test === (use === 'qualification') ? null : 'PROCESSING_ID'
}

/**
 * The revision whose edits and transform a person's act takes: the running one, since what went wrong has mostly been mended
 * there. Null, the one that routed the message, where the running one has no route of that name. */
export function revisionNow(config: Config, route: string): number | null {
  return config.routes.some(({ name }) => name === route) ? config.revision : null
}

/** One message of a step with what it had: deliveries by destination, and where it arrived. */
interface Found {
  readonly id: MessageId
  readonly test: boolean
  readonly olds: readonly Replayed[]
  /** By the keys of what arrived once. */
  readonly delivered: ReadonlySet<string>
}

/** A delivery made again, with the row by which the outcome of a mail is told as the first time. */
function again(one: Replayed, message: MessageId, made: Made): { delivery: ExtraDelivery; rows: readonly Statement[] } {
  const { destination, route, lane, id: old, recipient } = one
  const planned = newDelivery({ destination, route, lane, alertAfterMs: null }, made, null, old)
  const delivery = { ...planned, revision: revisionNow(made.config, route) }
  const rows = recipient === null ? [] : [recipientRow(delivery.id, message, made.nowMs, recipient)]
  return { delivery: { messageId: message, delivery }, rows }
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
  if (ask.to !== null && wayOf(parts.config(), ask.to) === undefined) throw new GatewayError('DESTINATION_GONE')
  const seqs = await searchMessages(journal, ask.filter, null, STEP, { low, high: newest + 1 })
  const messages = await found(parts, seqs)
  const made = { config: parts.config(), ids: parts.ids, nowMs: parts.clock.nowMs() }
  const deliveries: ExtraDelivery[] = []
  const events: NewEvent[] = []
  const counted: Record<DestinationId, number> = {}
  const recipients: Statement[] = []
  const skipped: Partial<Record<ReplaySkip, number>> = {}
  let doubles = 0
  for (const { id, test, olds, delivered } of messages) {
    const left = leftOut(olds, ask.to).length
    if (left > 0) skipped.platform = (skipped.platform ?? 0) + left
    const chosen = replayable(olds, ask.to, test).filter((one) => {
      const why = whyNot(one, made.config)
      if (why !== null) skipped[why] = (skipped[why] ?? 0) + 1
      return why === null
    })
    for (const one of chosen) {
      counted[one.destination] = (counted[one.destination] ?? 0) + 1
      if (delivered.has(keyOf(one))) doubles++
      const { delivery, rows } = again(one, id, made)
      deliveries.push(delivery)
      recipients.push(...rows)
    }
    if (chosen.length > 0) events.push(replayEvent(id, chosen, ask.reason, who, made.nowMs))
  }
  const next = seqs.length === STEP ? `${seqs.at(-1)}.${newest}` : null
  const step = { dryRun: ask.dryRun, messages: seqs.length, deliveries: counted, doubles, skipped, next }
  const rows = ask.dryRun ? [] : [...recipients, ...(also?.(step) ?? [])]
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
  const all = chosen.map((one) => again(one, message, made))
  const deliveries = all.map(({ delivery }) => delivery)
  const rows = [...all.flatMap((one) => one.rows), ...also]
  const event = replayEvent(message, chosen, ask.reason, who, made.nowMs)
  if (!ask.dryRun && !(await journal.apply({ deliveries, events: [event], rows }))) {
    throw new GatewayError('WRONG_STATE')
  }
  return {
    dryRun: ask.dryRun,
    deliveries: deliveries.map(({ delivery: { id, destination, replayOf } }) => ({
      id: ask.dryRun ? null : id,
      destination,
      replayOf,
    })),
    left: leftOut(olds, ask.to),
  }
}

/** Where the message was and does not go again. */
function leftOut(olds: readonly Replayed[], to: DestinationId | null): readonly DestinationId[] {
  return to === null && olds.some(({ destination }) => destination === PLATFORM) ? [PLATFORM] : []
}

/** The last delivery to each destination and recipient of a message; null when there is no such message. */
export async function lastOf(
  journal: Pick<Journal, 'state' | 'deliveriesOf' | 'look'>,
  message: MessageId,
): Promise<readonly (Replayed & { readonly state: State })[] | null> {
  if ((await journal.state(message)) === null) return null
  const rows = await journal.deliveriesOf(message)
  const recipients = await recipientsIn(journal, rows, [message])
  const last = new Map<string, Replayed & { readonly state: State }>()
  for (const row of rows) {
    const one = { ...row, recipient: recipients.get(row.id) ?? null }
    last.set(keyOf(one), one)
  }
  return [...last.values()]
}

/** The recipients of those deliveries that are mail. */
async function recipientsIn(
  journal: Pick<Journal, 'look'>,
  deliveries: readonly { readonly destination: DestinationId }[],
  messages: readonly MessageId[],
): Promise<ReadonlyMap<DeliveryId, MailRecipient>> {
  const isMail = deliveries.some(({ destination }) => mailDomainOf(destination) !== null)
  return isMail ? recipientsOf(journal, messages) : new Map()
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
  const ids = rows.map(({ id }) => id)
  const recipients = await recipientsIn(journal, deliveries, ids)
  const byMessage = Map.groupBy(deliveries, (row) => row.message_seq)
  return rows.map(({ seq, id: message, test }) => {
    const own = byMessage.get(seq) ?? []
    const olds = own.map(({ id, destination, route, lane, state }) => ({
      ...{ id, destination, route, lane, state, test: test === 1 },
      recipient: recipients.get(id) ?? null,
    }))
    return {
      id: message,
      test: test === 1,
      olds: [...new Map(olds.map((old) => [keyOf(old), old])).values()],
      delivered: new Set(olds.filter(({ state }) => state === 'delivered').map(keyOf)),
    }
  })
}
