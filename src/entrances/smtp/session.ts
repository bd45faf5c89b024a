import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import type { TlsFiles } from '../../core/config.ts'
import type { ErrorCode } from '../../core/errors.ts'
import type { MailEnvelope, MailNo, MailPeer, MailRecipient, MailUser } from '../../core/mail.ts'
import { chainFault } from '../mllp/handshake.ts'
import { readMail, readRcpt } from './envelope.ts'
import type { SmtpParts } from './parts.ts'
import { receive } from './receive.ts'
import { lines, refusal, reply } from './reply.ts'
import { signIn } from './sasl.ts'
import { Wire, type WireEnd } from './wire.ts'

/** A mail that is being announced. */
interface Transaction {
  readonly envelope: MailEnvelope
  readonly recipients: Map<string, MailRecipient>
  readonly startedAtMs: number
}

/** What the door keeps for all its connections. */
export interface DoorOfSessions {
  /** The handshake on a socket whose other side was told to begin; null: it failed, and the door has said why. */
  secure(socket: Socket): Promise<TLSSocket | null>
  /** Has the peer of this name room for one connection more? Once yes, `leave` gives it back. */
  admit(subject: string): boolean
  leave(subject: string): void
  /** Peers of this address have shown themselves lately: nobody waits whether they speak too early. */
  known(host: string): boolean
  learn(host: string): void
  /** A connection of this address is no stranger's any more: it has shown a certificate, signed in, or ended. */
  introduced(host: string): void
  readonly closing: boolean
  /** What certificates are judged by; another object once it was renewed. */
  readonly files: TlsFiles
}

/** How long a peer has to show a certificate or to sign in (ms), unless silence ends it sooner. */
const STRANGER_MS = 120_000
/** How long an unknown peer must keep silent before it is greeted (ms; RFC 5321 §4.3.1). */
const SILENCE_MS = 100
/** Bytes of a command line, and of one with a token. */
const LINE_BYTES = 2_048
const SIGN_IN_LINE_BYTES = 16 * 1024

/** One connection at a mail door: SMTP (RFC 5321) with STARTTLS first, from the greeting to the end. */
export class SmtpSession {
  readonly #parts: SmtpParts
  readonly #door: DoorOfSessions
  readonly #wire: Wire
  readonly #host: string
  #peer: MailPeer
  #mail: Transaction | null = null
  #bad = 0
  /** Commands since the last mail began. */
  #idle = 0
  /** Ends the time that a stranger has; null: it is none. */
  #introduce: (() => void) | null
  #admitted: string | null = null
  #user: MailUser | null = null
  /** Why the chain of the certificate that was shown is not good; null: it is, or none was shown. */
  #fault: ErrorCode | null = null
  /** What that certificate was judged by; null: none was shown. */
  #judgedBy: TlsFiles | null = null
  #busy = false

  constructor(
    socket: Socket,
    host: string,
    address: string,
    loopback: boolean,
    parts: SmtpParts,
    door: DoorOfSessions,
  ) {
    this.#parts = parts
    this.#door = door
    this.#host = host
    this.#peer = { address, loopback, hello: '', tls: null, certificate: null, subject: null, user: null }
    const lineBytes = parts.signIn === null ? LINE_BYTES : SIGN_IN_LINE_BYTES
    const { clock } = parts
    const { idleMs } = parts.door
    this.#wire = new Wire(socket, clock, { idleMs, lineBytes })
    this.#introduce = clock.after(Math.min(STRANGER_MS, idleMs), () => this.#wire.tell('strange'))
  }

  /** Says goodbye at the next command, or at once when none is under way. */
  part(): void {
    this.#wire.tell('told')
  }

  destroy(): void {
    this.#wire.destroy()
  }

  /** Resolves when the connection is over. Never rejects. */
  async run(): Promise<void> {
    const { log, door } = this.#parts
    try {
      if (await this.#greet()) while (await this.#next());
    } catch (fault) {
      log.error('smtp.fault', { entrance: door.name, peer: this.#peer.address, code: 'INTERNAL' }, fault)
      await this.#wire.write(refusal('PROCESSING_FAILED'))
    } finally {
      this.#introduced()
      if (this.#admitted !== null) this.#door.leave(this.#admitted)
      this.#wire.finish()
    }
  }

  #introduced(): void {
    if (this.#introduce === null) return
    this.#introduce()
    this.#introduce = null
    this.#door.introduced(this.#host)
  }

  async #greet(): Promise<boolean> {
    const { clock, operator } = this.#parts
    if (!this.#door.known(this.#host)) {
      await new Promise<void>((resolve) => void clock.after(SILENCE_MS, resolve))
      if (this.#wire.spoken) return this.#bye('421 5.5.1', 'You talk too soon')
    }
    const ours = operator()
    if (ours === null) return this.#bye('421 4.3.2', 'No mail is taken here now')
    await this.#wire.write(reply('220', `${ours.host} ESMTP`))
    return true
  }

  /** Reads and answers one command. False: the connection is over. */
  async #next(): Promise<boolean> {
    const line = await this.#wire.line()
    const ended = ENDS[line as WireEnd]
    if (ended !== undefined) {
      if (line === 'gone') return false
      const [code, text] = ended
      return this.#bye(code, text)
    }
    this.#busy = true
    try {
      return await this.#answer(line)
    } finally {
      this.#busy = false
    }
  }

  /** Is a command being answered? */
  get busy(): boolean {
    return this.#busy
  }

  async #answer(line: string): Promise<boolean> {
    const space = line.indexOf(' ')
    const verb = (space < 0 ? line : line.slice(0, space)).toUpperCase()
    const argument = space < 0 ? '' : line.slice(space + 1).trimEnd()
    const within = this.#mail !== null && (verb === 'RCPT' || verb === 'DATA')
    if (!within) this.#idle += 1
    if (this.#idle > IDLE_COMMANDS) return this.#bye('421 4.7.0', 'Too many commands and no mail')
    switch (verb) {
      case 'EHLO':
      case 'HELO':
        return this.#hello(verb, argument)
      case 'STARTTLS':
        return this.#startTls(argument)
      case 'AUTH':
        return this.#auth(argument)
      case 'MAIL':
        return this.#from(argument)
      case 'RCPT':
        return this.#to(argument)
      case 'DATA':
        return this.#data(argument)
      case 'RSET':
        this.#mail = null
        return this.#say('250 2.0.0', 'OK')
      case 'NOOP':
        return this.#say('250 2.0.0', 'OK')
      case 'VRFY':
        return this.#say('252 2.1.5', 'Send some mail, and see')
      case 'QUIT':
        return this.#bye('221 2.0.0', 'Bye')
      case 'EXPN':
      case 'HELP':
        return this.#say('502 5.5.1', 'Not here')
      default:
        return this.#unknown()
    }
  }

  async #hello(verb: string, argument: string): Promise<boolean> {
    if (!/^[\x21-\x7e]{1,255}$/.test(argument)) return this.#say('501 5.5.4', `Syntax: ${verb} name`)
    const ours = this.#parts.operator()
    if (ours === null) return this.#bye('421 4.3.2', 'No mail is taken here now')
    this.#mail = null
    this.#peer = { ...this.#peer, hello: argument }
    if (verb === 'HELO') return this.#say('250', ours.host)
    const ways = this.#peer.tls === null || this.#user !== null ? [] : this.#mechanisms()
    await this.#wire.write(
      lines('250', [
        ours.host,
        'PIPELINING',
        `SIZE ${ours.limits.maxBytes}`,
        '8BITMIME',
        'SMTPUTF8',
        'DSN',
        'ENHANCEDSTATUSCODES',
        ...(this.#peer.tls === null ? ['STARTTLS'] : []),
        ...(ways.length === 0 ? [] : [`AUTH ${ways.join(' ')}`]),
      ]),
    )
    return true
  }

  #mechanisms(): readonly string[] {
    const ways = this.#parts.signIn?.ways ?? []
    return [
      ...(ways.includes('token') ? ['XOAUTH2', 'OAUTHBEARER'] : []),
      ...(ways.includes('certificate') && this.#peer.certificate !== null ? ['EXTERNAL'] : []),
      ...(ways.includes('password') ? ['PLAIN', 'LOGIN'] : []),
    ]
  }

  async #startTls(argument: string): Promise<boolean> {
    if (argument !== '') return this.#say('501 5.5.4', 'Syntax: STARTTLS')
    if (this.#peer.tls !== null) return this.#say('503 5.5.1', 'TLS is there already')
    await this.#wire.write(reply('220 2.0.0', 'Go ahead'))
    const secured = await this.#door.secure(this.#wire.release())
    if (secured === null) return false
    this.#wire.change(secured)
    this.#mail = null
    const cipher = secured.getCipher()
    const certificate = secured.getPeerX509Certificate()
    const tls = { version: secured.getProtocol() ?? '', cipher: cipher.standardName ?? cipher.name }
    const { files } = this.#door
    const fault = certificate === undefined ? null : chainFault(secured, files)
    this.#judgedBy = certificate === undefined ? null : files
    this.#fault = fault === null ? null : codeOfChain(fault)
    const good = certificate !== undefined && fault === null
    const subject = certificate === undefined ? null : subjectOf(certificate.subject)
    this.#peer = {
      ...this.#peer,
      hello: '',
      tls,
      certificate: good ? certificate.raw : null,
      subject: good ? subject : null,
    }
    if (fault !== null && certificate !== undefined) {
      const said = `subject ${subject} issuer ${subjectOf(certificate.issuer)} (${fault})`
      this.#refused(this.#fault!, said.slice(0, 500))
    }
    return good ? this.#admit(subject!) : true
  }

  async #admit(subject: string): Promise<boolean> {
    if (this.#parts.signIn === null && !this.#door.admit(subject)) {
      await this.#refuse({ code: 'PEER_CONNECTION_LIMIT' })
      return false
    }
    if (this.#parts.signIn === null) this.#admitted = subject
    this.#door.learn(this.#host)
    this.#introduced()
    return true
  }

  async #auth(argument: string): Promise<boolean> {
    const { signIn: who } = this.#parts
    if (who === null) return this.#say('502 5.5.1', 'Nobody signs in here')
    if (this.#peer.tls === null) return this.#say('538 5.7.11', 'STARTTLS comes first')
    if (this.#user !== null) return this.#say('503 5.5.1', 'Signed in already')
    if (this.#mail !== null) return this.#say('503 5.5.1', 'Not within a mail')
    const found = await signIn(argument, this.#mechanisms(), this.#wire, who, this.#peer)
    if (found.kind === 'ended') return false
    if (found.kind === 'said') return true
    if (found.kind === 'no') {
      await this.#refuse({ code: found.code })
      return this.#tolerate()
    }
    this.#introduced()
    this.#user = found.user
    this.#peer = { ...this.#peer, user: found.user }
    return this.#say('235 2.7.0', 'Signed in')
  }

  async #from(argument: string): Promise<boolean> {
    if (this.#peer.hello === '') return this.#say('503 5.5.1', 'EHLO comes first')
    if (this.#mail !== null) return this.#say('503 5.5.1', 'A mail has begun already')
    if (this.#peer.tls === null) return this.#refuse({ code: 'MAIL_TLS_FIRST' })
    // A handshake is what judges a certificate: the peer comes back for another.
    if (this.#judgedBy !== null && this.#judgedBy !== this.#door.files) {
      return this.#bye('421 4.3.2', 'Trust was renewed; come again')
    }
    if (this.#fault !== null) return this.#refuse({ code: this.#fault })
    const read = readMail(argument, this.#user !== null)
    if (!read.ok) return this.#refuse(read)
    const { envelope, bytes } = read.value
    const verdict = await this.#parts.rules.sender(this.#peer, envelope, bytes)
    if (verdict !== null) return this.#refuse(verdict, this.#ours(envelope, null))
    this.#idle = 0
    this.#mail = { envelope, recipients: new Map(), startedAtMs: this.#parts.clock.monotonicMs() }
    return this.#say('250 2.1.0', 'OK')
  }

  async #to(argument: string): Promise<boolean> {
    const mail = this.#mail
    if (mail === null) return this.#say('503 5.5.1', 'MAIL comes first')
    const read = readRcpt(argument, mail.envelope.utf8)
    if (!read.ok) return this.#refuse(read)
    const recipient = read.value
    const key = recipient.address.toLowerCase()
    const most = this.#parts.operator()?.limits.maxRecipients ?? 0
    const more = !mail.recipients.has(key)
    const ours = this.#ours(mail.envelope, recipient)
    if (more && mail.recipients.size >= most) return this.#refuse({ code: 'MAIL_TOO_MANY_RECIPIENTS' }, ours)
    if (more && mail.envelope.sender === '' && mail.recipients.size > 0) {
      return this.#refuse({ code: 'MAIL_NULL_RECIPIENTS' }, ours)
    }
    const verdict = await this.#parts.rules.recipient(this.#peer, mail.envelope, recipient)
    if (verdict !== null) return this.#refuse(verdict, ours)
    mail.recipients.set(key, recipient)
    return this.#say('250 2.1.5', 'OK')
  }

  async #data(argument: string): Promise<boolean> {
    const mail = this.#mail
    if (argument !== '') return this.#say('501 5.5.4', 'Syntax: DATA')
    const [first, ...others] = mail === null ? [] : [...mail.recipients.values()]
    if (mail === null || first === undefined) return this.#say('503 5.5.1', 'MAIL and RCPT come first')
    this.#mail = null
    const { envelope, startedAtMs } = mail
    await this.#wire.write(reply('354', 'End with CRLF.CRLF'))
    const taken = await receive(this.#wire, this.#parts, {
      peer: this.#peer,
      envelope,
      recipients: [first, ...others],
      deadlineMs: startedAtMs + this.#parts.door.mailMs,
    })
    if (taken === 'gone') return false
    if (!('code' in taken)) {
      await this.#wire.write(reply('250 2.6.0', `${taken.messageId} is kept`))
      // Whatever was said behind the mail, its sender knows at once that it need not send it again.
      await this.#wire.flush()
      return true
    }
    return this.#refuse(taken, this.#ours(envelope, first))
  }

  /** The address of ours that a mail is about: of whom it is for; at the submission door of who sends it. */
  #ours({ sender }: MailEnvelope, recipient: MailRecipient | null): string | null {
    return this.#parts.signIn === null ? (recipient?.address ?? null) : sender || null
  }

  async #refuse({ code, close }: MailNo, address: string | null = null): Promise<boolean> {
    this.#refused(code)
    this.#parts.refused(code, address)
    await this.#wire.write(refusal(code))
    return close !== true && !ENDING.has(code)
  }

  #refused(code: ErrorCode, certificate?: string): void {
    const { door, log, meter } = this.#parts
    const said = certificate ?? this.#peer.subject
    meter.count('mail_said_no_total', { entrance: door.name, code })
    log.warn('smtp.refused', {
      entrance: door.name,
      peer: this.#peer.address,
      code,
      ...(said && { certificate: said }),
    })
  }

  async #unknown(): Promise<boolean> {
    await this.#wire.write(reply('500 5.5.2', 'No such command'))
    return this.#tolerate()
  }

  /** Whoever goes on talking nonsense is shown the door. */
  #tolerate(): boolean | Promise<boolean> {
    this.#bad += 1
    return this.#bad < BAD_COMMANDS ? true : this.#bye('421 4.7.0', 'Too much of this')
  }

  async #say(code: string, text: string): Promise<boolean> {
    await this.#wire.write(reply(code, text))
    return true
  }

  async #bye(code: string, text: string): Promise<false> {
    await this.#wire.write(reply(code, text))
    return false
  }
}

/** Commands that are none, before the connection is closed. */
const BAD_COMMANDS = 10
/** Commands that begin no mail, one after the other, before it is closed. */
const IDLE_COMMANDS = 100
/** Codes after which nothing more is said. */
const ENDING: ReadonlySet<ErrorCode> = new Set(['DRAINING', 'FRAME_TIMEOUT', 'MAIL_LINES'])

const ENDS: Readonly<Record<WireEnd, readonly [string, string]>> = {
  gone: ['221 2.0.0', ''],
  late: ['421 4.4.2', 'Too long a silence'],
  strange: ['421 4.7.0', 'Too long without a certificate or a sign-in'],
  bare: ['500 5.5.2', 'Lines end with CRLF, and hold no NUL'],
  long: ['500 5.5.2', 'The line is too long'],
  told: ['421 4.3.2', 'The door closes; come again'],
}

/** A subject or issuer of Node in one line, for logs and traces. */
function subjectOf(name: string): string {
  return name.split('\n').reverse().join(',').slice(0, 500)
}

const OUTSIDE_VALIDITY = ['CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID']
const NO_LIST = ['UNABLE_TO_GET_CRL', 'CRL_HAS_EXPIRED', 'CRL_NOT_YET_VALID']

/** The code for a rule of OpenSSL that a chain broke. */
function codeOfChain(fault: string): ErrorCode {
  if (NO_LIST.includes(fault)) return 'REVOCATION_STALE'
  return OUTSIDE_VALIDITY.includes(fault) ? 'CERTIFICATE_EXPIRED' : 'CERTIFICATE_FOREIGN'
}
