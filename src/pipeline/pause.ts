import type { Journal, NewEvent, Statement } from '../core/journal.ts'
import type { DestinationId } from '../core/message.ts'
import type { Paused } from '../core/operations.ts'
import type { Clock } from '../core/ports.ts'

/** Which destinations are paused: a row each, written with its event in one commit, so that it holds across restarts. */
export interface PauseStore {
  /** Reads what an earlier run or another node left. */
  load(): Promise<void>
  all(): ReadonlyMap<DestinationId, Paused>
  /** Twice is harmless; the first person and reason stay. */
  pause(destination: DestinationId, who: string, why: string): Promise<void>
  resume(destination: DestinationId, who: string, why: string): Promise<void>
  /** An act that changes nothing, kept as an event. */
  note(destination: DestinationId, what: string, who: string, why: string): Promise<void>
}

/** The pauses kept in a journal. */
export function pauses(journal: Pick<Journal, 'read' | 'apply'>, clock: Clock): PauseStore {
  const known = new Map<DestinationId, Paused>()
  const told = (destination: DestinationId, what: string, who: string, why: string): NewEvent => ({
    atMs: clock.nowMs(),
    who,
    what,
    why,
    code: null,
    message: null,
    delivery: null,
    detail: destination,
  })
  let writes = 0
  const write = async (row: Statement, event: NewEvent): Promise<boolean> => {
    const done = await journal.apply({ rows: [row], events: [event] })
    writes++
    return done
  }
  let reading: Promise<unknown> = Promise.resolve()
  let next: Promise<void> | null = null
  // One after the other, and again when something was written meanwhile: what is older must not come last. Whoever asks
  // before the next has begun shares it: a node that takes over has a thousand destinations.
  const load = (): Promise<void> => {
    next ??= reading.then(begin, begin)
    reading = next
    return next
  }
  const begin = (): Promise<void> => {
    next = null
    return readAll()
  }
  const readAll = async (): Promise<void> => {
    let rows: readonly { destination: string; at_ms: number; who: string; why: string }[] = []
    for (let seen = -1; seen !== writes; ) {
      seen = writes
      rows = await journal.read({ sql: 'SELECT destination, at_ms, who, why FROM paused', parameters: [] })
    }
    known.clear()
    for (const { destination, at_ms, who, why } of rows) known.set(destination, { atMs: at_ms, who, why })
  }
  return {
    load,
    all: () => known,
    async pause(destination, who, why) {
      const event = told(destination, 'pause', who, why)
      const sql = 'INSERT INTO paused (destination, at_ms, who, why) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING'
      const row: Statement = { sql, parameters: [destination, event.atMs, who, why], rows: 1 }
      // Refused: it is paused already, perhaps through another node, and the first person and reason stay.
      if (await write(row, event)) known.set(destination, { atMs: event.atMs, who, why })
      else await load()
    },
    async resume(destination, who, why) {
      const event = told(destination, 'resume', who, why)
      await write({ sql: 'DELETE FROM paused WHERE destination = ?', parameters: [destination] }, event)
      known.delete(destination)
    },
    async note(destination, what, who, why) {
      await journal.apply({ events: [told(destination, what, who, why)] })
    },
  }
}
