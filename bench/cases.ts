/**
 * From a stroke request at a door to the system of the centre and to the screen of its expert: with nothing else to do, and
 * with bulk messages queued to the same systems and to another. Requests come at a fixed rate, in turn by each way. */
import http from 'node:http'
import { connect } from '../test/support/world/client.ts'
import { patient } from '../test/support/world/messages.ts'
import type { Script } from '../test/support/world/receiver.ts'
import { until } from '../test/support/world/until.ts'
import { fhirPost, webPoster } from '../test/support/world/web-client.ts'
import { makeWorld, type World } from '../test/support/world/world.ts'
import { ASKED, BULK, BULK_TO, casesSpec, orderOf, request, requestInFhir, WAYS, type Way } from './cases-region.ts'
import { atMost, type Figure, median, quantile, table } from './figure.ts'
import { postFor } from './post.ts'

const REQUESTS = 300
/** Requests a second. */
const RATE = 4
const QUEUED = 100_000
/** Patients that no bulk message is about. */
const FIRST_PATIENT = 500_000
const WITHIN_MS = 60_000
/** Asked before counting begins. */
const WARM = 30
const PAGE = 200

const nowMs = (): number => performance.timeOrigin + performance.now()

/** Requests by their order numbers, and when each thing happened (ms of this process). */
interface Times {
  readonly postedAt: Map<string, number>
  readonly answeredAt: Map<string, number>
  readonly arrivedAt: Map<string, number>
  readonly seenAt: Map<string, number>
}

/** A screen of an expert: when it was first told of each case. */
interface Screen {
  readonly told: ReadonlyMap<string, number>
  close(): void
}

async function screen(port: number, centre: string): Promise<Screen> {
  const told = new Map<string, number>()
  const headers = { authorization: `Bearer expert-${centre}` }
  const watching = http.get({ host: '127.0.0.1', port, path: '/live/cases', headers, agent: false })
  const answer = await new Promise<http.IncomingMessage>((resolve, reject) => {
    watching.once('response', resolve).once('error', reject)
  })
  if (answer.statusCode !== 200) throw new Error(`the screen of ${centre} got ${answer.statusCode}`)
  let text = ''
  answer.setEncoding('utf8').on('error', () => {})
  answer.on('data', (chunk: string) => {
    const at = nowMs()
    const events = (text + chunk).split('\n\n')
    text = events.pop() ?? ''
    for (const [, data = '{}'] of events.flatMap((event) => [...event.matchAll(/^event: changed\ndata: (.*)$/gm)])) {
      for (const id of JSON.parse(data).cases as string[]) if (!told.has(id)) told.set(id, at)
    }
  })
  return { told, close: () => watching.destroy() }
}

interface Shown {
  readonly id: string
  readonly requests: readonly { readonly placer: { readonly value: string } | null }[]
}

/** Which case each order opened, as the expert sees them. */
async function casesOf(port: number, centre: string): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>()
  for (let next: string | null = ''; next !== null; ) {
    const after: string = next === '' ? '' : `&after=${encodeURIComponent(next)}`
    const answer = await fetch(`http://127.0.0.1:${port}/api/cases?limit=${PAGE}${after}`, {
      headers: { authorization: `Bearer expert-${centre}` },
    })
    const page = (await answer.json()) as { readonly cases: readonly Shown[]; readonly next: string | null }
    for (const one of page.cases) {
      const order = orderOf(one)
      if (order !== null) found.set(order, one.id)
    }
    next = page.next
  }
  return found
}

/** Posts one request and waits for its answer. */
type Ask = (id: string, n: number) => Promise<void>

async function askers(world: World): Promise<{ readonly of: Readonly<Record<Way, Ask>>; close(): void }> {
  const agent = new http.Agent({ keepAlive: true })
  const web = webPoster(world.httpPort, ASKED.fhir.site, agent)
  const byMllp = async (way: 'route' | 'ladder') => {
    const client = await connect(world.mllpPort)
    const ask: Ask = async (id, n) => {
      const answer = await client.post(request(ASKED[way].site, patient(FIRST_PATIENT + n), id), WITHIN_MS)
      if (answer?.code !== 'AA') throw new Error(`a request was answered ${answer?.code}`)
    }
    return { ask, close: () => client.close() }
  }
  const [route, ladder] = [await byMllp('route'), await byMllp('ladder')]
  const fhir: Ask = async (id, n) => {
    const { status } = await web(fhirPost('/ServiceRequest', requestInFhir(patient(FIRST_PATIENT + n), id)))
    if (status !== 201) throw new Error(`a request in FHIR was answered ${status}`)
  }
  return {
    of: { route: route.ask, ladder: ladder.ask, fhir },
    close() {
      for (const one of [route, ladder]) one.close()
      agent.destroy()
    },
  }
}

let made = 0

/** Asks at the fixed rate, whether answers come or not; resolves when everything has come everywhere. */
async function run(world: World, screens: Readonly<Record<Way, Screen>>, count: number): Promise<Times> {
  const times: Times = { postedAt: new Map(), answeredAt: new Map(), arrivedAt: new Map(), seenAt: new Map() }
  const { of, close } = await askers(world)
  const ids = new Map<string, Way>()
  const ends: Promise<unknown>[] = []
  const began = nowMs()
  for (let n = 0; n < count; n++) {
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, began + (n * 1_000) / RATE - nowMs())))
    const way = WAYS[n % WAYS.length] as Way
    const id = `AVC${made++}X`
    ids.set(id, way)
    times.postedAt.set(id, nowMs())
    const asked = of[way](id, made).then(() => void times.answeredAt.set(id, nowMs()))
    ends.push(asked, arrival(world, ASKED[way].to, id, times))
    // Told when all are waited for.
    for (const end of ends.slice(-2)) end.catch(() => {})
  }
  await Promise.all(ends)
  close()
  await seen(world, screens, ids, times)
  return times
}

/** When the system of the centre has the request. */
async function arrival(world: World, to: string, id: string, { arrivedAt }: Times): Promise<void> {
  const receiver = world.receiver(to)
  await receiver.when(({ ledger }) => {
    const last = ledger.at(-1)
    if (last !== undefined && (last.controlId === id || last.bytes?.includes(`"${id}"`) === true))
      if (!arrivedAt.has(id)) arrivedAt.set(id, nowMs())
    return arrivedAt.has(id)
  }, WITHIN_MS)
}

/** Which case is whose is asked when all have come, so that nothing is asked while it is timed. */
async function seen(
  world: World,
  screens: Readonly<Record<Way, Screen>>,
  ids: ReadonlyMap<string, Way>,
  { seenAt }: Times,
): Promise<void> {
  const all = new Set(Object.values(screens))
  const told = (): number => [...all].reduce((sum, one) => sum + one.told.size, 0)
  await until('the screens are told of every request', async () => told() === made, {
    withinMs: WITHIN_MS,
    everyMs: 50,
  })
  for (const way of WAYS) {
    const cases = await casesOf(world.httpPort, ASKED[way].centre)
    for (const [id, of] of ids) {
      if (of !== way) continue
      const at = screens[way].told.get(cases.get(id) ?? '')
      if (at === undefined) throw new Error(`request ${id} came on no screen of ${ASKED[way].centre}`)
      seenAt.set(id, at)
    }
  }
}

/** Latencies of each way (ms). */
type Taken = Readonly<Record<Way, Readonly<Record<What, readonly number[]>>>>
type What = 'answered' | 'arrived' | 'seen'

function taken({ postedAt, ...at }: Times): Taken {
  const ids = [...postedAt]
  const ways = WAYS.map((way, w) => {
    const own = ids.filter((_, n) => n % WAYS.length === w)
    const since = (moments: ReadonlyMap<string, number>): number[] =>
      own.map(([id, from]) => (moments.get(id) ?? Number.NaN) - from)
    return [way, { answered: since(at.answeredAt), arrived: since(at.arrivedAt), seen: since(at.seenAt) }]
  })
  return Object.fromEntries(ways)
}

const WORDS: Readonly<Record<Way, string>> = {
  route: 'MLLP, by route',
  ladder: 'MLLP, by the ladder',
  fhir: 'FHIR, by the ladder',
}

/** p50, p95 and p99 of what was taken in one state of the gateway. */
function told(all: Taken, state: string): Figure[] {
  return WAYS.flatMap((way) =>
    (['arrived', 'seen'] as const).flatMap((what) => {
      const name = `${WORDS[way]}, ${state}: ${what === 'arrived' ? 'to the system of the centre' : 'to the screen'}`
      const of = (q: number): number => quantile(all[way][what], q)
      const p99 =
        what === 'seen'
          ? atMost(`${name}, p99`, of(0.99), 'ms', 1_000)
          : { name: `${name}, p99`, value: of(0.99), unit: 'ms' }
      return [
        { name: `${name}, p50`, value: of(0.5), unit: 'ms' },
        { name: `${name}, p95`, value: of(0.95), unit: 'ms' },
        p99,
      ]
    }),
  )
}

/** Bulk messages stay in the queues: none is answered while this runs. */
async function queueBulk(world: World, count: number): Promise<void> {
  // A single create in FHIR is a request: results come there as transactions, each by an identifier of its own.
  const stays: Script = (id) => (/^AVC/.test(id) || id === 'UNCONDITIONAL' ? 'AA' : 'silent')
  for (const to of BULK_TO) world.receiver(to).behave(stays)
  const plan = { port: world.mllpPort, facilities: BULK, connections: 63 }
  const posted = await postFor({ ...plan, seconds: 1_200, warmSeconds: 0, count })
  if (posted.refused > 0) throw new Error(`${posted.refused} bulk messages were refused`)
}

/** From a request to the centre's system and to its expert's screen, idle and behind bulk messages. */
export async function benchCases({ requests = REQUESTS, queued = QUEUED } = {}): Promise<Figure[]> {
  const tell = (line: string): void => console.error(`  ${line}`)
  const world = await makeWorld(casesSpec())
  const open: Screen[] = []
  try {
    const gateway = await world.start()
    const [angers, nantes] = [await screen(world.httpPort, 'chu-angers'), await screen(world.httpPort, 'chu-nantes')]
    open.push(angers, nantes)
    const screens = { route: angers, ladder: angers, fhir: nantes }
    await run(world, screens, WARM)
    const idle = taken(await run(world, screens, requests))
    await queueBulk(world, queued)
    const { inFlight } = await gateway.status()
    tell(`${inFlight} queued`)
    await run(world, screens, WARM)
    const behind = taken(await run(world, screens, requests))
    const ratios = WAYS.flatMap((way) =>
      (['arrived', 'seen'] as const).map((what) =>
        atMost(
          `${WORDS[way]}, ${inFlight} queued: p50 ${what === 'arrived' ? 'to the system' : 'to the screen'}, over idle`,
          median(behind[way][what]) / median(idle[way][what]),
          '',
          1.5,
        ),
      ),
    )
    return [...told(idle, 'idle'), ...told(behind, `${inFlight} queued`), ...ratios]
  } finally {
    for (const one of open) one.close()
    await world.close()
  }
}

if (import.meta.main) console.log(table(await benchCases({ requests: 18, queued: 2_000 })))
