import { afterAll, beforeAll, expect, test } from 'vitest'
import type { MessagePage } from '../../src/core/views.ts'
import { connect } from '../support/world/client.ts'
import { type Collector, openCollector } from '../support/world/collector.ts'
import { type Gateway, runCommand } from '../support/world/gateway.ts'
import { adt, oru, type Patient, patient } from '../support/world/messages.ts'
import { senderKey } from '../support/world/region.ts'
import { observation, serviceRequest, transaction } from '../support/world/resources.ts'
import { until } from '../support/world/until.ts'
import { fhirPost, hl7Post, type WebPost, webPoster } from '../support/world/web-client.ts'
import { makeWorld, type World } from '../support/world/world.ts'

/** Markers that stand nowhere else: if one is found, it came out of a message. */
const canaries: readonly Patient[] = Array.from({ length: 26 }, (_, i) => {
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
let collector: Collector
beforeAll(async () => {
  collector = await openCollector()
  world = await makeWorld({
    sources: ['CH-A', 'CH-SILENT'],
    destinations: {
      'chu/dpi': {
        script: (id) => (id === 'CANARY-REFUSED' ? 'AR' : 'AA'),
        options: { retry: { first: '50 ms', factor: 2, max: '1 s', expires: '7 d' } },
      },
      'dead/dpi': { dead: true },
      'chu/fhir': {
        type: 'fhir',
        script: (id) => (id === 'CANARY-FHIR-ERROR' ? 'AE' : 'AA'),
        options: { onUnknown: 'hold' },
      },
      'chu/hl7': { type: 'http', script: (id) => (id === 'CANARY-HTTP-ERROR' ? 'AE' : 'AA') },
    },
    routes: [
      { name: 'results', when: { kinds: ['ORU^R01'], from: ['ch-a'] }, to: ['chu/dpi', 'chu/hl7'] },
      { name: 'FHIR', when: { kinds: ['ServiceRequest'], from: ['ch-a'] }, to: ['chu/fhir'] },
      { name: 'admissions', when: { kinds: ['ADT^*'], from: ['ch-a'] }, to: ['dead/dpi'] },
    ],
    door: { maxFrame: '64 KiB' },
    top: { traces: { otlp: collector.url } },
  })
  gateway = await world.start()
})
afterAll(async () => {
  await world.close()
  await collector.close()
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

const stroke = (n: number, id: string): string => JSON.stringify(serviceRequest(id, canary(n)))
const INS_SYSTEM = 'urn:oid:1.2.250.1.213.1.4.10'
const real = (n: number): string => stroke(n, 'CANARY-W7').replace('1.213.1.4.10', '1.213.1.4.8')
const named = (n: number): string => encodeURIComponent(canary(n).family)
const query = (n: number): string => `identifier=${INS_SYSTEM}|${canary(n).ins}`

/** The same over HTTP: what each post can come to, and the statuses it may have. */
const posts: [name: string, post: WebPost, statuses: number[]][] = [
  ['HL7 taken', hl7Post(good(14, 'CANARY-HTTP')), [200]],
  ['HL7 that the far side fails at', hl7Post(good(15, 'CANARY-HTTP-ERROR')), [200]],
  ['HL7 of nobody', hl7Post(changed(16, 'CANARY-W2', 'CH-A', 'CH-NOBODY')), [200]],
  ['what is no HL7', hl7Post(`${canary(17).family} ${canary(17).ins}`), [200, 400, 422]],
  ['FHIR taken', fhirPost('/ServiceRequest', stroke(18, 'CANARY-FHIR')), [201]],
  ['FHIR that the far side fails at', fhirPost('/ServiceRequest', stroke(19, 'CANARY-FHIR-ERROR')), [201]],
  ['FHIR without a route', fhirPost('/Observation', JSON.stringify(observation('CANARY-W4', canary(20)))), [404, 422]],
  ['broken JSON', fhirPost('/ServiceRequest', stroke(21, 'CANARY-W5').slice(0, -20)), [400]],
  [
    'a name of an element that is a name',
    fhirPost('/ServiceRequest', stroke(22, 'CANARY-W6').replace('"intent"', `"${canary(22).family}"`)),
    [201, 400, 422],
  ],
  ['a real patient in a test', fhirPost('/ServiceRequest', real(23)), [400, 422]],
  [
    'a condition on the INS',
    fhirPost('/ServiceRequest', stroke(24, 'CANARY-W8'), { 'if-none-exist': query(24) }),
    [200, 201, 400, 412],
  ],
  [
    'a reference to nobody',
    fhirPost(
      '',
      JSON.stringify(
        transaction('CANARY-W9', [
          { ...serviceRequest('CANARY-W9', canary(25)), requester: { reference: `Practitioner?${query(25)}` } },
        ]),
      ),
    ),
    [400, 412, 422],
  ],
  ['a type that is a name', fhirPost(`/${named(24)}`, '{}'), [404]],
  ['a resource type that is a name', fhirPost('/ServiceRequest', `{"resourceType":"${canary(25).given}"}`), [400, 422]],
  ['a media type that is a name', { ...fhirPost('/ServiceRequest', '{}'), type: `text/${canary(25).given}` }, [415]],
]

test('no canary stands in logs, metrics, traces, answers, errors, pages or lists', async () => {
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

  const post = webPoster(world.httpPort, 'CH-A')
  for (const [name, one, statuses] of posts) {
    const answer = await post(one)
    expect(statuses, name).toContain(answer.status)
    // What the caller asked to have back in a successful create is its own.
    if (answer.status >= 400 || one.path === '/hl7') heard.push(answer.body.toString('latin1'))
    heard.push(JSON.stringify(answer.headers))
  }
  const key = { authorization: `Bearer ${senderKey('CH-A')}` }
  for (const path of [
    `/fhir/Patient/${canary(24).ins}`,
    `/fhir/ServiceRequest/${named(24)}/_history/1`,
    `/fhir/${named(24)}`,
    `/fhir/ServiceRequest?colour=${named(24)}`,
    `/fhir/ServiceRequest?_lastUpdated=${named(24)}`,
    `/hl7?${query(24)}`,
  ]) {
    const reply = await gateway.get(path, key)
    expect(reply.status, path).toBeGreaterThanOrEqual(400)
    heard.push(reply.body)
  }
  await world.receiver('chu/fhir').when(({ distinct }) => distinct.has('CANARY-FHIR-ERROR'))
  await world.receiver('chu/hl7').when(({ distinct }) => distinct.has('CANARY-HTTP-ERROR'))
  await world.receiver('chu/dpi').when(({ distinct }) => distinct.has('CANARY-TAKEN') && distinct.has('CANARY-REFUSED'))
  await until('the refusal is recorded', async () => (await gateway.status()).parked > 2)
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
  expect(collector.spans.length).toBeGreaterThan(10)
  heard.push(...collector.bodies)
  heard.push((await runCommand(world, ['messages'])).out, (await runCommand(world, ['trace', 'CANARY-REFUSED'])).out)

  const everything = heard.join('\n').toLowerCase()
  expect(everything.length).toBeGreaterThan(10_000)
  expect(everything).toContain('canary-taken')
  expect(markers.filter((marker) => everything.includes(marker.toLowerCase()))).toEqual([])
})
