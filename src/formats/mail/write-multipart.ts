/** Writing bodies of several parts (RFC 2046 §5.1). Pure. */
import { isAscii } from 'node:buffer'
import { createHash } from 'node:crypto'

const CRLF = Buffer.from('\r\n')

/** One part to be written. */
export interface PartToWrite {
  /** Its fields, each with its CRLF. */
  readonly header: string
  readonly body: Buffer
}

/** A body of several parts, and the boundary between them. The same parts give the same octets. */
export function writeParts(parts: readonly PartToWrite[]): { readonly boundary: string; readonly body: Buffer } {
  const boundary = boundaryFor(parts)
  const pieces: Buffer[] = []
  for (const { header, body } of parts) pieces.push(Buffer.from(`--${boundary}\r\n${header}\r\n`), body, CRLF)
  return { boundary, body: Buffer.concat([...pieces, Buffer.from(`--${boundary}--\r\n`)]) }
}

/** From the content itself, and not in it. */
function boundaryFor(parts: readonly PartToWrite[]): string {
  for (let turn = 0; ; turn += 1) {
    const hash = createHash('sha256').update(String(turn))
    for (const { header, body } of parts) hash.update(header).update(body)
    // `=` and `_` stand together in no base64 and no quoted-printable.
    const boundary = `=_${hash.digest('hex').slice(0, 32)}`
    if (!parts.some(({ body }) => body.includes(boundary))) return boundary
  }
}

/** Octets with CRLF at every line break and no NUL, as they must be on the wire; the same Buffer if they are so already. */
export function wireLines(bytes: Buffer): Buffer {
  if (!bytes.includes(0) && !hasBareBreak(bytes)) return bytes
  return Buffer.from(
    bytes
      .toString('latin1')
      .replaceAll('\0', '')
      .replace(/\r\n|\r|\n/g, '\r\n'),
    'latin1',
  )
}

function hasBareBreak(bytes: Buffer): boolean {
  for (let at = 0; ; at += 2) {
    const cr = bytes.indexOf(13, at)
    const lf = bytes.indexOf(10, at)
    if (cr < 0 && lf < 0) return false
    if (cr < 0 || lf !== cr + 1) return true
    at = cr
  }
}

/** The transfer encoding that octets sent as they are need: are any beyond ASCII? */
export function plainEncoding(bytes: Buffer): '7bit' | '8bit' {
  return isAscii(bytes) ? '7bit' : '8bit'
}
