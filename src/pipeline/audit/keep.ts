import type { Config } from '../../core/config.ts'
import type { Journal } from '../../core/journal.ts'
import type { Clock, Log, Meter } from '../../core/ports.ts'
import { startRounds } from '../../core/rounds.ts'
import type { AuditKey } from '../../formats/audit/head.ts'
import { alertEvent } from '../alerts.ts'
import { cover, signDay } from './cover.ts'
import { indexOld } from './index-rows.ts'
import { coverage, storedKey } from './rows.ts'

/** Between two looks when nothing waits (ms), and between two slices when something does. */
const LOOK_MS = 1_000
const PAUSE_MS = 100

/** What the keeper of the audit works on. */
export interface KeepAuditParts {
  readonly journal: Pick<Journal, 'look' | 'apply' | 'read'>
  readonly config: () => Config
  readonly clock: Clock
  readonly log: Log
  readonly meter: Meter
}

/**
 * Takes events into the tree as they come, a second behind, in small slices; signs a head each day; and compares what is
 * there with what was counted: an event that is gone before it was taken in is told at once, AUDIT_BROKEN in the log, the
 * metrics and the audit. The function returned stops it, and resolves once the slice under way is over. */
export function keepAudit({ journal, config, clock, log, meter }: KeepAuditParts): () => Promise<void> {
  let told = 0
  let key: AuditKey | null = null
  // What an older release left to index: behind this number; null once it is done.
  let unindexed: number | null = 0

  async function slice(): Promise<number> {
    key ??= await storedKey(journal)
    const parts = { journal, key, site: config().region.name }
    const { covered, more } = await cover(parts)
    if (covered > 0) meter.count('audit_covered_total', {}, covered)
    if (!more && unindexed !== null) unindexed = await indexOld(journal, unindexed)
    if (!more) {
      const size = await signDay(parts, clock.nowMs())
      if (size !== null) log.info('audit.signed', { count: size })
      await compare()
    }
    return more || unindexed !== null ? PAUSE_MS : LOOK_MS
  }

  async function compare(): Promise<void> {
    const { missing } = await coverage(journal)
    if (missing === told) return
    told = missing
    if (missing === 0) return
    log.error('audit.broken', { code: 'AUDIT_BROKEN', count: missing })
    meter.count('alert_total', { code: 'AUDIT_BROKEN' })
    await journal.apply({ events: [alertEvent(clock.nowMs(), 'AUDIT_BROKEN', { detail: `missing ${missing}` })] })
  }
  return startRounds({
    clock,
    firstMs: PAUSE_MS,
    round: slice,
    failedMs: LOOK_MS,
    failed: (fault) => log.error('audit.failed', {}, fault),
  })
}
