import { block } from '../test/support/world/frame.ts'
import { processorMs } from '../test/support/world/gateway.ts'
import { message, oru, type Patient, patient } from '../test/support/world/messages.ts'
import { senderKey } from '../test/support/world/region.ts'
import { observation, REQUEST_SYSTEM, serviceRequest, transaction } from '../test/support/world/resources.ts'
import { fhirPost, webPoster } from '../test/support/world/web-client.ts'
import { emptied, type World } from '../test/support/world/world.ts'
import { atLeast, atMost, type Figure, median, quantile } from './figure.ts'
import { type Make, type Posted, type PostPlan, postFor } from './post.ts'
import { benchWorld, deliveredIn, FACILITIES } from './region.ts'

const MIB = 2 ** 20
const REPEATS = 3
const SECONDS = 4
const CREATED = Buffer.from('HTTP/1.1 201')
const OK = Buffer.from('HTTP/1.1 200')
const ENTRIES = 8
const DOCUMENT_BYTES = 300_000
/** Length of the Bundle: with room for its frame below 16 MiB. */
const BUNDLE_BYTES = 16 * MIB - 64_000

type Tell = (line: string) => void

/** A POST whole: head, blank line, body. */
function posted(path: string, type: string, facility: string, body: Buffer, ...more: readonly string[]): Buffer {
  const lines = [
    `POST ${path} HTTP/1.1`,
    'Host: 127.0.0.1',
    `Authorization: Bearer ${senderKey(facility)}`,
    `Content-Type: ${type}`,
    `Content-Length: ${body.length}`,
    ...more,
  ]
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`), body])
}

const json = (value: object): Buffer => Buffer.from(JSON.stringify(value))
const FHIR_JSON = 'application/fhir+json'

const create: Make = (facility, whose, id) =>
  posted(
    '/fhir/ServiceRequest',
    FHIR_JSON,
    facility,
    json(serviceRequest(id, whose)),
    `If-None-Exist: identifier=${REQUEST_SYSTEM}|${id}`,
    'Prefer: return=minimal',
  )

export const unconditional: Make = (facility, whose, id) =>
  posted('/fhir/ServiceRequest', FHIR_JSON, facility, json(serviceRequest(id, whose)), 'Prefer: return=minimal')

const eight: Make = (facility, whose, id) => {
  const request = serviceRequest(id, whose)
  const results = Array.from({ length: ENTRIES - 1 }, (_, n) => observation(`${id}-${n}`, whose))
  return posted('/fhir', FHIR_JSON, facility, json(transaction(id, [request, ...results])), 'Prefer: return=minimal')
}

const result: Make = (facility, whose, controlId) =>
  posted('/hl7', 'application/hl7-v2', facility, oru({ facility, patient: whose, controlId }))

/** A document of 300 KB in OBX-5 (MDM^T02). */
const document: Make = (facility, { ipp, family, given }: Patient, controlId) =>
  block(
    message(
      `MSH|^~\\&|SIH|${facility}|DPI|REGION|20250301080000+0100||MDM^T02^MDM_T02|${controlId}|T|2.5|||||FRA|8859/15`,
      'EVN||20250301075500',
      `PID|1||${ipp}^^^SIH&1.2.250.1.213.1.99.1&ISO^PI||${family}^${given}^^^^^L||19790412|F`,
      'PV1|1|I|CARDIO^12^A^SIH',
      'TXA|1|11490-0^Lettre de liaison^LN|AP',
      `OBX|1|ED|11490-0^Lettre de liaison^LN||^TEXT^^Base64^${'QUFB'.repeat(DOCUMENT_BYTES / 4)}||||||F`,
    ),
  )

interface Run extends Posted {
  /** Messages a second that the destinations had meanwhile. */
  readonly delivered: number
  /** Processor time of the gateway per message accepted, deliveries meanwhile included, ms. */
  readonly cost: number
}

/** Posts `REPEATS` times on each number of connections, queues emptied in between. */
async function runs(
  name: string,
  type: 'mllp' | 'fhir' | 'http',
  connections: readonly number[],
  plan: (world: World) => Omit<PostPlan, 'connections' | 'facilities' | 'seconds'>,
  tell: Tell,
): Promise<Map<number, Run[]>> {
  const world = await benchWorld({ type })
  try {
    const gateway = await world.start()
    const found = new Map<number, Run[]>(connections.map((count) => [count, []]))
    for (let n = 1; n <= REPEATS; n++) {
      for (const count of connections) {
        const before = deliveredIn(world)
        const used = processorMs(gateway.pid)
        const began = performance.now()
        const run = await postFor({ ...plan(world), connections: count, facilities: FACILITIES, seconds: SECONDS })
        const delivered = ((deliveredIn(world) - before) * 1_000) / (performance.now() - began)
        const cost = (processorMs(gateway.pid) - used) / run.total
        const { now, peak } = gateway.memory()
        tell(
          `${name} ${n}/${REPEATS}, ${count} connections: ${Math.round(run.perSecond)}/s, p50 ${quantile([...run.latencies], 0.5).toFixed(1)} ms, p99 ${quantile([...run.latencies], 0.99).toFixed(1)} ms, delivered ${Math.round(delivered)}/s, processor ${cost.toFixed(2)} ms, refused ${run.refused}, resident ${Math.round(now / MIB)} MiB, at most ${Math.round(peak / MIB)} MiB`,
        )
        if (run.refused > 0) throw new Error(`${run.refused} of ${run.total} refused: ${name} measures nothing`)
        found.get(count)?.push({ ...run, delivered, cost })
        await emptied(gateway, 120_000)
      }
    }
    return found
  } finally {
    await world.close()
  }
}

function figures(
  name: string,
  found: ReadonlyMap<number, readonly Run[]>,
  least: Readonly<Record<number, number>>,
): Figure[] {
  return [...found].flatMap(([count, all]) => {
    const of = (read: (run: Run) => number): number => median(all.map(read))
    const title = `${name}, ${count} connection${count > 1 ? 's' : ''}`
    const rate = of((run) => run.perSecond)
    const target = least[count]
    return [
      target === undefined ? { name: title, value: rate, unit: '/s' } : atLeast(title, rate, '/s', target),
      { name: `${title}: delivered meanwhile`, value: of((run) => run.delivered), unit: '/s' },
      { name: `${title}: processor time per message`, value: of((run) => run.cost), unit: 'ms' },
      { name: `${title}: p99`, value: of((run) => quantile([...run.latencies], 0.99)), unit: 'ms' },
    ]
  })
}

/** `POST /fhir/ServiceRequest`, plain and with If-None-Exist: durable, routed to FHIR servers, answered after fsync. */
export async function benchFhir(tell: Tell): Promise<Figure[]> {
  const ways: readonly [name: string, make: Make][] = [
    ['ServiceRequest', unconditional],
    ['ServiceRequest, If-None-Exist', create],
  ]
  const all: Figure[] = []
  for (const [name, make] of ways) {
    const plan = ({ httpPort }: World) => ({ port: httpPort, make, yes: CREATED })
    all.push(...figures(name, await runs(name, 'fhir', [64, 8, 1], plan, tell), { 64: 1_500 }))
  }
  return all
}

const SHARE_SECONDS = 10

/**
 * What deliveries have of a gateway that takes all that 64 connections post, and of one that takes half of that: there
 * what waits at the end must be little, or the queue grows without bound. */
export async function benchShare(tell: Tell): Promise<Figure[]> {
  const all: Figure[] = []
  for (const [name, type, make, yes] of SHARES) {
    const world = await benchWorld({ type })
    try {
      const gateway = await world.start()
      const run = async (rate?: number) => {
        const before = deliveredIn(world)
        const began = performance.now()
        const more = rate === undefined ? {} : { rate }
        const plan = { port: world.httpPort, make, facilities: FACILITIES, connections: 64, seconds: SHARE_SECONDS }
        const found = await postFor({ ...plan, ...(yes && { yes }), ...more })
        const delivered = ((deliveredIn(world) - before) * 1_000) / (performance.now() - began)
        const waiting = (await gateway.status()).inFlight
        tell(
          `${name}${rate === undefined ? '' : ` at ${Math.round(rate)}/s`}: ${Math.round(found.perSecond)}/s, delivered ${Math.round(delivered)}/s, waiting at the end ${waiting}, p99 ${quantile([...found.latencies], 0.99).toFixed(1)} ms`,
        )
        await emptied(gateway, 120_000)
        return { rate: found.perSecond, delivered, waiting }
      }
      const full = await run()
      const half = await run(full.rate / 2)
      all.push(
        { name: `${name}, 64 connections`, value: full.rate, unit: '/s' },
        { name: `${name}, 64 connections: delivered meanwhile`, value: full.delivered, unit: '/s' },
        { name: `${name} at half of that: delivered meanwhile`, value: half.delivered, unit: '/s' },
        atMost(`${name} at half of that: waiting at the end`, half.waiting, '', half.rate),
      )
    } finally {
      await world.close()
    }
  }
  return all
}

const SHARES: readonly [name: string, type: 'fhir' | 'http', make: Make, yes?: Buffer][] = [
  ['ServiceRequest', 'fhir', unconditional, CREATED],
  ['POST /hl7', 'http', result],
]

/** A transaction of eight resources under Bundle.identifier. */
export async function benchTransaction(tell: Tell): Promise<Figure[]> {
  const name = `transaction of ${ENTRIES}`
  const plan = ({ httpPort }: World) => ({ port: httpPort, make: eight, yes: OK })
  return figures(name, await runs(name, 'fhir', [64], plan, tell), {})
}

/** `POST /hl7`: the result of 1.5 KB of the MLLP bench. */
export async function benchHl7OverHttp(tell: Tell): Promise<Figure[]> {
  const plan = ({ httpPort }: World) => ({ port: httpPort, make: result })
  return figures('POST /hl7', await runs('POST /hl7', 'http', [64], plan, tell), {})
}

/** Documents of 300 KB over MLLP; the resident memory of each repeat is told. */
export async function benchDocuments(tell: Tell): Promise<Figure[]> {
  const plan = ({ mllpPort }: World) => ({ port: mllpPort, make: document, patients: 4 })
  return figures('MDM of 300 KB', await runs('MDM of 300 KB', 'mllp', [16], plan, tell), { 16: 100 })
}

/** The longest that the main thread stood still since the last scrape, ms (prom-client resets it at each). */
async function stall(gateway: { get(path: string): Promise<{ body: string }> }): Promise<number> {
  const { body } = await gateway.get('/metrics')
  const seconds = /^\S*nodejs_eventloop_lag_max_seconds (\S+)/m.exec(body)?.[1]
  if (seconds === undefined) throw new Error('no event loop lag among the metrics')
  return Number(seconds) * 1_000
}

/** How many entries share the 16 MiB: few and long, or as many as are taken at once (MOST_ENTRIES). */
const SHAPES: Readonly<Record<string, number>> = { '16 entries': 16, '500 entries': 500 }
const LARGE_POSTS = 3

/** A transaction of 16 MiB: how long the main thread stands still, and until it is answered. */
export async function benchLargeBundle(tell: Tell): Promise<Figure[]> {
  const world = await benchWorld({ type: 'fhir' })
  try {
    const gateway = await world.start()
    const post = webPoster(world.httpPort, 'CH-A')
    const all: Figure[] = []
    for (const [shape, count] of Object.entries(SHAPES)) {
      const stalls: number[] = []
      const answers: number[] = []
      for (let n = 0; n < LARGE_POSTS; n++) {
        const body = largeBundle(`LARGE${count}-${n}`, patient(n), count)
        await stall(gateway)
        const began = performance.now()
        const answer = await post(fhirPost('', body))
        const answeredMs = performance.now() - began
        if (answer.status !== 200) throw new Error(`${shape}: ${answer.status} ${answer.body.toString('utf8', 0, 300)}`)
        await emptied(gateway, 60_000)
        const stalledMs = await stall(gateway)
        answers.push(answeredMs)
        stalls.push(stalledMs)
        tell(
          `${body.length} bytes, ${shape}: answered after ${Math.round(answeredMs)} ms, longest stall ${stalledMs.toFixed(1)} ms`,
        )
      }
      const name = (what: string): string => `Bundle of 16 MiB, ${shape}: ${what}`
      all.push(atMost(name('longest stall'), median(stalls), 'ms', 50))
      all.push({ name: name('answered'), value: median(answers), unit: 'ms' })
    }
    return all
  } finally {
    await world.close()
  }
}

function largeBundle(id: string, whose: Patient, count: number): Buffer {
  const OTHERS_BYTES = 800
  const entries = Array.from({ length: count }, (_, n) => ({
    ...serviceRequest(`${id}-${n}`, whose),
    patientInstruction: 'x'.repeat(Math.floor(BUNDLE_BYTES / count) - OTHERS_BYTES),
  }))
  return json(transaction(id, entries))
}
