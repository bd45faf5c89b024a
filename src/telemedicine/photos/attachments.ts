import { createHash } from 'node:crypto'
import type {
  AttachmentCommands,
  AttachmentLimits,
  AttachmentType,
  NewUpload,
  Upload,
  Uploaded,
} from '../../core/attachments.ts'
import { ATTACHMENT_TYPES } from '../../core/attachments.ts'
import { reaches, reachOf } from '../../core/caller.ts'
import type { CaseViewer } from '../../core/cases.ts'
import type { ErrorCode } from '../../core/errors.ts'
import type { Effect, Journal, Statement } from '../../core/journal.ts'
import type { Clock, Ids } from '../../core/ports.ts'
import { isPdf } from '../../formats/image/photo.ts'
import { careCaseOf } from '../appointments/care-case.ts'
import { eventOf } from '../appointments/commands.ts'
import { clinicalSide } from './reach.ts'
import type { Rewriter } from './rewriter.ts'
import { chunkRows, chunksOf, eraseRows, type UploadRow, uploadAt, uploadOf, wholeOf } from './rows.ts'

/** The follower that sweeps uploads which never became whole. */
export const UPLOAD = 'upload'

/** What keeping attachments works with. */
export interface AttachmentParts {
  readonly journal: Pick<Journal, 'look' | 'apply'>
  readonly limits: AttachmentLimits
  readonly rewriter: Rewriter
  readonly clock: Clock
  readonly ids: Ids
}

/** Limits unless others are given: 20 MiB and 50 million pixels each, 20 of a case, kept up to 4,096 pixels wide. */
export const ATTACHMENT_LIMITS: AttachmentLimits = {
  bytes: 20 * 1024 * 1024,
  pixels: 50_000_000,
  count: 20,
  underWayBytes: 200 * 1024 * 1024,
  side: 4_096,
  workMs: 20_000,
  uploadMs: 86_400_000,
}

/** Bytes that are written in one commit: more would hold the writer up. */
const COMMIT_BYTES = 1024 * 1024
/** What an attempt wrote and nobody named is swept after (ms). */
const SWEEP_MS = 3_600_000

/** The commands over a journal. */
export function attachmentCommands(parts: AttachmentParts): AttachmentCommands {
  const { journal } = parts
  return {
    create: (upload, viewer) => create(upload, viewer, parts),
    async stand(id, viewer) {
      const row = await own(id, viewer, parts)
      return row === null ? NOT_FOUND : { ok: true, upload: uploadOf(row) }
    },
    append: (id, offset, bytes, viewer) => append(id, { offset, bytes }, viewer, parts),
    async drop(id, viewer) {
      const row = await own(id, viewer, parts)
      if (row === null || row.attachment !== null) return NOT_FOUND
      await journal.apply({ rows: eraseRows(row) })
      return { ok: true, upload: uploadOf(row) }
    },
    async attach(ids, to, viewer) {
      const care = await careCaseOf(journal, to)
      if (care === null || !care.open || clinicalSide(viewer.caller, 'cases:act', care) === null) return false
      const mine = reachOf(viewer.caller, 'cases:act')?.establishments ?? null
      const within = mine === null ? '' : ` AND establishment IN (${mine.map(() => '?').join(', ')})`
      const rows: Statement[] = ids.flatMap((id) => [
        {
          sql: `UPDATE attachment SET care_case = ? WHERE id = ?${within}
            AND ((care_case IS NULL${inUnits(viewer) ? ' AND who = ?' : ''}) OR care_case = ?)`,
          parameters: [to, id, ...(mine ?? []), ...(inUnits(viewer) ? [viewer.caller.who] : []), to],
          rows: 1,
        },
        { sql: 'UPDATE upload SET care_case = ? WHERE attachment = ?', parameters: [to, id] },
      ])
      return rows.length === 0 || journal.apply({ rows })
    },
  }
}

const NOT_FOUND: Uploaded = { ok: false, error: 'NOT_FOUND' }
const no = (error: ErrorCode): Uploaded => ({ ok: false, error })

async function create(asked: NewUpload, viewer: CaseViewer, parts: AttachmentParts): Promise<Uploaded> {
  const { journal, limits, clock, ids } = parts
  const { establishment } = viewer.participant
  if (establishment === null) return no('FORBIDDEN')
  if (!(ATTACHMENT_TYPES as readonly string[]).includes(asked.type)) return no('ATTACHMENT_TYPE')
  if (!Number.isSafeInteger(asked.bytes) || asked.bytes < 1) return no('BAD_REQUEST')
  if (asked.bytes > limits.bytes) return no('UPLOAD_TOO_LONG')
  if (asked.case !== null) {
    const care = await careCaseOf(journal, asked.case)
    if (care === null || clinicalSide(viewer.caller, 'cases:act', care) === null) return NOT_FOUND
    if (!care.open) return no('WRONG_STATE')
  }
  const expiresAtMs = clock.nowMs() + limits.uploadMs
  const upload: Upload = { id: ids.uuid(), bytes: asked.bytes, received: 0, expiresAtMs, attachment: null }
  const row: Statement = {
    // Counted in the same commit, so that no two at once are one too many.
    sql: `INSERT INTO upload (id, establishment, care_case, type, bytes, received, chunks, sha256, who, expires_at_ms)
      SELECT ?, ?, ?, ?, ?, 0, 0, ?, ?, ? WHERE
        (SELECT count(*) FROM upload AS c WHERE c.care_case = ?) < ?
        AND (SELECT coalesce(sum(u.bytes), 0) FROM upload AS u WHERE u.establishment = ? AND u.attachment IS NULL) <= ?`,
    parameters: [
      ...[upload.id, establishment, asked.case, asked.type, asked.bytes, asked.sha256, viewer.caller.who, expiresAtMs],
      ...[asked.case ?? '', limits.count, establishment, limits.underWayBytes - asked.bytes],
    ],
    rows: 1,
  }
  const timer = { id: `${UPLOAD}:${upload.id}`, follower: UPLOAD, dueAtMs: expiresAtMs, payload: upload.id }
  return (await journal.apply({ rows: [row], timers: [timer] })) ? { ok: true, upload } : no('UPLOAD_COUNT')
}

async function append(
  id: string,
  { offset, bytes }: { readonly offset: number; readonly bytes: Uint8Array },
  viewer: CaseViewer,
  parts: AttachmentParts,
): Promise<Uploaded> {
  const row = await own(id, viewer, parts)
  if (row === null) return NOT_FOUND
  const before = uploadOf(row)
  if (before.attachment !== null) return { ok: true, upload: before }
  const at = { received: before.received }
  if (offset !== before.received) return { ...no('OFFSET_WRONG'), ...at } as Uploaded
  if (before.received + bytes.length > before.bytes) return { ...no('UPLOAD_TOO_LONG'), ...at } as Uploaded
  let { received, chunks } = { received: before.received, chunks: Number(row.chunks) }
  for (let from = 0; from < bytes.length; from += COMMIT_BYTES) {
    const piece = bytes.subarray(from, from + COMMIT_BYTES)
    const written = chunkRows(id, piece, chunks)
    const moved: Statement = {
      sql: 'UPDATE upload SET received = ?, chunks = ? WHERE id = ? AND received = ? AND attachment IS NULL',
      parameters: [received + piece.length, chunks + written.length, id, received],
      rows: 1,
    }
    // The row first: two who send the same bytes at once do not both write them.
    if (!(await parts.journal.apply({ rows: [moved, ...written] }))) return { ...no('OFFSET_WRONG'), ...at } as Uploaded
    received += piece.length
    chunks += written.length
  }
  const now = { ...before, received }
  return received < before.bytes ? { ok: true, upload: now } : whole(now, row, chunks, viewer, parts)
}

/** All bytes are here: they are checked, written anew, and kept, or refused and gone. */
async function whole(
  upload: Upload,
  row: UploadRow,
  chunks: number,
  viewer: CaseViewer,
  parts: AttachmentParts,
): Promise<Uploaded> {
  const { journal, clock, ids } = parts
  const { id } = upload
  const bytes = await wholeOf(journal, id, chunks)
  const kept = await keptOf(bytes, row, parts)
  if (!kept.ok) {
    // What may succeed later is kept for a later try.
    if (kept.error === 'PHOTOS_UNAVAILABLE') return no(kept.error)
    // Where somebody else ended it meanwhile its bytes were gone from here, and it stands.
    const unended: Statement = {
      sql: 'UPDATE upload SET received = received WHERE id = ? AND attachment IS NULL',
      parameters: [id],
      rows: 1,
    }
    return (await journal.apply({ rows: [unended, ...eraseRows(row)] })) ? no(kept.error) : standing(id, journal)
  }
  const attachment = ids.uuid()
  // Should this end in the middle, what it wrote is swept.
  const sweep = {
    id: `${UPLOAD}:${attachment}`,
    follower: UPLOAD,
    dueAtMs: clock.nowMs() + SWEEP_MS,
    payload: attachment,
  }
  for (let from = 0; from < kept.bytes.length; from += COMMIT_BYTES) {
    const piece = kept.bytes.subarray(from, from + COMMIT_BYTES)
    await journal.apply({ rows: chunkRows(attachment, piece, chunksOf(from)), timers: from === 0 ? [sweep] : [] })
  }
  const { establishment, type } = row
  const sha256 = createHash('sha256').update(kept.bytes).digest('hex')
  const named: Effect = {
    rows: [
      // Two who end an upload at once have one attachment.
      {
        sql: 'UPDATE upload SET attachment = ? WHERE id = ? AND attachment IS NULL',
        parameters: [attachment, id],
        rows: 1,
      },
      {
        sql: `INSERT INTO attachment (id, care_case, establishment, type, bytes, sha256, width, height, chunks, at_ms, who)
          SELECT ?, u.care_case, ?, ?, ?, ?, ?, ?, ?, ?, ? FROM upload AS u WHERE u.id = ?`,
        parameters: [
          ...[attachment, establishment, type, kept.bytes.length, sha256, kept.width, kept.height],
          ...[chunksOf(kept.bytes.length), clock.nowMs(), viewer.caller.who, id],
        ],
        rows: 1,
      },
      { sql: 'DELETE FROM attachment_chunk WHERE holder = ?', parameters: [id] },
    ],
    events: [eventOf('keep-attachment', type, viewer, parts)],
  }
  if (!(await journal.apply(named)))
    await journal.apply({ rows: [{ sql: 'DELETE FROM attachment_chunk WHERE holder = ?', parameters: [attachment] }] })
  return standing(id, journal)
}

/** An upload as it stands now. */
async function standing(id: string, journal: AttachmentParts['journal']): Promise<Uploaded> {
  const stands = await uploadAt(journal, id)
  return stands === null ? NOT_FOUND : { ok: true, upload: uploadOf(stands) }
}

type Kept =
  | { readonly ok: true; readonly bytes: Buffer; readonly width: number | null; readonly height: number | null }
  | { readonly ok: false; readonly error: ErrorCode }

async function keptOf(bytes: Buffer, row: UploadRow, { rewriter, limits }: AttachmentParts): Promise<Kept> {
  if (row.sha256 !== null && createHash('sha256').update(bytes).digest('hex') !== row.sha256)
    return { ok: false, error: 'UPLOAD_DAMAGED' }
  const type: AttachmentType = row.type
  if (type !== 'application/pdf') return rewriter.rewrite(bytes, type, limits)
  return isPdf(bytes) ? { ok: true, bytes, width: null, height: null } : { ok: false, error: 'ATTACHMENT_TYPE' }
}

/**
 * The upload, if it is of an establishment that the caller reaches; of a case, if the caller may act on that; of none, for whoever is bound to
 * units, if they began it. */
async function own(id: string, viewer: CaseViewer, { journal }: AttachmentParts): Promise<UploadRow | null> {
  const { caller } = viewer
  const row = await uploadAt(journal, id)
  if (row === null || !reaches(reachOf(caller, 'cases:act'), row.establishment)) return null
  if (row.care_case === null) return inUnits(viewer) && row.who !== caller.who ? null : row
  const care = await careCaseOf(journal, row.care_case)
  return care !== null && clinicalSide(caller, 'cases:act', care) !== null ? row : null
}

const inUnits = ({ caller }: CaseViewer): boolean => (reachOf(caller, 'cases:act')?.units ?? null) !== null
