import { codeOf } from '../../core/errors.ts'
import type { Journal, SqlValue, Statement } from '../../core/journal.ts'
import type { AuditFact } from '../../formats/audit/event.ts'
import { readEvent } from '../../formats/audit/record.ts'
import { insert } from '../sql/insert.ts'

/** What of an event is searched by. */
export type IndexedFact = Pick<
  AuditFact,
  'n' | 'atMs' | 'who' | 'what' | 'code' | 'message' | 'detail' | 'patients'
> & {
  /** The sender of its message, when that is still known. */
  readonly establishment: string | null
}

/** Numbers looked at in one slice. */
const SLICE = 200

/** An act on a destination, or on an onboarding, begins with it: `establishment/name`. */
const DESTINATION = /^([^\s/]{1,64})\/[^\s/]{1,64}(?: |$)/

/** The rows that these events are found by. */
export function indexRows(facts: readonly IndexedFact[]): readonly Statement[] {
  if (facts.length === 0) return []
  const rows = facts.map(({ n, atMs, who, what, establishment, message, code, detail }): SqlValue[] => {
    const place = establishment ?? DESTINATION.exec(detail ?? '')?.[1] ?? null
    return [n, atMs, who, what, place, message, code === null ? 0 : 1]
  })
  const patients = facts.flatMap(({ n, patients }) => [...new Set(patients)].map((patient): SqlValue[] => [patient, n]))
  return [
    insert('audit_index (n, at_ms, who, what, establishment, message, refused)', rows),
    ...(patients.length === 0 ? [] : [insert('audit_patient (patient, n)', patients)]),
  ]
}

/**
 * One slice of what an older release took into the tree, and so did not index, behind the number `after`. Resolves with the
 * number to go on behind, or null when nothing is left. */
export async function indexOld(
  { look, apply, read }: Pick<Journal, 'look' | 'apply' | 'read'>,
  after: number,
): Promise<number | null> {
  if (after === 0 && (await isWhole({ read }))) return null
  const leaves = await look<{ n: number; line: string; known: number | null }>({
    sql: `SELECT l.n, l.line, x.n AS known FROM audit_leaf l LEFT JOIN audit_index x ON x.n = l.n
      WHERE l.n > ? ORDER BY l.n LIMIT ${SLICE}`,
    parameters: [after],
  })
  const facts: IndexedFact[] = []
  for (const { n, line, known } of leaves) {
    if (known !== null) continue
    const fact = { ...readEvent(line), n: Number(n) }
    const [message] =
      fact.message === null
        ? []
        : await look<{ establishment: string | null }>({
            sql: 'SELECT establishment FROM message WHERE id = ?',
            parameters: [fact.message],
          })
    facts.push({ ...fact, establishment: message?.establishment ?? null })
  }
  // Refused when another node did the same meanwhile: it is looked at again.
  if (facts.length > 0 && !(await apply({ rows: indexRows(facts) }))) return after
  return leaves.length < SLICE ? null : Number(leaves.at(-1)!.n)
}

/** Is every event in the tree indexed? What takes too long to count is not known to be. */
async function isWhole({ read }: Pick<Journal, 'read'>): Promise<boolean> {
  try {
    const [row] = await read<{ indexed: number; leaves: number }>({
      sql: 'SELECT (SELECT count(*) FROM audit_index) AS indexed, (SELECT count(*) FROM audit_leaf) AS leaves',
      parameters: [],
    })
    return row !== undefined && Number(row.indexed) === Number(row.leaves)
  } catch (fault) {
    if (codeOf(fault) === 'QUERY_TIMEOUT') return false
    throw fault
  }
}
