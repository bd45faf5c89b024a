/** What is published, through the door, to somebody whom nobody knows. */
import { expect, onTestFinished, test } from 'vitest'
import { publicConformity } from '../../src/conformity/published.ts'
import { structureViews } from '../../src/conformity/structures/views.ts'
import { conformityViews } from '../../src/conformity/views/views.ts'
import { conformityPlugin } from '../../src/console/conformity.ts'
import { publicConformityPlugin } from '../../src/console/public-conformity.ts'
import type { Config } from '../../src/core/config.ts'
import type { Framework } from '../../src/core/conformity.ts'
import type { PublicSettings } from '../../src/core/conformity-public.ts'
import { STATEMENT_NOTICE } from '../../src/core/conformity-statement.ts'
import { type Running, startConsole } from '../console/gateway.ts'
import { axeFaults } from '../support/axe.ts'
import { browserTest, faultsOf, look } from '../support/chromium.ts'
import { openStore } from '../support/stores.ts'
import { DAY, FRAMEWORK, measured, NAME, REGION, RULE } from './measured.ts'
import { frameworkOf, requirementOf } from './pieces.ts'

const PATH = '/public/conformite'
const FORMS = ['', '.json', '.csv', '.atom']
const agreed = (...ids: readonly string[]): Config['establishments'] =>
  new Map(
    [...REGION.establishments].map(([id, one]) => [
      id,
      ids.includes(id) ? { ...one, publicConformity: true as const } : one,
    ]),
  )
const region = (settings: PublicSettings | null, ...ids: readonly string[]): Config => ({
  ...REGION,
  establishments: agreed(...ids),
  conformity: { probes: 'asked', ...(settings && { public: settings }) },
})
const ON = { frameworks: ['other@1', NAME], establishments: 'agreed' } as const

interface Told extends Running {
  becomes(config: Config): void
  later(ms: number): void
}

/**
 * In production ch-a meets all of one domain and fails in the other, ch-b fails in both, and what the nursing home sends was never
 * tried in production; tests are right everywhere. */
async function told(config: Config): Promise<Told> {
  let now = config
  let nowMs = Date.UTC(2026, 10, 20, 10)
  const running = await startConsole(
    {
      door: { publicUrl: 'https://region.test/' },
      limits: { openPerMinute: 40 },
      behind: ({ journal }) => {
        const clock = { nowMs: () => nowMs }
        const parts = { journal, config: () => now, frameworks: async () => [FRAMEWORK], clock }
        const views = conformityViews({ ...parts, ...clock })
        const structures = structureViews(parts)
        const programmes = {
          programme: () => null,
          programmes: () => [],
          enrolledAt: async () => [],
          establishmentsIn: async () => [],
        }
        return [
          conformityPlugin({ ...parts, ...clock, views, structures, programmes, version: '1.2.3', demo: false }),
          publicConformityPlugin({ published: publicConformity(parts), config: () => now }),
        ]
      },
    },
    () => now,
  )
  const world = await measured(running.journal, () => now)
  const real = { by: 'CANARI-DPI', real: true }
  await world.send(
    { ...real, from: 'ch-a', kind: 'ORU^R01', n: 1 },
    { ...real, from: 'ch-a', kind: 'ADT^A28', n: 4, rules: [RULE] },
    { ...real, from: 'ch-b', kind: 'ADT^A28', n: 4, rules: [RULE] },
    { by: 'CANARI-DPI', from: 'ehpad', kind: 'ADT^A28', n: 4 },
    { by: 'CANARI-DPI', from: 'ehpad', kind: 'ORU^R01', n: 1 },
  )
  await world.end()
  return Object.assign(running, {
    becomes: (next: Config) => void (now = next),
    later: (ms: number) => void (nowMs += ms),
  })
}

/** Words of what may never be published. */
const UNSEEN =
  /unmet|not-measured|lapsed|Non conforme|Non mesuré|Échu|CANARI|PAM-PID|ID-1|Demande|Saint-Élie|490000031|Aubépines|ch-a\b|ch-b\b/

test('a verdict that rests on one that a person set says so, also where that stands in a domain that is not shown', async () => {
  const { journal, end } = await openStore()
  onTestFinished(end)
  const [base, sum, own] = [
    requirementOf('BASE', { by: 'evidence', accepts: 'either', validDays: 365, remindDays: 30 }),
    requirementOf('SUM', { by: 'derived', of: ['BASE'], need: 'all' }),
    requirementOf('OWN', { by: 'evidence', accepts: 'either', validDays: 365, remindDays: 30 }),
  ]
  const named = (id: string, requirements: Framework['domains'][number]['requirements']) => ({
    ...{ id, name: { fr: id, en: id }, requirements },
  })
  const framework = {
    ...frameworkOf([]),
    domains: [named('parts', [base]), named('whole', [sum]), named('own', [own])],
  }
  const verdict = (requirement: string, why: string) => ({
    sql: `INSERT INTO conformity_verdict (use, framework, establishment, requirement, verdict, why, good, total, found, software,
        until_ms, since_ms, judged_at_ms, regressed_from)
      VALUES ('production', 'trial@1', 'ch-a', ?, 'met', ?, 0, 0, '[]', '[]', NULL, 7, 8, NULL)`,
    parameters: [requirement, why],
  })
  await journal.apply({ rows: [verdict('BASE', 'overridden'), verdict('SUM', 'fine'), verdict('OWN', 'fine')] })
  const config = region({ frameworks: ['trial@1'], establishments: 'agreed' }, 'ch-a')
  const parts = { journal, config: () => config, frameworks: async () => [framework], clock: { nowMs: () => 9 } }
  const published = await publicConformity(parts).now(null)
  expect(published?.establishments[0]?.cells.map((cell) => cell?.byPerson)).toEqual([true, true, false])
})

test('off it is an address like any that is not there; on it shows what is met by who agreed, and nothing else', async () => {
  const running = await told(region(null, 'ch-a', 'ch-b'))
  const nowhere = await running.call('/public/nowhere')
  for (const form of FORMS) {
    const off = await running.call(PATH + form)
    expect([off.status, off.json.code]).toEqual([404, nowhere.json.code])
    expect(off.headers.get('cache-control')).toBe(nowhere.headers.get('cache-control'))
  }

  running.becomes(region(ON, 'ch-a', 'ch-b', 'ehpad'))
  for (const form of FORMS) {
    for (const lang of ['fr', 'en'] as const) {
      const { status, text, headers } = await running.call(`${PATH}${form}?lang=${lang}`)
      expect([form, status]).toEqual([form, 200])
      expect(text).toContain('Lavalette')
      expect(text).toContain(STATEMENT_NOTICE[lang].split(':')[1])
      expect(text, form).not.toMatch(UNSEEN)
      expect(headers.get('set-cookie')).toBeNull()
      expect(headers.get('cache-control')).toBe('public, max-age=300')
    }
  }
  const json = (await running.call(`${PATH}.json`)).json
  expect(json).toMatchObject({ framework: NAME, use: 'production' })
  expect(json.establishments).toEqual([
    {
      ...{ name: 'Centre hospitalier de Lavalette (fictif)', kind: 'hospital', finess: '530000371', department: '53' },
      domains: [{ domain: 'exchange', verdict: 'met', met: 1, of: 2, since: '2026-11-20', byPerson: false }],
    },
  ])
  const feed = (await running.call(`${PATH}.atom`)).text
  expect(feed.match(/<entry>/g)).toHaveLength(1)
  expect(feed).toContain('<title>Centre hospitalier de Lavalette (fictif) : Échanges, Conforme</title>')
  expect(feed).toContain('href="https://region.test/public/conformite?referentiel=essai%401&amp;lang=fr"')
  expect((await running.call(PATH)).text).toContain(
    '<title>Conformité mesurée · Référentiel d’essai 1 · Pays de la Loire</title>',
  )

  // The same for who has it already; another framework than those published is not there; nothing else opens.
  const etag = (await running.call(PATH)).headers.get('etag')!
  expect((await running.call(PATH, { headers: { 'if-none-match': etag } })).status).toBe(304)
  expect((await running.call(`${PATH}?lang=en`, { headers: { 'if-none-match': etag } })).status).toBe(200)
  for (const query of ['other@1', 'essai@2'])
    expect((await running.call(`${PATH}?referentiel=${query}`)).status).toBe(404)
  expect((await running.call('/conformite?lang=fr', { key: 'demo-admin' })).text).toContain(
    'href="/public/conformite?referentiel=essai%401&amp;lang=fr"',
  )
  expect((await running.call('/api/conformity/matrix')).status).toBe(401)
  expect((await running.call('/api/messages')).status).toBe(401)
})

test('who did not agree is not there unless all are; an answer is a minute old at most; an address asks so often and no more', async () => {
  const running = await told(region(ON))
  expect((await running.call(`${PATH}.json`)).json.establishments).toEqual([])
  expect((await running.call(PATH)).text).toContain('Rien n’est publié')
  running.becomes(region({ ...ON, establishments: 'all' }))
  const all = (await running.call(`${PATH}.json`)).json.establishments
  expect(all.map(({ finess }: { finess: string }) => finess)).toEqual(['530000371'])

  await running.journal.apply({
    rows: [{ sql: "UPDATE conformity_verdict SET verdict = 'unmet' WHERE use = 'production'", parameters: [] }],
  })
  expect((await running.call(`${PATH}.json`)).json.establishments).toHaveLength(1)
  running.later(DAY)
  expect((await running.call(`${PATH}.json`)).json.establishments).toEqual([])
  // What a person decided is said to be; what is met in part is not called met.
  const set =
    "UPDATE conformity_verdict SET verdict = 'partly', why = 'overridden' WHERE use = 'production' AND requirement = 'EX-1'"
  await running.journal.apply({ rows: [{ sql: set, parameters: [] }] })
  running.later(DAY)
  const [{ domains }] = (await running.call(`${PATH}.json`)).json.establishments
  expect(domains).toMatchObject([{ domain: 'exchange', verdict: 'partly', met: 0, byPerson: true }])
  const { text } = await running.call(`${PATH}?lang=fr`)
  expect(text).toMatch(/Partiel.*avec décision/s)
  expect(text).not.toContain('v-met')
  await Promise.all(Array.from({ length: 40 }, () => running.call(PATH)))
  const { status, headers } = await running.call(PATH)
  expect([status, headers.has('retry-after')]).toEqual([429, true])
})

browserTest('the public page is sound in both themes, without a script', async () => {
  const running = await told(region(ON, 'ch-a'))
  for (const theme of ['light', 'dark'] as const) {
    const page = await (await look({ language: 'fr', theme })).newPage()
    const wrong = faultsOf(page, running.url)
    await page.goto(running.url + PATH)
    expect(await axeFaults(page)).toEqual([])
    expect(await page.locator('script').count()).toBe(0)
    expect(await page.context().cookies()).toEqual([])
    expect(wrong).toEqual([])
  }
})
