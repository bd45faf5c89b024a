import { afterEach, describe, expect, test } from 'vitest'
import { oru, patient } from '../support/world/messages.ts'
import { missing } from '../support/world/needs.ts'
import { senderKey } from '../support/world/region.ts'
import { serviceRequest } from '../support/world/resources.ts'
import { within } from '../support/world/until.ts'
import { fhirPost, hl7Post, webPoster } from '../support/world/web-client.ts'
import { emptied, makeWorld, type World } from '../support/world/world.ts'

const cleanings: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const clean of cleanings.splice(0).reverse()) await clean()
})

/** What is done with a system call of the gateway's process: strace's own words for `inject`. */
const injecting = (calls: string, what: string): string[] => [
  ...['strace', '-D', '-f', '--seccomp-bpf', '-qq', '-o', '/dev/null'],
  ...['-e', `trace=${calls}`, '-e', `inject=${calls}:${what}`],
]

async function storeWorld(): Promise<World> {
  const world = await makeWorld({
    destinations: {
      'chu-a/dpi': { options: { retry: { first: '100 ms', factor: 2, max: '500 ms', expires: '7 d' } } },
    },
    routes: [
      { name: 'results', when: { kinds: ['ORU^R01'] }, to: ['chu-a/dpi'] },
      { name: 'requests', when: { kinds: ['ServiceRequest'] }, to: ['platform'] },
    ],
  })
  cleanings.push(() => world.close())
  return world
}

let made = 0
type Said = { readonly yes: boolean; readonly status: number; readonly id: string }

/** Posts one message by HTTP, HL7 v2 and FHIR in turn; `id` of a yes is what it is found by. */
async function postOne(world: World): Promise<Said> {
  const controlId = `WEB${++made}`
  const post = webPoster(world.httpPort, 'CH-A')
  const body =
    made % 2 === 0
      ? hl7Post(oru({ facility: 'CH-A', patient: patient(made % 20), controlId }))
      : fhirPost('/ServiceRequest', JSON.stringify(serviceRequest(controlId, patient(made % 20))))
  const answer = await post(body).catch(() => null)
  if (answer === null) return { yes: false, status: 0, id: '' }
  const text = answer.body.toString('latin1')
  if (made % 2 === 0) return { yes: text.includes('MSA|AA|'), status: answer.status, id: controlId }
  const id = answer.status === 201 ? `/fhir/ServiceRequest/${(JSON.parse(text) as { id: string }).id}` : ''
  return { yes: answer.status < 300, status: answer.status, id }
}

async function postUntilRefused(world: World): Promise<string[]> {
  const positive: string[] = []
  while (positive.length < 2_000) {
    const said = await postOne(world)
    if (!said.yes) return positive
    positive.push(said.id)
  }
  throw new Error('2000 messages were accepted although the store fails')
}

async function afterwards(world: World, count: number): Promise<Said[]> {
  const said: Said[] = []
  for (let i = 0; i < count; i++) said.push(await postOne(world))
  return said
}

/** What was promised is there: HL7 v2 at its receiver, FHIR under its address. */
async function kept(
  world: World,
  positive: readonly string[],
  gateway: Awaited<ReturnType<World['start']>>,
): Promise<void> {
  await emptied(gateway)
  const { distinct } = world.receiver('chu-a/dpi')
  const headers = { authorization: `Bearer ${senderKey('CH-A')}` }
  for (const id of positive) {
    if (!id.startsWith('/')) expect(distinct.has(id), id).toBe(true)
    else expect([id, (await fetch(`http://127.0.0.1:${world.httpPort}${id}`, { headers })).status]).toEqual([id, 200])
  }
  expect(await gateway.status()).toMatchObject({ difference: 0, inFlight: 0, parked: 0 })
}

const strace = missing('strace', ['-V'])

describe('a failing store, seen through HTTP and FHIR', () => {
  test.skipIf(strace)(`a sync that fails: no yes from then on, an end, a recovery ${strace ?? ''}`, async () => {
    const world = await storeWorld()
    await (await world.start()).stop()
    const failing = await world.start(injecting('fsync,fdatasync', 'error=EIO:when=120+'))
    const positive = await postUntilRefused(world)
    expect((await afterwards(world, 40)).filter(({ yes }) => yes)).toEqual([])
    expect((await within(10_000, 'the process ends', failing.ended)).code).not.toBe(0)
    expect(positive.length).toBeGreaterThan(3)
    await kept(world, positive, await world.start())
  })

  test.skipIf(strace)(
    `a store that cannot be written: 503 to all, and what was promised is there ${strace ?? ''}`,
    async () => {
      const world = await storeWorld()
      await (await world.start()).stop()
      const full = await world.start(injecting('pwrite64', 'error=ENOSPC:when=600+'))
      const positive = await postUntilRefused(world)
      expect(positive.length).toBeGreaterThan(3)
      const said = await afterwards(world, 200)
      expect(new Set(said.map(({ status, yes }) => `${status} ${yes}`))).toEqual(new Set(['503 false']))
      expect(full.running()).toBe(true)
      await full.kill()
      await kept(world, positive, await world.start())
    },
  )
})
