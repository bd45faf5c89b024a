import { X509Certificate } from 'node:crypto'
import type { TLSSocket } from 'node:tls'
import type { SmtpTarget } from '../../core/config.ts'
import type { TrustSpace } from '../../core/mail.ts'
import type { DoctorHost, DoctorReport } from '../../core/mail-doctor.ts'
import type { Clock } from '../../core/ports.ts'
import { hostsOf, type MailHost } from './hosts.ts'
import { linkTo } from './link.ts'

/** Longest for one host (ms). */
const HOST_MS = 15_000

/** What is asked with. */
export interface DoctorParts {
  readonly target: SmtpTarget
  readonly trust: TrustSpace
  readonly listed: readonly string[]
  readonly clock: Clock
}

/** Tries every host of the domain as a sender does, up to MAIL, which is not said. Never rejects. */
export async function examine({ target, trust, listed, clock }: DoctorParts): Promise<DoctorReport> {
  const { domain, how } = target
  const report = { domain, listed }
  const shut = how === 'operator' ? (trust.closed() ?? trust.reaches(domain)) : null
  const found = await hostsOf(target, clock)
  if ('none' in found) {
    return { ...report, code: shut ?? (found.none === 'no-mail' ? 'MAIL_NO_MAIL' : 'MAIL_NO_HOST'), hosts: [] }
  }
  const hosts: DoctorHost[] = []
  for (const host of found.hosts) hosts.push(await tryHost(host, target, trust, clock))
  const good = hosts.some(({ code }) => code === null)
  return { ...report, code: shut ?? (good ? null : (hosts[0]?.code ?? 'MAIL_NO_HOST')), hosts }
}

async function tryHost(host: MailHost, target: SmtpTarget, trust: TrustSpace, clock: Clock): Promise<DoctorHost> {
  const startedAtMs = clock.monotonicMs()
  const linked = await linkTo(host, target, trust, { silenceMs: HOST_MS, wholeMs: HOST_MS, clock })
  const ms = Math.round(clock.monotonicMs() - startedAtMs)
  if (!linked.ok) {
    const { code, said, certificate = null } = linked
    return {
      ...host,
      code,
      answer: said?.slice(0, 9) ?? null,
      subject: subjectOf(certificate),
      tls: null,
      extensions: [],
      ms,
    }
  }
  const { connection, certificate } = linked.link
  const { _socket, _supportedExtensions = [] } = connection as unknown as {
    readonly _socket: TLSSocket
    readonly _supportedExtensions?: readonly string[]
  }
  const tls = certificate === null ? null : `${_socket.getProtocol()} ${_socket.getCipher().standardName}`
  connection.quit()
  return {
    ...host,
    code: null,
    answer: null,
    subject: subjectOf(certificate),
    tls,
    extensions: _supportedExtensions,
    ms,
  }
}

function subjectOf(certificate: Buffer | null): string | null {
  if (certificate === null) return null
  return new X509Certificate(certificate).subject.split('\n').reverse().join(',')
}
