import { expect, test } from 'vitest'
import { differenceText } from '../../src/console/page/conformity/said.ts'
import { weekGrid } from '../../src/console/page/duty/grid.ts'
import { mondayText, weekOf } from '../../src/console/page/duty/week.ts'
import type { KnownVisit } from '../../src/console/page/shell/pages.ts'
import { someConfig } from './region.ts'

const WEEK = weekOf('2026-11-25', 0, 'Europe/Paris')

test.each([
  ['fr', '23 novembre 2026'],
  ['en', '23 November 2026'],
] as const)('a week is named by its Monday in words: %s', (language, text) => {
  expect(mondayText(WEEK, language)).toBe(text)
})

test('each cell of a rota says its day, for a narrow screen without heads, and one without anybody is not blank', () => {
  const visit = { language: 'fr', config: someConfig() } as KnownVisit
  const rota = { service: 'coordination', centre: '*', places: [1], duties: [], empty: [] } as never
  const cells = [...weekGrid(rota, WEEK, visit).text.matchAll(/<td data-label="([^"]*)">(.*?)<\/td>/g)]
  expect(cells).toHaveLength(7)
  expect(cells[0]?.slice(1)).toEqual(['lun. 23 nov.', '<span class="quiet">—</span>'])
})

test.each([
  [1, 'fr', '+1 point en 30 jours'],
  [2, 'fr', '+2 points en 30 jours'],
  [1, 'en', '+1 point in 30 days'],
] as const)('a share that rose by %i: %s', (met, language, text) => {
  expect(differenceText({ met, of: 100 }, { met: 0, of: 100 }, language)).toBe(text)
})
