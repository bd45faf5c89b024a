import { expect, test } from 'vitest'
import { axisOf, spanBar } from '../../src/console/page/cases/span-bar.ts'
import { CASE_PAGE_WORDS } from '../../src/console/page/cases/words.ts'
import type { ShownWindow } from '../../src/formats/clock/windows.ts'

const MIN = 60_000
const NOW = Date.UTC(2026, 10, 26, 21, 0)

/** A window that began and ends so many minutes from now. */
const span = (from: number, ends: number, state: ShownWindow['state'] = 'running') =>
  ({ fromMs: NOW + from * MIN, endsMs: NOW + ends * MIN, state }) as ShownWindow

/** Where the whole window and what has passed of it stand on an axis of 1000. */
const drawn = (one: ShownWindow, all: readonly ShownWindow[]) =>
  Array.from(spanBar(one, axisOf(all)!, NOW)?.text.matchAll(/x="(\d+)" y="1" width="(\d+)"/g) ?? [], ([, x, width]) => [
    Number(x),
    Number(width),
  ])

test.each<[name: string, one: ShownWindow, of: readonly ShownWindow[], whole: number[][]]>([
  [
    'half gone, alone',
    span(-60, 60),
    [],
    [
      [0, 1000],
      [0, 500],
    ],
  ],
  [
    'a quarter of the longest',
    span(-60, 60),
    [span(-60, 420)],
    [
      [0, 250],
      [0, 125],
    ],
  ],
  [
    'over: all of it has passed',
    span(-120, -60, 'over'),
    [span(-120, 120)],
    [
      [0, 250],
      [0, 250],
    ],
  ],
  [
    'a second clock that begins later',
    span(-20, 100),
    [span(-100, 100)],
    [
      [400, 600],
      [400, 100],
    ],
  ],
  [
    'not begun',
    span(10, 100),
    [span(0, 100)],
    [
      [100, 900],
      [100, 0],
    ],
  ],
  ['not counted', span(-60, 60, 'unverified'), [span(-60, 60)], []],
])('the bar of a window: %s', (_name, one, of, whole) => {
  expect(drawn(one, [one, ...of])).toEqual(whole)
})

test('windows that are not counted have no axis', () => {
  expect(axisOf([])).toBe(null)
  expect(axisOf([span(-60, 60, 'switched-off')])).toBe(null)
})

test.each([
  ["aujourd'hui 22:45", "jusqu'à aujourd'hui 22:45"],
  ['29/11/2026 10:45', "jusqu'au 29/11/2026 10:45"],
])('a window that ends %s', (when, told) => {
  expect(CASE_PAGE_WORDS.fr.clock.ends(when)).toBe(told)
})
