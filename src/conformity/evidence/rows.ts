import type { Evidence, EvidenceState, EvidenceType } from '../../core/conformity-commands.ts'
import type { Journal, Statement } from '../../core/journal.ts'

/** A row of `conformity_evidence`. */
export interface EvidenceRow {
  readonly id: string
  readonly establishment: string
  readonly framework: string
  readonly requirement: string
  readonly state: EvidenceState
  readonly statement: string
  readonly file: string | null
  readonly media_type: EvidenceType | null
  readonly bytes: number
  readonly sha256: string
  readonly filed_by: string
  readonly filed_at_ms: number
  readonly valid_until_ms: number | null
  readonly reviewed_by: string | null
  readonly reviewed_at_ms: number | null
  readonly reason: string | null
  readonly withdrawn_by: string | null
  readonly withdrawn_at_ms: number | null
  readonly withdrawn_why: string | null
}

/** Bytes of one row of a document. */
export const PART_BYTES = 256 * 1024

/** The evidence of a row. */
export function evidenceOf(row: EvidenceRow): Evidence {
  const act = (by: string | null, atMs: number | null, why: string | null): Evidence['reviewed'] =>
    by === null ? null : { by, atMs: Number(atMs), why: why ?? '' }
  return {
    id: row.id,
    establishment: row.establishment,
    framework: row.framework,
    requirement: row.requirement,
    state: row.state,
    statement: row.statement,
    document: row.media_type === null ? null : { type: row.media_type, bytes: Number(row.bytes), sha256: row.sha256 },
    filedBy: row.filed_by,
    filedAtMs: Number(row.filed_at_ms),
    validUntilMs: row.valid_until_ms === null ? null : Number(row.valid_until_ms),
    reviewed: act(row.reviewed_by, row.reviewed_at_ms, row.reason),
    withdrawn: act(row.withdrawn_by, row.withdrawn_at_ms, row.withdrawn_why),
  }
}

/** Evidence by its id, or null. */
export async function evidenceAt({ look }: Pick<Journal, 'look'>, id: string): Promise<EvidenceRow | null> {
  const [row] = await look<EvidenceRow>({ sql: 'SELECT * FROM conformity_evidence WHERE id = ?', parameters: [id] })
  return row ?? null
}

/** How many rows so many bytes take. */
export function partsOf(bytes: number): number {
  return Math.ceil(bytes / PART_BYTES)
}

/** One row of a document, `PART_BYTES` of it or the rest. */
export function partRow(evidence: string, n: number, data: Uint8Array): Statement {
  return {
    sql: 'INSERT INTO conformity_evidence_part (evidence, n, data) VALUES (?, ?, ?)',
    parameters: [evidence, n, data],
    rows: 1,
  }
}

/** The document of evidence goes. `unnamed`: only where no evidence names it. */
export function noParts(evidence: string, unnamed: boolean): Statement {
  const only = ' AND NOT EXISTS (SELECT 1 FROM conformity_evidence AS e WHERE e.id = ?)'
  return {
    sql: `DELETE FROM conformity_evidence_part WHERE evidence = ?${unnamed ? only : ''}`,
    parameters: unnamed ? [evidence, evidence] : [evidence],
  }
}

/** The rows of a document, one after the other. A missing one ends them. */
export async function* partsIn({ look }: Pick<Journal, 'look'>, evidence: string, parts: number) {
  for (let n = 0; n < parts; n++) {
    const [row] = await look<{ data: Uint8Array }>({
      sql: 'SELECT data FROM conformity_evidence_part WHERE evidence = ? AND n = ?',
      parameters: [evidence, n],
    })
    if (row === undefined) return
    yield row.data
  }
}
