/** The NIH stroke scale as people and programs give it: items by LOINC code, and a total. */
import type { Nihss } from '../core/cases.ts'
import { NIHSS_ITEMS } from './bridge/nihss.ts'

/** Highest total. */
const MOST = 42

/**
 * A scale with its total checked: items out of their range or unknown, and a total out of 0 to 42, make none (null). An item
 * that is null was untestable; then, or when some are not told, the total is taken as it was told, or is not known. Pure. */
export function nihssOf(items: Readonly<Record<string, number | null>>, total: number | null): Nihss | null {
  const inRange = (value: number | null, most: number): boolean =>
    value === null || (Number.isInteger(value) && value >= 0 && value <= most)
  if (!inRange(total, MOST)) return null
  if (!Object.entries(items).every(([code, value]) => inRange(value, NIHSS_ITEMS[code] ?? -1) && code in NIHSS_ITEMS))
    return null
  const scores = Object.keys(NIHSS_ITEMS).map((code) => items[code] ?? null)
  const complete = scores.every((score) => score !== null)
  const sum = scores.reduce<number>((all, score) => all + (score ?? 0), 0)
  return { items, total: total ?? (complete ? sum : null), differs: complete && total !== null && total !== sum }
}
