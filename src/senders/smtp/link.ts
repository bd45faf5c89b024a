import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import SMTPConnection from 'nodemailer/lib/smtp-connection'
import type { SmtpTarget } from '../../core/config.ts'
import type { ErrorCode } from '../../core/errors.ts'
import type { TrustSpace } from '../../core/mail.ts'
import type { Clock } from '../../core/ports.ts'
import { STRONG_CIPHERS } from '../../formats/x509/ciphers.ts'
import { crlOption, revocationFault } from '../../formats/x509/revocation.ts'
import type { MailHost } from './hosts.ts'

/** A connection that may be given mail. */
export interface Link {
  readonly connection: SMTPConnection
  readonly host: string
  /** DER of the server's certificate; null: plain. */
  readonly certificate: Buffer | null
}

/** A link, or why there is none. `said`: what the other side answered. */
export type Linked =
  | { readonly ok: true; readonly link: Link }
  | {
      readonly ok: false
      readonly code: ErrorCode
      readonly said?: string
      readonly host?: string
      /** Of the server, when it was that which is not taken. */
      readonly certificate?: Buffer
    }

const CONNECT_MS = 30_000
const GREETING_MS = 60_000
/** Answers between greeting and MAIL: EHLO, STARTTLS, EHLO. */
const REPLIES = 3

/** How long the other side may say nothing, and for how long it may go on about all; absent: an answer's time for each. */
export interface Patience {
  readonly silenceMs: number
  readonly wholeMs?: number
  readonly clock: Pick<Clock, 'after'>
}

/**
 * Connects to a host and stands before MAIL: greeting, EHLO, STARTTLS, the certificate of the other side. A mail operator
 * must be one that the white list names for that very domain: its host name says nothing (the list binds domain to
 * subject). Never plain but to a server that was set so. Never rejects. */
export function linkTo(
  { host, port }: MailHost,
  target: SmtpTarget,
  trust: TrustSpace,
  { silenceMs, wholeMs = CONNECT_MS + REPLIES * silenceMs, clock }: Patience,
  signal?: AbortSignal,
): Promise<Linked> {
  const { promise, resolve } = Promise.withResolvers<Linked>()
  const connection = new SMTPConnection(optionsOf({ host, port }, target, silenceMs))
  const fail = (code: ErrorCode, said?: string, certificate?: Buffer | null): void => {
    // Before it is closed, for closing ends it, which would be the reason then.
    resolve({ ok: false, code, ...(said === undefined ? {} : { said, host }), ...(certificate && { certificate }) })
    connection.close()
  }
  const abort = (): void => fail('CONNECT_FAILED')
  signal?.addEventListener('abort', abort, { once: true })
  const cancel = clock.after(wholeMs, abort)
  const settled = (): void => {
    cancel()
    signal?.removeEventListener('abort', abort)
  }
  void promise.then(settled)
  // Stays for the life of the connection: after a failure nobody else listens.
  connection.on('error', (fault: unknown) => {
    const { code, said } = faultOf(fault)
    fail(code, said)
  })
  connection.once('end', () => fail('CONNECT_FAILED'))
  connection.connect((fault?: unknown) => {
    if (fault !== undefined && fault !== null) return
    const found = certificateOf(connection, target)
    if (found.code !== null) return fail(found.code)
    const { certificate } = found
    const untrusted =
      target.how === 'operator'
        ? certificate === null
          ? 'MAIL_NO_STARTTLS'
          : trust.serves(certificate, target.domain)
        : null
    if (untrusted !== null) {
      const other = untrusted === 'MAIL_PEER_OTHER' || untrusted === 'MAIL_PEER_UNLISTED'
      return fail(other ? 'MAIL_SERVER_OTHER' : untrusted, undefined, certificate)
    }
    resolve({ ok: true, link: { connection, host, certificate } })
  })
  return promise
}

/** Lets the other side say nothing for so long from now on (ms). */
export function allowSilence({ connection }: Link, ms: number): void {
  ;(connection as unknown as { readonly _socket: Socket })._socket.setTimeout(ms)
}

/** Does the other side take mail whose addresses or header are not plain ASCII? */
export function takesUtf8({ connection }: Link): boolean {
  const { _supportedExtensions: known = [] } = connection as unknown as { readonly _supportedExtensions?: string[] }
  return known.includes('SMTPUTF8')
}

/** Makes the next MAIL say SMTPUTF8 (RFC 6531 §3.4): the library looks at addresses alone, and a header may need it, too. */
export function sayUtf8({ connection }: Link): void {
  const wire = connection as unknown as { _sendCommand?: (command: string) => void }
  const say = wire._sendCommand!
  wire._sendCommand = (command) => {
    const needs = command.startsWith('MAIL FROM:') && !command.includes(' SMTPUTF8')
    // Its own again, of its class.
    delete wire._sendCommand
    say.call(connection, needs ? `${command} SMTPUTF8` : command)
  }
}

function optionsOf({ host, port }: MailHost, { how, hello, tls, host: named }: SmtpTarget, silenceMs: number) {
  return {
    host,
    port,
    name: hello,
    lmtp: how === 'lmtp',
    requireTLS: tls !== null,
    ignoreTLS: tls === null,
    connectionTimeout: CONNECT_MS,
    greetingTimeout: GREETING_MS,
    socketTimeout: silenceMs,
    logger: false,
    tls:
      tls === null
        ? {}
        : {
            key: tls.key,
            cert: tls.cert,
            ca: tls.ca,
            ...crlOption(tls),
            minVersion: 'TLSv1.2' as const,
            ciphers: STRONG_CIPHERS,
            rejectUnauthorized: true,
            ...(how === 'operator' ? { checkServerIdentity: () => undefined } : { servername: named ?? host }),
          },
  }
}

/** The certificate that the other side showed, looked up in the revocation lists where TLS was not asked to. */
function certificateOf(
  connection: SMTPConnection,
  { tls }: SmtpTarget,
): { readonly code: ErrorCode | null; readonly certificate: Buffer | null } {
  const socket = (connection as unknown as { readonly _socket: Socket | TLSSocket })._socket
  if (!('getPeerCertificate' in socket)) return { code: tls === null ? null : 'MAIL_NO_STARTTLS', certificate: null }
  const peer = socket.getPeerCertificate(true)
  if (tls !== null && revocationFault(peer, tls) !== null) return { code: 'TLS_FAILED', certificate: null }
  return { code: null, certificate: peer.raw ?? null }
}

/** What a reply before MAIL means that is no yes: a no for good is about us, not about a mail. */
function codeOf(reply: string, command: string | undefined): ErrorCode {
  if (/^4\d\d(?:[ -]|$)/.test(reply)) return 'MAIL_DEFERRED'
  if (!/^5\d\d(?:[ -]|$)/.test(reply)) return 'ANSWER_GARBAGE'
  return command === 'STARTTLS' ? 'MAIL_NO_STARTTLS' : 'DESTINATION_REFUSES_US'
}

/** What a fault of the library was: before anything was given, so that trying again is safe. */
function faultOf(fault: unknown): { code: ErrorCode; said?: string } {
  const { code, response, command, syscall } = fault as Readonly<
    Partial<Record<'code' | 'response' | 'command' | 'syscall', string>>
  >
  if (typeof response === 'string') {
    return { code: codeOf(response, command), said: response }
  }
  if (code === 'ETLS') return { code: command === 'STARTTLS' ? 'MAIL_NO_STARTTLS' : 'TLS_FAILED' }
  // It calls every fault of a socket the same; that of a host where nobody listens has the system's own name beside it.
  return { code: code === 'ESOCKET' && syscall !== 'connect' ? 'TLS_FAILED' : 'CONNECT_FAILED' }
}
