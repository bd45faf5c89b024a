import type pg from 'pg'
import { GatewayError } from '../../../core/errors.ts'
import type { DeliveryId, DestinationId, MessageId } from '../../../core/message.ts'
import type { Clock } from '../../../core/ports.ts'
import { OPEN } from '../standing.ts'
import { assureSettings, inOneFlight, SETTINGS } from './connect.ts'
import { faulty } from './flush.ts'
import type { DeliveryFacts, KnownKey, MessageFacts, Stock } from './layer.ts'
import { storable } from './sql.ts'

/** What the lists of a batch must know before they run. */
export interface Need {
  readonly repeats: Set<string>
  readonly deliveries: Set<DeliveryId>
  readonly messages: Set<MessageId>
  readonly cursors: Set<string>
  readonly timers: Set<string>
  readonly leases: Set<string>
  readonly openOf: Set<DestinationId>
}

/** Nothing yet. */
export function noNeed(): Need {
  return {
    repeats: new Set(),
    deliveries: new Set(),
    messages: new Set(),
    cursors: new Set(),
    timers: new Set(),
    leases: new Set(),
    openOf: new Set(),
  }
}

const DELIVERY = `d.id, d.seq, d.message, d.destination, d.state, d.held, d.holds, d.moved_at_ms, d.due_at_ms,
  d.expires_at_ms, d.attempts, d.last_code, d.same_code, d.revision`
const MESSAGE =
  'm.id, m.seq, m.kind, m.revision, m.ask, m.withheld, m.order_keys, m.state, m.open, m.parked, m.findings'
/** The message's columns beside those of its delivery. */
const MESSAGE_TOO = MESSAGE.replace(/m\.(\w+)/g, 'm.$1 AS m_$1')

type Row = Readonly<Record<string, unknown>>
type Ask = (name: string, text: string, values?: unknown[]) => Promise<readonly Row[]>

/** The questions of a batch, on their way. */
function askFor(client: pg.Client, need: Need, incarnation: string) {
  const flight: Promise<unknown>[] = [client.query({ name: 'begin', text: 'BEGIN' })]
  const ask: Ask = (name, text, values = []) => {
    const answer = client.query({ name, text, values }).then(({ rows }) => rows as Row[])
    flight.push(answer)
    return answer
  }
  const some = (wanted: ReadonlySet<string>, name: string, text: string): Promise<readonly Row[]> =>
    wanted.size === 0 ? Promise.resolve([]) : ask(name, text, [[...wanted].map(storable)])
  return {
    flight,
    head: ask('head', `SELECT revision, ${SETTINGS} FROM head FOR UPDATE`),
    counters: ask('counters', 'SELECT name, value FROM counter'),
    repeats: some(
      need.repeats,
      'repeats',
      'SELECT repeat_key, sha256, message, at_ms, answer, application_answer FROM repeat WHERE repeat_key = ANY($1)',
    ),
    deliveries: some(
      need.deliveries,
      'deliveries',
      `SELECT ${DELIVERY}, ${MESSAGE_TOO} FROM delivery d JOIN message m ON m.id = d.message WHERE d.id = ANY($1)`,
    ),
    open: some(
      need.openOf,
      'open-of',
      `SELECT ${DELIVERY}, ${MESSAGE_TOO} FROM delivery d JOIN message m ON m.id = d.message
       WHERE d.destination = ANY($1) AND d.holds = 1 AND ${OPEN} ORDER BY d.seq`,
    ),
    messages: some(need.messages, 'messages', `SELECT ${MESSAGE} FROM message m WHERE m.id = ANY($1)`),
    cursors: some(need.cursors, 'cursors', 'SELECT follower, position FROM cursor WHERE follower = ANY($1)'),
    timers: some(need.timers, 'timers', 'SELECT id FROM timer WHERE id = ANY($1)'),
    leases:
      need.leases.size === 0
        ? Promise.resolve([])
        : ask('leases', 'SELECT name, epoch FROM lease WHERE holder = $1 AND name = ANY($2)', [
            incarnation,
            [...need.leases],
          ]),
  }
}

/**
 * Begins a transaction, locks the order of commits and reads what is needed, all in one flight: what is read after the
 * lock was got is what the commit before left. */
export async function takeStock(client: pg.Client, need: Need, clock: Clock, incarnation: string): Promise<Stock> {
  const asked = inOneFlight(client, () => askFor(client, need, incarnation))
  await allOf(asked.flight)
  const open = (await asked.open) as unknown as readonly DeliveryFacts[]
  const moving = [...(await asked.deliveries), ...(await asked.open)]
  const [head] = await asked.head
  if (head === undefined) throw new GatewayError('STORE_DAMAGED', 'The store has no head.')
  assureSettings(head)
  const messages = (await asked.messages) as unknown as MessageFacts[]
  return {
    nowMs: clock.nowMs(),
    revision: Number(head['revision']),
    counters: new Map((await asked.counters).map((row) => [String(row['name']), Number(row['value'])])),
    repeats: new Map((await asked.repeats).map((row) => [String(row['repeat_key']), keyOf(row)])),
    deliveries: new Map(moving.map((row) => [String(row['id']), row as unknown as DeliveryFacts])),
    messages: new Map([...moving.map(besideDelivery), ...messages].map(byId)),
    cursors: new Map((await asked.cursors).map((row) => [String(row['follower']), Number(row['position'])])),
    timers: new Set((await asked.timers).map((row) => String(row['id']))),
    epochs: new Map((await asked.leases).map((row) => [String(row['name']), Number(row['epoch'])])),
    openOf: Map.groupBy(open, ({ destination }) => destination),
  }
}

/**
 * Checks that the repeat keys of lists which were not looked for are new, at the head of the flight that writes; fails like
 * a division by zero where one is not. */
export function assureAbsent(client: pg.Client, { repeats }: Need): Promise<unknown>[] {
  if (repeats.size === 0) return []
  const text = `SELECT 1 / (CASE WHEN EXISTS (SELECT FROM repeat WHERE repeat_key = ANY($1)) THEN 0 ELSE 1 END)`
  return [faulty('assumed', client.query({ name: 'absent', text, values: [[...repeats].map(storable)] }))]
}

/** Waits for all queries of a flight, so that none is left behind on the connection, then throws the first fault. */
export async function allOf(flight: readonly Promise<unknown>[]): Promise<void> {
  const results = await Promise.allSettled(flight)
  const failed = results.find((result) => result.status === 'rejected')
  if (failed !== undefined) throw failed.reason
}

function byId(message: MessageFacts): [MessageId, MessageFacts] {
  return [message.id, message]
}

function besideDelivery(row: Row): MessageFacts {
  const entries = Object.entries(row).filter(([name]) => name.startsWith('m_'))
  return Object.fromEntries(entries.map(([name, value]) => [name.slice(2), value])) as unknown as MessageFacts
}

function keyOf(row: Row): KnownKey {
  return {
    sha256: String(row['sha256']),
    message: String(row['message']),
    atMs: Number(row['at_ms']),
    answer: row['answer'] as Buffer | null,
    applicationAnswer: row['application_answer'] as Buffer | null,
  }
}
