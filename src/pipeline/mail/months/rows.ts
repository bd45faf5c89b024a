import type { Reach } from '../../../core/caller.ts'
import type { SqlValue, Statement } from '../../../core/journal.ts'
import type { MailFigures, MailGroup, MailMonthFilter } from '../../../core/mail-indicators.ts'
import type { MonthSpan } from '../../../formats/clock/months.ts'
import type { GroupRow } from './figures.ts'

/** Writes a month that is over, with its figures: refused as a whole when it was counted before. */
export function monthRows(
  { month, untilMs }: MonthSpan,
  counted: readonly (MailGroup & MailFigures)[],
  nowMs: number,
): readonly Statement[] {
  return [
    {
      sql: 'INSERT INTO mail_month (month, until_ms, counted_at_ms) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
      parameters: [month, untilMs, nowMs],
      rows: 1,
    },
    ...counted.map(({ domain, establishment, kind, refused: _, ...figures }) => ({
      sql: 'INSERT INTO mail_month_figures (month, domain, establishment, kind, figures) VALUES (?, ?, ?, ?, ?)',
      parameters: [month, domain, establishment, kind, JSON.stringify(figures)],
      rows: 1,
    })),
    { sql: 'DELETE FROM mailbox_use WHERE month = ?', parameters: [month] },
  ]
}

/** Asks for the month that was counted last. */
export const LAST_MONTH: Statement = { sql: 'SELECT MAX(month) AS month FROM mail_month', parameters: [] }
/** Asks when the first mail came that a trace is kept of, and when the first mailbox was made. */
export const FIRST_OF_ALL: Statement = {
  sql: 'SELECT (SELECT MIN(at_ms) FROM mail) AS mail, (SELECT MIN(created_at_ms) FROM mailbox) AS box',
  parameters: [],
}

/** Asks for the months of a span that were counted. */
export function countedMonths({ from, to }: MailMonthFilter): Statement {
  return { sql: 'SELECT month FROM mail_month WHERE month >= ? AND month <= ?', parameters: [from, to] }
}

/** Figures of a month that is over. */
export interface FiguresRow extends GroupRow {
  readonly month: string
  readonly figures: string
}

/** Asks for the figures of months that are over. */
export function keptFigures(filter: MailMonthFilter, reach: Reach | null): Statement {
  return ask('SELECT month, domain, establishment, kind, figures FROM mail_month_figures', filter, reach)
}

/** How often a code was said at a door. */
export interface RefusalRow extends GroupRow {
  readonly month: string
  readonly code: string
  readonly n: number
}

/** Asks for what the doors refused. */
export function keptRefusals(filter: MailMonthFilter, reach: Reach | null): Statement {
  return ask('SELECT month, domain, establishment, kind, code, n FROM mail_refusal', filter, reach)
}

function ask(sql: string, filter: MailMonthFilter, reach: Reach | null): Statement {
  const where = ['month >= ?', 'month <= ?']
  const parameters: SqlValue[] = [filter.from, filter.to]
  const { domain, establishment, kind } = filter
  for (const [column, value] of Object.entries({ domain, establishment, kind })) {
    if (value === undefined) continue
    where.push(`${column} = ?`)
    parameters.push(value)
  }
  const own = reach?.establishments ?? null
  if (own !== null) {
    where.push(own.length === 0 ? '1 = 0' : `establishment IN (${own.map(() => '?').join()})`)
    parameters.push(...own)
  }
  return { sql: `${sql} WHERE ${where.join(' AND ')}`, parameters }
}
