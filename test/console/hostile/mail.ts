/** Secure mail whose every free text is an attack on whoever looks at it. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { LAB_SIGNER } from '../../../src/app/white-list/lab.ts'
import { writeXdm } from '../../../src/formats/xdm/write.ts'
import type { World } from '../../running/gateway.ts'
import { archive, entry } from '../../support/archives.ts'
import { cda } from '../../support/documents.ts'
import { makeLab, manyRows, signedList } from '../../support/lab-list.ts'
import { mailOf } from '../../support/mail-operator.ts'
import { until } from '../../support/world/until.ts'
import { ATTACKS, attack } from './attacks.ts'
import type { Found } from './crawl.ts'

const DOMAIN = 'sender.mssante.test'
/** A mailbox that nobody closes. */
const KEPT = 'zoe.martin'
/** National identifier of whoever reads mail: owner of one mailbox, and delegate of another. */
export const READER = '810001234565'

/** `mail` of the region: one domain of ours, and a list of operators that write attacks beside their certificates. */
export async function hostileMail(dir: string): Promise<{ readonly mail: object; end(): void }> {
  const lab = await makeLab()
  const rows = manyRows(ATTACKS.length).map((row, n) => ({
    ...row,
    description: attack(n),
    responsible: attack(n + 1),
    support: attack(n + 2),
    // One subject is as long as the longest word of the attacks.
    subject: `CN=${'w'.repeat(60)}${n}.exemple.test,O=${n % 2 === 0 ? '<b data-hostile>' : 'X'},C=FR`,
  }))
  const file = (name: string, text: string): string => {
    writeFileSync(join(dir, name), text)
    return join(dir, name)
  }
  const { issuer, commonName, email } = LAB_SIGNER
  const whiteList = {
    file: file('list.xml', signedList(lab, rows, Date.now() - 60_000)),
    ca: join(lab.dir, 'ca.pem'),
    signer: { issuer, commonName, email },
  }
  return { mail: mailOf(dir, { [DOMAIN]: 'sender' }, { whiteList }), end: lab.remove }
}

/** Mailboxes of every kind, one of them delegated. */
export async function hostileMailboxes(world: World): Promise<void> {
  await until('the list is in use', async () => {
    const { json } = await world.call('/api/mail/whitelist')
    return json['state'] === 'fresh'
  })
  const at = '/api/mail/mailboxes'
  const make = (local: string, body: object) =>
    world.call(at, { address: `${local}@${DOMAIN}`, reason: attack(0, 90), ...body })
  const text = (n: number): string => attack(n).replaceAll(/[\u200b\u202e\u2066]/g, '')
  const made = await Promise.all([
    make('anne.martin', { kind: 'PER', name: `_${text(0)}_MARTIN_${text(1)}`, owner: '10001234565' }),
    make('org', { kind: 'ORG', name: text(1), service: text(2), responsible: text(3), description: text(4) }),
    make('app', { kind: 'APP', name: text(2), certificate: 'CN=<b data-hostile>,O=x' }),
    make('cab', { kind: 'CAB', name: text(7), description: text(5), owner: '10001234573' }),
  ])
  // Forms close the first that they find: so many stand before the one that is read.
  for (const local of ['d', 'e', 'f', 'g']) made.push(await make(local, { kind: 'ORG', name: text(3) }))
  made.push(await make(KEPT, { kind: 'PER', name: `_${text(0)}_MARTIN_${text(1)}`, owner: READER.slice(1) }))
  for (const { status, json } of made) if (status !== 200) throw new Error(JSON.stringify(json))
  const given = await world.call(`${at}/org@${DOMAIN}/delegate`, { person: '10001234565', reason: text(3) })
  if (given.status !== 200) throw new Error(JSON.stringify(given.json))
}

/** An archive whose titles, patient and file are attacks, with a PDF inside. */
function hostileDocuments(): Promise<Buffer> {
  const pdf = Buffer.from(`%PDF-1.4 ${attack(0)}`).toString('base64')
  const body = `<nonXMLBody><text mediaType="application/pdf" representation="B64">${pdf}</text></nonXMLBody>`
  const sourcePatientInfo = [`PID-5|${attack(0)}^${attack(1)}`, `PID-7|19500131${attack(2)}`]
  const xml = cda({ body }).replace('<title>Compte rendu</title>', `<title>${escaped(attack(3))}</title>`)
  return writeXdm(
    archive({
      documents: [
        { entry: entry({ title: attack(1), sourcePatientInfo }), bytes: Buffer.from(xml) },
        { entry: entry({ title: attack(2), mimeType: 'text/html', sourcePatientInfo }), bytes: Buffer.from(attack(0)) },
      ],
    }),
  )
}

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
const zipPart = (zip: Buffer): string =>
  `--b\r\nContent-Type: application/zip; name=IHE_XDM.ZIP\r\nContent-Transfer-Encoding: base64\r\n\r\n${zip.toString('base64')}`

/** Mails whose every part is an attack: headers that turn lines, HTML that runs, files by the hundred, archives. */
export async function hostileLetters(dir: string): Promise<void> {
  const header = (n: number, more: string): string =>
    [
      `From: =?utf-8?Q?${quoted(attack(n))}?= <x@${DOMAIN}>`,
      `To: =?utf-8?B?${Buffer.from(attack(n + 1)).toString('base64')}?= <org@${DOMAIN}>`,
      `Subject: =?utf-8?Q?${quoted(`XDM/1.0/DDM+${attack(n + 2)}\r\nX: <script>hit=1</script>`)}?=`,
      `Message-ID: <${n}.${attack(0, 20).replace(/[<>\s]/g, '')}@${DOMAIN}>`,
      `Reply-To: "${attack(n + 3).replace(/["\\]/g, '')}" <y@${DOMAIN}>`,
      `Disposition-Notification-To: x@${DOMAIN}`,
      'Date: Fri, 20 Nov 2026 10:00:00 +0100',
      'MIME-Version: 1.0',
      more,
    ].join('\r\n')
  const web = `<a href='https://x.test/"><script>hit=1</script>&lt;img src=x onerror=hit=1&gt;'>x</a>`
  const html = ATTACKS.map(
    (one) => `<p>${one}</p>${web}<img src="http://x.test/p.png"><a href="javascript:hit=1">${one}</a>`,
  )
  const files = Array.from({ length: 1_000 }, (_, n) =>
    [
      '--b',
      `Content-Type: text/html; name="${attack(n).replace(/["\\\r\n]/g, '')}"`,
      `Content-Disposition: attachment; filename="../../${attack(n + 1).replace(/["\\\r\n]/g, '')}.html"`,
      '',
      attack(n),
    ].join('\r\n'),
  )
  const deep = Array.from({ length: 80 }, (_, n) => `--n${n}\r\nContent-Type: multipart/mixed; boundary=n${n + 1}\r\n`)
  const documents = `Content-Type: multipart/mixed; boundary=b\r\n\r\n${zipPart(await hostileDocuments())}\r\n--b--`
  const letters = [
    header(0, `Content-Type: text/html; charset=utf-8\r\n\r\n<html><head><title>x</title></head>${html.join('')}`),
    header(1, `Content-Type: multipart/mixed; boundary=b\r\n\r\n${files.join('\r\n')}\r\n--b--\r\n`),
    header(2, `Content-Type: multipart/mixed; boundary=n0\r\n\r\n${deep.join('\r\n')}`),
    header(5, `Content-Type: text/calendar; charset=utf-8\r\n\r\n${attack(0)}`),
    header(3, `Content-Type: text/plain; charset=x-none\r\n\r\n${attack(6)}\xff\xfe${attack(0)}`),
    header(
      4,
      `Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: application/zip; name=IHE_XDM.ZIP\r\n\r\nPK\x05\x06${attack(0)}\r\n--b--`,
    ),
    `Subject\r\n <script>hit=1</script>\r\nFrom nobody`,
    // More than once: forms move the newest elsewhere.
    ...[6, 6, 6, 6].map((n) => header(n, documents)),
  ]
  for (const local of ['org', KEPT]) {
    const folder = join(dir, 'store', 'mailboxes', DOMAIN, local, 'new')
    mkdirSync(folder, { recursive: true })
    for (const [n, text] of letters.entries()) writeFileSync(join(folder, `${1_790_000_000 + n}.h${n}.other`), text)
  }
}

function quoted(text: string): string {
  return [...Buffer.from(text)].map((octet) => `=${octet.toString(16).toUpperCase().padStart(2, '0')}`).join('')
}

/** Where each of them is read; every one is another page to look at. */
export async function letterPages({ url }: World): Promise<readonly Found[]> {
  const key = 'demo-expert'
  const box = `${KEPT}@${DOMAIN}`
  const answer = await fetch(`${url()}/api/mail/boxes/${box}/search`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: '{}',
  })
  const { items } = (await answer.json()) as {
    readonly items: readonly { readonly id: string; readonly subject: string }[]
  }
  const route = '/messagerie/courrier/:address/:item'
  const path = (id: string): string => `/messagerie/courrier/${encodeURIComponent(box)}/${id}`
  // Those with documents are one and the same.
  const different = items.filter(({ subject }, n) => items.findIndex((one) => one.subject === subject) === n)
  return [
    ...different.map(({ id }) => ({ route, path: path(id), key, asks: id })),
    ...different.slice(0, 2).map(({ id }) => ({ route, path: `${path(id)}/repondre?a=tous`, key, asks: `re ${id}` })),
  ]
}
