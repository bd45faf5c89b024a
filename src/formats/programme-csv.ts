/** Enrolments in programmes as CSV: what is written may be read again. Pure. */
import type { Enrolment, EnrolmentFault, NewEnrolment, ProgrammeLineProblem } from '../core/programme-commands.ts'
import { SOURCE_LENGTH } from '../core/programme-commands.ts'
import { ENROLMENT_STATES, type EnrolmentState, type PaymentPart } from '../core/programmes.ts'
import { type CsvValue, csv } from './csv.ts'
import { csvRecords, unguardedCell } from './csv-read.ts'
import { centsOf, eurosText } from './money.ts'

/** Columns that are read, in the order in which they are written. */
export const ENROLMENT_COLUMNS = [
  ...(['programme', 'finess', 'name', 'kind', 'department', 'bodyFiness', 'bodyName', 'bodyCount'] as const),
  ...(['domains', 'project', 'depositedOn', 'state', 'amount', 'paidAdvance', 'paidStartUp', 'paidUse'] as const),
  ...(['source', 'invented', 'confirm'] as const),
]
/** One of them. */
export type EnrolmentColumn = (typeof ENROLMENT_COLUMNS)[number]
/** Written, and passed over when they come back. */
const ONLY_WRITTEN = ['establishment', 'track'] as const
/** Stands for bytes that are no UTF-8: a spreadsheet may write another set of characters. */
const UNREADABLE = '\ufffd'
const NEEDED: readonly EnrolmentColumn[] = ['finess', 'domains']

/** Lines of enrolments in one file. */
export const MOST_LINES = 1_000
/** Longest file (bytes). */
export const MOST_FILE_BYTES = 1024 ** 2

/** A line that could be read: an enrolment, and how far it has come. */
export interface EnrolmentLine extends Omit<NewEnrolment, 'programme'> {
  readonly line: number
  /** Null: it is not told. */
  readonly programme: string | null
  readonly state: EnrolmentState
  readonly paid: Readonly<Record<PaymentPart, number>>
}

/** A file of these enrolments. */
export function enrolmentsCsv(enrolments: readonly Enrolment[]): string {
  return csv([[...ENROLMENT_COLUMNS, ...ONLY_WRITTEN], ...enrolments.map(row)])
}

function row(one: Enrolment): CsvValue[] {
  const euros = (cents: number): string => (cents === 0 ? '' : eurosText(cents))
  const { body, paid } = one
  return [
    ...[one.programme, one.finess, one.name, one.kind, one.department, body.finess, body.name, body.count],
    ...[one.domains.join(' '), one.project, one.depositedOn, one.state, one.cents === null ? null : euros(one.cents)],
    ...[euros(paid.advance), euros(paid['start-up']), euros(paid.use)],
    ...[one.source, one.invented ? 1 : 0, one.confirm ? 1 : 0, one.establishment, one.track],
  ]
}

/** What a file says of each enrolment, and every line that says nothing that could be one. */
export function readEnrolments(text: string): {
  readonly lines: readonly EnrolmentLine[]
  readonly problems: readonly ProgrammeLineProblem[]
} {
  const bad = (line: number) => ({ lines: [], problems: [{ line, field: 'file', fault: 'file' }] }) as const
  const [header, ...records] = csvRecords(text)
  if (header === undefined) return bad(1)
  const names = header.cells.map((name) => name.trim())
  const known: readonly string[] = [...ENROLMENT_COLUMNS, ...ONLY_WRITTEN]
  const isWhole = NEEDED.every((name) => names.includes(name)) && new Set(names).size === names.length
  if (!isWhole || names.some((name) => !known.includes(name))) return bad(header.line)
  if (records.length === 0 || records.length > MOST_LINES) return bad(header.line)
  const lines: EnrolmentLine[] = []
  const problems: ProgrammeLineProblem[] = []
  for (const { line, cells } of records) {
    const garbled = cells.findIndex((cell) => cell.includes(UNREADABLE))
    if (cells.length > names.length) problems.push({ line, field: 'file', fault: 'file' })
    else if (garbled >= 0) problems.push({ line, field: names[garbled] ?? 'file', fault: 'encoding' })
    else {
      const told = (column: EnrolmentColumn): string | null => unguardedCell(cells[names.indexOf(column)] ?? '')
      const read = lineOf(line, told)
      problems.push(...read.problems)
      lines.push(read.one)
    }
  }
  return { lines, problems }
}

function lineOf(line: number, told: (column: EnrolmentColumn) => string | null) {
  const problems: ProgrammeLineProblem[] = []
  const wrong = (field: EnrolmentColumn, fault: EnrolmentFault): null => {
    problems.push({ line, field, fault })
    return null
  }
  const money = (column: EnrolmentColumn): number | null => {
    const text = told(column)
    return text === null ? null : (centsOf(text) ?? wrong(column, 'amount'))
  }
  const flag = (column: EnrolmentColumn): boolean => {
    const text = told(column)
    if (text === null || /^(0|no|non|false|faux)$/i.test(text)) return false
    return /^(1|yes|oui|true|vrai)$/i.test(text) || (wrong(column, 'flag') ?? false)
  }
  const count = told('bodyCount')
  const state = told('state') ?? 'candidate'
  const source = told('source') ?? ''
  const one: EnrolmentLine = {
    ...{ line, programme: told('programme'), finess: told('finess') ?? '', name: told('name'), kind: told('kind') },
    department: told('department'),
    body: {
      finess: told('bodyFiness'),
      name: told('bodyName'),
      count: count === null ? null : /^[1-9]\d{0,4}$/.test(count) ? Number(count) : wrong('bodyCount', 'body-count'),
    },
    domains: (told('domains') ?? '').split(/[\s|,]+/).filter((id) => id !== ''),
    project: told('project'),
    depositedOn: told('depositedOn'),
    state: ENROLMENT_STATES.find((word) => word === state) ?? wrong('state', 'state') ?? 'candidate',
    cents: money('amount'),
    paid: { advance: money('paidAdvance') ?? 0, 'start-up': money('paidStartUp') ?? 0, use: money('paidUse') ?? 0 },
    source: source.length > SOURCE_LENGTH ? (wrong('source', 'source') ?? '') : source,
    ...{ invented: flag('invented'), confirm: flag('confirm') },
  }
  return { one, problems }
}
