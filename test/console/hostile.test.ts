import { gzipSync } from 'node:zlib'
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { ROLES } from '../../src/core/roles.ts'
import { browserTest, type Eyes, faultsOf, look } from '../support/chromium.ts'
import { attack } from './hostile/attacks.ts'
import { hostileRequest } from './hostile/cases.ts'
import { type Crawl, crawl, type Found, plainPaths } from './hostile/crawl.ts'
import { letterPages } from './hostile/mail.ts'
import { type HostileWorld, hostileWorld } from './hostile/region.ts'
import { nothingSent, sendAll } from './hostile/send.ts'
import { intrusions, type Looker, lookerAtOthers, lookerAtStructure } from './hostile/visit.ts'

/** Who sees most comes first: the others are asked for what those may not see. */
const KEYS = [...new Set(['admin', 'dpo', 'establishment-it', ...ROLES])].map((role) => `demo-${role}`)

/** Somebody who works through pages, one after the other, and writes down what the browser complains of. */
interface Visitor {
  readonly page: Page
  readonly wrong: string[]
  go(found: Pick<Found, 'path' | 'key'>): Promise<void>
}

async function visitor(origin: string, eyes: Eyes): Promise<Visitor> {
  const page = await (await look(eyes)).newPage()
  const wrong = faultsOf(page, origin)
  page.on('dialog', (dialog) => {
    wrong.push(`a dialog: ${dialog.message()}`)
    void dialog.dismiss()
  })
  return {
    page,
    wrong,
    async go({ path, key }) {
      await page.setExtraHTTPHeaders({ authorization: `Bearer ${key}` })
      await page.goto(origin + path)
    },
  }
}

/** So often pages are looked for and their forms sent: what one form makes has forms of its own. */
const MOST_ROUNDS = 5

/** Finds every page and sends every form, until nothing new is found; what came of it, where it is not well. */
async function sendEverything(
  hostile: HostileWorld,
): Promise<{ readonly bad: readonly string[]; readonly whole: Crawl }> {
  const { page, wrong, go } = await visitor(hostile.world.url(), { language: 'fr', theme: 'dark', unguarded: true })
  page.on('response', (response) => {
    if (response.status() === 500)
      wrong.push(`${response.status()} of ${response.request().method()} ${response.url()}`)
  })
  const sent = nothingSent()
  let whole = await crawl(hostile, KEYS)
  for (let round = 1; (await sendAll(page, go, whole.pages, sent)) > 0; round++) {
    if (round > MOST_ROUNDS) throw new Error('forms lead to forms without end')
    // Forms have ended the cases that there were: what the archive has is listed for one that goes on.
    const open = await hostileRequest(hostile.world)
    whole = await crawl(hostile, KEYS, [`/dossiers/${open}/images`, ...sent.led])
  }
  // A form that is refused, or whose act meets a far side that is not there, is answered with a page that says so;
  // and a page that is left at once may not have had its icon yet.
  const bad = [...sent.bad, ...wrong.filter((one) => !/status of (4\d\d|502)|^failed: /.test(one))]
  return { bad, whole }
}

/** What comes of addresses and searches that are attacks. */
async function tryAddresses(origin: string): Promise<string[]> {
  const { page, go } = await visitor(origin, { language: 'fr', theme: 'light', unguarded: true })
  const bad: string[] = []
  for (const n of [0, 1, 3, 4]) {
    const text = encodeURIComponent(attack(n))
    for (const path of [
      `/messages/${text}`,
      `/${text}`,
      `/?lang=${text}&theme=${text}&q=${text}`,
      `/connexion?suite=${text}`,
      `/connexion/psc?suite=${text}`,
      `/lancer?jeton=${text}`,
      `/connexion/psc/retour?code=${text}&state=${text}&error=${text}`,
    ]) {
      await go({ path, key: 'demo-admin' })
      bad.push(...(await intrusions(page)).map((one) => `${path}: ${one}`))
    }
  }
  return bad
}

/** What is wrong with each page as somebody sees it. */
async function seenBy(origin: string, pages: readonly Found[], eyes: Eyes, look: Looker): Promise<string[]> {
  const faults: string[] = []
  const { page, wrong, go } = await visitor(origin, eyes)
  const looked = new Set<string>()
  for (const found of pages) {
    await go(found)
    // Another row on the same page may hold what does harm; it looks no different.
    const template = `${found.route} ${found.asks}`
    const seen = looked.has(template) ? await intrusions(page) : await look(page)
    looked.add(template)
    faults.push(...[...seen, ...wrong.splice(0)].map((one) => `${found.path} (${eyes.language}): ${one}`))
  }
  return faults
}

browserTest(
  'whatever others write stays text on every page, in both languages and themes, and axe finds no fault on any page',
  async () => {
    const hostile = await hostileWorld()
    const origin = hostile.world.url()
    const { bad, whole } = await sendEverything(hostile)
    expect(bad).toEqual([])
    const { pages, others, unvisited, dead } = whole
    const routes = ['/', '/a-traiter/cause', '/a-traiter/travaux/:id', '/a-traiter/demandes/:id', '/alertes/:id']
    expect(pages.map(({ route }) => route)).toEqual(expect.arrayContaining(routes))
    // Forms that attach what the archive has: its list is not empty.
    const lists = pages.filter(({ route, asks }) => route === '/dossiers/:id/images' && asks.includes('uid'))
    expect(lists, 'lists of found studies').not.toEqual([])
    expect(dead, 'links that nothing answers').toEqual([])
    expect(unvisited, 'pages that nothing leads to').toEqual([])
    for (const { path, type, headers } of others) {
      expect(headers.get('x-content-type-options'), path).toBe('nosniff')
      const shown = /^(application\/(fhir\+)?json|text\/(css|javascript|plain|event-stream)|image\/svg\+xml)/.test(type)
      expect(shown || /^attachment/.test(headers.get('content-disposition') ?? ''), `${path} is ${type}`).toBe(true)
    }
    expect(await tryAddresses(origin)).toEqual([])
    const letters = await letterPages(hostile.world)
    expect(letters.length).toBeGreaterThan(7)
    const seen = [...pages, ...letters]
    const faults = await Promise.all([
      // Without the policy escaping stands alone; with it, nothing may so much as be tried.
      seenBy(origin, seen, { language: 'fr', theme: 'dark', unguarded: true }, lookerAtStructure()),
      seenBy(origin, seen, { language: 'en', theme: 'light' }, lookerAtOthers()),
    ])
    expect(faults.flat()).toEqual([])
  },
  900_000,
)

test('all script that pages bring is at most 60 KB, compressed', async () => {
  const { world, routes } = await hostileWorld()
  const scripts = plainPaths(routes).filter((path) => path.endsWith('.js'))
  expect(scripts).toContain('/assets/keys.js')
  const sizes = await Promise.all(
    scripts.map(async (path) => gzipSync(await (await fetch(world.url() + path)).bytes()).length),
  )
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(60_000)
})
