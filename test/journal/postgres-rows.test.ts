import fc from 'fast-check'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { asRows, type RowType, readRowTypes } from '../../src/pipeline/journal/postgres/rows.ts'
import { storable } from '../../src/pipeline/journal/postgres/sql.ts'
import { missingPostgres } from '../support/postgres/server.ts'
import { sharedCluster } from '../support/postgres/shared.ts'

const need = missingPostgres()
const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.string({ maxLength: 2_000 }),
  fc.constant('é\u0000\ud800'),
)
const row = fc.record(
  {
    number: fc.option(fc.maxSafeInteger()),
    text: fc.option(text),
    bytes: fc.option(fc.uint8Array({ maxLength: 300 })),
    more: fc.option(text),
  },
  { requiredKeys: [] },
)

describe.skipIf(need !== null)(`rows in binary${need === null ? '' : `: ${need}`}`, () => {
  let client: pg.Client
  let type: RowType
  beforeAll(async () => {
    client = new pg.Client({ connectionString: await (await sharedCluster()).createDatabase() })
    await client.connect()
    await client.query(
      'CREATE TABLE sample (n SERIAL, number BIGINT, gone TEXT, text TEXT COLLATE "C", bytes BYTEA, more TEXT)',
    )
    await client.query('ALTER TABLE sample DROP COLUMN gone, ALTER COLUMN n TYPE BIGINT')
    type = (await readRowTypes(client, ['sample'])).get('sample')!
  })
  afterAll(() => client.end())

  const through = async (rows: readonly object[]) => {
    const { rows: back } = await client.query('SELECT number, text, bytes, more FROM unnest($1::sample[])', [
      asRows(type, rows),
    ])
    return back.map((one) => ({ ...one, number: one.number === null ? null : Number(one.number) }))
  }

  test('come back as they were, their text storable', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(row, { maxLength: 20 }), async (rows) => {
        const clean = (value?: string | null) => (value == null ? null : storable(value))
        expect(await through(rows)).toEqual(
          rows.map(({ number, text, bytes, more }) => ({
            number: number ?? null,
            text: clean(text),
            bytes: bytes == null ? null : Buffer.from(bytes),
            more: clean(more),
          })),
        )
      }),
      { numRuns: 60 },
    )
  })

  test.each([[1.5], [Number.NaN], [true], [{}], [2 ** 60], [1n]])('cannot hold %s', (number) => {
    expect(() => asRows(type, [{ number }])).toThrow(expect.objectContaining({ code: 'INTERNAL' }))
  })

  test('columns of other types stay null, and a table that is missing is said at once', async () => {
    await client.query('CREATE TABLE timed (at TIMESTAMPTZ, text TEXT)')
    const timed = (await readRowTypes(client, ['timed'])).get('timed')!
    const { rows } = await client.query('SELECT at, text FROM unnest($1::timed[])', [asRows(timed, [{ text: 'a' }])])
    expect(rows).toEqual([{ at: null, text: 'a' }])
    await expect(readRowTypes(client, ['sample', 'nowhere'])).rejects.toThrow('table nowhere is missing')
  })
})
