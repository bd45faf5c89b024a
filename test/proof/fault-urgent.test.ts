import { afterEach, describe, expect, test } from 'vitest'
import { connect } from '../support/world/client.ts'
import { merge, orm, oru, patient } from '../support/world/messages.ts'
import type { Script } from '../support/world/receiver.ts'
import { until } from '../support/world/until.ts'
import { makeWorld, type World } from '../support/world/world.ts'

/** The design's bound, and what a busy machine may add to it. */
const BOUND_MS = 5_000
const SLACK_MS = 2_000

let world: World | null = null
afterEach(async () => {
  await world?.close()
  world = null
})

const stuck: [name: string, script: Script][] = [
  ['its receiver is silent', (id) => (id === 'STUCK' ? 'silent' : 'AA')],
  ['it is in back-off', (id) => (id === 'STUCK' ? 'AE' : 'AA')],
  ['it was refused and holds its place', (id) => (id === 'STUCK' ? 'AR' : 'AA')],
]

describe('a stroke request goes although an earlier message of the patient is stuck', () => {
  test.each(stuck)('%s', async (_name, script) => {
    const options = {
      maxInFlight: 2,
      timeout: '60 s',
      onRefused: 'hold',
      retry: { first: '60 s', factor: 2, max: '5 min', expires: '7 d' },
    }
    world = await makeWorld({
      destinations: { 'chu/dpi': { options, script } },
      routes: [
        { name: 'stroke requests', when: { kinds: ['ORM^O01'], service: 'stroke' }, to: ['chu/dpi'], lane: 'urgent' },
        { name: 'the rest', when: { kinds: ['ORU^R01', 'ADT^*'] }, to: ['chu/dpi'] },
      ],
    })
    const gateway = await world.start()
    const receiver = world.receiver('chu/dpi')
    const client = await connect(world.mllpPort)
    const [x, y, gone] = [patient(1), patient(2), patient(3)]
    const post = async (bytes: Buffer): Promise<void> => expect((await client.post(bytes))?.code).toBe('AA')

    await post(oru({ facility: 'CH-A', patient: x, controlId: 'STUCK' }))
    await receiver.when(({ distinct }) => distinct.has('STUCK'))
    await post(merge({ facility: 'CH-A', patient: x, controlId: 'MERGE' }, gone))
    await post(oru({ facility: 'CH-A', patient: y, controlId: 'OTHER' }))
    await receiver.when(({ distinct }) => distinct.has('OTHER'))
    expect([...receiver.distinct]).toEqual(['STUCK', 'OTHER'])

    const postedAtMs = Date.now()
    await post(orm({ facility: 'CH-A', patient: x, controlId: 'URGENT' }))
    await receiver.when(({ distinct }) => distinct.has('URGENT'))

    // The merge is younger than the limit and can go: it goes first, for the patient's request waits on it.
    expect([...receiver.distinct]).toEqual(['STUCK', 'OTHER', 'MERGE', 'URGENT'])
    const urgent = receiver.ledger.find((line) => line.controlId === 'URGENT')
    expect((urgent?.atMs ?? Number.POSITIVE_INFINITY) - postedAtMs).toBeLessThan(BOUND_MS + SLACK_MS)
    const trace = await until('it is delivered', async () => {
      const found = await gateway.trace('URGENT')
      return found.state === 'closed' && found
    })
    expect(trace.findings.map((finding) => finding.code)).toContain('ORDER_OVERTAKEN')
    expect((await gateway.trace('STUCK')).deliveries[0]?.state).not.toBe('delivered')
  })
})
