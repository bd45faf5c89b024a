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
/** For so long a firing waits for its count (ms): timers fire one after the other, and a large month takes seconds. */
const PATIENCE_MS = 50
/** Until the next look at a count that goes on (ms). */
const LOOK_AGAIN_MS = 1_000

/** What months are counted with. */
export interface MonthParts {
  readonly journal: Pick<Journal, 'look' | 'read'>
  readonly config: () => Pick<Config, 'mail' | 'region'>
  readonly clock: Pick<Clock, 'nowMs' | 'after'>
}

type Counted = Awaited<ReturnType<typeof countMonth>>

/** A count that goes on while other timers fire. Never rejects. */
interface Counting {
  readonly month: string
  readonly settled: Promise<PromiseSettledResult<Counted>>
}

/** The timer by which months are counted; set at a start when it is not there. */
export function monthTimer(dueAtMs: number): Timer {
  return { id: MONTHS_FOLLOWER, follower: MONTHS_FOLLOWER, dueAtMs, payload: '{}' }
}

/**
 * Counts every month once it is over, one at a firing, oldest first, also where no gateway ran at its end: from the first mail
 * that a trace is kept of, or the first mailbox as far as months can be asked for. The count goes on beside other timers, which
 * never wait for it; the month and its figures are written in the commit that fires the timer behind it, so each is counted once. */
export function mailMonths(parts: MonthParts): Follower {
  let counting: Counting | null = null
  const countOf: CountOf = async (month, count) => {
    if (counting?.month !== month) {
      counting = { month, settled: Promise.allSettled([count()]).then(([one]) => one) }
    }
    const found = await within(PATIENCE_MS, counting.settled, parts.clock)
    if (found === null) return null
    counting = null
    if (found.status === 'rejected') throw found.reason
    return found.value
  }
  return {
    name: MONTHS_FOLLOWER,
    reads: false,
    entries: () => Promise.resolve({}),
    timer: () => countNext(parts, countOf),
  }
}

/** What a month comes to; null: that is not known yet. */
type CountOf = (month: string, count: () => Promise<Counted>) => Promise<Counted | null>

/** What work gives, or null where it takes longer. */
async function within<T>(ms: number, work: Promise<T>, clock: Pick<Clock, 'after'>): Promise<T | null> {
  const late = Promise.withResolvers<null>()
  const cancel = clock.after(ms, () => late.resolve(null))
  try {
    return await Promise.race([work, late.promise])
  } finally {
    cancel()
  }
}

async function countNext({ journal, config, clock }: MonthParts, countOf: CountOf): Promise<Effect> {
  const { mail, region } = config()
  const nowMs = clock.nowMs()
  const operator = mail?.operator
  if (operator === undefined) return { timers: [monthTimer(nowMs + IDLE_MS)] }
  const dueOf = (month: string): number => monthSpan(month, region.timeZone).untilMs + MONTH_GRACE_MS
  const next = await nextMonth(journal, monthAt(nowMs, region.timeZone), region.timeZone)
  if (nowMs < dueOf(next)) return { timers: [monthTimer(dueOf(next))] }
  const span = monthSpan(next, region.timeZone)
  const { xMss } = operator.indicators
  const counted = await countOf(next, () => countMonth((query) => journal.read(query), span, xMss))
  if (counted === null) return { timers: [monthTimer(nowMs + LOOK_AGAIN_MS)] }
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
