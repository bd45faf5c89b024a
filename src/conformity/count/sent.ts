import type { Use } from '../../core/config.ts'
import type { Entry, Journal } from '../../core/journal.ts'
import type { MessageId } from '../../core/message.ts'
import type { Days } from '../day.ts'
import { signatureOf } from './signature.ts'
import { Tally } from './tally.ts'

/** Whose mailbox a mail was sent from; others are not in it. */
export type MailSenders = ReadonlyMap<MessageId, string>

/**
 * Counts messages that establishments sent: each once, under what was found in it. A mail is of the establishment whose mailbox
 * sent it, and so is one with documents that the gateway made of an establishment's message. What else the gateway made itself is
 * nobody's. */
export function countSent(entries: readonly Entry[], days: Days, senders: MailSenders = new Map()): Tally {
  const tally = new Tally()
  for (const entry of entries) {
    const { entrance, receivedAtMs, kind, application, test, findings, id, profiles } = entry
    const establishment = entry.establishment ?? senders.get(id) ?? null
    if (establishment === null || (entrance === 'internal' && kind !== DOCUMENT_MAIL)) continue
    const day = days.of(receivedAtMs)
    const signature = signatureOf(findings, profiles)
    const of = { establishment, use: useOf(test), side: 'sent', day, kind, application, signature } as const
    tally.add(of, { message: id, atMs: receivedAtMs })
  }
  return tally
}

/** A mail that carries documents (IHE_XDM.ZIP). */
const DOCUMENT_MAIL = 'MAIL^XDM'

/** Whose mailboxes sent these mails; the store is asked only where there are any. What comes from other operators is nobody's here. */
export async function mailSenders(entries: readonly Entry[], { read }: Pick<Journal, 'read'>): Promise<MailSenders> {
  const mails = entries.filter(({ establishment, kind }) => establishment === null && /^MAIL(\^|$)/.test(kind))
  if (mails.length === 0) return new Map()
  const rows = await read<{ message: string; establishment: string }>({
    sql: `SELECT m.message, s.establishment FROM mail m JOIN mailbox s ON s.address = COALESCE(m.box, m.sender)
      WHERE m.way = 'sent' AND m.message IN (${mails.map(() => '?').join(', ')})`,
    parameters: mails.map(({ id }) => id),
  })
  return new Map(rows.map(({ message, establishment }) => [message, establishment]))
}

/** What a message says of its sender: test and drill traffic never counts for production. Pure. */
export function useOf(test: boolean): Use {
  return test ? 'qualification' : 'production'
}
