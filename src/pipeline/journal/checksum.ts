import { crc32 } from 'node:zlib'
import type { StoredRow } from './entry.ts'

/** The columns of `message` that never change, in the order in which they are summed; with the body's size and hash. */
const IMMUTABLE = [
  'seq',
  'id',
  'received_at_ms',
  'committed_at_ms',
  'entrance',
  'peer',
  'establishment',
  'kind',
  'control_id',
  'application',
  'facility',
  'receiving_application',
  'receiving_facility',
  'test',
  'bytes',
  'order_keys',
  'patient_keys',
  'revision',
  'parent',
  'cause',
  'ask',
  'sha256',
] as const

/** CRC-32 of a message's immutable columns and of its body's hash. Finds damage; it is no defence against intent. */
export function checksum(row: StoredRow): number {
  let text = ''
  for (const column of IMMUTABLE) text += `${row[column] ?? '\u0000'}\u0001`
  return crc32(text)
}
