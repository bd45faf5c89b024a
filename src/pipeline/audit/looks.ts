import type { Look, Looks } from '../../core/audit.ts'
import type { Journal, NewEvent } from '../../core/journal.ts'
import type { Clock, Log } from '../../core/ports.ts'
import { searchKey } from '../keys.ts'

/** Looks alike within this time (ms) are one event, and one more that counts the others. */
export const WINDOW_MS = 60_000
/** Different looks of one caller that are kept one by one within it; beyond that they are counted. */
export const MOST_OF_PERSON = 600
/** The same for a system. */
export const MOST_OF_SYSTEM = 60
/** Addresses from which nobody was recognised that are kept one by one within it. */
export const MOST_ADDRESSES = 100
/** A page that asks again by itself is one look for so long (ms). */
export const OPEN_MS = 3_600_000
/** Looks that a page which is open repeats by itself, and whose repetition shows what it showed before or what came since. */
const REPEATED: ReadonlySet<Look['what']> = new Set(['list', 'list-cases', 'list-appointments', 'read-case'])
/** Looks that are about patients: their search keys stand before the route until the event is in the tree (cover.ts). */
export const ABOUT_PATIENTS: readonly Look['what'][] = ['search-patient', 'read-case', 'read-resource']
/** So many open pages are remembered, the latest. */
const MOST_OPEN = 20_000

/** What looks are kept with. */
export interface LookParts {
  readonly journal: Pick<Journal, 'apply' | 'secret'>
  readonly clock: Clock
  readonly log: Log
}

interface Counted {
  readonly event: NewEvent
  more: number
}

/**
 * Keeps looks as events. The first of its kind is committed before it resolves; like ones within a minute, and those of a
 * caller beyond its bound, are counted, and the count is an event at the end of the minute: whoever asks in a loop fills no
 * disk, and nothing is lost. A page that asks again by itself is the look that opened it; where none is known, it is a look like
 * any other. `stop` writes what was counted. */
export function keepLooks({ journal, clock, log }: LookParts): Looks & { stop(): Promise<void> } {
  let seen = new Map<string, Counted>()
  let different = new Map<string, number>()
  let cancel: (() => void) | null = null
  /** When each look was written last, the earliest first (monotonic ms). */
  const open = new Map<string, number>()
  const opened = (key: string): void => {
    open.delete(key)
    open.set(key, clock.monotonicMs())
    if (open.size > MOST_OPEN) open.delete(open.keys().next().value!)
  }
  const isOpen = (key: string): boolean => clock.monotonicMs() - (open.get(key) ?? Number.NEGATIVE_INFINITY) < OPEN_MS

  const write = async (events: readonly NewEvent[]): Promise<void> => {
    try {
      if (events.length > 0) await journal.apply({ events })
    } catch (fault) {
      log.error('audit.look_lost', { count: events.length }, fault)
    }
  }
  const flush = (): Promise<void> => {
    cancel?.()
    cancel = null
    const counted = [...seen.values()].filter(({ more }) => more > 0)
    seen = new Map()
    different = new Map()
    const atMs = clock.nowMs()
    return write(counted.map(({ event, more }) => ({ ...event, atMs, detail: `${event.detail} ×${more}` })))
  }
  const eventOf = ({ what, who, message, patients, patientKeys = [], code, detail }: Look): NewEvent => ({
    atMs: clock.nowMs(),
    who: who ?? 'unrecognised',
    what,
    why: null,
    code,
    message,
    delivery: null,
    detail: [...new Set([...patients.map((one) => keyOf(one, journal.secret)), ...patientKeys]), detail].join(' '),
  })
  return {
    async note(look) {
      const { what, who, code } = look
      const event = eventOf(look)
      const key = JSON.stringify([what, who, code, event.message, event.detail])
      if (look.again === true && !look.system && REPEATED.has(what) && isOpen(key)) return
      cancel ??= clock.after(WINDOW_MS, () => void flush())
      const before = seen.get(key)
      if (before !== undefined) {
        before.more += 1
        return
      }
      const count = (different.get(who ?? '') ?? 0) + 1
      different.set(who ?? '', count)
      if (count <= mostOf(look)) {
        seen.set(key, { event, more: 0 })
        opened(key)
        return write([event])
      }
      const beyond = JSON.stringify([what, who, code])
      const others = seen.get(beyond)
      if (others === undefined) seen.set(beyond, { event: { ...event, message: null, detail: 'others' }, more: 1 })
      else others.more += 1
    },
    stop: flush,
  }
}

function mostOf({ who, system }: Look): number {
  if (who === null) return MOST_ADDRESSES
  return system ? MOST_OF_SYSTEM : MOST_OF_PERSON
}

/** `authority|identifier` as the journal keeps patients. */
function keyOf(patient: string, secret: Uint8Array): string {
  const bar = patient.indexOf('|')
  return searchKey(secret, patient.slice(0, bar), patient.slice(bar + 1))
}
