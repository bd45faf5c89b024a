/** Delivery status notifications (RFC 3464, in the envelope of RFC 6522): written for senders, and read. Pure. */
import { isAscii } from 'node:buffer'
import type { MailAddress } from './address.ts'
import { TEXT_HEADER } from './compose.ts'
import { mailDate, readMailDate } from './date.ts'
import { DSN_SUBJECTS, dsnText } from './dsn-words.ts'
import type { OriginalRecipient } from './esmtp.ts'
import { messageIdOf, readHeader } from './header.ts'
import { readReport } from './report-parts.ts'
import { addressOfField, addressText, readStatusFields, type StatusFields, typedAddress } from './status-fields.ts'
import { quotedPrintable } from './transfer.ts'
import { escaped } from './unicode-text.ts'
import { encodedText, folded, mailboxText, parameter } from './write-header.ts'
import { type PartToWrite, plainEncoding, wireLines, writeParts } from './write-multipart.ts'

/** What became of a recipient (RFC 3464 §2.3.3). */
export type DsnAction = 'failed' | 'delayed' | 'delivered' | 'relayed' | 'expanded'

/** One recipient of a report. Instants in ms since 1970. */
export interface DsnRecipient {
  readonly address: MailAddress
  /** ORCPT, as it was given. */
  readonly original: OriginalRecipient | null
  readonly action: DsnAction
  /** RFC 3463: `5.1.1`. */
  readonly status: string
  /** Host that answered; null: none did. */
  readonly remoteMta: string | null
  /** Reply of that host, or our own in its form: `550 5.1.1 …`. */
  readonly diagnostic: string | null
  /** A copy may have arrived all the same: an attempt had no answer. Absent: none. */
  readonly unsure?: boolean
  readonly lastAttemptMs: number | null
  readonly willRetryUntilMs: number | null
}

/** A report to be written. It goes to the envelope sender and to nobody else. */
export interface DsnReport {
  /** MAILER-DAEMON writes from this domain. */
  readonly domain: string
  /** Host name of this server. */
  readonly reportingMta: string
  /** The envelope sender. */
  readonly to: MailAddress
  readonly envid: string | null
  readonly arrivedAtMs: number
  readonly atMs: number
  readonly timeZone: string
  /** Of the report, with its angle brackets. */
  readonly messageId: string
  readonly recipients: readonly DsnRecipient[]
  /** The message: its header with the blank line or without, and all of it if RET=FULL asked for that and it is at hand. */
  readonly original: { readonly header: Buffer; readonly whole: Buffer | null }
}

/**
 * The report: in French, then in English; for programs; then the header of the message, or all of it where `whole` is
 * given and a recipient failed. CRLF at every line break; nothing that is given can end a field. The same report gives
 * the same octets.
 * @throws {RangeError} if the time zone is unknown */
export function writeDsn(report: DsnReport): Buffer {
  const actions = new Set(report.recipients.map(({ action }) => action))
  const action =
    (['failed', 'delayed', 'relayed', 'delivered', 'expanded'] as const).find((one) => actions.has(one)) ?? 'failed'
  const text = { header: TEXT_HEADER, body: quotedPrintable(dsnText(report, action)) }
  const status = {
    header: 'Content-Type: message/delivery-status\r\n',
    body: Buffer.from(statusOf(report)),
  }
  const { boundary, body } = writeParts([text, status, originalPart(report, action)])
  const answered = messageIdOf(readHeader(report.original.header))
  const header = [
    folded(
      'From',
      mailboxText({ name: 'Mail Delivery System', address: { local: 'MAILER-DAEMON', domain: report.domain } }),
    ),
    folded('To', mailboxText({ name: '', address: report.to })),
    folded('Subject', encodedText(DSN_SUBJECTS[action])),
    folded('Date', mailDate(report.atMs, report.timeZone)),
    folded('Message-ID', report.messageId),
    answered === null ? '' : `${folded('In-Reply-To', answered)}${folded('References', answered)}`,
    'Auto-Submitted: auto-replied\r\n',
    'MIME-Version: 1.0\r\n',
    folded('Content-Type', `multipart/report; report-type=delivery-status${parameter('boundary', boundary)}`),
    `Content-Transfer-Encoding: ${plainEncoding(body)}\r\n\r\n`,
  ]
  return Buffer.concat([Buffer.from(header.join('')), body])
}

function statusOf(report: DsnReport): string {
  const date = (name: string, atMs: number | null): string =>
    atMs === null ? '' : folded(name, mailDate(atMs, report.timeZone))
  const given = (name: string, value: string | null): string => (value === null ? '' : folded(name, value))
  const message = [
    folded('Reporting-MTA', `dns; ${ascii(report.reportingMta)}`),
    given('Original-Envelope-Id', report.envid === null ? null : ascii(report.envid)),
    date('Arrival-Date', report.arrivedAtMs),
  ]
  const recipients = report.recipients.map((one) =>
    [
      given('Original-Recipient', one.original === null ? null : originalField(one.original)),
      folded('Final-Recipient', typedAddress(one.address)),
      folded('Action', one.action),
      folded('Status', /^[245](?:\.\d{1,3}){2}$/.test(one.status) ? one.status : '5.0.0'),
      given('Remote-MTA', one.remoteMta === null ? null : `dns; ${ascii(one.remoteMta)}`),
      given('Diagnostic-Code', one.diagnostic === null ? null : `smtp; ${ascii(one.diagnostic)}`),
      date('Last-Attempt-Date', one.lastAttemptMs),
      date('Will-Retry-Until', one.action === 'delayed' ? one.willRetryUntilMs : null),
    ].join(''),
  )
  return [message.join(''), ...recipients].join('\r\n')
}

function originalField({ type, address }: OriginalRecipient): string {
  const plain = /^[\x20-\x7e]*$/.test(address) && type !== 'utf-8'
  return `${plain ? ascii(type) : 'utf-8'}; ${plain ? address : escaped(address)}`
}

/** Printable ASCII of at most 500 characters; what is none becomes `?`. */
function ascii(text: string): string {
  return text
    .replace(/[\r\n\t]+/g, ' ')
    .replace(/[^\x20-\x7e]/gu, '?')
    .slice(0, 500)
}

/** All of the message or its header; in the types of RFC 6533 where the header holds more than ASCII. */
function originalPart({ original }: DsnReport, action: DsnAction): PartToWrite {
  const ended = wireLines(original.header)
  const header = ended.subarray(
    0,
    readHeader(ended, { maxBytes: Number.POSITIVE_INFINITY, maxLines: Number.POSITIVE_INFINITY }).bodyAt,
  )
  const global = !isAscii(header)
  const whole = action === 'failed' && original.whole !== null ? wireLines(original.whole) : null
  const body = whole ?? header
  const type =
    whole === null
      ? global
        ? 'message/global-headers'
        : 'text/rfc822-headers'
      : global
        ? 'message/global'
        : 'message/rfc822'
  return { header: `Content-Type: ${type}\r\nContent-Transfer-Encoding: ${plainEncoding(body)}\r\n`, body }
}

/** A report as it was read. */
export interface DsnRead {
  readonly envid: string | null
  readonly reportingMta: string | null
  readonly arrivedAtMs: number | null
  /** Message-ID of the message it is about, from what came back of it. */
  readonly messageId: string | null
  readonly recipients: readonly {
    /** Null: not an address that mail goes to. */
    readonly address: MailAddress | null
    /** Original-Recipient without its type. */
    readonly original: string | null
    readonly action: DsnAction
    readonly status: string
    readonly remoteMta: string | null
    readonly diagnostic: string | null
  }[]
}

const ACTIONS: ReadonlySet<string> = new Set<DsnAction>(['failed', 'delayed', 'delivered', 'relayed', 'expanded'])

/** What a message says of deliveries; null: it is no report of delivery, or says nothing of anybody. */
export function readDsn(bytes: Buffer): DsnRead | null {
  const report = readReport(bytes, 'delivery-status', /^message\/(?:global-)?delivery-status$/)
  const [message, ...groups] = report === null ? [] : readStatusFields(report.status)
  if (report === null || message === undefined) return null
  const recipients = groups.flatMap((group) => recipientOf(group) ?? [])
  if (recipients.length === 0) return null
  const arrival = message.get('arrival-date')
  return {
    envid: message.get('original-envelope-id') ?? null,
    reportingMta: textOf(message, 'reporting-mta'),
    arrivedAtMs: arrival === undefined ? null : readMailDate(arrival),
    messageId: report.original === null ? null : messageIdOf(readHeader(report.original)),
    recipients,
  }
}

function recipientOf(group: StatusFields): DsnRead['recipients'][number] | null {
  const action = (group.get('action') ?? '').toLowerCase()
  const status = /[245]\.\d{1,3}\.\d{1,3}/.exec(group.get('status') ?? '')?.[0]
  if (!isAction(action) || status === undefined) return null
  return {
    address: addressOfField(group.get('final-recipient')),
    original: textOf(group, 'original-recipient'),
    action,
    status,
    remoteMta: textOf(group, 'remote-mta'),
    diagnostic: textOf(group, 'diagnostic-code'),
  }
}

function isAction(text: string): text is DsnAction {
  return ACTIONS.has(text)
}

function textOf(group: StatusFields, name: string): string | null {
  const field = group.get(name)
  return field === undefined ? null : addressText(field)
}
