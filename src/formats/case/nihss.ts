/** The NIH stroke scale of a case, from scores by LOINC code. */
import type { Nihss } from '../../core/cases.ts'
import { NIHSS_ITEMS, NIHSS_TOTAL } from '../bridge/nihss.ts'

/** The panel; many systems write the total under it. */
export const NIHSS_PANEL = '70182-1'
const MOST = 42
const ITEMS = Object.keys(NIHSS_ITEMS)

/** Is it the code of the scale, or of one of its items? */
export function isScale(code: string): boolean {
  return code === NIHSS_TOTAL || code === NIHSS_PANEL || Object.hasOwn(NIHSS_ITEMS, code)
}

/**
 * The scale, from its scores: null is what cannot be tested. A score out of its range is left out. Null: there is none. A
 * total under the panel's code counts where there is none under its own, and the sum of the items where all are scored and
 * nobody told a total. */
export function nihssOf(scores: readonly (readonly [code: string, score: number | null])[]): Nihss | null {
  const items: Record<string, number | null> = {}
  const totals = new Map<string, number>()
  for (const [code, score] of scores) {
    if (Object.hasOwn(NIHSS_ITEMS, code)) {
      if (score === null || isScore(score, NIHSS_ITEMS[code]!)) items[code] = score
    } else if (score !== null && isScore(score, MOST)) totals.set(code, score)
  }
  const told = totals.get(NIHSS_TOTAL) ?? totals.get(NIHSS_PANEL) ?? null
  if (told === null && Object.keys(items).length === 0) return null
  const known = ITEMS.map((code) => items[code] ?? null)
  const complete = known.every((one) => one !== null)
  const sum = known.reduce<number>((before, one) => before + (one ?? 0), 0)
  if (told === null) return { items, total: complete ? sum : null, differs: false }
  return { items, total: told, differs: complete ? sum !== told : sum > told }
}

function isScore(score: number, most: number): boolean {
  return Number.isInteger(score) && score >= 0 && score <= most
}
