import { afterEach, describe, expect, test } from 'vitest'
import type { MailOperator, MailUser } from '../../src/core/mail.ts'
import { smtpEntrance } from '../../src/entrances/smtp/entrance.ts'
import type { SmtpParts } from '../../src/entrances/smtp/parts.ts'
import { dialMail, type Talk } from '../support/mail/talk.ts'
import { leapingClock } from '../support/peers/clock.ts'
import { notebook } from '../support/peers/notebook.ts'
import { authority } from '../support/peers/pki.ts'

const ca = authority('CA ESSAI')
const server = ca.issue('mail.op.mssante.test')
const client = ca.issue('mail.a.mssante.test')
const limits = { maxBytes: 1_000_000, maxPatientBytes: 1_000_000, maxRecipients: 200, maxHops: 50 }
const OPERATOR = {
  ...{ host: 'mail.op.mssante.test', domains: new Map(), patientDomain: 'patient.test', limits },
  ...{ maxConnectionsPerPeer: 100, nullSenderPerMinute: 10, submissionsPerMinute: 1_000 },
} as unknown as MailOperator

const USER: MailUser = { id: 'u', how: 'password', addresses: ['u@op.mssante.test'] }
const signIn: SmtpParts['signIn'] = {
  ways: ['password'],
  token: async () => null,
  certificate: async () => null,
  password: async (_name, password) => (password === 'bon' ? USER : null),
}

const ends: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const end of ends.splice(0)) await end()
})

/** A door on which three strangers have room, and its clock. */
async function opened(name: 'smtp' | 'submission', { idleMs = 300_000 } = {}) {
  const clock = leapingClock()
  const book = notebook()
  const entrance = smtpEntrance({
    door: {
      ...{ name, host: '127.0.0.1', port: 0, idleMs, handshakeMs: 10_000, mailMs: 60_000 },
      tls: { key: server.key, cert: server.cert, ca: ca.cert, crl: [] },
      ...{ maxConnections: 100, maxConnectionsPerPeer: 3 },
    },
    rules: { sender: async () => null, recipient: async () => null, header: () => null },
    signIn: name === 'smtp' ? null : signIn,
    refused() {},
    accept: async () => ({ code: 'STORE_FULL' }),
    stage: () => ({
      write: async () => {},
      end: async () => ({ bytes: 0, sha256: '', data: null, file: null }),
      drop: async () => {},
    }),
    look: null,
    operator: () => OPERATOR,
    clock,
    ids: { uuid: () => 'id', random: Math.random },
    ...book,
  })
  const { port } = await entrance.open()
  const talks: Talk[] = []
  ends.push(async () => {
    for (const talk of talks) talk.destroy()
    await entrance.close(0)
  })
  const dial = async (): Promise<{ talk: Talk; said: string | null }> => {
    const talk = await dialMail(port)
    talks.push(talk)
    return { talk, said: await talk.reply() }
  }
  const secure = async (talk: Talk, own = true): Promise<void> => {
    await talk.all(['EHLO a.test', 'STARTTLS'])
    await talk.secure({ ca: ca.cert, ...(own ? { key: client.key, cert: client.cert } : {}) })
    await talk.say('EHLO a.test')
  }
  return { clock, dial, secure, entrance, book }
}

const LOGIN = `AUTH PLAIN ${Buffer.from('\0u\0bon').toString('base64')}`

describe('strangers from one address', () => {
  test('have so many connections and no more, which those with a certificate are not counted among', async () => {
    const { dial, secure } = await opened('smtp')
    const first = [await dial(), await dial(), await dial()]
    expect(first.map(({ said }) => said?.slice(0, 3))).toEqual(['220', '220', '220'])
    const turned = await dial()
    expect(turned.said).toContain('(PEER_CONNECTION_LIMIT)')
    await turned.talk.gone()
    await secure(first[0]!.talk)
    const fourth = await dial()
    expect(fourth.said).toMatch(/^220/)
  })

  test('are none at the submission door once they have signed in', async () => {
    const { dial, secure } = await opened('submission')
    for (let n = 0; n < 5; n += 1) {
      const { talk, said } = await dial()
      expect(said).toMatch(/^220/)
      await secure(talk, false)
      expect(await talk.say(LOGIN)).toMatch(/^235/)
    }
  })

  test('are turned away at once, also when they do not hang up', async () => {
    const { dial, entrance } = await opened('smtp')
    for (let n = 0; n < 3; n += 1) await dial()
    for (let n = 0; n < 20; n += 1) await (await dial()).talk.gone()
    expect(entrance.connections()).toBe(3)
  })
})

describe('the time that a stranger has', () => {
  test.each<
    [what: string, door: 'smtp' | 'submission', how: 'plain' | 'tls' | 'known', idleMs: number, closed: boolean]
  >([
    ['nothing but NOOP', 'smtp', 'plain', 300_000, true],
    ['TLS without a certificate', 'smtp', 'tls', 300_000, true],
    ['TLS without signing in', 'submission', 'tls', 300_000, true],
    ['a certificate', 'smtp', 'known', 300_000, false],
    ['a sign-in', 'submission', 'known', 300_000, false],
    ['NOOP within a short silence', 'smtp', 'plain', 60_000, true],
  ])('%s', async (_what, door, how, idleMs, closed) => {
    const { clock, dial, secure } = await opened(door, { idleMs })
    const { talk } = await dial()
    if (how !== 'plain') await secure(talk, how === 'known' && door === 'smtp')
    if (how === 'known' && door === 'submission') await talk.say(LOGIN)
    for (let atMs = 0; atMs < 110_000 && atMs + 30_000 < idleMs; atMs += 30_000) {
      clock.leap(25_000)
      expect(await talk.say('NOOP')).toMatch(/^250/)
    }
    clock.leap(idleMs < 120_000 ? 40_000 : 25_000)
    if (!closed) return expect(await talk.say('NOOP')).toMatch(/^250/)
    expect(await talk.reply()).toBe('421 4.7.0 Too long without a certificate or a sign-in')
    await talk.gone()
  })
})

describe('commands that begin no mail', () => {
  test.each(['NOOP', 'RSET', 'VRFY u', 'EHLO a.test', 'HELP'])(
    '%s without end closes the connection',
    async (command) => {
      const { dial, secure } = await opened('smtp')
      const { talk } = await dial()
      await secure(talk)
      // EHLO, STARTTLS and EHLO came before.
      for (let n = 4; n <= 100; n += 1) expect(await talk.say(command)).toMatch(/^[25]/)
      expect(await talk.say(command)).toBe('421 4.7.0 Too many commands and no mail')
      await talk.gone()
    },
  )

  test('many mails, and many recipients of one, do not', async () => {
    const { dial, secure } = await opened('smtp')
    const { talk } = await dial()
    await secure(talk)
    for (let n = 0; n < 80; n += 1) {
      expect(await talk.say('MAIL FROM:<u@a.test>')).toMatch(/^250/)
      expect(await talk.say('RSET')).toMatch(/^250/)
    }
    await talk.say('MAIL FROM:<u@a.test>')
    for (let n = 0; n < 150; n += 1) expect(await talk.say(`RCPT TO:<u${n}@op.test>`)).toMatch(/^250/)
  })
})

test('a certificate is judged again once trust was renewed, and nobody else is sent back', async () => {
  const { dial, secure, entrance } = await opened('smtp')
  const { talk } = await dial()
  await secure(talk)
  await talk.all(['MAIL FROM:<u@a.test>', 'RSET'])
  entrance.renew?.({ key: server.key, cert: server.cert, ca: ca.cert, crl: [] })
  expect(await talk.say('NOOP')).toMatch(/^250/)
  expect(await talk.say('MAIL FROM:<u@a.test>')).toBe('421 4.3.2 Trust was renewed; come again')
  await talk.gone()
  const next = await dial()
  await secure(next.talk)
  expect(await next.talk.say('MAIL FROM:<u@a.test>')).toMatch(/^250/)
})
