import type { ErrorCode } from '../../core/errors.ts'
import type { Effect, Journal } from '../../core/journal.ts'
import { readHeader, softwareVersionOf } from '../../formats/hl7v2/header.ts'
import { readMessage } from '../../formats/hl7v2/message.ts'
import type { Days } from '../day.ts'
import { useOf } from './sent.ts'
import { refusedSignature } from './signature.ts'
import { Tally } from './tally.ts'

/** Refusals younger than that (ms) wait: on several nodes one with a lower number may still be on its way into the store. */
const RIPE_MS = 30_000
/** Refusals of one commit. */
const MOST = 1_000
/** So much of what was refused is looked at (bytes), and kept in its row whatever its length: its header says by which product it was made, and whether it is a test. */
const HEAD_BYTES = 4_096
const MARK = 'refused'

interface Row {
  readonly seq: number
  readonly at_ms: number
  readonly establishment: string
  readonly kind: string | null
  readonly code: string
  readonly head: Uint8Array | null
}

/** What of the refusals since the last time is to be counted, or null: there was none. `more`: there are others. */
export async function countRefused(
  journal: Pick<Journal, 'look'>,
  days: Days,
  nowMs: number,
): Promise<{ readonly effect: Effect; readonly more: boolean } | null> {
  const [mark] = await journal.look<{ value: number }>({
    sql: 'SELECT value FROM conformity_mark WHERE name = ?',
    parameters: [MARK],
  })
  const from = Number(mark?.value ?? 0)
  const read = await journal.look<Row>({
    sql: `SELECT seq, at_ms, establishment, kind, code, substr(data, 1, ${HEAD_BYTES}) AS head FROM refusal
      WHERE seq > ? ORDER BY seq LIMIT ${MOST}`,
    parameters: [from],
  })
  const rows = ripe(read, nowMs - RIPE_MS)
  const last = rows.at(-1)
  if (last === undefined) return null
  const tally = new Tally()
  for (const row of rows) {
    if (row.establishment === null) continue
    const { application, softwareVersion, test, profiles } = headOf(row.head)
    tally.add({
      establishment: row.establishment,
      use: useOf(test),
      side: 'sent',
      day: days.of(Number(row.at_ms)),
      kind: row.kind ?? '',
      application,
      signature: refusedSignature(row.code as ErrorCode, profiles, softwareVersion),
    })
  }
  const marked = {
    sql: `INSERT INTO conformity_mark (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value
      WHERE conformity_mark.value = ?`,
    parameters: [MARK, Number(last.seq), from],
    rows: 1,
  }
  return { effect: { rows: [...tally.rows(), marked] }, more: rows.length === MOST }
}

/** The first of them, up to one that is too young: the mark never passes over it, though those behind it may be older. */
function ripe(rows: readonly Row[], untilMs: number): readonly Row[] {
  const young = rows.findIndex(({ at_ms }) => Number(at_ms) > untilMs)
  return young < 0 ? rows : rows.slice(0, young)
}

/** Security label of FHIR, and authorities of identifiers, that mark what is no real case. */
const TEST_MARKS = ['"HTEST"', '1.2.250.1.213.1.4.10', '1.2.250.1.213.1.4.11']

/** What the header of refused bytes says of them. */
export interface RefusedHead {
  /** MSH-3. */
  readonly application: string
  /** SFT-2 of the first SFT. */
  readonly softwareVersion: string
  readonly test: boolean
  /** Components of MSH-21. */
  readonly profiles: readonly string[]
}

/**
 * What refused bytes say of themselves, read as what is accepted is read, so that a product has one name (a test: MSH-11 T or D; of what
 * is no HL7 v2, a mark of test). What cannot be read counts as real: nobody is spared a refusal by a header that is broken. Pure. */
export function headOf(head: Uint8Array | null): RefusedHead {
  const bytes = head === null ? Buffer.alloc(0) : Buffer.from(head.buffer, head.byteOffset, head.byteLength)
  // The last line may be cut in the middle of a field.
  const end = Math.max(bytes.lastIndexOf('\r'), bytes.lastIndexOf('\n'))
  const read = readMessage(end < 0 ? bytes : bytes.subarray(0, end + 1))
  if (!read.ok) return brokenHead(bytes.toString('latin1'))
  const { sendingApplication, processingId, profiles } = readHeader(read.message)
  return {
    application: sendingApplication,
    softwareVersion: softwareVersionOf(read.message),
    test: /^[TD]/.test(processingId),
    profiles,
  }
}

/** The same of what is no message: an MSH whose delimiters make no sense, a byte that may not stand in it, other formats. */
function brokenHead(text: string): RefusedHead {
  if (!text.startsWith('MSH')) {
    return { application: '', softwareVersion: '', test: TEST_MARKS.some((mark) => text.includes(mark)), profiles: [] }
  }
  const [line = '', ...others] = text.split(/[\r\n]+/)
  const separator = line.charAt(3)
  const fields = line.split(separator)
  const software = others.slice(0, -1).find((one) => one.startsWith(`SFT${separator}`))
  const [component = '^', repetition = '~'] = fields[1] ?? ''
  return {
    application: fields[2] ?? '',
    softwareVersion: (software?.split(separator)[2] ?? '').replace('""', '').trim(),
    test: /^[TD]/.test(fields[10] ?? ''),
    profiles: (fields[20] ?? '').split(repetition).flatMap((one) => one.split(component).filter((part) => part !== '')),
  }
}
