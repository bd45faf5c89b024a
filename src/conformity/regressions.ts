import type { Framework, KeptVerdict } from '../core/conformity.ts'
import { codeOf } from '../core/errors.ts'
import type { Journal } from '../core/journal.ts'
import type { Clock, Log } from '../core/ports.ts'
import { keptVerdict, type VerdictRow } from './store/facts.ts'

/** How often they are read (ms): verdicts rest on days. */
const EVERY_MS = 10_000
/** More of them nobody is told one by one. */
const MOST = 200

/** Verdicts that are worse than they were, the newest first. */
export async function readRegressions({ read }: Pick<Journal, 'read'>): Promise<readonly KeptVerdict[]> {
  const rows = await read<VerdictRow>({
    sql: `SELECT * FROM conformity_verdict WHERE regressed_from IS NOT NULL
      ORDER BY since_ms DESC, use, framework, establishment, requirement LIMIT ?`,
    parameters: [MOST],
  })
  return rows.map(keptVerdict)
}

/** What is known of regressions. */
export interface Regressed {
  readonly verdicts: readonly KeptVerdict[]
  /** Those in force. */
  readonly frameworks: readonly Framework[]
}

/** What the watch asks without waiting: the regressions as they were read last; null: they never were. */
export interface Regressions {
  now(): Regressed | null
  stop(): void
}

/** Reads regressions again and again. What cannot be read stays as it was. */
export function watchRegressions(parts: {
  readonly journal: Pick<Journal, 'read'>
  readonly frameworks: () => Promise<readonly Framework[]>
  readonly clock: Clock
  readonly log: Log
}): Regressions {
  const { journal, frameworks, clock, log } = parts
  let known: Regressed | null = null
  let stopped = false
  let cancel = (): void => {}
  const look = async (): Promise<void> => {
    try {
      const [verdicts, inForce] = await Promise.all([readRegressions(journal), frameworks()])
      known = { verdicts, frameworks: inForce }
    } catch (fault) {
      if (!stopped) log.warn('conformity.unread', { code: codeOf(fault) })
    }
    if (!stopped) cancel = clock.after(EVERY_MS, () => void look())
  }
  cancel = clock.after(EVERY_MS, () => void look())
  return {
    now: () => known,
    stop() {
      stopped = true
      cancel()
    },
  }
}
