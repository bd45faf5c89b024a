import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Reach } from '../../src/core/caller.ts'
import type { Journal, Statement } from '../../src/core/journal.ts'
import type { MessageFilter } from '../../src/core/views.ts'
import { openPostgresJournal } from '../../src/pipeline/journal/postgres/open.ts'
import { listMessages } from '../../src/pipeline/views/list.ts'
import { postgresOptions } from '../journal/postgres-rig.ts'
import { ask } from '../support/postgres/cluster.ts'
import { missingPostgres } from '../support/postgres/server.ts'
import { sharedCluster } from '../support/postgres/shared.ts'

const need = missingPostgres()
const COUNT = 30_000
const START_MS = 1_773_480_000_000
const of = (...establishments: string[]): Reach => ({ establishments, applications: null })
/** Rows that a page of 7 may read: of each stream and partition a few, where thousands would meet the filter. */
const MOST_ROWS = 600

/** Three days of messages, ten a second and so in three partitions: of four senders, to four places. */
const FILL = `
INSERT INTO message
SELECT n, id, ms, ms, 'mllp', 'p', 'ch-' || n % 4, (ARRAY['ADT^A01', 'ADT^A31', 'ORU^R01'])[1 + n % 3], 'C' || n,
  CASE WHEN n % 500 IN (1, 3) THEN 'RARE' ELSE 'DPI' END, '',
  '', '', n % 2, 100, '[]', '[]', 0, NULL, NULL, NULL, 0, '[]', CASE WHEN n % 10 = 0 THEN 'parked' ELSE 'closed' END, 0, 0
FROM made;
INSERT INTO delivery
SELECT n, substr(id, 1, 14) || '7001' || substr(id, 19), id, n, 'ch-' || (n / 4) % 4 || '/dpi', 'r', 'normal',
  CASE WHEN n % 10 = 0 THEN 'poisoned' ELSE 'delivered' END, (n % 10 = 0)::int, 0, ms, ms, ms, ms, 1,
  CASE WHEN n % 10 = 0 THEN 'POISONED' END, 0, NULL
FROM made;
INSERT INTO message_finding SELECT id, n, 'SEGMENT_END' FROM made WHERE n % 5 = 0;
UPDATE counter SET value = ${COUNT} WHERE name IN ('received', 'closed');
INSERT INTO destination_counter SELECT destination, 0, 0, count(*) FROM delivery GROUP BY 1;
VACUUM ANALYZE;`
const MADE = `CREATE TABLE made AS SELECT n, ms, substr(hex, 1, 8) || '-' || substr(hex, 9) || '-7000-8000-' || lpad(to_hex(n), 12, '0') AS id
FROM (SELECT n, ms, lpad(to_hex(ms), 12, '0') AS hex
  FROM (SELECT n, ${START_MS} + n * 6000::bigint AS ms FROM generate_series(1, ${COUNT}) n) x) y`

interface Node {
  readonly 'Node Type': string
  readonly 'Actual Rows': number
  readonly 'Actual Loops': number
  readonly 'Rows Removed by Filter'?: number
  readonly Plans?: readonly Node[]
}

/** Rows that the leaves of a plan read. */
function rowsRead(node: Node): number {
  const { Plans: below } = node
  if (below !== undefined) return below.reduce((sum, one) => sum + rowsRead(one), 0)
  return (node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0)) * node['Actual Loops']
}

describe.skipIf(need !== null)(`a search on PostgreSQL${need === null ? '' : `: ${need}`}`, () => {
  let journal: Journal
  let end: () => Promise<void>
  beforeAll(async () => {
    const cluster = await sharedCluster()
    const url = await cluster.createDatabase()
    journal = await openPostgresJournal(postgresOptions(url))
    for (const one of [MADE, ...FILL.split(';').filter((text) => text.trim() !== '')]) await ask(url, one)
    end = async () => {
      await journal.close()
      await cluster.dropDatabase(url)
    }
  })
  afterAll(() => end())

  test.each<[filter: MessageFilter, reach: Reach | null]>([
    [{}, null],
    [{ from: 'ch-1' }, null],
    [{ from: 'ch-1', kind: 'ADT^A01' }, null],
    [{ kind: 'ADT^*' }, null],
    [{ to: 'ch-2' }, null],
    [{ to: 'ch-2', from: 'ch-1' }, null],
    [{ state: 'parked' }, null],
    [{ code: 'POISONED' }, null],
    [{ finding: 'SEGMENT_END' }, null],
    [{ test: true, entrance: 'mllp' }, null],
    [{}, of('ch-3')],
    [{ from: 'ch-1' }, of('ch-3')],
    [{}, of('ch-3', 'ch-1')],
    [{}, { establishments: ['ch-3', 'ch-1'], applications: ['RARE'] }],
    [{ kind: 'ADT^*' }, { establishments: ['ch-3'], applications: ['DPI', 'none'] }],
  ])('%j, seen by %j, ends when its page is full', async (filter, reach) => {
    const asked: Statement[] = []
    const read: Journal['read'] = (query) => {
      asked.push(query)
      return journal.read(query)
    }
    const { messages } = await listMessages({ ...journal, read }, { ...filter, limit: 6 }, reach)
    expect(messages).toHaveLength(6)
    const page = asked.find(({ sql }) => sql.includes('AS found'))!
    const [row] = await journal.read<{ 'QUERY PLAN': readonly { Plan: Node }[] }>({
      ...page,
      sql: `EXPLAIN (ANALYZE, FORMAT JSON) ${page.sql}`,
    })
    const plan = row!['QUERY PLAN'][0]!.Plan
    expect(rowsRead(plan), JSON.stringify(plan, null, 1)).toBeLessThan(MOST_ROWS)
  })
})
