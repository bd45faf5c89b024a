import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { dialMail, letter, operatorTls, type Talk } from '../../support/mail/talk.ts'
import { BOX, type MailWorld, mailWorld, untraced } from '../../support/mail/world.ts'
import { missing } from '../../support/world/needs.ts'

let world: MailWorld
beforeAll(async () => {
  world = await mailWorld(
    [
      { address: BOX },
      { address: 'v@op.mssante.test', state: 'suspended' },
      { address: 'w@op.mssante.test' },
      { address: 'x@autre.mssante.test' },
    ],
    { mail: { limits: { size: '256 KiB', recipients: 3 }, maxConnectionsPerPeer: 3, nullSenderPerMinute: 20 } },
  )
})
afterAll(() => world?.end())

const FROM = 'jean@a.mssante.test'
const code = (reply: string | null) => reply?.slice(0, 9) ?? null

/** A connection behind MAIL and RCPT. */
async function announced(name = 'a', from = FROM, to: readonly string[] = [BOX]): Promise<Talk> {
  const talk = await world.meet(name)
  await talk.all([`MAIL FROM:<${from}>`, ...to.map((one) => `RCPT TO:<${one}>`)])
  return talk
}

/** Sends a mail whole; the reply to its end. */
async function send(talk: Talk, text: string): Promise<string | null> {
  await talk.say('DATA')
  talk.write(text.replace(/^\./gm, '..'))
  talk.write('.\r\n')
  return talk.reply()
}

describe('before TLS', () => {
  test('MAIL is told to begin TLS, which is offered, and nobody is asked to sign in', async () => {
    const talk = await dialMail(world.smtpPort)
    expect(await talk.reply()).toBe('220 mail.op.mssante.test ESMTP')
    const hello = await talk.say('EHLO a.exemple.test')
    expect(hello).toContain('250 STARTTLS')
    expect(hello).not.toContain('AUTH')
    expect(code(await talk.say(`MAIL FROM:<${FROM}>`))).toBe('530 5.7.0')
    expect(code(await talk.say('AUTH XOAUTH2'))).toBe('502 5.5.1')
    talk.destroy()
  })

  test('what was said in the clear behind STARTTLS counts for nothing', async () => {
    const talk = await dialMail(world.smtpPort)
    await talk.reply()
    await talk.say('EHLO a.exemple.test')
    talk.write(`STARTTLS\r\nMAIL FROM:<i@a.mssante.test>\r\nRCPT TO:<${BOX}>\r\n`)
    expect(code(await talk.reply())).toBe('220 2.0.0')
    await talk.secure(operatorTls(world.lab, 'a'))
    expect(code(await talk.say('DATA'))).toBe('503 5.5.1')
    expect(code(await talk.say('MAIL FROM:<i@a.mssante.test>'))).toBe('503 5.5.1')
    talk.destroy()
  })

  test.each([
    ['a parameter of STARTTLS', ['EHLO a', 'STARTTLS now'], '501 5.5.4'],
    ['EHLO without a name', ['EHLO'], '501 5.5.4'],
    ['a command that is none', ['XYZZY'], '500 5.5.2'],
    ['EXPN', ['EXPN list'], '502 5.5.1'],
    ['VRFY', ['VRFY jean'], '252 2.1.5'],
    ['a command line of 600 bytes', [`NOOP ${'x'.repeat(600)}`], '250 2.0.0'],
    ['a command line of 5,000 bytes', [`NOOP ${'x'.repeat(5000)}`], '500 5.5.2'],
  ])('%s', async (_what, commands, expected) => {
    const talk = await dialMail(world.smtpPort)
    await talk.reply()
    expect(code((await talk.all(commands)).at(-1) ?? null)).toBe(expected)
    talk.destroy()
  })

  test('whoever talks before being greeted is sent away', async () => {
    // From an address that no good peer has shown itself from.
    const talk = await dialMail(world.submissionPort)
    talk.write('EHLO early\r\n')
    expect(code(await talk.reply())).toBe('421 5.5.1')
    await talk.gone()
  })

  test('nonsense ends the connection', async () => {
    const talk = await dialMail(world.smtpPort)
    await talk.reply()
    const replies = await talk.all(Array.from({ length: 10 }, () => 'NONSENSE'))
    expect(replies.slice(0, 9).map(code)).toEqual(Array(9).fill('500 5.5.2'))
    expect(code(await talk.reply())).toBe('421 4.7.0')
    await talk.gone()
  })

  test('a line that ends in LF alone ends it', async () => {
    const talk = await dialMail(world.smtpPort)
    await talk.reply()
    talk.write('EHLO a.exemple.test\n')
    expect(code(await talk.reply())).toBe('500 5.5.2')
    await talk.gone()
  })
})

describe('the peer', () => {
  test.each([
    ['no certificate', null, `MAIL FROM:<${FROM}>`, '550 5.7.1'],
    ['a certificate on no list', 'b', 'MAIL FROM:<u@b.mssante.test>', '550 5.7.1'],
    ['a domain of another certificate', 'a', 'MAIL FROM:<u@c.mssante.test>', '550 5.7.1'],
    ['a domain outside', 'a', 'MAIL FROM:<u@gmail.com>', '550 5.7.1'],
    ['its own domain', 'a', `MAIL FROM:<${FROM}>`, '250 2.1.0'],
    ['another domain of its own', 'a', 'MAIL FROM:<u@a2.mssante.test>', '250 2.1.0'],
    ['the null sender', 'a', 'MAIL FROM:<>', '250 2.1.0'],
  ])('%s', async (_what, name, command, expected) => {
    const talk = await world.meet(name)
    expect(code(await talk.say(command))).toBe(expected)
    talk.destroy()
  })

  test('capabilities behind TLS', async () => {
    const talk = await world.meet('a')
    const lines = (await talk.say('EHLO a.exemple.test'))?.split('\r\n').map((line) => line.slice(4))
    expect(lines).toEqual([
      'mail.op.mssante.test',
      'PIPELINING',
      'SIZE 262144',
      '8BITMIME',
      'SMTPUTF8',
      'DSN',
      'ENHANCEDSTATUSCODES',
    ])
    expect(code(await talk.say('STARTTLS'))).toBe('503 5.5.1')
    talk.destroy()
  })

  test('more connections than one operator may have', async () => {
    const talks = await Promise.all([world.meet('c'), world.meet('c'), world.meet('c')])
    const fourth = await dialMail(world.smtpPort)
    await fourth.reply()
    await fourth.all(['EHLO c.exemple.test', 'STARTTLS'])
    await fourth.secure(operatorTls(world.lab, 'c'))
    expect(code(await fourth.reply())).toBe('421 4.7.0')
    for (const talk of talks) talk.destroy()
    fourth.destroy()
  })

  test.skipIf(missing('openssl', ['version']))(
    'TLS 1.1, and a suite without authenticated encryption, fail in the handshake',
    () => {
      const handshake = (...args: string[]): boolean => {
        try {
          const connect = [
            '-starttls',
            'smtp',
            '-connect',
            `127.0.0.1:${world.smtpPort}`,
            '-CAfile',
            join(world.lab, 'ca.pem'),
          ]
          const own = ['-cert', join(world.lab, 'operator-a.pem'), '-key', join(world.lab, 'operator-a.key')]
          execFileSync('openssl', ['s_client', ...connect, ...own, ...args], {
            input: 'QUIT\r\n',
            stdio: ['pipe', 'ignore', 'ignore'],
          })
          return true
        } catch {
          return false
        }
      }
      expect(handshake('-tls1_1', '-cipher', 'DEFAULT@SECLEVEL=0')).toBe(false)
      expect(handshake('-tls1_2', '-cipher', 'AES128-SHA')).toBe(false)
      expect(handshake('-tls1_2', '-cipher', 'ECDHE-RSA-AES256-GCM-SHA384')).toBe(true)
    },
  )
})

describe('the envelope', () => {
  test.each([
    [`MAIL FROM:<${FROM}> SIZE=99999999`, '552 5.3.4'],
    [`MAIL FROM:<${FROM}> SIZE=1000 BODY=8BITMIME RET=HDRS ENVID=QQ1`, '250 2.1.0'],
    [`MAIL FROM:<${FROM}> RET=SOME`, '501 5.5.4'],
    [`MAIL FROM:<${FROM}> ENVID=a+0Db`, '501 5.5.4'],
    ['MAIL FROM:<jean@a.mssante.test\u0000>', '500 5.5.2'],
    ['MAIL FROM:<jean>', '501 5.1.7'],
    ['MAIL FROM:jean@a.mssante.test', '501 5.5.4'],
    ['MAIL FROM:<jé@a.mssante.test>', '501 5.1.7'],
    ['MAIL FROM:<jé@a.mssante.test> SMTPUTF8', '250 2.1.0'],
  ])('%j', async (command, expected) => {
    const talk = await world.meet('a')
    expect(code(await talk.say(command))).toBe(expected)
    talk.destroy()
  })

  test.each([
    [`RCPT TO:<${BOX}>`, '250 2.1.5'],
    ['RCPT TO:<U@op.mssante.test>', '250 2.1.5'],
    ['RCPT TO:<u+dossier@op.mssante.test>', '250 2.1.5'],
    ['RCPT TO:<x@autre.mssante.test>', '250 2.1.5'],
    ['RCPT TO:<nobody@op.mssante.test>', '550 5.1.1'],
    ['RCPT TO:<v@op.mssante.test>', '550 5.2.1'],
    ['RCPT TO:<u@c.mssante.test>', '550 5.7.1'],
    ['RCPT TO:<u@gmail.com>', '550 5.7.1'],
    ['RCPT TO:<u%c.mssante.test@op.mssante.test>', '501 5.1.3'],
    ['RCPT TO:<@op.mssante.test:u@c.mssante.test>', '501 5.1.3'],
    [`RCPT TO:<${BOX}> NOTIFY=NEVER,SUCCESS`, '501 5.5.4'],
    [`RCPT TO:<${BOX}> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;u+40op.mssante.test`, '250 2.1.5'],
  ])('%j', async (command, expected) => {
    const talk = await world.meet('a')
    await talk.say(`MAIL FROM:<${FROM}>`)
    expect(code(await talk.say(command))).toBe(expected)
    talk.destroy()
  })

  test('recipients above the limit are told to come in another mail, those before are taken', async () => {
    const talk = await world.meet('a')
    const replies = await talk.all([
      `MAIL FROM:<${FROM}>`,
      ...['u', 'w', 'u+1', 'w+1'].map((local) => `RCPT TO:<${local}@op.mssante.test>`),
    ])
    expect(replies.map(code)).toEqual(['250 2.1.0', '250 2.1.5', '250 2.1.5', '250 2.1.5', '452 4.5.3'])
    talk.destroy()
  })

  test('so many reports of one operator in a minute, and no more', async () => {
    const talk = await world.meet('c')
    const asked = Array.from({ length: 21 }, () => ['MAIL FROM:<>', 'RSET']).flat()
    const replies: (string | null)[] = []
    for (const command of asked) replies.push(code(await talk.say(command)))
    const mails = replies.filter((_, i) => i % 2 === 0)
    expect(mails).toEqual([...Array.from({ length: 20 }, () => '250 2.1.0'), '451 4.7.1'])
    talk.destroy()
  })

  test('a report has one recipient, and one that does not exist makes no report', async () => {
    const talk = await world.meet('a')
    const replies = await talk.all([
      'MAIL FROM:<>',
      `RCPT TO:<${BOX}>`,
      'RCPT TO:<w@op.mssante.test>',
      'RSET',
      'MAIL FROM:<>',
      'RCPT TO:<nobody@op.mssante.test>',
    ])
    expect(replies.map(code)).toEqual(['250 2.1.0', '250 2.1.5', '550 5.5.3', '250 2.0.0', '250 2.1.0', '550 5.1.1'])
    talk.destroy()
  })
})

describe('the mail', () => {
  test('is in the mailbox byte for byte behind who sent it and one trace header, and in the journal', async () => {
    const talk = await announced('a', FROM, ['w@op.mssante.test'])
    const body = `${letter(FROM, 'w@op.mssante.test', { id: 'exact@a.mssante.test', body: '.\r\n..\r\n.texte\r\n\ttab \r\n' })}`
    const said = await send(talk, body)
    expect(said).toMatch(/^250 2\.6\.0 [0-9a-f-]{36} is kept$/)
    const [mail] = await world.arrived('w@op.mssante.test', 1)
    expect(untraced(mail!)).toBe(body)
    const trace = mail!.slice(0, mail!.length - body.length)
    expect(trace).toMatch(/^Return-Path: <jean@a\.mssante\.test>\r\nReceived: from a\.exemple\.test/)
    expect(trace.replace(/\r\n /g, ' ')).toMatch(
      /TLSv1\.3.*CN=a\.exemple\.test.*by mail\.op\.mssante\.test with ESMTPS id [0-9a-f-]{36}/,
    )
    const kept = await world.gateway.trace('exact@a.mssante.test')
    expect(kept).toMatchObject({ kind: 'MAIL', entrance: 'smtp', state: 'closed' })
    talk.destroy()
  })

  test.each([
    ['From of another domain', letter('u@c.mssante.test', BOX), '550 5.7.1'],
    ['no From', letter(FROM, BOX).replace(/^From:.*\r\n/m, ''), '550 5.6.0'],
    ['two From', `From: <u@a.mssante.test>\r\n${letter(FROM, BOX)}`, '550 5.6.0'],
    [
      '51 servers',
      `${'Received: from x by y; Fri, 20 Nov 2026 10:00:00 +0100\r\n'.repeat(51)}${letter(FROM, BOX)}`,
      '554 5.4.6',
    ],
    [
      'five times here',
      `${'Received: from x by mail.op.mssante.test with ESMTPS; Fri, 20 Nov 2026 10:00:00 +0100\r\n'.repeat(5)}${letter(FROM, BOX)}`,
      '554 5.4.6',
    ],
    ['a header of 1 MB', `X-Long: ${'a'.repeat(900)}\r\n`.repeat(100) + letter(FROM, BOX), '550 5.6.0'],
    ['more bytes than are taken', letter(FROM, BOX, { body: `${'x'.repeat(998)}\r\n`.repeat(300) }), '552 5.3.4'],
  ])('%s', async (_what, text, expected) => {
    const talk = await announced()
    expect(code(await send(talk, text))).toBe(expected)
    talk.destroy()
    expect(world.mails(BOX)).toEqual([])
  })

  test.each([
    ['a host below a domain of the peer', 'mail.a.mssante.test', '250 2.6.0'],
    ['a name of its certificate', 'a.exemple.test', '250 2.6.0'],
    ['a host of another operator', 'mail.c.mssante.test', '550 5.7.1'],
    ['a name that ends like its own', 'xa.mssante.test', '550 5.7.1'],
    ['what its domain is below', 'mssante.test', '550 5.7.1'],
  ])('a report whose From is %s', async (_what, domain, expected) => {
    const talk = await announced('a', '', ['w+report@op.mssante.test'])
    const text = letter(`MAILER-DAEMON@${domain}`, 'w+report@op.mssante.test', { id: `report@${domain}` })
    expect(code(await send(talk, text))).toBe(expected)
    talk.destroy()
  })

  test.each(['\n.\n', '\n.\r\n', '\r.\r', '\r\n.\n', '\r\n.\r', '\r\n\0.\r\n', '\n..\r\n', '\r\n.\r\r\n', '\0'])(
    '%j is no end of a mail, and no second one gets in',
    async (end) => {
      const talk = await announced()
      await talk.say('DATA')
      const second = `MAIL FROM:<evil@a.mssante.test>\r\nRCPT TO:<w@op.mssante.test>\r\nDATA\r\n${letter('evil@a.mssante.test', 'w@op.mssante.test', { id: 'smuggled@a' })}`
      talk.write(`${letter(FROM, BOX)}${end}${second}\r\n.\r\n`)
      expect(code(await talk.reply())).toBe('550 5.5.2')
      await talk.gone()
      expect(world.mails(BOX)).toEqual([])
      const { body } = await world.gateway.get('/api/messages?controlId=smuggled%40a')
      expect(JSON.parse(body)).toMatchObject({ messages: [] })
      expect(world.logText()).not.toContain('evil')
    },
  )

  test('the same mail again is taken and not delivered twice', async () => {
    const text = letter(FROM, 'x@autre.mssante.test', { id: 'twice@a.mssante.test' })
    const replies: (string | null)[] = []
    for (let n = 0; n < 2; n += 1) {
      const talk = await announced('a', FROM, ['x@autre.mssante.test'])
      replies.push(await send(talk, text))
      talk.destroy()
    }
    expect(replies[0]).toBe(replies[1])
    await world.arrived('x@autre.mssante.test', 1)
    const other = await announced('a', FROM, ['x@autre.mssante.test'])
    expect(code(await send(other, text.replace('twice@', 'other@')))).toBe('250 2.6.0')
    other.destroy()
    await world.arrived('x@autre.mssante.test', 2)
  })

  test('is not kept when its sender leaves before the end', async () => {
    const talk = await announced()
    await talk.say('DATA')
    talk.write(letter(FROM, BOX, { id: 'half@a.mssante.test' }))
    talk.destroy()
    const next = await announced('a', FROM, ['w@op.mssante.test'])
    await send(next, letter(FROM, 'w@op.mssante.test', { id: 'after-half@a.mssante.test' }))
    next.destroy()
    const { body } = await world.gateway.get('/api/messages?controlId=half%40a.mssante.test')
    expect(JSON.parse(body)).toMatchObject({ messages: [] })
  })
})

test('a peer that leaves the list in the middle of a connection is refused at its next mail', async () => {
  const talk = await world.meet('a')
  const kept = await world.meet('c')
  expect(code(await talk.say(`MAIL FROM:<${FROM}>`))).toBe('250 2.1.0')
  await talk.say('RSET')
  const { publishMailLab, LAB_ROWS } = await import('../../support/mail/region.ts')
  await publishMailLab(
    world.lab,
    LAB_ROWS.filter(({ operator }) => operator !== 'a'),
  )
  await world.gateway.act('/api/mail/whitelist/fetch', {})
  const { body } = await world.gateway.get('/api/mail/whitelist')
  const waiting = (JSON.parse(body) as { waiting: { sha256: string } | null }).waiting
  if (waiting !== null)
    await world.gateway.act('/api/mail/whitelist/confirm', { sha256: waiting.sha256, reason: 'essai' })
  expect(code(await talk.say(`MAIL FROM:<${FROM}>`))).toBe('550 5.7.1')
  expect(code(await kept.say('MAIL FROM:<u@c.mssante.test>'))).toBe('250 2.1.0')
  talk.destroy()
  kept.destroy()
})

test('neither subjects, bodies nor addresses stand in the log', () => {
  const log = world.logText()
  for (const word of ['Un essai', 'Bonjour', 'jean@', BOX, 'nobody@']) expect(log).not.toContain(word)
})
