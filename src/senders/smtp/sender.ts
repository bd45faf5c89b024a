import { Readable } from 'node:stream'
import type { SmtpTarget } from '../../core/config.ts'
import type { ErrorCode } from '../../core/errors.ts'
import type { OutgoingMail, OutgoingMailOf, TrustSpace } from '../../core/mail.ts'
import type { Outcome } from '../../core/outcome.ts'
import type { Consignment, Sender } from '../../core/ports.ts'
import { fromXtext } from '../../formats/mail/esmtp.ts'
import { type SenderParts, senderOf, type To } from '../attempts.ts'
import { abandoned, givenUp, notOurs } from '../give-up.ts'
import { hostsOf } from './hosts.ts'
import { type Link, type Linked, linkTo } from './link.ts'
import { LinkPool } from './pool.ts'

/** What mail is sent with. */
export interface SmtpSenderParts extends SenderParts {
  readonly outgoing: OutgoingMailOf
  readonly trust: TrustSpace
}

/**
 * Sends mail to the mail operator of a domain, or to an establishment's own server: one transaction for each recipient,
 * the bytes as they are kept with our trace header before them. What the far side said goes on as `diagnostic`, for the
 * report; what people see of an attempt are its numbers. */
export function smtpSender(destination: To<SmtpTarget>, parts: SmtpSenderParts): Sender {
  const pool = new LinkPool(parts.clock)
  const attempt = (consignment: Consignment, signal: AbortSignal): Promise<Outcome> =>
    send(consignment, destination, parts, pool, signal)
  return senderOf('smtp', destination, parts.log, attempt, { end: () => pool.close() })
}

async function send(
  consignment: Consignment,
  { target, timeoutMs }: To<SmtpTarget>,
  parts: SmtpSenderParts,
  pool: LinkPool,
  signal: AbortSignal,
): Promise<Outcome> {
  const { trust } = parts
  const shut = target.how === 'operator' ? (trust.closed() ?? trust.reaches(target.domain)) : null
  if (shut !== null) return { kind: 'retry', code: shut, breaker: true }
  const mail = await parts.outgoing(consignment.deliveryId, consignment.messageId)
  if (signal.aborted) return givenUp(signal)
  const linked = await findLink(target, parts, timeoutMs, pool, signal)
  if (!linked.ok) return signal.aborted ? givenUp(signal) : away(linked)
  if (consignment.mayBegin?.() === false) {
    pool.give(linked.link)
    return notOurs()
  }
  return transaction(linked.link, mail, consignment, target, pool, signal)
}

function away({ code, said, host = '' }: Extract<Linked, { ok: false }>): Outcome {
  if (code === 'MAIL_NO_MAIL') return { kind: 'refused', code, answer: code }
  return {
    kind: 'retry',
    code,
    breaker: true,
    ...(said === undefined ? {} : { answer: numbersOf(said), diagnostic: diagnosticOf(said, host) }),
  }
}

/** A link that is open, or a new one to the first host that can be reached. */
async function findLink(
  target: SmtpTarget,
  { trust, clock }: SmtpSenderParts,
  timeoutMs: number,
  pool: LinkPool,
  signal: AbortSignal,
): Promise<Linked> {
  const open = pool.take((one) => stillServes(one, target, trust))
  if (open !== null) return { ok: true, link: open }
  const found = await hostsOf(target, clock, signal)
  if ('none' in found) return { ok: false, code: found.none === 'no-mail' ? 'MAIL_NO_MAIL' : 'MAIL_NO_HOST' }
  let last: Linked = { ok: false, code: 'MAIL_NO_HOST' }
  for (const host of found.hosts) {
    last = await linkTo(host, target, trust, timeoutMs, signal)
    if (last.ok || signal.aborted) return last
  }
  return last
}

/** The list may have changed since the link was made. */
function stillServes({ certificate }: Link, { how, domain }: SmtpTarget, trust: TrustSpace): boolean {
  return how !== 'operator' || (certificate !== null && trust.serves(certificate, domain) === null)
}

/** MAIL, RCPT, DATA and the answer to them. */
function transaction(
  link: Link,
  mail: OutgoingMail,
  { body }: Consignment,
  target: SmtpTarget,
  pool: LinkPool,
  signal: AbortSignal,
): Promise<Outcome> {
  const { promise, resolve } = Promise.withResolvers<Outcome>()
  const { connection, host } = link
  const bytes = Readable.from(whole(mail.trace, body.open()))
  let given = false
  // Before the last byte was given nothing can have been taken; behind it the answer alone tells.
  bytes.once('end', () => {
    given = true
  })
  const broken = (code: ErrorCode): void => {
    connection.close()
    resolve({ kind: given ? 'unknown' : 'retry', code })
  }
  const abort = (): void => broken(abandoned(signal))
  signal.addEventListener('abort', abort, { once: true })
  connection.send(envelopeOf(mail, body.bytes), bytes, (fault: unknown, info?: SendInfo) => {
    signal.removeEventListener('abort', abort)
    const said = info?.rejectedErrors?.[0]?.response ?? (fault as SendFault | null)?.response
    if (fault && said === undefined) {
      const known = ownFault(fault as SendFault)
      if (known === null) return broken((fault as SendFault).code === 'ETIMEDOUT' ? 'ANSWER_TIMEOUT' : 'CONNECTION_CUT')
      connection.close()
      return resolve(known)
    }
    const response = info?.response ?? ''
    // A yes to what has not been said whole is no answer to it.
    if (!(said === undefined ? given && YES.test(response) : NO.test(said))) return broken('ANSWER_GARBAGE')
    const outcome = said === undefined ? taken(response, mail, target, connection) : refusedBy(said, host)
    // Behind a refusal the other side may think that a mail has begun: the next one goes by another link.
    if (said === undefined) pool.give(link)
    else connection.quit()
    resolve(outcome)
  })
  return promise
}

interface SendInfo {
  readonly response?: string
  readonly rejectedErrors?: readonly { readonly response?: string | undefined }[] | undefined
}

interface SendFault {
  readonly code?: string
  readonly response?: string
  readonly message?: string
}

/** Replies as SMTP has them (RFC 5321 §4.2). */
const YES = /^2\d\d(?:[ -]|$)/
const NO = /^[45]\d\d(?:[ -]|$)/

/**
 * What was found out before the far side was asked: a body of ours that could not be read, or one that is longer than it
 * said that it takes (RFC 1870 §4). Null: neither. */
function ownFault({ code, message }: SendFault): Outcome | null {
  if (code === 'ESTREAM' || message?.includes('BODY_DAMAGED') === true) return { kind: 'retry', code: 'BODY_DAMAGED' }
  return code === 'EMESSAGE' ? { kind: 'refused', code: 'MAIL_TOO_LARGE', answer: 'SIZE' } : null
}

function taken(response: string, mail: OutgoingMail, { how }: SmtpTarget, connection: unknown): Outcome {
  const proof = numbersOf(response)
  if (!mail.recipient.notify.includes('success')) return { kind: 'delivered', proof }
  if (how === 'lmtp') return { kind: 'delivered', proof, report: 'delivered' }
  const { _supportedExtensions: extensions = [] } = connection as { readonly _supportedExtensions?: readonly string[] }
  return extensions.includes('DSN') ? { kind: 'delivered', proof } : { kind: 'delivered', proof, report: 'relayed' }
}

function refusedBy(said: string, host: string): Outcome {
  const answer = numbersOf(said)
  const diagnostic = diagnosticOf(said, host)
  const code: ErrorCode = said.startsWith('5') ? 'MAIL_REFUSED' : 'MAIL_DEFERRED'
  return said.startsWith('5')
    ? { kind: 'refused', code, answer, diagnostic }
    : { kind: 'retry', code, answer, diagnostic }
}

/** Who said it, and what, on a line of its own each. */
function diagnosticOf(said: string, host: string): string {
  return `${host}\n${said.replace(/[\r\n]+/g, ' ').slice(0, 1_000)}`
}

/** The numbers of a reply alone: its text may name a patient. */
function numbersOf(said: string): string {
  return /^\d{3}(?:[ -][245]\.\d{1,3}\.\d{1,3})?/.exec(said)?.[0].replace('-', ' ') ?? ''
}

function envelopeOf({ envelope, recipient, trace }: OutgoingMail, bytes: number) {
  const { original, notify } = recipient
  const separator = original?.indexOf(';') ?? -1
  const decoded = original === null ? null : fromXtext(original.slice(separator + 1))
  return {
    from: envelope.sender === '' ? (false as const) : envelope.sender,
    to: [recipient.address],
    size: trace.length + bytes,
    use8BitMime: envelope.eightBit,
    dsn: {
      ret: envelope.returns === null ? null : envelope.returns === 'full' ? 'FULL' : 'HDRS',
      envid: envelope.id,
      notify: notify.length === 0 ? null : notify.map((one) => one.toUpperCase()).join(),
      orcpt: original === null || decoded === null ? null : `${original.slice(0, separator)};${decoded}`,
    },
  }
}

async function* whole(trace: Buffer, body: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  yield trace
  yield* body
}
