import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { machineIds } from '../../src/app/cli/machine.ts'
import { structureCommands } from '../../src/conformity/structures/commands.ts'
import { beginStructures } from '../../src/conformity/structures/import.ts'
import { structureViews } from '../../src/conformity/structures/views.ts'
import { conformityViews } from '../../src/conformity/views/views.ts'
import { conformityPlugin } from '../../src/console/conformity.ts'
import { structurePages } from '../../src/console/page/structures/plugin.ts'
import type { Operator } from '../../src/core/config.ts'
import type { Journal } from '../../src/core/journal.ts'
import { MAY, ROLES } from '../../src/core/roles.ts'
import { type Running, startConsole } from '../console/gateway.ts'
import { operator } from '../console/region.ts'
import { sound } from '../running/journeys.ts'
import { axeFaults, browserTest, faultsOf, look } from '../support/chromium.ts'
import { realClock } from '../support/peers/clock.ts'
import { entity, fileOf, finess, PROFILE, place } from '../support/structures.ts'
import { measured, NAME, REGION, RULE, story } from './measured.ts'

/** Words of the spine that nobody is shown in French. */
const FORBIDDEN = /gateway|finding|unmet|lapsed|not-measured|unknown|undefined|null|NaN/i

const boundTo = (role: 'establishment-it' | 'editor', application: string | null): Operator => ({
  ...operator(role, ['ch-a']),
  ...(application === null ? {} : { reach: { establishments: ['ch-a'], applications: [application] } }),
})
const config = {
  ...REGION,
  operators: [
    ...ROLES.filter((role) => role !== 'establishment-it' && role !== 'editor').map((role) => operator(role)),
    boundTo('establishment-it', null),
    boundTo('editor', 'LABO'),
  ],
}

/** Puts a register in, with a wrong key, a line that is none, a contact and software. */
async function registered(journal: Journal): Promise<void> {
  const lines = [
    place('539900028', '530000371', 'EHPAD des Genêts (fictif)'),
    place(finess('53', 2), '530000371', 'Centre hospitalier de Lavalette (fictif)', { categetab: '355' }),
    entity('530000371', 'Centre hospitalier de Lavalette (fictif)'),
    'autre;x',
  ]
  const parts = { journal, profile: PROFILE, clock: realClock, breathe: async () => {} }
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
        const structures = structureViews(parts)
        const shown = { views: conformityViews(parts), structures }
        const acts = structureCommands({ journal, views: structures, clock: realClock, ids: machineIds })
        const commands = { ...acts, begin: () => Promise.reject(new Error('nothing is imported here')) }
        return [
          conformityPlugin({ ...parts, ...shown, version: '1.2.3', demo: false }),
          structurePages({ ...parts, views: structures, commands, version: '1.2.3', demo: false }),
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

browserTest('the pages of conformity are sound, say the same without colour, and in both languages', async () => {
  const { url } = await told()
  const paths = [
    '/conformite',
    '/conformite?domaine=identities',
    '/conformite/produits',
    '/conformite/evolutions',
    '/conformite/etablissements/ch-a',
  ]
  const page = await (await look({ language: 'fr', theme: 'light', key: 'demo-admin' })).newPage()
  const wrong = faultsOf(page, url)
  for (const path of paths) {
    await page.goto(url + path)
    await sound(page, `conformite-${paths.indexOf(path)}`)
    expect(await seen(page), path).not.toMatch(FORBIDDEN)
  }
  const dark = await (await look({ language: 'en', theme: 'dark', key: 'demo-admin' })).newPage()
  for (const path of paths) {
    await dark.goto(url + path)
    expect(await axeFaults(dark, 'colours'), path).toEqual([])
    expect(await seen(dark), path).toMatch(/Conformity|Software|Changes|Not met/)
  }
  expect(wrong).toEqual([])
})

browserTest('the pages of establishments are sound, say the same without colour, and in both languages', async () => {
  const { url } = await told()
  const paths = ['/etablissements?q=genets', '/etablissements/530000371', '/etablissements/import']
  const page = await (await look({ language: 'fr', theme: 'light', key: 'demo-admin' })).newPage()
  const wrong = faultsOf(page, url)
  for (const path of paths) {
    await page.goto(url + path)
    await sound(page, `etablissements-${paths.indexOf(path)}`)
    expect(await seen(page), path).not.toMatch(FORBIDDEN)
  }
  const dark = await (await look({ language: 'en', theme: 'dark', key: 'demo-admin' })).newPage()
  for (const path of paths) {
    await dark.goto(url + path)
    expect(await axeFaults(dark, 'colours'), path).toEqual([])
    expect(await seen(dark), path).toMatch(/register/)
  }
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
  ]) {
    expect(region).toContain(words)
  }
  await page.keyboard.press('j')
  await page.keyboard.press('Enter')
  await page.waitForURL(/\/conformite\/etablissements\/ch-a\?/)
  const site = await seen(page)
  for (const words of [
    "4 messages sur 12 sont sans l'anomalie visée.",
    "Demandé : 90 % des messages sans l'anomalie visée, sur 30 jours",
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
  const site = (await api('establishments/ch-a')).json
  expect(site.requirements[0]).toMatchObject({
    requirement: 'ID-1',
    verdict: 'unmet',
    found: [{ finding: RULE, messages: 8 }],
  })
  expect(site.requirements[0].since).toMatch(/^2026-11-20T/)
  const changes = (await api('changes?from=2026-11-20T00:00:00Z&to=2026-11-21T00:00:00Z&limit=1')).json
  expect([changes.changes.length, typeof changes.next]).toEqual([1, 'number'])
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
