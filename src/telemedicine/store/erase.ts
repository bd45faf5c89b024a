import type { Config } from '../../core/config.ts'
import type { Journal, Statement } from '../../core/journal.ts'
import { eraseOfCase } from '../photos/rows.ts'

/** Cases erased in one commit. */
const SLICE = 20

/** What one slice erased. `done`: nothing more is due now. */
export interface ErasedCases {
  readonly cases: number
  readonly done: boolean
}

/**
 * One slice of the retention of content: of cases closed longer ago than their service keeps them (30 days for a service
 * that is gone), everything that was said and sent goes; that there was a case, when its state changed and its measures stay. An open
 * case is never touched. What another node erased meanwhile is erased once. */
export async function eraseCases(
  { journal, config }: { readonly journal: Pick<Journal, 'read' | 'apply'>; readonly config: () => Config },
  nowMs: number,
): Promise<ErasedCases> {
  const due = await dueCases(journal, config(), nowMs)
  if (due.length === 0) return { cases: 0, done: true }
  await journal.apply({ rows: due.flatMap(eraseRows) })
  return { cases: due.length, done: due.length < SLICE }
}

/** Content of a case whose service the region no longer has (ms). */
const GONE_MS = 2_592_000_000

async function dueCases(
  { read }: Pick<Journal, 'read'>,
  { careServices = new Map() }: Config,
  nowMs: number,
): Promise<readonly string[]> {
  const services = [...careServices.values()]
  const kept = services.map(() => '(service = ? AND closed_at_ms <= ?)')
  const names = services.map(() => '?').join(', ')
  const others = services.length === 0 ? 'closed_at_ms <= ?' : `(service NOT IN (${names}) AND closed_at_ms <= ?)`
  const rows = await read<{ id: string }>({
    sql: `SELECT id FROM care_case WHERE closed_at_ms IS NOT NULL AND state_json IS NOT NULL
      AND (${[...kept, others].join(' OR ')}) ORDER BY closed_at_ms, id LIMIT ${SLICE}`,
    parameters: [
      ...services.flatMap(({ name, keptMs }) => [name, nowMs - keptMs]),
      ...services.map(({ name }) => name),
      nowMs - GONE_MS,
    ],
  })
  return rows.map(({ id }) => id)
}

function eraseRows(id: string): Statement[] {
  return [
    { sql: 'UPDATE care_case SET state_json = NULL WHERE id = ? AND closed_at_ms IS NOT NULL', parameters: [id] },
    { sql: 'UPDATE care_happening SET act = NULL, actor = NULL WHERE care_case = ?', parameters: [id] },
    ...eraseOfCase(id),
  ]
}
