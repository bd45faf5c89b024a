import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { passerelle } from '../../cli/terminal.ts'
import { axeFaults } from '../../support/axe.ts'
import { browserTest, faultsOf, look } from '../../support/chromium.ts'
import { dialMail, letter, type Talk } from '../../support/mail/talk.ts'
import { BOX, type MailWorld, mailWorld } from '../../support/mail/world.ts'
import { OPERATOR_KEY } from '../../support/world/region.ts'
import { until } from '../../support/world/until.ts'

const SECRET = 'lab-secret'
const INS = '279035121518989'
const FROM = 'canari-jean@a.mssante.test'
const DPI = 'dpi@autre.mssante.test'
const code = (reply: string | null | undefined) => reply?.slice(0, 9) ?? null

let world: MailWorld
let url: string
beforeAll(async () => {
  const passwords = [{ name: BOX, passwordSha256: createHash('sha256').update(SECRET).digest('hex'), addresses: [BOX] }]
  world = await mailWorld([{ address: BOX }, { address: DPI, kind: 'APP' }], {
    mail: { passwords, hosts: [{ domain: 'c.mssante.test', host: '127.0.0.1', port: 9 }] },
  })
  url = `http://127.0.0.1:${world.httpPort}`
  await talked()
  // What was refused is written a second later; a month that runs is counted at the first question.
  const written = async () => (await got('/messagerie/indicateurs')).text.includes('MAIL_OUTSIDE')
  await until('the refusals are written', written, { withinMs: 30_000 })
}, 240_000)
afterAll(() => world?.end())

/** A mail with X-MSS headers, its subject a canary. */
const mail = (from: string, to: string, id: string, headers: string): string =>
  `${headers}${letter(from, to, { id, subject: 'CANARI Dupont', body: 'CANARI' })}.\r\n`

async function send(
  talk: Talk,
  from: string,
  to: readonly string[],
  text: string,
): Promise<readonly (string | null)[]> {
  const said = await talk.all([`MAIL FROM:<${from}>`, ...to.map((one) => `RCPT TO:<${one}>`), 'DATA'])
  talk.write(text)
  return [...said.map(code), code(await talk.reply())]
}

async function talked(): Promise<void> {
  const other = await world.meet('a')
  const xMss = `X-MSS-CODECDA: 34112-3,${INS}\r\nX-MSS-INS: O\r\nX-MSS-NIL: CANARI-${INS}\r\n`
  const to = [BOX, 'personne@op.mssante.test', 'DPI+labo@autre.mssante.test']
  expect(await send(other, FROM, to, mail(FROM, BOX, 'in@a', xMss))).toEqual([
    ...['250 2.1.0', '250 2.1.5', '550 5.1.1', '250 2.1.5', '354 End w', '250 2.6.0'],
  ])
  other.destroy()
  const own = await dialMail(world.submissionPort)
  await own.reply()
  await own.all(['EHLO poste.exemple.test', 'STARTTLS'])
  await own.secure({ ca: readFileSync(join(world.lab, 'ca.pem')) })
  await own.say('EHLO poste.exemple.test')
  await own.say(`AUTH PLAIN ${Buffer.from(`\0${BOX}\0${SECRET}`).toString('base64')}`)
  expect(
    await send(own, BOX, ['x@c.mssante.test'], mail(BOX, 'x@c.mssante.test', 'out@op', 'X-MSS-MES: FIN\r\n')),
  ).toEqual([...['250 2.1.0', '250 2.1.5', '354 End w', '250 2.6.0']])
  expect((await own.all([`MAIL FROM:<${BOX}>`, 'RCPT TO:<u@gmail.com>'])).map(code)).toEqual(['250 2.1.0', '550 5.7.1'])
  own.destroy()
  await world.arrived(BOX, 1)
}

async function got(path: string): Promise<{ readonly status: number; readonly text: string }> {
  const response = await fetch(url + path, { headers: { authorization: `Bearer ${OPERATOR_KEY}` } })
  // The mark at the begin of a file counts.
  return {
    status: response.status,
    text: new TextDecoder('utf-8', { ignoreBOM: true }).decode(await response.arrayBuffer()),
  }
}

const NOBODY = /CANARI|canari|Dupont|personne@|279035121518989|gmail|x@c|dpi@|u@op/

test('mails at the doors are told by the API, in the file and on the command line, and nobody in them', async () => {
  const { text } = await got('/api/mail/indicators')
  const { months } = JSON.parse(text) as { months: readonly Record<string, unknown>[] }
  const of = (domain: string, type: string) =>
    months.findLast((one) => one['domain'] === domain && one['type'] === type)
  expect(of('op.mssante.test', 'ORG')).toMatchObject({
    ...{ establishment: 'ch-exemple', final: false, boxes: 1, used: 1, received: 1, receivedRecipients: 1 },
    ...{ sent: 1, relayed: 1, sentRecipients: 1, refused: { MAIL_OUTSIDE: 1 }, failed: {} },
    receivedXMss: { codeCda: { '34112-3': 1, other: 1 }, ins: { O: 1 }, nil: { other: 1 }, mes: {} },
    sentXMss: { mes: { FIN: 1 } },
  })
  expect(of('op.mssante.test', '')).toMatchObject({ refused: { MAIL_BOX_UNKNOWN: 1 }, boxes: 0 })
  expect(of('autre.mssante.test', 'APP')).toMatchObject({ received: 1, used: 0, lastUse: null })

  const month = String(months.at(-1)?.['month'])
  const csv = (await got(`/api/mail/indicators.csv?type=APP&from=${month}`)).text
  const [head, line, ...more] = csv.split('\r\n')
  expect(head).toMatch(
    /^\ufeffmonth;domain;establishment;type;final;boxes;suspended;created;closed;used;lastUse;received;/,
  )
  expect(line).toMatch(
    /^\d{4}-\d\d;autre\.mssante\.test;ch-exemple;APP;0;1;0;0;0;0;;1;1;\d+;0;0;0;0;0;;0;;34112-3=1 other=1;O=1;other=1;;;;;$/,
  )
  expect(more).toEqual([''])

  const cli = (...argv: string[]) =>
    passerelle(['mail', 'indicators', '--url', url, ...argv], { PASSERELLE_KEY: OPERATOR_KEY, LANG: 'fr_FR.UTF-8' })
  const lines = await cli('--month', month)
  expect(lines).toMatchObject({
    code: 0,
    out: expect.stringMatching(/^~.* op\.mssante\.test +ORG {2}BAL 1 .*reçus 1 /m),
  })
  const file = await cli('--csv', '--month', month)
  expect(file).toMatchObject({ code: 0, out: (await got(`/api/mail/indicators.csv?from=${month}&to=${month}`)).text })
  const json = await cli('--json')
  expect([(await cli('--month', '2026-13')).code, (await cli('x')).code]).toEqual([2, 2])

  expect((await got('/api/mail/indicators?from=2026-02&to=2026-01')).status).toBe(400)
  expect((await got('/api/mail/indicators?from=2026-00')).status).toBe(400)
  for (const told of [text, csv, lines.out, file.out, json.out]) expect(told).not.toMatch(NOBODY)
})

browserTest(
  'the page of months: figures, a chart with its table, codes, a file; by keyboard and in the dark',
  async () => {
    for (const eyes of [
      { language: 'fr', theme: 'light' },
      { language: 'en', theme: 'dark' },
    ] as const) {
      const page = await (await look({ ...eyes, key: OPERATOR_KEY })).newPage()
      const wrong = faultsOf(page, url)
      await page.goto(`${url}/messagerie/indicateurs`)
      const text = await page.locator('main').innerText()
      const said = {
        fr: ['Indicateurs', 'Messages par mois', 'provisoire', 'BAL applicative', 'MAIL_BOX_UNKNOWN', 'autre valeur'],
        en: [
          'Figures',
          'Messages by month',
          'provisional',
          'Mailbox of an application',
          'MAIL_BOX_UNKNOWN',
          'another value',
        ],
      }[eyes.language]
      for (const one of said) expect(text).toContain(one)
      expect(text).not.toMatch(NOBODY)
      expect(await axeFaults(page)).toEqual([])
      // The chart says nothing that its table does not.
      const months = await page.locator('table[aria-labelledby="i-months"] tbody tr').count()
      expect([months, await page.locator('figure.bars rect').count()]).toEqual([12, 24])
      expect(await page.locator('nav.tabs [aria-current="page"]').innerText()).toBe(said[0])
      await page.locator('#i-kind').selectOption('APP')
      await page.locator('main button').press('Enter')
      await page.waitForURL(/kind=APP/)
      expect(await page.locator('table[aria-labelledby="i-box-groups"] tbody tr').count()).toBe(1)
      expect(await page.locator('main a[href*=".csv"]').getAttribute('href')).toMatch(/\.csv\?du=.*&kind=APP$/)
      await page.goto(`${url}/messagerie/indicateurs?du=2020-01&au=2026-01`)
      expect(await page.locator('main [role=alert]').innerText()).toContain('36')
      await page.goto(`${url}/messagerie/indicateurs?du=2020-01&au=2020-02`)
      expect(await axeFaults(page)).toEqual([])
      expect(wrong).toEqual([])
    }
  },
)
