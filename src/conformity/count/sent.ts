import type { Use } from '../../core/config.ts'
import type { Entry, Journal } from '../../core/journal.ts'
import type { MessageId } from '../../core/message.ts'
import type { Days } from '../day.ts'
import { Examples, type KnownExamples } from './examples.ts'
import { readSignature, signatureOf } from './signature.ts'
import { Tally } from './tally.ts'

/** Whose mailbox a mail was sent from; others are not in it. */
export type MailSenders = ReadonlyMap<MessageId, string>

/** What was sent: counted, and shown by examples. */
export interface Sent {
  readonly tally: Tally
  readonly examples: Examples
}

/**
 * Counts messages that establishments sent: each once, under what was found in it. A mail is of the establishment whose mailbox
 * sent it, and so is one with documents that the gateway made of an establishment's message. What else the gateway made itself is
 * nobody's. */
export function countSent(
  entries: readonly Entry[],
  days: Days,
  known: KnownExamples | null,
  senders: MailSenders = new Map(),
): Sent {
  const tally = new Tally()
  const examples = new Examples(known)
  for (const entry of entries) {
    const { entrance, receivedAtMs, kind, application, test, findings, id, profiles, softwareVersion } = entry
    const establishment = entry.establishment ?? senders.get(id) ?? null
    if (establishment === null || (entrance === 'internal' && kind !== DOCUMENT_MAIL)) continue
    const use = useOf(test)
    const signature = signatureOf(findings, profiles, softwareVersion)
    tally.add({ establishment, use, side: 'sent', day: days.of(receivedAtMs), kind, application, signature })
    if (findings.length === 0) continue
    examples.add({ establishment, use, kind, message: id, atMs: receivedAtMs }, readSignature(signature).names)
  }
  return { tally, examples }
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
