import type { Config } from '../core/config.ts'
import type { Journal } from '../core/journal.ts'
import type { Position } from '../core/message.ts'
import type { Clock, Log, Meter } from '../core/ports.ts'
import { startRounds } from '../core/rounds.ts'

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
  let passed = { messages: 0, bytes: 0 }

  async function slice(): Promise<number> {
    if (clock.monotonicMs() >= againAtMs) {
      after = null
      againAtMs = clock.monotonicMs() + AGAIN_MS
    }
    const { closedMs, refusedMs } = config().retention
    const nowMs = clock.nowMs()
    const limits = { closedBeforeMs: nowMs - closedMs, refusedBeforeMs: nowMs - refusedMs }
    const { messages, bytes, at, done } = await journal.purge(limits, after, SLICE_ROWS)
    after = at
    passed = { messages: passed.messages + messages, bytes: passed.bytes + bytes }
    if (messages > 0) meter.count('purged_total', {}, messages)
    if (!done) return PAUSE_MS
    if (passed.messages + passed.bytes > 0) {
      log.info('retention.purged', { count: passed.messages, bytes: passed.bytes })
      passed = { messages: 0, bytes: 0 }
    }
    return LOOK_MS
  }
  return startRounds({
    clock,
    firstMs: PAUSE_MS,
    round: slice,
    failedMs: LOOK_MS,
    failed: (fault) => log.error('retention.failed', {}, fault),
  })
}
