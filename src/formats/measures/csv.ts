/** Measures as CSV, lengths in minutes. */
import type { CaseMeasure } from '../../core/measures.ts'
import { csv } from '../csv.ts'
import { INTERVALS, lengthOf } from './moments.ts'
import { monthOf, type SiteMonth } from './summary.ts'

/** Minutes with one decimal; null of nothing. */
function minutes(ms: number | null): number | null {
  return ms === null ? null : Math.round(ms / 6_000) / 10
}

/** A line for each service, site and month: counts, shares, and of each interval how many, median and p90. Pure. */
export function monthsCsv(months: readonly SiteMonth[]): string {
  const counts = [
    'cas',
    'annules',
    'pris-en-charge',
    'avis-15-min',
    'avis-connus',
    'thrombolyse-4h30',
    'thrombolyse-connus',
  ]
  const lengths = INTERVALS.flatMap(({ id }) => [`${id}-n`, `${id}-mediane-min`, `${id}-p90-min`])
  const rows = months.map(({ service, site, month, summary }) => [
    ...[service, site, month, summary.cases, summary.cancelled, summary.accepted],
    ...[summary.advice15.inside, summary.advice15.of, summary.needle270.inside, summary.needle270.of],
    ...summary.intervals.flatMap(({ count, medianMs, p90Ms }) => [count, minutes(medianMs), minutes(p90Ms)]),
  ])
  return csv([['service', 'site', 'mois', ...counts, ...lengths], ...rows])
}

/** A line for each case with every interval. It names no case: service, site, centre and month. Pure. */
export function casesCsv(measures: readonly CaseMeasure[], timeZone: string): string {
  const rows = measures.map((one) => [
    ...[one.service, one.site, one.centre, monthOf(one.moments['request'] ?? 0, timeZone), one.state, one.decision],
    one.late ? 1 : 0,
    ...INTERVALS.map((interval) => minutes(lengthOf(interval, one.moments))),
  ])
  const names = ['service', 'site', 'centre', 'mois', 'etat', 'decision', 'saisie-a-posteriori']
  return csv([[...names, ...INTERVALS.map(({ id }) => `${id}-min`)], ...rows])
}
