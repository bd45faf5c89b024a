import { sql } from 'kysely'
import { GatewayError } from '../../core/errors.ts'
import type { Journal } from '../../core/journal.ts'
import type { MessageFilter, Scope } from '../../core/views.ts'
import { type Condition, conditionsOf, type Known, kindRange, type Sql, type Stream } from './conditions.ts'
import { askSql } from './tables.ts'

/** Entries counted of each condition, to see which one few messages meet. */
const PROBE = 10_000
/** Entries of an index in another order that are worth sorting. */
const SORTABLE = 20_000
/** A message may stand this many messages before or after its place in time: clocks step, and large ones arrive slowly. */
const DISORDER = 20_000

/** Seqs above `low` and below `high`. */
export interface Bounds {
  readonly low: number
  readonly high: number
}

/**
 * Seqs of the newest messages that a filter lets through, newest first. The condition that the fewest messages meet
 * leads: its index is walked in the order of the answer, and the other conditions are looked at on the way.
 * `inOrder`: those within these bounds in the order they came instead.
 * @throws {GatewayError} BAD_REQUEST, QUERY_TIMEOUT */
export async function searchMessages(
  journal: Journal,
  filter: MessageFilter,
  scope: Scope,
  limit: number,
  inOrder?: Bounds,
): Promise<readonly number[]> {
  const counts = await journal.counts()
  const known: Known = {
    secret: journal.secret,
    destinations: [...counts.destinations.keys()],
    kinds: await kindsOf(journal, filter.kind),
  }
  const conditions = conditionsOf(filter, scope, known)
  const all = await boundsOf(journal, filter, counts.received)
  const bounds = all === null || inOrder === undefined ? all : common(all, inOrder)
  if (bounds === null || bounds.high - bounds.low < 2) return []
  const streams = await leading(journal, conditions, bounds)
  if (streams.length === 0) return []
  const page = pageOf(
    streams,
    conditions,
    bounds,
    sql`ORDER BY seq ${inOrder === undefined ? sql`DESC` : sql`ASC`} LIMIT ${limit}`,
  )
  const rows = await askSql<{ seq: number }>(journal, page)
  return rows.map(({ seq }) => seq)
}

/** The kinds in the store that a prefix such as `ADT^*` stands for: one step of the index for each, not for each message. */
async function kindsOf(journal: Journal, kind: string | undefined): Promise<readonly string[]> {
  if (kind === undefined || !kind.endsWith('*')) return []
  const { from, below } = kindRange(kind)
  const rows = await askSql<{ kind: string }>(
    journal,
    sql`WITH RECURSIVE k(kind) AS (
      SELECT min(kind) FROM message WHERE kind >= ${from} AND kind < ${below}
      UNION ALL SELECT (SELECT min(kind) FROM message WHERE kind > k.kind AND kind < ${below}) FROM k
      WHERE k.kind IS NOT NULL
    ) SELECT kind FROM k WHERE kind IS NOT NULL`,
  )
  return rows.map((row) => row.kind)
}

async function boundsOf(journal: Journal, filter: MessageFilter, newest: number): Promise<Bounds | null> {
  const { after, sinceMs, untilMs } = filter
  if (after !== undefined && !/^\d{1,16}$/.test(after)) throw new GatewayError('BAD_REQUEST')
  const end = Math.min(newest + 1, after === undefined ? Number.MAX_SAFE_INTEGER : Number(after))
  if (sinceMs === undefined && untilMs === undefined) return { low: 0, high: end }
  const near = (test: Sql, order: Sql) =>
    sql`SELECT seq FROM message INDEXED BY message_received WHERE received_at_ms ${test}
      ORDER BY received_at_ms ${order} LIMIT ${DISORDER}`
  const first = sinceMs === undefined ? sql`1` : sql`(SELECT min(seq) FROM (${near(sql`>= ${sinceMs}`, sql`ASC`)}))`
  const last =
    untilMs === undefined ? sql`${end}` : sql`(SELECT max(seq) FROM (${near(sql`<= ${untilMs}`, sql`DESC`)}))`
  const [row] = await askSql<{ first: number | null; last: number | null }>(
    journal,
    sql`SELECT ${first} AS first, ${last} AS last`,
  )
  if (row === undefined || row.first === null || row.last === null) return null
  return { low: row.first - 1, high: Math.min(end, row.last + 1) }
}

function common(a: Bounds, b: Bounds): Bounds {
  return { low: Math.max(a.low, b.low), high: Math.min(a.high, b.high) }
}

const ALL: Stream = { from: sql`message AS m NOT INDEXED`, where: sql`1 = 1`, seq: sql`m.seq`, join: null }

/** The streams of the condition that fewest messages meet, among those in bounds; an empty list: none meets one. */
async function leading(journal: Journal, conditions: readonly Condition[], bounds: Bounds): Promise<readonly Stream[]> {
  const leads = conditions.flatMap(({ lead, unordered = false }) => (lead === null ? [] : [{ lead, unordered }]))
  if (leads.some(({ lead }) => lead.length === 0)) return []
  if (leads.length === 0) return [ALL]
  const size = ({ lead, unordered }: (typeof leads)[number]): Sql =>
    sql.join(
      lead.map(
        (stream) => sql`(SELECT count(*) FROM (SELECT 1 FROM ${stream.from} WHERE ${stream.where}
          AND ${within(stream.seq, bounds)} LIMIT ${unordered ? SORTABLE : PROBE}))`,
      ),
      sql` + `,
    )
  const [row] = await askSql<Record<string, number>>(
    journal,
    sql`SELECT ${sql.join(leads.map((lead, i) => sql`${size(lead)} AS ${sql.ref(`n${i}`)}`))}`,
  )
  let best: { readonly n: number; readonly streams: readonly Stream[] } = {
    n: Number.POSITIVE_INFINITY,
    streams: [ALL],
  }
  for (const [i, { lead, unordered }] of leads.entries()) {
    const n = row?.[`n${i}`] ?? 0
    if (unordered && n >= SORTABLE) continue
    if (n < best.n) best = { n, streams: lead }
  }
  return bounds.high - bounds.low <= best.n ? [ALL] : best.streams
}

function within(seq: Sql, { low, high }: Bounds): Sql {
  return sql`${seq} > ${low} AND ${seq} < ${high}`
}

/** The streams merged; each one is stopped as soon as the page is full. */
function pageOf(streams: readonly Stream[], conditions: readonly Condition[], bounds: Bounds, page: Sql): Sql {
  const tests = [...new Set(conditions.map(({ test }) => test))]
  const parts = streams.map(
    ({ from, where, seq, join }) =>
      sql`SELECT DISTINCT ${seq} AS seq FROM ${from} ${join ?? sql``} WHERE ${where} AND ${within(seq, bounds)}${sql.join(
        tests.map((test) => sql` AND ${test}`),
        sql``,
      )}`,
  )
  return sql`${sql.join(parts, sql` UNION `)} ${page}`
}
