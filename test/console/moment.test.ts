import { expect, test } from 'vitest'
import { colon } from '../../src/console/page/colon.ts'
import { dateText, instantOf, lengthOf, momentOf, monthText, wallOf } from '../../src/console/page/moment.ts'

const PARIS = 'Europe/Paris'

test.each([
  ['2026-01-05', '2026-01-04T23:00:00.000Z'],
  ['2026-07-05T14:30', '2026-07-05T12:30:00.000Z'],
  ['2026-07-05T14:30:15', '2026-07-05T12:30:15.000Z'],
  ['2026-03-29T01:59', '2026-03-29T00:59:00.000Z'],
  ['2026-03-29T03:00', '2026-03-29T01:00:00.000Z'],
  ['2026-10-25T02:30', '2026-10-25T00:30:00.000Z'],
  ['2026-10-25T03:00', '2026-10-25T02:00:00.000Z'],
  ['05/01/2026', null],
  ['2026-13-40', null],
])('the wall clock %s in Paris is %s', (text, iso) => {
  const atMs = instantOf(text, PARIS)
  expect(atMs === null ? null : new Date(atMs).toISOString()).toBe(iso)
})

test('a time is shown in the time of the region, with UTC when pointed at', () => {
  const reader = { language: 'fr', config: { region: { timeZone: PARIS } } } as const
  const iso = '2026-07-05T12:30:15.123Z'
  expect(momentOf(iso, reader).text).toBe(
    `<time datetime="${iso}" title="2026-07-05 12:30:15 UTC">05/07/2026 14:30:15</time>`,
  )
  expect(wallOf(Date.parse(iso), PARIS)).toBe('2026-07-05T14:30')
})

test.each([
  [0, '0 ms'],
  [999, '999 ms'],
  [1_500, '1,5 s'],
  [90_000, '1,5 min'],
  [86_400_000, '1 j'],
])('%d ms lasts %s', (ms, text) => expect(lengthOf(ms, 'fr')).toBe(text))

test.each([
  ['1931-08-12', 'fr', '12/08/1931'],
  ['1931-08-12', 'en', '1931-08-12'],
  ['1931-08', 'fr', '1931-08'],
  ['1931', 'fr', '1931'],
] as const)('the date %s in %s is %s', (iso, language, text) => expect(dateText(iso, language)).toBe(text))

test.each([
  ['fr', 'novembre 2026', 'Vu\u00a0: non'],
  ['en', 'November 2026', 'Vu: non'],
] as const)('in %s a month is %s, and a name has its colon', (language, month, pair) => {
  expect(monthText('2026-11', language)).toBe(month)
  expect(`Vu${colon(language)}non`).toBe(pair)
})
