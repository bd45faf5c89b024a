import { type Reach, reaches } from '../core/caller.ts'
import type { Config } from '../core/config.ts'
import type { Journal, SqlValue } from '../core/journal.ts'
import { mailboxKey } from '../core/mail.ts'
import type { MailboxFilter, MailboxLine, MailboxViews } from '../core/mailboxes.ts'
import { CSV_HEADER, mailboxCsv } from '../formats/mail/mailbox-csv.ts'
import { MAILBOX_COLUMNS, type MailboxRow, mailboxOf } from './mailboxes.ts'

/** Mailboxes that are read at once for a file. */
const PIECE = 500

interface LineRow extends MailboxRow {
  readonly used_at_ms: number | null
}

const COLUMNS = `${MAILBOX_COLUMNS}, used_at_ms`

function lineOf({ used_at_ms, ...row }: LineRow): MailboxLine {
  return { ...mailboxOf(row), usedAtMs: used_at_ms === null ? null : Number(used_at_ms) }
}

/** Reads the mailboxes of a journal. */
export function mailboxViews({
  journal: { look, read },
  config,
}: {
  readonly journal: Pick<Journal, 'look' | 'read'>
  readonly config: () => Pick<Config, 'mail'>
}): MailboxViews {
  const list: MailboxViews['list'] = async (filter, { limit, after }, reach) => {
    const [where, parameters] = conditionsOf(filter, reach, after)
    const rows = await read<LineRow>({
      sql: `SELECT ${COLUMNS} FROM mailbox WHERE ${where.join(' AND ')} ORDER BY address LIMIT ?`,
      parameters: [...parameters, limit + 1],
    })
    const mailboxes = rows.slice(0, limit).map(lineOf)
    return { mailboxes, next: rows.length > limit ? (mailboxes.at(-1)?.address ?? null) : null }
  }
  return {
    get open() {
      return config().mail?.operator !== undefined
    },
    domains(reach) {
      const all = [...(config().mail?.operator?.domains.values() ?? [])]
      return all
        .filter(({ establishment }) => reaches(reach, establishment))
        .map(({ name, establishment }) => ({ name, establishment }))
        .sort((a, b) => (a.name < b.name ? -1 : 1))
    },
    list,
    async one(address, reach) {
      const key = mailboxKey(address)
      const [row] = await look<LineRow>({ sql: `SELECT ${COLUMNS} FROM mailbox WHERE address = ?`, parameters: [key] })
      if (row === undefined || !reaches(reach, row.establishment)) return null
      const delegates = await look<{ person: string; since_ms: number }>({
        sql: 'SELECT person, since_ms FROM mailbox_delegate WHERE address = ? ORDER BY since_ms, person',
        parameters: [key],
      })
      return {
        mailbox: lineOf(row),
        delegates: delegates.map(({ person, since_ms }) => ({ person, sinceMs: Number(since_ms) })),
      }
    },
    async *csv(filter, reach) {
      yield CSV_HEADER
      let after: string | null = ''
      while (after !== null) {
        const page: Awaited<ReturnType<MailboxViews['list']>> = await list(filter, { limit: PIECE, after }, reach)
        yield page.mailboxes.map(mailboxCsv).join('')
        after = page.next
      }
    },
  }
}

function conditionsOf(
  { domain, establishment, kind, state, q }: MailboxFilter,
  reach: Reach | null,
  after: string | undefined,
): [where: string[], parameters: SqlValue[]] {
  const where = ['address > ?']
  const parameters: SqlValue[] = [after ?? '']
  const equal = { domain, establishment, kind, state }
  for (const [column, value] of Object.entries(equal)) {
    if (value === undefined) continue
    where.push(`${column} = ?`)
    parameters.push(value)
  }
  const own = reach?.establishments ?? null
  if (own !== null) {
    where.push(own.length === 0 ? '1 = 0' : `establishment IN (${own.map(() => '?').join()})`)
    parameters.push(...own)
  }
  for (const word of (q ?? '').trim().split(/\s+/).filter(Boolean).slice(0, 8)) {
    const columns = ['address', 'name', 'service', 'description', 'owner']
    where.push(`(${columns.map((column) => `LOWER(${column}) LIKE ? ESCAPE '!'`).join(' OR ')})`)
    parameters.push(...columns.map(() => patternOf(word)))
  }
  return [where, parameters]
}

/** Anywhere in the text, whatever its case. The stores lower other letters than ASCII's each in their way: any one fits. */
function patternOf(word: string): string {
  return `%${word
    .toLowerCase()
    .replace(/[!%_]/g, '!$&')
    .replace(/[^\x20-\x7e]/gu, '_')}%`
}
