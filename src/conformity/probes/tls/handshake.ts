import { X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'
import { type ConnectionOptions, connect, type PeerCertificate, type SecureVersion, type TLSSocket } from 'node:tls'
import type { TlsFiles } from '../../../core/config.ts'
import { crlOption } from '../../../formats/x509/revocation.ts'
import type { ProbeAddress } from '../endpoints.ts'
import type { Asking } from '../parts.ts'

/** Longest that TLS 1.3 is waited for to say that it refuses us, once our side of the handshake is over (ms). */
const STAND_MS = 1_000
/** Certificates of a chain that are looked at. */
const MOST_CERTIFICATES = 8

/** How one handshake is made. `silent`: without a certificate of ours. */
export interface Handshake {
  readonly least: SecureVersion
  readonly most: SecureVersion
  /** OpenSSL's cipher list for TLS 1.2 and below. */
  readonly ciphers: string
  readonly silent?: boolean
}

/** What a handshake came to. `chain`: the far side's certificate and those above it, as far as it sent them or they are known. */
export type Shaken =
  | {
      readonly ok: true
      readonly version: string
      readonly suite: string
      readonly chain: readonly X509Certificate[]
      readonly peer: PeerCertificate
      /** OpenSSL's word against the chain, the host's name apart; null: it verifies against the declared authority. */
      readonly verdict: string | null
    }
  /** `tcp` false: not even a connection. `own`: our files cannot be used. */
  | { readonly ok: false; readonly tcp: boolean; readonly own: boolean; readonly code: string }

/** Makes one handshake, whatever the certificate says of itself, looks, and lets go. No byte of a message is sent. Never rejects. */
export function shake(
  address: ProbeAddress,
  { least, most, ciphers, silent = false }: Handshake,
  { clock, signal }: Asking,
): Promise<Shaken> {
  const { promise, resolve } = Promise.withResolvers<Shaken>()
  let reached = false
  let code = 'CLOSED'
  let socket: TLSSocket
  let seen: Shaken | null = null
  try {
    const options: ConnectionOptions = { ...optionsOf(address, silent), minVersion: least, maxVersion: most, ciphers }
    socket = connect(options)
  } catch (thrown) {
    return Promise.resolve({ ok: false, tcp: true, own: true, code: codeOf(thrown) })
  }
  let cancel = (): void => {}
  const end = (result: Shaken): void => {
    cancel()
    signal.removeEventListener('abort', late)
    resolve(result)
    socket.destroy()
  }
  const late = (): void => end(seen ?? { ok: false, tcp: reached, own: false, code: 'TIMEOUT' })
  socket.once('connect', () => {
    reached = true
  })
  socket.once('secureConnect', () => {
    seen = look(socket)
    // Below TLS 1.3 the far side has judged our certificate by now; above, a ticket says that it has.
    if (socket.getProtocol() !== 'TLSv1.3') return end(seen)
    socket.once('session', () => seen !== null && end(seen))
    cancel = clock.after(STAND_MS, () => seen !== null && end(seen))
  })
  socket.on('error', (thrown) => {
    code = codeOf(thrown)
  })
  // What the far side says first, such as a greeting, shows that it let us in.
  socket.once('data', () => seen !== null && end(seen))
  socket.once('end', () => socket.destroy())
  socket.once('close', () => end({ ok: false, tcp: reached, own: false, code }))
  signal.addEventListener('abort', late, { once: true })
  if (signal.aborted) late()
  return promise
}

function optionsOf({ host, port, tls }: ProbeAddress, silent: boolean): ConnectionOptions {
  return {
    host,
    port,
    // Judged by us from what OpenSSL says of it: a wrong certificate is what we came to look at, and nothing is sent over it.
    rejectUnauthorized: false,
    checkServerIdentity: () => undefined,
    ...(tls?.ca ? { ca: tls.ca } : {}),
    ...(tls?.key && !silent ? { key: tls.key, cert: tls.cert } : {}),
    ...(tls ? crlOption(tls) : {}),
    ...(isIP(host) === 0 ? { servername: host } : {}),
  }
}

function look(socket: TLSSocket): Shaken {
  const peer = socket.getPeerCertificate(true)
  const chain: X509Certificate[] = []
  const seen = new Set<string>()
  for (let one: PeerCertificate | undefined = peer; one?.raw && chain.length < MOST_CERTIFICATES; ) {
    if (seen.has(one.fingerprint256)) break
    seen.add(one.fingerprint256)
    chain.push(new X509Certificate(one.raw))
    one = (one as { readonly issuerCertificate?: PeerCertificate }).issuerCertificate
  }
  const verdict = socket.authorized ? null : String(codeOrText(socket.authorizationError))
  const { standardName } = socket.getCipher()
  return { ok: true, version: socket.getProtocol() ?? '', suite: standardName, chain, peer, verdict }
}

/** Its types say Error; it is OpenSSL's word. */
function codeOrText(fault: unknown): unknown {
  return typeof fault === 'object' && fault !== null ? (fault as NodeJS.ErrnoException).code : fault
}

function codeOf(thrown: unknown): string {
  const { code } = thrown as NodeJS.ErrnoException
  return typeof code === 'string' ? code : 'UNKNOWN'
}

/** The declared authorities' files, or those of nobody. */
export function filesOf({ tls }: ProbeAddress): TlsFiles {
  return tls ?? { key: '', cert: '', ca: '', crl: [] }
}
