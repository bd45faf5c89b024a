import type { ErrorCode } from '../../core/errors.ts'
import { mailboxKey } from '../../core/mail.ts'
import type { OpenedMail, SentRecipient } from '../../core/webmail.ts'
import type { WebmailParts } from './parts.ts'

interface Row {
  readonly address: string
  readonly state: SentRecipient['state']
  readonly code: string | null
  readonly ended_at_ms: number | null
  readonly at_ms: number
}

/** What became of a mail that this mailbox sent, by its Message-ID (with angle brackets); null: it sent none of that id. */
export async function sentOf(
  { journal }: Pick<WebmailParts, 'journal'>,
  address: string,
  messageId: string | null,
): Promise<OpenedMail['sent']> {
  if (messageId === null) return null
  const rows = await journal.look<Row>({
    sql: `SELECT r.address, r.state, r.code, r.ended_at_ms, m.at_ms FROM mail m
      JOIN mail_recipient r ON r.message = m.message
      WHERE m.message_id = ? AND m.way = 'sent' AND COALESCE(m.box, m.sender) = ? ORDER BY r.address LIMIT 200`,
    parameters: [messageId.slice(1, -1), address],
  })
  const [first] = rows
  if (first === undefined) return null
  const receipts = await journal.look<{ recipient: string; at_ms: number }>({
    sql: "SELECT recipient, at_ms FROM mail_receipt WHERE address = ? AND way = 'got' AND message_id = ?",
    parameters: [address, messageId],
  })
  const read = new Map(receipts.map((one) => [one.recipient, Number(one.at_ms)]))
  return {
    atMs: Number(first.at_ms),
    recipients: rows.map((row) => ({
      address: row.address,
      state: row.state,
      code: row.code as ErrorCode | null,
      endedAtMs: row.ended_at_ms === null ? null : Number(row.ended_at_ms),
      readAtMs: read.get(mailboxKey(row.address)) ?? null,
    })),
  }
}

/** When this mailbox told a sender that their mail was read; null: it did not. */
export async function receiptGivenAtMs(
  { journal }: Pick<WebmailParts, 'journal'>,
  address: string,
  messageId: string | null,
): Promise<number | null> {
  if (messageId === null) return null
  const [row] = await journal.look<{ at_ms: number }>({
    sql: "SELECT at_ms FROM mail_receipt WHERE address = ? AND way = 'given' AND message_id = ?",
    parameters: [address, messageId],
  })
  return row === undefined ? null : Number(row.at_ms)
}
