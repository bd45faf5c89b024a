import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'
import { expect, onTestFinished, test } from 'vitest'
import type { AlertView } from '../../src/core/alerts.ts'
import type { NotifyChannel } from '../../src/core/config.ts'
import { type Notice, noticeOf, type Told } from '../../src/formats/alert/notice.ts'
import { mayLeadTo } from '../../src/senders/notice/guarded.ts'
import { filled } from '../../src/senders/notice/sms.ts'
import { notices } from '../../src/senders/notice/tell.ts'
import { SIGNATURE, signature } from '../../src/senders/notice/webhook.ts'
import { realClock } from '../support/peers/clock.ts'
import { authority } from '../support/peers/pki.ts'

const ALERT: AlertView = {
  id: '01890000-0000-7000-8000-000000000001',
  kind: 'silence',
  severity: 'important',
  code: 'SILENT',
  subject: 'ch-laval',
  establishment: 'ch-laval',
  params: { silentMs: 3_600_000, usualMs: 900_000 },
  firstAt: '2026-01-05T08:00:00.000Z',
  lastAt: '2026-01-05T09:00:00.000Z',
  times: 2,
  state: 'open',
  snoozedUntil: null,
  who: 'ann',
  why: 'what somebody wrote',
  actedAt: null,
  endedAt: null,
}
const AROUND = {
  language: 'fr' as const,
  region: { name: 'Pays de la Loire', timeZone: 'Europe/Paris' },
  establishments: new Map([['ch-laval', { name: 'CH de Laval\r\nBcc: all@elsewhere.test' }]]),
  console: 'https://console.test',
}
const TOLD: Told[] = [{ what: 'raised', alert: ALERT }]
const NOTICE: Notice = noticeOf(TOLD, AROUND)
const KEY = '01890000-0000-7000-8000-00000000000a'

function channel(target: NotifyChannel['target']): NotifyChannel {
  const all = { kinds: null, establishments: null, everyMs: 1, locale: 'fr' } as const
  return { name: 'on-call', target, severities: ['urgent'], ...all }
}
const tell = (target: NotifyChannel['target'], by = notices(realClock)) =>
  by(channel(target), NOTICE, TOLD, KEY, new AbortController().signal)

interface Asked {
  readonly method: string
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** A web server that answers what it is told to, the last for ever. */
async function webServer(...answers: readonly (readonly [status: number, headers?: Record<string, string>])[]) {
  const asked: Asked[] = []
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += String(chunk)
    const [status, headers = {}] = answers[Math.min(asked.length, answers.length - 1)] ?? [200]
    asked.push({ method: request.method ?? '', path: request.url ?? '', headers: request.headers, body })
    response.writeHead(status, headers).end('x')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  const { port } = server.address() as AddressInfo
  return { port, asked }
}

test('a webhook: JSON, signed, with what concerns the region alone', async () => {
  const { port, asked } = await webServer([204])
  const target = {
    type: 'webhook',
    url: `http://127.0.0.1:${port}/alerts`,
    secret: 'shared secret',
    allowPrivate: false,
  } as const
  expect(await tell(target)).toEqual({ ok: true })
  const [one] = asked
  expect([one?.method, one?.path, one?.headers['content-type']]).toEqual(['POST', '/alerts', 'application/json'])
  const sign = String(one?.headers[SIGNATURE])
  const atMs = Number(/^t=(\d+),/.exec(sign)?.[1])
  expect(sign).toBe(signature('shared secret', atMs, one?.body ?? ''))
  expect(signature('another secret', atMs, one?.body ?? '')).not.toBe(sign)
  const body = JSON.parse(one?.body ?? '')
  expect(body).toMatchObject({ id: KEY, alerts: [{ what: 'raised', kind: 'silence', subject: 'ch-laval', times: 2 }] })
  expect(one?.body).not.toContain('what somebody wrote')
})

test.each([
  [[500], 'DESTINATION_FAULT'],
  [[401], 'DESTINATION_REFUSES_US'],
  [[302, { location: 'http://127.0.0.1:1/secret' }], 'DESTINATION_FAULT'],
] as const)('a webhook that answers %j: %s, and nothing is followed', async (answer, code) => {
  const { port, asked } = await webServer(answer as never)
  const target = {
    type: 'webhook',
    url: `http://127.0.0.1:${port}/`,
    secret: 'shared secret',
    allowPrivate: false,
  } as const
  expect(await tell(target)).toEqual({ ok: false, code })
  expect(asked).toHaveLength(1)
})

test.each([
  ['http://127.0.0.1:1/', 'nothing listens there'],
  ['http://169.254.169.254/latest/', 'where clouds keep their secrets'],
  ['http://[::ffff:169.254.169.254]/', 'the same, written otherwise'],
  ['http://[fe80::1]/', 'the network of one wire'],
  ['http://0.0.0.0/', 'no address'],
])('a webhook at %s is not reached: %s', async (url) => {
  const target = { type: 'webhook', url, secret: 'shared secret', allowPrivate: true } as const
  expect(await tell(target)).toEqual({ ok: false, code: 'CONNECT_FAILED' })
})

test.each([
  ['93.184.216.34', true, true],
  ['10.1.2.3', false, true],
  ['192.168.0.1', false, true],
  ['127.0.0.1', false, true],
  ['::1', false, true],
  ['fd00::1', false, true],
  ['::ffff:10.0.0.1', false, true],
  ['64:ff9b::a00:1', false, true],
  ['169.254.169.254', false, false],
  ['fe80::1', false, false],
  ['::', false, false],
  ['no address', false, false],
])('a name may lead to %s: %s, by leave: %s', (address, may, byLeave) => {
  expect([mayLeadTo(address, false), mayLeadTo(address, true)]).toEqual([may, byLeave])
})

test.each([
  ['application/json', '{"to":"{to}","text":"{text}"}', '{"to":"+33639980001","text":"a \\"b\\" {to}"}'],
  ['application/x-www-form-urlencoded', 'n={to}&m={text}', 'n=%2B33639980001&m=a%20%22b%22%20%7Bto%7D'],
] as const)('a short message as %s', (contentType, template, body) => {
  expect(filled(template, contentType, { to: '+33639980001', text: 'a "b" {to}' })).toBe(body)
})

test('short messages: one request for each number, and again only for those that failed', async () => {
  const { port, asked } = await webServer([200], [503], [200])
  const target = {
    type: 'sms',
    url: `http://127.0.0.1:${port}/send`,
    body: '{"to":"{to}","text":"{text}"}',
    contentType: 'application/json',
    bearer: 'our key',
    to: ['+33639980001', '+33639980002'],
    allowPrivate: false,
  } as const
  const by = notices(realClock)
  expect(await tell(target, by)).toEqual({ ok: false, code: 'DESTINATION_FAULT' })
  expect(await tell(target, by)).toEqual({ ok: true })
  expect(asked.map(({ body }) => JSON.parse(body).to)).toEqual(['+33639980001', '+33639980002', '+33639980002'])
  expect(asked[0]?.headers.authorization).toBe('Bearer our key')
  expect(JSON.parse(asked[0]?.body ?? '').text).toContain("n'envoie plus rien depuis 1 h")
})

interface Mail {
  readonly from: string
  readonly to: readonly string[]
  readonly user: string | undefined
  readonly secure: boolean
  readonly text: string
}

/** A mail relay that nobody here wrote. */
async function relay(options: SMTPServerOptions = {}, refuse: readonly string[] = []) {
  const mails: Mail[] = []
  const server = new SMTPServer({
    authOptional: true,
    disableReverseLookup: true,
    ...options,
    onAuth: ({ username, password }, _session, done) =>
      password === 'relay password' ? done(null, { user: username }) : done(new Error('no')),
    onRcptTo: ({ address }, _session, done) =>
      refuse.includes(address) ? done(Object.assign(new Error('no such'), { responseCode: 550 })) : done(),
    onData(stream, session, done) {
      let text = ''
      stream.on('data', (chunk: Buffer) => {
        text += chunk.toString('utf8')
      })
      stream.on('end', () => {
        const { mailFrom, rcptTo } = session.envelope
        mails.push({
          from: mailFrom === false ? '' : mailFrom.address,
          to: rcptTo.map(({ address }) => address),
          user: session.user === undefined ? undefined : String(session.user),
          secure: session.secure,
          text,
        })
        done()
      })
    },
  })
  server.on('error', () => {})
  server.listen(0, '127.0.0.1')
  await once(server.server, 'listening')
  onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())))
  return { port: (server.server.address() as AddressInfo).port, mails }
}

const PLAIN = {
  type: 'mail',
  host: '127.0.0.1',
  security: 'none',
  ca: null,
  user: null,
  password: null,
  from: 'alerts@region.test',
} as const

test('mail over a plain relay: one transaction for each address, and no header that a name brings', async () => {
  const { port, mails } = await relay({ disabledCommands: ['STARTTLS', 'AUTH'] })
  expect(await tell({ ...PLAIN, port, to: ['a@region.test', 'b@region.test'] })).toEqual({ ok: true })
  expect(mails.map(({ from, to }) => [from, to])).toEqual([
    ['alerts@region.test', ['a@region.test']],
    ['alerts@region.test', ['b@region.test']],
  ])
  const head = mails[0]?.text.split('\r\n\r\n')[0] ?? ''
  expect(head).not.toMatch(/^Bcc:/im)
  expect(head).toMatch(/^Auto-Submitted: auto-generated/im)
  expect(head).toContain(`<${KEY}@region.test>`)
})

test('mail over STARTTLS with a name and password, to a relay of the authority that is named', async () => {
  const ca = authority('notices')
  const { key, cert } = ca.issue('relay', { host: 'localhost' })
  const { port, mails } = await relay({ key, cert })
  const target = {
    ...PLAIN,
    port,
    host: 'localhost',
    security: 'starttls',
    ca: ca.cert,
    user: 'gateway',
    password: 'relay password',
    to: ['a@region.test'],
  } as const
  expect(await tell(target)).toEqual({ ok: true })
  expect(mails).toMatchObject([{ user: 'gateway', secure: true }])
  expect(await tell({ ...target, password: 'wrong password' })).toEqual({ ok: false, code: 'DESTINATION_REFUSES_US' })
  expect(await tell({ ...target, ca: null })).toEqual({ ok: false, code: 'TLS_FAILED' })
  expect(mails).toHaveLength(1)
})

test.each([
  ['an address that is refused', [], ['a@region.test'], 'DESTINATION_FAULT'],
  ['a relay without STARTTLS where it is demanded', ['STARTTLS'], [], 'TLS_FAILED'],
] as const)('mail fails: %s', async (_name, disabledCommands, refuse, code) => {
  const { port } = await relay(
    { disabledCommands: disabledCommands.length > 0 ? [...disabledCommands] : ['STARTTLS', 'AUTH'] },
    refuse,
  )
  const security = code === 'TLS_FAILED' ? 'starttls' : 'none'
  expect(await tell({ ...PLAIN, security, port, to: ['a@region.test'] })).toEqual({ ok: false, code })
})

test('mail where nothing listens', async () => {
  expect(await tell({ ...PLAIN, port: 1, to: ['a@region.test'] })).toEqual({ ok: false, code: 'CONNECT_FAILED' })
})

test('a notice says what, since when, how often and what to do, on lines of its own making', () => {
  expect(NOTICE.subject).toBe(
    "[Pays de la Loire] CH de Laval Bcc: all@elsewhere.test n'envoie plus rien depuis 1 h (d'habitude : au plus 15 min à cette heure)",
  )
  expect(NOTICE.text).toContain('05/01/2026 09:00 → 05/01/2026 10:00 · × 2')
  expect(NOTICE.text).toContain(`https://console.test/alertes/${ALERT.id}`)
  expect(NOTICE.short.length).toBeLessThanOrEqual(300)
})
