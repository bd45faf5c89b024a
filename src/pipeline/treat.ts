import { sql } from 'kysely'
import { GatewayError } from '../core/errors.ts'
import type { Journal } from '../core/journal.ts'
import type { ParkedCause, ParkedDelivery, ParkedGroup, ParkedPage, TreatViews } from '../core/treat.ts'
import { type Words, wordsOf } from './sql/words.ts'
import { isoTime } from './views/list.ts'
import { ask, askSql, db } from './views/tables.ts'

interface GroupRow {
  readonly code: ParkedCause['code']
  readonly destination: string
  readonly n: number
  readonly oldest: number
  readonly newest: number
  readonly first: string
  readonly last: string
}

type Parked = ReturnType<Words['parkedDeliveries']>

/** Parked deliveries by their cause, over a journal. */
export function treatViews(journal: Journal): TreatViews {
  const among = wordsOf(journal.dialect).parkedDeliveries()
  return {
    groups: () => groups(journal, among),
    parked: (cause, after, limit) => parked(journal, among, cause, after, limit),
  }
}

/** Of deliveries alone: rows of messages are looked at for the examples only. */
async function groups(journal: Journal, { from, where }: Parked): Promise<readonly ParkedGroup[]> {
  const rows = await askSql<GroupRow>(
    journal,
    sql`SELECT d.last_code AS code, d.destination, count(*) AS n, min(d.moved_at_ms) AS oldest, max(d.moved_at_ms) AS newest,
      min(d.id) AS first, max(d.id) AS last FROM ${from} WHERE ${where} GROUP BY d.last_code, d.destination
      ORDER BY count(*) DESC, d.destination, d.last_code`,
  )
  const examples = await examplesOf(journal, [...new Set(rows.flatMap(({ first, last }) => [first, last]))])
  return rows.map(({ code, destination, n, oldest, newest, first, last }) => ({
    code,
    destination,
    count: Number(n),
    oldestAt: isoTime(Number(oldest)),
    newestAt: isoTime(Number(newest)),
    examples: [...new Set([first, last])].flatMap((id) => examples.get(id) ?? []),
  }))
}

type Example = ParkedGroup['examples'][number]

/** Messages by their deliveries. */
async function examplesOf(journal: Journal, deliveries: readonly string[]): Promise<ReadonlyMap<string, Example>> {
  if (deliveries.length === 0) return new Map()
  const rows = await ask(
    journal,
    db
      .selectFrom('delivery')
      .innerJoin('message', 'message.seq', 'delivery.message_seq')
      .select(['delivery.id as delivery', 'message.id', 'message.kind'])
      .where('delivery.id', 'in', deliveries),
  )
  return new Map(rows.map(({ delivery, id, kind }) => [delivery, { id, kind }]))
}

type ParkedRow = Omit<ParkedDelivery, 'receivedAt' | 'holds'> & {
  readonly seq: number
  readonly received_at_ms: number
  readonly holds: number
}

async function parked(
  journal: Journal,
  { from, message, where }: Parked,
  { code, destination }: ParkedCause,
  after: string | null,
  limit: number,
): Promise<ParkedPage> {
  if (after !== null && !/^\d{1,16}$/.test(after)) throw new GatewayError('BAD_REQUEST')
  const ofCode = code === null ? sql`d.last_code IS NULL` : sql`d.last_code = ${code}`
  const rows = await askSql<ParkedRow>(
    journal,
    sql`SELECT d.seq, d.id, m.id AS message, m.received_at_ms, m.establishment AS "from", m.kind, m.control_id AS "controlId",
      d.state, d.holds, d.attempts FROM ${from} ${message} WHERE ${where} AND ${ofCode} AND d.destination = ${destination}
      AND d.seq > ${Number(after ?? 0)} ORDER BY d.seq LIMIT ${limit + 1}`,
  )
  const page = rows.slice(0, limit)
  return {
    deliveries: page.map(({ seq: _seq, received_at_ms, holds, ...row }) => ({
      ...row,
      receivedAt: isoTime(Number(received_at_ms)),
      holds: Number(holds) === 1,
      attempts: Number(row.attempts),
    })),
    next: rows.length > limit ? String(page.at(-1)?.seq) : null,
  }
}
