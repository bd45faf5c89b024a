/** The parts of a report (multipart/report, RFC 6522). Pure. */
import { type MailPart, MimeScan } from './structure.ts'
import { decoded } from './transfer.ts'

/** What a report holds for programs, decoded. */
export interface ReportParts {
  readonly status: Buffer
  /** The message it is about, or its header; null: it did not come back. */
  readonly original: Buffer | null
}

const ORIGINAL = /^(?:message\/(?:rfc822|global|global-headers)|text\/rfc822-headers)$/
/** Octets of the status that are read. */
const MOST = 1_048_576

/** The report that a message is, of this type and with such a part for programs; null: it is none. */
export function readReport(bytes: Buffer, reportType: string, statusType: RegExp): ReportParts | null {
  const scan = new MimeScan()
  scan.push(bytes)
  const { parts } = scan.end()
  const [message] = parts
  if (message?.type !== 'multipart/report') return null
  // Some servers leave the type of the report out.
  if ((message.parameters.get('report-type') ?? reportType).toLowerCase() !== reportType) return null
  const inside = parts.filter(({ parent }) => parent === 0)
  const status = inside.find(({ type }) => statusType.test(type))
  const original = inside.find(({ type }) => ORIGINAL.test(type))
  if (status === undefined) return null
  return {
    status: bodyOf(bytes, status).subarray(0, MOST),
    original: original === undefined ? null : bodyOf(bytes, original),
  }
}

function bodyOf(bytes: Buffer, { bodyAt, length, encoding }: MailPart): Buffer {
  return decoded(encoding, bytes.subarray(bodyAt, bodyAt + length))
}
