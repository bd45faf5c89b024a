import type { Attachment, AttachmentType, Upload } from '../../core/attachments.ts'
import type { CaseId } from '../../core/cases.ts'
import type { Journal, Statement } from '../../core/journal.ts'

/** A row of `upload`. */
export interface UploadRow {
  readonly id: string
  readonly establishment: string
  readonly care_case: string | null
  readonly type: AttachmentType
  readonly bytes: number
  readonly received: number
  readonly chunks: number
  readonly sha256: string | null
  readonly who: string
  readonly expires_at_ms: number
  readonly attachment: string | null
}

/** A row of `attachment`. */
export interface AttachmentRow {
  readonly id: string
  readonly care_case: string | null
  readonly establishment: string
  readonly type: AttachmentType
  readonly bytes: number
  readonly sha256: string
  readonly width: number | null
  readonly height: number | null
  readonly chunks: number
  readonly at_ms: number
}

/** Bytes of one row. */
export const CHUNK_BYTES = 256 * 1024

/** How many rows so many bytes take. */
export function chunksOf(bytes: number): number {
  return Math.ceil(bytes / CHUNK_BYTES)
}

/** Rows of bytes, numbered from `first`. */
export function chunkRows(holder: string, bytes: Uint8Array, first: number): Statement[] {
  return Array.from({ length: chunksOf(bytes.length) }, (_, i) => ({
    sql: 'INSERT INTO attachment_chunk (holder, n, data) VALUES (?, ?, ?)',
    parameters: [holder, first + i, bytes.slice(i * CHUNK_BYTES, (i + 1) * CHUNK_BYTES)],
    rows: 1,
  }))
}

/** Everything of an upload, and of what it became. */
export function eraseRows({ id, attachment }: Pick<UploadRow, 'id' | 'attachment'>): Statement[] {
  return [
    { sql: 'DELETE FROM attachment_chunk WHERE holder IN (?, ?)', parameters: [id, attachment ?? id] },
    { sql: 'DELETE FROM attachment WHERE id = ?', parameters: [attachment ?? id] },
    { sql: 'DELETE FROM upload WHERE id = ?', parameters: [id] },
  ]
}

/** Every photo and document of a case that is closed: written with the erasure of its content. */
export function eraseOfCase(id: CaseId): Statement[] {
  const closed = 'EXISTS (SELECT 1 FROM care_case AS c WHERE c.id = ? AND c.closed_at_ms IS NOT NULL)'
  return [
    {
      sql: `DELETE FROM attachment_chunk WHERE holder IN (SELECT u.id FROM upload AS u WHERE u.care_case = ?
        UNION SELECT a.id FROM attachment AS a WHERE a.care_case = ?) AND ${closed}`,
      parameters: [id, id, id],
    },
    { sql: `DELETE FROM attachment WHERE care_case = ? AND ${closed}`, parameters: [id, id] },
    { sql: `DELETE FROM upload WHERE care_case = ? AND ${closed}`, parameters: [id, id] },
  ]
}

/** An upload by its id, or null. */
export async function uploadAt(journal: Pick<Journal, 'look'>, id: string): Promise<UploadRow | null> {
  const [row] = await journal.look<UploadRow>({ sql: 'SELECT * FROM upload WHERE id = ?', parameters: [id] })
  return row ?? null
}

/** The upload of a row. */
export function uploadOf({ id, bytes, received, expires_at_ms, attachment }: UploadRow): Upload {
  return { id, bytes: Number(bytes), received: Number(received), expiresAtMs: Number(expires_at_ms), attachment }
}

/** The attachment of a row. */
export function attachmentOf(row: AttachmentRow): Attachment {
  const { id, type, sha256, establishment } = row
  const whole = (value: number | null): number | null => (value === null ? null : Number(value))
  return {
    id,
    case: row.care_case,
    type,
    bytes: Number(row.bytes),
    sha256,
    width: whole(row.width),
    height: whole(row.height),
    atMs: Number(row.at_ms),
    establishment,
  }
}

/** The chunks of a holder, one after the other. A missing one ends them. */
export async function* chunksIn(
  journal: Pick<Journal, 'look'>,
  holder: string,
  chunks: number,
): AsyncGenerator<Uint8Array> {
  for (let n = 0; n < chunks; n++) {
    const [row] = await journal.look<{ data: Uint8Array }>({
      sql: 'SELECT data FROM attachment_chunk WHERE holder = ? AND n = ?',
      parameters: [holder, n],
    })
    if (row === undefined) return
    yield row.data
  }
}

/** All of them together. */
export async function wholeOf(journal: Pick<Journal, 'look'>, holder: string, chunks: number): Promise<Buffer> {
  const parts: Uint8Array[] = []
  for await (const chunk of chunksIn(journal, holder, chunks)) parts.push(chunk)
  return Buffer.concat(parts)
}
