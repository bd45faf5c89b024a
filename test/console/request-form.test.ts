import { describe, expect, test } from 'vitest'
import { slotsOf } from '../../src/console/page/calendar/pages.ts'
import { weekOf } from '../../src/console/page/duty/week.ts'
import { patientValue, type Reading, readRequest } from '../../src/console/page/requests/read.ts'
import { boundaryOf, readMultipart } from '../../src/formats/http/multipart.ts'
import { OPINION, person, request, STROKE } from '../telemedicine/invented.ts'

const NOW = Date.parse('2026-11-26T01:10:00Z')
const known = { site: 'ch-laval', atMs: NOW, patient: request().patient }
const reading = (changes: Partial<Reading> = {}): Reading => ({
  ...{ service: STROKE, site: 'ch-laval', asker: person('requester', 'ch-laval').participant, registered: [known] },
  ...{ nowMs: NOW, timeZone: 'Europe/Paris', attachments: [], ...changes },
})
const FREE = {
  family: 'Lé Roy (FICTIF)',
  given: 'A',
  again: 'LEROY FICTIF',
  hour: '0:30',
  reason: 'x',
  phone: '0199005001',
}
const read = (fields: Readonly<Record<string, string>>, changes: Partial<Reading> = {}) =>
  readRequest(new URLSearchParams({ id: 'i', ...fields }), reading(changes))
const wrong = (...given: Parameters<typeof read>) => {
  const found = read(...given)
  return found.ok ? {} : Object.fromEntries(found.wrong)
}
const asked = (...given: Parameters<typeof read>) => {
  const found = read(...given)
  if (!found.ok) throw new Error(JSON.stringify([...found.wrong]))
  return found.request
}

test.each<[name: string, fields: Readonly<Record<string, string>>, expected: Readonly<Record<string, string>>]>([
  ['nothing', {}, { family: 'missing', given: 'missing', reason: 'missing', phone: 'missing', hour: 'missing' }],
  ['the four fields', FREE, {}],
  ['a name without a letter', { ...FREE, family: '12', again: '' }, { family: 'missing' }],
  ['another name the second time', { ...FREE, again: 'LEROI' }, { again: 'unequal' }],
  ['no hour at all', { ...FREE, hour: '25:00' }, { hour: 'hour' }],
  ['an hour to come', { ...FREE, hour: '23:00' }, { hour: 'future' }],
  ['an hour to come, sent again as it is', { ...FREE, day: 'today', hour: '23:00', kept: 'today  23:00' }, {}],
  [
    'an hour to come, sent again as another',
    { ...FREE, day: 'today', hour: '22:00', kept: 'today  23:00' },
    { hour: 'future' },
  ],
  ['the same hour yesterday', { ...FREE, day: 'yesterday', hour: '23:00' }, {}],
  ['an unknown hour', { ...FREE, hour: '', unknown: 'yes' }, {}],
  ['no number', { ...FREE, phone: 'au bureau' }, { phone: 'phone' }],
  ['one of those registered, and a name', { ...FREE, patient: patientValue(known) }, { patient: 'both' }],
  ['one who is no longer registered', { ...FREE, family: '', patient: 'x|y' }, { patient: 'gone' }],
  ['afterwards, without the time of the request', { ...FREE, late: 'yes', date: '2026-01-02' }, { asked: 'missing' }],
])('a form says what is wrong by its field: %s', (_name, fields, expected) => {
  expect(wrong(fields)).toEqual(expected)
})

describe('a form becomes a request', () => {
  test('of the patient who is registered, seen well this night, to be called back', () => {
    const one = asked({ ...FREE, family: '', patient: patientValue(known), visit: 'S-1', hour: '0h30' })
    expect(one.patient.family).toBe('MARTIN (FICTIF)')
    expect(one.patient.identifiers.at(-1)).toEqual({ authority: 'ch-laval', value: 'S-1', type: 'VN' })
    expect(one.times['last-seen-well']).toMatchObject({ atMs: Date.parse('2026-11-25T23:30:00Z'), toldAtMs: NOW })
    expect(one).toMatchObject({ callBack: '0199005001', drill: false, late: false, keys: ['form:ch-laval:i'] })
  })
  test('what is typed is nobody’s identity yet; on waking the time is that of the discovery', () => {
    const one = asked({ ...FREE, unknown: 'yes', drill: 'yes' })
    expect(one.patient).toMatchObject({ status: 'provisional', identifiers: [] })
    expect(Object.keys(one.times)).toEqual(['discovery'])
    expect(one.drill).toBe(true)
  })
  test('afterwards, with the true times', () => {
    const late = {
      late: 'yes',
      date: '2026-01-02',
      hour: '3h05',
      asked: '2026-01-02T04:10',
      'at.needle': '2026-01-02T05:00',
    }
    const one = asked({ ...FREE, ...late })
    expect(one.atMs).toBe(Date.parse('2026-01-02T03:10:00Z'))
    expect(one.times.needle?.atMs).toBe(Date.parse('2026-01-02T04:00:00Z'))
  })
  test('with consent where the service needs it', () => {
    expect(wrong(FREE, { service: OPINION })).toEqual({ consent: 'missing' })
    const one = asked({ ...FREE, consent: 'given', 'consent-by': 'IDE', doctor: 'Dr A' }, { service: OPINION })
    expect(one.consent).toEqual({ given: true, by: 'IDE', atMs: NOW, refusedWhy: null })
    expect(one.treatingDoctor?.name).toBe('Dr A')
  })
})

const part = (head: string, body: string): string => `--B\r\nContent-Disposition: form-data; ${head}\r\n\r\n${body}\r\n`
test.each<[name: string, body: string, expected: unknown]>([
  ['a text', `${part('name="a"', 'x\r\ny')}--B--\r\n`, [[['a', 'x\r\ny']], 0]],
  ['a file', `${part('name="f"; filename="Nom.png"', 'bytes')}--B--\r\n`, [[], 1]],
  ['a file field that was left empty', `${part('name="f"; filename=""', '')}--B--\r\n`, [[], 0]],
  ['a file without a byte', `${part('name="f"; filename="vide.txt"', '')}--B--\r\n`, [[], 1]],
  ['a boundary inside a text', `${part('name="a"', 'x --B y')}--B--\r\n`, [[['a', 'x --B y']], 0]],
  ['one that is cut off', part('name="a"', 'x'), null],
  ['one without a name', `${part('filename="x"', 'x')}--B--\r\n`, null],
  ['none', 'hello', null],
])('a form with files: %s', (_name, body, expected) => {
  const form = readMultipart(Buffer.from(body), 'B')
  expect(form === null ? null : [[...form.fields], form.files.length]).toEqual(expected)
})

test('the boundary of a form, quoted or not', () => {
  expect(boundaryOf('multipart/form-data; boundary="a b"')).toBe('a b')
  expect(boundaryOf('multipart/form-data; boundary=----x')).toBe('----x')
  expect(boundaryOf('multipart/form-data')).toBeNull()
})

test.each<[name: string, changes: Readonly<Record<string, string>>, count: number | null]>([
  ['a morning', {}, 6],
  ['for three weeks', { weeks: '3' }, 18],
  ['what is left over is not offered', { until: '10:45' }, 3],
  ['none', { until: '09:00' }, null],
  ['no length', { minutes: '0' }, null],
  ['too much', { weeks: '26', minutes: '5' }, null],
])('time is cut into slots: %s', (_name, changes, count) => {
  const fields = {
    service: 'wounds',
    centre: 'c',
    date: '2026-03-23',
    from: '09:00',
    until: '12:00',
    minutes: '30',
    weeks: '1',
  }
  const slots = slotsOf(new URLSearchParams({ ...fields, ...changes }), 'Europe/Paris')
  expect(slots?.length ?? null).toBe(count)
})

test('slots of several weeks keep their hour on the wall, and a week knows the day on which clocks change', () => {
  const fields = {
    service: 'w',
    centre: 'c',
    date: '2026-03-23',
    from: '09:00',
    until: '09:30',
    minutes: '30',
    weeks: '2',
  }
  const starts = slotsOf(new URLSearchParams(fields), 'Europe/Paris')?.map(({ startMs }) =>
    new Date(startMs).toISOString(),
  )
  expect(starts).toEqual(['2026-03-23T08:00:00.000Z', '2026-03-30T07:00:00.000Z'])
  const week = weekOf('2026-03-29', 0, 'Europe/Paris')
  expect([week.monday, (week.untilMs - week.fromMs) / 3_600_000]).toEqual(['2026-03-23', 167])
})
