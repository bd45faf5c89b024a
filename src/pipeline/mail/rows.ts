import type { Journal, Statement } from '../../core/journal.ts'
import {
  type MailEnvelope,
  type MailFacts,
  type MailRecipient,
  mailboxKey,
  type NotifyOn,
  type OutgoingMail,
} from '../../core/mail.ts'
import type { DeliveryId, MessageId } from '../../core/message.ts'

/** A mail as its row keeps it. */
export interface MailRow {
  readonly message: MessageId
  readonly atMs: number
  readonly way: 'in' | 'sent' | 'own'
  readonly peer: string
  readonly bytes: number
  readonly envelope: MailEnvelope
  readonly facts: Pick<MailFacts, 'kind' | 'messageId' | 'automatic' | 'xMss'>
  readonly trace: Buffer
}

/** Writes a mail. */
export function mailRow({ message, atMs, way, peer, bytes, envelope, facts, trace }: MailRow): Statement {
  const { sender, returns, id, eightBit, utf8 } = envelope
  const { kind, automatic, messageId, xMss } = facts
  return {
    sql: `INSERT INTO mail (message, at_ms, way, kind, peer, sender, ret, envid, eight, utf8, automatic, message_id, bytes,
      x_mss, trace, box) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    parameters: [
      message,
      atMs,
      way,
      kind,
      peer,
      sender,
      returns,
      id,
      eightBit ? 1 : 0,
      utf8 ? 1 : 0,
      automatic ? 1 : 0,
      messageId,
      bytes,
      JSON.stringify(xMss),
      trace.toString('latin1'),
      boxOf(sender),
    ],
  }
}

/** The key of its mailbox, if it were ours; null: the address is that key. */
function boxOf(address: string): string | null {
  const key = mailboxKey(address)
  return address === '' || key === address ? null : key
}

/** Writes a recipient, whose delivery is open. */
export function recipientRow(
  delivery: DeliveryId,
  message: MessageId,
  atMs: number,
  { address, notify, original }: MailRecipient,
): Statement {
  return {
    sql: `INSERT INTO mail_recipient (delivery, message, at_ms, address, notify, original, state, box)
      VALUES (?, ?, ?, ?, ?, ?, 'open', ?)`,
    parameters: [delivery, message, atMs, address, notify.join(), original, boxOf(address)],
  }
}

/** The recipients of deliveries of these messages: none for what is no mail, or whose trace is no longer kept. */
export async function recipientsOf(
  { look }: Pick<Journal, 'look'>,
  messages: readonly MessageId[],
): Promise<ReadonlyMap<DeliveryId, MailRecipient>> {
  const rows = await look<Pick<KeptRecipient, 'delivery' | 'address' | 'notify' | 'original'>>({
    sql: `SELECT delivery, address, notify, original FROM mail_recipient
      WHERE message IN (${messages.map(() => '?').join(', ')})`,
    parameters: [...messages],
  })
  return new Map(
    rows.map(({ delivery, address, notify, original }) => [
      delivery,
      { address, notify: notifyOf({ notify }), original },
    ]),
  )
}

/** A recipient with its mail, as read back. */
export interface KeptRecipient {
  readonly delivery: DeliveryId
  readonly message: MessageId
  readonly address: string
  readonly notify: string
  readonly original: string | null
  readonly state: 'open' | 'delivered' | 'failed'
  readonly told: string | null
  readonly ended_at_ms: number | null
  readonly code: string | null
  readonly answer: string | null
  readonly diagnostic: string | null
  readonly at_ms: number
  /** When this delivery of it was made: later where a person had it sent again. */
  readonly queued_at_ms: number
  readonly sender: string
  readonly ret: 'full' | 'headers' | null
  readonly envid: string | null
  readonly eight: number
  readonly utf8: number
  readonly automatic: number
  readonly message_id: string | null
  readonly trace: string
  readonly kind: string
  /** 1: an attempt ended without an answer behind the last byte, so that a copy may have arrived. */
  readonly unsure: number
}

const RECIPIENT = `SELECT r.delivery, r.message, r.address, r.notify, r.original, r.state, r.told, r.ended_at_ms, r.code,
  r.answer, r.diagnostic, r.at_ms AS queued_at_ms, m.at_ms, m.sender, m.ret, m.envid, m.eight, m.utf8, m.automatic, m.message_id, m.trace, m.kind,
  CASE WHEN EXISTS (SELECT 1 FROM delivery d JOIN attempt a ON a.delivery_seq = d.seq
    WHERE d.id = r.delivery AND a.outcome = 'unknown') THEN 1 ELSE 0 END AS unsure
  FROM mail_recipient r JOIN mail m ON m.message = r.message`

/** Asks for a recipient by its delivery. */
export function recipientOf(delivery: DeliveryId): Statement {
  return { sql: `${RECIPIENT} WHERE r.delivery = ?`, parameters: [delivery] }
}

/** Asks for recipients of mails older than that whose sender knows nothing yet. */
export function lateRecipients(beforeMs: number, limit: number): Statement {
  return {
    sql: `${RECIPIENT} WHERE r.state = 'open' AND r.told IS NULL AND r.at_ms < ? ORDER BY r.at_ms LIMIT ?`,
    parameters: [beforeMs, limit],
  }
}

/** Of what it asked to be told, from its row. */
export function notifyOf({ notify }: Pick<KeptRecipient, 'notify'>): readonly NotifyOn[] {
  return notify === '' ? [] : (notify.split(',') as NotifyOn[])
}

/** The envelope of a delivery, as a sender needs it. */
export function outgoing(row: KeptRecipient): OutgoingMail {
  return {
    envelope: {
      sender: row.sender,
      returns: row.ret,
      id: row.envid,
      eightBit: Number(row.eight) === 1,
      utf8: Number(row.utf8) === 1,
    },
    recipient: { address: row.address, notify: notifyOf(row), original: row.original },
    trace: Buffer.from(row.trace, 'latin1'),
    receivedAtMs: Number(row.at_ms),
  }
}
