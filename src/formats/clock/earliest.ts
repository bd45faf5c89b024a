import type { ToldTime } from '../../core/cases.ts'

/** What is told to the quarter of an hour or the hour may be that much before or after (ms). */
const EITHER_WAY_MS = { minute: 0, 'quarter-hour': 900_000, hour: 3_600_000 } as const

/**
 * The earliest instant that a told time may mean, ms since 1970: what a window counts from. A day begins at midnight of
 * the region, half of one at midnight or noon. Never after the time itself, nor after it was told. */
export function earliestMs({ atMs, precision, toldAtMs = atMs }: ToldTime, timeZone: string): number {
  const told = Math.min(atMs, toldAtMs)
  if (precision !== 'day' && precision !== 'half-day') return told - EITHER_WAY_MS[precision]
  const local = Temporal.Instant.fromEpochMilliseconds(told).toZonedDateTimeISO(timeZone)
  const noon = local.withPlainTime('12:00')
  const isAfternoon = precision === 'half-day' && Temporal.ZonedDateTime.compare(local, noon) >= 0
  return (isAfternoon ? noon : local.startOfDay()).epochMilliseconds
}

/** Clocks of systems differ by so much without anybody being wrong (ms). */
export const SKEW_MS = 120_000

/** Why a told time is to be verified; null: nothing speaks against it. */
export type TimeDoubt = 'future' | 'old'

/**
 * Is a time to be verified? One after it was told, or older by then than `oldMs`; what is written down afterwards (`late`)
 * is as old as it is. Such a time is kept and shown, never refused. */
export function timeDoubt(
  { atMs, toldAtMs }: ToldTime,
  { nowMs, oldMs, late }: { readonly nowMs: number; readonly oldMs: number; readonly late: boolean },
): TimeDoubt | null {
  if (atMs > (toldAtMs === undefined ? nowMs : toldAtMs + SKEW_MS)) return 'future'
  return !late && (toldAtMs ?? nowMs) - atMs > oldMs ? 'old' : null
}
