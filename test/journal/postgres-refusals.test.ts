import { describe, expect, onTestFinished, test } from 'vitest'
import { openPostgresJournal } from '../../src/pipeline/journal/postgres/open.ts'
import { ask } from '../support/postgres/cluster.ts'
import { openProxy } from '../support/postgres/proxy.ts'
import { missingPostgres } from '../support/postgres/server.ts'
import { sharedCluster } from '../support/postgres/shared.ts'
import { until } from '../support/world/until.ts'
import { newRefused } from './made.ts'
import { postgresOptions, rigDatabase } from './postgres-rig.ts'

const need = missingPostgres()

describe.skipIf(need !== null)(`refusals while the database is away${need === null ? '' : `: ${need}`}`, () => {
  test('are counted once each, though many are written side by side when it is back', async () => {
    const cluster = await sharedCluster()
    const url = await rigDatabase(cluster)
    const proxy = await openProxy({ port: cluster.port })
    onTestFinished(() => proxy.close())
    const journal = await openPostgresJournal(postgresOptions(url.replace(`:${cluster.port}/`, `:${proxy.port}/`)))
    onTestFinished(() => journal.close())
    let refused = 0
    const refuse = (many: number): Promise<boolean[]> => {
      refused += many
      return Promise.all(Array.from({ length: many }, () => journal.refuse(newRefused(10))))
    }
    await proxy.cut()
    await until('the node knows', async () => !journal.reachable())
    expect(await refuse(5)).toEqual(Array(5).fill(false))
    await proxy.heal()
    await until('it is back', async () => journal.reachable())
    for (let i = 0; i < 4; i++) expect(await refuse(20)).toEqual(Array(20).fill(true))
    expect((await journal.counts()).refused).toBe(refused)
    const [row] = await ask(url, "SELECT value::int AS value FROM counter WHERE name = 'refused'")
    expect(row).toEqual({ value: refused })
  })

  test.each([-4_000_000, 1])(
    'a store that counts %i of three kept ones counts three from its next start on',
    async (wrong) => {
      const url = await rigDatabase(await sharedCluster())
      const open = () => openPostgresJournal(postgresOptions(url))
      const before = await open()
      for (let i = 0; i < 3; i++) await before.refuse(newRefused(10))
      await before.close()
      await ask(url, "UPDATE counter SET value = $1 WHERE name = 'refused'", [wrong])
      const journal = await open()
      onTestFinished(() => journal.close())
      expect((await journal.counts()).refused).toBe(3)
    },
  )
})
