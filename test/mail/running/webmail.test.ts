import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { writeMail } from '../../../src/formats/mail/compose.ts'
import { writeXdm } from '../../../src/formats/xdm/write.ts'
import { archive, entry } from '../../support/archives.ts'
import { cda } from '../../support/documents.ts'
import { type MailWorld, mailWorld } from '../../support/mail/world.ts'
import { OPERATOR_KEY } from '../../support/world/region.ts'
import { until } from '../../support/world/until.ts'

const ANNE = 'anne.martin@op.mssante.test'
const PAUL = 'paul.durand@op.mssante.test'
const TEAM = 'cardiologie@autre.mssante.test'
const ANNE_ID = '810001234565'
const CLAIRE_ID = '810001234581'
const CLAIRE = 'claire.petit@op.mssante.test'
const PAUL_ID = '810001234573'
/** Stands in subjects, texts and names of files, and must stand nowhere else. */
const CANARY = 'Zanzibarine'

const sha256 = (key: string): string => createHash('sha256').update(key).digest('hex')
const person = (name: string, role: string, identifier?: string) => ({
  ...{ name, role, keySha256: sha256(`k-${name}`), establishments: ['ch-exemple'] },
  ...(identifier === undefined ? {} : { identifier }),
})

let world: MailWorld
beforeAll(async () => {
  world = await mailWorld(
    [
      { address: ANNE, kind: 'PER', name: 'Dr_Anne_MARTIN_CH', owner: ANNE_ID },
      { address: PAUL, kind: 'PER', name: '_Paul_DURAND_CH', owner: PAUL_ID },
      { address: TEAM, kind: 'ORG' },
      { address: CLAIRE, kind: 'PER', name: '_Claire_PETIT_CH', owner: CLAIRE_ID, state: 'suspended' },
    ],
    {
      top: {
        signIn: { demo: true },
        operators: [
          { name: 'proof', role: 'admin', keySha256: sha256(OPERATOR_KEY) },
          person('anne', 'expert', ANNE_ID),
          person('paul', 'requester', PAUL_ID),
          person('claire', 'requester', CLAIRE_ID),
          person('nobody', 'secretariat'),
          person('it', 'establishment-it'),
        ],
      },
    },
  )
})
afterAll(() => world?.end())

interface Shown {
  readonly status: number
  readonly text: string
  readonly seen: string
  readonly to: string | null
  readonly headers: Headers
  readonly bytes: Buffer
}

async function ask(who: string, path: string, form?: Readonly<Record<string, string>> | FormData): Promise<Shown> {
  const response = await fetch(`http://127.0.0.1:${world.httpPort}${path}`, {
    method: form === undefined ? 'GET' : 'POST',
    redirect: 'manual',
    headers: { authorization: `Bearer k-${who}`, 'accept-language': 'fr' },
    ...(form === undefined ? {} : { body: form instanceof FormData ? form : new URLSearchParams(form) }),
  })
  const bytes = Buffer.from(await response.arrayBuffer())
  const text = bytes.toString().replace(/^.*?<main|<footer.*$/gs, '<main')
  const seen = text
    .replace(/<[^>]*>/g, ' ')
    .replaceAll('&#39;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replace(/\s+/g, ' ')
  const { status, headers } = response
  return { status, text, seen, bytes, headers, to: headers.get('location') }
}

async function api(who: string, path: string, body?: unknown) {
  const response = await fetch(`http://127.0.0.1:${world.httpPort}/api/mail/boxes${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { authorization: `Bearer k-${who}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  return { status: response.status, json: (await response.json()) as Record<string, never> }
}

const at = (address: string, ...below: readonly string[]): string =>
  ['/messagerie/courrier', encodeURIComponent(address), ...below].join('/')
const folder = (address: string, name = ''): string => {
  const [local, domain] = address.split('@') as [string, string]
  return join(world.dir, 'store', 'mailboxes', domain, local, name)
}
let drops = 0
/** Puts a mail where a delivery would. */
function drop(address: string, bytes: Buffer | string): string {
  for (const part of ['tmp', 'new', 'cur']) mkdirSync(folder(address, part), { recursive: true })
  const name = `${1_900_000_000 + drops++}.drop${drops}.other,S=${bytes.length}`
  writeFileSync(folder(address, `new/${name}`), bytes)
  return name
}
const named = (name: string, address: string) => {
  const [local, domain] = address.split('@') as [string, string]
  return { name, address: { local, domain } }
}
const letter = (more: Partial<Parameters<typeof writeMail>[0]> = {}): Buffer =>
  writeMail({
    from: named('Jean Essai', 'jean@a.mssante.test'),
    to: [named('', ANNE)],
    subject: `Avis ${CANARY}`,
    text: `Bonjour,\n${CANARY} va mieux.`,
    date: { atMs: Date.UTC(2026, 10, 20, 9), timeZone: 'Europe/Paris' },
    messageId: '<un@a.mssante.test>',
    ...more,
  })
/** Links of a list of mails, in their order. */
const linksOf = ({ text }: Shown): string[] =>
  [...text.matchAll(/href="(\/messagerie\/courrier\/[^"/]+\/[0-9a-f]{32})"/g)].map(([, href = '']) => href)
const form = (fields: Readonly<Record<string, string>>, files: Readonly<Record<string, Buffer>> = {}): FormData => {
  const data = new FormData()
  for (const [name, value] of Object.entries(fields)) data.set(name, value)
  for (const [name, bytes] of Object.entries(files)) {
    data.append('files', new Blob([new Uint8Array(bytes)], { type: 'application/pdf' }), name)
  }
  return data
}
/** The first mail of a folder, opened. */
async function first(who: string, address: string, of = 'INBOX'): Promise<{ path: string; page: Shown }> {
  const [path = ''] = linksOf(await ask(who, `${at(address)}?dossier=${of}`))
  return { path, page: await ask(who, path) }
}

test('a mail is listed, read, its file kept, answered; the answer arrives, and its copy tells what became of it', async () => {
  const pdf = Buffer.from('%PDF-1.4 invented')
  drop(ANNE, letter({ attachments: [{ name: `${CANARY} été.pdf`, type: 'application/pdf', bytes: pdf }] }))
  expect((await ask('anne', '/messagerie/courrier')).seen).toContain('1 non lu')
  const list = await ask('anne', at(ANNE))
  expect(list.seen).toMatch(/Avis Zanzibarine Jean Essai .* Non lu Pièces jointes/)
  expect(list.text).toContain('<strong><a')
  const { path, page } = await first('anne', ANNE)
  expect(page.seen).toContain('Zanzibarine va mieux.')
  expect(page.seen).toContain('Jean Essai <jean@a.mssante.test')
  // Opened is read: its file went from `new`, with the flag.
  expect(readdirSync(folder(ANNE, 'new'))).toEqual([])
  expect(readdirSync(folder(ANNE, 'cur'))[0]).toMatch(/:2,S$/)
  expect((await ask('anne', at(ANNE))).text).not.toContain('<strong><a')

  const [piece = ''] = /href="([^"]+\/piece\/\d+)"/.exec(page.text)?.slice(1) ?? []
  const kept = await ask('anne', piece)
  expect(kept.bytes.equals(pdf)).toBe(true)
  expect(kept.headers.get('content-disposition')).toMatch(
    /^attachment; filename="Zanzibarine ete\.pdf"; filename\*=UTF-8''Zanzibarine%20%C3%A9t%C3%A9\.pdf$/,
  )
  expect(kept.headers.get('content-security-policy')).toContain('sandbox')
  expect(kept.headers.get('x-content-type-options')).toBe('nosniff')

  const [whole = ''] = /href="([^"]+\/original)"/.exec(page.text)?.slice(1) ?? []
  const original = await ask('anne', whole)
  expect(original.bytes.includes(Buffer.from(`Subject: Avis ${CANARY}`))).toBe(true)
  expect(original.headers.get('content-disposition')).toContain('attachment; filename="courrier.eml"')
  expect(original.headers.get('content-security-policy')).toContain('sandbox')
  expect([original.headers.get('content-type'), original.headers.get('x-content-type-options')]).toEqual([
    ...['application/octet-stream', 'nosniff'],
  ])

  const reply = await ask('anne', `${path}/repondre`)
  expect(reply.text).toContain('value="jean@a.mssante.test"')
  expect(reply.text).toContain('value="Re: Avis Zanzibarine"')
  expect(reply.seen).toContain('> Zanzibarine va mieux.')
  const item = path.split('/').at(-1)!
  const fields = {
    to: PAUL,
    cc: '',
    subject: `Re: ${CANARY}`,
    text: 'Merci.',
    courrier: item,
    mode: 'reply',
    notify: 'yes',
  }
  const sent = await ask('anne', at(ANNE, 'envoyer'), form({ ...fields, receipt: 'yes' }, { 'été.pdf': pdf }))
  expect([sent.status, sent.to]).toEqual([303, `${at(ANNE)}?dossier=Sent&fait=envoi`])
  expect((await ask('anne', sent.to!)).seen).toContain('Courrier envoyé.')
  const [arrived = ''] = await world.arrived(PAUL, 1)
  expect(arrived).toContain('In-Reply-To: <un@a.mssante.test>')
  expect(arrived).toContain(`Disposition-Notification-To: ${ANNE}`)
  expect(arrived).toContain('From: Dr Anne MARTIN CH <anne.martin@op.mssante.test>')
  // The copy is what was sent, and the original is marked as answered.
  const [copy = ''] = readdirSync(folder(ANNE, '.Sent/cur'))
  expect(arrived.endsWith(readFileSync(folder(ANNE, `.Sent/cur/${copy}`), 'latin1'))).toBe(true)
  expect(readdirSync(folder(ANNE, 'cur')).find((one) => one.includes('drop'))).toMatch(/:2,RS$/)
  await until('the delivery is told', async () =>
    (await first('anne', ANNE, 'Sent')).page.seen.includes('Remis au système'),
  )
  expect((await first('anne', ANNE, 'Sent')).page.seen).toMatch(
    /Suivi de l’envoi .* paul.durand@op.mssante.test Remis .* –/,
  )

  // Read by whom it was for: told only when they say so, and once.
  const got = await first('paul', PAUL)
  expect(got.page.seen).toContain(`demande un accusé de lecture, à envoyer à ${ANNE}`)
  expect(got.page.seen).not.toContain('pas celle de l’expéditeur')
  expect((await ask('paul', `${got.path}/accuse`, {})).status).toBe(303)
  expect((await ask('paul', `${got.path}/accuse`, {})).status).toBe(409)
  expect((await ask('paul', got.path)).seen).toContain('Accusé de lecture envoyé')
  await until('the receipt arrived', async () => (await ask('anne', at(ANNE))).seen.includes('Accusé de lecture'))
  expect((await first('anne', ANNE, 'Sent')).page.seen).toMatch(/paul.durand@op.mssante.test Remis .* Lu /)
})

test('documents of an archive are listed with their patient, each and the PDF in it are kept', async () => {
  const pdf = Buffer.from('%PDF-1.4 in the CDA')
  const body = `<nonXMLBody><text mediaType="application/pdf" representation="B64">${pdf.toString('base64')}</text></nonXMLBody>`
  const xml = Buffer.from(cda({ body }))
  const sourcePatientInfo = ['PID-5|LEROUX (FICTIF)^SUZANNE^^^^^L', 'PID-7|19540312']
  const zip = await writeXdm(archive({ documents: [{ entry: entry({ sourcePatientInfo }), bytes: xml }] }))
  drop(
    ANNE,
    letter({
      messageId: '<xdm@a.mssante.test>',
      subject: 'XDM/1.0/DDM+Compte rendu LEROUX (FICTIF) SUZANNE',
      attachments: [{ name: 'IHE_XDM.zip', type: 'application/zip', bytes: zip }],
    }),
  )
  const { path, page } = await first('anne', ANNE)
  expect(page.seen).toContain(' Compte rendu LEROUX (FICTIF) SUZANNE De ')
  expect(page.text).not.toContain('XDM/1.0/DDM')
  expect(page.seen).toMatch(/Patient LEROUX \(FICTIF\) SUZANNE Date de naissance 12\/03\/1954/)
  const [document = ''] = /href="([^"]+\/document\/0)"/.exec(page.text)?.slice(1) ?? []
  expect((await ask('anne', document)).bytes.equals(xml)).toBe(true)
  const inside = await ask('anne', `${document}/pdf`)
  expect([inside.bytes.equals(pdf), inside.headers.get('content-type')]).toEqual([true, 'application/pdf'])
  for (const none of [
    `${path}/piece/0`,
    `${path}/piece/99`,
    `${path}/piece/2/document/7`,
    `${path}/piece/2/document/-1`,
  ]) {
    expect([none, (await ask('anne', none)).status]).toEqual([none, 404])
  }
})

test('search by words and in texts, folders, and what other readers of the folder do', async () => {
  const name = drop(
    ANNE,
    letter({ messageId: '<cherche@a.mssante.test>', subject: 'Épanchement pleural', text: 'Kystes.' }),
  )
  const searched = async (q: string, textes = ''): Promise<number> =>
    linksOf(await ask('anne', at(ANNE, 'recherche'), { q, textes })).length
  expect(await searched('epanchement')).toBe(1)
  expect(await searched('EPANCHEMENT jean')).toBe(1)
  expect(await searched('epanchement%')).toBe(1)
  expect(await searched('kystes')).toBe(0)
  expect(await searched('kystes', 'yes')).toBe(1)

  // A reader of the folder took it, marked it, and moved it.
  renameSync(folder(ANNE, `new/${name}`), folder(ANNE, `cur/${name}:2,S`))
  expect((await ask('anne', at(ANNE))).text).not.toMatch(/<strong><a[^>]*>Épanchement/)
  const { path } = await first('anne', ANNE)
  mkdirSync(folder(ANNE, '.Archive/cur'), { recursive: true })
  renameSync(folder(ANNE, `cur/${name}:2,S`), folder(ANNE, `.Archive/cur/${name}:2,FS`))
  expect((await ask('anne', path)).status).toBe(404)
  expect(await searched('epanchement')).toBe(0)
  const archived = await first('anne', ANNE, 'Archive')
  expect(archived.page.seen).toContain('Épanchement pleural')

  // Moved here: to the trash, and away only from there, once that is confirmed.
  expect((await ask('anne', `${archived.path}/supprimer`, { sure: 'yes' })).status).toBe(409)
  expect((await ask('anne', `${archived.path}/deplacer`, { vers: 'Trash' })).status).toBe(303)
  const [trashed = ''] = readdirSync(folder(ANNE, '.Trash/cur'))
  expect(trashed).toBe(`${name}:2,FS`)
  const trash = await first('anne', ANNE, 'Trash')
  await ask('anne', `${trash.path}/supprimer`, {})
  expect(readdirSync(folder(ANNE, '.Trash/cur'))).toHaveLength(1)
  await ask('anne', `${trash.path}/supprimer`, { sure: 'yes' })
  expect(readdirSync(folder(ANNE, '.Trash/cur'))).toEqual([])
  expect((await ask('anne', `${at(ANNE)}?dossier=Trash`)).seen).toContain('Aucun courrier.')
})

test('what cannot be sent says every reason and sends nothing; a mail passed on goes along whole', async () => {
  const before = readdirSync(folder(ANNE, '.Sent/cur')).length
  const odd = await ask(
    'anne',
    at(ANNE, 'envoyer'),
    form({ to: 'paul, <b>x', cc: '', subject: 'a', text: 'b' }, { 'a.pdf': Buffer.from('a') }),
  )
  expect([odd.status, odd.seen.match(/mal formée/g)?.length]).toEqual([200, 4])
  expect(odd.seen).toContain('Choisissez de nouveau les fichiers')
  expect(odd.text).toContain('value="paul, &lt;b&gt;x"')
  const refused = await ask(
    'anne',
    at(ANNE, 'envoyer'),
    form({ to: `nemo@op.mssante.test, x@gmail.com, ${PAUL}`, subject: 'a', text: 'b' }),
  )
  expect(refused.seen).toMatch(/nemo@op.mssante.test : .* x@gmail.com : /)
  expect(readdirSync(folder(ANNE, '.Sent/cur'))).toHaveLength(before)

  // A file too many, and one that is too long encoded: the answer says what fits.
  const many = Object.fromEntries(Array.from({ length: 51 }, (_, n) => [`${n}.pdf`, Buffer.from('a')]))
  const tooMany = await ask('anne', at(ANNE, 'envoyer'), form({ to: PAUL, subject: 'a', text: 'b' }, many))
  expect(tooMany.seen).toMatch(/Au plus 50 fichiers, et [\d,]+ Mio en tout/)
  const limit = Number(/ ([\d,]+) Mio/.exec(tooMany.seen)![1]!.replace(',', '.')) * 1_048_576
  const fits = { 'tout.pdf': Buffer.alloc(Math.floor(limit)) }
  expect((await ask('anne', at(ANNE, 'envoyer'), form({ to: TEAM, subject: 'a', text: 'b' }, fits))).status).toBe(303)
  const more = { 'tout.pdf': Buffer.alloc(Math.ceil(limit) + 150_000) }
  const tooLong = await ask('anne', at(ANNE, 'envoyer'), form({ to: TEAM, subject: 'a', text: 'b' }, more))
  expect(tooLong.seen).toContain('plus long que ce qui est admis')
  const nothing = await ask('anne', at(ANNE, 'envoyer'), { to: PAUL, subject: 'garde', text: 'b', act: 'again' })
  expect([nothing.status, nothing.text.includes('value="garde"')]).toEqual([200, true])
  expect(readdirSync(folder(ANNE, '.Sent/cur'))).toHaveLength(before + 1)

  const original = letter({
    messageId: '<a-passer@a.mssante.test>',
    attachments: [{ name: 'a.bin', type: 'image/png', bytes: Buffer.alloc(9) }],
  })
  const name = drop(ANNE, original)
  const { path } = await first('anne', ANNE)
  const item = path.split('/').at(-1)!
  const fields = { to: `Cardio <${TEAM}>`, subject: 'Tr: avis', text: 'Voir.', courrier: item, mode: 'forward' }
  expect((await ask('anne', at(ANNE, 'envoyer'), form(fields))).status).toBe(303)
  const passed = (await world.arrived(TEAM, 2)).join('')
  expect(passed).toContain(original.toString('latin1'))
  expect(readdirSync(folder(ANNE, 'cur'))).toContain(`${name}:2,PS`)
})

test('a suspended mailbox is read, says so, and sends nothing', async () => {
  drop(CLAIRE, letter({ messageId: '<avant@a.mssante.test>', headers: [['Disposition-Notification-To', PAUL]] }))
  expect((await ask('claire', '/messagerie/courrier')).seen).toContain('suspendue')
  const { path, page } = await first('claire', CLAIRE)
  expect(page.seen).toContain('Cette boîte est suspendue')
  expect(page.seen).toContain('va mieux')
  expect(page.text).not.toMatch(/\/(?:nouveau|repondre|transferer|accuse)"/)
  const sent = await ask('claire', at(CLAIRE, 'envoyer'), form({ to: PAUL, subject: 'a', text: 'b' }))
  expect([sent.status, sent.seen.includes('La boîte est suspendue')]).toEqual([200, true])
  expect((await ask('claire', `${path}/accuse`, {})).status).toBe(409)
})

test('a search that finds more than a page leads to the older ones, by POST', async () => {
  for (let n = 0; n < 55; n += 1) drop(CLAIRE, letter({ messageId: `<h${n}@a.mssante.test>`, subject: `Hanche ${n}` }))
  const search = at(CLAIRE, 'recherche')
  const newest = await ask('claire', search, { dossier: 'INBOX', q: 'hanche' })
  const [, avant = ''] = /name="avant" value="([^"]+)"/.exec(newest.text) ?? []
  expect([linksOf(newest).length, newest.text.includes('avant=')]).toEqual([50, false])
  const older = await ask('claire', search, { dossier: 'INBOX', q: 'hanche', avant })
  expect([linksOf(older).length, older.text.includes('name="avant"')]).toEqual([5, false])
  expect((await ask('claire', search, { dossier: 'INBOX', q: 'hanche', avant: 'x' })).status).toBe(400)
})

test('the API shows and does the same, for the same people', async () => {
  const { json } = await api('anne', '')
  const boxes = json as unknown as { boxes: { address: string; own: boolean }[] }
  expect(boxes.boxes.map(({ address, own }) => [address, own])).toEqual([[ANNE, true]])
  expect((await api('nobody', '')).json).toEqual({ boxes: [] })
  drop(ANNE, letter({ messageId: '<api@a.mssante.test>', subject: 'Par programme' }))
  const found = await api('anne', `/${ANNE}/search`, { words: 'programme' })
  const [item] = found.json['items'] as unknown as { id: string; seen: boolean; subject: string }[]
  expect(item).toMatchObject({ seen: false, subject: 'Par programme' })
  const opened = await api('anne', `/${ANNE}/items/${item!.id}`)
  expect(opened.json).toMatchObject({ item: { seen: false }, pieces: [], sent: null })
  const sent = await api('anne', `/${ANNE}/send`, {
    to: [PAUL],
    subject: 's',
    text: 't',
    files: [{ name: 'a.txt', type: 'text/plain', data: 'YQ==' }],
  })
  expect([sent.status, sent.json['copied']]).toEqual([201, true])
  expect((await api('anne', `/${ANNE}/send`, { to: [`${PAUL}\n${TEAM}`], subject: 's', text: 't' })).status).toBe(201)
  const moved = await api('anne', `/${ANNE}/items/${item!.id}/flags`, { seen: true, folder: 'Archive' })
  expect(moved.status).toBe(200)
  expect((await api('anne', `/${ANNE}/items/${item!.id}`)).status).toBe(404)
  expect((await api('anne', `/${ANNE}/items/${moved.json['id']}`)).json).toMatchObject({ item: { seen: true } })
  // Whose it is not, and who has no mailbox by their role.
  for (const who of ['paul', 'nobody']) expect((await api(who, `/${ANNE}/search`, {})).status).toBe(404)
  expect((await api('it', '')).status).toBe(403)
})

test('whoever lists or searches the mails of a delegated mailbox is in the audit, and its owner is not', async () => {
  const origin = `http://127.0.0.1:${world.httpPort}`
  const asked = (path: string, body?: unknown) =>
    fetch(origin + path, {
      method: body === undefined ? 'GET' : 'POST',
      headers: { authorization: `Bearer ${OPERATOR_KEY}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
  const given = await asked(`/api/mail/mailboxes/${ANNE}/delegate`, { person: PAUL_ID, reason: 'remplacement' })
  expect(given.status).toBe(200)
  for (const who of ['anne', 'paul']) {
    expect((await ask(who, at(ANNE))).status).toBe(200)
    expect((await ask(who, at(ANNE, 'recherche'), { dossier: 'INBOX', q: CANARY })).status).toBe(200)
    expect((await api(who, `/${ANNE}/search`, { words: CANARY })).status).toBe(200)
  }
  const looks = await until('the audit has them', async () => {
    const { events } = (await (await asked('/api/audit?limit=1000')).json()) as { events: { line: string }[] }
    const found = events
      .map(({ line }) => JSON.parse(line))
      .filter(({ subtype }) => subtype[0].code === 'list-mail')
      .map(({ agent, entity }) => `${agent[0].who.display} ${entity[0].detail[0].valueString}`)
    return found.length >= 3 && found
  })
  expect(looks.sort()).toEqual([
    `paul mailbox:${ANNE} GET /messagerie/courrier/:address`,
    `paul mailbox:${ANNE} POST /api/mail/boxes/:address/search`,
    `paul mailbox:${ANNE} POST /messagerie/courrier/:address/recherche`,
  ])
})

test('who opened what is in the audit; no word of a mail stands there, in the log, or in an address', async () => {
  const audit = await until('the audit has them', async () => {
    const answer = await fetch(`http://127.0.0.1:${world.httpPort}/api/audit?limit=1000`, {
      headers: { authorization: `Bearer ${OPERATOR_KEY}` },
    })
    const text = await answer.text()
    return /read-mail.*anne\.martin@op\.mssante\.test/.test(text) && /send-mail/.test(text) && text
  })
  for (const text of [audit, world.logText()]) {
    expect(text).not.toMatch(new RegExp(`${CANARY}|LEROUX|panchement|kystes|jean@a\\.mssante`, 'i'))
  }
  const metrics = await (await fetch(`http://127.0.0.1:${world.httpPort}/metrics`)).text()
  expect(metrics).not.toContain(CANARY)
})

test('whoever signs in has the mailboxes of the identifier that their session knows: in the demo an invented one', async () => {
  const origin = `http://127.0.0.1:${world.httpPort}`
  const signIn = async (role: string): Promise<string> => {
    const answer = await fetch(`${origin}/connexion/demo`, {
      method: 'POST',
      redirect: 'manual',
      headers: { origin },
      body: new URLSearchParams({ role }),
    })
    return answer.headers.getSetCookie()[0]?.split(';')[0] ?? ''
  }
  const boxes = async (role: string) => {
    const answer = await fetch(`${origin}/api/mail/boxes`, { headers: { cookie: await signIn(role) } })
    const { boxes: found = [] } = (await answer.json()) as { boxes?: { address: string }[] }
    return [answer.status, ...found.map(({ address }) => address)]
  }
  expect(await boxes('secretariat')).toEqual([
    200,
    'demo-secretariat@op.mssante.test',
    'secretariat.neurologie@op.mssante.test',
  ])
  expect(await boxes('expert')).toEqual([200, 'demo-expert@op.mssante.test'])
  expect(await boxes('admin')).toEqual([403])
})

test('addresses of the directory while a mail is written: by script, and without one', async () => {
  const asked = await fetch(`http://127.0.0.1:${world.httpPort}/api/mail/directory/complete`, {
    method: 'POST',
    headers: { authorization: 'Bearer k-anne', 'content-type': 'application/json' },
    body: JSON.stringify({ words: 'paul dur' }),
  })
  expect(await asked.json()).toEqual({ addresses: [{ address: PAUL, name: '_Paul_DURAND_CH' }] })
  const page = await ask('anne', at(ANNE, 'nouveau'))
  expect(page.text).toMatch(/data-complete="in-to"/)
  expect((await ask('anne', '/assets/complete.js')).status).toBe(200)

  const typed = { to: `${TEAM}, paul`, cc: '', subject: 'Sujet gardé', text: 'Texte gardé' }
  const found = await ask('anne', at(ANNE, 'envoyer'), { ...typed, find: 'to' })
  expect(found.text).toContain(`<button name="add" value="to ${PAUL}" formnovalidate>`)
  expect(found.text).toContain('value="Sujet gardé"')
  const taken = await ask('anne', at(ANNE, 'envoyer'), { ...typed, add: `to ${PAUL}` })
  expect(taken.text).toContain(`value="${TEAM}, ${PAUL}, "`)
  expect(taken.text).toContain('Texte gardé')
  const none = await ask('anne', at(ANNE, 'envoyer'), { ...typed, to: 'personne', find: 'to' })
  expect(none.seen).toContain('Aucune adresse trouvée.')
  // Nothing was sent by any of it.
  expect((await ask('anne', `${at(ANNE)}?dossier=Sent`)).seen).not.toContain('Sujet gardé')
})

test.each([
  [at(ANNE, 'envoyer'), at(ANNE)],
  ['/messages/x/actes', '/messages/x'],
  ['/a-traiter/cause', '/a-traiter/cause'],
])('a session that ended before a form was sent is told on a page that leads back: %s', async (path, page) => {
  const origin = `http://127.0.0.1:${world.httpPort}`
  const sent = async (headers: Readonly<Record<string, string>>) => {
    const asked = { accept: 'text/html', 'accept-language': 'en', origin, ...headers }
    const answer = await fetch(origin + path, { method: 'POST', headers: asked, body: form({ to: PAUL }) })
    return { status: answer.status, text: await answer.text() }
  }
  const { status, text } = await sent({})
  expect([status, /href="(\/connexion[^"]*)"/.exec(text)?.[1]]).toEqual([
    ...[401, `/connexion?suite=${encodeURIComponent(page)}`],
  ])
  expect([text.includes('Your session has ended'), text.includes('Bearer')]).toEqual([true, false])
  expect((await sent({ authorization: 'Bearer wrong' })).text).toContain('Bearer')
})
