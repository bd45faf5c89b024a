import type { CaseMeasure } from '../../core/measures.ts'
import { monthAt } from '../clock/months.ts'
import { INTERVALS, lengthOf } from './moments.ts'

/** One interval over some cases. Lengths ms. */
export interface IntervalSummary {
  readonly id: string
  /** Cases of which both ends are known. */
  readonly count: number
  readonly medianMs: number | null
  readonly p90Ms: number | null
}

/** Cases inside a limit, of those it can be said of. */
export interface Share {
  readonly inside: number
  readonly of: number
}

/** What some cases come to. */
export interface Summary {
  readonly cases: number
  readonly cancelled: number
  readonly accepted: number
  readonly intervals: readonly IntervalSummary[]
  /** Advice within 15 min of the request. */
  readonly advice15: Share
  /** Thrombolysis begun within 4 h 30 of the onset. */
  readonly needle270: Share
  /** Count of each decision, by its id; the empty id: none was recorded. */
  readonly decisions: Readonly<Record<string, number>>
}

/** Advice: the region's own aim. Needle: the window of thrombolysis (reference, 3.1). */
const ADVICE_MS = 900_000
const NEEDLE_MS = 16_200_000

/**
 * The value below or at which `part` of the values lie (0 to 1), by the nearest rank: a value that was measured, never one in
 * between; null of none. Pure. */
export function quantile(values: readonly number[], part: number): number | null {
  if (values.length === 0) return null
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)] ?? null
}

/** Sums up cases. Cancelled ones are counted, and measured by no interval. Pure. */
export function summaryOf(measures: readonly CaseMeasure[]): Summary {
  const done = measures.filter(({ state }) => state === 'done')
  const lengths = (id: string): number[] => {
    const interval = INTERVALS.find((one) => one.id === id)!
    return done.flatMap(({ moments }) => lengthOf(interval, moments) ?? [])
  }
  const share = (id: string, limitMs: number): Share => {
    const all = lengths(id)
    return { inside: all.filter((ms) => ms <= limitMs).length, of: all.length }
  }
  const decisions: Record<string, number> = {}
  for (const { decision } of done) decisions[decision ?? ''] = (decisions[decision ?? ''] ?? 0) + 1
  return {
    cases: done.length,
    cancelled: measures.length - done.length,
    accepted: done.filter(({ centre }) => centre !== null).length,
    intervals: INTERVALS.map(({ id }) => {
      const all = lengths(id)
      return { id, count: all.length, medianMs: quantile(all, 0.5), p90Ms: quantile(all, 0.9) }
    }),
    advice15: share('request-advice', ADVICE_MS),
    needle270: share('onset-needle', NEEDLE_MS),
    decisions,
  }
}

/** Cases of a site in a month. */
export interface SiteMonth {
  readonly service: string
  readonly site: string
  readonly month: string
  readonly summary: Summary
}

/** Sums up per service, site and month of the request, the newest month first. Pure. */
export function bySiteAndMonth(measures: readonly CaseMeasure[], timeZone: string): SiteMonth[] {
  const groups = Map.groupBy(measures, ({ service, site, moments }) =>
    JSON.stringify([service, site, monthAt(moments.request ?? 0, timeZone)]),
  )
  return [...groups]
    .map(([key, some]) => {
      const [service, site, month] = JSON.parse(key) as [string, string, string]
      return { service, site, month, summary: summaryOf(some) }
    })
    .sort(
      (a, b) => b.month.localeCompare(a.month) || a.service.localeCompare(b.service) || a.site.localeCompare(b.site),
    )
}
