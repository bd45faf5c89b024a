import { randomBytes } from 'node:crypto'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ANSWER_RIPE_MS } from '../../src/conformity/count/answered.ts'
import { EXAMPLES } from '../../src/conformity/count/examples.ts'
import { answeredFollower, sentFollower } from '../../src/conformity/follow.ts'
import { judgeTraffic } from '../../src/conformity/judge/traffic.ts'
import { judgingRound } from '../../src/conformity/rounds.ts'
import { readKept, readWindow } from '../../src/conformity/store/facts.ts'
import { measuredSoftware } from '../../src/conformity/structures/measured.ts'
import type { Framework, TrafficRule } from '../../src/core/conformity.ts'
import type { Follower } from '../../src/core/follower.ts'
import type { Journal } from '../../src/core/journal.ts'
import type { Fence } from '../../src/core/leases.ts'
import type { Finding } from '../../src/core/message.ts'
import { following } from '../../src/pipeline/follow.ts'
import { mailRow } from '../../src/pipeline/mail/rows.ts'
import { delivery, intake } from '../console/gateway.ts'
import { someConfig } from '../console/region.ts'
import { type ManualClock, manualClock } from '../support/peers/clock.ts'
import { openStore } from '../support/stores.ts'
import { frameworkOf, requirementOf } from './pieces.ts'

const AT = Date.parse('2026-01-05T08:00:00Z')
const KEY: Finding = { code: 'INS_KEY', class: 'contract' }
const region = someConfig()
const config = () => region

let store: Awaited<ReturnType<typeof openStore>>
let journal: Journal
let clock: ManualClock
let fence: Fence

beforeEach(async () => {
  store = await openStore()
  journal = store.journal
  clock = manualClock()
  await journal.adopt('test', 1, '{}')
  const held = journal.leases.hold('conformity', {
    async begin(lease) {
      fence = lease.fence
    },
    async end() {},
  })
  await held.begun
})
afterEach(() => store.end())

const counts = async (): Promise<readonly string[]> =>
  (
    await journal.read<Record<string, unknown>>({
      sql: `SELECT establishment, use, side, day, kind, application, signature, n FROM conformity_count
        ORDER BY establishment, use, side, day, kind, application, signature`,
      parameters: [],
    })
  ).map((row) => Object.values(row).join(' | '))

/** Forgets what was counted, and how far: all of it is read again. */
async function uncount(): Promise<void> {
  const tables = ['conformity_example', 'conformity_count', 'conformity_mark', 'cursor']
  await journal.apply({ rows: tables.map((table) => ({ sql: `DELETE FROM ${table}`, parameters: [] })) })
  expect(await counts()).toEqual([])
}

/** Reads on as the runner does, to the end of what is there. */
async function readOn(follower: Follower, limit = 2): Promise<void> {
  for (;;) {
    const from = await journal.cursor(follower.name)
    const entries = await journal.follow(from, limit)
    const to = entries.at(-1)?.position
    if (to === undefined) return
    expect(
      await journal.apply({ ...(await follower.entries(entries)), cursor: { follower: follower.name, from, to } }),
    ).toBe(true)
  }
}

async function send(controlId: string, changes: Parameters<typeof intake>[2] = {}): Promise<string> {
  const one = intake(journal, controlId, { test: false, receivedAtMs: AT, ...changes })
  expect(await journal.commit([one])).toMatchObject({ kind: 'committed' })
  return one.id
}

const framework: Framework = frameworkOf([
  requirementOf('INS', {
    by: 'traffic',
    rule: {
      ...{ side: 'sent', kinds: ['ADT^*'], windowDays: 2, minimum: 2 },
      measure: { what: 'absence', of: ['INS_KEY'] },
    },
  }),
  requirementOf('PAPER', { by: 'evidence', accepts: 'either', validDays: 365, remindDays: 30 }),
])

const judge = async (): Promise<void> => {
  const parts = { journal, config, clock, frameworks: async () => [framework] }
  while (await judgingRound(parts, { fence }));
}

const verdicts = async (use: 'production' | 'qualification' = 'production') =>
  Object.fromEntries(
    (await readKept(journal, { establishment: 'ch-laval', use })).map((one) => [
      one.requirement,
      [one.verdict, one.good, one.total, one.regressedFrom],
    ]),
  )

test('a mail is of the establishment whose mailbox sent it, whatever detail its address had; what comes from elsewhere is nobody’s', async () => {
  const mailbox = (address: string, establishment: string) => ({
    sql: `INSERT INTO mailbox (address, domain, kind, name, state, establishment, red_list, created_at_ms, version)
      VALUES (?, 'op.mssante.test', 'ORG', 'x', 'active', ?, 0, 0, 1)`,
    parameters: [address, establishment],
  })
  await journal.apply({ rows: [mailbox('labo@op.mssante.test', 'ch-laval'), mailbox('in@op.mssante.test', 'ehpad-a')] })
  const mail = (
    n: string,
    kind: string,
    sender: string,
    way: 'in' | 'sent',
    more: Parameters<typeof intake>[2] = {},
  ) => {
    const one = intake(journal, n, {
      establishment: null,
      application: '',
      test: false,
      receivedAtMs: AT,
      kind,
      ...more,
    })
    const envelope = { sender, returns: null, id: null, eightBit: false, utf8: false }
    const facts = { kind, messageId: n, automatic: false, xMss: {} } as Parameters<typeof mailRow>[0]['facts']
    const row = mailRow({
      ...{ message: one.id, atMs: AT, way, peer: 'x', bytes: 1, envelope, facts },
      trace: Buffer.alloc(0),
    })
    return journal.commit([{ ...one, rows: [row] }])
  }
  await mail('1', 'MAIL', 'labo@op.mssante.test', 'sent')
  await mail('2', 'MAIL^XDM', 'labo+rendu@op.mssante.test', 'sent')
  await mail('3', 'MAIL^XDM', 'labo@op.mssante.test', 'in')
  await mail('4', 'MAIL', 'nobody@elsewhere.test', 'sent')
  // Made by the gateway: documents of a message are its establishment's, reports to senders are nobody's.
  await mail('5', 'MAIL^XDM', 'documents@op.mssante.test', 'sent', { establishment: 'ch-laval', entrance: 'internal' })
  await mail('6', 'MAIL^DSN', '', 'sent', { establishment: 'ch-laval', entrance: 'internal' })
  await readOn(sentFollower({ journal, config }))
  const expected = [
    'ch-laval | production | sent | 2026-01-05 | MAIL |  |  | 1',
    'ch-laval | production | sent | 2026-01-05 | MAIL^XDM |  |  | 2',
  ]
  expect(await counts()).toEqual(expected)
  await readOn(sentFollower({ journal, config }))
  expect(await counts()).toEqual(expected)
})

test('what messages claim to be is counted with what was found, and judged apart; of older messages nothing is known', async () => {
  const profiles = ['2.1', 'CISIS_CDA_HL7_V2']
  await send('1', { kind: 'ORU^R01', profiles, findings: [KEY] })
  await send('2', { kind: 'ORU^R01', profiles })
  await send('3', { kind: 'ORU^R01' })
  await send('4', { kind: 'ORU^R01', profiles })
  await readOn(sentFollower({ journal, config }))
  await readOn(sentFollower({ journal, config }))
  expect(await counts()).toEqual([
    'ch-laval | production | sent | 2026-01-05 | ORU^R01 | DPI |  | 1',
    'ch-laval | production | sent | 2026-01-05 | ORU^R01 | DPI | @2.1 @CISIS_CDA_HL7_V2 | 2',
    'ch-laval | production | sent | 2026-01-05 | ORU^R01 | DPI | @2.1 @CISIS_CDA_HL7_V2 INS_KEY | 1',
  ])
  const windows = await readWindow(journal, { establishment: 'ch-laval', use: 'production' }, 1, '2026-01-05')
  const measure = { what: 'share', without: ['INS_KEY'], refused: true, atLeast: 1, partly: null } as const
  const rule = { side: 'sent', kinds: ['ORU^R01'], windowDays: 1, minimum: 1, measure } as const
  const judged = (more: Partial<TrafficRule>) => {
    const { good, total, found } = judgeTraffic({ ...rule, ...more }, windows, 1)
    return [good, total, found.map(({ finding }) => finding)]
  }
  expect(judged({})).toEqual([3, 4, ['INS_KEY']])
  expect(judged({ profiles: ['CISIS_CDA_*'] })).toEqual([2, 3, ['INS_KEY']])
  expect(judged({ notProfiles: ['CISIS_CDA_HL7_V2'] })).toEqual([1, 1, []])
  expect(judged({ profiles: ['CISIS_TLR_HL7_V2'] })).toEqual([0, 0, []])
  expect(judged({ measure: { what: 'absence', of: ['*'] } })).toEqual([3, 4, ['INS_KEY']])
})

test('a verdict names the software and the version it was measured on, the ones used most first; who tells none is named without', async () => {
  await send('1', { softwareVersion: '8.2' })
  await send('2', { softwareVersion: '8.3', findings: [KEY] })
  await send('3', { softwareVersion: '8.3' })
  await send('4', { application: 'SGL' })
  await readOn(sentFollower({ journal, config }))
  expect(await counts()).toEqual([
    'ch-laval | production | sent | 2026-01-05 | ADT^A01 | DPI | @#8.2 | 1',
    'ch-laval | production | sent | 2026-01-05 | ADT^A01 | DPI | @#8.3 | 1',
    'ch-laval | production | sent | 2026-01-05 | ADT^A01 | DPI | @#8.3 INS_KEY | 1',
    'ch-laval | production | sent | 2026-01-05 | ADT^A01 | SGL |  | 1',
  ])
  await judge()
  const kept = await readKept(journal, { establishment: 'ch-laval', use: 'production' })
  const [one] = kept.filter(({ requirement }) => requirement === 'INS')
  expect(one).toMatchObject({ verdict: 'unmet', good: 3, total: 4, software: ['DPI 8.3', 'DPI 8.2', 'SGL'] })
  const seen = await measuredSoftware(journal, 'ch-laval')
  expect(seen.map(({ product, versions, messages }) => [product, versions, messages])).toEqual([
    ['DPI', ['8.2', '8.3'], 3],
    ['SGL', [], 1],
  ])
})

test('whatever length a sender gives its name, its kind and its claims, it is counted, and what comes behind it', async () => {
  const endless = (): string => randomBytes(4_000).toString('base64')
  const kind = `ADT^${endless()}`
  const findings = Array.from(
    { length: 30 },
    (_, i): Finding => ({ ...KEY, params: { rule: `PAM-FR-RULE-${100 + i}` } }),
  )
  const profiles = Array.from({ length: 12 }, endless)
  // As much as the store takes of a message: keys of its own are longer.
  await send('1', {
    kind: kind.slice(0, 900),
    application: endless().slice(0, 900),
    softwareVersion: endless(),
    profiles,
    findings,
  })
  await send('2', { kind: 'ADT^A01', application: 'DPI', profiles, findings })
  await send('3')
  await readOn(sentFollower({ journal, config }))
  const sizes = (await counts()).map((line) => line.split(' | '))
  expect(sizes.map((fields) => fields.at(-1))).toEqual(['1', '1', '1'])
  expect(sizes.map(([, , , , of = '', application = '']) => of.length <= 60 && application.length <= 120)).toEqual([
    ...[true, true, true],
  ])
})

test('every message is counted once: by day, kind, product, use and what was found; those of nobody and of ours are not', async () => {
  await send('1')
  await send('2', { findings: [KEY] })
  await send('3', { test: true })
  await send('4', { kind: 'ORU^R01', application: 'SGL', receivedAtMs: Date.parse('2026-01-05T23:30:00Z') })
  await send('5', { establishment: null })
  await send('6', { entrance: 'internal' })
  await send('7')
  await readOn(sentFollower({ journal, config }))
  await readOn(sentFollower({ journal, config }))
  const expected = [
    'ch-laval | production | sent | 2026-01-05 | ADT^A01 | DPI |  | 2',
    'ch-laval | production | sent | 2026-01-05 | ADT^A01 | DPI | INS_KEY | 1',
    'ch-laval | production | sent | 2026-01-06 | ORU^R01 | SGL |  | 1',
    'ch-laval | qualification | sent | 2026-01-05 | ADT^A01 | DPI |  | 1',
  ]
  expect(await counts()).toEqual(expected)
  // Counted once more from the journal, by a follower that has never read it: to the unit the same.
  await journal.apply({ rows: [{ sql: 'DELETE FROM conformity_count', parameters: [] }] })
  await readOn({ ...sentFollower({ journal, config }), name: 'again' }, 100)
  expect(await counts()).toEqual(expected)
})

test('examples are the first messages of the latest hour: the same ones, and the same counts, in whatever portions they are read', async () => {
  const MINUTES = [0, 10, 70, 20, 130, 131, 132, 250, 140, 251, 252, 253]
  const sent: { readonly id: string; readonly hour: number }[] = []
  for (const [i, minutes] of MINUTES.entries()) {
    const receivedAtMs = AT + minutes * 60_000
    const id = await send(String(i), { findings: [KEY], receivedAtMs })
    sent.push({ id, hour: Math.floor(receivedAtMs / 3_600_000) })
  }
  const expected = [...Map.groupBy(sent, ({ id }) => Number.parseInt(id.slice(-4), 16) % EXAMPLES)].map(
    ([slot, own]) => {
      const latest = Math.max(...own.map(({ hour }) => hour))
      return { slot, message: own.find(({ hour }) => hour === latest)?.id }
    },
  )
  const query = { sql: 'SELECT slot, message FROM conformity_example ORDER BY slot', parameters: [] }
  const examples = async () => (await journal.read<(typeof expected)[number]>(query)).map((row) => ({ ...row }))
  const counts = () =>
    journal.read<{ readonly n: number }>({
      sql: 'SELECT * FROM conformity_count ORDER BY day, signature',
      parameters: [],
    })
  let first: Awaited<ReturnType<typeof counts>> | null = null
  for (const portion of [1, 3, 100]) {
    const follower = sentFollower({ journal, config })
    // A portion whose commit came to nothing is read again.
    await follower.entries(await journal.follow(null, portion))
    await readOn(follower, portion)
    expect(await examples()).toEqual(expected.sort((a, b) => a.slot - b.slot))
    // Read again from the beginning of the journal, to the unit.
    first ??= await counts()
    expect(first.reduce((sum, row) => sum + Number(row.n), 0)).toBe(MINUTES.length)
    expect(await counts()).toEqual(first)
    await uncount()
  }
})

const refuse = (
  code: 'FIELD_MISSING' | 'NOT_HL7',
  establishment: string | null,
  text: string,
  atMs = AT,
): Promise<boolean> =>
  journal.refuse({
    ...{ id: crypto.randomUUID(), atMs, entrance: 'mllp', peer: 'x', establishment, kind: 'ADT^A01', controlId: null },
    ...{ code, at: null, bytes: Buffer.from(text) },
  })

test('what was refused at the door is counted once it is ripe, by its header', async () => {
  await refuse('FIELD_MISSING', 'ch-laval', 'MSH|^~\\&|GAM|X|||20260105||ADT^A01|1|P|2.5')
  await refuse('NOT_HL7', null, 'x')
  await refuse('FIELD_MISSING', 'ch-laval', 'MSH|^~\\&|GAM|X|||20260105||ADT^A01|1|T|2.5')
  await judge()
  expect(await counts()).toEqual([])
  clock.advance(31_000)
  await judge()
  await judge()
  const expected = [
    'ch-laval | production | sent | 2026-01-05 | ADT^A01 | GAM | !FIELD_MISSING | 1',
    'ch-laval | qualification | sent | 2026-01-05 | ADT^A01 | GAM | !FIELD_MISSING | 1',
  ]
  expect(await counts()).toEqual(expected)
  await uncount()
  await judge()
  await judge()
  expect(await counts()).toEqual(expected)
})

test('what was refused counts by its header however long it is, under the name of what is accepted', async () => {
  const msh = (mode: 'P' | 'T') =>
    `MSH|^~\\&|Hôpital^1.2.250.1.999.1^ISO|X|||20260105||ADT^A01|1|${mode}|2.5|||||FRA|UNICODE UTF-8|||2.1\rSFT|E|8.2\r`
  const long = `OBX|1|ED|x||${'A'.repeat(70_000)}\r`
  await refuse('FIELD_MISSING', 'ch-laval', msh('P'))
  await refuse('FIELD_MISSING', 'ch-laval', msh('P') + long)
  await refuse('FIELD_MISSING', 'ch-laval', msh('T') + long)
  clock.advance(31_000)
  await judge()
  expect(await counts()).toEqual([
    'ch-laval | production | sent | 2026-01-05 | ADT^A01 | Hôpital | !FIELD_MISSING @#8.2 @2.1 | 2',
    'ch-laval | qualification | sent | 2026-01-05 | ADT^A01 | Hôpital | !FIELD_MISSING @#8.2 @2.1 | 1',
  ])
})

test('a refusal that was written before an older one waits for its time, and is counted', async () => {
  const text = (mode: 'P' | 'T') => `MSH|^~\\&|GAM|X|||20260105||ADT^A01|1|${mode}|2.5`
  await refuse('FIELD_MISSING', 'ch-laval', text('P'), AT - 60_000)
  await refuse('FIELD_MISSING', 'ch-laval', text('P'), AT - 29_900)
  await refuse('FIELD_MISSING', 'ch-laval', text('T'), AT - 30_100)
  const counted = async () => (await counts()).map((line) => [line.split(' | ')[1], line.split(' | ').at(-1)])
  await judge()
  expect(await counted()).toEqual([['production', '1']])
  clock.advance(1_000)
  await judge()
  await judge()
  expect(await counted()).toEqual([
    ['production', '2'],
    ['qualification', '1'],
  ])
})

test('answers are counted at the first attempt, of those who were to give them', async () => {
  const attempt = async (controlId: string, outcome: 'delivered' | 'unknown', startedAtMs: number, ms: number) => {
    const one = delivery('chu-angers/dpi')
    await send(controlId, { deliveries: [one] })
    const code = outcome === 'delivered' ? null : ('ANSWER_WRONG_ID' as const)
    const move = {
      held: false,
      holds: false,
      atMs: AT,
      dueAtMs: AT,
      sameCode: 0,
      attempts: 1,
      findings: [],
      events: [],
    }
    await journal.record({ ...move, deliveryId: one.id, from: ['queued'], to: 'sending', code: null, attempt: null })
    const made = { n: 1, startedAtMs, endedAtMs: startedAtMs + ms, outcome, code, answer: null }
    await journal.record({ ...move, deliveryId: one.id, from: ['sending'], to: outcome, code, attempt: made })
  }
  await attempt('1', 'delivered', AT + 10, 300)
  await attempt('2', 'unknown', AT + 10, 40)
  await attempt('3', 'delivered', AT + ANSWER_RIPE_MS + 1, 40)
  await send('4', { deliveries: [delivery('chu-angers/dpi')] })
  const destinations = new Map([
    ['chu-angers/dpi', { ...[...region.destinations.values()][0]!, establishment: 'chu-angers' }],
  ])
  const answers = answeredFollower({ journal, config: () => ({ ...region, destinations }) })
  const expected = [
    'chu-angers | production | received | 2026-01-05 | ADT^A01 | chu-angers/dpi | delivered 500 | 1',
    'chu-angers | production | received | 2026-01-05 | ADT^A01 | chu-angers/dpi | unknown ANSWER_WRONG_ID | 1',
  ]
  await readOn(answers)
  expect(await counts()).toEqual(expected)
  await uncount()
  await readOn(answers)
  expect(await counts()).toEqual(expected)
})

test('verdicts follow the counts and the days; what turned is kept, and what became worse says so until it is mended', async () => {
  const follower = sentFollower({ journal, config })
  await judge()
  expect(await verdicts()).toEqual({ INS: ['not-measured', 0, 0, null], PAPER: ['not-measured', 0, 0, null] })
  await send('1')
  await send('2')
  await readOn(follower)
  await judge()
  expect(await verdicts()).toMatchObject({ INS: ['met', 2, 2, null] })
  const wrong = await send('3', { findings: [KEY] })
  await readOn(follower)
  await judge()
  expect(await verdicts()).toMatchObject({ INS: ['unmet', 2, 3, 'met'] })
  const example = { sql: 'SELECT finding, message FROM conformity_example', parameters: [] }
  expect(await journal.read(example)).toEqual([{ finding: 'INS_KEY', message: wrong }])
  // The day after tomorrow none of it is in the window any more; then two that are right mend it.
  clock.advance(2 * 86_400_000)
  await judge()
  expect(await verdicts()).toMatchObject({ INS: ['not-measured', 0, 0, 'met'] })
  for (const id of ['4', '5']) await send(id, { receivedAtMs: clock.nowMs() })
  await readOn(follower)
  await judge()
  expect(await verdicts()).toMatchObject({ INS: ['met', 2, 2, null] })
  const changes = {
    sql: `SELECT was, verdict FROM conformity_change WHERE requirement = 'INS' ORDER BY seq`,
    parameters: [],
  }
  expect(
    (await journal.read<{ was: string | null; verdict: string }>(changes)).map(({ was, verdict }) => [was, verdict]),
  ).toEqual([
    ['not-measured', 'met'],
    ['met', 'unmet'],
    ['unmet', 'not-measured'],
    ['not-measured', 'met'],
  ])
})

test('tests and drills make verdicts of their own, and none of production', async () => {
  for (const id of ['1', '2']) await send(id, { test: true, findings: [KEY] })
  await readOn(sentFollower({ journal, config }))
  await judge()
  expect(await verdicts('qualification')).toMatchObject({ INS: ['unmet', 0, 2, null] })
  expect(await verdicts()).toMatchObject({ INS: ['not-measured', 0, 0, null] })
})

test('the runner looks at its own pace, whoever says that something is new', async () => {
  const looked: number[] = []
  const slow: Follower = { ...sentFollower({ journal, config }), timer: async () => ({}) }
  const quiet = { info() {}, warn() {}, error() {} }
  const read = journal.follow.bind(journal)
  const spied = Object.assign(Object.create(journal) as Journal, {
    follow: async (...asked: Parameters<Journal['follow']>) => {
      looked.push(clock.monotonicMs())
      return read(...asked)
    },
  })
  const running = following({ journal: spied, followers: [slow], clock, log: quiet })
  running.start()
  await expect.poll(() => looked).toEqual([0])
  await expect.poll(() => clock.timers).toBe(2)
  for (let poke = 0; poke < 5; poke++) running.poke()
  clock.advance(1_999)
  clock.advance(1)
  await expect.poll(() => looked).toEqual([0, 2_000])
  await running.stop()
})
