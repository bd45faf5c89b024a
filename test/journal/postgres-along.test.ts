import pg from 'pg'
import { describe, expect, test } from 'vitest'
import { ask } from '../support/postgres/cluster.ts'
import { missingPostgres } from '../support/postgres/server.ts'
import { until } from '../support/world/until.ts'
import { newDelivery, newIntake, newMove } from './made.ts'
import { postgresRig } from './postgres-rig.ts'

const need = missingPostgres()
const of = (key: string, text: string) =>
  newIntake({ repeatKey: key, bytes: Buffer.from(text), deliveries: [newDelivery('rch-a/dpi')] })

describe.skipIf(need !== null)(
  `commits that come while the lock is waited for${need === null ? '' : `: ${need}`}`,
  () => {
    test('go with the batch, and repeats and clashes among them are found', async () => {
      const rig = await postgresRig()
      const { journal } = rig
      const other = new pg.Client({ connectionString: rig.url })
      await other.connect()
      try {
        const known = await journal.commit([of('known', 'same bytes')])
        await other.query('BEGIN')
        await other.query('SELECT FROM head FOR UPDATE')
        const first = journal.commit([of('first', 'a')])
        await until('the batch waits for the lock', async () => {
          const rows = await ask(
            rig.url,
            `SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%FROM head FOR UPDATE' AND datname = current_database()`,
          )
          return rows.length > 0
        })
        const along = [of('second', 'b'), of('known', 'same bytes'), of('known', 'other bytes'), of('second', 'b')]
        const came = along.map((intake) => journal.commit([intake]))
        await other.query('COMMIT')
        const kinds = (await Promise.all([first, ...came])).map((one) =>
          one.kind === 'repeat' ? `repeat of ${one.receipt.messageId}` : one.kind,
        )
        const id = (one: typeof known): string => (one.kind === 'committed' ? one.receipt.messageId : '')
        const second = await came[0]!
        expect(kinds).toEqual([
          'committed',
          'committed',
          `repeat of ${id(known)}`,
          'conflict',
          `repeat of ${id(second)}`,
        ])
        const { received, inFlight } = await journal.counts()
        expect({ received, inFlight }).toEqual({ received: 3, inFlight: 3 })
      } finally {
        await other.end()
        await rig.end()
      }
    })

    test('that is ended while it waits is no question that took too long: it may be tried again', async () => {
      const rig = await postgresRig()
      const { journal } = rig
      const other = new pg.Client({ connectionString: rig.url })
      await other.connect()
      const ended = async (work: Promise<unknown>) => {
        work.catch(() => {})
        // As its own limit does, where another node's commit takes longer than that.
        const cancel = `SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event_type = 'Lock'
          AND query LIKE '%FROM head FOR UPDATE' AND datname = current_database()`
        await until('it waits for the lock', async () => (await ask(rig.url, cancel)).length > 0)
        return work.then(
          () => 'done',
          (fault: { code: string }) => fault.code,
        )
      }
      try {
        const made = of('made', 'a')
        await journal.commit([made])
        await other.query('BEGIN; SELECT FROM head FOR UPDATE')
        const codes = [
          await ended(journal.commit([of('late', 'b')])),
          await ended(journal.record(newMove(made.deliveries[0]!.id))),
          await ended(journal.processing(made.deliveries[0]!.id, true)),
          await ended(journal.purge({ closedBeforeMs: 0, refusedBeforeMs: 0 }, null, 10)),
        ]
        await other.query('COMMIT')
        expect(codes).toEqual(Array(4).fill('STORE_UNREACHABLE'))
        expect(await journal.record(newMove(made.deliveries[0]!.id))).toBe(true)
      } finally {
        await other.end()
        await rig.end()
      }
    })

    test('share its commit when all of them are new', async () => {
      const rig = await postgresRig()
      const { journal } = rig
      const other = new pg.Client({ connectionString: rig.url })
      await other.connect()
      const xmin = async (ids: readonly string[]) =>
        (await other.query('SELECT DISTINCT xmin::text FROM message WHERE id = ANY($1)', [ids])).rows.length
      try {
        await other.query('BEGIN')
        await other.query('SELECT FROM head FOR UPDATE')
        const intakes = ['1', '2', '3', '4'].map((key) => of(key, key))
        const first = journal.commit([intakes[0]!])
        await until('the batch waits for the lock', async () => {
          const rows = await ask(
            rig.url,
            `SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%FROM head FOR UPDATE' AND datname = current_database()`,
          )
          return rows.length > 0
        })
        const rest = intakes.slice(1).map((intake) => journal.commit([intake]))
        await other.query('COMMIT')
        expect((await Promise.all([first, ...rest])).map(({ kind }) => kind)).toEqual(Array(4).fill('committed'))
        expect(await xmin(intakes.map(({ id }) => id))).toBe(1)
      } finally {
        await other.end()
        await rig.end()
      }
    })
  },
)
