/** Search on a million messages, through the API of the real process: latency by filter, and of all of them mixed. */
import { request } from 'node:http'
import type { Reach } from '../src/core/caller.ts'
import type { Intake, Journal } from '../src/core/journal.ts'
import type { MessageFilter } from '../src/core/views.ts'
import { openSqliteJournal } from '../src/pipeline/journal/sqlite/open.ts'
import { searchKey } from '../src/pipeline/keys.ts'
import { listMessages } from '../src/pipeline/views/list.ts'
import { OPERATOR_KEY } from '../test/support/world/region.ts'
import { atMost, type Figure, quantile } from './figure.ts'
import { benchWorld } from './region.ts'

const MESSAGES = 1_000_000
const GROUP = 1_024
const QUESTIONS = 300
const PAGES = 20
const DAY_MS = 86_400_000
const FIRST_MS = Date.parse('2026-01-01T00:00:00Z')
const KEPT_MS = 30 * DAY_MS
const PATIENTS = 200_000
const KINDS = ['ADT^A01', 'ADT^A03', 'ADT^A08', 'ADT^A31', 'ADT^A40', 'ORU^R01', 'ORM^O01', 'MDM^T02', 'ServiceRequest']
const FINDINGS = ['SEGMENT_END', 'CHARSET_UNKNOWN', 'ORDER_OVERTAKEN', 'WRONG_USE'] as const
const AUTHORITY = '1.2.250.1.213.1.4.10'

/** Numbers that look random and are the same at every run. */
function scattered(n: number, salt: number): number {
  let mixed = Math.imul(n ^ (salt * 0x9e3779b9), 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
  return (mixed ^ (mixed >>> 16)) >>> 0
}

function id(n: number, atMs: number): string {
  const time = atMs.toString(16).padStart(12, '0')
  return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-${n.toString(16).padStart(12, '0')}`
}

/** Sizes as they are: mostly 300 to 900 bytes here, one in 500 of some 20 KB. */
function body(n: number): Uint8Array {
  return new Uint8Array(n % 500 === 0 ? 20_000 + (n % 1_000) : 300 + (scattered(n, 1) % 600)).fill(65)
}

/** Message `n` of the made-up month: 40 establishments, of which a few send most; one in 20 with a finding, one in 100 parked. */
function made(n: number, secret: Uint8Array): Intake {
  const receivedAtMs = FIRST_MS + Math.floor((n * KEPT_MS) / MESSAGES)
  const sender = Math.floor(40 * (scattered(n, 2) / 2 ** 32) ** 2)
  const parked = scattered(n, 3) % 100 === 0
  const finding = scattered(n, 4) % 20 === 0 ? FINDINGS[scattered(n, 5) % FINDINGS.length]! : null
  return {
    id: id(n, receivedAtMs),
    receivedAtMs,
    entrance: (['mllp', 'mllp', 'mllp', 'mllps', 'http'] as const)[scattered(n, 6) % 5]!,
    peer: '127.0.0.1:40000',
    establishment: `ch-${sender}`,
    kind: KINDS[Math.floor(KINDS.length * (scattered(n, 7) / 2 ** 32) ** 2)]!,
    controlId: `C${n}`,
    application: scattered(n, 12) % 10_000 === 0 ? 'RARE' : 'LABO',
    facility: `F${sender}`,
    receivingApplication: 'DPI',
    receivingFacility: 'X',
    test: scattered(n, 8) % 50 === 0,
    bytes: body(n),
    repeatKey: null,
    answer: null,
    applicationAnswer: null,
    patientKeys: [searchKey(secret, AUTHORITY, String(scattered(n, 9) % PATIENTS))],
    orderKeys: [],
    findings: finding === null ? [] : [{ code: finding, class: 'form' }],
    deliveries: [
      {
        id: id(n + 2 * MESSAGES, receivedAtMs),
        destination: `ch-${(sender + 1 + (scattered(n, 10) % 3)) % 40}/dpi`,
        route: 'results',
        lane: 'normal',
        state: parked ? 'poisoned' : 'delivered',
        code: parked ? (scattered(n, 11) % 10 === 0 ? 'PROCESSING_FAILED' : 'ACK_REJECT') : null,
        dueAtMs: receivedAtMs,
        expiresAtMs: receivedAtMs + 7 * DAY_MS,
        alertAtMs: null,
        replayOf: null,
      },
    ],
    events: [],
    revision: 0,
    parent: null,
    ask: null,
    rows: [],
    cause: null,
  }
}

/** Opens the embedded store of a folder, to be filled. */
export function openEmbedded(dir: string): Promise<Journal> {
  return openSqliteJournal({
    dir,
    log: { info() {}, warn() {}, error() {} },
    meter: { count() {}, observe() {} },
    clock: { nowMs: Date.now, monotonicMs: () => performance.now(), after: () => () => {} },
    ids: { uuid: () => id(0, 0), random: Math.random },
    refusedMaxBytes: () => 1024 ** 3,
    onFatal: (error) => {
      throw error
    },
  })
}

/** Fills an empty store with `count` messages through the journal itself, and closes it. */
export async function fillStore(journal: Journal, count: number, tell: (line: string) => void): Promise<void> {
  for (let n = 1; n <= count; n += GROUP) {
    const group = Array.from({ length: Math.min(GROUP, count - n + 1) }, (_, i) => made(n + i, journal.secret))
    await Promise.all(group.map((one) => journal.commit([one])))
    if (n % (GROUP * 100) === 1) tell(`${n - 1} messages filled in`)
  }
  await journal.close()
}

type Ask = Readonly<Record<string, string | number | boolean>>

/** The questions people ask, `n` of them different; each with its name. */
export const QUESTIONS_BY_NAME: Readonly<Record<string, (n: number) => Ask>> = {
  'no filter': () => ({}),
  'control id': (n) => ({ controlId: `C${1 + (scattered(n, 20) % MESSAGES)}` }),
  patient: (n) => ({ patient: `${AUTHORITY}|${scattered(n, 21) % PATIENTS}` }),
  'patient and sender': (n) => ({ patient: `${AUTHORITY}|${scattered(n, 21) % PATIENTS}`, from: `ch-${n % 40}` }),
  sender: (n) => ({ from: `ch-${n % 40}` }),
  'sender and kind': (n) => ({ from: `ch-${n % 40}`, kind: KINDS[n % KINDS.length]! }),
  'sender, nothing there': (n) => ({ from: `nobody-${n}` }),
  'sender and destination': (n) => ({ from: `ch-${n % 40}`, to: `ch-${(n + 2) % 40}/dpi` }),
  'sender to where it never sends': (n) => ({ from: `ch-${n % 40}`, to: `ch-${(n + 9) % 40}/dpi` }),
  'sender and state': (n) => ({ from: `ch-${n % 40}`, state: 'parked' }),
  kind: (n) => ({ kind: KINDS[n % KINDS.length]! }),
  'kind, by type': (n) => ({ kind: ['ADT^*', 'O*', 'Serv*', 'SIU^*'][n % 4]! }),
  'kind and time': (n) => ({ kind: KINDS[n % KINDS.length]!, ...aDay(n) }),
  destination: (n) => ({ to: `ch-${n % 40}/dpi` }),
  'destination and state': (n) => ({ to: `ch-${n % 40}`, state: 'parked' }),
  'destination and error': (n) => ({ to: `ch-${n % 40}`, code: 'PROCESSING_FAILED' }),
  parked: () => ({ state: 'parked' }),
  'in flight': () => ({ state: 'inFlight' }),
  'closed, and old': (n) => ({ state: 'closed', ...aDay(n) }),
  finding: (n) => ({ finding: FINDINGS[n % FINDINGS.length]! }),
  'finding and sender': (n) => ({ finding: FINDINGS[n % FINDINGS.length]!, from: `ch-${n % 40}` }),
  error: (n) => ({ code: ['ACK_REJECT', 'PROCESSING_FAILED', 'DELIVERY_EXPIRED'][n % 3]! }),
  time: (n) => aDay(n),
  'large ones': (n) => ({ minBytes: 10_000 + n }),
  'size, nothing there': (n) => ({ minBytes: 30_000 + n, maxBytes: 40_000 }),
  'door and time': (n) => ({ entrance: 'http', ...aDay(n) }),
  'a door never used': () => ({ entrance: 'smtp' }),
  'tests of a sender': (n) => ({ test: true, from: `ch-${n % 40}` }),
  'page 2 of a sender': (n) => ({ from: `ch-${n % 40}`, after: String(MESSAGES >> 1) }),
}

function aDay(n: number): Ask {
  const fromMs = FIRST_MS + (n % 29) * DAY_MS
  return { since: new Date(fromMs).toISOString(), until: new Date(fromMs + DAY_MS).toISOString() }
}

const of = (count: number, first = 0): Reach => ({
  establishments: Array.from({ length: count }, (_, i) => `ch-${first + i}`),
  applications: null,
})
const product = (application: string): Reach => ({ establishments: ['ch-0', 'ch-1'], applications: [application] })

/** Eyes that do not see everything. The first establishments send most. */
const REACHES: Readonly<Record<string, Reach>> = {
  'one establishment': of(1),
  'one small establishment': of(1, 39),
  'three establishments': of(3),
  'twenty establishments': of(20),
  'a product': product('LABO'),
  'a rare product': product('RARE'),
  'a product never used': product('NEVER'),
}
const ASKED_BY_REACH = [
  'no filter',
  'control id',
  'patient',
  'kind',
  'parked',
  'in flight',
  'destination',
  'error',
  'finding',
  'time',
  'sender to where it never sends',
  'tests of a sender',
]

/** The same questions by people who are bound to establishments or to a product, at the views. */
export async function benchReaches(journal: Journal, tell: (line: string) => void): Promise<Figure[]> {
  const all: number[] = []
  for (const [name, reach] of Object.entries(REACHES)) {
    const slowest: [string, number][] = []
    for (const asked of ASKED_BY_REACH) {
      const taken: number[] = []
      for (let n = 0; n < 5; n++) {
        const { since, until, ...ask } = QUESTIONS_BY_NAME[asked]!(n)
        const times =
          since === undefined ? {} : { sinceMs: Date.parse(String(since)), untilMs: Date.parse(String(until)) }
        const startedMs = performance.now()
        await listMessages(journal, { ...ask, ...times } as MessageFilter, reach)
        taken.push(performance.now() - startedMs)
      }
      all.push(...taken)
      slowest.push([asked, Math.max(...taken)])
    }
    const [worst, ms] = slowest.toSorted((a, b) => b[1] - a[1])[0]!
    tell(`${name.padEnd(32)} longest ${Math.round(ms)} ms: ${worst}`)
  }
  const p = (q: number) => Math.round(quantile(all, q) * 10) / 10
  return [
    atMost('search by people who are bound, p95', p(0.95), 'ms', 100),
    { name: 'search by people who are bound, longest', value: p(1), unit: 'ms' },
  ]
}

/** One POST of the API. */
function search(port: number, ask: Ask): Promise<number> {
  return timed(port, '/api/messages/search', { type: 'application/json', text: JSON.stringify(ask) })
}

/** One call on a connection that is kept; resolves with its time (ms). @throws when it is not answered with 200 */
function timed(
  port: number,
  path: string,
  body: { readonly type: string; readonly text: string } | null,
): Promise<number> {
  const startedMs = performance.now()
  return new Promise((resolve, reject) => {
    const asked = request(
      {
        host: '127.0.0.1',
        port,
        path,
        method: body === null ? 'GET' : 'POST',
        headers: {
          authorization: `Bearer ${OPERATOR_KEY}`,
          ...(body === null ? {} : { 'content-type': body.type }),
        },
      },
      (answer) => {
        answer.resume()
        answer.on('end', () => {
          if (answer.statusCode === 200) resolve(performance.now() - startedMs)
          else reject(new Error(`${path} ${body?.text ?? ''} was answered ${answer.statusCode}`))
        })
      },
    )
    asked.on('error', reject)
    asked.end(body?.text)
  })
}

/** The same search as a page: an address for most, a form where it names a patient. */
function searchPage(port: number, ask: Ask): Promise<number> {
  const { patient, ...rest } = ask
  const query = new URLSearchParams(Object.entries(rest).map(([name, value]) => [name, String(value)]))
  if (patient !== undefined) query.set('patient', String(patient))
  const posted = patient !== undefined
  const path = posted ? '/messages/recherche' : `/messages?${query}`
  const type = 'application/x-www-form-urlencoded'
  return timed(port, path, posted ? { type, text: String(query) } : null)
}

/** Latencies on a store of a million messages; p50 and p95 of each filter go to `tell`. `open`: the store of the world. */
export async function benchSearch(
  tell: (line: string) => void = console.error,
  messages: number = MESSAGES,
  open: (dir: string) => Promise<Journal> = openEmbedded,
): Promise<Figure[]> {
  const world = await benchWorld({ dead: true })
  try {
    await fillStore(await open(world.store), messages, tell)
    const filled = await open(world.store)
    const bound = await benchReaches(filled, tell)
    await filled.close()
    await world.start()
    const names = Object.keys(QUESTIONS_BY_NAME)
    const taken = new Map<string, number[]>(names.map((name) => [name, []]))
    const pages: number[] = []
    for (let n = 0; n < QUESTIONS; n++) {
      const name = names[n % names.length]!
      const ask = QUESTIONS_BY_NAME[name]!(Math.floor(n / names.length))
      taken.get(name)!.push(await search(world.httpPort, ask))
      pages.push(await searchPage(world.httpPort, ask))
    }
    const treat: number[] = []
    for (let n = 0; n < PAGES; n++) treat.push(await timed(world.httpPort, '/a-traiter', null))
    const p = (values: readonly number[], q: number) => Math.round(quantile(values, q) * 10) / 10
    for (const [name, ms] of taken) tell(`${name.padEnd(32)} p50 ${p(ms, 0.5)} ms  p95 ${p(ms, 0.95)} ms`)
    const all = [...taken.values()].flat()
    return [
      { name: `search in ${messages} messages, p50`, value: p(all, 0.5), unit: 'ms' },
      atMost(`search in ${messages} messages, p95`, p(all, 0.95), 'ms', 100),
      { name: `search in ${messages} messages, longest`, value: p(all, 1), unit: 'ms' },
      { name: `page of messages among ${messages}, p50`, value: p(pages, 0.5), unit: 'ms' },
      atMost(`page of messages among ${messages}, p95`, p(pages, 0.95), 'ms', 100),
      { name: `page of what is to be treated among ${messages}, p95`, value: p(treat, 0.95), unit: 'ms' },
      ...bound,
    ]
  } finally {
    await world.close()
  }
}

if (import.meta.main) console.table(await benchSearch())
