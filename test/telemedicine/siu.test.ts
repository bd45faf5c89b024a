import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Journal } from '../../src/core/journal.ts'
import type { Agenda } from '../../src/telemedicine/appointments/agenda.ts'
import { siuMessage } from '../../src/telemedicine/appointments/siu.ts'
import { type ManualClock, manualClock } from '../support/peers/clock.ts'
import { openStore } from '../support/stores.ts'
import { agendaOver, empty, openCase, viewer } from './teleconsultation.ts'

const DAY = '2026-01-07'
const at = (time: string): number => Date.parse(`${DAY}T${time}:00Z`)
const hourOf = (ms: unknown): string => new Date(Number(ms)).toISOString().slice(11, 16)

let store: Awaited<ReturnType<typeof openStore>>
let journal: Journal
let clock: ManualClock
let agenda: Agenda
beforeAll(async () => {
  store = await openStore()
  journal = store.journal
})
afterAll(() => store.end())
beforeEach(async () => {
  await empty(journal)
  clock = manualClock()
  agenda = agendaOver(journal, clock)
})

/** What a message of the centre's agenda leaves behind: the code that it is noted with, or `done`. */
async function hear(event: string, number: string, time: string, from = 'centre'): Promise<string> {
  const begins = `${DAY}${time}00+0000`.replaceAll(/[-:](?=\d\d)/g, '')
  const bytes = Buffer.from(
    [
      `MSH|^~\\&|AG|X|P|P|20260105080000||SIU^${event}^SIU_S12|1|P|2.5|||||FRA|UNICODE UTF-8`,
      `SCH|${number}|F-${number}|||||||30|min`,
      'RGS|1|A',
      `AIS|1|A|wounds|${begins}|||30|min`,
      '',
    ].join('\r'),
  )
  const work = { what: 'message', message: 'm', establishment: from, resource: null, kind: `SIU^${event}` } as const
  const { rows = [], events = [] } = await siuMessage({ ...work, again: true }, bytes, agenda)
  if (rows.length > 0) expect(await journal.apply({ rows })).toBe(true)
  return events[0]?.code ?? 'done'
}

const slots = async (): Promise<string[]> => {
  const rows = await journal.look<{ start_ms: number; end_ms: number; state: string }>({
    sql: 'SELECT start_ms, end_ms, state FROM slot ORDER BY start_ms, id',
    parameters: [],
  })
  return rows.map((one) => `${hourOf(one.start_ms)}-${hourOf(one.end_ms)} ${one.state}`)
}
const appointments = async (): Promise<string[]> => {
  const rows = await journal.look<{ status: string; start_ms: number }>({
    sql: 'SELECT status, start_ms FROM appointment ORDER BY start_ms',
    parameters: [],
  })
  return rows.map((one) => `${one.status} ${hourOf(one.start_ms)}`)
}

describe('an appointment that the agenda of its centre moves', () => {
  test.for([
    ['a little later', '10:15', ['10:00-10:30 withdrawn', '10:15-10:45 busy']],
    ['a little sooner', '09:45', ['09:45-10:15 busy', '10:00-10:30 withdrawn']],
    ['to right after it', '10:30', ['10:00-10:30 free', '10:30-11:00 busy']],
    ['to later that day', '15:00', ['10:00-10:30 free', '15:00-15:30 busy']],
  ] as const)('%s, is there', async ([_, time, left]) => {
    await openCase(journal, 'c1', { parts: ['home', 'centre'] })
    expect(await hear('S12', 'PLA-c1', '10:00')).toBe('done')
    expect(await hear('S13', 'PLA-c1', time)).toBe('done')
    expect(await appointments()).toEqual([`booked ${time}`])
    expect(await slots()).toEqual(left)
    // The same once more says nothing new.
    expect(await hear('S13', 'PLA-c1', time)).toBe('done')
    expect(await slots()).toEqual(left)
  })

  test('after it began, a little later', async () => {
    await openCase(journal, 'c1', { parts: ['home', 'centre'] })
    await hear('S12', 'PLA-c1', '10:00')
    clock.advance(at('10:05') - clock.nowMs())
    expect(await hear('S13', 'PLA-c1', '10:15')).toBe('done')
    expect(await slots()).toEqual(['10:00-10:30 withdrawn', '10:15-10:45 busy'])
  })

  test('into the time of another stays where it was, which is noted', async () => {
    for (const id of ['c1', 'c2']) await openCase(journal, id, { parts: ['home', 'centre'] })
    await hear('S12', 'PLA-c1', '10:00')
    await hear('S12', 'PLA-c2', '10:30')
    expect(await hear('S13', 'PLA-c1', '10:15')).toBe('SLOT_OVERLAPS')
    expect(await appointments()).toEqual(['booked 10:00', 'booked 10:30'])
    expect(await slots()).toEqual(['10:00-10:30 busy', '10:30-11:00 busy'])
  })
})

describe('a booking that is refused offers no time', () => {
  test.for([
    ['of a case that is over', { state: 'done' }, '14:00', 'WRONG_STATE'],
    ['of time that is past', {}, '-1', 'SLOT_TAKEN'],
  ] as const)('%s', async ([_, more, time, code]) => {
    await openCase(journal, 'c1', { parts: ['home', 'centre'], ...more })
    if (time === '-1') clock.advance(at('12:00') - clock.nowMs())
    expect(await hear('S12', 'PLA-c1', time === '-1' ? '11:00' : time)).toBe(code)
    expect([await slots(), await appointments()]).toEqual([[], []])
  })

  test('by time of a centre that is not the caller’s', async () => {
    await openCase(journal, 'c1', { parts: ['home', 'centre'] })
    const slot = { service: 'wounds', centre: 'centre', startMs: at('10:00'), endMs: at('10:30') }
    const said = await agenda.commands.book({ case: 'c1', slot }, viewer('requester', ['home']))
    expect(said).toEqual({ ok: false, error: 'NOT_FOUND' })
    expect(await slots()).toEqual([])
  })
})
