/**
 * Secure mail: the words that its doors, its rules, the journal and its senders share. An organisation that runs mail in
 * the trust space is a "mail operator", because an operator is also a person with a role. A mail is a message of the
 * journal; each recipient is a delivery of its own, to the destination `mail/<domain of the recipient>`. */
import type { TlsFiles } from './config.ts'
import type { ErrorCode } from './errors.ts'
import type { Intake, Staged, Statement } from './journal.ts'
import type { IndicatorSettings } from './mail-indicators.ts'
import type { DestinationId, EntranceName, MessageId, Receipt } from './message.ts'

/** Mails are of this kind, and of `MAIL^DSN`, `MAIL^MDN` or `MAIL^XDM` when that is what they carry. */
export type MailKind = 'MAIL' | 'MAIL^DSN' | 'MAIL^MDN' | 'MAIL^XDM'

/** Of what a sender wants to be told (RFC 3461 §4.1). */
export type NotifyOn = 'never' | 'success' | 'failure' | 'delay'

/** What MAIL FROM said. Addresses are `local@domain`, the domain in lower-case ASCII. */
export interface MailEnvelope {
  /** Empty: the null sender of a report. */
  readonly sender: string
  /** How much of the mail a report of failure brings back (RET); null: not said. */
  readonly returns: 'full' | 'headers' | null
  /** ENVID, decoded; null: none. */
  readonly id: string | null
  /** BODY=8BITMIME and SMTPUTF8. */
  readonly eightBit: boolean
  readonly utf8: boolean
}

/** What one RCPT TO said. */
export interface MailRecipient {
  readonly address: string
  /** Empty: not said, so of failures and delays. */
  readonly notify: readonly NotifyOn[]
  /** ORCPT as it was written (`rfc822;x@y`); null: none. */
  readonly original: string | null
}

/** Who sends at the submission door, once signed in. */
export interface MailUser {
  /** For traces: a national identifier, a certificate's subject, or a name of the lab. */
  readonly id: string
  readonly how: 'token' | 'certificate' | 'password'
  /** Addresses that it may send as: its own and those delegated to it. */
  readonly addresses: readonly string[]
}

/** The other end of a mail connection, as far as it has shown itself. */
export interface MailPeer {
  readonly address: string
  readonly loopback: boolean
  /** What EHLO said; empty before. */
  readonly hello: string
  /** Null: plain. */
  readonly tls: { readonly version: string; readonly cipher: string } | null
  /** DER of the certificate whose chain TLS found good; null: none was shown. */
  readonly certificate: Buffer | null
  /** Subject of that certificate (RFC 4514), for rules and traces; null: none. */
  readonly subject: string | null
  readonly user: MailUser | null
}

/** Why something is not taken: its row in the table of codes says how SMTP says it. */
export interface MailNo {
  readonly code: ErrorCode
  /** The connection ends behind the answer. */
  readonly close?: boolean
}

/** What the first lines of a mail say, as far as rules and traces need it. */
export interface MailFacts {
  readonly kind: MailKind
  /** Without angle brackets; null: none. */
  readonly messageId: string | null
  /** Mailboxes of From. */
  readonly from: readonly string[]
  /** `Received` fields, and how many of them are ours. */
  readonly hops: number
  readonly loops: number
  /** Auto-Submitted says that nobody wrote it. */
  readonly automatic: boolean
  /** X-MSS-CODECDA, X-MSS-INS, X-MSS-NIL, X-MSS-MES as they came; absent ones are not there. */
  readonly xMss: Readonly<Record<string, string>>
}

/** What a door asks before it takes a mail, in this order; null: yes. Asked again at each MAIL of a connection. */
export interface MailRules {
  /** MAIL FROM, with the size that it announces (null: none). */
  sender(peer: MailPeer, envelope: MailEnvelope, bytes: number | null): Promise<MailNo | null>
  /** RCPT TO; recipients of one mail are judged each on its own. */
  recipient(peer: MailPeer, envelope: MailEnvelope, recipient: MailRecipient): Promise<MailNo | null>
  /** The header, once it has come whole. */
  header(peer: MailPeer, envelope: MailEnvelope, facts: MailFacts): MailNo | null | Promise<MailNo | null>
}

/** Who may send at the submission door. Null: nobody that is known. */
export interface MailSignIn {
  /** An OpenID access token (SASL XOAUTH2, OAUTHBEARER), and the name that was given with it; `MailNo`: it cannot be told now. */
  token(name: string, token: string): Promise<MailUser | MailNo | null>
  /** The certificate of an application. */
  certificate(peer: MailPeer): Promise<MailUser | null>
  /** A password of the lab. */
  password(name: string, password: string): Promise<MailUser | null>
  /** Ways that are open now. */
  readonly ways: readonly MailUser['how'][]
}

/** A look at the content while it comes. */
export interface ContentLook {
  /** Bytes as they came; waits when it cannot follow. They are the caller's again when it resolves. */
  write(chunk: Uint8Array): Promise<void>
  /** All has come: null when nothing speaks against it. */
  end(): Promise<MailNo | null>
  /** The mail is given up. */
  drop(): void
}
/** Begins a look. */
export type LookAtContent = () => ContentLook

/** A mail whose every rule was kept, on stable storage but named by no commit yet. */
export interface MailArrival {
  readonly entrance: Extract<EntranceName, 'smtp' | 'submission'>
  readonly peer: MailPeer
  readonly receivedAtMs: number
  readonly envelope: MailEnvelope
  readonly recipients: readonly [MailRecipient, ...MailRecipient[]]
  /** The bytes as they came, and the id that they are stored under. */
  readonly id: MessageId
  readonly staged: Staged
  readonly facts: MailFacts
}

/** Takes a mail: the receipt is the 250. Never rejects. */
export type AcceptMail = (arrival: MailArrival) => Promise<Receipt | MailNo>

/** What the white list says of the trust space, asked anew each time; null: it may be. Certificates are DER. */
export interface TrustSpace {
  /** Why no mail moves at all now. */
  closed(): ErrorCode | null
  /** May this peer bring mail of this sender’s domain (null: the null sender)? What an old list lacks a newer one may have. */
  carries(certificate: Buffer, domain: string | null): ErrorCode | null
  /** Does this server answer for the recipient’s domain? */
  serves(certificate: Buffer, domain: string): ErrorCode | null
  /** May the peer of this subject, as the trace of a mail has it (RFC 4514), speak for this domain? */
  speaksFor(subject: string, domain: string): ErrorCode | null
  /** Does mail go to this domain? */
  reaches(domain: string): ErrorCode | null
  /** Is it certain that none does: by a list that was confirmed within its `old` age? */
  lacks(domain: string): boolean
}

/** A mail that the gateway makes itself. */
export interface OwnMail {
  readonly id: MessageId
  readonly atMs: number
  readonly kind: MailKind
  readonly bytes: Buffer
  readonly envelope: MailEnvelope
  readonly recipient: MailRecipient
  /** Without angle brackets. */
  readonly messageId: string
  readonly automatic: boolean
  readonly xMss: Readonly<Record<string, string>>
  readonly establishment: string | null
  readonly test: boolean
  readonly cause: MessageId | null
  readonly rows: readonly Statement[]
}
/** The mail as it is committed. */
export type OwnMailIntake = (mail: OwnMail) => Intake

/** What a sender of mail is given beside the body: one recipient's envelope. */
export interface OutgoingMail {
  readonly envelope: MailEnvelope
  readonly recipient: MailRecipient
  /** Trace header lines that stand before the bytes, CRLF at the end of each. */
  readonly trace: Buffer
  readonly receivedAtMs: number
}
/** The envelope of a delivery. @throws {GatewayError} NOT_FOUND */
export type OutgoingMailOf = (deliveryId: string, messageId: MessageId) => Promise<OutgoingMail>

/** Kinds of mailbox: of a person, an organisation, an application, a practice. */
export type MailboxKind = 'PER' | 'ORG' | 'APP' | 'CAB'
/** `suspended`: takes no mail for now; `closed`: for ever, its address is never given again. */
export type MailboxState = 'active' | 'suspended' | 'closed'

/** A mailbox that this gateway keeps. Address and kind never change. */
export interface Mailbox {
  readonly address: string
  readonly kind: MailboxKind
  /** As people see it; of a person: `Title_Given_FAMILY_Entity`. */
  readonly name: string
  readonly state: MailboxState
  readonly establishment: string
  /** FINESS of the geographic entity it belongs to; null: the establishment as a whole. */
  readonly entity: string | null
  /** National identifier of the owner (PER, CAB): an RPPS or ADELI number, or an IdNPS; null: none. */
  readonly owner: string | null
  /** Who answers for it (ORG, APP), and what it is for. */
  readonly responsible: string | null
  readonly service: string | null
  readonly description: string | null
  /** Usable, and in no directory. */
  readonly redList: boolean
  /** Bytes it may hold; null: no limit. */
  readonly quota: number | null
  /** APP: subject of the certificate that signs it in (RFC 4514); null: none. */
  readonly certificate: string | null
  readonly createdAtMs: number
  readonly closedAtMs: number | null
}

/** Where the mail of a hosted domain goes: our own mailboxes, or an establishment's own server. */
export type MailStoreSettings =
  | { readonly kind: 'maildir' }
  | {
      readonly kind: 'smtp' | 'lmtp'
      readonly host: string
      readonly port: number
      /** Authorities that vouch for the server, and our certificate there; null: plain, on loopback only. */
      readonly tls: TlsFiles | null
    }

/** A domain whose mailboxes are ours. */
export interface MailDomain {
  readonly name: string
  readonly establishment: string
  readonly store: MailStoreSettings
}

/** Limits of a mail, bytes and counts. */
export interface MailLimits {
  readonly maxBytes: number
  /** A mail with patients among its recipients. */
  readonly maxPatientBytes: number
  readonly maxRecipients: number
  readonly maxHops: number
  readonly maxParts: number
  readonly maxNesting: number
  readonly zip: { readonly entries: number; readonly bytes: number; readonly ratio: number }
}

/** How mail is sent again: waits in ms, the last of them repeated. */
export interface MailRetry {
  readonly stepsMs: readonly number[]
  readonly expiresMs: number
  /** When the sender is told that it takes longer. */
  readonly delayedMs: number
  readonly atOnce: number
  /** Longest wait for the name servers. */
  readonly lookupMs: number
  readonly timeoutMs: number
}

/** An antivirus that takes INSTREAM (clamd). */
export interface AntivirusSettings {
  readonly host: string
  readonly port: number
  readonly timeoutMs: number
  /** What becomes of mail when it gives no answer. */
  readonly down: 'wait' | 'pass'
}

/** A provider whose access tokens name the owner of a mailbox by a claim. */
export interface MailTokens {
  readonly issuer: string
  readonly audience: string | null
  readonly claim: string
  readonly userinfo: boolean
}

/** How an establishment's documents travel by mail. */
export interface DocumentMailing {
  readonly establishment: string
  /** Mailbox of an application: what is sent goes in its name, and what it gets is handed on. */
  readonly mailbox: string
  /** Destination that hands documents to the national record; null: none. */
  readonly dmp: DestinationId | null
  /** Where documents go that come by mail; null: they stay in the mailbox. */
  readonly receive: { readonly to: DestinationId; readonly as: 'hl7v2' | 'fhir' } | null
}

/** This region as a mail operator. Durations ms, sizes bytes. */
export interface MailOperator {
  /** Our name in EHLO, in Received and in reports. */
  readonly host: string
  readonly domains: ReadonlyMap<string, MailDomain>
  /** Domain of patients' addresses. */
  readonly patientDomain: string
  /** Our certificate at other mail operators, and whom we trust there. */
  readonly tls: TlsFiles
  /** Where a domain's mail goes, instead of its MX. */
  readonly hosts: ReadonlyMap<string, { readonly host: string; readonly port: number }>
  /** Name servers asked for MX (`127.0.0.1:5353`); empty: the machine's. */
  readonly nameServers: readonly string[]
  readonly port: number
  readonly limits: MailLimits
  readonly retry: MailRetry
  readonly antivirus: AntivirusSettings | null
  /** By establishment. */
  readonly documents: ReadonlyMap<string, DocumentMailing>
  /** Providers whose access tokens sign people in. `userinfo`: their claim is asked of that endpoint. */
  readonly tokens: readonly MailTokens[]
  /** Of a lab. */
  readonly passwords: readonly {
    readonly name: string
    readonly sha256: string
    readonly addresses: readonly string[]
  }[]
  /** X-MSS-NIL of mails that we write. */
  readonly softwareId: string | null
  /** Domains of trials, lower case: a mail from one of them, or to nobody else, is a test. */
  readonly testDomains: ReadonlySet<string>
  /** How long the traces of mails are kept. */
  readonly tracesMs: number
  /** How its months are told. */
  readonly indicators: IndicatorSettings
  /** Connections of one peer at a time; mails with the null sender that a peer, and mails that one who signed in, may send per minute. */
  readonly maxConnectionsPerPeer: number
  readonly nullSenderPerMinute: number
  readonly submissionsPerMinute: number
}

/** A mail door of this node; TLS always. Durations ms. `maxConnectionsPerPeer`: of one address, without certificate or sign-in. */
export interface MailDoor {
  readonly name: 'smtp' | 'submission'
  readonly host: string
  readonly port: number
  readonly tls: TlsFiles
  readonly idleMs: number
  readonly handshakeMs: number
  readonly mailMs: number
  readonly maxConnections: number
  readonly maxConnectionsPerPeer: number
}

const PREFIX = 'mail/'

/** The destination that takes the mail of a domain. */
export function mailDestination(domain: string): DestinationId {
  return `${PREFIX}${domain}`
}

/** The domain of a destination of mail; null: it is none. */
export function mailDomainOf(id: DestinationId): string | null {
  return id.startsWith(PREFIX) ? id.slice(PREFIX.length) : null
}

/** Domain of an address; empty for the null sender. */
export function domainOf(address: string): string {
  return address.slice(address.lastIndexOf('@') + 1)
}

/** The longest that a mail to these recipients may be (bytes): a patient's side takes less. Nothing is taken without an operator. */
export function mostBytes(operator: MailOperator | null, recipients: readonly MailRecipient[]): number {
  if (operator === null) return 0
  const { limits, patientDomain } = operator
  const patient = recipients.some(({ address }) => domainOf(address) === patientDomain)
  return patient ? Math.min(limits.maxBytes, limits.maxPatientBytes) : limits.maxBytes
}

/**
 * The form of an address by which mailboxes are kept and found: ours differ by no letter's case, and `+tag` leads to the
 * mailbox before it. */
export function mailboxKey(address: string): string {
  const domain = domainOf(address)
  const local = address.slice(0, address.length - domain.length - 1)
  return `${local.toLowerCase().replace(/\+.*$/s, '')}@${domain}`
}
