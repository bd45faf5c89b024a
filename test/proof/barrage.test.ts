import { afterEach, describe, expect, test } from 'vitest'
import { type Barrage, barrage } from '../support/peers/autocannon.ts'
import { type Gateway, runCommand } from '../support/world/gateway.ts'
import { oru, patient } from '../support/world/messages.ts'
import type { Receiver } from '../support/world/receiver.ts'
import { senderKey } from '../support/world/region.ts'
import { serviceRequest } from '../support/world/resources.ts'
import { fhirPost, hl7Post } from '../support/world/web-client.ts'
import { emptied, makeWorld, type World } from '../support/world/world.ts'

const AMOUNT = 2_000
const PATIENTS = 200
const CONNECTIONS = 32

let world: World | null = null
afterEach(async () => {
  await world?.close()
  world = null
})

const opened = async (type: 'http' | 'fhir', kind: string): Promise<{ world: World; receiver: Receiver }> => {
  world = await makeWorld({
    destinations: { 'chu-a/dpi': { type, options: { maxInFlight: 8 } } },
    routes: [{ name: 'all', when: { kinds: [kind] }, to: ['chu-a/dpi'] }],
  })
  return { world, receiver: world.receiver('chu-a/dpi') }
}

const posts = (n: number): string => `AC${String(n).padStart(6, '0')}`
const result = (n: number) => oru({ facility: 'CH-A', patient: patient(n % PATIENTS), controlId: posts(n) })
const request = (n: number) => JSON.stringify(serviceRequest(posts(n), patient(n % PATIENTS)))

function aimed({ httpPort }: World, post: ReturnType<typeof hl7Post>, body: Barrage['body']): Barrage {
  const headers = { authorization: `Bearer ${senderKey('CH-A')}`, 'content-type': post.type }
  return { port: httpPort, path: post.path, headers, connections: CONNECTIONS, amount: AMOUNT, body }
}

const none = { non2xx: 0, errors: 0, timeouts: 0, resets: 0 }
const all = Array.from({ length: AMOUNT }, (_, n) => posts(n))

/** The counts agree: all received, none under way, parked or refused; and so does a recount of the store at rest. */
async function conserved(world: World, gateway: Gateway): Promise<void> {
  await emptied(gateway)
  const counts = { received: AMOUNT, closed: AMOUNT, inFlight: 0, parked: 0, refused: 0 }
  expect(await gateway.status()).toMatchObject(counts)
  await gateway.stop()
  expect(await runCommand(world, ['verify'])).toMatchObject({ code: 0 })
}

describe(`autocannon, ${AMOUNT} posts on ${CONNECTIONS} connections`, () => {
  test('POST /hl7: every 200 is a positive answer to a message that is kept and delivered, once', async () => {
    const { world, receiver } = await opened('http', 'ORU^R01')
    const gateway = await world.start()
    const { counted, answers } = await barrage(aimed(world, hl7Post(''), result))
    expect(counted).toMatchObject({ '2xx': AMOUNT, ...none })
    const said = answers.map(({ body }) => /MSA\|AA\|(\w+)/.exec(body)?.[1])
    expect(said.toSorted()).toEqual(all)
    await conserved(world, gateway)
    expect(receiver.ledger.map(({ controlId }) => controlId).toSorted()).toEqual(all)
  })

  test('POST /fhir/ServiceRequest: every 201 names a resource that is kept and delivered, once', async () => {
    const { world, receiver } = await opened('fhir', 'ServiceRequest')
    const gateway = await world.start()
    const { counted, answers } = await barrage(aimed(world, fhirPost('/ServiceRequest', ''), request))
    expect(counted).toMatchObject({ '2xx': AMOUNT, ...none })
    expect(answers.filter(({ status }) => status !== 201)).toEqual([])
    const ids = new Set(answers.map(({ body }) => (JSON.parse(body) as { id: string }).id))
    expect(ids.size).toBe(AMOUNT)
    await conserved(world, gateway)
    expect(receiver.ledger.map(({ controlId }) => controlId).toSorted()).toEqual(all)
  })

  test('the same 2,000 again: the same answers, and nothing goes out twice', async () => {
    const { world, receiver } = await opened('http', 'ORU^R01')
    const gateway = await world.start()
    const first = await barrage(aimed(world, hl7Post(''), result))
    const second = await barrage(aimed(world, hl7Post(''), result))
    expect(second.counted).toMatchObject({ '2xx': AMOUNT, ...none })
    const bodies = (run: typeof first) => run.answers.map(({ body }) => body).toSorted()
    expect(bodies(second)).toEqual(bodies(first))
    await conserved(world, gateway)
    expect(receiver.ledger.length).toBe(AMOUNT)
  })
})
