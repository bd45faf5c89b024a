import { X509Certificate } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readRegion } from '../../src/app/config/index.ts'
import { answersTo, judgeRecipient } from '../../src/app/simulate/mail-people.ts'
import { makeTrustSpace } from '../../src/app/simulate/trust-space.ts'
import { publishLab } from '../../src/app/white-list/lab.ts'
import { readHeader } from '../../src/formats/mail/header.ts'
import { pemCertificates, readRevocationLists } from '../../src/formats/x509/revocation-list.ts'
import { orNothing, regionText, writeRegion } from '../support/region.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'simulated-mail-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test.each<[who: string, tries: number, said: RegExp]>([
  ['claire.vidal', 0, /^250 2\.1\.5/],
  ['cabinet.tilleuls', 0, /^250 2\.1\.5/],
  ['279042211312345', 0, /^250 2\.1\.5/],
  ['marc.lenoir', 0, /^451 4\.7\.1/],
  ['marc.lenoir', 1, /^250 2\.1\.5/],
  ['cabinet.plein', 1, /^552 5\.2\.2/],
  ['nobody', 0, /^550 5\.1\.1/],
  ['toString', 0, /^550 5\.1\.1/],
])('%s, named %i times before', (who, tries, said) => {
  expect(judgeRecipient(`${who}@cabinets.mssante.example`, tries).join(' ')).toMatch(said)
})

const asks = 'Disposition-Notification-To: <a@a.test>\r\n'
test.each<[name: string, from: string, who: string, header: string, notify: 'success'[], back: string[]]>([
  ['a report has no answer', '', 'claire.vidal', asks, ['success'], []],
  ['whoever answers does', 'a@a.test', 'claire.vidal', '', [], ['claire.vidal@c.test']],
  ['a program has no answer', 'a@a.test', 'claire.vidal', 'Auto-Submitted: auto-replied\r\n', [], []],
  ['a receipt and a report, when asked for', 'a@a.test', 'cabinet.tilleuls', asks, ['success'], ['', '']],
  ['nothing was asked for', 'a@a.test', 'cabinet.tilleuls', '', [], []],
])('%s', (_name, from, who, header, notify, back) => {
  const text = `From: <a@a.test>\r\nMessage-ID: <1@a.test>\r\nSubject: XDM/1.0/DDM+Essai\r\n${header}\r\nx\r\n`
  const recipients = [{ address: `${who}@c.test`, notify, original: null }]
  const people = { name: 'mail.c.test', atMs: 0, timeZone: 'Europe/Paris', id: () => 'id' }
  const mails = answersTo({ from, recipients, bytes: Buffer.from(text) }, people)
  expect(mails.map((mail) => mail.from)).toEqual(back)
  for (const { to, bytes } of mails) {
    expect(to).toBe('a@a.test')
    expect(readHeader(bytes).text('subject')).not.toMatch(/^XDM/)
  }
})

test('revocation lists of a lab are of its authorities, name who was revoked, and count from now for a week', async () => {
  const dir = join(folder, 'lab')
  const nowMs = Date.UTC(2026, 10, 20)
  const rows = [
    { domain: 'a.test', operator: 'a' },
    { domain: 'b.test', operator: 'b' },
  ]
  const { crls, ca } = await publishLab(dir, rows, nowMs, ['b', 'nobody'])
  const serial = (name: string) => new X509Certificate(readFileSync(join(dir, name))).serialNumber
  const [issuing, root] = pemCertificates(readFileSync(ca, 'utf8'))
  const lists = crls.flatMap((file) => readRevocationLists(readFileSync(file, 'utf8')))
  expect(lists.map((list) => [list.isOf(root!), list.isOf(issuing!), [...list.revoked]])).toEqual([
    [true, false, []],
    [false, true, [serial('operator-b.pem')]],
  ])
  for (const { thisUpdateMs, nextUpdateMs } of lists) {
    expect([thisUpdateMs, nextUpdateMs]).toEqual([nowMs - 60_000, nowMs + 7 * 86_400_000])
  }
})

const tls = (dir: string) => ({ key: `${dir}/operator-us.key`, cert: `${dir}/operator-us.pem`, ca: `${dir}/ca.pem` })
const regionWith = (whiteList: object, dir = 'data/mail') => ({
  mail: {
    whiteList,
    operator: {
      host: 'mail.us.test',
      domains: [{ name: 'us.test', establishment: 'receiver' }],
      hosts: [{ domain: 'them.test', host: '127.0.0.1', port: 26 }],
      tls: tls(dir),
    },
  },
})

test('a trust space is made beside the region file, once; later its list alone is new', async () => {
  const list = { file: 'data/mail/list.xml', ca: 'data/mail/ca.pem' }
  const file = writeRegion(folder, regionText(regionWith(list)))
  const space = await makeTrustSpace(file, 1_000_000_000_000)
  const dir = join(folder, 'data/mail')
  expect(space).toMatchObject({
    dir,
    rows: [
      { domain: 'us.test', operator: 'us' },
      { domain: 'them.test', operator: 'autre' },
    ],
  })
  const texts = () => Object.fromEntries(readdirSync(dir).map((name) => [name, readFileSync(join(dir, name), 'utf8')]))
  const before = texts()
  await makeTrustSpace(file, 1_000_003_600_000)
  const after = texts()
  const changed = Object.keys(after).filter((name) => after[name] !== before[name])
  expect(changed.sort()).toEqual(['issuing.crl', 'list.xml', 'root.crl'])

  // A revision knows the file by its whole path: it is read where the region file is not known.
  const { shared, read } = await readRegion(file, {}, { missingMaterial: 'warning' })
  expect(JSON.parse(shared!).mail.whiteList.file).toBe(join(dir, 'list.xml'))
  expect(orNothing(read)('data/mail/list.xml')).toContain('us.test')
})

test.each<[name: string, region: object]>([
  ['a list that is fetched', regionWith({ ca: 'data/mail/ca.pem' })],
  ['a list of another name', regionWith({ file: 'data/mail/official.xml', ca: 'data/mail/ca.pem' })],
  ['authorities elsewhere', regionWith({ file: 'data/mail/list.xml', ca: 'igc-sante.pem' })],
  ['a key elsewhere', regionWith({ file: 'data/mail/list.xml', ca: 'data/mail/ca.pem' }, 'keys')],
  ['no mail', {}],
])('nothing is made: %s', async (_name, region) => {
  const elsewhere = mkdtempSync(join(folder, 'none-'))
  const file = writeRegion(elsewhere, regionText(region as Readonly<Record<string, unknown>>))
  expect(await makeTrustSpace(file)).toBe(null)
  expect(readdirSync(elsewhere)).toEqual(['region.yaml'])
})
