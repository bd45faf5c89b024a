/** MLLP framing and the few HL7 fields the proofs look at: their own reading, so that a fault of the gateway's is seen. */

const VT = 0x0b
const FS = 0x1c
const CR = 0x0d
const END = Buffer.from([FS, CR])

/** An MLLP block around these bytes (HL7 Transport, MLLP release 1). */
export function block(bytes: Buffer | string): Buffer {
  const content = typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes
  const framed = Buffer.allocUnsafe(content.length + 3)
  framed[0] = VT
  content.copy(framed, 1)
  framed[content.length + 1] = FS
  framed[content.length + 2] = CR
  return framed
}

/** Returns a function to feed with chunks; calls back for the content of each block. For well-behaved streams. */
export function blocks(onBlock: (content: Buffer) => void): (chunk: Buffer) => void {
  let rest: Buffer | null = null
  return (chunk) => {
    let data = rest === null ? chunk : Buffer.concat([rest, chunk])
    for (let end = data.indexOf(END); end >= 0; end = data.indexOf(END)) {
      const start = data.indexOf(VT)
      onBlock(data.subarray(start < 0 || start > end ? 0 : start + 1, end))
      data = data.subarray(end + 2)
    }
    rest = data.length > 0 ? data : null
  }
}

/** A field as text (latin1), by segment name and number; '' when absent. MSH-1 counts as the separator itself. */
export function field(message: Buffer, segment: string, n: number): string {
  const text = message.toString('latin1')
  const separator = text[3] ?? '|'
  const line = text.split('\r').find((s) => s.startsWith(segment))
  return line?.split(separator)[segment === 'MSH' ? n - 1 : n] ?? ''
}

/** MSH-10 read from the head of the message only: the receivers' hot path. */
export function controlIdOf(message: Buffer): string {
  return message.subarray(0, 256).toString('latin1').split('|', 10)[9] ?? ''
}

/** An acknowledgement as read by the proofs. */
export interface Answer {
  readonly code: string
  readonly controlId: string
  readonly raw: Buffer
}

const CODES = new Set(['AA', 'AE', 'AR', 'CA', 'CE', 'CR'])

/**
 * Reads an acknowledgement: MSH with its own separator, MSA-1 a code of table 0008, MSA-2 (which may be empty only when
 * the message had none). Null when it is no valid answer. */
export function answerOf(content: Buffer): Answer | null {
  const text = content.toString('latin1')
  const separator = text[3]
  if (!text.startsWith('MSH') || separator === undefined) return null
  const msa = text.split('\r').find((s) => s.startsWith(`MSA${separator}`))
  const [, code, controlId] = msa?.split(separator) ?? []
  if (code === undefined || controlId === undefined || !CODES.has(code)) return null
  return { code, controlId, raw: content }
}
