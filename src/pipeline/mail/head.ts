import type { Journal } from '../../core/journal.ts'
import type { MessageId } from '../../core/message.ts'

/** The most of an original that a report brings back: above, its header alone (RFC 3461 §4.3). */
const WHOLE_BYTES = 1024 * 1024
/** The most of a header. */
const HEADER_BYTES = 64 * 1024

/** What a report brings back of the original. `whole`: all of it, else its header with the blank line. */
export interface Returned {
  readonly bytes: Buffer
  readonly whole: boolean
}

/** Reads what a report brings back; nothing when the body is gone. */
export async function headOf(journal: Pick<Journal, 'body'>, message: MessageId, full: boolean): Promise<Returned> {
  const parts: Uint8Array[] = []
  let read = 0
  let whole = false
  try {
    const body = await journal.body(message)
    whole = full && body.bytes <= WHOLE_BYTES
    for await (const chunk of body.open()) {
      parts.push(chunk)
      read += chunk.length
      if (!whole && read >= HEADER_BYTES) break
    }
  } catch {
    return { bytes: Buffer.alloc(0), whole: false }
  }
  const bytes = Buffer.concat(parts)
  if (whole) return { bytes, whole }
  const end = bytes.indexOf('\r\n\r\n')
  return { bytes: end < 0 ? bytes.subarray(0, HEADER_BYTES) : bytes.subarray(0, end + 4), whole }
}
