import { hash } from 'node:crypto'
import type { Journal, Statement } from '../../core/journal.ts'
import { domainOf, type MailArrival, type MailOperator, type MailRecipient } from '../../core/mail.ts'
import type { MessageId } from '../../core/message.ts'
import { REPEAT_MS } from '../journal/receipt.ts'

/** Separates the parts of a repeat key. */
const PART = '\x1f'

/** The recipients of a mail, sorted by whether the gateway answers for this very mail to them already. */
export interface Sorted {
  /** Those that a delivery is to be made for. */
  readonly fresh: readonly MailRecipient[]
  /** By which they will be known again; a commit that somebody else was before with is a `mismatch`. */
  readonly rows: readonly Statement[]
  /** The message that answers for the first of the others; null: there are none. */
  readonly known: MessageId | null
}

interface Before {
  readonly repeat_key: string
  readonly message: MessageId
  readonly at_ms: number
}

/** A recipient of an earlier mail. `standing`: of its delivery; null: retention took it. */
interface Earlier {
  readonly message: MessageId
  readonly address: string
  readonly state: string
  readonly told: string | null
  readonly standing: string | null
  readonly last_code: string | null
}

/**
 * Sorts the recipients of a mail (design, Repeats: peer, Message-ID, recipient, hash). One whose failure was told to the
 * sender is new again: the responsibility went back with the report (RFC 5321 §6.1), so that the same mail is a new job. */
export async function sorted(
  arrival: MailArrival,
  operator: MailOperator | undefined,
  nowMs: number,
  journal: Pick<Journal, 'look'>,
): Promise<Sorted> {
  const { id, recipients, staged } = arrival
  if (arrival.facts.messageId === null) return { fresh: recipients, rows: [], known: null }
  const keyed = new Map<string, MailRecipient>()
  for (const one of recipients) {
    const key = keyOf(arrival, one, operator)
    if (!keyed.has(key)) keyed.set(key, one)
  }
  const keys = [...keyed.keys()]
  const before = await journal.look<Before>({
    sql: `SELECT repeat_key, message, at_ms FROM repeat WHERE repeat_key IN (${marks(keys)})`,
    parameters: keys,
  })
  const seen = new Map(before.map((one) => [one.repeat_key, one]))
  const answered = await answeredFor(before, journal)
  const known = keys.flatMap((key) => {
    const one = seen.get(key)
    if (one === undefined || Number(one.at_ms) <= nowMs - REPEAT_MS) return []
    return answered.has(nameOf(one.message, keyed.get(key)!.address)) ? [one] : []
  })
  const old = new Set(known.map(({ repeat_key }) => repeat_key))
  const fresh = keys.filter((key) => !old.has(key))
  return {
    fresh: fresh.map((key) => keyed.get(key)!),
    rows: fresh.map((key) => keptRow(key, staged.sha256, id, nowMs, seen.get(key)?.message ?? '')),
    known: known[0]?.message ?? null,
  }
}

/** Of a length that an index holds, and without an address. At domains of ours letters differ by no case. */
function keyOf(
  { peer, facts, staged, envelope }: MailArrival,
  { address }: MailRecipient,
  operator?: MailOperator,
): string {
  const ours = operator?.domains.has(domainOf(address)) === true
  const parts = [
    senderOf(peer),
    facts.messageId,
    staged.sha256,
    envelope.sender,
    ours ? address.toLowerCase() : address,
  ]
  return ['mail', hash('sha256', parts.join(PART))].join(PART)
}

/** Who brings a mail, for its traces and for knowing it again. */
export function senderOf({ user, subject, address }: MailArrival['peer']): string {
  return user?.id ?? subject ?? address
}

/** Recipients of these messages that the gateway still answers for; whose traces are gone is none of them: better twice than never. */
async function answeredFor(before: readonly Before[], journal: Pick<Journal, 'look'>): Promise<ReadonlySet<string>> {
  if (before.length === 0) return new Set()
  const messages = [...new Set(before.map(({ message }) => message))]
  const rows = await journal.look<Earlier>({
    sql: `SELECT r.message, r.address, r.state, r.told, d.state AS standing, d.last_code FROM mail_recipient r
      LEFT JOIN delivery d ON d.id = r.delivery WHERE r.message IN (${marks(messages)})`,
    parameters: messages,
  })
  return new Set(rows.flatMap((row) => (isReturned(row) ? [] : [nameOf(row.message, row.address)])))
}

/** Did its failure go back to the sender? What a person sent again, or closed, did not. */
function isReturned({ state, told, standing, last_code }: Earlier): boolean {
  if (state !== 'failed') return false
  if (standing === 'closed') return last_code === 'MAIL_REPORTED' || last_code === 'MAIL_UNREPORTED'
  return standing === null || (told === 'failure' && (standing === 'refused' || standing === 'expired'))
}

function nameOf(message: MessageId, address: string): string {
  return `${message} ${address.toLowerCase()}`
}

/** Takes the key from the message that it was seen with; nobody else may have taken it since. */
function keptRow(key: string, sha256: string, message: MessageId, nowMs: number, seen: MessageId): Statement {
  return {
    sql: `INSERT INTO repeat (repeat_key, sha256, message, at_ms) VALUES (?, ?, ?, ?)
      ON CONFLICT (repeat_key) DO UPDATE SET sha256 = excluded.sha256, message = excluded.message, at_ms = excluded.at_ms
      WHERE repeat.message = ?`,
    parameters: [key, sha256, message, nowMs, seen],
    rows: 1,
  }
}

function marks(values: readonly unknown[]): string {
  return values.map(() => '?').join()
}
