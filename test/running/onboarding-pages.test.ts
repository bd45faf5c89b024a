import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { profileFolders } from '../../src/app/config/index.ts'
import { readOnboarding } from '../../src/app/onboarding/rules.ts'
import { browserTest, faultsOf, look } from '../support/chromium.ts'
import { authority } from '../support/peers/pki.ts'
import { farSide, makeWorld, mllpAt, postTexts, type World } from './gateway.ts'
import { sound } from './journeys.ts'

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')
const ROLES = [
  ['admin', 'op'],
  ['conformity-officer', 'claire'],
  ['operator', 'duty'],
  ['programme-officer', 'boss'],
] as const
const OPERATORS = [
  ...ROLES.map(([role, name]) => ({ name, role, keySha256: sha256(`demo-${name === 'op' ? role : name}`) })),
  { name: 'dsi', role: 'establishment-it', keySha256: sha256('demo-dsi'), establishments: ['sender'] },
]
const HOSTILE = '<script>alert(1)</script>'

async function started(): Promise<{ world: World; port: number }> {
  const world = makeWorld()
  const far = await farSide()
  const destinations = { dpi: mllpAt(far) }
  const sender = { facilities: ['SENDER'], keys: [{ keySha256: sha256('demo-sender') }] }
  world.write(destinations, {
    operators: OPERATORS,
    entrances: { mllp: { port: 0 }, sandbox: { port: 0 }, http: { port: 0 } },
    establishments: [
      { id: 'sender', name: 'Sender (fictif)', kind: 'hospital', senders: sender },
      { id: 'receiver', name: 'Receiver (fictif)', kind: 'hospital', destinations },
    ],
  })
  await world.start()
  return { world, port: far.port }
}

async function page(
  world: World,
  path: string,
  { key = 'demo-admin', form = null as Record<string, string> | null } = {},
) {
  const response = await fetch(world.url() + path, {
    method: form === null ? 'GET' : 'POST',
    redirect: 'manual',
    headers: { authorization: `Bearer ${key}`, 'accept-language': 'fr' },
    ...(form === null ? {} : { body: new URLSearchParams(form) }),
  })
  return { status: response.status, text: await response.text(), to: response.headers.get('location') }
}

const seen = (html: string): string =>
  html
    .replace(/<head>.*<\/head>/s, '')
    .replace(/<pre>.*?<\/pre>/gs, '')
    .replace(/<[^>]*>/g, ' ')
    .replaceAll('&#39;', "'")
    .replace(/\s+/g, ' ')

const FORBIDDEN = [
  'gateway',
  'parked',
  'queued',
  'replay',
  'resend',
  'finding',
  'lane',
  'unknown',
  'expired',
  'poisoned',
  'dry run',
  'mailbox',
]

/** The messages of a book, as the sender's software sends them. */
function messagesOf(book: string): string[] {
  const { rules } = readOnboarding(profileFolders('.'))
  return rules.books
    .get(book)!
    .cases.flatMap(({ examples }) => examples)
    .map((text) => text.replaceAll('{facility}', 'SENDER').replaceAll('\n', '\r'))
}

test('who may not is told so; an establishment sees its own; what somebody writes stays text', async () => {
  const { world } = await started()
  const open = (form: Record<string, string>, key = 'demo-admin') => page(world, '/raccordements', { form, key })
  expect((await open({ establishment: 'sender', flow: 'stroke' }, 'demo-boss')).status).toBe(403)
  expect((await open({ establishment: 'sender', flow: 'fax' })).status).toBe(404)
  expect((await open({ id: 'Not an id', name: 'x', flow: 'stroke' })).status).toBe(400)
  expect(await open({ establishment: 'sender', flow: 'stroke' })).toMatchObject({
    status: 303,
    to: '/raccordements/sender/stroke',
  })
  await open({ id: 'newcomer', name: HOSTILE, flow: 'results' })
  const step = (form: Record<string, string>, key = 'demo-admin') =>
    page(world, '/raccordements/newcomer/results/etapes/agreement', { form, key })
  expect((await step({ act: 'save' }, 'demo-boss')).status).toBe(403)
  expect((await step({ act: 'save', on: 'soon' })).status).toBe(400)
  expect((await step({ act: 'dance' })).status).toBe(400)
  expect((await step({ act: 'finish', owner: HOSTILE, note: `${HOSTILE}\r\n2`, 'value.reference': HOSTILE })).to).toBe(
    '/raccordements/newcomer/results?refus=fields&etape=agreement#agreement',
  )
  expect(
    (await page(world, '/raccordements/newcomer/results/signer', { form: { reason: 'r' }, key: 'demo-duty' })).status,
  ).toBe(403)
  for (const path of [
    '/raccordements',
    '/raccordements/newcomer/results?refus=fields&etape=agreement',
    '/raccordements/newcomer/results/fiche',
    '/raccordements/newcomer/results/bloc',
    '/raccordements/sender/stroke',
    '/raccordements/sender/stroke?refus=__proto__&etape=constructor',
    '/raccordements/sender/stroke/fiche',
  ]) {
    const { status, text } = await page(world, path)
    expect([path, status]).toEqual([path, 200])
    expect(text).not.toContain(HOSTILE)
    expect(text).not.toMatch(/ style=/)
    for (const word of FORBIDDEN)
      expect([path, word, seen(text).toLowerCase().includes(word)]).toEqual([path, word, false])
  }
  const dsi = { key: 'demo-dsi' }
  expect((await page(world, '/raccordements', dsi)).text).not.toContain('newcomer')
  expect((await page(world, '/raccordements/sender/stroke', dsi)).status).toBe(200)
  expect((await page(world, '/raccordements/newcomer/results', dsi)).status).toBe(404)
})

test('an address that is not the region’s own is tried only where that harms nobody', async () => {
  const { world, port } = await started()
  await page(world, '/raccordements', { form: { establishment: 'sender', flow: 'stroke' } })
  const path = '/raccordements/sender/stroke'
  const tried = async (host: string, at: number) => {
    const form = { act: 'test', 'value.host': host, 'value.port': String(at), 'value.secure': 'plain' }
    await page(world, `${path}/etapes/network`, { form })
    return /Dernier essai (.*?) \d/.exec(seen((await page(world, path)).text))?.[1]
  }
  const refused = "adresse refusée : elle ne peut pas être essayée d'ici"
  for (const host of [
    '127.0.0.1',
    'localhost',
    '0.0.0.0',
    '169.254.169.254',
    '[::1]',
    '::ffff:127.0.0.1',
    '::ffff:7f00:1',
    'fe80::1',
    '2130706433',
  ]) {
    expect([host, await tried(host, 2575)]).toEqual([host, refused])
  }
  expect(await tried('192.0.2.1', 22)).toBe(refused)
  expect(await tried('192.0.2.1', 5432)).toBe(refused)
  expect(await tried('host.invalid', 2575)).toBe('nom inconnu')
  // A destination of the region file stands on this very machine: there it may.
  expect(await tried('127.0.0.1', port)).toBe('connexion établie')
})

test('over HTTP the sandbox answers as /hl7 does, and makes no message', async () => {
  const { world } = await started()
  const send = async (path: string, message: string, key = 'demo-sender') => {
    const response = await fetch(world.url() + path, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/hl7-v2' },
      body: Buffer.from(message),
    })
    return [response.status, /\rMSA\|(\w\w)\|/.exec(await response.text())?.[1]]
  }
  const [good = ''] = messagesOf('stroke')
  const old = good.replace('|2.5|', '|1.0|')
  for (const message of [good, old]) expect(await send('/sandbox/hl7', message)).toEqual(await send('/hl7', message))
  expect(await send('/sandbox/hl7', good, 'nobody')).toEqual([401, undefined])
  expect((await world.call('/api/status')).json['received']).toBe(1)
})

browserTest('in a browser, in French and dark: from the first step to a go-live that two people sign', async () => {
  const { world, port } = await started()
  const context = await look({ key: 'demo-admin', language: 'fr', theme: 'dark' })
  const tab = await context.newPage()
  const wrong = faultsOf(tab, world.url())
  await tab.goto(`${world.url()}/raccordements`)
  await tab.getByText('Aucun raccordement').waitFor()
  await tab.getByLabel('Établissement de la région').selectOption('sender')
  await tab.getByLabel('Flux').selectOption('stroke')
  await tab.getByRole('button', { name: 'Commencer' }).click()
  await tab.getByText('À raccorder').first().waitFor()

  const step = (name: string) => tab.getByRole('region', { name })
  const fill = async (name: string, values: Readonly<Record<string, string>>) => {
    const section = step(name)
    await section.getByText('Renseigner cette étape').click()
    for (const [label, value] of Object.entries(values)) await section.getByLabel(label).fill(value)
  }
  const end = async (name: string) => {
    await step(name).getByRole('button', { name: "Enregistrer et terminer l'étape" }).click()
    await step(name).getByText('Fait', { exact: true }).waitFor()
  }
  await fill('Convention signée', {
    'Référence de la convention': 'CONV-2026-7',
    'Date de signature': '2026-11-02',
    Responsable: 'DSI',
  })
  await end('Convention signée')
  await fill('Contacts', {
    '(DSI)': 'A. (fictif) 02 61 91 00 01',
    '(RSSI)': 'B. (fictif)',
    '(DPO)': 'C. (fictif)',
    Éditeur: 'Logiciel 4.2',
    Astreinte: '02 61 91 00 02',
  })
  await end('Contacts')
  await fill('FINESS vérifiés', { '(EJ)': '539990029' })
  await step('FINESS vérifiés').getByRole('button', { name: 'terminer' }).click()
  await step('FINESS vérifiés').getByRole('alert').getByText('clé').waitFor()
  await step('FINESS vérifiés').getByLabel('(EJ)').fill('539990028')
  await end('FINESS vérifiés')
  const { cert } = authority('AC ESSAI').issue('sender')
  for (const name of ['Certificat de test', 'Certificat de production']) {
    await fill(name, { 'Certificat (PEM)': cert })
    await end(name)
  }
  await step('Certificat de test').getByText('CN=sender').waitFor()
  await fill('Réseau ouvert', { Hôte: '127.0.0.1', Port: String(port) })
  await step('Réseau ouvert').getByLabel('Chiffrement').selectOption('plain')
  await step('Réseau ouvert').getByRole('button', { name: 'Essayer la connexion' }).click()
  await step('Réseau ouvert').getByText('connexion établie').waitFor()
  await end('Réseau ouvert')
  await tab.getByText('En qualification').first().waitFor()

  expect(await postTexts(world.port('sandbox'), messagesOf('stroke'))).toEqual(['AA', 'AA', 'AA'])
  expect((await world.call('/api/status')).json['received']).toBe(0)
  await tab.reload()
  expect(await step('Cahier de tests passé').getByText('Réussi', { exact: true }).count()).toBe(2)
  await fill('Cahier de tests passé', { Note: 'Passé avec l’éditeur' })
  await end('Cahier de tests passé')
  await sound(tab, 'raccordement')

  const sign = async (why: string) => {
    await step('Mise en production').getByLabel('Motif').fill(why)
    await step('Mise en production').getByRole('button', { name: 'Signer' }).click()
  }
  await sign('Tout est prêt')
  await step('Mise en production').getByText('Tout est prêt').waitFor()
  await sign('Encore moi')
  await step('Mise en production').getByText('Vous avez déjà signé').waitFor()
  await context.setExtraHTTPHeaders({ authorization: 'Bearer demo-claire' })
  await tab.goto(`${world.url()}/raccordements/sender/stroke`)
  await sign('Vu et vérifié')
  await tab.getByText('En production', { exact: true }).first().waitFor()
  await tab.getByText('Seconde signature : en production').waitFor()
  await tab.getByRole('link', { name: "Fiche pour l'éditeur" }).click()
  await tab.getByText('Où envoyer').waitFor()
  await sound(tab, 'fiche')
  await tab.goto(`${world.url()}/raccordements`)
  await sound(tab, 'raccordements')
  expect(wrong).toEqual([])

  // The same without script, as somebody else: whole, and it acts.
  const eyes = { key: 'demo-claire', language: 'en', theme: 'light', script: false } as const
  const plain = await (await look(eyes)).newPage()
  await plain.goto(`${world.url()}/raccordements/sender/stroke`)
  const form = plain.locator('form[action$="/retirer"]')
  await form.getByLabel('Reason').fill('wrong unit')
  await form.getByRole('button', { name: 'Take the go-live back' }).click()
  await plain.getByText('Qualifying', { exact: true }).first().waitFor()
  await plain.getByText('Go-live taken back').waitFor()
  await plain.getByText('wrong unit').waitFor()
})
