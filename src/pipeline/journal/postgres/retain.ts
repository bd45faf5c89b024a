import type { Journal, Purged, PurgeLimits } from '../../../core/journal.ts'
import type { Position } from '../../../core/message.ts'
import type { Clock } from '../../../core/ports.ts'
import { type Clearing, clearSome, isAsLeft, moveSome, sweepKeys } from './clear-day.ts'
import { dropDay, dueDay } from './drop-day.ts'
import { idAt, makeDays } from './partitions.ts'
import type { Pools } from './pools.ts'
import { purgeRows, sweepChunks } from './purge.ts'
import type { Writer } from './writer.ts'

const DAY_MS = 86_400_000

interface Parts {
  readonly pools: Pools
  readonly writer: Writer
  readonly clock: Clock
}

/**
 * Retention (core/journal.ts, `purge`), slice by slice: a whole day where one is due, else rows. A day of which much stays
 * is cleared in portions, so that no commit waits for all of it; one that somebody reads is left for another time. */
export function retaining({ pools, writer, clock }: Parts): Journal['purge'] {
  let clearing: Clearing | null = null
  return async (limits, after, maxRows) => {
    const nowMs = clock.nowMs()
    if (clearing !== null && !(await isAsLeft(pools.own, clearing))) clearing = null
    if (clearing === null) {
      const due = await dueDay(pools.own, limits.closedBeforeMs, nowMs)
      if (due !== null && 'crowded' in due) clearing = { day: due.crowded, after: null, moving: due.moving }
      else if (due !== null) {
        const gone = await writer.alone((client) => dropDay(client, due))
        if (gone !== null) return { ...gone, at: null, done: false }
      }
    }
    if (clearing !== null) {
      const begun: Clearing = clearing
      // Looked at afresh where this slice fails.
      clearing = null
      const cleared = await clear({ pools, writer }, begun, limits, maxRows)
      if (cleared !== null) {
        clearing = cleared.clearing
        return { messages: cleared.messages, bytes: cleared.bytes, at: null, done: false }
      }
    }
    return rows({ pools, writer, nowMs }, limits, after, maxRows)
  }
}

/** One slice of a crowded day, and what is left to do then. Null: somebody reads it. */
async function clear(
  { pools, writer }: Pick<Parts, 'pools' | 'writer'>,
  begun: Clearing,
  { closedBeforeMs }: PurgeLimits,
  maxRows: number,
): Promise<{ readonly messages: number; readonly bytes: number; readonly clearing: Clearing | null } | null> {
  if (!begun.moving) {
    const cleared = await writer.alone((client) => clearSome(client, begun, closedBeforeMs, maxRows))
    if (cleared.clearing.moving) await sweepKeys(pools.own, begun.day)
    return cleared
  }
  const over = await writer.alone((client) => moveSome(client, begun.day))
  return over === null ? null : { messages: 0, bytes: 0, clearing: over ? null : begun }
}

async function rows(
  { pools, writer, nowMs }: Pick<Parts, 'pools' | 'writer'> & { readonly nowMs: number },
  limits: PurgeLimits,
  after: Position | null,
  maxRows: number,
): Promise<Purged> {
  const slice = await writer.alone(async (client) => {
    await makeDays(client, nowMs)
    return purgeRows(client, limits, after, maxRows, nowMs)
  })
  if (slice.done) await sweepChunks(pools.own, idAt(nowMs - 3 * DAY_MS), idAt(nowMs - DAY_MS))
  return slice
}
