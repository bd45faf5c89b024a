import { Readable } from 'node:stream'
import type { SmtpTarget } from '../../core/config.ts'
import type { ErrorCode } from '../../core/errors.ts'
import type { OutgoingMail } from '../../core/mail.ts'
import type { Outcome } from '../../core/outcome.ts'
import type { Clock, Consignment } from '../../core/ports.ts'
import { fromXtext } from '../../formats/mail/esmtp.ts'
import { abandoned } from '../give-up.ts'
import { allowSilence, type Link } from './link.ts'
import type { LinkPool } from './pool.ts'

/** What a transaction is made with. `timeoutMs`: for one answer. */
export interface TransactionParts {
  readonly target: SmtpTarget
  readonly timeoutMs: number
  readonly clock: Pick<Clock, 'after'>
  readonly pool: LinkPool
}

/** Answers before the mail itself: MAIL, RCPT, DATA. */
const REPLIES = 3
/** The slowest that a mail may go (bytes in ms). */
const SLOWEST = 16
/** Behind the end of a mail the other side has more to do than at a command (RFC 5321 §4.5.3.2). */
const END_FACTOR = 2

/**
 * MAIL, RCPT, DATA and the answer to them, in a time of its own however much is said meanwhile: an answer that never
 * ends must not hold the mail behind it. */
export function transaction(
  link: Link,
  mail: OutgoingMail,
  { body }: Consignment,
  { target, timeoutMs, clock, pool }: TransactionParts,
  signal: AbortSignal,
): Promise<Outcome> {
  const { promise, resolve } = Promise.withResolvers<Outcome>()
  const { connection, host } = link
  const bytes = Readable.from(whole(mail.trace, body.open()))
  let given = false
  let over = false
  const broken = (code: ErrorCode): void => {
    connection.close()
    settle({ kind: given ? 'unknown' : 'retry', code })
  }
  const late = (): void => broken('ANSWER_TIMEOUT')
  const abort = (): void => broken(abandoned(signal))
  const length = mail.trace.length + body.bytes
  let cancel = clock.after(REPLIES * timeoutMs + Math.ceil(length / SLOWEST), late)
  const settle = (outcome: Outcome): void => {
    over = true
    cancel()
    signal.removeEventListener('abort', abort)
    resolve(outcome)
  }
  // Before the last byte was given nothing can have been taken; behind it the answer alone tells.
  bytes.once('end', () => {
    given = true
    if (over) return
    cancel()
    cancel = clock.after(END_FACTOR * timeoutMs, late)
    allowSilence(link, END_FACTOR * timeoutMs)
  })
  signal.addEventListener('abort', abort, { once: true })
  allowSilence(link, timeoutMs)
  connection.send(envelopeOf(mail, body.bytes), bytes, (fault: unknown, info?: SendInfo) => {
    const said = info?.rejectedErrors?.[0]?.response ?? (fault as SendFault | null)?.response
    if (fault && said === undefined) {
      const known = ownFault(fault as SendFault)
      if (known === null) return broken((fault as SendFault).code === 'ETIMEDOUT' ? 'ANSWER_TIMEOUT' : 'CONNECTION_CUT')
      connection.close()
      return settle(known)
    }
    const response = info?.response ?? ''
    // A yes to what has not been said whole is no answer to it.
    if (!(said === undefined ? given && YES.test(response) : NO.test(said))) return broken('ANSWER_GARBAGE')
    const outcome = said === undefined ? taken(response, mail, target, connection) : refusedBy(said, host)
    // Behind a refusal the other side may think that a mail has begun: the next one goes by another link.
    if (said === undefined) pool.give(link)
    else connection.quit()
    settle(outcome)
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
export function diagnosticOf(said: string, host: string): string {
  return `${host}\n${said.replace(/[\r\n]+/g, ' ').slice(0, 1_000)}`
}

/** The numbers of a reply alone: its text may name a patient. */
export function numbersOf(said: string): string {
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
