import { describe, expect, test } from 'vitest'
import { readFormTime, readTime } from '../../../src/formats/clock/read.ts'
import { CLOCK_WORDS, dayTimeText, repeatedText } from '../../../src/formats/clock/words.ts'

const PARIS = 'Europe/Paris'
const at = (text: string): number => Date.parse(text)

test.each([
  ['2026-11-26T14:20', '2026-11-26T13:20Z', 'minute', null],
  ['2026-07-14T14:20', '2026-07-14T12:20Z', 'minute', null],
  ['2026-07-14T14:20:31.5', '2026-07-14T12:20:31.5Z', 'minute', null],
  ['2026-07-14T14:20+04:00', '2026-07-14T10:20Z', 'minute', null],
  ['2026-07-14T14:20:00Z', '2026-07-14T14:20Z', 'minute', null],
  ['2026-07-14', '2026-07-13T22:00Z', 'day', null],
  ['20260714', '2026-07-13T22:00Z', 'day', null],
  ['2026071414', '2026-07-14T12:00Z', 'hour', null],
  ['202607141420', '2026-07-14T12:20Z', 'minute', null],
  ['20260714142031.1234+0200', '2026-07-14T12:20:31.123Z', 'minute', null],
  ['202607141420-0500', '2026-07-14T19:20Z', 'minute', null],
  // The hour of October that comes twice is the first one, the summer's.
  ['2026-10-25T02:30', '2026-10-25T00:30Z', 'minute', 'twice'],
  ['202610250259', '2026-10-25T00:59Z', 'minute', 'twice'],
  ['2026-10-25T02:30+01:00', '2026-10-25T01:30Z', 'minute', null],
  ['2026-10-25T01:59', '2026-10-24T23:59Z', 'minute', null],
  ['2026-10-25T03:00', '2026-10-25T02:00Z', 'minute', null],
  // The hour of March that never comes is read an hour earlier: no time is counted from later than it may mean.
  ['2027-03-28T02:30', '2027-03-28T00:30Z', 'minute', 'skipped'],
  ['2027-03-28T03:00', '2027-03-28T01:00Z', 'minute', null],
  ['2027-03-28T01:59', '2027-03-28T00:59Z', 'minute', null],
] as const)('%s is %s, to the %s, doubt: %s', (text, instant, precision, doubt) => {
  expect(readTime(text, PARIS)).toEqual({ atMs: at(instant), precision, doubt })
})

test.each([
  '',
  '2026',
  '2026-11',
  '202611',
  '2026-02-30',
  '2026-11-26T24:00',
  '2026-11-26T14:61',
  '20261326',
  '14:20',
  '2026-11-26 14:20',
  '2026-11-26T14:20+25:00',
])('%j is no time', (text) => expect(readTime(text, PARIS)).toBeNull())

describe('what a form asks', () => {
  const shown = at('2026-11-26T13:00Z')
  test.each([
    ['today', '12:20', '2026-11-26T11:20Z'],
    ['today', '12h20', '2026-11-26T11:20Z'],
    ['today', '12 h 20', '2026-11-26T11:20Z'],
    ['today', '12 h', '2026-11-26T11:00Z'],
    ['today', '1220', '2026-11-26T11:20Z'],
    ['today', ' 9:05 ', '2026-11-26T08:05Z'],
    ['yesterday', '23:10', '2026-11-25T22:10Z'],
  ] as const)('%s %j', (day, hour, instant) => {
    expect(readFormTime(day, hour, shown, PARIS)?.atMs).toBe(at(instant))
  })
  test.each(['', '25:00', '12:75', 'noon', '12', '12:2'])('%j is no hour', (hour) => {
    expect(readFormTime('today', hour, shown, PARIS)).toBeNull()
  })
  test('today is that of the region when the form was shown, just after midnight too', () => {
    const justAfter = at('2026-11-25T23:01Z')
    expect(readFormTime('today', '00:00', justAfter, PARIS)?.atMs).toBe(at('2026-11-25T23:00Z'))
    expect(readFormTime('yesterday', '23:50', justAfter, PARIS)?.atMs).toBe(at('2026-11-25T22:50Z'))
  })
  test('what was understood is repeated, with what was doubtful', () => {
    const repeat = (day: 'today' | 'yesterday', said: string, nowMs: number, language: 'fr' | 'en' = 'fr') =>
      repeatedText(readFormTime(day, said, nowMs, PARIS)!, { said, nowMs, timeZone: PARIS, language })
    expect(repeat('today', '12:20', shown)).toBe("aujourd'hui 12:20, il y a 1 h 40")
    expect(repeat('yesterday', '23:10', shown)).toBe('hier 23:10, il y a 14 h 50')
    expect(repeat('today', '14:30', shown)).toBe("aujourd'hui 14:30, dans 30 min")
    expect(repeat('today', '12:20', shown, 'en')).toBe('today 12:20, 1 h 40 ago')
    expect(repeat('today', '02:30', at('2026-10-25T08:00Z'))).toBe(
      "aujourd'hui 02:30, il y a 7 h 30. 02:30 existe deux fois cette nuit-là (changement d'heure) : lu 02:30 (UTC+02:00), la première",
    )
    expect(repeat('today', '02:30', at('2027-03-28T08:00Z'))).toBe(
      "aujourd'hui 01:30, il y a 7 h 30. 02:30 n'existe pas ce jour-là (changement d'heure) : lu 01:30 (UTC+01:00)",
    )
  })
})

test.each([
  [0, "moins d'une minute", 'less than a minute'],
  [59_999, "moins d'une minute", 'less than a minute'],
  [60_000, '1 min', '1 min'],
  [3_599_999, '59 min', '59 min'],
  [3_600_000, '1 h', '1 h'],
  [16_200_000, '4 h 30', '4 h 30'],
  [86_400_000, '24 h', '24 h'],
  [172_800_000, '2 j', '2 d'],
  [187_200_000, '2 j 4 h', '2 d 4 h'],
])('%d ms is %s', (ms, fr, en) => {
  expect([CLOCK_WORDS.fr.span(ms), CLOCK_WORDS.en.span(ms)]).toEqual([fr, en])
})

test('the end of a window is told in figures, and the next one after it', () => {
  expect(CLOCK_WORDS.fr.over(16_200_000, 720_000)).toBe('4 h 30 dépassées depuis 12 min')
  expect(CLOCK_WORDS.fr.over(3_600_000, 720_000)).toBe('1 h dépassée depuis 12 min')
  expect(CLOCK_WORDS.en.over(16_200_000, 720_000)).toBe('4 h 30 passed 12 min ago')
  expect(CLOCK_WORDS.fr.next('Thrombectomie 6 h', 4_680_000)).toBe('fenêtre suivante : Thrombectomie 6 h, reste 1 h 18')
  expect(dayTimeText(at('2026-11-20T13:20Z'), at('2026-11-26T13:00Z'), PARIS, 'fr')).toBe('20/11/2026 14:20')
})
