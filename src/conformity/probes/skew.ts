import { instantOf } from '../../formats/bridge/time.ts'

/** Between when and when, by our clock, a far side told its time (ms since 1970). */
export interface Told {
  readonly fromMs: number
  readonly toMs: number
}

/** What is told in whole seconds may be almost one later. */
const SECOND_MS = 999

/** How far a clock is ahead of ours (negative: behind) that told `stamp` in whole seconds; 0 where it may be right. Pure. */
export function skewOf(stampMs: number, { fromMs, toMs }: Told): number {
  if (stampMs > toMs) return stampMs - toMs
  return stampMs + SECOND_MS < fromMs ? stampMs + SECOND_MS - fromMs : 0
}

/** The same by MSH-7, in `timeZone` where it bears no offset; null: it tells no second. Pure. */
export function skewOfStamp(stamp: string | null, told: Told & { readonly timeZone: string }): number | null {
  const instant = instantOf(stamp ?? '', told.timeZone)
  return instant === null ? null : skewOf(Date.parse(instant), told)
}

/** The same by the Date header of HTTP (RFC 9110 §6.6.1); null: it is none. Pure. */
export function skewOfDate(date: string, told: Told): number | null {
  const ms = /^[A-Za-z]{3,9}, /.test(date) ? Date.parse(date) : Number.NaN
  return Number.isNaN(ms) ? null : skewOf(ms, told)
}
