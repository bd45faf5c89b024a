/** The NIH stroke scale in LOINC: its total, its items, and the panel code that many systems put for the total. */

/** Total score, 0 to 42. */
export const NIHSS_TOTAL = '72089-6'
/** The panel. A value under it is the total, written by a system that took one for the other. */
export const NIHSS_PANEL = '70182-1'
/** What LOINC calls the total. */
export const NIHSS_TOTAL_NAME = 'Total score [NIH Stroke Scale]'

/** Items by code, with their highest score; the maxima make 42. */
export const NIHSS_ITEMS: Readonly<Record<string, number>> = {
  '70184-7': 3,
  '70185-4': 2,
  '70186-2': 2,
  '70187-0': 2,
  '70188-8': 3,
  '70189-6': 3,
  '70190-4': 4,
  '70967-5': 4,
  '70191-2': 4,
  '70968-3': 4,
  '70192-0': 2,
  '70193-8': 2,
  '70194-6': 3,
  '70195-3': 2,
  '70196-1': 2,
}

/** Is it an item of the scale? */
export function isNihssItem(code: string | null): boolean {
  return code !== null && Object.hasOwn(NIHSS_ITEMS, code)
}
