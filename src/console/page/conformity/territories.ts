import type { Matrix, MatrixRow, Share } from '../../../core/conformity-views.ts'
import { type Html, html } from '../html.ts'
import { numberOf } from '../moment.ts'
import type { KnownVisit } from '../shell/pages.ts'
import { headedTable } from '../table.ts'
import { queryOf } from './frame.ts'
import { BASE } from './parts.ts'
import { percentOf } from './said.ts'
import { CONFORMITY_WORDS } from './words.ts'

/** How much is met in each department, as far as the rows go; nothing where there is only one. */
export function territories({ rows, ...ask }: Matrix, { language }: KnownVisit): Html | null {
  const words = CONFORMITY_WORDS[language]
  const byDepartment = [...Map.groupBy(rows, ({ department }) => department ?? '–')].sort(([a], [b]) =>
    a < b ? -1 : 1,
  )
  if (byDepartment.length < 2) return null
  const columns = [
    { name: words.department },
    { name: words.cards.establishments, numeric: true },
    { name: words.cards.share, numeric: true },
  ]
  const lines = byDepartment.map(([department, own]) => [
    department === '–'
      ? department
      : html`<a href="${BASE}?${queryOf(ask, { territoire: department })}">${department}</a>`,
    numberOf(own.length, language),
    percentOf(shareIn(own), language),
  ])
  return headedTable('territories', words.byTerritory, columns, lines, words.noRow)
}

/** How many requirements are met in rows, of those asked. Pure. */
export function shareIn(rows: readonly Pick<MatrixRow, 'cells'>[]): Share {
  let [met, of] = [0, 0]
  for (const { counts } of rows.flatMap(({ cells }) => cells)) {
    met += counts.met
    of += counts.met + counts.partly + counts.unmet + counts.lapsed + counts['not-measured']
  }
  return { met, of }
}
