import { codeOf } from '../../core/errors.ts'
import type { Journal, Statement } from '../../core/journal.ts'
import type { Clock, Log, Meter } from '../../core/ports.ts'

/** Counts are written this often (ms): what a crash loses is no message, only its place in a chart. */
export const FLUSH_MS = 10_000
/** Periods that counts are kept in (ms). */
export const MINUTE_MS = 60_000
/** The longer one. */
export const HOUR_MS = 3_600_000
/** Stands for the whole region. */
export const REGION = '*'
/** Answers are counted by how long they took at most (ms); the last has no limit. */
export const ANSWER_MS = [1, 2, 5, 10, 25, 50, 100, 250, 1_000, 5_000] as const
/** Rows of one statement. */
const ROWS = 100

/** What is counted of an attempt that did not deliver, by its code: who cannot be reached, who lets us in no more, the rest. */
const UNREACHED = ['CONNECT_FAILED', 'TLS_FAILED', 'DESTINATION_REFUSES_US']

/** Counts what this node sees in memory, and adds it to the store's counts now and then: no message is read for it. */
export interface Tally {
  /** The same journal, whose arrivals are counted by establishment. */
  journal(journal: Journal): Journal
  /** The same meter, whose deliveries and answers are counted. */
  meter<M extends Meter>(meter: M): M
  start(): void
  /** Writes what was counted since the last time. Never rejects. */
  write(): Promise<void>
  /** Writes what is left. */
  stop(): Promise<void>
}

/** A tally that writes into `journal`. */
export function tally(parts: {
  readonly journal: Pick<Journal, 'apply'>
  readonly clock: Clock
  readonly log: Log
}): Tally {
  const { journal, clock, log } = parts
  /** By minute, then by subject and name. */
  let counted = new Map<number, Map<string, number>>()
  let seen = new Map<string, number>()
  let minute = new Map<string, number>()
  let minuteAtMs = -1
  let cancel: (() => void) | null = null
  let stopped = false
  let writing: Promise<void> = Promise.resolve()

  const add = (subject: string, name: string): void => {
    const nowMs = clock.nowMs()
    if (nowMs < minuteAtMs || nowMs >= minuteAtMs + MINUTE_MS || minuteAtMs < 0) {
      minuteAtMs = nowMs - (nowMs % MINUTE_MS)
      minute = counted.get(minuteAtMs) ?? new Map()
      counted.set(minuteAtMs, minute)
    }
    const key = `${subject} ${name}`
    minute.set(key, (minute.get(key) ?? 0) + 1)
  }
  const arrived = (establishment: string | null, atMs: number): void => {
    add(REGION, 'received')
    if (establishment === null) return
    add(establishment, 'received')
    if (atMs > (seen.get(establishment) ?? 0)) seen.set(establishment, atMs)
  }
  async function flush(): Promise<void> {
    const [periods, last] = [counted, seen]
    counted = new Map()
    seen = new Map()
    minuteAtMs = -1
    const rows = [...trafficRows(periods), ...seenRows(last)]
    if (rows.length === 0) return
    await journal.apply({ rows }).catch((fault: unknown) => log.warn('traffic.unwritten', { code: codeOf(fault) }))
  }
  function later(): void {
    cancel = clock.after(FLUSH_MS, () => {
      writing = flush().finally(() => {
        if (!stopped) later()
      })
    })
  }
  return {
    journal: (around) => countingJournal(around, arrived, add),
    meter: (around) => ({ ...around, ...countingMeter(around, add) }),
    start: later,
    write: flush,
    async stop() {
      stopped = true
      cancel?.()
      await writing
      await flush()
    },
  }
}

type Add = (subject: string, name: string) => void

function countingMeter(meter: Meter, add: Add): Meter {
  return {
    count(name, labels, by) {
      meter.count(name, labels, by)
      const destination = labels?.['destination']
      if (destination === undefined) return
      if (name === 'delivered_total') {
        add(REGION, 'delivered')
        add(destination, 'delivered')
      } else if (name === 'retried_total' || name === 'parked_total') {
        add(destination, UNREACHED.includes(labels?.['code'] ?? '') ? 'unreached' : 'failed')
      }
    },
    observe(name, value, labels) {
      meter.observe(name, value, labels)
      if (name === 'answer_seconds') add(REGION, answerName(value * 1_000))
    },
  }
}

/** Name under which an answer that took so long is counted. */
export function answerName(ms: number): string {
  return `answer ${ANSWER_MS.find((limit) => ms <= limit) ?? 'more'}`
}

function countingJournal(
  journal: Journal,
  arrived: (establishment: string | null, atMs: number) => void,
  add: Add,
): Journal {
  const own: Partial<Journal> = {
    async commit(intakes) {
      const committed = await journal.commit(intakes)
      const [{ establishment, receivedAtMs }] = intakes
      if (committed.kind === 'committed' || committed.kind === 'repeat') arrived(establishment, receivedAtMs)
      return committed
    },
    async commitBatch(batch, parts) {
      const committed = await journal.commitBatch(batch, parts)
      if (committed.kind === 'committed') for (const [one] of parts) arrived(one.establishment, one.receivedAtMs)
      return committed
    },
    async refuse(refused) {
      add(REGION, 'refused')
      if (refused.establishment !== null) add(refused.establishment, 'refused')
      return journal.refuse(refused)
    },
  }
  // Whatever the journal is made of, its own members stay its own.
  return new Proxy(journal, {
    get(target, name) {
      const value: unknown = Reflect.get(own, name) ?? Reflect.get(target, name, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}

/** Names that are also kept by the hour, of establishments. */
const HOURLY = ['received', 'refused']

function trafficRows(periods: ReadonlyMap<number, ReadonlyMap<string, number>>): Statement[] {
  const sums = new Map<string, [span: number, atMs: number, subject: string, name: string, n: number]>()
  const put = (span: number, atMs: number, subject: string, name: string, n: number): void => {
    const key = `${span} ${atMs} ${subject} ${name}`
    sums.set(key, [span, atMs, subject, name, (sums.get(key)?.[4] ?? 0) + n])
  }
  for (const [atMs, counts] of periods) {
    for (const [key, n] of counts) {
      const at = key.indexOf(' ')
      const [subject, name] = [key.slice(0, at), key.slice(at + 1)]
      put(MINUTE_MS, atMs, subject, name, n)
      if (HOURLY.includes(name)) put(HOUR_MS, atMs - (atMs % HOUR_MS), subject, name, n)
    }
  }
  const all = [...sums.values()]
  return slices(all).map((rows) => ({
    sql: `INSERT INTO traffic (span, at_ms, subject, name, n) VALUES ${rows.map(() => '(?, ?, ?, ?, ?)').join(', ')}
      ON CONFLICT (span, at_ms, subject, name) DO UPDATE SET n = traffic.n + excluded.n`,
    parameters: rows.flat(),
  }))
}

function seenRows(seen: ReadonlyMap<string, number>): Statement[] {
  return slices([...seen]).map((rows) => ({
    sql: `INSERT INTO last_seen (establishment, at_ms) VALUES ${rows.map(() => '(?, ?)').join(', ')}
      ON CONFLICT (establishment) DO UPDATE SET at_ms = excluded.at_ms WHERE excluded.at_ms > last_seen.at_ms`,
    parameters: rows.flat(),
  }))
}

function slices<T>(all: readonly T[]): T[][] {
  return Array.from({ length: Math.ceil(all.length / ROWS) }, (_, i) => all.slice(i * ROWS, (i + 1) * ROWS))
}
