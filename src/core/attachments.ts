/**
 * Photos and documents of a case. **upload**: bytes on their way, over a line that may break; **attachment**: what is kept of
 * them once they are whole: a photo written anew without metadata, a PDF as it came. Times ms since 1970. */
import type { Caller } from './caller.ts'
import type { Case, CaseId, CaseViewer } from './cases.ts'
import type { ErrorCode } from './errors.ts'

/** What is taken. */
export const ATTACHMENT_TYPES = ['image/jpeg', 'image/png', 'application/pdf'] as const
/** One of them. */
export type AttachmentType = (typeof ATTACHMENT_TYPES)[number]

/** Limits of attachments. */
export interface AttachmentLimits {
  /** Bytes of one, as it comes. */
  readonly bytes: number
  /** Width times height of a photo. */
  readonly pixels: number
  /** Of one case. */
  readonly count: number
  /** Bytes of all uploads of one establishment that are under way. */
  readonly underWayBytes: number
  /** Longest side of a photo as it is kept: a longer one is made smaller. */
  readonly side: number
  /** Time to write a photo anew (ms). */
  readonly workMs: number
  /** An upload that is not whole by then is swept. */
  readonly uploadMs: number
}

/** What somebody is about to send. `sha256` (hex) null: the bytes are not checked by it. */
export interface NewUpload {
  readonly bytes: number
  readonly type: AttachmentType
  readonly sha256: string | null
  /** The case it is for; null: of a request that is still being written. */
  readonly case: CaseId | null
}

/** Bytes on their way. `attachment`: what they became. */
export interface Upload {
  readonly id: string
  readonly bytes: number
  readonly received: number
  readonly expiresAtMs: number
  readonly attachment: string | null
}

/** What became of an upload. `received` is told with OFFSET_WRONG, so that the sender goes on from there. */
export type Uploaded =
  | { readonly ok: true; readonly upload: Upload }
  | { readonly ok: false; readonly error: ErrorCode; readonly received?: number }

/** Something kept of a case. No name: file names hold those of patients. */
export interface Attachment {
  readonly id: string
  readonly case: CaseId | null
  readonly type: AttachmentType
  readonly bytes: number
  readonly sha256: string
  readonly width: number | null
  readonly height: number | null
  readonly atMs: number
  readonly establishment: string
}

/** Takes uploads and keeps attachments. Each resolves after a synchronous commit. */
export interface AttachmentCommands {
  /** UPLOAD_TOO_LONG, UPLOAD_COUNT, NOT_FOUND for a case that is not the caller's. */
  create(upload: NewUpload, viewer: CaseViewer): Promise<Uploaded>
  /** Where it stands; an upload is for those alone who reach the establishment that it was made for. */
  stand(id: string, viewer: CaseViewer): Promise<Uploaded>
  /**
   * Bytes from `offset` on. With the last of them the whole is checked, written anew where it is a photo, and kept; what
   * cannot be is refused (UPLOAD_DAMAGED, PHOTO_UNREADABLE, PHOTO_TOO_LARGE, ATTACHMENT_TYPE) and gone. */
  append(id: string, offset: number, bytes: Uint8Array, viewer: CaseViewer): Promise<Uploaded>
  /** Given up by who sent it. */
  drop(id: string, viewer: CaseViewer): Promise<Uploaded>
  /** Puts attachments that were sent for a request under way to its case; false: none of them, as one is not there for the caller. */
  attach(ids: readonly string[], to: CaseId, viewer: CaseViewer): Promise<boolean>
}

/** Reads attachments, as the caller may see the case: `cases:clinical` within reach, and nothing once consent is taken back, save at the site. */
export interface AttachmentViews {
  /** Number and patient of the case, for the audit; null: not the caller's, or its content was erased. */
  whose(id: CaseId, caller: Caller): Promise<Pick<Case, 'number' | 'patient'> | null>
  list(id: CaseId, caller: Caller): Promise<readonly Attachment[]>
  /** The bytes, once it is kept who looks; null: not there, or not the caller's. @throws {GatewayError} BODY_DAMAGED */
  open(
    id: string,
    viewer: CaseViewer,
  ): Promise<{ readonly attachment: Attachment; readonly bytes: AsyncIterable<Uint8Array> } | null>
}
