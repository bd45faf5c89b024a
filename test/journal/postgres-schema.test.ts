/** Steps of the schema and the nodes that are alive meanwhile. */
import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { migrate } from '../../src/pipeline/journal/postgres/migrate.ts'
import { openPostgresJournal } from '../../src/pipeline/journal/postgres/open.ts'
import { MIGRATIONS } from '../../src/pipeline/journal/postgres/schema.ts'
import type { Migration } from '../../src/pipeline/journal/schema.ts'
import { ask } from '../support/postgres/cluster.ts'
import { missingPostgres } from '../support/postgres/server.ts'
import { newDelivery, newIntake } from './made.ts'
import { after, postgresOptions, postgresRig } from './postgres-rig.ts'

const need = missingPostgres()
const number = MIGRATIONS.length + 1
const ADDS: Migration = { number, name: 'next', sql: 'ALTER TABLE event ADD COLUMN later TEXT', oldest: 1 }
const CHANGES: Migration = { ...ADDS, oldest: number }
const AFTER: Migration = { ...ADDS, number: number + 1, name: 'after', sql: 'SELECT 1', oldest: number }

describe.skipIf(need !== null)(`steps of the schema on PostgreSQL${need === null ? '' : `: ${need}`}`, () => {
  let rig: Awaited<ReturnType<typeof postgresRig>>
  let client: pg.Client
  beforeEach(async () => {
    rig = await postgresRig({ fresh: true })
    client = new pg.Client(rig.url)
    await client.connect()
  })
  afterEach(async () => {
    await client.end()
    await rig.end()
  })
  const clock = () => ({ nowMs: () => rig.nowMs, monotonicMs: () => performance.now(), after })
  const step = (...more: Migration[]) =>
    migrate(client, clock(), { uuid: randomUUID, random: () => 0.5 }, [...MIGRATIONS, ...more])
  const stored = async () => Number((await ask(rig.url, 'SELECT max(number) AS n FROM migration', []))[0]?.['n'])

  test.each<[name: string, steps: Migration[], refused: boolean]>([
    ['one that only adds is made', [ADDS], false],
    ['one that does more is refused', [CHANGES], true],
    ['one that only adds behind one that does more is refused', [CHANGES, AFTER], true],
  ])('under a node that is alive, %s', async (_name, steps, refused) => {
    const made = step(...steps)
    if (!refused) return expect(await made).toBe(undefined)
    await expect(made).rejects.toMatchObject({
      code: 'NODES_OLDER',
      message: expect.stringMatching(/Stop first: test \(release 0\.0\.0\)\.$/),
    })
    expect(await stored()).toBe(MIGRATIONS.length)
    await rig.journal.close()
    await step(...steps)
    expect(await stored()).toBe(steps.at(-1)?.number)
    await ask(rig.url, 'DELETE FROM migration WHERE number >= $1', [number])
    await rig.reopen()
  })

  test('a node that is alive writes on when its tables get columns', async () => {
    const commit = async (key: string) =>
      (
        await rig.journal.commit([
          newIntake({ repeatKey: key, bytes: Buffer.from(key), deliveries: [newDelivery('rch-a/dpi')] }),
        ])
      ).kind
    expect(await commit('before')).toBe('committed')
    await ask(rig.url, 'ALTER TABLE message ADD COLUMN later TEXT; ALTER TABLE delivery ADD COLUMN later BIGINT')
    expect(await Promise.all([commit('after'), commit('too'), commit('before')])).toEqual([
      'committed',
      'committed',
      'repeat',
    ])
    await ask(rig.url, 'ALTER TABLE message DROP COLUMN later; ALTER TABLE delivery DROP COLUMN later')
    expect(await commit('last')).toBe('committed')
  })

  test('a node that died is nobody: it was not seen for 3 s', async () => {
    await ask(
      rig.url,
      `INSERT INTO node (incarnation, name, release, seen_at) VALUES ('x', 'dead', '0.0.0', now() - interval '4 s')`,
      [],
    )
    await rig.journal.close()
    await step(CHANGES)
    await ask(rig.url, 'DELETE FROM migration WHERE number >= $1', [number])
    await rig.reopen()
  })

  test('a node that looked at the schema before a step, and enrols after it, is refused', async () => {
    await client.query('BEGIN; SELECT FROM head FOR UPDATE')
    const late = openPostgresJournal(postgresOptions(rig.url, { node: 'late', clock: clock() }))
    late.catch(() => {})
    const waits = `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'
      AND application_name = 'passerelle late'`
    await expect.poll(() => ask(rig.url, waits, [])).toHaveLength(1)
    await client.query('INSERT INTO migration (number, name, at_ms, oldest) VALUES ($1, $2, 0, $1)', [number, 'next'])
    await client.query('COMMIT')
    await expect(late).rejects.toMatchObject({ code: 'STORE_NEWER' })
    expect(await ask(rig.url, "SELECT FROM node WHERE name = 'late'", [])).toEqual([])
    await ask(rig.url, 'DELETE FROM migration WHERE number = $1', [number])
  })
})
