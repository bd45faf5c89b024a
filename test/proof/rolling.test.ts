/** Two releases side by side: nodes are upgraded one after the other under load, and back again. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { missingPostgres } from '../support/postgres/server.ts'
import { sharedCluster } from '../support/postgres/shared.ts'
import { type Gateway, runCommand, startGateway } from '../support/world/gateway.ts'
import { startLoad } from '../support/world/load.ts'
import { oru, patient } from '../support/world/messages.ts'
import { type NextRelease, nextRelease } from '../support/world/release.ts'
import { until } from '../support/world/until.ts'
import { emptied, makeNodes, makeWorld, type WorldSpec } from '../support/world/world.ts'
import { altered, inversions, lost } from './ledgers.ts'

const need = missingPostgres()
const SPEC: WorldSpec = {
  destinations: { 'chu-a/dpi': {}, 'chu-b/dpi': {} },
  routes: [{ name: 'results', when: { kinds: ['ORU^R01'] }, to: ['chu-a/dpi', 'chu-b/dpi'] }],
}
/** Adds to tables that hold messages and to those that both stores keep alike. */
const ADDS = `{ name: 'next', adds: true, both: 'ALTER TABLE message ADD COLUMN later TEXT; ALTER TABLE event ADD COLUMN later TEXT; CREATE TABLE later (id TEXT PRIMARY KEY);' }`
const CHANGES = `{ name: 'next', both: 'ALTER TABLE event ADD COLUMN later TEXT;' }`

/** More messages acknowledged than before. */
async function moreOf(load: ReturnType<typeof startLoad>, more: number): Promise<void> {
  const wanted = load.acknowledged.size + more
  await until(`${more} more acknowledged`, async () => load.acknowledged.size >= wanted, { withinMs: 60_000 })
}
const loadOn = (port: number, name: string) =>
  startLoad({
    port,
    connections: 4,
    patients: 12,
    paceMs: 20,
    make(who, seq) {
      const controlId = `${name}${who}N${seq}`
      return { controlId, kind: 'ORU', bytes: oru({ facility: 'CH-A', patient: patient(who), controlId }) }
    },
  })

let adds: NextRelease
let changes: NextRelease
beforeAll(() => {
  adds = nextRelease(ADDS)
  changes = nextRelease(CHANGES)
})
afterAll(() => {
  adds.remove()
  changes.remove()
})

describe.skipIf(need !== null)(`nodes on PostgreSQL${need === null ? '' : `: ${need}`}`, () => {
  test('from one release to the next and back, one node after the other, nothing lost and in order', async () => {
    const cluster = await sharedCluster()
    const url = await cluster.createDatabase()
    const world = await makeNodes(SPEC, ['a', 'b'], () => url)
    const { a, b } = world.node
    const ready = async (gateway: Gateway): Promise<Gateway> => {
      await gateway.ready()
      return gateway
    }
    try {
      const old = [await a.start(), await b.start()] as const
      const loads = [loadOn(a.mllpPort, 'A'), loadOn(b.mllpPort, 'B')]
      await Promise.all(loads.map((load) => moreOf(load, 30)))
      // Node a goes to the next release while b works on: the schema grows under it.
      await old[0].stop()
      const next = await ready(startGateway(a, [], 'start', adds.main))
      await Promise.all(loads.map((load) => moreOf(load, 30)))
      // And back: the release before starts again on the schema of the next one.
      await old[1].stop()
      await moreOf(loads[0]!, 30)
      const again = await b.start()
      await Promise.all(loads.map((load) => moreOf(load, 30)))
      await next.stop()
      await moreOf(loads[1]!, 30)
      const last = await a.start()
      await Promise.all(loads.map((load) => load.finish()))
      await emptied(last, 180_000)
      const promised = new Map(loads.flatMap((load) => [...load.acknowledged]))
      for (const destination of Object.keys(SPEC.destinations)) {
        const { ledger } = world.receiver(destination)
        expect(lost(promised, ledger)).toEqual([])
        expect(altered(promised, ledger)).toEqual([])
        // Patients of the two loads bear the same numbers, and are sent in each one's own order.
        for (const load of loads) expect(inversions(load.acknowledged, ledger)).toEqual([])
      }
      expect(await last.status()).toMatchObject({ difference: 0, inFlight: 0, parked: 0, received: promised.size })
      await again.stop()
      await last.stop()
      expect(await runCommand(a, ['verify'])).toMatchObject({ code: 0 })
    } finally {
      await world.close()
      await cluster.dropDatabase(url)
    }
  }, 480_000)

  test('a step that does more than add shuts the older release out, with a sentence', async () => {
    const cluster = await sharedCluster()
    const url = await cluster.createDatabase()
    const world = await makeNodes(SPEC, ['a'], () => url)
    try {
      const next = startGateway(world.node.a, [], 'start', changes.main)
      await next.ready()
      await next.stop()
      const { code } = await world.node.a.launch().ended
      expect(code).toBe(1)
      expect(world.node.a.logged()).toContain('STORE_NEWER')
    } finally {
      await world.close()
      await cluster.dropDatabase(url)
    }
  }, 480_000)
})

test('the embedded store goes to the next release and back', async () => {
  const world = await makeWorld(SPEC)
  try {
    const load = loadOn(world.mllpPort, 'E')
    await world.start()
    await moreOf(load, 20)
    await world.stopAll()
    const next = startGateway(world, [], 'start', adds.main)
    await next.ready()
    await moreOf(load, 20)
    await next.stop()
    const last = await world.start()
    await moreOf(load, 20)
    await load.finish()
    await emptied(last, 180_000)
    expect(lost(load.acknowledged, world.receiver('chu-a/dpi').ledger)).toEqual([])
    expect(await last.status()).toMatchObject({ difference: 0, received: load.acknowledged.size })
  } finally {
    await world.close()
  }
}, 480_000)
