import type { SilenceRule } from '../../core/config.ts'
import { HOUR_MS } from './tally.ts'

const WEEK_MS = 7 * 24 * HOUR_MS
/** How many weeks back is looked, and so how long hours are kept. */
export const LEARNED_WEEKS = 8

/** Weekday and hour of an instant in a time zone, as text that is equal for the same hour of the week. Pure. */
export function hourOfWeek(atMs: number, timeZone: string): string {
  let format = FORMATS.get(timeZone)
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-GB', { timeZone, weekday: 'short', hour: '2-digit', hourCycle: 'h23' })
    FORMATS.set(timeZone, format)
  }
  return format.format(atMs)
}
const FORMATS = new Map<string, Intl.DateTimeFormat>()

/**
 * When the hours began that are learned from at `nowMs`: the same hour of the week by the clocks of the region, in each of
 * the weeks before, whether or not they were changed to summer time meanwhile. Pure. */
export function hoursLike(nowMs: number, timeZone: string): number[] {
  const hourMs = nowMs - (nowMs % HOUR_MS)
  const slot = hourOfWeek(hourMs, timeZone)
  return Array.from({ length: LEARNED_WEEKS }, (_, i) => hourMs - (i + 1) * WEEK_MS).flatMap((atMs) =>
    [atMs, atMs - HOUR_MS, atMs + HOUR_MS].filter((one) => hourOfWeek(one, timeZone) === slot).slice(0, 1),
  )
}

/**
 * The silence that is usual: of the longest silences seen in this hour of the week, the one that three of four weeks stay
 * below or at (ms), so that one week with a fault teaches nothing. Null: fewer weeks are known than the rule asks. Pure. */
export function usualSilence(longest: readonly number[], { weeks }: SilenceRule): number | null {
  if (longest.length < weeks) return null
  const sorted = longest.toSorted((a, b) => a - b)
  return sorted[Math.ceil(sorted.length * 0.75) - 1] ?? null
}

/** How long a silence may last before it is an alert (ms); null: never, because nothing is learned. Pure. */
export function silenceLimit(usualMs: number | null, { factor, leastMs }: SilenceRule): number | null {
  return usualMs === null ? null : Math.max(leastMs, usualMs * factor)
}
