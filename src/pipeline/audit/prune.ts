import type { Config } from '../../core/config.ts'
import { codeOf } from '../../core/errors.ts'
import type { Journal, NewEvent, Statement } from '../../core/journal.ts'
import type { Clock, Log } from '../../core/ports.ts'
import { startRounds } from '../../core/rounds.ts'

/** Events removed in one commit, and between two of them (ms). */
export const SLICE_EVENTS = 500
const PAUSE_MS = 1_000
/** Between two looks (ms): each that removes something is an event itself, which is removed in its turn. */
const LOOK_MS = 86_400_000
/** The counter of how many events were removed so far. */
export const PRUNED = 'eventsPruned'

/** What is removed from the audit, and how that is kept. */
export interface PruneParts {
  readonly journal: Pick<Journal, 'look' | 'apply'>
  readonly config: () => Config
  readonly clock: Clock
  readonly log: Log
}

/**
 * Removes the oldest events of the audit, as long as they are from before a time, and with them what is only needed to
 * prove them: the edge of the tree before the first that is left stays, so that every proof and head of the others holds as
 * before. That it was done is an event in the same commit. The newest event always stays. Gives how many went.
 * @throws what the journal throws */
export async function pruneAudit(journal: PruneParts['journal'], beforeMs: number, nowMs: number): Promise<number> {
  const rows = await journal.look<{ n: number; event_seq: number; at_ms: number }>({
    sql: `SELECT n, event_seq, at_ms FROM audit_leaf ORDER BY n LIMIT ${SLICE_EVENTS + 1}`,
    parameters: [],
  })
  const young = rows.findIndex((row) => Number(row.at_ms) >= beforeMs)
  const count = young < 0 ? rows.length - 1 : young
  const last = rows[count - 1]
  if (last === undefined) return 0
  const [upTo, seq] = [Number(last.n), Number(last.event_seq)]
  const done = await journal.apply({
    rows: [
      { sql: 'DELETE FROM audit_leaf WHERE n <= ?', parameters: [upTo], rows: count },
      { sql: 'DELETE FROM event WHERE seq <= ?', parameters: [seq] },
      { sql: 'DELETE FROM audit_index WHERE n <= ?', parameters: [upTo] },
      { sql: 'DELETE FROM audit_patient WHERE n <= ?', parameters: [upTo] },
      ...unprovable(upTo),
      {
        sql: `INSERT INTO counter (name, value) VALUES ('${PRUNED}', ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value`,
        parameters: [upTo],
      },
    ],
    events: [pruned(upTo, nowMs)],
  })
  return done ? count : 0
}

/** Subtrees that lie before the first event left, save those at its edge: one of each level whose bit is set. */
function unprovable(upTo: number): readonly Statement[] {
  return Array.from({ length: Math.floor(Math.log2(upTo)) + 1 }, (_, level) => {
    const whole = Math.floor(upTo / 2 ** level)
    const edge = whole % 2 === 1 ? whole - 1 : -1
    return { sql: 'DELETE FROM audit_node WHERE level = ? AND i < ? AND i <> ?', parameters: [level, whole, edge] }
  })
}

function pruned(upTo: number, atMs: number): NewEvent {
  const nothing = { why: null, code: null, message: null, delivery: null }
  return { atMs, who: 'gateway', what: 'prune-audit', detail: `up to ${upTo}`, ...nothing }
}

/** Removes events past their time (retention.audit), now and every day. The function returned stops it. */
export function startPruning({ journal, config, clock, log }: PruneParts): () => Promise<void> {
  return startRounds({
    clock,
    firstMs: PAUSE_MS,
    async round() {
      const nowMs = clock.nowMs()
      const count = await pruneAudit(journal, nowMs - config().retention.auditMs, nowMs)
      if (count > 0) log.info('audit.pruned', { count })
      return count === SLICE_EVENTS ? PAUSE_MS : LOOK_MS
    },
    failedMs: LOOK_MS,
    failed: (fault) => log.error('retention.failed', { code: codeOf(fault) }, fault),
  })
}
