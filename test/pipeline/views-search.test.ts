import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Reach } from '../../src/core/caller.ts'
import type { ErrorCode } from '../../src/core/errors.ts'
import type { Intake, Journal } from '../../src/core/journal.ts'
import type { MessageFilter } from '../../src/core/views.ts'
import { searchKey } from '../../src/pipeline/keys.ts'
import { listMessages } from '../../src/pipeline/views/list.ts'
import { newDelivery, newIntake } from '../journal/made.ts'
import { openStore } from '../support/stores.ts'

const SENDERS = ['ch-a', 'ch-b', 'chu-a', 'ch-a-b']
const KINDS = ['ADT^A01', 'ADT^A31', 'ADU^X', 'ORU^R01', 'ServiceRequest']
const PLACES = ['ch-a/dpi', 'ch-a/gam', 'ch-b/dpi', 'chu-a/unv', 'platform']
const CODES: readonly ErrorCode[] = ['ACK_REJECT', 'POISONED']
const APPLICATIONS = ['DPI', 'LABO', 'RIS']
const FINDINGS: readonly ErrorCode[] = ['SEGMENT_END', 'WRONG_USE']
const COUNT = 400
const START_MS = 1_773_480_000_000

const pick = <T>(list: readonly T[], n: number): T => list[Math.floor(Math.abs(Math.sin(n) * 10_000)) % list.length]!

/** Message `n`: every property its own pseudo-random choice, times not quite in order. */
function made(n: number, secret: Uint8Array): Intake {
  const code = n % 7 === 0 ? pick(CODES, n) : null
  return newIntake({
    controlId: `C${n % 50}`,
    establishment: n % 40 === 0 ? null : pick(SENDERS, n * 3),
    kind: pick(KINDS, n * 5),
    application: pick(APPLICATIONS, n * 17),
    entrance: pick(['mllp', 'https'] as const, n * 7),
    test: n % 3 === 0,
    receivedAtMs: START_MS + n * 1_000 - (n % 11) * 3_000,
    bytes: Buffer.alloc(1 + (n % 97)),
    repeatKey: null,
    patientKeys: [searchKey(secret, 'A', String(n % 20)), searchKey(secret, 'B', String(n % 9))],
    findings:
      n % 4 === 0
        ? [
            // A delivery, of the message or not, or a place in it.
            { code: pick(FINDINGS, n), class: 'form', at: pick([...PLACES, 'PID-3', 'a/B'], n * 19) },
            { code: 'CLOCK_SKEW', class: 'form' },
          ]
        : [],
    deliveries: [
      newDelivery(
        pick(PLACES, n * 11),
        code === null ? { state: n % 2 ? 'queued' : 'delivered' } : { state: 'poisoned', code },
      ),
      ...(n % 2 ? [] : [newDelivery(pick(PLACES, n * 13), { state: 'delivered' })]),
    ],
  })
}

let journal: Journal
let end: () => Promise<void>
const all: Intake[] = []
beforeAll(async () => {
  ;({ journal, end } = await openStore())
  for (let n = 1; n <= COUNT; n++) all.push(made(n, journal.secret))
  await Promise.all(all.map((one) => journal.commit([one])))
})
afterAll(() => end())

const belongs = (destination: string, to: string) => destination === to || destination.startsWith(`${to}/`)

/** What a reach shows, said once more in other words. */
function shows({ establishments, applications }: Reach, one: Intake): boolean {
  const sent = establishments!.some((id) => one.establishment === id)
  if (applications !== null) return sent && applications.includes(one.application)
  return sent || one.deliveries.some((d) => establishments!.some((id) => d.destination.startsWith(`${id}/`)))
}

/** The deliveries that a reach sees of a message: all of what it sent, else those to itself. */
function deliveriesSeen(reach: Reach | null, { establishment, deliveries }: Intake): Intake['deliveries'] {
  const own = reach?.establishments ?? null
  if (own === null || reach?.applications != null || own.some((id) => id === establishment)) return deliveries
  return deliveries.filter(({ destination }) => own.some((id) => destination.startsWith(`${id}/`)))
}

/** The findings that a reach sees: of what others sent, none that speaks of a delivery to another. */
function findingsSeen(reach: Reach | null, { establishment, findings }: Intake): Intake['findings'] {
  const own = reach?.establishments ?? null
  if (own === null || reach?.applications != null || own.some((id) => id === establishment)) return findings
  const hidden = PLACES.filter((place) => place !== 'platform' && !own.some((id) => place.startsWith(`${id}/`)))
  return findings.filter(({ at }) => !hidden.some((place) => place === at))
}

/** What the filter means, looked up the slow way. */
function meets(one: Intake, filter: MessageFilter, reach: Reach | null): boolean {
  const { controlId, from, kind, to, code, finding, minBytes, maxBytes, sinceMs, untilMs, entrance, patient } = filter
  const deliveries = deliveriesSeen(reach, one)
  const states = deliveries.map(({ state }) => state)
  const state = states.includes('poisoned') ? 'parked' : states.includes('queued') ? 'inFlight' : 'closed'
  const [authority, id] = patient?.split('|') ?? []
  return (
    (controlId === undefined || one.controlId === controlId) &&
    (from === undefined || one.establishment === from) &&
    (kind === undefined || (kind.endsWith('*') ? one.kind.startsWith(kind.slice(0, -1)) : one.kind === kind)) &&
    (filter.state === undefined || state === filter.state) &&
    ((to === undefined && code === undefined) ||
      deliveries.some(
        (d) => (to === undefined || belongs(d.destination, to)) && (code === undefined || d.code === code),
      )) &&
    (finding === undefined || findingsSeen(reach, one).some((found) => found.code === finding)) &&
    one.bytes.length >= (minBytes ?? 0) &&
    one.bytes.length <= (maxBytes ?? 1_000) &&
    one.receivedAtMs >= (sinceMs ?? 0) &&
    one.receivedAtMs <= (untilMs ?? Number.MAX_SAFE_INTEGER) &&
    (entrance === undefined || one.entrance === entrance) &&
    (filter.test === undefined || one.test === filter.test) &&
    (patient === undefined || one.patientKeys.includes(searchKey(journal.secret, authority!, id!))) &&
    (reach === null || shows(reach, one))
  )
}

const of = (...establishments: string[]): Reach => ({ establishments, applications: null })
const REACHES: readonly (Reach | null)[] = [
  null,
  of('ch-a'),
  of('chu-a'),
  of('nobody'),
  of(),
  of('chu-a', 'ch-b', 'nobody'),
  of('ch-a', 'ch-b', 'chu-a'),
  { establishments: ['ch-a'], applications: ['LABO'] },
  { establishments: ['ch-a', 'chu-a'], applications: ['DPI', 'RIS', 'none'] },
  { establishments: ['ch-a'], applications: [] },
]

const time = fc.integer({ min: -20, max: COUNT + 20 }).map((n) => START_MS + n * 1_000)
const size = fc.integer({ min: 0, max: 120 })
const filters: fc.Arbitrary<MessageFilter> = fc.record(
  {
    controlId: fc.constantFrom('C7', 'C8', 'none'),
    from: fc.constantFrom(...SENDERS, 'nobody'),
    kind: fc.constantFrom(...KINDS, 'AD*', 'ADT^*', 'Z*', 'none'),
    state: fc.constantFrom('parked', 'inFlight', 'closed'),
    to: fc.constantFrom(...PLACES, 'ch-a', 'ch', 'nobody'),
    code: fc.constantFrom('ACK_REJECT', 'POISONED', 'none'),
    finding: fc.constantFrom('SEGMENT_END', 'WRONG_USE', 'none'),
    minBytes: size,
    maxBytes: size,
    sinceMs: time,
    untilMs: time,
    entrance: fc.constantFrom('mllp', 'https', 'smtp'),
    test: fc.boolean(),
    patient: fc.constantFrom('A|3', 'B|4', 'A|none'),
    limit: fc.constantFrom(1, 7, 500),
  },
  { requiredKeys: ['limit'] },
)

test('whatever is asked, and page by page, the answer is what a slow look at every message gives', async () => {
  const few = filters.map((filter) => {
    // Most of the time few conditions at once, or hardly anything would ever be found.
    const keys = Object.keys(filter).filter(
      (key, i) => key === 'limit' || (i * 7 + JSON.stringify(filter).length) % 4 === 0,
    )
    return Object.fromEntries(keys.map((key) => [key, filter[key as keyof MessageFilter]])) as MessageFilter
  })
  await fc.assert(
    fc.asyncProperty(few, fc.constantFrom(...REACHES), async (filter, reach) => {
      const wanted = all
        .filter((one) => meets(one, filter, reach))
        .map(({ id }) => id)
        .reverse()
      const found: string[] = []
      let after: string | null = null
      do {
        const page = await listMessages(journal, { ...filter, ...(after === null ? {} : { after }) }, reach)
        found.push(...page.messages.map(({ id }) => id))
        after = page.next
      } while (after !== null && found.length < 40)
      expect(found).toEqual(after === null ? wanted : wanted.slice(0, found.length))
    }),
    { numRuns: 300 },
  )
})

test('a search by a finding finds what shows it: no receiver learns of one that speaks of a delivery to another', async () => {
  for (const reach of [of('ch-a'), of('chu-a'), of('ch-b', 'chu-a')])
    for (const finding of FINDINGS) {
      const { messages } = await listMessages(journal, { finding, limit: 500 }, reach)
      const seen = all.filter((one) => shows(reach, one))
      const wanted = seen.filter((one) => findingsSeen(reach, one).some(({ code }) => code === finding))
      expect(messages.map(({ id }) => id).reverse()).toEqual(wanted.map(({ id }) => id))
      // Some that others have is hidden, so that this can fail.
      expect(wanted.length).toBeLessThan(seen.filter((one) => one.findings.some(({ code }) => code === finding)).length)
      for (const { findings } of messages) expect(findings.map(({ code }) => code)).toContain(finding)
    }
})

test.each<MessageFilter>([
  { limit: 0 },
  { limit: 501 },
  { after: 'x' },
  { patient: 'without a bar' },
  { patient: 'A|' },
])('%j is refused', async (filter) => {
  await expect(listMessages(journal, filter, null)).rejects.toMatchObject({ code: 'BAD_REQUEST' })
})

test('a question that takes long leaves the main thread to others', async () => {
  let turns = 0
  let watching = true
  const turn = () => {
    turns += 1
    if (watching) setImmediate(turn)
  }
  setImmediate(turn)
  // On this thread the loop would not turn once while it is answered.
  const count =
    'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000) SELECT max(i) AS i FROM n'
  expect(await journal.read({ sql: count, parameters: [] })).toEqual([{ i: 1_000_000 }])
  watching = false
  expect(turns).toBeGreaterThan(100)
})
