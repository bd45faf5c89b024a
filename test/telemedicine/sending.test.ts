import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { machineIds } from '../../src/app/cli/machine.ts'
import type { Case, Happening } from '../../src/core/cases.ts'
import type { Config } from '../../src/core/config.ts'
import type { ErrorCode } from '../../src/core/errors.ts'
import type { Journal, Statement } from '../../src/core/journal.ts'
import type { Lease } from '../../src/core/leases.ts'
import type { Outgoing } from '../../src/core/notices.ts'
import { careNoticeViews, noticeReports } from '../../src/telemedicine/notices/kept.ts'
import type { NoticeAround } from '../../src/telemedicine/notices/people.ts'
import { noticesOf } from '../../src/telemedicine/notices/rows.ts'
import { LOOK_MS, MOST_ATTEMPTS, NoticeSending } from '../../src/telemedicine/notices/sending.ts'
import { type ManualClock, manualClock } from '../support/peers/clock.ts'
import { openStore } from '../support/stores.ts'
import { careConfig, caseRow, happening, noticesAt, ON_CALL, OPENED, onCall, someCase } from './care.ts'

const QUIET = { info() {}, warn() {}, error() {} }
const ON = [onCall('chu-nantes', 1), onCall('chu-nantes', 2), onCall('chu-angers', 1)]

let journal: Journal
let lease: Lease
let end: () => Promise<void>
let clock: ManualClock
let config: Config
/** What left, and what is answered: a code, nothing (it was taken), or never. */
let left: { notice: Outgoing; signal: AbortSignal }[]
let answer: (notice: Outgoing) => ErrorCode | null | 'never'

beforeAll(async () => {
  ;({ journal, end } = await openStore())
  await journal.adopt('test', 0, '{}')
  lease = await new Promise<Lease>((begin) => {
    journal.leases.hold('care-notices', { begin: async (given) => begin(given), end: async () => {} })
  })
})
afterAll(() => end())
beforeEach(async () => {
  const tables = ['care_notice', 'care_case', 'duty']
  await journal.apply({ rows: tables.map((name) => ({ sql: `DELETE FROM ${name}`, parameters: [] })) })
  clock = manualClock()
  config = careConfig()
  left = []
  answer = () => null
})

const around = (): NoticeAround => ({ config, on: ON, newId: () => machineIds.uuid() })
/** A rung of a case, committed as the engine does: the happening's notices as rows. */
async function climb(rung: number, shown = someCase()): Promise<void> {
  const given = around()
  const notices = noticesAt(rung)
  const act = { what: 'rung', ladder: 'answer', rung, centre: 'chu-nantes', notices } as const
  const rows = noticesOf(shown, shown, [happening(rung + 2, act, clock.nowMs())], given)
  await journal.apply({ rows })
}
const accepted = (shown = someCase()): Case => ({
  ...shown,
  state: 'accepted',
  climbs: shown.climbs.map((one) => ({ ...one, endedAtMs: clock.nowMs() })),
})
const accept = async (shown = someCase(), act: Happening['act'] = { what: 'accept' }) => {
  const rows = noticesOf(shown, accepted(shown), [happening(9, act, clock.nowMs())], around())
  expect(await journal.apply({ rows })).toBe(true)
}
function sender(): NoticeSending {
  const tell = (notice: Outgoing, signal: AbortSignal): Promise<ErrorCode | null> => {
    left.push({ notice, signal })
    const said = answer(notice)
    if (said !== 'never') return Promise.resolve(said)
    return new Promise((resolve) => signal.addEventListener('abort', () => resolve('CONNECT_FAILED'), { once: true }))
  }
  const parts = { journal, config: () => config, tell, casePath: '/dossiers/', clock, ids: machineIds, log: QUIET }
  const one = new NoticeSending(parts, lease)
  onTestFinished(() => one.stop())
  return one
}
const look = async (one: NoticeSending): Promise<void> => {
  await one.round()
  await one.settled()
}
const states = async (of = 'case-1') =>
  (await careNoticeViews(journal).of(of))
    .filter(({ channel }) => channel !== 'console')
    .map(({ told, channel, state, attempts, code }) => [told, channel, state, attempts, code].join(' ').trim())
const by = () =>
  left.map(({ notice }) => (notice.by === 'webhook' ? `webhook ${notice.hook.name}` : `${notice.by} ${notice.to}`))
describe('what leaves', () => {
  test('is said to whom it is for, by its channel, once', async () => {
    await journal.apply({ rows: [caseRow(someCase({ drill: true }))] })
    await climb(0)
    const one = sender()
    await look(one)
    await look(one)
    const number = ON[0]!.phone
    expect(by().sort()).toEqual([`sms ${number}`, `voice ${number}`])
    const sms = left.map(({ notice }) => notice).find((notice) => notice.by === 'sms')
    expect(sms).toMatchObject({
      target: ON_CALL.sms,
      text: 'EXERCICE. Télé-AVC AVC-260105-0001, CH de Châteaubriant : nouvelle demande, à ouvrir. https://console.test/dossiers/case-1',
    })
    expect(await states()).toEqual(['duty-1 sms sent 1', 'duty-1 voice sent 1'])
  })
  test('the last rung bears the number of the Centre 15 of the site, and a webhook is told in fields', async () => {
    const hook = { type: 'webhook', url: 'https://hook.test', secret: 's', allowPrivate: false } as const
    const webhooks = [{ ...hook, name: 'all', services: null, establishments: null }]
    config = careConfig({ telemedicine: { ...ON_CALL, webhooks } })
    await journal.apply({ rows: [caseRow(someCase())] })
    await climb(3)
    await climb(7)
    await look(sender())
    const told = left.map(({ notice }) => notice)
    expect(told.find((notice) => notice.by === 'webhook')).toMatchObject({
      hook: { name: 'all' },
      told: { why: 'rung', number: 'AVC-260105-0001', service: 'stroke', site: 'ch-chateaubriant', drill: false },
    })
    const numbered = told.filter((notice) => notice.by === 'voice' && notice.text.includes('Centre 15 : 0261910015'))
    expect(numbered.length).toBe(3)
  })
  test('nothing of what leaves or is kept tells of the patient', async () => {
    await journal.apply({ rows: [caseRow(someCase())] })
    for (const rung of [0, 1, 2, 3, 4]) await climb(rung)
    await look(sender())
    const kept = await journal.look({ sql: 'SELECT * FROM care_notice', parameters: [] })
    expect(left.length).toBeGreaterThan(10)
    expect(JSON.stringify([left.map(({ notice }) => notice), kept])).not.toMatch(/canari|zoé|hémiplégie/i)
  })
  test('a channel that the region took away is given up, and people see it', async () => {
    await journal.apply({ rows: [caseRow(someCase())] })
    await climb(0)
    config = careConfig({ telemedicine: { ...ON_CALL, voice: null } })
    await look(sender())
    expect(await states()).toEqual(['duty-1 sms sent 1', 'duty-1 voice failed 1 CONFIG_INVALID'])
  })
})
describe('silence', () => {
  test('after an acceptance nothing leaves any more, however far the ladder was', async () => {
    await journal.apply({ rows: [caseRow(someCase())] })
    answer = () => 'CONNECT_FAILED'
    const one = sender()
    for (const rung of [0, 1, 2, 3]) await climb(rung)
    await look(one)
    const before = left.length
    expect(before).toBeGreaterThan(5)
    await accept()
    answer = () => null
    for (let s = 0; s < 120; s += 1) {
      clock.advance(1_000)
      await look(one)
    }
    expect(left.length).toBe(before)
    const kinds = new Set((await states()).map((line) => line.split(' ')[2]))
    // Nobody of the coordination is on duty: that failed at once.
    expect([...kinds].sort()).toEqual(['dropped', 'failed'])
  })
  test('an acceptance that was committed between the look and the sending keeps it back', async () => {
    await journal.apply({ rows: [caseRow(someCase())] })
    await climb(0)
    // The commit that counts the attempts is where another may come before it.
    let once = true
    const apply: Journal['apply'] = async (effect) => {
      if (once && effect.rows?.[0]?.sql.includes('attempts + 1') === true) {
        once = false
        await accept()
      }
      return journal.apply(effect)
    }
    const tell = async (notice: Outgoing, signal: AbortSignal) => {
      left.push({ notice, signal })
      return null
    }
    const crossed = { look: journal.look.bind(journal), apply }
    const parts = { journal: crossed, config: () => config, tell, casePath: '/', clock, ids: machineIds, log: QUIET }
    await look(new NoticeSending(parts, lease))
    expect([once, left]).toEqual([false, []])
  })
  test('what is on its way is broken off by the next look, and is not tried again', async () => {
    await journal.apply({ rows: [caseRow(someCase())] })
    await climb(0)
    answer = () => 'never'
    const one = sender()
    await one.round()
    await accept(someCase(), { what: 'reached', whom: 'Dr Anne Martin', atMs: OPENED })
    await expect.poll(() => left.length).toBe(2)
    expect(left.map(({ signal }) => signal.aborted)).toEqual([false, false])
    await look(one)
    expect(left.map(({ signal }) => signal.aborted)).toEqual([true, true])
    expect(LOOK_MS).toBeLessThanOrEqual(1_000)
    expect((await states()).map((line) => line.split(' ')[2])).toEqual(['dropped', 'dropped'])
  })
  test('what had left when somebody answered is told as sent', async () => {
    await journal.apply({ rows: [caseRow(someCase())] })
    await climb(0)
    let taken: (code: null) => void = () => {}
    const parts = { journal, config: () => config, casePath: '/', clock, ids: machineIds, log: QUIET }
    const tell = () => new Promise<null>((resolve) => (taken = resolve))
    const one = new NoticeSending({ ...parts, tell }, lease)
    await journal.apply({ rows: [{ sql: `DELETE FROM care_notice WHERE channel = 'voice'`, parameters: [] }] })
    await one.round()
    await accept()
    await expect.poll(() => taken.length).toBe(1)
    taken(null)
    await one.settled()
    expect(await states()).toEqual(['duty-1 sms sent 1'])
  })

  test('another case goes on', async () => {
    const other = someCase({ id: 'case-2', number: 'AVC-260105-0002' })
    await journal.apply({ rows: [caseRow(someCase()), caseRow(other)] })
    await climb(0)
    await climb(0, other)
    await accept()
    await look(sender())
    expect([await states(), await states('case-2')]).toEqual([
      ['duty-1 sms dropped 0', 'duty-1 voice dropped 0'],
      ['duty-1 sms sent 1', 'duty-1 voice sent 1'],
    ])
  })
})

describe('when nothing gets through', () => {
  test('attempts go on every few seconds, whatever the wall clock does, and get there', async () => {
    await journal.apply({ rows: [caseRow(someCase())] })
    await climb(0)
    answer = ({ by: channel }) => (channel === 'voice' ? null : 'DESTINATION_FAULT')
    const one = sender()
    const attempts = () => by().filter((line) => line.startsWith('sms')).length
    const perMinute: number[] = []
    for (let minute = 0; minute < 3; minute += 1) {
      const before = attempts()
      for (let s = 0; s < 60; s += 1) {
        await look(one)
        clock.advance(1_000)
      }
      perMinute.push(attempts() - before)
    }
    expect(perMinute).toEqual([6, 2, 2])
    expect(await states()).toEqual([`duty-1 sms waiting ${attempts()} DESTINATION_FAULT`, 'duty-1 voice sent 1'])
    answer = () => null
    clock.advance(30_000)
    await look(one)
    expect(await states()).toEqual([`duty-1 sms sent ${attempts()}`, 'duty-1 voice sent 1'])
  })

  test('after an hour it is given up, and people see it', async () => {
    await journal.apply({ rows: [caseRow(someCase())] })
    await climb(0)
    answer = () => 'CONNECT_FAILED'
    const one = sender()
    for (let i = 0; i < MOST_ATTEMPTS + 5; i += 1) {
      clock.advance(30_000)
      await look(one)
    }
    expect(await states()).toEqual([
      `duty-1 sms failed ${MOST_ATTEMPTS} CONNECT_FAILED`,
      `duty-1 voice failed ${MOST_ATTEMPTS} CONNECT_FAILED`,
    ])
  })

  test('a crash in the middle of a ladder: whatever waited is sent by whoever comes after, what was sent is not', async () => {
    await journal.apply({ rows: [caseRow(someCase())] })
    await climb(0)
    await look(sender())
    await climb(1)
    await climb(2)
    answer = () => 'never'
    const before = left.length
    // It has begun to send, and dies: nothing of it is written any more.
    const dead = sender()
    await dead.round()
    await expect.poll(() => left.length).toBe(before + 4)
    answer = () => null
    const after = left.length
    await look(sender())
    expect(left.length - after).toBe(4)
    expect((await states()).map((line) => line.split(' ').slice(2).join(' '))).toEqual([
      'sent 1',
      'sent 1',
      'sent 2',
      'sent 2',
      'sent 2',
      'sent 2',
    ])
    const sentTwice = left.slice(0, before).map(({ notice }) => 'id' in notice && notice.id)
    expect(left.slice(before).filter(({ notice }) => 'id' in notice && sentTwice.includes(notice.id))).toEqual([])
  })

  test('whoever lost the lease sends nothing', async () => {
    await journal.apply({ rows: [caseRow(someCase())] })
    await climb(0)
    const parts = { journal, config: () => config, casePath: '/', clock, ids: machineIds, log: QUIET }
    const tell = async (notice: Outgoing, signal: AbortSignal) => {
      left.push({ notice, signal })
      return null
    }
    await new NoticeSending({ ...parts, tell }, { fence: lease.fence, held: () => false }).round()
    expect(left).toEqual([])
  })

  test('by itself: it looks twice a second, and at once when it is told', async () => {
    await journal.apply({ rows: [caseRow(someCase())] })
    const one = sender()
    one.poke()
    await expect.poll(() => clock.timers).toBe(1)
    await climb(0)
    clock.advance(LOOK_MS)
    await expect.poll(() => states()).toEqual(['duty-1 sms sent 1', 'duty-1 voice sent 1'])
    await climb(1)
    one.poke()
    await expect.poll(async () => (await states()).filter((line) => line.includes('sent')).length).toBe(4)
  })
})

/** Whatever a look began has called its channel by then. */
const turn = () => new Promise((go) => setImmediate(go))

test('whatever comes in whatever order: nothing begins to leave after an answer, and all else gets there or is given up', async () => {
  const step = fc.oneof(
    { weight: 4, arbitrary: fc.constant('look' as const) },
    { weight: 3, arbitrary: fc.constant('rung' as const) },
    { weight: 2, arbitrary: fc.constant('wait' as const) },
    { weight: 2, arbitrary: fc.constantFrom('works' as const, 'fails' as const, 'hangs' as const) },
    { weight: 1, arbitrary: fc.constantFrom('accept' as const, 'crash' as const) },
  )
  let run = 0
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 30 }), async (steps) => {
      run += 1
      const shown = someCase({ id: `case-p${run}`, number: `AVC-${run}` })
      await journal.apply({ rows: [caseRow(shown)] })
      left = []
      answer = () => null
      let one = sender()
      let rungs = 0
      let answered: number | null = null
      for (const what of steps) {
        if (what === 'look') await one.round()
        else if (what === 'wait') clock.advance(31_000)
        else if (what === 'works') answer = () => null
        else if (what === 'fails') answer = () => 'CONNECT_FAILED'
        else if (what === 'hangs') answer = () => 'never'
        else if (what === 'crash') {
          await one.stop()
          one = sender()
        } else if (what === 'rung' && answered === null) {
          await climb(rungs, shown)
          rungs += 1
        } else if (what === 'accept' && answered === null) {
          await one.round()
          // What the look began is under way before the answer comes.
          await turn()
          await accept(shown)
          answered = left.length
        }
      }
      await one.round()
      await turn()
      if (answered !== null) expect(left.length).toBe(answered)
      answer = () => null
      await one.stop()
      await look(sender())
      const all = (await careNoticeViews(journal).of(shown.id)).filter(({ channel }) => channel !== 'console')
      expect(all.filter(({ state }) => state === 'waiting')).toEqual([])
      if (answered !== null) expect(left.length).toBe(answered)
      else expect(all.filter(({ state, code }) => state !== 'sent' && code !== 'NOTICE_NO_NUMBER')).toEqual([])
    }),
    { numRuns: 25 },
  )
})

describe('what providers report', () => {
  const reports = () => {
    const changed: string[] = []
    const take = noticeReports({ journal, config: () => config, clock, changed: (id) => changed.push(id) })
    return { changed, take: take.take }
  }
  const idOf = async (channel: string) =>
    (await careNoticeViews(journal).of('case-1')).find((one) => one.channel === channel)!.id

  test.each<[string, string, string]>([
    ['delivered', 'duty-1 sms delivered 1', 'kept'],
    ['answered', 'duty-1 sms delivered 1', 'kept'],
    ['failed', 'duty-1 sms failed 1 NOTICE_UNDELIVERED', 'kept'],
    ['on its way', 'duty-1 sms sent 1', 'kept'],
  ])('%s', async (status, line, taken) => {
    await journal.apply({ rows: [caseRow(someCase())] })
    await climb(0)
    await look(sender())
    const { take, changed } = reports()
    expect(await take('sms', 'key-of-theirs', { id: await idOf('sms'), state: status })).toBe(taken)
    expect(await states()).toEqual([line, 'duty-1 voice sent 1'])
    expect(changed).toEqual(status === 'on its way' ? [] : ['case-1'])
  })

  test('which come before the answer to the sending are not undone by it', async () => {
    await journal.apply({ rows: [caseRow(someCase())] })
    await climb(0)
    let done: (code: null) => void = () => {}
    const parts = { journal, config: () => config, casePath: '/', clock, ids: machineIds, log: QUIET }
    const one = new NoticeSending(
      {
        ...parts,
        tell: ({ by: channel }) => (channel === 'voice' ? Promise.resolve(null) : new Promise((go) => (done = go))),
      },
      lease,
    )
    await one.round()
    await expect.poll(() => done.length).toBe(1)
    await reports().take('sms', 'key-of-theirs', { id: await idOf('sms'), state: 'delivered' })
    done(null)
    await one.settled()
    expect(await states()).toEqual(['duty-1 sms delivered 1', 'duty-1 voice sent 1'])
  })

  test.each<[string, 'sms' | 'voice', string | null, Record<string, unknown>, string]>([
    ['without a key', 'sms', null, {}, 'unauthorized'],
    ['with another key', 'sms', 'key of ours', {}, 'unauthorized'],
    ['of a notice that is not known', 'sms', 'key-of-theirs', { id: 'x', state: 'failed' }, 'unknown'],
    ['without anything', 'sms', 'key-of-theirs', {}, 'unknown'],
    ['of another channel', 'voice', 'key-of-theirs', { state: 'failed' }, 'unknown'],
  ])('%s change nothing', async (_name, channel, key, fields, taken) => {
    await journal.apply({ rows: [caseRow(someCase())] })
    await climb(0)
    await look(sender())
    const named = channel === 'voice' ? { ...fields, id: await idOf('sms') } : fields
    expect(await reports().take(channel, key, named)).toBe(taken)
    expect(await states()).toEqual(['duty-1 sms sent 1', 'duty-1 voice sent 1'])
  })
})

describe('hand-over', () => {
  const duty = (id: string, person: string, fromMs: number, untilMs: number): Statement => ({
    sql: `INSERT INTO duty (id, service, centre, place, person, phone, mobile, from_ms, until_ms)
      VALUES (?, 'stroke', 'chu-nantes', 1, ?, '0261910001', '0639980001', ?, ?)`,
    parameters: [id, person, fromMs, untilMs],
  })
  const owned = { sql: `UPDATE care_case SET owner = 'chu-nantes' WHERE id = 'case-1'`, parameters: [] }

  test.each<[string, string, boolean, number]>([
    ['whoever comes after is told which cases go on', 'Dr Paul Bernard', true, 1],
    ['nobody is told where nothing is open', 'Dr Paul Bernard', false, 0],
    ['nor where the same person goes on', 'Dr Anne Martin', true, 0],
  ])('%s, once', async (_name, after, open, count) => {
    await journal.apply({
      rows: [
        duty('d1', 'Dr Anne Martin', OPENED - 1_000, OPENED + 1_000),
        duty('d2', after, OPENED + 1_000, OPENED + 9e7),
        caseRow(someCase()),
        ...(open ? [owned] : []),
      ],
    })
    const one = sender()
    await look(one)
    expect(left).toEqual([])
    for (let i = 0; i < 3; i += 1) {
      clock.advance(30_000)
      await look(one)
    }
    expect(left.map(({ notice }) => 'text' in notice && notice.text)).toEqual(
      Array(count).fill(
        'Télé-AVC AVC-260105-0001, CHU de Nantes : relève, 1 dossier(s) en cours. https://console.test',
      ),
    )
    expect(await states('d2')).toEqual(Array(count).fill('duty-1 sms sent 1'))
    const handed = await journal.look({ sql: 'SELECT id FROM duty WHERE handed_at_ms IS NOT NULL', parameters: [] })
    expect(handed).toEqual([{ id: 'd1' }])
  })
  test.each([
    ['a drill beside a real one is left out', [false, true], 'Télé-AVC AVC-260105-0001, CHU de Nantes'],
    [
      'drills alone are told as drills',
      [true, true],
      'EXERCICE. Télé-AVC AVC-260105-0001 AVC-260105-0002, CHU de Nantes',
    ],
  ])('%s', async (_name, drills, told) => {
    const cases = drills.map((drill, i) => someCase({ id: `case-${i + 1}`, number: `AVC-260105-000${i + 1}`, drill }))
    await journal.apply({
      rows: [
        duty('d1', 'Dr Anne Martin', OPENED - 1_000, OPENED + 1_000),
        duty('d2', 'Dr Paul Bernard', OPENED + 1_000, OPENED + 9e7),
        ...cases.map(caseRow),
        { sql: `UPDATE care_case SET owner = 'chu-nantes'`, parameters: [] },
      ],
    })
    clock.advance(2_000)
    const one = sender()
    await look(one)
    await look(one)
    const [sent] = left.map(({ notice }) => 'text' in notice && notice.text)
    expect(sent).toMatch(new RegExp(`^${told} : relève`))
  })
})
