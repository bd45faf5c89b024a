/** Lists that come while the batch before them is being written. */
import pg from 'pg'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Intake } from '../../src/core/journal.ts'
import { ask } from '../support/postgres/cluster.ts'
import { missingPostgres } from '../support/postgres/server.ts'
import { until } from '../support/world/until.ts'
import { newDelivery, newIntake, newMove } from './made.ts'
import { postgresRig } from './postgres-rig.ts'

const need = missingPostgres()
const of = (key: string, more: Partial<Intake> = {}) =>
  newIntake({ repeatKey: key, bytes: Buffer.from(key), deliveries: [newDelivery('rch-a/dpi')], ...more })
/** No row changes, where one must. */
const MISFIT = { sql: 'UPDATE meta SET value = value WHERE name = ?', parameters: ['no such name'], rows: 1 }

describe.skipIf(need !== null)(`lists that come while a batch is written${need === null ? '' : `: ${need}`}`, () => {
  let rig: Awaited<ReturnType<typeof postgresRig>>
  let other: pg.Client
  beforeEach(async () => {
    rig = await postgresRig()
    other = new pg.Client({ connectionString: rig.url })
    await other.connect()
  })
  afterEach(async () => {
    await other.end()
    await rig.end()
  })
  const kind = (work: Promise<{ readonly kind: string }>) =>
    work.then(
      (one) => one.kind,
      (fault: { code: string }) => fault.code,
    )
  /** Holds the writing of a batch, has what `behind` submits come meanwhile, lets go by `release`. */
  async function held(first: Intake, behind: () => Promise<string>[], release: () => Promise<unknown>) {
    await other.query('BEGIN; LOCK TABLE message IN SHARE MODE')
    const one = kind(rig.journal.commit([first]))
    await until('the batch waits for the table', async () => {
      const sql = `SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE 'WITH w0%' AND datname = current_database()`
      return (await ask(rig.url, sql)).length > 0
    })
    const come = behind()
    // Whatever they do at once is done by the next turns.
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)))
    await release()
    return Promise.all([one, ...come])
  }
  const letGo = () => other.query('COMMIT')

  test('see what it left: its message is a repeat, its delivery moves', async () => {
    const first = of('first')
    const behind = () => [
      kind(rig.journal.commit([of('second')])),
      kind(rig.journal.commit([of('first')])),
      rig.journal.record(newMove(first.deliveries[0]!.id)).then(String),
    ]
    expect(await held(first, behind, letGo)).toEqual(['committed', 'committed', 'repeat', 'true'])
    expect(await rig.journal.counts()).toMatchObject({ received: 2 })
  })

  test('are made after all when it is undone', async () => {
    const behind = () => [kind(rig.journal.commit([of('second')])), kind(rig.journal.commit([of('third')]))]
    expect(await held(of('first', { rows: [MISFIT] }), behind, letGo)).toEqual(['mismatch', 'committed', 'committed'])
    expect(await rig.journal.counts()).toMatchObject({ received: 2 })
    expect(await kind(rig.journal.commit([of('first')]))).toBe('committed')
  })

  test('are made on another connection when theirs is lost with it', async () => {
    const end = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'WITH w0%' AND datname = current_database()`
    const behind = () => [kind(rig.journal.commit([of('second')]))]
    const release = async () => {
      await ask(rig.url, end)
      await letGo()
    }
    expect(await held(of('first'), behind, release)).toEqual(['STORE_UNREACHABLE', 'committed'])
    expect(await rig.journal.counts()).toMatchObject({ received: 1 })
  })

  test('let work that is done alone go before them when it came first', async () => {
    const behind = () => [
      rig.journal.purge({ closedBeforeMs: 0, refusedBeforeMs: 0 }, null, 10).then(() => 'purged'),
      kind(rig.journal.commit([of('second')])),
    ]
    expect(await held(of('first'), behind, letGo)).toEqual(['committed', 'purged', 'committed'])
  })
})
