import { randomBytes } from 'node:crypto'
import { deflateRawSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { EICAR, type FakeClamd, fakeClamd, realClamd } from '../../support/mail/antivirus.ts'
import { type Attached, mailWith } from '../../support/mail/attached.ts'
import { letter } from '../../support/mail/talk.ts'
import { BOX, type MailWorld, mailWorld, untraced } from '../../support/mail/world.ts'
import { missing } from '../../support/world/needs.ts'
import { freePort } from '../../support/world/ports.ts'
import { until } from '../../support/world/until.ts'
import { overlapping, zip } from '../../support/zip.ts'

const FROM = 'jean@a.mssante.test'
const SAFE = 'w@op.mssante.test'
const code = (reply: string | null) => reply?.slice(0, 9) ?? null

let world: MailWorld
let clamd: FakeClamd
beforeAll(async () => {
  clamd = await fakeClamd(await freePort())
  world = await mailWorld([{ address: BOX }, { address: SAFE }], { mail: { antivirus: { port: clamd.port } } })
})
afterAll(async () => {
  await world?.end()
  await clamd?.close()
})

/** Sends a mail over a connection of its own; the reply to its end. */
async function send(text: string, to = BOX): Promise<string | null> {
  const talk = await world.meet('a')
  await talk.all([`MAIL FROM:<${FROM}>`, `RCPT TO:<${to}>`, 'DATA'])
  talk.write(`${text.replace(/^\./gm, '..')}.\r\n`)
  const reply = await talk.reply()
  talk.destroy()
  return reply
}

let turn = 0
const mail = (...parts: readonly Attached[]): string => {
  turn += 1
  return mailWith(FROM, BOX, parts, `content-${turn}@a.mssante.test`)
}
const archive = (data: Buffer, name = 'IHE_XDM.ZIP'): Attached => ({ type: 'application/zip', name, data })
const padding: Attached = { type: 'application/pdf', name: 'a.pdf', data: randomBytes(200_000) }
const metadata = 'IHE_XDM/SUBSET01/METADATA.XML'
const doctype = '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'
const nested = Array.from({ length: 200 }, (_, i) => `Content-Type: multipart/mixed; boundary=b${i}\r\n\r\n--b${i}\r\n`)

describe('hostile content', () => {
  const lying = zip([
    { name: 'a', packed: deflateRawSync(Buffer.alloc(220 * 2 ** 20)), local: { size: 9 }, central: { size: 9 } },
  ])
  const hostile: readonly (readonly [what: string, text: string, rule: string | null])[] = [
    ['1,001 parts', mail(...Array<Attached>(1_000).fill({ type: 'text/plain', data: '', encoding: '7bit' })), 'parts'],
    [
      'parts 200 times inside each other',
      `From: <${FROM}>\r\nMessage-ID: <nested@a>\r\n${nested.join('')}x\r\n`,
      'depth',
    ],
    ['a header of 1 MB', `X-Long: ${'a'.repeat(900)}\r\n`.repeat(1_100) + letter(FROM, BOX), null],
    ['a part with a header of 1 MB', mail({ type: `a/b;\r\n ${'c'.repeat(900)};`.repeat(1_100), data: '' }), 'header'],
    ['42 kB that unpack to 4 GB', mail(archive(overlapping(200, 21_000_000))), 'disagrees'],
    ['a file that is longer than it says', mail(archive(lying)), 'bytes'],
    ['a file that leads out', mail(archive(zip([{ name: 'IHE_XDM/../../a', data: 'x' }]))), 'name'],
    ['a DOCTYPE in the metadata', mail(archive(zip([{ name: metadata, data: doctype }]))), 'doctype'],
  ]

  test.each(hostile)('%s', async (_what, text, rule) => {
    expect(code(await send(text))).toBe('550 5.6.0')
    if (rule !== null) await until(rule, async () => world.logText().includes(`"rule":"${rule}"`))
  })

  test('behind 200 kB of another part, several at once', async () => {
    const texts = ['name', 'doctype', 'fine'].map((what) => {
      const name = what === 'name' ? '../a' : metadata
      return mail(padding, archive(zip([{ name, data: what === 'doctype' ? doctype : '<a/>' }])))
    })
    const replies = await Promise.all([...texts, ...texts].map((text) => send(text, SAFE)))
    const expected = ['550 5.6.0', '550 5.6.0', '250 2.6.0']
    expect(replies.map(code)).toEqual([...expected, ...expected])
    // The second of two that are the same is a repeat.
    const [kept] = await world.arrived(SAFE, 1)
    expect(untraced(kept!)).toBe(texts[2])
  })

  test('nothing of it is kept, the gateway is ready, and no name of a file stands in its log', async () => {
    expect(world.mails(BOX)).toEqual([])
    expect((await world.gateway.get('/readyz')).status).toBe(200)
    expect(world.logText()).not.toMatch(/IHE_XDM|METADATA/)
  })
})

const clean = (): string => mail({ type: 'text/plain', data: 'Bonjour', encoding: '7bit' }, padding)
const infected = (): string => mail(padding, { name: 'eicar.com', data: EICAR, encoding: '7bit' })

/** Severity of the alert that the antivirus does not answer, while there is one. */
async function alerted(): Promise<string | null> {
  const { body } = await world.gateway.get('/api/alerts?kind=antivirus&state=open')
  const { alerts } = JSON.parse(body) as { alerts: { severity: string; code: string }[] }
  return alerts.find((one) => one.code === 'MAIL_UNSCANNED')?.severity ?? null
}

describe('the antivirus', () => {
  test('is given the mail as it came, and refuses what it finds', async () => {
    const text = clean()
    clamd.streams.length = 0
    expect(code(await send(text, SAFE))).toBe('250 2.6.0')
    expect(clamd.streams.map(String)).toEqual([Buffer.from(text).toString()])
    expect(code(await send(infected()))).toBe('554 5.7.1')
    expect(world.mails(BOX)).toEqual([])
  })

  const noClamd = missing('clamd', ['--version'])
  test.skipIf(noClamd !== null)(
    `while it is away mail waits and people are told; a real clamd takes its place${noClamd === null ? '' : `: ${noClamd}`}`,
    async () => {
      await clamd.close()
      const text = clean()
      expect(code(await send(text, SAFE))).toBe('451 4.7.1')
      expect(code(await send(infected()))).toBe('451 4.7.1')
      expect(await until('an alert', alerted)).toBe('urgent')

      const real = await realClamd(clamd.port)
      const before = world.mails(SAFE).length
      expect(code(await send(text, SAFE))).toBe('250 2.6.0')
      await world.arrived(SAFE, before + 1)
      expect(code(await send(infected()))).toBe('554 5.7.1')
      expect(code(await send(mail(padding, { name: 'a.pdf', data: EICAR })))).toBe('554 5.7.1')
      // More than it takes (StreamMaxLength): never a 250 for what was not scanned.
      expect(code(await send(mail({ data: randomBytes(1_500_000) })))).toBe('451 4.7.1')
      await real.stop()
      expect(code(await send(clean(), SAFE))).toBe('451 4.7.1')
      expect(world.mails(BOX)).toEqual([])
      const metrics = (await world.gateway.get('/metrics')).body
      expect(metrics).toMatch(/passerelle_mail_scanned_total\{code="MAIL_INFECTED"\} 3/)
    },
  )
})
