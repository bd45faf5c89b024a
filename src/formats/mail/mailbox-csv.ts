/** Mailboxes as CSV: UTF-8, `;` as French spreadsheets write it, or `,`; values in double quotes where they must be (RFC 4180). Pure. */
import type { MailboxKind } from '../../core/mail.ts'
import { MAILBOX_KINDS, type MailboxLine, type MailboxLineProblem, type NewMailbox } from '../../core/mailboxes.ts'
import { SIZE_PATTERN, sizeBytes } from '../../core/units.ts'
import { csvRecords, unguardedCell } from '../csv-read.ts'

const BOM = '\ufeff'
/** Columns that are read, in the order in which they are written. */
const READ = [
  ...(['address', 'kind', 'name', 'establishment', 'entity', 'owner', 'responsible', 'service'] as const),
  ...(['description', 'redList', 'quota', 'certificate'] as const),
]
/** Written, and passed over when they come back. */
const ONLY_WRITTEN = ['state', 'createdAt', 'closedAt', 'usedAt'] as const
/** Lines of mailboxes in one file. */
export const MOST_LINES = 1_000

/** A mailbox of a file, with its line (from 1, the header). */
export interface CsvMailbox {
  readonly line: number
  readonly box: NewMailbox
}

/** The header line. */
export const CSV_HEADER: string = `${BOM}${[...READ, ...ONLY_WRITTEN].join(';')}\r\n`

/** The line of a mailbox. */
export function mailboxCsv(box: MailboxLine): string {
  const cells = [
    ...[box.address, box.kind, box.name, box.establishment, box.entity, box.owner, box.responsible, box.service],
    ...[box.description, box.redList ? '1' : '0', box.quota === null ? null : String(box.quota), box.certificate],
    ...[box.state, time(box.createdAtMs), time(box.closedAtMs), time(box.usedAtMs)],
  ]
  return `${cells.map(csvCell).join(';')}\r\n`
}

/** Reads a file: what it says of each mailbox, and every line that says nothing that could be one. */
export function readMailboxCsv(text: string): {
  readonly boxes: readonly CsvMailbox[]
  readonly problems: readonly MailboxLineProblem[]
} {
  const bad = (line: number) => ({ boxes: [], problems: [{ line, field: 'file', code: 'MAILBOX_FILE' }] }) as const
  const records = csvRecords(text)
  const [header, ...lines] = records
  if (header === undefined) return bad(1)
  const names = header.cells.map((name) => name.trim())
  const known: readonly string[] = [...READ, ...ONLY_WRITTEN]
  const needed = ['address', 'kind', 'name'].every((name) => names.includes(name))
  if (!needed || names.some((name) => !known.includes(name)) || new Set(names).size < names.length) return bad(1)
  if (lines.length === 0 || lines.length > MOST_LINES) return bad(header.line)
  const boxes: CsvMailbox[] = []
  const problems: MailboxLineProblem[] = []
  for (const { line, cells } of lines) {
    if (cells.length > names.length) {
      problems.push({ line, field: 'file', code: 'MAILBOX_FILE' })
      continue
    }
    const value = (name: (typeof READ)[number]): string | null => unguardedCell(cells[names.indexOf(name)] ?? '')
    const [kind, redList, quota] = [kindOf(value('kind')), flagOf(value('redList')), quotaOf(value('quota'))]
    if (kind === null) problems.push({ line, field: 'kind', code: 'MAILBOX_FIELD' })
    if (redList === null) problems.push({ line, field: 'redList', code: 'MAILBOX_FIELD' })
    if (Number.isNaN(quota)) problems.push({ line, field: 'quota', code: 'MAILBOX_FIELD' })
    const texts = {
      ...{ address: value('address') ?? '', name: value('name') ?? '', establishment: value('establishment') },
      ...{ entity: value('entity'), owner: value('owner'), responsible: value('responsible') },
      ...{ service: value('service'), description: value('description'), certificate: value('certificate') },
    }
    // What else is wrong with the line is told too, whatever its kind.
    const flags = { redList: redList ?? false, quota: Number.isNaN(quota) ? null : quota }
    if (kind !== null) boxes.push({ line, box: { ...texts, kind, ...flags } })
  }
  return { boxes, problems }
}

function kindOf(text: string | null): MailboxKind | null {
  return MAILBOX_KINDS.find((one) => one === text?.toUpperCase()) ?? null
}

/** Null: neither yes nor no. */
function flagOf(text: string | null): boolean | null {
  if (text === null || /^(0|no|non|false|faux)$/i.test(text)) return false
  return /^(1|yes|oui|true|vrai)$/i.test(text) ? true : null
}

/** NaN: no size. */
function quotaOf(text: string | null): number | null {
  if (text === null) return null
  if (/^\d{1,15}$/.test(text)) return Number(text)
  return new RegExp(SIZE_PATTERN).test(text) ? sizeBytes(text) : Number.NaN
}

const time = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString())

/** A value as a cell: what a spreadsheet would take for a formula is made text. */
export function csvCell(value: string | null): string {
  const safe = value !== null && /^[=+\-@\t\r]/.test(value) ? `'${value}` : (value ?? '')
  return /[",;\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
