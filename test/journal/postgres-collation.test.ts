/** Text compares by its bytes, whatever the database's own collation. */
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Journal } from '../../src/core/journal.ts'
import { openPostgresJournal } from '../../src/pipeline/journal/postgres/open.ts'
import { ask } from '../support/postgres/cluster.ts'
import { missingPostgres } from '../support/postgres/server.ts'
import { sharedCluster } from '../support/postgres/shared.ts'
import { newDelivery, newIntake } from './made.ts'
import { postgresOptions } from './postgres-rig.ts'

const need = missingPostgres()
/** In the order of their bytes; French puts them otherwise: a A b B é Z. */
const TEXTS = ['A', 'B', 'Z', 'a', 'b', 'é']

describe.skipIf(need !== null)(`a database with the collation of French${need === null ? '' : `: ${need}`}`, () => {
  let url: string
  let journal: Journal
  beforeAll(async () => {
    const cluster = await sharedCluster()
    url = await cluster.createDatabase(undefined, { icu: 'fr-FR' })
    journal = await openPostgresJournal(postgresOptions(url))
    for (const text of TEXTS.toReversed()) {
      const deliveries = [newDelivery(`${text}/dpi`, { id: `01990000-0000-7000-9000-00000000000${text}` })]
      await journal.commit([newIntake({ controlId: text, kind: `ADT^${text}01`, deliveries })])
    }
  })
  afterAll(() => journal?.close())

  const sorted = async (column: string, table: string): Promise<unknown[]> =>
    (await journal.read<{ x: string }>({ sql: `SELECT ${column} AS x FROM ${table} ORDER BY 1`, parameters: [] })).map(
      ({ x }) => x,
    )

  test('is another one than ours', async () => {
    const rows = await ask(url, 'SELECT x FROM unnest($1::text[]) x ORDER BY x', [TEXTS])
    expect(rows.map(({ x }) => x)).toEqual(['a', 'A', 'b', 'B', 'é', 'Z'])
  })

  test('every column of text is declared with ours', async () => {
    const columns = await ask(
      url,
      `SELECT c.relname || '.' || a.attname AS name, l.collname AS collation FROM pg_attribute a
       JOIN pg_class c ON c.oid = a.attrelid JOIN pg_collation l ON l.oid = a.attcollation
       WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND a.attnum > 0`,
    )
    const others = columns.filter(({ collation }) => collation !== 'C')
    expect(columns.length).toBeGreaterThan(50)
    expect(others).toEqual([])
  })

  test.each([
    ['control_id', 'message', TEXTS],
    ['kind', 'message', TEXTS.map((text) => `ADT^${text}01`)],
    ['destination', 'delivery', TEXTS.map((text) => `${text}/dpi`)],
    ['id', 'delivery', TEXTS.map((text) => `01990000-0000-7000-9000-00000000000${text}`)],
    ['destination', 'destination_counter', TEXTS.map((text) => `${text}/dpi`)],
  ])('%s of %s in the order of its bytes', async (column, table, expected) => {
    expect(await sorted(column, table)).toEqual(expected)
  })

  test.each([
    ['ADT^', 'ADT_', TEXTS],
    ['ADT^A', 'ADT^B', ['A']],
    ['ADT^a', 'ADT^b', ['a']],
  ])('kinds that begin with %s are found by a range, through an index', async (from, below, expected) => {
    const sql = 'SELECT control_id AS x FROM message WHERE kind >= ? AND kind < ? ORDER BY kind'
    const found = await journal.read<{ x: string }>({ sql, parameters: [from, below] })
    expect(found.map(({ x }) => x)).toEqual(expected)
    const client = new pg.Client({ connectionString: url })
    await client.connect()
    await client.query('SET enable_seqscan = off; SET enable_bitmapscan = off')
    const { rows } = await client.query(`EXPLAIN SELECT 1 FROM message_rest WHERE kind LIKE '${from}%'`)
    await client.end()
    expect(rows.map((row) => row['QUERY PLAN']).join('\n')).toContain(`kind >= '${from}'`)
  })

  test('the store opens again, and finds every message sound', async () => {
    await journal.close()
    journal = await openPostgresJournal(postgresOptions(url))
    expect(await journal.verify(null)).toEqual({ checked: TEXTS.length, damaged: [] })
  })
})
