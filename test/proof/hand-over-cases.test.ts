import { readFileSync } from 'node:fs'
import { afterEach, describe, expect, test } from 'vitest'
import { sha256 } from '../console/region.ts'
import { openShortMessages, type ShortMessages } from '../support/peers/short-messages.ts'
import { missingPostgres } from '../support/postgres/server.ts'
import { sharedCluster } from '../support/postgres/shared.ts'
import { type Gateway, startGateway } from '../support/world/gateway.ts'
import { OPERATOR_KEY } from '../support/world/region.ts'
import { until } from '../support/world/until.ts'
import { makeWorld, type World } from '../support/world/world.ts'
import { alerted, type Happened, rungsOf } from './journey-judge.ts'
import { callTo, LAST_RUNG, onDuty, person, rungsEvery } from './journey-world.ts'

const CASES = 8
/** Between two rungs: a hand-over takes many of them (ms). */
const STEP_MS = 200

let world: World | null = null
let supervisor: Gateway | null = null
let sms: ShortMessages | null = null
afterEach(async () => {
  await supervisor?.stop()
  await world?.close()
  sms?.close()
  world = supervisor = sms = null
})

const stores: [name: string, why: string | null, make: () => Promise<{ store?: string }>][] = [
  ['the embedded store', null, async () => ({})],
  ['PostgreSQL', missingPostgres(), async () => ({ store: await (await sharedCluster()).createDatabase() })],
]

async function supervised(where: { store?: string }, provider: ShortMessages): Promise<World> {
  const centres = { centres: { '*': ['chu'] } }
  return makeWorld({
    sources: ['CH', 'CHU'],
    destinations: {},
    establishments: { chu: { kind: 'university-hospital' } },
    routes: [],
    top: {
      store: { minFree: '1 MiB' },
      operators: [
        { name: 'operator', role: 'admin', keySha256: sha256(OPERATOR_KEY) },
        person('ch', 'requester', ['ch']),
        person('chu', 'expert', ['chu']),
        person('coordination', 'coordination'),
      ],
      telemedicine: {
        sms: provider.settings,
        services: {
          stroke: {
            ladders: {
              answer: { ...centres, rungs: rungsEvery(STEP_MS, ['console', 'sms']) },
              interventional: centres,
            },
          },
        },
      },
    },
    ...where,
  })
}

describe.each(stores)('a hand-over while cases are open, on %s', (_name, why, make) => {
  test.skipIf(why !== null)(
    `no rung is missed or told twice ${why ?? ''}`,
    async () => {
      sms = await openShortMessages()
      world = await supervised(await make(), sms)
      supervisor = startGateway(world, [], 'supervise')
      await supervisor.ready()
      const { log, httpPort } = world
      const gateway = supervisor
      const call = callTo(httpPort)
      await onDuty(call, { chu: '0639980001' })
      const starts = (): number =>
        readFileSync(log, 'utf8')
          .split('\n')
          .filter((line) => READY.test(line)).length
      const ids: string[] = []
      for (let n = 0; n < CASES; n++) {
        const patient = { identifiers: [], family: `RELEVE${n} (FICTIF)`, given: 'A', birthDate: null, sex: 'unknown' }
        const body = { request: { service: 'stroke', callBack: '0261910077', reason: 'aphasie', patient } }
        const { status, json } = await call('k-ch', '/api/cases', { body })
        expect(status).toBe(201)
        ids.push(json.id)
        // In the middle of asking, while ladders are climbed.
        if (n === CASES / 2) process.kill(gateway.pid, 'SIGUSR2')
      }
      await until('the next gateway is ready', async () => starts() === 2)
      for (const id of ids) {
        const whole = await until('its last rung was told', async () => {
          const { json } = await call('k-coordination', `/api/cases/${id}`)
          const told = (json.happenings as readonly Happened[]).some(
            ({ act }) => act.what === 'rung' && act.rung === LAST_RUNG,
          )
          return told ? json : null
        })
        const { faults, rungs, alerts } = rungsOf(whole.happenings)
        expect(faults).toEqual([])
        expect(rungs).toBeGreaterThan(LAST_RUNG)
        const { status } = await call('k-chu', `/api/cases/${id}/acts`, { body: { act: { what: 'accept' } } })
        expect(status).toBe(200)
        expect(await alerted({ call, told: sms.taken }, whole, alerts)).toEqual([])
      }
    },
    60_000,
  )
})

/** A gateway says that its doors are open. */
const READY = /"event":"gateway.ready".*"entrance":"http"/
