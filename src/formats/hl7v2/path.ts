/** How a place in a message is named: `PID-3`, `PID-3.4.2`, `PID-3(2).1`, `OBX(2)-5`; everything counts from 1. */

/** A parsed path. Null: not said. */
export interface Path {
  readonly segment: string
  readonly occurrence: number | null
  readonly field: number
  readonly repetition: number | null
  readonly component: number | null
  readonly subcomponent: number | null
}

const PATH =
  /^([A-Z][A-Z0-9]{2})(?:\(([1-9]\d{0,6})\))?-([1-9]\d{0,5})(?:\(([1-9]\d{0,6})\))?(?:\.([1-9]\d{0,5})(?:\.([1-9]\d{0,5}))?)?$/
const SEGMENT = /^([A-Z][A-Z0-9]{2})(?:\(([1-9]\d{0,6})\))?$/
/** Paths come from configuration and code; a loop over occurrences must not fill the memory. */
const CACHE_ENTRIES = 4096
const cache = new Map<string, Path>()

/**
 * The parsed path, cached.
 * @throws {RangeError} if the text is no path */
export function parsePath(text: string): Path {
  const known = cache.get(text)
  if (known !== undefined) return known
  const match = PATH.exec(text)
  if (match === null) throw new RangeError(`${JSON.stringify(text)} is no HL7 path (try PID-3.1)`)
  const number = (group: number) => (match[group] === undefined ? null : Number(match[group]))
  const path: Path = {
    segment: match[1]!,
    occurrence: number(2),
    field: Number(match[3]),
    repetition: number(4),
    component: number(5),
    subcomponent: number(6),
  }
  if (cache.size >= CACHE_ENTRIES) cache.clear()
  cache.set(text, path)
  return path
}

/**
 * The path as ERR-2 writes it (ERL, HL7 v2.5.1 §2.A.28), trimmed: `PID^1^3`, `MSH^1^10`, `PID^1^3^2^4`; a segment alone
 * gives `MSH^1`.
 * @throws {RangeError} if the text is no path */
export function formatErr2(text: string): string {
  const alone = SEGMENT.exec(text)
  if (alone !== null) return `${alone[1]}^${alone[2] ?? 1}`
  const { segment, occurrence, field, repetition, component, subcomponent } = parsePath(text)
  const parts: (string | number)[] = [segment, occurrence ?? 1, field]
  if (repetition !== null || component !== null) parts.push(repetition ?? 1)
  if (component !== null) parts.push(component)
  if (subcomponent !== null) parts.push(subcomponent)
  return parts.join('^')
}
