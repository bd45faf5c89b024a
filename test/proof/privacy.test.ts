import { afterAll, beforeAll, expect, test } from 'vitest'
import type { MessagePage } from '../../src/core/views.ts'
import { connect } from '../support/world/client.ts'
import { type Gateway, runCommand } from '../support/world/gateway.ts'
import { adt, oru, type Patient, patient } from '../support/world/messages.ts'
import { until } from '../support/world/until.ts'
import { makeWorld, type World } from '../support/world/world.ts'

/** Markers that stand nowhere else: if one is found, it came out of a message. */
const canaries: readonly Patient[] = Array.from({ length: 14 }, (_, i) => {
  const who = patient(40_000 + 137 * i, `KANARI${String.fromCharCode(65 + i)}Q`)
  return { ...who, given: `ZEPHIRIN${String.fromCharCode(65 + i)}Q` }
})
const markers = canaries.flatMap(({ ipp, ins, family, given, phone }) => [
  ipp,
  ins,
  family.replace(' (FICTIF)', ''),
  given,
  phone,
])

let world: World
let gateway: Gateway
beforeAll(async () => {
  world = await makeWorld({
    sources: ['CH-A', 'CH-SILENT'],
    destinations: {
      'chu/dpi': {
        script: (id) => (id === 'CANARY-REFUSED' ? 'AR' : 'AA'),
        options: { retry: { first: '50 ms', factor: 2, max: '1 s', expires: '7 d' } },
      },
      'dead/dpi': { dead: true },
    },
    routes: [
      { name: 'results', when: { kinds: ['ORU^R01'], from: ['ch-a'] }, to: ['chu/dpi'] },
      { name: 'admissions', when: { kinds: ['ADT^*'], from: ['ch-a'] }, to: ['dead/dpi'] },
    ],
    door: { maxFrame: '64 KiB' },
  })
  gateway = await world.start()
})
afterAll(async () => {
  await world.close()
})

const canary = (n: number): Patient => canaries[n] as Patient
const good = (n: number, controlId: string): Buffer => oru({ facility: 'CH-A', patient: canary(n), controlId })
const changed = (n: number, controlId: string, from: string | RegExp, to: string): string =>
  good(n, controlId).toString('latin1').replace(from, to)

/** Everything a message can come to: taken, delivered, refused by us, refused by the far side, malformed, cut. */
const messages: [name: string, bytes: Buffer | string, allowed: string[]][] = [
  ['taken and delivered', good(0, 'CANARY-TAKEN'), ['AA']],
  ['taken and refused by the far side', good(1, 'CANARY-REFUSED'), ['AA']],
  ['taken and waiting', adt({ facility: 'CH-A', patient: canary(2), controlId: 'CANARY-WAITS' }), ['AA']],
  ['a repeat with other bytes', good(3, 'CANARY-TAKEN'), ['AE']],
  ['of an unknown sender', changed(4, 'CANARY-4', 'CH-A', 'CH-NOBODY'), ['AE']],
  ['without a route', changed(5, 'CANARY-5', 'CH-A', 'CH-SILENT'), ['AE']],
  ['of an unknown type', changed(6, 'CANARY-6', /ORU\^R01\^ORU_R01/, 'QQQ^Q99'), ['AE', 'AR']],
  [
    'of a real patient, by its MSH-11',
    changed(7, 'CANARY-7', '|T|2.5', '|P|2.5').replace('1.213.1.4.10', '1.213.1.4.8'),
    ['AE', 'AR'],
  ],
  [
    'with a charset that its bytes contradict',
    changed(8, 'CANARY-8', '8859/15', 'UNICODE UTF-8').replace('(FICTIF)', '\u00e9 (FICTIF)'),
    ['AE', 'AR'],
  ],
  ['without a header', changed(9, 'CANARY-9', /^MSH[^\r]*\r/, ''), ['AE', 'AR', 'closed']],
  ['with the name where the header should be', `${canary(10).family}|${canary(10).ins}`, ['AE', 'AR', 'closed']],
  ['with a broken identifier', changed(11, 'CANARY-11', '^^^SIH', '\\X^~&'), ['AA', 'AE', 'AR']],
  [
    'too long',
    changed(12, 'CANARY-12', 'NTE|', `ZZZ|${canary(12).family.repeat(6_000)}\rNTE|`),
    ['AE', 'AR', 'closed'],
  ],
]

test('no canary stands in logs, metrics, answers, errors, pages or lists', async () => {
  const heard: string[] = []
  for (const [name, bytes, allowed] of messages) {
    const client = await connect(world.mllpPort)
    const answer = await client.post(bytes)
    expect(allowed, name).toContain(answer?.code ?? 'closed')
    heard.push(answer?.raw.toString('latin1') ?? '')
    client.close()
  }
  const junk = await connect(world.mllpPort)
  await junk.write(`${canary(13).family} ${canary(13).ins} `.repeat(200))
  await junk.gone

  await world.receiver('chu/dpi').when(({ distinct }) => distinct.has('CANARY-TAKEN') && distinct.has('CANARY-REFUSED'))
  await until('the refusal is recorded', async () => (await gateway.status()).parked > 0)
  const { body } = await gateway.get('/api/messages?limit=500')
  const page = JSON.parse(body) as MessagePage
  expect(page.messages.map((message) => message.controlId)).toEqual(
    expect.arrayContaining(['CANARY-TAKEN', 'CANARY-WAITS']),
  )

  heard.push(body)
  for (const { id } of page.messages) heard.push((await gateway.get(`/api/messages/${id}`)).body)
  const paths = [
    '/',
    '/metrics',
    '/readyz',
    '/healthz',
    '/api/status',
    '/api/nothing',
    '/api/messages?limit=-1',
    '/api/messages?kind=%00',
  ]
  for (const path of paths) heard.push((await gateway.get(path)).body)
  // Whoever puts a patient in a URL against the rules is not told it back, and the log does not keep it.
  for (const path of [
    `/api/messages?patient=${canary(0).ins}`,
    `/api/messages/${canary(1).ins}`,
    `/api/${canary(2).ipp}`,
  ]) {
    const reply = await gateway.get(path)
    expect(reply.status, path).toBeGreaterThanOrEqual(400)
    heard.push(reply.body)
  }
  heard.push((await gateway.get('/api/status', { authorization: `Bearer ${canary(3).ins}` })).body)
  await gateway.stop()
  heard.push(world.logged())
  heard.push((await runCommand(world, ['messages'])).out, (await runCommand(world, ['trace', 'CANARY-REFUSED'])).out)

  const everything = heard.join('\n').toLowerCase()
  expect(everything.length).toBeGreaterThan(10_000)
  expect(everything).toContain('canary-taken')
  expect(markers.filter((marker) => everything.includes(marker.toLowerCase()))).toEqual([])
})
