import { OPEN } from './standing.ts'

/** What the counters say and what is there. One statement, so one snapshot, whatever is being committed meanwhile. */
export const RECOUNT = `
  SELECT 'counter' AS what, name, value FROM counter
  UNION ALL SELECT 'message', state, count(*) FROM message GROUP BY state
  UNION ALL SELECT 'deliveries', 'made', count(*) FROM delivery
  UNION ALL SELECT 'kept', 'refusedBytes', coalesce(sum(bytes), 0) FROM refusal
  UNION ALL SELECT 'event', 'made', count(*) FROM event
  UNION ALL SELECT 'open counted', destination, open FROM destination_counter
  UNION ALL SELECT 'parked counted', destination, parked FROM destination_counter
  UNION ALL SELECT 'open', d.destination, count(*) FROM delivery d WHERE d.holds = 1 AND ${OPEN} GROUP BY d.destination
  UNION ALL SELECT 'parked', d.destination, count(*) FROM delivery d
    WHERE d.state IN ('refused', 'expired', 'poisoned') OR (d.state = 'unknown' AND d.held = 1) GROUP BY d.destination`

/** One row of a recount. */
export interface Recounted {
  readonly what: string
  readonly name: string
  readonly value: number
}

/** Counters that a recount contradicts, as `counter inFlight` or `counter open ch-laval/gam`. Pure. */
export function wrongCounters(rows: readonly Recounted[]): readonly string[] {
  const value = (what: string, name: string) => rows.find((row) => row.what === what && row.name === name)?.value ?? 0
  const counter = (name: string) => value('counter', name)
  const wrong: string[] = []
  if (counter('received') !== counter('closed') + counter('inFlight') + counter('parked'))
    wrong.push('counter received')
  for (const state of ['inFlight', 'parked']) {
    if (counter(state) !== value('message', state)) wrong.push(`counter ${state}`)
  }
  // Of what was closed, retention has removed what `purged` counts.
  if (counter('closed') !== value('message', 'closed') + counter('purged')) wrong.push('counter closed')
  if (counter('deliveries') < value('deliveries', 'made')) wrong.push('counter deliveries')
  if (counter('refusedBytes') !== value('kept', 'refusedBytes')) wrong.push('counter refusedBytes')
  // Of the events ever made, retention has removed the oldest.
  if (counter('events') !== value('event', 'made') + counter('eventsPruned')) wrong.push('counter events')
  const destinations = new Set(rows.filter(({ what }) => /^(open|parked)/.test(what)).map(({ name }) => name))
  for (const name of destinations) {
    for (const what of ['open', 'parked']) {
      if (value(`${what} counted`, name) !== value(what, name)) wrong.push(`counter ${what} ${name}`)
    }
  }
  return wrong
}
