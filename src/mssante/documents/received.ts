import { createHash } from 'node:crypto'
import { ERRORS, type ErrorCode } from '../../core/errors.ts'
import { askOf } from '../../core/fhir.ts'
import { HELP_FR } from '../../core/help-fr.ts'
import type { Effect, Intake } from '../../core/journal.ts'
import { type DocumentMailing, mailboxKey } from '../../core/mail.ts'
import type { Finding } from '../../core/message.ts'
import type { OwnMessage } from '../../core/own-message.ts'
import {
  areTests,
  consistencyFindings,
  insComplete,
  type ReceivedDocument,
  receivedSteps,
} from '../../formats/documents/consistency.ts'
import { documentBundle, documentMessage } from '../../formats/documents/from-mail.ts'
import { patientIdentifiersOf } from '../../formats/fhir/facts.ts'
import { readHeader } from '../../formats/hl7v2/header.ts'
import { identifiersOf, patientIdentities } from '../../formats/hl7v2/identifiers.ts'
import { readMessage } from '../../formats/hl7v2/message.ts'
import { type MailHeader, readHeader as readMailHeader, xMss } from '../../formats/mail/header.ts'
import { type MailPart, MimeScan } from '../../formats/mail/structure.ts'
import { decodeBody } from '../../formats/mail/transfer.ts'
import { readXdm } from '../../formats/xdm/read.ts'
import { ZIP_BUDGET, type ZipBudget } from '../../formats/xdm/zip-read.ts'
import { type DocumentParts, inSlices, noted, slicesOf, wholeBody } from './parts.ts'
import { integrated, notIntegrated } from './receipt.ts'

/** A mail as its row and its bytes have it. */
export interface ReceivedMail {
  readonly id: string
  readonly sender: string
  readonly messageId: string | null
  readonly automatic: boolean
  /** Of trials: by its sender, or by what is inside. */
  readonly test: boolean
  readonly bytes: Buffer
  readonly header: MailHeader
  readonly mailing: DocumentMailing
}

/** What of a mail can be handed on, or why it cannot. `test`: what is inside is of trials. */
type Handed = { readonly findings: readonly Finding[]; readonly test: boolean } & (
  | { readonly ok: true; readonly messages: readonly Handing[] }
  | { readonly ok: false; readonly code: ErrorCode }
)

interface Handing {
  readonly bytes: Buffer
  readonly kind: string
  readonly controlId: string
  readonly keys: Pick<OwnMessage, 'patientKeys' | 'orderKeys'>
}

/** A mail that came to an application's mailbox: its documents go where the establishment takes them, or its sender is told
 * that they could not. A mail without an archive is a mail like any other. */
export async function received(id: string, parts: DocumentParts): Promise<Effect> {
  const mailings = await takers(id, parts)
  const arrivals: Intake[] = []
  const events = []
  for (const mailing of mailings) {
    const came = await mailOf(id, mailing, parts)
    const archives = came === null ? [] : await archivesIn(came)
    if (came === null || archives.length === 0) continue
    const handed = await handedOn(archives, came, parts)
    const mail = { ...came, test: handed.test }
    const nowMs = parts.clock.nowMs()
    events.push(...[...new Set(handed.findings.map(({ code }) => code))].map((code) => noted(id, code, nowMs)))
    if (handed.ok)
      arrivals.push(...handed.messages.map((one) => ownMessage(one, mail, parts)), ...integrated(mail, parts))
    else {
      events.push(noted(id, handed.code, nowMs, mailing.receive?.to ?? null))
      arrivals.push(...notIntegrated(mail, handed.code, HELP_FR[handed.code], parts))
    }
  }
  return { arrivals, events }
}

/** The establishments to whose application this mail came, and that take documents. */
async function takers(id: string, { journal, config }: DocumentParts): Promise<readonly DocumentMailing[]> {
  const documents = [...(config().mail?.operator?.documents.values() ?? [])].filter(({ receive }) => receive !== null)
  if (documents.length === 0) return []
  const rows = await journal.look<{ address: string }>({
    sql: 'SELECT address FROM mail_recipient WHERE message = ?',
    parameters: [id],
  })
  const addresses = new Set(rows.map(({ address }) => mailboxKey(address)))
  return documents.filter(({ mailbox }) => addresses.has(mailboxKey(mailbox)))
}

async function mailOf(id: string, mailing: DocumentMailing, parts: DocumentParts): Promise<ReceivedMail | null> {
  const [row] = await parts.journal.look<{
    sender: string
    message_id: string | null
    automatic: number
    test: number
  }>({
    sql: `SELECT l.sender, l.message_id, l.automatic, m.test FROM mail l JOIN message m ON m.id = l.message
      WHERE l.message = ?`,
    parameters: [id],
  })
  // What a mailbox of ours sent to itself would go round.
  if (row === undefined || mailboxKey(row.sender) === mailboxKey(mailing.mailbox)) return null
  const bytes = await wholeBody(parts, id)
  const { sender, message_id: messageId } = row
  const [automatic, test] = [Number(row.automatic) === 1, Number(row.test) === 1]
  return { id, sender, messageId, automatic, test, bytes, header: readMailHeader(bytes), mailing }
}

/**
 * The archives of a mail (ITI-32): by their name, else, where the subject says so, by their type. What stands in a message inside
 * came with that one: a mail of ours that is sent back with an error brings nothing new. */
async function archivesIn({ bytes, header }: ReceivedMail): Promise<readonly MailPart[]> {
  const scan = new MimeScan()
  for await (const slice of slicesOf(bytes)) scan.push(slice)
  const { parts } = scan.end()
  const isInside = ({ parent }: MailPart): boolean =>
    parent !== null && (parts[parent]!.type.startsWith('message/') || isInside(parts[parent]!))
  const own = parts.filter((part) => !isInside(part))
  const named = own.filter(({ fileName }) => /^ihe_xdm\.zip$/i.test(fileName ?? ''))
  const marked = /XDM\/1\.0\/DDM/.test(header.text('subject'))
  const typed = marked ? own.filter(({ type }) => /^application\/(x-)?zip(-compressed)?$/.test(type)) : []
  return named.length > 0 ? named : typed
}

async function decodedOf(
  { encoding, bodyAt, length }: MailPart,
  { bytes }: Pick<ReceivedMail, 'bytes'>,
): Promise<Buffer> {
  const decoder = decodeBody(encoding)
  const pieces: Buffer[] = []
  for await (const slice of slicesOf(bytes.subarray(bodyAt, bodyAt + length))) pieces.push(decoder.push(slice))
  return Buffer.concat([...pieces, decoder.end()])
}

async function handedOn(
  [archive, ...others]: readonly MailPart[],
  mail: ReceivedMail,
  parts: DocumentParts,
): Promise<Handed> {
  // A mail has one submission set: half of it taken, and the sender told that all was, would be a document lost.
  if (archive === undefined || others.length > 0) {
    return { ok: false, code: 'XDM_METADATA', findings: [], test: mail.test }
  }
  const read = await readXdm(await decodedOf(archive, mail), budgetOf(parts))
  if (!read.ok) {
    return { ok: false, code: read.findings[0]?.code ?? 'PROCESSING_FAILED', findings: [], test: mail.test }
  }
  const documents = await inSlices(receivedSteps(read.package))
  const test = mail.test || areTests(documents)
  const { codeCda, ins } = xMss(mail.header)
  const findings = [...read.findings, ...consistencyFindings(documents, { codes: codeCda?.join() ?? null, ins })]
  const grave = findings.find((one) => one.class === 'safety')
  const no = grave?.code ?? mayNotGo(mail.mailing, test, parts)
  if (no !== null) return { ok: false, code: no, findings, test }
  const qualified = ins === 'O' && insComplete(documents)
  const messages: Handing[] = []
  for (const [n, document] of documents.entries()) {
    const made = written(document, qualified, `${mail.id}:${n}`, { ...mail, test }, parts)
    if (!made.ok) return { ok: false, code: made.code, findings, test }
    messages.push(made.message)
  }
  if (messages.length === 0) return { ok: false, code: 'CONVERSION_NONE', findings, test }
  return { ok: true, messages, findings, test }
}

/** Times its longest mail that an archive may hold unpacked: what is handed on is in memory several times over, written at once. */
const UNPACKED = 2

function budgetOf({ config }: DocumentParts): ZipBudget {
  const limits = config().mail?.operator?.limits
  if (limits === undefined) return ZIP_BUDGET
  const { entries, bytes, ratio } = limits.zip
  return { maxEntries: entries, maxInflated: Math.min(bytes, UNPACKED * limits.maxBytes), maxRatio: ratio }
}

/** Why nothing goes where the establishment takes documents: tests go to qualification, and nothing else does. */
function mayNotGo({ receive }: DocumentMailing, test: boolean, { config }: DocumentParts): ErrorCode | null {
  const use = receive === null ? undefined : config().destinations.get(receive.to)?.use
  if (use === undefined) return 'DESTINATION_GONE'
  return test === (use === 'qualification') ? null : 'PROCESSING_ID'
}

function written(
  document: ReceivedDocument,
  qualified: boolean,
  key: string,
  { mailing, test }: ReceivedMail,
  parts: DocumentParts,
): { readonly ok: true; readonly message: Handing } | { readonly ok: false; readonly code: ErrorCode } {
  if (mailing.receive === null) return { ok: false, code: 'DESTINATION_GONE' }
  const context = parts.context(mailing.receive.to, key, parts.clock.nowMs(), test)
  const handing = { document, qualified, context }
  if (mailing.receive.as === 'fhir') {
    const bundle = documentBundle(handing)
    if (!bundle.ok) return { ok: false, code: codeOf(bundle) }
    const bytes = Buffer.from(JSON.stringify(bundle.made))
    const keys = parts.keys(patientIdentifiersOf(bundle.made), mailing.establishment)
    return { ok: true, message: { bytes, kind: 'Bundle:transaction', controlId: nameOf(bytes), keys } }
  }
  const message = documentMessage(handing)
  if (!message.ok) return { ok: false, code: codeOf(message) }
  const read = readMessage(message.made)
  if (!read.ok) return { ok: false, code: read.code }
  const { kind, controlId } = readHeader(read.message)
  const keys = parts.keys(identifiersOf(patientIdentities(read.message)), mailing.establishment)
  return { ok: true, message: { bytes: message.made, kind, controlId, keys } }
}

function codeOf({ code }: { readonly code: ErrorCode }): ErrorCode {
  return code in ERRORS ? code : 'CONVERSION_FAILED'
}

function nameOf(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex').slice(0, 20)
}

function ownMessage(
  { bytes, kind, controlId, keys }: Handing,
  { id, mailing, test }: ReceivedMail,
  parts: DocumentParts,
): Intake {
  const made: OwnMessage = {
    id: parts.ids.uuid(),
    atMs: parts.clock.nowMs(),
    kind,
    controlId,
    bytes,
    ask: mailing.receive?.as === 'fhir' ? askOf('transaction', null) : null,
    establishment: mailing.establishment,
    test,
    cause: id,
    ...keys,
    to: mailing.receive === null ? [] : [mailing.receive.to],
    alertAfterMs: null,
    rows: [],
  }
  return parts.message(made, parts.config())
}
