import type { CodeCounts, MailMonth, MonthColumn, NamedColumn } from '../../core/mail-indicators.ts'
import { type CsvValue, csv } from '../csv.ts'

/** The file of months: a line for each month, domain, establishment and kind. Pure. */
export function monthsCsv(months: readonly MailMonth[], columns: readonly NamedColumn[]): string {
  return csv([
    columns.map(({ name }) => name),
    ...months.map((month) => columns.map(({ column }) => VALUES[column](month))),
  ])
}

const VALUES: Readonly<Record<MonthColumn, (month: MailMonth) => CsvValue>> = {
  month: ({ month }) => month,
  domain: ({ domain }) => domain,
  establishment: ({ establishment }) => establishment,
  type: ({ kind }) => kind,
  final: ({ final }) => (final ? 1 : 0),
  boxes: ({ boxes }) => boxes,
  suspended: ({ suspended }) => suspended,
  created: ({ created }) => created,
  closed: ({ closed }) => closed,
  used: ({ used }) => used,
  lastUse: ({ lastUseMs }) => (lastUseMs === null ? null : new Date(lastUseMs).toISOString()),
  received: ({ received }) => received,
  receivedRecipients: ({ receivedRecipients }) => receivedRecipients,
  receivedBytes: ({ receivedBytes }) => receivedBytes,
  sent: ({ sent }) => sent,
  relayed: ({ relayed }) => relayed,
  sentRecipients: ({ sentRecipients }) => sentRecipients,
  sentBytes: ({ sentBytes }) => sentBytes,
  failed: ({ failed }) => totalOf(failed),
  failedCodes: ({ failed }) => codesText(failed),
  refused: ({ refused }) => totalOf(refused),
  refusedCodes: ({ refused }) => codesText(refused),
  receivedCodeCda: ({ receivedXMss }) => codesText(receivedXMss.codeCda),
  receivedIns: ({ receivedXMss }) => codesText(receivedXMss.ins),
  receivedNil: ({ receivedXMss }) => codesText(receivedXMss.nil),
  receivedMes: ({ receivedXMss }) => codesText(receivedXMss.mes),
  sentCodeCda: ({ sentXMss }) => codesText(sentXMss.codeCda),
  sentIns: ({ sentXMss }) => codesText(sentXMss.ins),
  sentNil: ({ sentXMss }) => codesText(sentXMss.nil),
  sentMes: ({ sentXMss }) => codesText(sentXMss.mes),
}

/** How many of all codes. */
export function totalOf(counts: CodeCounts): number {
  return Object.values(counts).reduce((sum, n) => sum + n, 0)
}

/** Codes with how often each was seen: `N=1 O=3`. */
export function codesText(counts: CodeCounts): string {
  return Object.entries(counts)
    .map(([code, n]) => `${code}=${n}`)
    .join(' ')
}
