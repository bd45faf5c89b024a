import { sql } from 'kysely'
import type { Reach } from '../../core/caller.ts'
import { GatewayError } from '../../core/errors.ts'
import type { Journal } from '../../core/journal.ts'
import type { MessageFilter } from '../../core/views.ts'
import { ofMessages, type Sql, type Stream, type Words, wordsOf } from '../sql/words.ts'
import { type Condition, conditionsOf, type Known, kindRange } from './conditions.ts'
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
  reach: Reach | null,
  limit: number,
  inOrder?: Bounds,
): Promise<readonly number[]> {
  const words = wordsOf(journal.dialect)
  const counts = await journal.counts()
  const known: Known = {
    words,
    secret: journal.secret,
    destinations: [...counts.destinations.keys()],
    kinds: await kindsOf(journal, filter.kind),
  }
  const conditions = conditionsOf(filter, reach, known)
  const all = await boundsOf(journal, words, filter, counts.received)
  const bounds = all === null || inOrder === undefined ? all : common(all, inOrder)
  if (bounds === null || bounds.high - bounds.low < 2) return []
  const lead = await leading(journal, conditions, bounds, words)
  if (lead.streams.length === 0) return []
  const order = inOrder === undefined ? sql`DESC` : sql`ASC`
  const page = words.merged(questionsOf(lead, conditions, bounds), order, limit)
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

async function boundsOf(journal: Journal, words: Words, filter: MessageFilter, newest: number): Promise<Bounds | null> {
  const { after, sinceMs, untilMs } = filter
  if (after !== undefined && !/^\d{1,16}$/.test(after)) throw new GatewayError('BAD_REQUEST')
  const end = Math.min(newest + 1, after === undefined ? Number.MAX_SAFE_INTEGER : Number(after))
  if (sinceMs === undefined && untilMs === undefined) return { low: 0, high: end }
  const near = (test: Sql, order: Sql) =>
    sql`(SELECT m.seq FROM ${words.from('message', 'm', 'message_received')} WHERE m.received_at_ms ${test}
      ORDER BY m.received_at_ms ${order} LIMIT ${DISORDER}) AS near`
  const first = sinceMs === undefined ? sql`1` : sql`(SELECT min(seq) FROM ${near(sql`>= ${sinceMs}`, sql`ASC`)})`
  // A value that stands alone is text to PostgreSQL.
  const last =
    untilMs === undefined
      ? sql`CAST(${end} AS BIGINT)`
      : sql`(SELECT max(seq) FROM ${near(sql`<= ${untilMs}`, sql`DESC`)})`
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

/** The streams to walk, and the test that what they hold need not be put to. */
interface Lead {
  readonly streams: readonly Stream[]
  readonly met: Sql | null
}

/** The streams of the condition that fewest messages meet, among those in bounds; an empty list: none meets one. */
async function leading(
  journal: Journal,
  conditions: readonly Condition[],
  bounds: Bounds,
  words: Words,
): Promise<Lead> {
  const all: Lead = { streams: [ofMessages(words, null, sql`1 = 1`)], met: null }
  const asked = conditions.filter((condition) => condition.asked).map(({ test }) => test)
  const leads = conditions.flatMap(({ lead, test, exact = false, unordered = false }) => {
    if (lead === null) return []
    const dear = asked.some((one) => !exact || one !== test)
    return [{ streams: lead, met: exact ? test : null, unordered, costOfOne: dear ? words.costOfAsking : 1 }]
  })
  const none = leads.find(({ streams }) => streams.length === 0)
  if (none !== undefined) return none
  if (leads.length === 0) return all
  const size = ({ streams, unordered }: (typeof leads)[number]): Sql =>
    sql.join(
      streams.map(
        (stream) => sql`(SELECT count(*) FROM (SELECT 1 FROM ${stream.from} WHERE ${stream.where}
          AND ${within(stream.seq, bounds)} LIMIT ${unordered ? SORTABLE : PROBE}) AS counted)`,
      ),
      sql` + `,
    )
  const [row] = await askSql<Record<string, number>>(
    journal,
    sql`SELECT ${sql.join(leads.map((lead, i) => sql`${size(lead)} AS ${sql.ref(`n${i}`)}`))}`,
  )
  let best: { readonly n: number; readonly cost: number; readonly lead: Lead } = {
    n: Number.POSITIVE_INFINITY,
    cost: Number.POSITIVE_INFINITY,
    lead: all,
  }
  for (const [i, lead] of leads.entries()) {
    const n = row?.[`n${i}`] ?? 0
    if (lead.unordered && n >= SORTABLE) continue
    const cost = n * lead.costOfOne
    if (cost < best.cost) best = { n, cost, lead }
  }
  return bounds.high - bounds.low <= best.n ? all : best.lead
}

function within(seq: Sql, { low, high }: Bounds): Sql {
  return sql`${seq} > ${low} AND ${seq} < ${high}`
}

/** A question for seqs to each stream: those of messages that meet every condition. */
function questionsOf({ streams, met }: Lead, conditions: readonly Condition[], bounds: Bounds): readonly Sql[] {
  const tests = [...new Set(conditions.map(({ test }) => test))].filter((test) => test !== met)
  return streams.map(
    ({ from, where, seq, join }) =>
      sql`SELECT DISTINCT ${seq} AS seq FROM ${from} ${join ?? sql``} WHERE ${where} AND ${within(seq, bounds)}${sql.join(
        tests.map((test) => sql` AND ${test}`),
        sql``,
      )}`,
  )
}
