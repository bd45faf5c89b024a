import { type DocumentTimer, documentTimer } from '../../core/documents.ts'
import type { ErrorCode } from '../../core/errors.ts'
import type { Effect, Intake, Statement } from '../../core/journal.ts'
import { domainOf, type MailRecipient, mostBytes } from '../../core/mail.ts'
import { oidOfUuid } from '../../formats/bridge/documents.ts'
import { stableId } from '../../formats/bridge/stable-id.ts'
import type { DocumentRecipient, DocumentToSend, Intent } from '../../formats/documents/document.ts'
import { mayGo, mayGoToDmp } from '../../formats/documents/may-go.ts'
import { everyone } from '../../formats/documents/recipients.ts'
import { documentMail } from '../../formats/documents/to-mail.ts'
import { dmpError, stayError, type ZamOriginal } from '../../formats/documents/zam.ts'
import { keptAddress } from '../../formats/mail/address.ts'
import { writeMail } from '../../formats/mail/compose.ts'
import { acknowledgement } from './acknowledgement.ts'
import { type DocumentParts, mailingOf, noted, type Of } from './parts.ts'
import { originalOf, readSendings } from './sendings.ts'

type Leg = Extract<DocumentTimer, { readonly what: 'leg' }>

/** A mail that is not sent. `leg`: its place in the message. */
interface Stay {
  readonly code: ErrorCode
  readonly removal: boolean
  readonly recipient: DocumentRecipient | null
  readonly leg: string
}

/**
 * What of a message goes by mail: a timer for each mail, an acknowledgement that says no for each that stays, and the message
 * itself to the destination of the national record where it says so. `fault`: why no mail can be made at all. */
export async function sendingsOf(of: Of, parts: DocumentParts, fault: ErrorCode | null = null): Promise<Effect> {
  const { clock, ids, config, settings } = parts
  const { id, establishment, test } = of
  const mailing = mailingOf(config(), establishment)
  if (mailing === null) return {}
  const { original, sendings, unread, codes } = await readSendings(of, parts)
  const rules = fault === null ? await settings() : null
  const nowMs = clock.nowMs()
  const timers: DocumentTimer[] = []
  const stays: Stay[] = []
  for (const [n, sending] of sendings.entries()) {
    const legs = everyLeg(sending.intent, everyone(sending), fault ?? 'DOCUMENT_RECIPIENT_NONE', String(n))
    for (const [i, stay] of legs.entries()) {
      const verdict = rules === null || stay.recipient === null ? stay : mayGo(sending, stay.recipient, rules)
      const code = 'go' in verdict && verdict.go ? unlisted(stay.recipient, parts) : verdict.code
      if (code === null) timers.push({ id, establishment, test, what: 'leg', sending: n, recipient: i })
      else stays.push({ ...stay, code })
    }
  }
  for (const [n, one] of unread.entries()) {
    stays.push(...everyLeg(one.intent, one.recipients, one.code, `unread.${n}`))
  }
  const [found] = codes
  if (found !== undefined && sendings.length + unread.length === 0) stays.push(wholeStay(found))
  const arrivals = stays.map((stay) => refusal(of, original, stay, parts))
  const all = [...sendings, ...unread]
  const asking = all.find(({ instructions }) => instructions.toDmp)
  const dmp = asking === undefined ? null : mayGoToDmp(asking, mailing.dmp !== null)
  if (dmp?.go === false) {
    const outcome = { ok: false, error: dmpError(rules?.refusedByDmp ?? null, dmp.code) } as const
    const about = { ...original, removal: asking!.intent === 'delete' }
    arrivals.push(acknowledgement(of, about, { event: 'Z01', outcome, recipient: null, leg: '' }, parts))
  }
  return {
    timers: timers.map((one) => documentTimer(one, nowMs)),
    arrivals,
    deliveries: dmp?.go === true ? [{ messageId: id, delivery: parts.delivery(ids.uuid(), mailing.dmp!, nowMs) }] : [],
    events: codes.map((code) => noted(id, code, nowMs)),
  }
}

/** Why no mail for a recipient would ever leave: its domain is not ours, and stands on no list. Null: it may. */
function unlisted(recipient: DocumentRecipient | null, { config, trust }: DocumentParts): ErrorCode | null {
  const domain = domainOf(recipient?.address ?? '')
  const ours = config().mail?.operator?.domains.has(domain) === true
  return !ours && trust.lacks(domain) ? 'MAIL_DOMAIN_UNLISTED' : null
}

/** All that a message was to have sent, told that it stays because of a fault; a message that cannot be read at all, as one. */
export async function unsent(of: Of, fault: ErrorCode, parts: DocumentParts): Promise<Effect> {
  try {
    return await sendingsOf(of, parts, fault)
  } catch {
    return { arrivals: [refusal(of, await originalOf(of, parts), wholeStay(fault), parts)] }
  }
}

/** One mail, told that it stays because of a fault. */
export async function legUnsent(leg: Leg, fault: ErrorCode, parts: DocumentParts): Promise<Effect> {
  const { original, sendings } = await readSendings(leg, parts)
  const sending = sendings[leg.sending]
  if (sending === undefined) return {}
  const stay = everyLeg(sending.intent, sending.recipients, fault, String(leg.sending))[leg.recipient]
  return stay === undefined ? {} : { arrivals: [refusal(leg, original, stay, parts)] }
}

/** Each recipient's mail, were it to stay. */
function everyLeg(
  intent: Intent,
  recipients: readonly (DocumentRecipient | null)[],
  code: ErrorCode,
  place: string,
): Stay[] {
  const removal = intent === 'delete'
  return recipients.map((recipient, i) => ({ code, removal, recipient, leg: `${place}.${i}` }))
}

function wholeStay(code: ErrorCode): Stay {
  return { code, removal: false, recipient: null, leg: '' }
}

function refusal(of: Of, original: ZamOriginal, { code, removal, recipient, leg }: Stay, parts: DocumentParts): Intake {
  const outcome = { ok: false, error: stayError(code) } as const
  return acknowledgement(of, { ...original, removal }, { event: 'Z02', outcome, recipient, leg }, parts)
}

/** One mail of a message: made from the message again, so that one at a time is held. */
export async function legOf(leg: Leg, parts: DocumentParts): Promise<Effect> {
  const { clock, ids, config, journal, settings, producer, mail } = parts
  const mailing = mailingOf(config(), leg.establishment)
  const { original, sendings } = await readSendings(leg, parts)
  const sending = sendings[leg.sending]
  const recipient = sending?.recipients[leg.recipient]
  if (mailing === null || sending === undefined || recipient?.address == null) return {}
  const { address } = recipient
  const operator = config().mail!.operator!
  const atMs = clock.nowMs()
  const { timeZone } = config().region
  const sourceId = oidOfUuid(stableId('MailOperator', operator.host))
  const made = await documentMail(sending, recipient, {
    settings: await settings(),
    sourceId,
    atMs,
    timeZone,
    producer,
  })
  const id = ids.uuid()
  const messageId = `${id}@${domainOf(mailing.mailbox)}`
  const earlier = made.follows === null ? null : await earlierMail(journal, made.follows, address)
  const bytes = writeMail({
    from: { name: config().establishments.get(leg.establishment)?.name ?? '', address: keptAddress(mailing.mailbox) },
    to: [{ name: '', address: keptAddress(address) }],
    replyTo: made.replyTo === null ? null : { name: '', address: keptAddress(made.replyTo) },
    subject: made.subject,
    text: made.text,
    date: { atMs, timeZone },
    messageId: `<${messageId}>`,
    inReplyTo: earlier,
    references: earlier === null ? [] : [earlier],
    headers: [
      ...made.headers,
      ...(made.wantsReadReceipt ? [['Disposition-Notification-To', `<${mailing.mailbox}>`] as const] : []),
    ],
    attachments: made.attachments,
  })
  const rcpt: MailRecipient = {
    address,
    notify: made.wantsReceipt ? ['success', 'failure'] : ['failure'],
    original: null,
  }
  // Patients' side bounces what is longer than it takes; here it need not leave.
  if (bytes.length > mostBytes(operator, [rcpt])) return legUnsent(leg, 'MAIL_TOO_LARGE', parts)
  const row = documentRow({ id, leg, original, recipient, address, messageId, atMs, sending, made })
  const arrival = mail({
    id,
    atMs,
    kind: 'MAIL^XDM',
    bytes,
    // The envelope's id comes back in every report of it.
    envelope: { sender: mailing.mailbox, returns: 'headers', id, eightBit: true, utf8: false },
    recipient: rcpt,
    messageId,
    automatic: false,
    xMss: Object.fromEntries(made.headers.map(([name, value]) => [X_MSS[name.toLowerCase()] ?? name, value])),
    establishment: leg.establishment,
    test: leg.test,
    cause: leg.id,
    rows: [row],
  })
  return { arrivals: [arrival] }
}

/** Names of X-MSS headers in traces. */
const X_MSS: Readonly<Record<string, string>> = {
  'x-mss-codecda': 'codeCda',
  'x-mss-ins': 'ins',
  'x-mss-nil': 'nil',
  'x-mss-mes': 'mes',
}

async function earlierMail(
  { look }: DocumentParts['journal'],
  uniqueId: string,
  address: string,
): Promise<string | null> {
  const [row] = await look<{ message_id: string }>({
    sql: 'SELECT message_id FROM document_mail WHERE unique_id = ? AND address = ? ORDER BY at_ms DESC LIMIT 1',
    parameters: [uniqueId, address],
  })
  return row === undefined ? null : `<${row.message_id}>`
}

interface Kept {
  readonly id: string
  readonly leg: Leg
  readonly original: ZamOriginal
  readonly recipient: DocumentRecipient
  readonly address: string
  readonly messageId: string
  readonly atMs: number
  readonly sending: DocumentToSend
  readonly made: { readonly wantsReceipt: boolean; readonly wantsReadReceipt: boolean }
}

function documentRow({ id, leg, original, recipient, address, messageId, atMs, sending, made }: Kept): Statement {
  const { person, structure } = recipient
  return {
    sql: `INSERT INTO document_mail (mail, at_ms, origin, establishment, original, recipient, address, message_id, unique_id,
      receipt, read_receipt, test) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    parameters: [
      id,
      atMs,
      leg.id,
      leg.establishment,
      JSON.stringify({ ...original, removal: sending.intent === 'delete' } satisfies ZamOriginal),
      JSON.stringify({ address, person, structure }),
      address,
      messageId,
      sending.documents[0]?.uniqueId ?? '',
      made.wantsReceipt ? 'wanted' : null,
      made.wantsReadReceipt ? 'wanted' : null,
      leg.test ? 1 : 0,
    ],
  }
}
