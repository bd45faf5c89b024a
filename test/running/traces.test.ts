import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import http from 'node:http'
import { afterEach, expect, test } from 'vitest'
import { AGAIN_MS, BATCH, exporter, MOST_WAITING, TIMEOUT_MS, WAIT_MS } from '../../src/app/traces/exporter.ts'
import { isSampled, placeIn, placeOf, type Span } from '../../src/app/traces/span.ts'
import { traceOf } from '../../src/entrances/http/traceparent.ts'
import { manualClock } from '../support/peers/clock.ts'
import { notebook } from '../support/peers/notebook.ts'
import { connect } from '../support/world/client.ts'
import { type Collector, openCollector } from '../support/world/collector.ts'
import { oru, patient } from '../support/world/messages.ts'
import { freePort } from '../support/world/ports.ts'
import { acknowledgementOf } from '../support/world/receiver.ts'
import { serviceRequest } from '../support/world/resources.ts'
import { until } from '../support/world/until.ts'
import { fhirPost, hl7Post, webPoster } from '../support/world/web-client.ts'
import { emptied, makeWorld, type World } from '../support/world/world.ts'

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

async function collector(): Promise<Collector> {
  const opened = await openCollector()
  closing.push(opened.close)
  return opened
}

const CALLER = { traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '00f067aa0ba902b7' }
const TRACEPARENT = `00-${CALLER.traceId}-${CALLER.spanId}-01`

/** A web server that answers AA to HL7 and 201 to the rest, and keeps the headers it was sent. */
async function headerKeeper(port: number): Promise<http.IncomingHttpHeaders[]> {
  const kept: http.IncomingHttpHeaders[] = []
  const server = http.createServer((request, response) => {
    kept.push(request.headers)
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      if (request.url !== '/hl7') return void response.writeHead(201, { location: '/x/1' }).end()
      const controlId = Buffer.concat(chunks).toString('latin1').split('|')[9] ?? ''
      response.writeHead(200, { 'content-type': 'application/hl7-v2' }).end(acknowledgementOf('AA', controlId))
    })
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  closing.push(() => {
    server.closeAllConnections()
    server.close()
  })
  return kept
}

async function tracedWorld(traces: Readonly<Record<string, unknown>> | null) {
  const world = await makeWorld({
    sources: ['CH-A'],
    destinations: {
      'chu/dpi': {
        script: (_id, nth) => (nth === 1 ? 'AE' : 'AA'),
        options: {
          ackPolicy: { default: 'hl7base' },
          retry: { first: '50 ms', factor: 1, max: '1 s', expires: '7 d' },
        },
      },
      'web/hl7': { type: 'http', dead: true },
      'web/fhir': { type: 'fhir', dead: true },
    },
    routes: [
      { name: 'results', when: { kinds: ['ORU^R01'] }, to: ['chu/dpi', 'web/hl7'] },
      { name: 'requests', when: { kinds: ['ServiceRequest'] }, to: ['web/fhir'] },
    ],
    top: { store: { minFree: '1 MiB' }, ...(traces && { traces }) },
  })
  closing.push(world.close)
  return world
}

/** The port that the region file gives a destination with an address. */
function portOf({ region }: World, id: string): number {
  const [establishment, name] = id.split('/')
  const { establishments } = JSON.parse(readFileSync(region, 'utf8')) as {
    establishments: { id: string; destinations: Record<string, { url: string }> }[]
  }
  const found = establishments.find((one) => one.id === establishment)?.destinations[name ?? '']
  return Number(new URL(found!.url).port)
}

const marker = patient(41_234, 'KANARITRACE')
const markers = [marker.ipp, marker.ins, marker.family.replace(' (FICTIF)', ''), marker.given, marker.phone]

test('a message is one trace: its way in, its commit, each attempt; and nothing of its content', async () => {
  const collected = await collector()
  const world = await tracedWorld({ otlp: collected.url })
  const kept = await headerKeeper(portOf(world, 'web/hl7'))
  const gateway = await world.start()
  const client = await connect(world.mllpPort)
  expect((await client.post(oru({ facility: 'CH-A', patient: marker, controlId: 'TRACED1' })))?.code).toBe('AA')
  client.close()
  await until('it is delivered to both', async () => (await gateway.status()).closed === 1)
  const { id, deliveries } = await gateway.trace('TRACED1')
  await collected.when(() => collected.spans.filter(({ name }) => name === 'attempt').length === 3)

  const trace = id.replaceAll('-', '')
  const spans = collected.spans.filter(({ traceId }) => traceId === trace)
  const root = spans.filter(({ parentSpanId }) => parentSpanId === undefined)
  expect(root).toHaveLength(1)
  expect(root[0]).toMatchObject({
    name: 'message',
    kind: 2,
    spanId: trace.slice(16),
    attributes: {
      'passerelle.message.id': id,
      'passerelle.entrance': 'mllp',
      'passerelle.establishment': 'ch-a',
      'passerelle.kind': 'ORU^R01',
      'passerelle.deliveries': 2,
      'passerelle.test': true,
    },
    status: {},
  })
  for (const span of spans) {
    expect(BigInt(span.endTimeUnixNano)).toBeGreaterThanOrEqual(BigInt(span.startTimeUnixNano))
    if (span !== root[0]) expect(span.parentSpanId).toBe(trace.slice(16))
  }
  expect(spans.filter(({ name }) => name === 'commit')).toHaveLength(1)
  const attempts = spans.filter(({ name }) => name === 'attempt')
  const said = attempts.map(({ attributes, status }) => [
    attributes['passerelle.destination'],
    attributes['passerelle.outcome'],
    attributes['passerelle.code'] ?? null,
    status.code ?? 0,
  ])
  expect(said.toSorted()).toEqual([
    ['chu/dpi', 'delivered', null, 0],
    ['chu/dpi', 'retry', 'ACK_ERROR', 2],
    ['web/hl7', 'delivered', null, 0],
  ])
  const ids = new Set(attempts.map(({ attributes }) => attributes['passerelle.delivery.id']))
  expect([...ids].sort()).toEqual(deliveries.map((one) => one.id).sort())
  expect(collected.resources[0]).toMatchObject({ 'service.name': 'passerelle' })
  expect(kept.map(({ traceparent }) => traceparent)).toEqual([undefined])
  for (const body of collected.bodies) for (const one of markers) expect(body).not.toContain(one)
})

test("over HTTP the caller's trace is linked, and destinations are told of ours when that is wanted", async () => {
  const collected = await collector()
  const world = await tracedWorld({ otlp: collected.url, propagate: true })
  const kept = await headerKeeper(portOf(world, 'web/hl7'))
  const fhirKept = await headerKeeper(portOf(world, 'web/fhir'))
  const gateway = await world.start()
  const post = webPoster(world.httpPort, 'CH-A')
  const headers = { traceparent: TRACEPARENT }
  const hl7 = hl7Post(oru({ facility: 'CH-A', patient: marker, controlId: 'TRACED2' }))
  expect((await post({ ...hl7, headers })).status).toBe(200)
  const request = JSON.stringify(serviceRequest('TRACED3', marker))
  expect((await post(fhirPost('/ServiceRequest', request, headers))).status).toBe(201)
  await emptied(gateway)
  await gateway.stop()
  const roots = collected.spans.filter(({ name }) => name === 'message')
  expect(roots.map(({ links, attributes }) => [attributes['passerelle.kind'], links]).toSorted()).toEqual([
    ['ORU^R01', [CALLER]],
    ['ServiceRequest', [CALLER]],
  ])
  const attempts = new Map(
    collected.spans
      .filter(({ name }) => name === 'attempt')
      .map(({ attributes, traceId, spanId }) => [attributes['passerelle.destination'], `00-${traceId}-${spanId}-01`]),
  )
  expect(kept.map(({ traceparent }) => traceparent)).toEqual([attempts.get('web/hl7')])
  expect(fhirKept.map(({ traceparent }) => traceparent)).toEqual([attempts.get('web/fhir')])
  for (const body of collected.bodies) for (const one of markers) expect(body).not.toContain(one)
})

test('a collector that is not there costs no message', async () => {
  const world = await tracedWorld({ otlp: `http://127.0.0.1:${await freePort()}/v1/traces` })
  const gateway = await world.start()
  const client = await connect(world.mllpPort)
  for (let n = 0; n < 50; n++) {
    const message = oru({ facility: 'CH-A', patient: patient(n), controlId: `ALONE${n}` })
    expect((await client.post(message))?.code).toBe('AA')
  }
  client.close()
  await until('the log says so', async () => world.logged().includes('"traces.unsent"'))
  expect((await gateway.status()).received).toBe(50)
  expect(await gateway.stop()).toEqual({ code: 0, signal: null })
})

const SPAN: Span = {
  ...placeOf('019abcde-0000-7000-8000-000000000001'),
  parentSpanId: null,
  name: 'message',
  kind: 'server',
  startMs: 1_700_000_000_000.25,
  endMs: 1_700_000_000_001,
  attributes: { ratio: 0.5 },
  failed: false,
  link: null,
}

function exporting(url: string) {
  const clock = manualClock()
  const notes = notebook()
  const out = exporter({ url, resource: {}, clock, log: notes.log, meter: notes.meter })
  const figures = () => ({
    sent: notes.counted('trace_spans_sent_total'),
    dropped: notes.counted('trace_spans_dropped_total'),
  })
  return { out, clock, notes, figures }
}

test('spans wait a second for company, or for a full request', async () => {
  const collected = await collector()
  const { out, clock, figures } = exporting(collected.url)
  out.put(SPAN)
  clock.advance(WAIT_MS)
  await collected.when(() => collected.spans.length === 1)
  expect(collected.spans[0]).toMatchObject({
    startTimeUnixNano: '1700000000000250000',
    endTimeUnixNano: '1700000000001000000',
    attributes: { ratio: 0.5 },
  })
  await until('it is counted', async () => figures().sent === 1)
  for (let n = 0; n < BATCH; n++) out.put(SPAN)
  await collected.when(() => collected.spans.length === 1 + BATCH)
  await out.stop()
})

test('what the collector cannot take now waits, and is sent again; what is too much is dropped and counted', async () => {
  const collected = await collector()
  const { out, clock, notes, figures } = exporting(collected.url)
  collected.answer(503)
  for (let n = 0; n < MOST_WAITING + 10; n++) out.put(SPAN)
  expect(figures().dropped).toBe(10)
  await notes.line('traces.unsent')
  collected.answer(200)
  await until('the next time is set', async () => clock.timers === 1)
  clock.advance(AGAIN_MS)
  await notes.line('traces.sent')
  await out.stop()
  expect(collected.spans).toHaveLength(MOST_WAITING)
  expect(figures()).toEqual({ sent: MOST_WAITING, dropped: 10 })
})

test('what the collector refuses for good is dropped, and one that never answers is given up', async () => {
  const collected = await collector()
  const { out, clock, notes, figures } = exporting(collected.url)
  collected.answer(400)
  for (let n = 0; n < BATCH; n++) out.put(SPAN)
  await until('it is dropped', async () => figures().dropped === BATCH)
  collected.answer(null)
  for (let n = 0; n < BATCH; n++) out.put(SPAN)
  await collected.when(() => collected.bodies.length === 2)
  clock.advance(TIMEOUT_MS)
  await notes.line('traces.unsent')
  const stopped = out.stop()
  await collected.when(() => collected.bodies.length === 3)
  clock.advance(TIMEOUT_MS)
  await stopped
  expect(figures()).toEqual({ sent: 0, dropped: 2 * BATCH })
})

test('the sample is chosen by the id, alike everywhere, and is about as large as asked', () => {
  const digits = (n: number): string => n.toString(16).padStart(14, '0')
  const places = Array.from({ length: 1_000 }, (_, n) => ({
    traceId: `019abcde00007000${'80'}${digits(Math.floor((n / 1_000) * 16 ** 14))}`,
    spanId: '',
  }))
  for (const rate of [0, 0.1, 0.5, 1]) {
    expect(places.filter((place) => isSampled(place, rate))).toHaveLength(rate * 1_000)
  }
})

test.each([
  [TRACEPARENT, { traceparent: TRACEPARENT }, CALLER],
  ['00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01', {}, null],
  ['Zoé ESSAI (FICTIF)', {}, null],
  [`${TRACEPARENT}-more`, {}, null],
])('the header %j is read as %j', (traceparent, taken, place) => {
  expect(traceOf({ traceparent })).toEqual(taken)
  expect(placeIn(traceOf({ traceparent }).traceparent)).toEqual(place)
})
