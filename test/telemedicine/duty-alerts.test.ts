import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { machineIds } from '../../src/app/cli/machine.ts'
import { fillRotas } from '../../src/app/demo/rota.ts'
import type { Config } from '../../src/core/config.ts'
import type { Heard } from '../../src/core/duty.ts'
import type { Journal } from '../../src/core/journal.ts'
import { NO_TELEMEDICINE } from '../../src/core/services.ts'
import { ALERT_WORDS, subjectName } from '../../src/formats/alert/words.ts'
import { dutyConditions, dutyFacts } from '../../src/pipeline/watch/duty.ts'
import { dutyCommands } from '../../src/telemedicine/duty/commands.ts'
import { dutyViews } from '../../src/telemedicine/duty/views.ts'
import { noticeRow } from '../../src/telemedicine/notices/row.ts'
import { manualClock } from '../support/peers/clock.ts'
import { openStore } from '../support/stores.ts'
import { careConfig, ON_CALL } from './care.ts'

const HOUR = 3_600_000
const NOW = Date.UTC(2026, 0, 5, 8, 20)
const at = (hours: number): number => Date.UTC(2026, 0, 5, 8) + hours * HOUR
/** The rotas of `careConfig`, without that of the coordination. */
const ROTAS = [
  ['stroke', 'chu-nantes', 1],
  ['stroke', 'chu-nantes', 2],
  ['stroke', 'chu-angers', 1],
  ['stroke', 'chu-angers', 2],
  ['stroke.interventional', 'chu-nantes', 1],
] as const
const config = careConfig({ telemedicine: { ...ON_CALL, coordinationNumber: '0261910000' } })

let journal: Journal
let end: () => Promise<void>
beforeAll(async () => {
  ;({ journal, end } = await openStore())
  await journal.adopt('test', 0, '{}')
})
afterAll(() => end())
beforeEach(async () => {
  await journal.apply({ rows: ['duty', 'care_notice'].map((name) => ({ sql: `DELETE FROM ${name}`, parameters: [] })) })
  for (const [service, centre, place] of ROTAS) await put(service, centre, place, -24, 24 * 30)
})

let made = 0
async function put(service: string, centre: string, place: number, fromH: number, untilH: number, heard?: Heard) {
  made += 1
  await journal.apply({
    rows: [
      { sql: 'DELETE FROM duty WHERE service = ? AND centre = ? AND place = ?', parameters: [service, centre, place] },
      {
        sql: `INSERT INTO duty (id, service, centre, place, person, phone, from_ms, until_ms, taken_at_ms, tests)
          VALUES (?, ?, ?, ?, 'Dr Anne Martin', '0261910001', ?, ?, ?, ?)`,
        parameters: [`d${made}`, service, centre, place, at(fromH), at(untilH), ...taken(heard)],
      },
    ],
  })
}
const ALL: Heard = { sound: true, sms: true, voice: null }
const taken = (heard = ALL) => (heard.sound || heard.sms ? [at(0), JSON.stringify(heard)] : [null, null])
const NOT_YET: Heard = { sound: false, sms: null, voice: null }
const seen = async (nowMs = NOW, by: Config = config) =>
  dutyConditions(await dutyFacts(journal, nowMs, by), nowMs).map(
    ({ code, severity, subject, establishment, params }) => ({
      said: `${severity} ${code} ${subject}`,
      establishment,
      params,
    }),
  )

test('a region whose rotas are full and taken has nothing to look at, one without telemedicine neither', async () => {
  expect(await seen()).toEqual([])
  await journal.apply({ rows: [{ sql: 'DELETE FROM duty', parameters: [] }] })
  expect(await seen(NOW, careConfig({ careServices: new Map(), telemedicine: NO_TELEMEDICINE }))).toEqual([])
})

test.each([
  ['within a day', -24, 20, 'urgent', 148],
  ['a week ahead', -24, 24 * 7 - 1, 'important', 1],
  ['later than that', -24, 24 * 7, null, 0],
  ['now', 1, 24 * 30, 'urgent', 1],
] as const)('an empty hour %s', async (_name, fromH, untilH, severity, hours) => {
  await put('stroke', 'chu-nantes', 2, fromH, untilH)
  const from = new Date(fromH > 0 ? at(0) : at(untilH)).toISOString()
  const one = { said: `${severity} DUTY_EMPTY chu-nantes stroke`, establishment: 'chu-nantes', params: { from, hours } }
  expect(await seen()).toEqual(severity === null ? [] : [one])
})

test('a rota that nobody has begun to write is one alert, and not urgent', async () => {
  await put('stroke.interventional', 'chu-nantes', 1, -48, -24)
  expect(await seen()).toMatchObject([
    { said: 'important DUTY_EMPTY chu-nantes stroke.interventional', params: { hours: 168 } },
  ])
})

test.each([
  ['not taken a quarter of an hour after its beginning', 0, NOT_YET, 'DUTY_UNTAKEN'],
  ['not taken yet, and begun since', 0.2, NOT_YET, null],
  ['taken, the short message not heard', 0, { ...ALL, sms: false }, 'DUTY_UNHEARD'],
  ['taken, there being no channel', 0, { ...ALL, sms: null }, null],
] as const)('a duty %s', async (_name, fromH, heard, code) => {
  // The hour before belongs to somebody else's duty: whole hours are looked at.
  await put('stroke', 'chu-angers', 2, fromH, 24 * 30, heard)
  const found = (await seen()).filter(({ said }) => !said.includes('DUTY_EMPTY')).map(({ said }) => said)
  expect(found).toEqual(code === null ? [] : [`important ${code} chu-angers stroke 2`])
})

test('what could not be told is an alert for an hour', async () => {
  const notice = (id: string, establishment: string | null, why: 'rung' | 'duty-test', failed = true) =>
    noticeRow({
      ...{ id, careCase: 'c', n: 1, why, ladder: 'answer', rung: 0, told: 'duty-1', channel: 'sms', establishment },
      target: null,
      madeAtMs: NOW,
      failed: failed ? 'CONNECT_FAILED' : null,
    })
  const rows = [
    notice('1', 'chu-nantes', 'rung'),
    notice('2', 'chu-nantes', 'rung'),
    notice('3', null, 'rung'),
    notice('4', 'chu-angers', 'rung', false),
    notice('5', 'chu-angers', 'duty-test'),
  ]
  await journal.apply({ rows })
  expect((await seen()).toSorted((a, b) => a.said.localeCompare(b.said))).toEqual([
    { said: 'urgent CARE_UNTOLD *', establishment: null, params: { count: 1 } },
    { said: 'urgent CARE_UNTOLD chu-nantes', establishment: 'chu-nantes', params: { count: 2 } },
  ])
  expect(await seen(NOW + HOUR)).toEqual([])
})

test('the alerts are said with the name of the centre', () => {
  const who = subjectName('chu-nantes stroke 2', config.establishments, 'fr')
  const say = (params: Record<string, string | number>) =>
    ALERT_WORDS.fr.sentence({ kind: 'duty', code: 'DUTY_EMPTY', params }, who)
  expect(say({ from: '2026-01-05T08:00:00Z', hours: 3 })).toBe(
    'Garde de CHU de Nantes · stroke · 2 : 3 h sans personne, à partir de 05/01/2026 09:00',
  )
  expect(say({ from: '2026-01-05T08:00:00Z' })).toContain('non prise')
})

test('the demo region begins with invented people on duty, and without an alert', async () => {
  await journal.apply({ rows: [{ sql: 'DELETE FROM duty', parameters: [] }] })
  const whole = careConfig()
  const parts = {
    journal,
    config: () => whole,
    clock: { ...manualClock(), nowMs: () => NOW },
    ids: machineIds,
    told() {},
  }
  const fill = () =>
    fillRotas({ journal, duty: dutyViews(parts), duties: dutyCommands(parts), config: whole, nowMs: NOW })
  await fill()
  expect(await seen(NOW, whole)).toEqual([])
  const count = async () => (await journal.look({ sql: 'SELECT id FROM duty', parameters: [] })).length
  const made = await count()
  expect(made).toBe(28 * 6)
  // A second start leaves it alone.
  await fill()
  expect(await count()).toBe(made)
})
