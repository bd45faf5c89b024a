import type { Journal, Statement } from '../core/journal.ts'
import { type Mailbox, mailboxKey } from '../core/mail.ts'
import { monthAt } from '../formats/clock/months.ts'

/** A mailbox as its row has it. Numbers may come as text. */
export interface MailboxRow extends Omit<Mailbox, 'redList' | 'createdAtMs' | 'closedAtMs'> {
  readonly red_list: number
  readonly created_at_ms: number
  readonly closed_at_ms: number | null
  readonly version: number
}

/** Columns of `MailboxRow`. */
export const MAILBOX_COLUMNS = `address, kind, name, state, establishment, entity, owner, responsible, service, description,
  red_list, quota, certificate, created_at_ms, closed_at_ms, version`

/** The mailbox of a row. */
export function mailboxOf(row: MailboxRow): Mailbox {
  const { red_list, created_at_ms, closed_at_ms, version: _, ...same } = row
  return {
    ...same,
    redList: Number(red_list) === 1,
    quota: row.quota === null ? null : Number(row.quota),
    createdAtMs: Number(created_at_ms),
    closedAtMs: closed_at_ms === null ? null : Number(closed_at_ms),
  }
}

/** The mailbox of an address, whatever its state; null: there never was one. */
export async function findMailbox({ look }: Pick<Journal, 'look'>, address: string): Promise<Mailbox | null> {
  const [row] = await look<MailboxRow>({
    sql: `SELECT ${MAILBOX_COLUMNS} FROM mailbox WHERE address = ?`,
    parameters: [mailboxKey(address)],
  })
  return row === undefined ? null : mailboxOf(row)
}

/** Mailboxes that a person owns, and those delegated to that person; closed ones are nobody's. `person`: national identifier. */
export async function mailboxesOfPerson({ look }: Pick<Journal, 'look'>, person: string): Promise<readonly Mailbox[]> {
  const rows = await look<MailboxRow>({
    sql: `SELECT ${MAILBOX_COLUMNS} FROM mailbox WHERE state <> 'closed' AND owner = ?
      UNION SELECT ${MAILBOX_COLUMNS} FROM mailbox WHERE state <> 'closed'
        AND address IN (SELECT address FROM mailbox_delegate WHERE person = ?)`,
    parameters: [person, person],
  })
  return rows.map(mailboxOf)
}

/** The active mailbox of the application that shows a certificate of this subject (`DistinguishedName.key`); null: none. */
export async function mailboxOfCertificate(
  { look }: Pick<Journal, 'look'>,
  subjectKey: string,
): Promise<Mailbox | null> {
  const [row] = await look<MailboxRow>({
    sql: `SELECT ${MAILBOX_COLUMNS} FROM mailbox WHERE certificate_key = ? AND state = 'active'`,
    parameters: [subjectKey],
  })
  return row === undefined ? null : mailboxOf(row)
}

/** Notes the use of a mailbox, its last one, and that of the month in the region's time zone. */
export function usedRows(address: string, atMs: number, timeZone: string): readonly Statement[] {
  const key = mailboxKey(address)
  return [
    { sql: 'UPDATE mailbox SET used_at_ms = ? WHERE address = ?', parameters: [atMs, key] },
    {
      sql: `INSERT INTO mailbox_use (month, address, at_ms) VALUES (?, ?, ?)
        ON CONFLICT (month, address) DO UPDATE SET at_ms = excluded.at_ms WHERE excluded.at_ms > mailbox_use.at_ms`,
      parameters: [monthAt(atMs, timeZone), key, atMs],
    },
  ]
}
