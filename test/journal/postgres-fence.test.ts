/** What a node writes under a lease that has changed hands is refused, and changes nothing. */
import { afterEach, describe, expect, test } from 'vitest'
import type { Fence } from '../../src/core/leases.ts'
import { openPostgresJournal } from '../../src/pipeline/journal/postgres/open.ts'
import { ask } from '../support/postgres/cluster.ts'
import { missingPostgres } from '../support/postgres/server.ts'
import { sharedCluster } from '../support/postgres/shared.ts'
import { newIntake, newMove, personEvent } from './made.ts'
import { postgresOptions, rigDatabase } from './postgres-rig.ts'

const need = missingPostgres()
const cleanings: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const clean of cleanings.splice(0).reverse()) await clean()
})

describe.skipIf(need !== null)(`leases on PostgreSQL${need === null ? '' : `: ${need}`}`, () => {
  test('record and apply of an older epoch', async () => {
    const cluster = await sharedCluster()
    const url = await rigDatabase(cluster)
    cleanings.push(() => cluster.dropDatabase(url))
    const journal = await openPostgresJournal(postgresOptions(url))
    cleanings.push(() => journal.close())
    const got = Promise.withResolvers<Fence>()
    const tenancy = journal.leases.hold('destination:a/b', {
      begin: async ({ fence }) => got.resolve(fence),
      end: async () => {},
    })
    cleanings.push(() => tenancy.drop())
    const fence = await got.promise
    const made = newIntake()
    await journal.commit([made])
    const id = made.deliveries[0]!.id
    const events = async () => (await ask(url, "SELECT count(*)::int AS n FROM event WHERE what = 'close'"))[0]

    // Another node has had it since.
    await ask(url, "UPDATE lease SET epoch = epoch + 1 WHERE name = 'destination:a/b'")
    expect(await journal.record(newMove(id, { fence }))).toBe(false)
    expect(await journal.apply({ fence, events: [personEvent('close')] })).toBe(false)
    expect([(await journal.delivery(id))?.state, await events()]).toEqual(['queued', { n: 0 }])

    const now = { ...fence, epoch: fence.epoch + 1 }
    expect(await journal.record(newMove(id, { fence: now }))).toBe(true)
    expect(await journal.apply({ fence: now, events: [personEvent('close')] })).toBe(true)
    expect([(await journal.delivery(id))?.state, await events()]).toEqual(['sending', { n: 1 }])
  })
})
