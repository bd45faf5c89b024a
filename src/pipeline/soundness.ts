import type { Journal } from '../core/journal.ts'
import type { MessageId, Position } from '../core/message.ts'
import type { Clock, Log, Meter } from '../core/ports.ts'
import { alertEvent } from './alerts.ts'

/** Work of one slice (ms), and the share of a core that all of them take at most. */
const WORK_MS = 5
const SHARE = 0.05
/** Rest after a whole round (ms). */
const REST_MS = 3_600_000

/** What the check works on. */
export interface SoundnessParts {
  readonly journal: Pick<Journal, 'inspect' | 'apply'>
  readonly clock: Clock
  readonly log: Log
  readonly meter: Meter
}

/**
 * Reads every message and body round after round, slowly, so that damage is found while a backup is still good. What is
 * damaged is told once: STORE_DAMAGED in the log, the metrics and the message's timeline. The function returned stops it,
 * and resolves once the slice under way is over. */
export function watchSoundness({ journal, clock, log, meter }: SoundnessParts): () => Promise<void> {
  const told = new Set<MessageId>()
  let after: Position | null = null
  let stopped = false
  let round = 0
  let slicing: Promise<void> = Promise.resolve()
  const next = (): void => {
    slicing = slice()
  }
  let cancel = clock.after(WORK_MS / SHARE, next)

  async function slice(): Promise<void> {
    let waitMs = REST_MS
    try {
      const { checked, damaged, at, ms } = await journal.inspect(after, WORK_MS)
      after = at
      round += checked
      if (checked > 0) meter.count('checked_total', {}, checked)
      for (const id of damaged) if (!told.has(id)) await tell(id)
      if (at !== null) waitMs = Math.max(ms, WORK_MS) / SHARE - ms
      else {
        log.info('store.checked', { count: round })
        round = 0
      }
    } catch (fault) {
      if (!stopped) log.error('store.check-failed', {}, fault)
    }
    if (!stopped) cancel = clock.after(waitMs, next)
  }

  async function tell(id: MessageId): Promise<void> {
    told.add(id)
    log.error('store.damaged', { messageId: id, code: 'STORE_DAMAGED' })
    meter.count('alert_total', { code: 'STORE_DAMAGED' })
    await journal.apply({ events: [alertEvent(clock.nowMs(), 'STORE_DAMAGED', { message: id })] })
  }
  return async () => {
    stopped = true
    cancel()
    await slicing
  }
}
