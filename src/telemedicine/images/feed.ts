import type { Archive } from '../../core/images.ts'
import type { Fed } from './carry.ts'
import type { ListedSeries } from './order.ts'
import type { InstanceRow } from './rows.ts'

/** What is fetched of a study: a whole series in one request, or instances by themselves. */
export type Fetch =
  | { readonly is: 'series'; readonly series: string }
  | { readonly is: 'instances'; readonly of: readonly InstanceRow[] }

/** Instances fetched by themselves, in one fetch: several go at once. */
const MOST_SINGLE = 8

/**
 * How what is not there is fetched, series after series: one that was not begun, or of which most waits, in one request,
 * which archives answer many times faster; what is left of one that broke off by itself. Pure. */
export function fetches(series: readonly ListedSeries[], rows: readonly InstanceRow[]): Fetch[] {
  const known = Map.groupBy(rows, (one) => one.series)
  return series.flatMap(({ uid }): Fetch[] => {
    const all = known.get(uid) ?? []
    if (all.length === 0) return [{ is: 'series', series: uid }]
    const waiting = all.filter(({ state }) => state === 'waiting')
    if (waiting.length === 0) return []
    // An instance that was refused as part of a series is asked for by its name, so that it can be written down.
    const named = waiting.some(({ tries }) => tries > 0)
    if (waiting.length * 2 > all.length && waiting.length > 1 && !named) return [{ is: 'series', series: uid }]
    const fetched: Fetch[] = []
    for (let at = 0; at < waiting.length; at += MOST_SINGLE)
      fetched.push({ is: 'instances', of: waiting.slice(at, at + MOST_SINGLE) })
    return fetched
  })
}

/** The instances of a fetch, one after the other. */
export async function* feedOf(source: Archive, study: string, fetch: Fetch, signal: AbortSignal): AsyncGenerator<Fed> {
  if (fetch.is === 'instances') {
    for (const { series, uid } of fetch.of) {
      const opened = await source.open({ study, series, uid }, signal)
      yield opened.ok ? { uid, ok: true, bytes: opened.value } : { ...opened, uid }
    }
    return
  }
  const opened = await source.openSeries(study, fetch.series, signal)
  if (!opened.ok) yield { ...opened, uid: null }
  else for await (const bytes of opened.value) yield { uid: null, ok: true, bytes }
}
