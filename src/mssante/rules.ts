import { X509Certificate } from 'node:crypto'
import type { Journal } from '../core/journal.ts'
import {
  domainOf,
  type Mailbox,
  type MailEnvelope,
  type MailFacts,
  type MailNo,
  type MailOperator,
  type MailPeer,
  type MailRules,
  type MailUser,
  mailboxKey,
  type TrustSpace,
} from '../core/mail.ts'
import type { Clock } from '../core/ports.ts'
import { parseNodeName } from '../formats/x509/distinguished-name.ts'
import { findMailbox, mailboxesOfPerson, mailboxOfCertificate } from './mailboxes.ts'
import { perMinute } from './rate.ts'

/** What the rules of both doors look at. */
export interface RuleParts {
  readonly journal: Pick<Journal, 'look'>
  /** Null: the region is no mail operator now, and takes no mail. */
  readonly operator: () => MailOperator | null
  readonly trust: TrustSpace
  readonly clock: Pick<Clock, 'monotonicMs'>
}

/**
 * What other mail operators may bring, in the order in which SMTP says it: a certificate of the trust space, a sender of a
 * domain that the white list gives to that very certificate, mailboxes of ours, a From of the sender's domain. All of it is
 * asked anew at each mail, so that whoever leaves the list is refused in the middle of a connection. */
export function operatorRules({ journal, operator, trust, clock }: RuleParts): MailRules {
  const reports = perMinute(clock)
  return {
    async sender(peer, envelope, bytes) {
      const ours = operator()
      if (ours === null) return { code: 'WHITELIST_NONE', close: true }
      const untrusted = trustedPeer(peer, envelope.sender, trust)
      if (untrusted !== null) return untrusted
      if (envelope.sender === '' && !reports(peer.subject ?? peer.address, ours.nullSenderPerMinute)) {
        return { code: 'MAIL_RATE' }
      }
      return tooLarge(bytes, ours.limits.maxBytes)
    },
    async recipient(_peer, _envelope, { address }) {
      const ours = operator()
      if (ours?.domains.has(domainOf(address)) !== true) return { code: 'MAIL_RELAY_DENIED' }
      return unfit(await findMailbox(journal, address))
    },
    header(peer, envelope, facts) {
      return looped(facts, operator()) ?? alignedDomain(peer, envelope, facts, trust)
    },
  }
}

/**
 * What users of ours may send: as a mailbox that is theirs at that moment, to the trust space alone; receipts with the null
 * sender. */
export function submissionRules({ journal, operator, trust, clock }: RuleParts): MailRules {
  const submissions = perMinute(clock)
  return {
    async sender(peer, { sender }, bytes) {
      const ours = operator()
      if (ours === null) return { code: 'WHITELIST_NONE', close: true }
      if (peer.user === null) return { code: 'MAIL_NOT_SIGNED_IN' }
      if (!submissions(peer.user.id, ours.submissionsPerMinute)) return { code: 'MAIL_RATE' }
      const own = await addressesNow(peer, peer.user, ours, journal)
      // A receipt (RFC 8098 §3): its header says whose it is.
      if (sender === '' && own.length > 0) return tooLarge(bytes, ours.limits.maxBytes)
      const key = mailboxKey(sender)
      const box = await findMailbox(journal, sender)
      // A name of the lab may stand for a mailbox that is kept elsewhere.
      const suspended = box !== null && box.state !== 'active'
      if (suspended && [...own, ...peer.user.addresses].includes(key)) return { code: 'MAIL_BOX_SUSPENDED' }
      if (!own.includes(key)) return { code: 'MAIL_SENDER_NOT_YOURS' }
      return tooLarge(bytes, ours.limits.maxBytes)
    },
    async recipient(_peer, _envelope, { address }) {
      const ours = operator()
      if (ours === null) return { code: 'WHITELIST_NONE', close: true }
      const domain = domainOf(address)
      if (ours.domains.has(domain)) return unfit(await findMailbox(journal, address))
      const unlisted = trust.reaches(domain)
      if (unlisted === null) return null
      return { code: unlisted === 'MAIL_DOMAIN_UNLISTED' ? 'MAIL_OUTSIDE' : unlisted }
    },
    async header(peer, { sender }, facts) {
      if (sender === '') return looped(facts, operator()) ?? (await ownReceipt(peer, facts, operator(), journal))
      const own = facts.from.length === 1 && mailboxKey(facts.from[0]!) === mailboxKey(sender)
      return looped(facts, operator()) ?? (own ? null : { code: 'MAIL_FROM_OTHER' })
    },
  }
}

/** Whom somebody may send as now: what was true at the sign-in may have ended within the connection. */
async function addressesNow(
  { certificate }: MailPeer,
  { id, how }: MailUser,
  { passwords }: MailOperator,
  journal: RuleParts['journal'],
): Promise<readonly string[]> {
  if (how === 'token') return (await mailboxesOfPerson(journal, id)).map(({ address }) => address)
  if (how === 'password') return passwords.find(({ name }) => name === id)?.addresses.map(mailboxKey) ?? []
  if (certificate === null) return []
  const box = await mailboxOfCertificate(journal, parseNodeName(new X509Certificate(certificate).subject).key)
  return box === null ? [] : [box.address]
}

/** With the null sender goes nothing but a receipt, from an active mailbox of whoever signed in. */
async function ownReceipt(
  peer: MailPeer,
  { kind, from }: MailFacts,
  operator: MailOperator | null,
  journal: RuleParts['journal'],
): Promise<MailNo | null> {
  const [address, ...more] = from
  if (operator === null || peer.user === null || kind !== 'MAIL^MDN') return { code: 'MAIL_SENDER_NOT_YOURS' }
  const own = await addressesNow(peer, peer.user, operator, journal)
  if (address === undefined || more.length > 0 || !own.includes(mailboxKey(address))) return { code: 'MAIL_FROM_OTHER' }
  const box = await findMailbox(journal, address)
  return box !== null && box.state !== 'active' ? { code: 'MAIL_BOX_SUSPENDED' } : null
}

function trustedPeer({ certificate, tls }: MailPeer, sender: string, trust: TrustSpace): MailNo | null {
  if (tls === null) return { code: 'MAIL_TLS_FIRST' }
  const closed = trust.closed()
  if (closed !== null) return { code: closed, close: closed === 'WHITELIST_NONE' }
  if (certificate === null) return { code: 'MAIL_PEER_UNLISTED' }
  const code = trust.carries(certificate, sender === '' ? null : domainOf(sender))
  return code === null ? null : { code }
}

function tooLarge(bytes: number | null, most: number): MailNo | null {
  return bytes !== null && bytes > most ? { code: 'MAIL_TOO_LARGE' } : null
}

/** Why a mailbox takes nothing; null: it does. Its quota is asked when mail is put into it. */
function unfit(box: Mailbox | null): MailNo | null {
  if (box === null) return { code: 'MAIL_BOX_UNKNOWN' }
  return box.state === 'active' ? null : { code: 'MAIL_BOX_SUSPENDED' }
}

function looped({ hops, loops }: MailFacts, operator: MailOperator | null): MailNo | null {
  const most = operator?.limits.maxHops ?? 0
  return hops > most || loops >= LOOPS ? { code: 'MAIL_LOOP' } : null
}

/** Times that a mail may have passed here. */
const LOOPS = 5

/** From names the domain of the envelope's sender; a report, which has none, comes under a name of the peer's. */
function alignedDomain(
  { certificate }: MailPeer,
  { sender }: MailEnvelope,
  { from }: MailFacts,
  trust: TrustSpace,
): MailNo | null {
  const domains = new Set(from.map(domainOf))
  if (sender !== '') return domains.size === 1 && domains.has(domainOf(sender)) ? null : { code: 'MAIL_FROM_OTHER' }
  const theirs = certificate !== null && [...domains].every((domain) => reportsAs(certificate, domain, trust))
  return theirs ? null : { code: 'MAIL_FROM_OTHER' }
}

/**
 * May this peer report under this name: a domain that the list gives it, a host below one (`MAILER-DAEMON@mail.a.test` is
 * what servers write that are not told otherwise), or a name of its certificate? */
function reportsAs(certificate: Buffer, domain: string, trust: TrustSpace): boolean {
  const labels = domain.split('.')
  for (let n = 0; n < labels.length - 1; n += 1) {
    if (trust.carries(certificate, labels.slice(n).join('.')) === null) return true
  }
  return new X509Certificate(certificate).checkHost(domain, { subject: 'always', wildcards: false }) !== undefined
}
