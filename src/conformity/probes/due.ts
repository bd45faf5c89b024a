import type { WantedProbe } from '../../core/probes.ts'

/** When a wanted probe was made last (end of the last of its endpoints, ms since 1970); null: never. */
export type LastMade = (wanted: WantedProbe) => number | null

/** What the schedule goes by. */
export interface Schedule {
  readonly last: LastMade
  readonly nowMs: number
  /** A number in [0, 1) of each wanted probe, always the same one, so that a region is not asked all at once. */
  readonly spread: (wanted: WantedProbe) => number
}

/** Part of the interval over which probes of the same interval are spread. */
const SPREAD_SHARE = 0.1

/**
 * The probes whose time has come, longest overdue first. One that was never made is due at once; the others their interval
 * after the last time, and up to a tenth of it later. Pure. */
export function dueProbes(wanted: readonly WantedProbe[], schedule: Schedule): WantedProbe[] {
  return wanted
    .map((one) => ({ one, atMs: dueAtMs(one, schedule) }))
    .filter(({ atMs }) => atMs <= schedule.nowMs)
    .sort((a, b) => a.atMs - b.atMs)
    .map(({ one }) => one)
}

/** When the next of them is due (ms since 1970); null: none ever. Pure. */
export function nextDueMs(wanted: readonly WantedProbe[], schedule: Schedule): number | null {
  return wanted.length === 0 ? null : Math.min(...wanted.map((one) => dueAtMs(one, schedule)))
}

function dueAtMs(one: WantedProbe, { last, spread }: Schedule): number {
  const lastMs = last(one)
  if (lastMs === null) return Number.NEGATIVE_INFINITY
  return lastMs + one.everyMs * (1 + SPREAD_SHARE * spread(one))
}
