import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { browserTest, faultsOf, look } from '../support/chromium.ts'
import { farSide, makeWorld, mllpAt, type World } from './gateway.ts'
import { sound } from './journeys.ts'

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')
const OPERATORS = [
  { name: 'op', role: 'admin', keySha256: sha256('demo-admin') },
  { name: 'duty', role: 'operator', keySha256: sha256('demo-duty') },
  { name: 'boss', role: 'programme-officer', keySha256: sha256('demo-boss') },
]
const ESTABLISHMENTS = (dpi: object) => [
  {
    id: 'sender',
    name: 'Sender <b>(fictif)</b>',
    kind: 'hospital',
    finess: { ej: '539990028' },
    senders: {
      facilities: ['SENDER'],
      certificates: [{ issuer: 'CN=AC,C=FR', subject: 'CN=sender,C=FR' }],
      keys: [{ keySha256: sha256('demo-sender') }],
    },
  },
  {
    id: 'receiver',
    name: 'Receiver (fictif)',
    kind: 'hospital',
    senders: { facilities: ['RECEIVER'] },
    destinations: { dpi },
  },
]
const ROUTES = [
  { name: 'all', when: { from: ['sender'], kinds: ['ADT^*'] }, to: ['receiver/dpi'] },
  {
    name: 'requests',
    when: { kinds: ['ORM^O01'] },
    to: ['receiver/dpi', 'platform'],
    lane: 'urgent',
    transform: undefined,
  },
]

async function started(): Promise<{ world: World; write: (timeout: string) => void }> {
  const world = makeWorld()
  const far = await farSide()
  const write = (timeout: string) =>
    world.write(
      { dpi: mllpAt(far) },
      { operators: OPERATORS, establishments: ESTABLISHMENTS(mllpAt(far, { timeout })), routes: ROUTES },
    )
  write('30 s')
  await world.start()
  return { world, write }
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

/** What a reader sees: no tags, no attributes, and of other languages nothing. */
const seen = (html: string): string =>
  html
    .replace(/<head>.*<\/head>/s, '')
    .replace(/<textarea.*?<\/textarea>/gs, '')
    .replace(/<(\w+) [^>]*lang="en"[^>]*>.*?<\/\1>/gs, ' ')
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')

const digestOf = (html: string): string => /name="digest" value="([0-9a-f]*)"/.exec(html)?.[1] ?? ''

test('the pages tell the configuration, show no key and no hash, and speak French', async () => {
  const { world } = await started()
  const paths = [
    '/configuration',
    '/configuration/etablissements/sender',
    '/configuration/etablissements/receiver',
    '/configuration/routes',
    '/configuration/routes?etablissement=receiver',
    '/configuration/fichier',
    '/configuration/revisions',
    '/configuration/revisions/1',
    '/configuration/modifier',
  ]
  for (const path of paths) {
    const { status, text } = await page(world, path)
    expect([path, status]).toEqual([path, 200])
    for (const { keySha256 } of OPERATORS) expect(text).not.toContain(keySha256)
    expect(text).not.toContain(sha256('demo-sender'))
    expect(text).not.toContain('<b>(fictif)')
    expect(text).not.toMatch(/ style=|<script>/)
    for (const word of [
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
    ]) {
      expect([path, word, seen(text).toLowerCase().includes(word)]).toEqual([
        path,
        word,
        path === '/configuration/fichier' && word === 'lane',
      ])
    }
  }
  const { paths: described } = JSON.parse((await page(world, '/openapi.json')).text)
  expect(Object.keys(described).filter((path) => /^\/(configuration|raccordements)/.test(path))).toEqual([])
  const one = seen((await page(world, '/configuration/etablissements/sender')).text)
  expect(one).toContain(`empreinte ${sha256('demo-sender').slice(0, 12)}…`)
  expect(one).toContain('CN=sender,C=FR ← CN=AC,C=FR')
  expect(one).toContain('FINESS juridique (EJ) 539990028')
  const routes = (await page(world, '/configuration/routes')).text
  expect(routes.match(/<path class="way urgent"/g)).toHaveLength(3)
  expect(seen(routes)).toContain(
    'requests ORM^O01 Tous les établissements receiver/dpi Plateforme (sur place) Urgence tel que reçu',
  )
  const text = (await page(world, '/configuration/fichier')).text
  expect(text).toContain('<li id="L1"><code>region:</code>')
  expect(text).toContain(`…${sha256('demo-sender').slice(0, 12)}`)
})

test('who may not look is told so, and what is not there is not', async () => {
  const { world } = await started()
  for (const [path, key, status] of [
    ['/configuration', 'demo-boss', 403],
    ['/configuration', 'nobody', 401],
    ['/configuration/etablissements/none', 'demo-admin', 404],
    ['/configuration/revisions/9', 'demo-admin', 404],
    ['/configuration/revisions/x', 'demo-admin', 404],
    ['/configuration/fichier?revision=9', 'demo-admin', 404],
    ['/configuration/plan?lang=en', 'demo-admin', 303],
    ['/configuration/routes?etablissement=__proto__', 'demo-admin', 200],
  ] as const) {
    expect([path, key, (await page(world, path, { key })).status]).toEqual([path, key, status])
  }
})

test('a text is planned with its places, applied as it was looked at, and its fingerprints stand for their keys', async () => {
  const { world } = await started()
  const change = await page(world, '/configuration/modifier')
  const shown = /<textarea[^>]*>\n(.*?)<\/textarea>/s.exec(change.text)![1]!
  const text = shown.replaceAll('&quot;', '"').replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&')
  const plan = (form: Record<string, string>) => page(world, '/configuration/plan/texte', { form })
  expect(seen((await plan({ text })).text)).toContain('Rien ne change')

  const wrong = seen((await plan({ text: text.replace('timeout: 30 s', 'timeout: soon') })).text)
  const line = text.split('\n').findIndex((one) => one.includes('timeout: 30 s')) + 1
  expect(wrong).toMatch(
    new RegExp(`Valeur non admise ${line} \\d+ establishments\\[1\\]\\.destinations\\.dpi\\.timeout`),
  )
  expect(wrong).toContain('Corrigez les erreurs')

  const named = text.replace('timeout: 30 s', 'timeout: 30 s\n        tls: { key: secret.key, cert: a.pem, ca: a.pem }')
  const strange = seen((await plan({ text: named })).text)
  expect(strange).toContain('destinations.dpi.tls.key')
  expect(strange).toContain('Corrigez les erreurs')

  const hook = '{ name: w, url: "https://w.test/", secret: { file: /etc/hostname } }'
  const secret = seen((await plan({ text: `${text}\ntelemedicine: { webhooks: [${hook}] }\n` })).text)
  expect(secret).toContain('telemedicine.webhooks[0].secret')
  expect(secret).toContain('Corrigez les erreurs')

  const changed = text.replace('timeout: 30 s', 'timeout: 20 s')
  const planned = await plan({ text: changed })
  expect(seen(planned.text)).toContain(
    'receiver/dpi Destinataire modifié timeout : &quot;30 s&quot; → &quot;20 s&quot;',
  )
  const digest = digestOf(planned.text)
  const apply = (form: Record<string, string>, key = 'demo-admin') =>
    page(world, '/configuration/appliquer', { form, key })
  expect((await apply({ text: changed, digest, reason: '' })).status).toBe(400)
  expect((await apply({ text: changed, digest, reason: 'r' }, 'demo-duty')).status).toBe(403)
  expect((await page(world, '/configuration/plan/texte', { form: { text }, key: 'demo-duty' })).status).toBe(403)
  expect((await page(world, '/configuration/plan', { form: { text } })).status).toBe(400)
  // Another text than the one looked at is shown, not applied.
  const other = await apply({ text: changed.replace('20 s', '21 s'), digest, reason: 'r' })
  expect([other.status, seen(other.text).includes('a changé depuis')]).toEqual([200, true])
  expect(world.gateway.config.revision).toBe(1)
  expect(await apply({ text: changed, digest, reason: 'slow far side' })).toMatchObject({
    status: 303,
    to: '/configuration/revisions/2?fait=1',
  })
  expect(world.gateway.config.operators.map(({ keySha256 }) => keySha256)).toEqual(
    OPERATORS.map((one) => one.keySha256),
  )
  expect(world.gateway.config.destinations.get('receiver/dpi')?.timeoutMs).toBe(20_000)
  const revision = seen((await page(world, '/configuration/revisions/2')).text)
  expect(revision).toMatch(/Par op .* Motif slow far side/)
  expect(revision).toContain('De la révision 1 à la révision 2')
  expect(seen((await page(world, '/configuration/revisions')).text)).toContain('slow far side')
})

browserTest(
  'in a browser, in English and light: the file is read again, planned, applied, and taken back',
  async () => {
    const { world, write } = await started()
    const tab = await (await look({ key: 'demo-admin', language: 'en', theme: 'light' })).newPage()
    const wrong = faultsOf(tab, world.url())
    await tab.goto(`${world.url()}/configuration`)
    expect(await tab.getByRole('heading', { level: 1 }).textContent()).toBe('Configuration')
    await sound(tab, 'configuration')
    await tab.getByRole('link', { name: 'What goes where' }).click()
    expect(await tab.getByRole('img', { name: 'Picture of 2 route(s)' }).isVisible()).toBe(true)
    await sound(tab, 'routes')

    write('12 s')
    await tab.getByRole('link', { name: 'Change', exact: true }).click()
    await sound(tab, 'change')
    await tab.getByRole('button', { name: 'Read the file and show the effects' }).click()
    await tab.getByText('"30 s"').waitFor()
    await sound(tab, 'plan')
    await tab.getByLabel('Reason (kept with the act)').fill('the far side is quick')
    await tab.getByRole('button', { name: 'Apply' }).click()
    await tab.getByText('Done: revision 2 is running.').waitFor()
    expect(world.gateway.config.destinations.get('receiver/dpi')?.timeoutMs).toBe(12_000)

    await tab.getByRole('link', { name: 'Revisions' }).click()
    await tab.getByRole('link', { name: 'Revision 1' }).click()
    await sound(tab, 'revision')
    await tab.getByRole('button', { name: 'Prepare going back to revision 1' }).click()
    await tab.getByText('"12 s"').waitFor()
    await tab.getByLabel('Reason (kept with the act)').fill('it was not')
    await tab.getByRole('button', { name: 'Apply' }).click()
    await tab.getByText('Done: revision 3 is running.').waitFor()
    expect(world.gateway.config.destinations.get('receiver/dpi')?.timeoutMs).toBe(30_000)
    expect(readFileSync(world.file, 'utf8')).toContain('12 s')
    for (const path of ['fichier', 'etablissements/sender']) {
      await tab.goto(`${world.url()}/configuration/${path}`)
      await sound(tab, path.replace('/', '-'))
    }
    expect(wrong).toEqual([])
  },
)
