import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readDsn } from '../../../src/formats/mail/dsn.ts'
import { delicate } from '../../support/mail/contents.ts'
import { missingPostfix, type Postfix, startPostfix } from '../../support/mail/postfix.ts'
import { publishMailLab } from '../../support/mail/region.ts'
import { dialMail, letter, type Talk } from '../../support/mail/talk.ts'
import { type MailWorld, mailWorld, untraced } from '../../support/mail/world.ts'
import { freePort } from '../../support/world/ports.ts'
import { until } from '../../support/world/until.ts'

const need = missingPostfix()
const BOX = 'u@op.mssante.test'
const THEIRS = 'jean@a.mssante.test'
const SECRET = 'lab-secret'
const passwordSha256 = createHash('sha256').update(SECRET).digest('hex')
const code = (reply: string | null) => reply?.slice(0, 9) ?? null

let lab: string
let world: MailWorld
let postfix: Postfix

describe.skipIf(need !== null)(`Postfix as another mail operator${need === null ? '' : `: ${need}`}`, () => {
  beforeAll(async () => {
    lab = join(mkdtempSync(join(tmpdir(), 'mail-lab-')), 'lab')
    await publishMailLab(lab)
    const boxes = Array.from({ length: 9 }, (_, n) => `jean${n}@a.mssante.test`)
    const port = await freePort()
    world = await mailWorld(
      [{ address: BOX }, ...Array.from({ length: 9 }, (_, n) => ({ address: `u${n}@op.mssante.test` }))],
      {
        lab,
        mail: {
          hosts: [{ domain: 'a.mssante.test', host: '127.0.0.1', port }],
          passwords: [{ name: BOX, passwordSha256, addresses: [BOX] }],
          retry: { steps: ['1 s'], delayed: '30 s', expires: '48 h' },
        },
      },
    )
    postfix = await startPostfix({
      lab,
      operator: 'a',
      boxes: [THEIRS, ...boxes],
      hosts: { 'op.mssante.test': world.smtpPort },
      port,
    })
  })
  afterAll(async () => {
    await postfix?.end()
    await world?.end()
    if (lab !== undefined) rmSync(join(lab, '..'), { recursive: true, force: true })
  })

  /** Gives a mail to a door, dots doubled; the reply to its end. */
  async function give(talk: Talk, commands: readonly string[], text: string): Promise<string | null> {
    const replies = await talk.all([...commands, 'DATA'])
    if (replies.at(-1)?.startsWith('354') !== true) return replies.find((one) => one?.startsWith('5')) ?? null
    talk.write(Buffer.from(`${text.replace(/^\./gm, '..')}.\r\n`, 'latin1'))
    const said = await talk.reply()
    await talk.say('QUIT')
    talk.destroy()
    return said
  }

  /** Sends from a user of Postfix. */
  async function theySend(to: string, text: string, rcpt = ''): Promise<void> {
    const talk = await dialMail(postfix.localPort)
    await talk.reply()
    const said = await give(talk, ['EHLO poste', `MAIL FROM:<${THEIRS}> BODY=8BITMIME`, `RCPT TO:<${to}>${rcpt}`], text)
    expect(code(said)).toBe('250 2.0.0')
  }

  /** A connection at our submission door, behind sign-in and the envelope. */
  async function announced(to: readonly string[], rcpt = ''): Promise<Talk> {
    const talk = await dialMail(world.submissionPort)
    await talk.reply()
    await talk.all(['EHLO poste.exemple.test', 'STARTTLS'])
    await talk.secure({ ca: readFileSync(join(lab, 'ca.pem')) })
    const plain = Buffer.from(`\0${BOX}\0${SECRET}`).toString('base64')
    const envelope = [`MAIL FROM:<${BOX}> BODY=8BITMIME`, ...to.map((one) => `RCPT TO:<${one}>${rcpt}`)]
    const said = await talk.all(['EHLO poste.exemple.test', `AUTH PLAIN ${plain}`, ...envelope])
    expect(code(said.at(-1)!)).toBe('250 2.1.5')
    return talk
  }

  /** Sends from our submission door. */
  async function weSend(to: string, text: string, rcpt = ''): Promise<void> {
    expect(code(await give(await announced([to], rcpt), [], text))).toBe('250 2.6.0')
  }

  const contents = Object.keys(delicate(THEIRS, BOX))

  test.each(contents)('brings us, byte for byte: %s', async (name) => {
    const to = `u${contents.indexOf(name)}@op.mssante.test`
    const text = delicate(THEIRS, to)[name]!
    await theySend(to, text)
    const [mail] = await world.arrived(to, 1)
    expect(untraced(untraced(mail!))).toBe(text)
    expect(mail).toContain('CN=a.exemple.test')
  })

  test.each(contents)('is brought by us, byte for byte: %s', async (name) => {
    const to = `jean${contents.indexOf(name)}@a.mssante.test`
    const text = delicate(BOX, to)[name]!
    await weSend(to, text)
    const [mail] = await postfix.arrived(to, 1)
    expect(untraced(untraced(mail!))).toBe(text)
    expect(mail).toMatch(/verified OK\)/)
  })

  test('success that a user of ours asks for is told by Postfix, whose report comes in by our door', async () => {
    const text = letter(BOX, THEIRS, { id: 'success@op' })
    await weSend(THEIRS, text, ` NOTIFY=SUCCESS ORCPT=rfc822;${THEIRS}`)
    await postfix.arrived(THEIRS, 1)
    const [report] = await world.arrived(BOX, 1)
    expect(readDsn(Buffer.from(report!, 'latin1'))).toMatchObject({
      reportingMta: postfix.host,
      recipients: [{ action: 'delivered' }],
    })
  })

  test('success that a user of theirs asks for is told by us, and a refusal of ours by Postfix', async () => {
    await theySend('u7@op.mssante.test', letter(THEIRS, 'u7@op.mssante.test', { id: 'there@a' }), ' NOTIFY=SUCCESS')
    const back = await postfix.arrived(THEIRS, 2)
    const report = back.map((one) => readDsn(Buffer.from(one, 'latin1'))).find((one) => one !== null)
    expect(report).toMatchObject({ reportingMta: 'mail.op.mssante.test', recipients: [{ action: 'delivered' }] })
    await theySend('nobody@op.mssante.test', letter(THEIRS, 'nobody@op.mssante.test', { id: 'nobody@a' }))
    const bounced = (await postfix.arrived(THEIRS, 3)).find((one) => one.includes('nobody@a>'))
    expect(readDsn(Buffer.from(bounced!, 'latin1'))).toMatchObject({
      recipients: [{ action: 'failed', status: '5.1.1', diagnostic: expect.stringContaining('MAIL_BOX_UNKNOWN') }],
    })
  })

  test('down and up again on either side: each mail comes once', async () => {
    await postfix.stop()
    await weSend('jean8@a.mssante.test', letter(BOX, 'jean8@a.mssante.test', { id: 'down@op' }))
    await until('an attempt', async () => {
      const [delivery] = (await world.gateway.trace('down@op')).deliveries
      return delivery!.lastError === 'CONNECT_FAILED'
    })
    await postfix.start()
    await postfix.arrived('jean8@a.mssante.test', 1)
    await world.gateway.stop()
    await theySend('u8@op.mssante.test', letter(THEIRS, 'u8@op.mssante.test', { id: 'down@a' }))
    await until('Postfix has deferred it', async () => postfix.log().includes('to=<u8@op.mssante.test>, relay=none'))
    // It starts anew as well: run by the second, its queue manager has been seen to keep a mail as "still being delivered" for good.
    await postfix.stop()
    await world.start()
    await postfix.start()
    await world.arrived('u8@op.mssante.test', 1)
    expect(postfix.mails('jean8@a.mssante.test')).toHaveLength(1)
  })

  describe('one mail that is made to look like two', () => {
    /** What some servers take for an end of a mail, and what others make one of (CVE-2023-51764 and its kin). */
    const ENDS: Readonly<Record<string, string>> = {
      '\n.\n': '550 5.5.2',
      '\n.\r\n': '550 5.5.2',
      '\n.\r': '550 5.5.2',
      '\r.\r': '550 5.5.2',
      '\r.\r\n': '550 5.5.2',
      '\r.\n': '550 5.5.2',
      '\r\n.\n': '550 5.5.2',
      '\r\n.\r': '550 5.5.2',
      '\r\n.\r\r\n': '550 5.5.2',
      '\r\r\n.\r\n': '550 5.5.2',
      '\r\n\r.\r\n': '550 5.5.2',
      '\r\n\0.\r\n': '550 5.5.2',
      '\r\n.\0\r\n': '550 5.5.2',
      '\n..\r\n': '550 5.5.2',
      '\r\n..\n': '550 5.5.2',
      '\n\n..\n': '550 5.5.2',
      // Lines as they should be: the dot of transparency, and lines that only look like an end.
      '\r\n..\r\n': '250 2.6.0',
      '\r\n. \r\n': '250 2.6.0',
      '\r\n.\t.\r\n': '250 2.6.0',
      '\r\n...\r\n': '250 2.6.0',
    }
    const SPOOL = 'u6@op.mssante.test'
    const THERE = 'jean6@a.mssante.test'
    /** A mail, one of those ends, and commands with a second mail, in pieces that end within the sequence. */
    function pieces(end: string, cut: number, id: string): string[] {
      const first = letter(BOX, THERE, { id: `${id}@op`, body: 'Premier.' }).slice(0, -2)
      const second = letter(BOX, THERE, { id: `smuggled-${id}@op`, body: 'Second.' })
      const envelope = `MAIL FROM:<evil@op.mssante.test>\r\nRCPT TO:<${THERE}>\r\nDATA\r\n`
      const whole = `${first}${end}${envelope}${second}.\r\n`
      return cut === 0 ? [whole] : [whole.slice(0, first.length + cut), whole.slice(first.length + cut)]
    }
    const cases = Object.entries(ENDS).flatMap(([end, expected]) =>
      Array.from({ length: end.length }, (_, cut) => ({ end, expected, cut })),
    )

    test('is two at a Postfix that is given it directly: the trap is a real one', async () => {
      const talk = await dialMail(postfix.localPort)
      await talk.reply()
      await talk.all(['EHLO poste', `MAIL FROM:<${BOX}>`, `RCPT TO:<${THERE}>`, 'DATA'])
      talk.write(pieces('\n.\n', 0, 'direct')[0]!)
      await postfix.arrived(THERE, 2)
      talk.destroy()
    })

    test('is one or none behind our door, for every sequence at every border of what comes', async () => {
      const taken: string[] = []
      const one = async ({ end, expected, cut }: (typeof cases)[number], n: number): Promise<void> => {
        const talk = await announced([THERE, SPOOL])
        await talk.say('DATA')
        for (const piece of pieces(end, cut, `case${n}`)) talk.write(Buffer.from(piece, 'latin1'))
        const said = code(await talk.reply())
        expect({ end, cut, said }).toEqual({ end, cut, said: expected })
        if (expected.startsWith('250')) taken.push(`case${n}@op`)
        else await talk.gone()
        talk.destroy()
      }
      for (let n = 0; n < cases.length; n += 12) {
        await Promise.all(cases.slice(n, n + 12).map((each, i) => one(each, n + i)))
      }
      const idOf = (mail: string): string => /^Message-ID: <(.*)>/m.exec(mail)![1]!
      const before = 2
      const there = await postfix.arrived(THERE, before + taken.length)
      const direct = ['direct@op', 'smuggled-direct@op']
      expect(there.map(idOf).sort()).toEqual([...taken, ...direct].sort())
      const spooled = await world.arrived(SPOOL, taken.length)
      expect(spooled.map(idOf).sort()).toEqual(taken.sort())
      for (const mail of spooled) expect(/\0|(?<!\r)\n|\r(?!\n)/.test(mail)).toBe(false)
      expect(world.logText()).not.toContain('evil')
    })
  })
})
