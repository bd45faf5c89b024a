import { readFileSync } from 'node:fs'
import { afterEach, describe, expect, test } from 'vitest'
import { missingPostgres } from '../support/postgres/server.ts'
import { sharedCluster } from '../support/postgres/shared.ts'
import { type Gateway, startGateway } from '../support/world/gateway.ts'
import { startLoad } from '../support/world/load.ts'
import { oru, patient } from '../support/world/messages.ts'
import { startNewcomers } from '../support/world/newcomers.ts'
import { until } from '../support/world/until.ts'
import { emptied, makeWorld, type World } from '../support/world/world.ts'
import { altered, inversions, lost } from './ledgers.ts'

let world: World | null = null
let supervisor: Gateway | null = null
afterEach(async () => {
  await supervisor?.stop()
  supervisor = null
  await world?.close()
  world = null
})

/** Where the store is: a folder of the world's own, or a database made for it. */
const needed = missingPostgres()
const stores: [name: string, why: string | null, make: () => Promise<{ store?: string }>][] = [
  ['the embedded store: one after the other', null, async () => ({})],
  [
    'PostgreSQL: the next one before the old one stops',
    needed,
    async () => ({ store: await (await sharedCluster()).createDatabase() }),
  ],
]

async function supervised(where: { store?: string } = {}): Promise<World & { readonly supervisor: Gateway }> {
  world = await makeWorld({
    sources: ['CH-A'],
    destinations: { 'sink/dpi': { options: { maxInFlight: 4 } } },
    routes: [{ name: 'all', when: { from: ['ch-a'] }, to: ['sink/dpi'] }],
    top: { store: { minFree: '1 MiB' } },
    ...where,
  })
  supervisor = startGateway(world, [], 'supervise')
  await supervisor.ready()
  return { ...world, supervisor }
}

/** How many gateways have said so far that their doors are open. */
const starts = (log: string): number =>
  readFileSync(log, 'utf8')
    .split('\n')
    .filter((line) => /"event":"gateway.ready".*"entrance":"http"/.test(line)).length

/** The gateways under the supervisor. */
function childrenOf(pid: number): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').map(Number)
}

function traffic({ mllpPort, httpPort }: World) {
  const make = (controlId: string, sender: number): Buffer =>
    oru({ facility: 'CH-A', patient: patient(50 + sender), controlId })
  return {
    mllp: startNewcomers({ door: 'mllp', port: mllpPort, facility: 'CH-A', senders: 4, make, paceMs: 5 }),
    http: startNewcomers({ door: 'http', port: httpPort, facility: 'CH-A', senders: 4, make, paceMs: 5 }),
    steady: startLoad({
      port: mllpPort,
      connections: 4,
      paceMs: 10,
      patients: 8,
      make: (p, seq) => {
        const controlId = `S${p}N${seq}`
        return { controlId, kind: 'ORU^R01', bytes: oru({ facility: 'CH-A', patient: patient(p), controlId }) }
      },
    }),
  }
}

describe.each(stores)('%s', (_name, why, make) => {
  test.skipIf(why !== null)(
    `three hand-overs under load: whoever connects anew is answered yes, and nothing is lost ${why ?? ''}`,
    {
      timeout: 240_000,
    },
    async () => {
      const { supervisor: gateway, log, receiver, ...rest } = await supervised(await make())
      const { mllp, http, steady } = traffic({ ...rest, log, receiver } as World)
      for (let turn = 1; turn <= 3; turn++) {
        const before = [mllp.acknowledged.size, http.acknowledged.size, steady.acknowledged.size]
        const moved = (): boolean =>
          [mllp.acknowledged.size, http.acknowledged.size, steady.acknowledged.size].every(
            (n, i) => n > before[i]! + 20,
          )
        await until('the load runs', async () => moved())
        const [old] = childrenOf(gateway.pid)
        process.kill(gateway.pid, 'SIGUSR2')
        await until('the next gateway is ready', async () => starts(log) === turn + 1)
        await until('the old one has gone', async () => !childrenOf(gateway.pid).includes(old!))
      }
      await Promise.all([mllp.finish(), http.finish(), steady.finish()])
      expect({ mllp: mllp.troubles, http: http.troubles }).toEqual({ mllp: [], http: [] })
      expect(steady.counts).toMatchObject({ negative: 0, wrong: 0 })

      await emptied(gateway)
      const promised = mllp.acknowledged.size + http.acknowledged.size + steady.acknowledged.size
      expect(await gateway.status()).toMatchObject({ received: promised, closed: promised, parked: 0, difference: 0 })
      const { ledger, distinct } = receiver('sink/dpi')
      expect([...mllp.acknowledged, ...http.acknowledged].filter((id) => !distinct.has(id))).toEqual([])
      expect(lost(steady.acknowledged, ledger)).toEqual([])
      expect(altered(steady.acknowledged, ledger)).toEqual([])
      expect(inversions(steady.acknowledged, ledger)).toEqual([])
    },
  )
})

test('a gateway that is killed is started again, and its sockets refuse nobody meanwhile', {
  timeout: 240_000,
}, async () => {
  const { supervisor: gateway, log, receiver, ...rest } = await supervised()
  const { mllp, http, steady } = traffic({ ...rest, log, receiver } as World)
  await until('the load runs', async () => mllp.acknowledged.size > 20 && http.acknowledged.size > 20)
  process.kill(childrenOf(gateway.pid)[0]!, 'SIGKILL')
  await until('the next gateway is ready', async () => starts(log) === 2)
  await Promise.all([mllp.finish(), http.finish(), steady.finish()])
  // What the dead one had taken is cut; what it had not taken waited.
  expect([...mllp.troubles, ...http.troubles].filter((trouble) => trouble.includes('REFUSED'))).toEqual([])
  await emptied(gateway)
  const { distinct } = receiver('sink/dpi')
  const promised = [...mllp.acknowledged, ...http.acknowledged, ...steady.acknowledged.keys()]
  expect(promised.filter((id) => !distinct.has(id))).toEqual([])
  expect((await gateway.status()).difference).toBe(0)
  expect(await gateway.stop()).toEqual({ code: 0, signal: null })
})
