import type { Reach } from '../../../core/caller.ts'
import type { Picture } from '../../../core/overview.ts'
import type { Board } from './board.ts'
import type { Formats } from './formats.ts'
import type { Standing } from './mark.ts'
import { rowsOf } from './shown.ts'
import type { Words } from './words.ts'

/** What of the page is live, by name: texts, times (ISO 8601) beside their text, and standings with their word. */
export interface LiveValues {
  readonly texts: ReadonlyMap<string, string>
  readonly times: ReadonlyMap<string, string>
  readonly standings: ReadonlyMap<string, readonly [standing: Standing, word: string]>
  /** Which rows are shown. */
  readonly rows: string
}

/** What a page shows of a picture (counts of the whole `board`, rows of `shown`), and what is sent when it changes: one source for both. Pure. */
export function liveValues(
  picture: Picture,
  board: Board,
  shown: Board,
  reach: Reach | null,
  words: Words,
  text: Formats,
): LiveValues {
  const { status } = picture
  const texts = new Map<string, string>()
  const times = new Map<string, string>()
  const standings = new Map<string, readonly [Standing, string]>()
  const number = (key: string, n: number): void => void texts.set(key, text.number(n))
  const time = (key: string, iso: string): void => {
    texts.set(key, text.time(iso))
    times.set(key, iso)
  }
  const standing = (key: string, one: Standing): void => void standings.set(key, [one, words.standings[one]])

  for (const name of countsOf(reach)) number(name, countOf(name, reach, picture, board))
  number('alerts', board.alerts.length)
  if (reach === null) {
    texts.set('conserved', status.difference === 0 ? words.balanced : words.unbalanced(text.number(status.difference)))
  }
  for (const {
    establishment: { id },
    heard,
    sends,
  } of shown.rows) {
    standing(`e:${id}`, sends)
    if (heard?.lastAtMs == null) texts.set(`e:${id}:last`, words.never)
    else time(`e:${id}:last`, new Date(heard.lastAtMs).toISOString())
    number(`e:${id}:day`, heard?.received ?? 0)
  }
  for (const { status: queue, standing: how } of shown.queues) {
    const { id, open, parked, delivered, oldestOpenMs } = queue
    standing(`d:${id}`, how)
    number(`d:${id}:open`, open)
    number(`d:${id}:parked`, parked)
    number(`d:${id}:delivered`, delivered)
    texts.set(
      `d:${id}:oldest`,
      oldestOpenMs === null ? words.nothingWaits : text.duration(Math.max(1_000, oldestOpenMs)),
    )
  }
  for (const { route, standing: how } of shown.flows) standing(`f:${route.name}`, how)
  return { texts, times, standings, rows: rowsOf(shown) }
}

/** A count at the head of the page. */
export type CountName = 'received' | 'closed' | 'inFlight' | 'parked' | 'refused' | 'day' | 'delivered'

/** Those that are shown: the region's, or those of the destinations and establishments that a reach sees. */
export function countsOf(reach: Reach | null): readonly CountName[] {
  if (reach === null) return ['received', 'closed', 'inFlight', 'parked', 'refused']
  return ['day', 'delivered', 'inFlight', 'parked']
}

function countOf(name: CountName, reach: Reach | null, { status }: Picture, { rows, queues }: Board): number {
  const ofQueues = (figure: 'open' | 'parked' | 'delivered'): number =>
    queues.reduce((sum, one) => sum + one.status[figure], 0)
  if (name === 'day') return rows.reduce((sum, { heard }) => sum + (heard?.received ?? 0), 0)
  if (name === 'delivered') return ofQueues('delivered')
  if (reach === null) return status[name]
  return ofQueues(name === 'parked' ? 'parked' : 'open')
}

/**
 * What is in the second and not, or not the same, in the first; null: nothing. As JSON, small. `again`: other rows are to be
 * shown than those of before, which a page has to be asked for. */
export function difference(before: LiveValues | null, now: LiveValues): string | null {
  const of = <V>(a: ReadonlyMap<string, V> | undefined, b: ReadonlyMap<string, V>) =>
    Object.fromEntries([...b].filter(([key, value]) => String(a?.get(key)) !== String(value)))
  const v = of(before?.texts, now.texts)
  const t = of(before?.times, now.times)
  const s = of(before?.standings, now.standings)
  const again = before !== null && before.rows !== now.rows
  const some = again || [v, t, s].some((one) => Object.keys(one).length > 0)
  return some ? JSON.stringify(again ? { v, t, s, again } : { v, t, s }) : null
}
