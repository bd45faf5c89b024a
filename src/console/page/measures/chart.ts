import type { SiteMonth } from '../../../formats/measures/summary.ts'
import { monthBars } from '../bars.ts'
import type { Html } from '../html.ts'
import type { Visit } from '../shell/visit.ts'
import type { MeasureWords } from './words.ts'

/** Cases of each month as bars with their numbers; the tables beside it say the same in figures. */
export function casesChart(months: readonly SiteMonth[], words: MeasureWords, { language }: Visit): Html {
  const counts = new Map<string, number>()
  for (const { month, summary } of months) counts.set(month, (counts.get(month) ?? 0) + summary.cases)
  const bars = [...counts].sort(([a], [b]) => a.localeCompare(b)).map(([month, n]) => ({ month, counts: [n] }))
  const shown = bars.slice(-24)
  const total = shown.reduce((sum, { counts: [n = 0] }) => sum + n, 0)
  const about = words.chartAbout(total, shown.length)
  return monthBars({ id: 'm-chart', heading: words.chart, about }, shown, language)
}
