import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { machineClock, machineIds } from '../../src/app/cli/machine.ts'
import { programmes, shippedProfiles } from '../../src/app/config/index.ts'
import { fillProgrammes } from '../../src/app/demo/programmes.ts'
import { establishmentLookup } from '../../src/app/wiring/establishment-lookup.ts'
import { programmeCommands } from '../../src/conformity/programme/commands.ts'
import { programmeViews } from '../../src/conformity/programme/views.ts'
import { selfCheck } from '../../src/conformity/self-check.ts'
import { structureCommands } from '../../src/conformity/structures/commands.ts'
import { beginStructures } from '../../src/conformity/structures/import.ts'
import { structureViews } from '../../src/conformity/structures/views.ts'
import { conformityViews } from '../../src/conformity/views/views.ts'
import { conformityPlugin } from '../../src/console/conformity.ts'
import { conformityCheckPlugin } from '../../src/console/conformity-check.ts'
import { serveAssets } from '../../src/console/page/shell/assets.ts'
import { structurePages } from '../../src/console/page/structures/plugin.ts'
import { programmesPlugin } from '../../src/console/programmes.ts'
import type { Operator } from '../../src/core/config.ts'
import type { FrameworkShelf } from '../../src/core/conformity-commands.ts'
import type { Journal } from '../../src/core/journal.ts'
import { MAY, ROLES } from '../../src/core/roles.ts'
import { examining } from '../../src/pipeline/examine/examine.ts'
import { type Running, startConsole } from '../console/gateway.ts'
import { operator } from '../console/region.ts'
import { oru, quiet, uncounted } from '../pipeline/stage.ts'
import { sound } from '../running/journeys.ts'
import { axeFaults } from '../support/axe.ts'
import { browserTest, faultsOf, look } from '../support/chromium.ts'
import { realClock } from '../support/peers/clock.ts'
import { entity, fileOf, finess, PROFILE, place } from '../support/structures.ts'
import { measured, NAME, REGION, RULE, story } from './measured.ts'

const AT_REST = { closed: () => null, log: quiet, meter: uncounted }

/** Words of the spine that nobody is shown in French. */
const FORBIDDEN = /gateway|finding|unmet|lapsed|not-measured|unknown|undefined|null|\bNaN\b/i

const boundTo = (role: 'establishment-it' | 'editor', application: string | null): Operator => ({
  ...operator(role, ['ch-a']),
  ...(application === null ? {} : { reach: { establishments: ['ch-a'], applications: [application] } }),
})
const config = {
  ...REGION,
  region: { ...REGION.region, departments: ['44', '49', '53'] },
  establishments: new Map(
    [...REGION.establishments].map(([id, one]) => [id, id === 'ch-a' ? { ...one, at: [-0.77, 48.07] as const } : one]),
  ),
  facilities: new Map([['ch-a', 'ch-a']]),
  operators: [
    ...ROLES.filter((role) => role !== 'establishment-it' && role !== 'editor').map((role) => operator(role)),
    boundTo('establishment-it', null),
    boundTo('editor', 'LABO'),
  ],
}

/** Programmes over the store. */
const fundingOver = (journal: Running['journal']) => {
  const shelf = { one: async () => null } as unknown as FrameworkShelf
  const all = programmes(shippedProfiles())
  const find = establishmentLookup(() => config, structureViews({ journal, config: () => config }))
  return {
    ...{ journal, config: () => config, shelf, clock: machineClock, ids: machineIds },
    programmes: () => all,
    find,
  }
}

/** Puts a register in, with a wrong key, a line that is none, a contact and software. */
async function registered(journal: Journal): Promise<void> {
  const lines = [
    place('539900028', '530000371', 'EHPAD des Genêts (fictif)'),
    place(finess('53', 2), '530000371', 'Centre hospitalier de Lavalette (fictif)', { categetab: '355' }),
    entity('530000371', 'Centre hospitalier de Lavalette (fictif)'),
    'autre;x',
  ]
  const parts = { journal, profile: () => PROFILE, clock: realClock, breathe: async () => {} }
  const begun = await beginStructures(parts, fileOf(lines), { who: 'ada', why: 'essai' })
  await begun.run(fileOf(lines), () => false)
  const views = structureViews({ journal, config: () => config })
  const commands = structureCommands({ journal, views, clock: realClock, ids: machineIds })
  const act = { who: 'ada', why: 'essai', reach: null }
  const contact = { role: 'it' as const, name: 'DSI (fictive)', phone: '0199001234', mail: 'dsi@ch-a.test' }
  await commands.contact('530000371', null, contact, act)
  await commands.software('530000371', null, { product: 'DPI', editor: null, version: '4', since: null }, act)
  await commands.belong('530000371', { ght: 'GHT 53 (fictif)', body: null }, act)
}

/** A console with its story told; `published` false: no framework is in force. */
async function told({ published = true } = {}): Promise<Running> {
  let world: Awaited<ReturnType<typeof measured>> | null = null
  const running = await startConsole(
    {
      behind: ({ journal }) => {
        const views = { frameworks: () => world!.views.frameworks() }
        const frameworks = async () => (published ? await views.frameworks() : [])
        const nowMs = () => world!.nowMs
        const parts = { journal, config: () => config, frameworks, nowMs }
        const pages = { config: () => config, version: '1.2.3', demo: false }
        const examine = examining({ ...parts, ...AT_REST, clock: realClock, ids: machineIds })
        const check = selfCheck({ ...parts, examine, clock: realClock })
        const funding = fundingOver(journal)
        const acts = { views: programmeViews(funding), commands: programmeCommands(funding) }
        const structures = structureViews(parts)
        const written = structureCommands({ journal, views: structures, clock: realClock, ids: machineIds })
        const commands = { ...written, begin: () => Promise.reject(new Error('nothing is imported here')) }
        return [
          conformityPlugin({ ...parts, ...pages, views: conformityViews(parts), structures, programmes: acts.views }),
          conformityCheckPlugin({ ...parts, ...pages, check }),
          programmesPlugin({ ...acts, ...pages }),
          structurePages({ ...pages, views: structures, commands, programmes: acts.views }),
          // In a whole gateway the pages of measures serve it.
          (server, { guards }) => serveAssets(server, guards, import.meta.url, ['../../src/console/page/bars.css']),
        ]
      },
    },
    config,
  )
  await registered(running.journal)
  world = await measured(running.journal, () => config)
  await story(world)
  await world.end()
  return running
}

const seen = async (page: Page): Promise<string> => (await page.locator('main').innerText()).replace(/\s+/g, ' ')

const PATHS = [
  '/conformite',
  '/conformite?domaine=identities',
  '/conformite/produits',
  '/conformite/evolutions',
  '/conformite/etablissements/ch-a',
]

browserTest('the pages of conformity are sound, and in the words of its readers', async () => {
  const { url } = await told()
  const page = await (await look({ language: 'fr', theme: 'light', key: 'demo-admin' })).newPage()
  const wrong = faultsOf(page, url)
  for (const path of PATHS) {
    await page.goto(url + path)
    await sound(page, `conformite-${PATHS.indexOf(path)}`)
    expect(await seen(page), path).not.toMatch(FORBIDDEN)
  }
  expect(wrong).toEqual([])
})

browserTest('they say the same without colour, in English and in the dark', async () => {
  const { url } = await told()
  const dark = await (await look({ language: 'en', theme: 'dark', key: 'demo-admin' })).newPage()
  const wrong = faultsOf(dark, url)
  for (const path of PATHS) {
    await dark.goto(url + path)
    expect(await axeFaults(dark, 'colours'), path).toEqual([])
    expect(await seen(dark), path).toMatch(/Conformity|Software|Changes|Not met/)
  }
  expect(wrong).toEqual([])
})

browserTest('the pages of the register are sound, in both languages', async () => {
  const { url } = await told({ published: false })
  const paths = ['/etablissements?q=genets', '/etablissements/530000371', '/etablissements/import']
  const page = await (await look({ language: 'fr', theme: 'light', key: 'demo-admin' })).newPage()
  const wrong = faultsOf(page, url)
  for (const path of paths) {
    await page.goto(url + path)
    await sound(page, `etablissements-${paths.indexOf(path)}`)
    expect(await seen(page), path).not.toMatch(FORBIDDEN)
  }
  // Who to call has another number: their form stands open with what is noted, and what is wrong leaves it open.
  await page.goto(`${url}/etablissements/530000371`)
  await page.getByRole('link', { name: 'Modifier « DSI (fictive) »' }).click()
  const form = page.locator('#contact-form')
  expect(await form.getByLabel('Courriel').inputValue()).toBe('dsi@ch-a.test')
  const phone = form.getByLabel('Téléphone')
  await form.getByLabel('Motif').fill('nouveau numéro')
  for (const number of ['zéro', '0199005678']) {
    await phone.fill(number)
    await form.getByRole('button', { name: 'Enregistrer' }).click()
    await page.waitForLoadState()
    if (number === 'zéro') expect(await seen(page)).toContain('À corriger : Téléphone.')
  }
  await page.waitForURL((at) => at.search === '')
  await sound(page, 'etablissements-changed')
  expect(await page.locator('a[href="tel:0199005678"]').count()).toBe(1)
  expect(await page.locator('a[href="tel:0199001234"]').count()).toBe(0)
  const dark = await (await look({ language: 'en', theme: 'dark', key: 'demo-admin' })).newPage()
  for (const path of paths) {
    await dark.goto(url + path)
    expect(await axeFaults(dark, 'colours'), path).toEqual([])
    expect(await seen(dark), path).toMatch(/register/)
  }
  expect(wrong).toEqual([])
})

browserTest('the pages of programmes are sound, say the same without colour, and in both languages', async () => {
  const { url, journal } = await told({ published: false })
  await fillProgrammes(fundingOver(journal))
  const at = '/conformite/programmes'
  const paths = [at, `${at}/esms-numerique`, `${at}/hopen/dossiers/demo-hopen-3`]
  const page = await (await look({ language: 'fr', theme: 'light', key: 'demo-admin' })).newPage()
  const wrong = faultsOf(page, url)
  for (const path of paths) {
    await page.goto(url + path)
    await sound(page, `programmes-${paths.indexOf(path)}`)
    expect(await seen(page), path).not.toMatch(FORBIDDEN)
  }
  await page.goto(`${url}${at}/hopital-numerique`)
  expect(
    await page.evaluate('document.documentElement.scrollWidth - innerWidth'),
    'on a wide screen',
  ).toBeLessThanOrEqual(0)
  // Who is in a programme is told on its own page of the register too.
  await page.goto(`${url}/etablissements/530000371`)
  await page.getByRole('link', { name: 'Hôpital numérique' }).click()
  await page.waitForURL(/\/conformite\/programmes\/.+\/dossiers\//)
  expect((await seen(page)).replaceAll(/\s/g, ' ')).toContain('828 526,26 €')
  const dark = await (await look({ language: 'en', theme: 'dark', key: 'demo-admin' })).newPage()
  await dark.goto(url + at)
  expect(await axeFaults(dark, 'colours')).toEqual([])
  expect(await seen(dark)).toMatch(/Engaged and paid, by programme/)
  expect(wrong).toEqual([])
})

browserTest('from the region to what is to be mended at one establishment, by the keyboard', async () => {
  const { url } = await told()
  const page = await (await look({ language: 'fr', theme: 'light', key: 'demo-admin' })).newPage()
  const wrong = faultsOf(page, url)
  await page.goto(`${url}/conformite`)
  const region = await seen(page)
  for (const words of [
    'Usage affiché : qualification.',
    'Référentiel d’essai 1',
    'Hôpital <b>Saint-Élie</b> (fictif)',
    'Non conforme 1/2',
    'Toutes les obligations remplies 1 sur 3',
    'Constat de conformité mesurée',
    '53 1 50 %',
    'Part des exigences conformes, semaine par semaine',
    "0 % il y a six mois, 45 % aujourd'hui",
  ]) {
    expect(region).toContain(words)
  }
  const map = page.getByRole('img', { name: 'Carte : part des exigences conformes par département' })
  expect(await map.locator('text').allTextContents()).toEqual(expect.arrayContaining(['50 %', '100 %']))
  expect(await map.locator('.site:not(.whole)').count()).toBe(1)
  // What the map shows stands in the table, which leads to the establishments of a department.
  await page.getByRole('row', { name: /^53/ }).getByRole('link').click()
  await page.waitForURL(/territoire=53/)
  expect(await page.locator('table.matrix tbody tr').count()).toBe(1)
  await page.goBack()
  await page.keyboard.press('j')
  await page.keyboard.press('Enter')
  await page.waitForURL(/\/conformite\/etablissements\/ch-a\?/)
  const site = await seen(page)
  for (const words of [
    "4 messages sur 12 sont sans l'anomalie visée.",
    "Demandé : 90 % des messages sans l'anomalie visée, sur 30 jours",
    "Progression : messages corrects, 4 sur 12, pour 90 % demandés ; encore 68 d'affilée.",
    "En recul : c'était « Conforme ».",
    'À faire : Corriger ID-1',
    'Échéances proches',
    `${RULE} : 8 messages`,
    'à confirmer',
  ]) {
    expect(site).toContain(words)
  }
  expect(site.indexOf('Demande ID-1')).toBeLessThan(site.indexOf('Demande EX-1'))
  await page.getByText(`Exemples (${RULE})`).click()
  expect(await page.locator('details[open] a[href^="/messages/"]').count()).toBeGreaterThan(0)
  expect(wrong).toEqual([])
})

test('filters, uses and empty places teach', async () => {
  const running = await told()
  const page = async (path: string) => (await running.call(path, { key: 'demo-admin' })).text
  expect(await page('/conformite?usage=production&lang=fr')).toContain('Usage affiché : production.')
  expect(await page('/conformite?territoire=49&lang=fr')).not.toContain('Lavalette')
  await fillProgrammes(fundingOver(running.journal))
  const funded = await page('/conformite?programme=hopital-numerique&lang=fr')
  expect(funded).toContain('<option value="hopital-numerique" selected>')
  expect([funded.includes('Lavalette'), funded.includes('Saint-Élie')]).toEqual([true, false])
  expect(await page('/conformite?q=personne&lang=fr')).toContain('Aucun établissement ne correspond à ce choix.')
  expect(await page('/conformite/produits?usage=production&lang=fr')).toContain('il faut des messages portant MSH-3')
  expect(await page('/conformite/evolutions?du=2026-01-01&au=2026-01-02&lang=fr')).toContain(
    'Aucun verdict n&#39;a changé',
  )
  expect((await running.call('/conformite?referentiel=essai@2', { key: 'demo-admin' })).status).toBe(404)
  expect((await running.call('/conformite/etablissements/nobody', { key: 'demo-admin' })).status).toBe(404)

  const none = await told({ published: false })
  for (const path of ['', '/produits', '/evolutions', '/etablissements/ch-a']) {
    const { text, status } = await none.call(`/conformite${path}?lang=fr`, { key: 'demo-admin' })
    expect([path, status, text.includes('Aucun référentiel n&#39;est en vigueur.')]).toEqual([path, 200, true])
  }
  expect((await none.call('/api/conformity/matrix', { key: 'demo-admin' })).status).toBe(404)
  expect((await none.call('/api/conformity/frameworks', { key: 'demo-admin' })).json).toEqual({ frameworks: [] })
})

browserTest('a message that somebody pastes is judged at once, in words, and the page stays sound', async () => {
  const { url } = await told()
  const page = await (await look({ language: 'fr', theme: 'light', key: 'demo-establishment-it' })).newPage()
  const wrong = faultsOf(page, url)
  await page.goto(`${url}/conformite/essai`)
  expect(
    await page
      .getByLabel(/Établissement/)
      .locator('option')
      .allInnerTexts(),
  ).toEqual(['Centre hospitalier de Lavalette (fictif)'])
  await page.getByLabel('Message').fill(oru({ 4: 'ch-a', 9: 'ADT^A28' }).replaceAll('\r', '\n'))
  await page.getByRole('button', { name: 'Essayer' }).click()
  await page.getByRole('heading', { name: 'Résultat' }).waitFor()
  await sound(page, 'conformite-essai')
  const said = await seen(page)
  for (const words of [
    'Le message serait',
    'HL7 v2, ADT^A28',
    'LAB',
    'Anomalies',
    'Demande ID-1',
    'Référentiel d’essai',
  ]) {
    expect(said).toContain(words)
  }
  expect(said).not.toMatch(FORBIDDEN)
  expect(wrong).toEqual([])
  const dark = await (await look({ language: 'en', theme: 'dark', key: 'demo-admin' })).newPage()
  await dark.goto(`${url}/conformite/essai`)
  expect(await axeFaults(dark, 'colours')).toEqual([])
  expect(await seen(dark)).toContain('Test messages alone, without a real patient.')
})

test('the API, as JSON and as files, in every role', async () => {
  const running = await told()
  const api = (path: string, role = 'admin') => running.call(`/api/conformity/${path}`, { key: `demo-${role}` })

  const { frameworks } = (await api('frameworks')).json
  expect(frameworks).toMatchObject([
    { framework: NAME, domains: [{ requirements: [{ judging: { rule: { windowDays: 30 } } }, {}] }, {}] },
  ])
  const matrix = (await api('matrix?kind=hospital')).json
  expect(matrix).toMatchObject({
    framework: NAME,
    use: 'qualification',
    rows: [{ id: 'ch-a', cells: [{ verdict: 'unmet' }, {}] }, {}],
  })
  // By programme: for who may read programmes.
  await fillProgrammes(fundingOver(running.journal))
  const within = async (programme: string) =>
    (await api(`matrix?programme=${programme}`)).json.rows.map(({ id }: { readonly id: string }) => id)
  expect([await within('hopital-numerique'), await within('nowhere')]).toEqual([['ch-a'], []])
  const files = ['matrix', 'matrix.csv'].map((path) => `${path}?programme=hopital-numerique`)
  for (const role of ROLES.filter((one) => MAY[one]['conformity:read'] !== undefined)) {
    const status = MAY[role]['programmes:read'] === undefined ? 403 : 200
    for (const path of files) expect([role, path, (await api(path, role)).status]).toEqual([role, path, status])
  }
  const site = (await api('establishments/ch-a')).json
  expect(site.requirements[0]).toMatchObject({
    requirement: 'ID-1',
    verdict: 'unmet',
    found: [{ finding: RULE, messages: 8 }],
  })
  expect(site.requirements[0].since).toMatch(/^2026-11-20T/)
  const changes = (await api('changes?from=2026-11-20T00:00:00Z&to=2026-11-21T00:00:00Z&limit=1')).json
  expect([changes.changes.length, typeof changes.next]).toEqual([1, 'number'])
  // A framework that ended is disputed long after.
  await running.journal.apply({
    rows: [
      {
        sql: `INSERT INTO conformity_framework (name, id, version, state, sha256, yaml, who, at_ms)
          VALUES ('ended@1', 'ended', '1', 'withdrawn', '', '', 'odile', 1)`,
        parameters: [],
      },
      {
        sql: `INSERT INTO conformity_change (at_ms, use, establishment, framework, requirement, was, verdict, why, good, total)
          VALUES (5, 'qualification', 'ch-a', 'ended@1', 'ID-1', 'met', 'unmet', 'share', 8, 10)`,
        parameters: [],
      },
    ],
  })
  const ended = await api('changes?framework=ended@1&from=1970-01-01T00:00:00Z')
  expect(ended.json.changes).toMatchObject([{ establishment: 'ch-a', was: 'met', verdict: 'unmet', good: 8 }])
  expect((await api('changes?framework=never@1')).status).toBe(404)
  expect((await api('matrix?framework=ended@1')).status).toBe(404)
  expect((await api('products')).json.lines).toMatchObject([{ product: 'DPI', requirement: 'ID-1' }])

  const lines = async (path: string) => (await api(path)).text.trimEnd().split('\r\n')
  expect((await lines('frameworks.csv')).length).toBe(5)
  expect((await lines('matrix.csv'))[1]).toBe(
    'essai@1;qualification;ch-a;Centre hospitalier de Lavalette (fictif);hospital;53;identities;Identités;unmet;1;2',
  )
  expect((await lines('establishments/ch-a/requirements.csv?lang=fr'))[1]).toContain(
    "Non conforme;4 messages sur 12 sont sans l'anomalie visée.;4;12;PAM-PID-32 8;DPI, LABO;",
  )
  expect((await lines('changes.csv?from=2026-11-20T00:00:00Z&to=2026-11-21T00:00:00Z&lang=en'))[0]).toContain(
    'verdict before',
  )
  expect((await lines('products.csv')).map((line) => line.split(';').slice(2, 6).join(' '))).toEqual([
    'product requirement level establishment',
    'DPI ID-1 mandatory ch-a',
    'DPI ID-1 mandatory ch-b',
  ])

  for (const role of ROLES) {
    const told = await Promise.all(
      ['frameworks', 'matrix', 'establishments/ch-a', 'changes', 'products'].map((path) => api(path, role)),
    )
    const breadth = MAY[role]['conformity:read']
    expect([role, ...told.map(({ status }) => status)]).toEqual([
      role,
      ...told.map(() => (breadth === undefined ? 403 : 200)),
    ])
    if (breadth === undefined) continue
    const other = await api('establishments/ch-b', role)
    expect([role, other.status]).toEqual([role, breadth === 'region' ? 200 : 404])
    if (breadth === 'own') expect(told.map(({ text }) => text).join()).not.toContain('ch-b')
    if (role === 'editor')
      expect(
        told
          .slice(1)
          .map(({ text }) => text)
          .join(),
      ).not.toContain('DPI')
  }
})

test('an alert of what got worse is said in words, and leads to the requirement', async () => {
  const running = await told()
  const id = machineIds.uuid()
  const params = { requirement: 'ID-1', framework: NAME, use: 'qualification', share: 33 }
  await running.journal.apply({
    rows: [
      {
        sql: `INSERT INTO alert (id, cause, kind, severity, code, subject, establishment, params, first_at_ms, last_at_ms, times,
          acknowledged) VALUES (?, 'c', 'conformity', 'important', 'CONFORMITY_REGRESSED', 'ch-a ID-1', 'ch-a', ?, 1, 2, 1, 0)`,
        parameters: [id, JSON.stringify(params)],
      },
    ],
  })
  const { text } = await running.call(`/alertes/${id}?lang=fr`, { key: 'demo-admin' })
  expect(text).toContain('Conformité en recul : Centre hospitalier de Lavalette (fictif) · ID-1 (33 % des messages)')
  expect(text).not.toContain('href="/messages?')
  const [, to = ''] = /href="(\/conformite\/etablissements[^"]*)"/.exec(text) ?? []
  const page = await running.call(to.replaceAll('&amp;', '&').split('#')[0]!, { key: 'demo-admin' })
  expect(page.text).toContain(`id="${to.split('#')[1]}"`)
})
