import { isAscii } from 'node:buffer'
import type { SmtpTarget } from '../../core/config.ts'
import type { Mailbox, OutgoingMail, OutgoingMailOf, TrustSpace } from '../../core/mail.ts'
import type { Body } from '../../core/message.ts'
import type { Outcome } from '../../core/outcome.ts'
import type { Consignment, Sender } from '../../core/ports.ts'
import { beforehand, type SenderParts, senderOf, type To } from '../attempts.ts'
import { givenUp, notOurs } from '../give-up.ts'
import { hostsOf } from './hosts.ts'
import { type Link, type Linked, linkTo, sayUtf8, takesUtf8 } from './link.ts'
import { LinkPool } from './pool.ts'
import { diagnosticOf, numbersOf, transaction } from './transaction.ts'

const HEADER_END = '\r\n\r\n'

/** What mail is sent with. */
export interface SmtpSenderParts extends SenderParts {
  readonly outgoing: OutgoingMailOf
  readonly trust: TrustSpace
  /** The mailbox of ours of an address; null: there is none. */
  readonly mailbox: (address: string) => Promise<Mailbox | null>
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
  destination: To<SmtpTarget>,
  parts: SmtpSenderParts,
  pool: LinkPool,
  signal: AbortSignal,
): Promise<Outcome> {
  const { trust, clock } = parts
  const { target, timeoutMs } = destination
  const shut = target.how === 'operator' ? (trust.closed() ?? trust.reaches(target.domain)) : null
  if (shut !== null) return { kind: 'retry', code: shut, breaker: true }
  const mail = await beforehand(() => parts.outgoing(consignment.deliveryId, consignment.messageId))
  if ('kind' in mail) return mail
  const suspended = target.how === 'operator' ? false : await beforehand(() => isSuspended(mail, parts))
  if (typeof suspended !== 'boolean') return suspended
  if (suspended) return { kind: 'refused', code: 'MAIL_BOX_SUSPENDED', answer: 'MAIL_BOX_SUSPENDED' }
  const utf8 = await beforehand(() => needsUtf8(mail, consignment.body))
  if (typeof utf8 !== 'boolean') return utf8
  if (signal.aborted) return givenUp(signal)
  // A host that was asked says more than one that could not be.
  let asked: Outcome | null = null
  let unasked: Outcome = away({ ok: false, code: 'MAIL_NO_HOST' })
  for await (const linked of links(destination, parts, pool, signal, () => isOver(asked))) {
    if (linked.ok && (signal.aborted || consignment.mayBegin?.() === false)) {
      pool.give(linked.link)
      return signal.aborted ? givenUp(signal) : notOurs()
    }
    if (signal.aborted) return givenUp(signal)
    if (!linked.ok) {
      unasked = away(linked)
      continue
    }
    if (utf8 && !takesUtf8(linked.link)) {
      pool.give(linked.link)
      return { kind: 'refused', code: 'MAIL_NO_SMTPUTF8', answer: 'SMTPUTF8' }
    }
    if (utf8) sayUtf8(linked.link)
    asked = await transaction(linked.link, mail, consignment, { target, timeoutMs, clock, pool }, signal)
    if (asked.kind !== 'retry' || asked.code === 'BODY_DAMAGED' || signal.aborted) return asked
  }
  return asked ?? unasked
}

/** Was the mailbox on an establishment's server suspended or closed since the mail was taken? One that is known there alone was not. */
async function isSuspended({ recipient }: OutgoingMail, { mailbox }: SmtpSenderParts): Promise<boolean> {
  const box = await mailbox(recipient.address)
  return box !== null && box.state !== 'active'
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

/** Did the far side end the connection, which says nothing of the next one (421, RFC 5321 §3.8)? */
function isOver(asked: Outcome | null): boolean {
  if (asked?.kind !== 'retry') return false
  return asked.code === 'CONNECTION_CUT' || asked.answer?.startsWith('421') === true
}

/**
 * Links to ask one after the other until one takes the mail (RFC 5321 §5.1): one that is open, then one to every other
 * host of the domain, best first; and to the same host again where the open one was `over`. */
async function* links(
  { target, timeoutMs }: To<SmtpTarget>,
  { trust, clock }: SmtpSenderParts,
  pool: LinkPool,
  signal: AbortSignal,
  over: () => boolean,
): AsyncIterable<Linked> {
  const open = pool.take((one) => stillServes(one, target, trust))
  if (open !== null) yield { ok: true, link: open }
  const found = await hostsOf(target, clock, signal)
  if ('none' in found) {
    yield { ok: false, code: found.none === 'no-mail' ? 'MAIL_NO_MAIL' : 'MAIL_NO_HOST' }
    return
  }
  const passedBy = open === null || over() ? null : open.host
  for (const host of found.hosts) {
    if (host.host !== passedBy) yield await linkTo(host, target, trust, { silenceMs: timeoutMs, clock }, signal)
  }
}

/** Do its addresses or its header say more than ASCII has, so that it may go only where SMTPUTF8 is taken (RFC 6531 §3.2)? */
async function needsUtf8({ envelope, recipient, trace }: OutgoingMail, body: Body): Promise<boolean> {
  if (!isAscii(Buffer.from(envelope.sender + recipient.address))) return true
  if (!envelope.utf8) return false
  let header = trace
  for await (const part of body.open()) {
    header = Buffer.concat([header, part])
    const end = header.indexOf(HEADER_END)
    if (end >= 0) return !isAscii(header.subarray(0, end))
  }
  return !isAscii(header)
}

/** The list may have changed since the link was made. */
function stillServes({ certificate }: Link, { how, domain }: SmtpTarget, trust: TrustSpace): boolean {
  return how !== 'operator' || (certificate !== null && trust.serves(certificate, domain) === null)
}
