import type { Config } from '../../../core/config.ts'
import type { Follower } from '../../../core/follower.ts'
import type { Effect, Journal, Timer } from '../../../core/journal.ts'
import { MOST_MONTHS } from '../../../core/mail-indicators.ts'
import type { Clock } from '../../../core/ports.ts'
import { monthAfter, monthAt, monthSpan } from '../../../formats/clock/months.ts'
import { countMonth } from './count.ts'
import { FIRST_OF_ALL, LAST_MONTH, monthRows } from './rows.ts'

/** Name of the follower that counts months. */
export const MONTHS_FOLLOWER = 'mail-months'
/** How long after its end a month is counted (ms): mails that were being taken, and clocks of other nodes, are in time by then. */
export const MONTH_GRACE_MS = 3_600_000
/** Between two looks while the region is no mail operator (ms). */
const IDLE_MS = 3_600_000

/** What months are counted with. */
export interface MonthParts {
  readonly journal: Pick<Journal, 'look' | 'read'>
  readonly config: () => Pick<Config, 'mail' | 'region'>
  readonly clock: Pick<Clock, 'nowMs'>
}

/** The timer by which months are counted; set at a start when it is not there. */
export function monthTimer(dueAtMs: number): Timer {
  return { id: MONTHS_FOLLOWER, follower: MONTHS_FOLLOWER, dueAtMs, payload: '{}' }
}

/**
 * Counts every month once it is over, one at a firing, oldest first, also where no gateway ran at its end: from the first mail
 * that a trace is kept of, or the first mailbox as far as months can be asked for. The month and its figures are written in the commit that fires the timer, so each is counted once. */
export function mailMonths(parts: MonthParts): Follower {
  return {
    name: MONTHS_FOLLOWER,
    reads: false,
    entries: () => Promise.resolve({}),
    timer: () => countNext(parts),
  }
}

async function countNext({ journal, config, clock }: MonthParts): Promise<Effect> {
  const { mail, region } = config()
  const nowMs = clock.nowMs()
  const operator = mail?.operator
  if (operator === undefined) return { timers: [monthTimer(nowMs + IDLE_MS)] }
  const dueOf = (month: string): number => monthSpan(month, region.timeZone).untilMs + MONTH_GRACE_MS
  const next = await nextMonth(journal, monthAt(nowMs, region.timeZone), region.timeZone)
  if (nowMs < dueOf(next)) return { timers: [monthTimer(dueOf(next))] }
  const span = monthSpan(next, region.timeZone)
  const counted = await countMonth((query) => journal.read(query), span, operator.indicators.xMss)
  return { rows: monthRows(span, counted, nowMs), timers: [monthTimer(dueOf(monthAfter(next)))] }
}

/** The month to be counted next: that after the last one, or the first that there is something of. */
async function nextMonth({ look }: Pick<Journal, 'look'>, now: string, timeZone: string): Promise<string> {
  const [last] = await look<{ month: string | null }>(LAST_MONTH)
  if (last?.month != null) return monthAfter(last.month)
  const [first] = await look<{ mail: number | null; box: number | null }>(FIRST_OF_ALL)
  const monthOf = (atMs: number | null | undefined): string => (atMs == null ? now : monthAt(Number(atMs), timeZone))
  const askable = monthAfter(now, 1 - MOST_MONTHS)
  const box = monthOf(first?.box)
  return [monthOf(first?.mail), box < askable ? askable : box].sort()[0] ?? now
}
