import { createHash } from 'node:crypto'
import { type DocumentTimer, documentTimer } from '../../core/documents.ts'
import { GatewayError } from '../../core/errors.ts'
import type { Effect, Intake, Statement } from '../../core/journal.ts'
import { domainOf } from '../../core/mail.ts'
import type { OwnMessage } from '../../core/own-message.ts'
import { oidOfUuid } from '../../formats/bridge/documents.ts'
import { stableId } from '../../formats/bridge/stable-id.ts'
import type { DocumentRecipient, DocumentToSend } from '../../formats/documents/document.ts'
import { documentSteps } from '../../formats/documents/from-hl7.ts'
import { mayGo, mayGoToDmp, type StayReason } from '../../formats/documents/may-go.ts'
import { documentMail } from '../../formats/documents/to-mail.ts'
import { stayError, writeZam, type ZamOriginal, type ZamToWrite, zamOriginal } from '../../formats/documents/zam.ts'
import { readHeader } from '../../formats/hl7v2/header.ts'
import { readMessage } from '../../formats/hl7v2/message.ts'
import { keptAddress } from '../../formats/mail/address.ts'
import { writeMail } from '../../formats/mail/compose.ts'
import { type DocumentParts, inSlices, mailingOf, noted, wholeBody } from './parts.ts'

type Leg = Extract<DocumentTimer, { readonly what: 'leg' }>
type Of = Omit<Extract<DocumentTimer, { readonly what: 'message' }>, 'what'>

/** A message with its documents, read. */
interface Read {
  readonly original: ZamOriginal
  readonly sendings: readonly DocumentToSend[]
  readonly codes: readonly Parameters<typeof noted>[1][]
}

/**
 * What of a message goes by mail: a timer for each mail, an acknowledgement that says no for each that stays, and the message
 * itself to the destination of the national record where it says so. */
export async function sendingsOf(of: Of, parts: DocumentParts): Promise<Effect> {
  const { clock, ids, config, settings } = parts
  const { id, establishment, test } = of
  const mailing = mailingOf(config(), establishment)
  if (mailing === null) return {}
  const read = await readSendings(of, parts)
  const rules = await settings()
  const nowMs = clock.nowMs()
  const timers: DocumentTimer[] = []
  const arrivals: Intake[] = []
  const refuse = (event: 'Z01' | 'Z02', code: StayReason, recipient: DocumentRecipient | null): void => {
    const outcome = { ok: false, error: stayError(code) } as const
    arrivals.push(...acknowledgement(of, read.original, { event, outcome, recipient }, parts))
  }
  for (const [n, sending] of read.sendings.entries()) {
    for (const [i, recipient] of sending.recipients.entries()) {
      const verdict = mayGo(sending, recipient, rules)
      if (verdict.go) timers.push({ id, establishment, test, what: 'leg', sending: n, recipient: i })
      else refuse('Z02', verdict.code, recipient)
    }
  }
  const asked = read.sendings.some(({ instructions }) => instructions.toDmp)
  const [first] = read.sendings
  const dmp =
    first === undefined || !asked
      ? null
      : mayGoToDmp({ instructions: { ...first.instructions, toDmp: true } }, mailing.dmp !== null)
  if (dmp !== null && !dmp.go) refuse('Z01', dmp.code, null)
  const deliveries =
    dmp?.go === true ? [{ messageId: of.id, delivery: parts.delivery(ids.uuid(), mailing.dmp!, nowMs) }] : []
  return {
    timers: timers.map((one) => documentTimer(one, nowMs)),
    arrivals,
    deliveries,
    events: read.codes.map((code) => noted(of.id, code, nowMs)),
  }
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
  const row = documentRow({ id, leg, original, recipient, address, messageId, atMs, sending, made })
  const arrival = mail({
    id,
    atMs,
    kind: 'MAIL^XDM',
    bytes,
    // The envelope's id comes back in every report of it.
    envelope: { sender: mailing.mailbox, returns: 'headers', id, eightBit: true, utf8: false },
    recipient: { address, notify: made.wantsReceipt ? ['success', 'failure'] : ['failure'], original: null },
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

async function readSendings(of: Of, parts: DocumentParts): Promise<Read> {
  const { config, settings } = parts
  const bytes = await wholeBody(parts, of.id)
  const charset = config().establishments.get(of.establishment)?.charset ?? 'UNICODE UTF-8'
  const read = readMessage(bytes, charset)
  if (!read.ok) throw new GatewayError(read.code)
  const header = readHeader(read.message)
  const { sendings, findings } = await inSlices(documentSteps(read.message, header, await settings()))
  // A result without a document is a result like any other.
  const ordinary = header.kind === 'ORU^R01' && sendings.length === 0
  const codes = ordinary ? [] : [...new Set(findings.map(({ code }) => code))]
  return { original: zamOriginal(read.message), sendings: ordinary ? [] : sendings, codes }
}

/** An acknowledgement on its way to where the sender takes answers; kept alone where it takes none. */
export function acknowledgement(
  { id, establishment, test }: Of,
  original: ZamOriginal,
  zam: Omit<ZamToWrite, 'atMs' | 'timeZone'>,
  parts: Pick<DocumentParts, 'config' | 'clock' | 'ids' | 'message'>,
): readonly Intake[] {
  const config = parts.config()
  const atMs = parts.clock.nowMs()
  const written = writeZam(original, { ...zam, atMs, timeZone: config.region.timeZone })
  if (!written.ok) throw new GatewayError(written.code)
  const { bytes } = written
  const answersTo = config.establishments.get(establishment)?.answersTo ?? null
  const made: OwnMessage = {
    id: parts.ids.uuid(),
    atMs,
    kind: `ZAM^${zam.event}`,
    controlId: createHash('sha256').update(bytes).digest('hex').slice(0, 20),
    bytes,
    ask: null,
    establishment: null,
    test,
    cause: id,
    patientKeys: [],
    orderKeys: [],
    to: answersTo === null ? [] : [answersTo],
    alertAfterMs: null,
    rows: [],
  }
  return [parts.message(made, config)]
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
      JSON.stringify(original),
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
