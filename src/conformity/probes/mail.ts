import type { MailTarget } from '../../core/config.ts'
import { codeOf } from '../../core/errors.ts'
import type { DoctorHost, DoctorReport } from '../../core/mail-doctor.ts'
import type { Endpoint, FoundFault, ProbeFacts } from '../../core/probes.ts'
import { type Asking, type Finding, fault, found, said } from './parts.ts'

/** Nothing listened there. */
const NOWHERE = new Set(['CONNECT_FAILED', 'MAIL_NO_HOST'])

/**
 * Would secure mail for a domain of the establishment arrive? Mailboxes kept here: the white list must let mail go to the
 * domain. A server of the establishment's own: the way there too, as the mail doctor goes it. Never rejects. */
export async function probeMail(endpoint: Endpoint, asking: Asking): Promise<Finding> {
  const { domain, type } = endpoint.target as MailTarget
  const { mail } = asking
  if (mail === null) return found([fault('MAIL_UNLISTED', { domain, code: 'MAIL_NO_OPERATOR' })])
  const shut = mail.reaches(domain)
  const listed = shut === null ? [] : [fault('MAIL_UNLISTED', { domain, code: shut })]
  if (type === 'maildir') return found(listed)
  const report = await inTime(mail.doctor(domain), asking).catch((thrown: unknown) => codeOf(thrown))
  if (typeof report === 'string') return found([...listed, fault('MAIL_WAY', { domain, host: domain, code: report })])
  const faults = [...listed, ...wayFaults(report)]
  const { hosts } = report
  const reached = hosts.some(({ code }) => code === null || !NOWHERE.has(code))
  return { faults, facts: factsOf(hosts.find(({ code }) => code === null) ?? hosts[0]), reached }
}

function wayFaults({ domain, code, hosts }: DoctorReport): FoundFault[] {
  if (code === null) return []
  if (hosts.length === 0) return [fault('MAIL_WAY', { domain, host: domain, code })]
  return hosts.flatMap((host) =>
    host.code === null ? [] : [fault('MAIL_WAY', { domain, host: said(host.host) ?? '?', code: host.code })],
  )
}

/** The doctor has a patience of its own, which may be longer. */
function inTime(report: Promise<DoctorReport>, { signal }: Asking): Promise<DoctorReport | 'ANSWER_TIMEOUT'> {
  const { promise, resolve } = Promise.withResolvers<'ANSWER_TIMEOUT'>()
  const late = (): void => resolve('ANSWER_TIMEOUT')
  signal.addEventListener('abort', late, { once: true })
  if (signal.aborted) late()
  return Promise.race([report, promise]).finally(() => signal.removeEventListener('abort', late))
}

function factsOf(host: DoctorHost | undefined): ProbeFacts {
  if (host === undefined) return {}
  const [tls, suite] = host.tls?.split(' ') ?? []
  const subject = said(/CN=([^,]*)/.exec(host.subject ?? '')?.[1])
  return {
    answerMs: host.ms,
    ...(tls !== undefined && { tls }),
    ...(suite !== undefined && { suite }),
    ...(subject !== null && { subject }),
  }
}
