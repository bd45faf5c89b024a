import { createHash } from 'node:crypto'
import type { Statement } from '../../core/journal.ts'
import type { MailFile, MailFolder, MailItem } from '../../core/webmail.ts'
import { type ItemFacts, searchable } from '../../formats/mail/item.ts'

/** An item as its row has it. */
export interface ItemRow {
  readonly id: string
  readonly folder: MailFolder
  readonly name: string
  readonly flags: string
  readonly fresh: number
  readonly at_ms: number
  readonly size: number
  readonly kind: MailItem['kind']
  readonly sender: string
  readonly recipients: string
  readonly subject: string
  readonly attachments: number
  readonly message_id: string | null
  readonly receipt_asked: number
}

/** Columns of `ItemRow`. */
export const ITEM_COLUMNS = `id, folder, name, flags, fresh, at_ms, size, kind, sender, recipients, subject, attachments,
  message_id, receipt_asked`

/** The item of a row. */
export function itemOf(row: ItemRow): MailItem {
  return {
    id: row.id,
    folder: row.folder,
    atMs: Number(row.at_ms),
    from: row.sender,
    to: row.recipients,
    subject: row.subject,
    size: Number(row.size),
    seen: row.flags.includes('S'),
    answered: row.flags.includes('R'),
    attachments: Number(row.attachments) === 1,
    receiptAsked: Number(row.receipt_asked) === 1,
    kind: row.kind,
  }
}

/** What an item is called in addresses: of this file in this folder. */
export function itemId(folder: MailFolder, name: string): string {
  return createHash('sha256').update(`${folder}/${name}`).digest('hex').slice(0, 32)
}

/** Writes an item; what was known of the file is written anew. */
export function itemRow(
  address: string,
  folder: MailFolder,
  { name, flags, fresh }: MailFile,
  { facts, atMs, size }: { readonly facts: ItemFacts; readonly atMs: number; readonly size: number },
): Statement {
  const words = searchable(`${facts.from} ${facts.to} ${facts.subject}`)
  return {
    sql: `INSERT INTO mail_item (address, id, folder, name, flags, fresh, seen, at_ms, size, kind, sender, recipients,
        subject, words, attachments, message_id, in_reply_to, receipt_asked)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT (address, id) DO UPDATE SET flags = excluded.flags, fresh = excluded.fresh, seen = excluded.seen`,
    parameters: [
      ...[address, itemId(folder, name), folder, name, flags, Number(fresh), Number(flags.includes('S')), atMs, size],
      ...[facts.kind, facts.from, facts.to, facts.subject, words, Number(facts.attachments)],
      ...[facts.messageId, facts.inReplyTo, Number(facts.receiptAsked)],
    ],
  }
}

/** Notes other flags. */
export function flagsRow(address: string, folder: MailFolder, { name, flags, fresh }: MailFile): Statement {
  return {
    sql: 'UPDATE mail_item SET flags = ?, fresh = ?, seen = ? WHERE address = ? AND id = ?',
    parameters: [flags, Number(fresh), Number(flags.includes('S')), address, itemId(folder, name)],
  }
}

/** Forgets an item. */
export function goneRow(address: string, id: string): Statement {
  return { sql: 'DELETE FROM mail_item WHERE address = ? AND id = ?', parameters: [address, id] }
}

/** Keeps that a mail was read, once for each recipient. */
export function receiptRow(
  address: string,
  way: 'given' | 'got',
  messageId: string,
  recipient: string,
  atMs: number,
): Statement {
  return {
    sql: `INSERT INTO mail_receipt (address, way, message_id, recipient, at_ms) VALUES (?, ?, ?, ?, ?)
      ON CONFLICT DO NOTHING`,
    parameters: [address, way, messageId, recipient, atMs],
  }
}
