import type { Config } from '../core/config.ts'
import type { Journal } from '../core/journal.ts'
import type { Position } from '../core/message.ts'
import type { Clock, Log, Meter } from '../core/ports.ts'

/** Messages looked at in one slice: its time is bounded by the journal as well. */
const SLICE_ROWS = 100
/**
 * Between two slices (ms): some 900 messages a second go, far more than a region sends, and what a slice of 10 ms and the
 * checkpoints that follow cost stays a tenth of the loop. */
const PAUSE_MS = 100
/** Between two looks when nothing was due (ms). */
const LOOK_MS = 60_000
/** What was passed over, because it had closed late or is a resource's current version, is looked at again this often. */
const AGAIN_MS = 3_600_000

/** What retention works on. */
export interface RetentionParts {
  readonly journal: Pick<Journal, 'purge'>
  readonly config: () => Config
  readonly clock: Clock
  readonly log: Log
  readonly meter: Meter
}

/**
 * Removes what is past its time (retention.closed, retention.refused), in slices, as long as something is due, and looks
 * again every minute. The function returned stops it, and resolves once the slice under way
 * is over. */
export function startRetention({ journal, config, clock, log, meter }: RetentionParts): () => Promise<void> {
  let after: Position | null = null
  let againAtMs = clock.monotonicMs() + AGAIN_MS
  let stopped = false
  let round = { messages: 0, bytes: 0 }
  let slicing: Promise<void> = Promise.resolve()
  const next = (): void => {
    slicing = slice()
  }
  let cancel = clock.after(PAUSE_MS, next)

  async function slice(): Promise<void> {
    let waitMs = LOOK_MS
    try {
      if (clock.monotonicMs() >= againAtMs) {
        after = null
        againAtMs = clock.monotonicMs() + AGAIN_MS
      }
      const { closedMs, refusedMs } = config().retention
      const nowMs = clock.nowMs()
      const limits = { closedBeforeMs: nowMs - closedMs, refusedBeforeMs: nowMs - refusedMs }
      const { messages, bytes, at, done } = await journal.purge(limits, after, SLICE_ROWS)
      after = at
      round = { messages: round.messages + messages, bytes: round.bytes + bytes }
      if (messages > 0) meter.count('purged_total', {}, messages)
      if (!done) waitMs = PAUSE_MS
      else if (round.messages + round.bytes > 0) {
        log.info('retention.purged', { count: round.messages, bytes: round.bytes })
        round = { messages: 0, bytes: 0 }
      }
    } catch (fault) {
      if (!stopped) log.error('retention.failed', {}, fault)
    }
    if (!stopped) cancel = clock.after(waitMs, next)
  }
  return async () => {
    stopped = true
    cancel()
    await slicing
  }
}
