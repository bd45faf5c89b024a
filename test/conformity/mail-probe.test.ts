import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { ProbeParts } from '../../src/conformity/probes/parts.ts'
import type { MailTarget, SmtpTarget } from '../../src/core/config.ts'
import { GatewayError } from '../../src/core/errors.ts'
import type { DoctorReport } from '../../src/core/mail-doctor.ts'
import { parseNodeName } from '../../src/formats/x509/distinguished-name.ts'
import { trustSpace } from '../../src/mssante/trust-space.ts'
import { whiteList } from '../../src/mssante/white-list.ts'
import { examine } from '../../src/senders/smtp/doctor.ts'
import { type Lab, makeLab } from '../support/lab-list.ts'
import { farSide } from '../support/mail/far.ts'
import { missingPostfix, startPostfix } from '../support/mail/postfix.ts'
import { realClock } from '../support/peers/clock.ts'
import { freePort } from '../support/world/ports.ts'
import { asked, endpointOf, words } from './asking.ts'

const DOMAIN = 'a.mssante.test'
let lab: Lab
beforeAll(async () => {
  lab = await makeLab()
})
afterAll(() => lab.remove())

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

const pem = (name: string): string => readFileSync(join(lab.dir, name), 'utf8')

/** The trust space of a list that has operator `a` for its domain, and the doctor over it. */
function mailParts(target: SmtpTarget): NonNullable<ProbeParts['mail']> {
  const { subject } = new X509Certificate(pem('operator-a.pem'))
  const row = {
    ascii: DOMAIN,
    subject,
    subjectKey: parseNodeName(subject).key,
    description: '',
    responsible: '',
    support: '',
    changed: '',
  }
  const list = whiteList([row as unknown as Parameters<typeof whiteList>[0][number]], Date.now())
  const trust = trustSpace({ list: () => list, state: () => 'fresh' })
  return {
    reaches: (domain) => trust.reaches(domain),
    doctor: () => examine({ target, trust, listed: [], clock: realClock }),
  }
}

const server = (port: number, more: Partial<SmtpTarget> = {}): SmtpTarget => ({
  type: 'smtp',
  how: 'smtp',
  domain: DOMAIN,
  hello: 'mail.op.mssante.test',
  host: 'localhost',
  port,
  tls: { key: pem('operator-op.key'), cert: pem('operator-op.pem'), ca: pem('ca.pem'), crl: [] },
  nameServers: [],
  lookupMs: 5_000,
  ...more,
})
const probing = (target: SmtpTarget, parts: Partial<ProbeParts> = {}) =>
  asked(endpointOf(target, 'production'), 'mail', {}, { mail: mailParts(target), ...parts })

const why = missingPostfix()
test.skipIf(why !== null)(
  `Postfix, as an establishment’s own server${why === null ? '' : ` (skipped: ${why})`}`,
  async () => {
    const postfix = await startPostfix({ lab: lab.dir, operator: 'a', boxes: [], hosts: {} })
    closing.push(() => postfix.end())
    const result = await probing(server(postfix.port))
    expect(result).toMatchObject({ outcome: 'pass', faults: [], facts: { tls: 'TLSv1.3', subject: 'a.exemple.test' } })
    expect(await probing(server(postfix.port, { how: 'operator' }))).toMatchObject({ outcome: 'pass' })
    // Of another authority than the one declared for it.
    const { tls } = server(postfix.port)
    const foreign = await probing(server(postfix.port, { tls: { ...tls!, ca: pem('signer.pem') } }))
    expect(foreign.faults).toMatchObject([{ fault: 'MAIL_WAY', params: { domain: DOMAIN, code: 'TLS_FAILED' } }])
  },
)

test('a server without STARTTLS, and one that has another name on the white list', async () => {
  const port = await freePort()
  const plain = await farSide(lab.dir, 'a', port, { disabledCommands: ['STARTTLS'] })
  closing.push(() => plain.close())
  const result = await probing(server(port))
  expect(result.faults).toMatchObject([{ fault: 'MAIL_WAY', params: { code: 'MAIL_NO_STARTTLS', host: 'localhost' } }])
  const otherPort = await freePort()
  const other = await farSide(lab.dir, 'op', otherPort)
  closing.push(() => other.close())
  const unlisted = await probing(server(otherPort, { how: 'operator' }))
  expect(unlisted.faults).toMatchObject([{ fault: 'MAIL_WAY', params: { code: 'MAIL_SERVER_OTHER' } }])
})

test('nobody listens', async () => {
  const result = await probing(server(await freePort()))
  expect(result).toMatchObject({ outcome: 'unreachable', faults: [{ params: { code: 'CONNECT_FAILED' } }] })
})

test.each<[name: string, domain: string, faults: object[]]>([
  ['of a domain on the white list', DOMAIN, []],
  [
    'of a domain that is not',
    'nowhere.test',
    [{ fault: 'MAIL_UNLISTED', params: { domain: 'nowhere.test', code: 'MAIL_DOMAIN_UNLISTED' } }],
  ],
])('mailboxes kept here, %s', async (_name, domain, faults) => {
  const target: MailTarget = { type: 'maildir', domain, tls: null }
  const result = await asked(endpointOf(target), 'mail', {}, { mail: mailParts(server(1)) })
  expect(result.faults).toEqual(faults)
})

test('no mail here, a doctor that says no, and one that does not come to an end', async () => {
  const mail = mailParts(server(1))
  const target = server(1)
  const ask = (one: ProbeParts['mail']) =>
    asked(endpointOf(target), 'mail', {}, { mail: one, limits: { totalMs: 50, maxBytes: 1 } })
  expect(words(await ask(null))).toEqual(['MAIL_UNLISTED'])
  const none = await ask({ ...mail, doctor: () => Promise.reject(new GatewayError('MAIL_NO_OPERATOR')) })
  expect(none.faults).toMatchObject([{ fault: 'MAIL_WAY', params: { code: 'MAIL_NO_OPERATOR' } }])
  const slow = await ask({ ...mail, doctor: () => new Promise<DoctorReport>(() => {}) })
  expect(slow.faults).toMatchObject([{ fault: 'MAIL_WAY', params: { code: 'ANSWER_TIMEOUT' } }])
})
