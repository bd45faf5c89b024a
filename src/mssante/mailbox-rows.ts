import type { Journal, SqlValue, Statement } from '../core/journal.ts'
import { type Mailbox, mailboxKey } from '../core/mail.ts'
import type { MailboxChange } from '../core/mailboxes.ts'
import type { JudgedMailbox } from './mailbox-rules.ts'
import { MAILBOX_COLUMNS, type MailboxRow, mailboxOf } from './mailboxes.ts'

/** A mailbox with the version that its next change is made from. */
export interface KeptMailbox {
  readonly mailbox: Mailbox
  readonly version: number
}

/** A mailbox as it is kept, whatever its state; null: there never was one. */
export async function keptMailbox({ look }: Pick<Journal, 'look'>, address: string): Promise<KeptMailbox | null> {
  const [row] = await look<MailboxRow>({
    sql: `SELECT ${MAILBOX_COLUMNS} FROM mailbox WHERE address = ?`,
    parameters: [mailboxKey(address)],
  })
  return row === undefined ? null : { mailbox: mailboxOf(row), version: Number(row.version) }
}

/** Puts a new mailbox; no row when its address was ever given, or its certificate signs another one in. */
export function newRow(box: JudgedMailbox, atMs: number): Statement {
  const values: readonly SqlValue[] = [
    ...[box.address, box.domain, box.kind, box.name, 'active', box.establishment, box.entity, box.owner],
    ...[box.responsible, box.service, box.description, box.redList ? 1 : 0, box.quota],
    ...[box.certificate, box.certificateKey, atMs],
  ]
  return {
    sql: `INSERT INTO mailbox (address, domain, kind, name, state, establishment, entity, owner, responsible, service,
        description, red_list, quota, certificate, certificate_key, created_at_ms, version)
      VALUES (${values.map(() => '?').join()}, 1) ON CONFLICT DO NOTHING`,
    parameters: values,
    rows: 1,
  }
}

/** Columns of what may change. */
const COLUMN: Readonly<Record<keyof MailboxChange, string>> = {
  name: 'name',
  redList: 'red_list',
  quota: 'quota',
  description: 'description',
  service: 'service',
  responsible: 'responsible',
  owner: 'owner',
  certificate: 'certificate',
}

/** Writes a change over the version that it was made from; no row when others crossed it, or the certificate is taken. */
export function changeRow(
  address: string,
  from: number,
  change: MailboxChange,
  certificateKey: string | null | undefined,
  atMs: number,
): Statement {
  const pairs: [column: string, value: SqlValue][] = Object.entries(change).map(([field, value]) => [
    COLUMN[field as keyof MailboxChange],
    typeof value === 'boolean' ? Number(value) : (value ?? null),
  ])
  if (certificateKey !== undefined) pairs.push(['certificate_key', certificateKey])
  const free =
    typeof certificateKey === 'string'
      ? " AND NOT EXISTS (SELECT 1 FROM mailbox AS other WHERE other.certificate_key = ? AND other.state <> 'closed' AND other.address <> ?)"
      : ''
  return {
    sql: `UPDATE mailbox SET version = version + 1, changed_at_ms = ?${pairs.map(([column]) => `, ${column} = ?`).join('')}
      WHERE address = ? AND version = ? AND state <> 'closed'${free}`,
    parameters: [
      atMs,
      ...pairs.map(([, value]) => value),
      address,
      from,
      ...(typeof certificateKey === 'string' ? [certificateKey, address] : []),
    ],
    rows: 1,
  }
}

/** Moves it to another state, over the version that this was decided from. */
export function stateRow(address: string, from: number, state: Mailbox['state'], atMs: number): Statement {
  return {
    sql: `UPDATE mailbox SET version = version + 1, state = ?, closed_at_ms = ?, changed_at_ms = ?
      WHERE address = ? AND version = ?`,
    parameters: [state, state === 'closed' ? atMs : null, atMs, address, from],
    rows: 1,
  }
}

/** Keeps since when, and until when, a mailbox is suspended. */
export function suspensionRow(address: string, state: Mailbox['state'], atMs: number): Statement {
  return state === 'suspended'
    ? {
        sql: 'INSERT INTO mailbox_suspension (address, from_ms) VALUES (?, ?) ON CONFLICT (address, from_ms) DO UPDATE SET until_ms = NULL',
        parameters: [address, atMs],
      }
    : {
        sql: 'UPDATE mailbox_suspension SET until_ms = ? WHERE address = ? AND until_ms IS NULL',
        parameters: [atMs, address],
      }
}

/** Nobody reads a closed mailbox any more. */
export function noDelegates(address: string): Statement {
  return { sql: 'DELETE FROM mailbox_delegate WHERE address = ?', parameters: [address] }
}

/** One more, or one less, who may read it and send as it; no row when that is so already. */
export function delegateRow(address: string, person: string, sinceMs: number | null): Statement {
  return sinceMs === null
    ? { sql: 'DELETE FROM mailbox_delegate WHERE address = ? AND person = ?', parameters: [address, person], rows: 1 }
    : {
        sql: 'INSERT INTO mailbox_delegate (address, person, since_ms) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
        parameters: [address, person, sinceMs],
        rows: 1,
      }
}

/** Addresses among these that were ever given. */
export async function givenAmong({ look }: Pick<Journal, 'look'>, addresses: readonly string[]): Promise<Set<string>> {
  return await among(look, 'SELECT address AS value FROM mailbox WHERE address IN', '', addresses)
}

/** Keys among these by which a mailbox is signed in. */
export async function certificatesAmong(
  { look }: Pick<Journal, 'look'>,
  keys: readonly string[],
): Promise<Set<string>> {
  return await among(
    look,
    'SELECT certificate_key AS value FROM mailbox WHERE certificate_key IN',
    " AND state <> 'closed'",
    keys,
  )
}

/** Values bound in one statement. */
const BOUND = 400

async function among(
  look: Journal['look'],
  head: string,
  tail: string,
  values: readonly string[],
): Promise<Set<string>> {
  const found = new Set<string>()
  for (let at = 0; at < values.length; at += BOUND) {
    const part = values.slice(at, at + BOUND)
    const rows = await look<{ value: string }>({
      sql: `${head} (${part.map(() => '?').join()})${tail}`,
      parameters: part,
    })
    for (const { value } of rows) found.add(value)
  }
  return found
}
