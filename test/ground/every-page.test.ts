import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { expect, onTestFinished } from 'vitest'
import { passerelle } from '../cli/terminal.ts'
import { browserTest, faultsOf, look } from '../support/chromium.ts'
import { start, sweep } from './gateway.ts'
import { otherPorts } from './ports.ts'
import { ROOT, textOf } from './source.ts'

/** Names of the demo's buttons. */
const ROLES = [
  'Clinicien demandeur',
  "Informatique d'établissement",
  'Administrateur',
  'Expert',
  'Coordination',
  'Secrétariat',
  'Chargé de conformité',
  'Chargé de programme',
  'Délégué à la protection des données',
]
/** Widths at which pages are read (CSS pixels): a telephone, a tablet on its side or a screen at 200 %, a small screen. */
const NARROW = 320
const WIDTHS = [NARROW, 768, 1024]
/** Pages of one kind that a role asks for. */
const OF_KIND = 1

/** What addresses of one kind have in common: ids, numbers and values left out. */
const kindOf = (path: string): string =>
  path
    .replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{32}|[^/?=&]+(%40|@)[^/?=&]+|\d+/g, '*')
    .replaceAll(/(etablissements|procedure-degradee|programmes|dossiers)\/[^/?*]+/g, '$1/*')
    .replaceAll(/=[^&]*/g, '=')

/** Links of a page within the console: no file, no other language, nobody's way out. */
const linksOf = (page: string): string[] =>
  [...page.matchAll(/<a ([^>]*)>/g)]
    .map(([, attributes = '']) => attributes)
    .filter((attributes) => !/ (download|hreflang)\b/.test(` ${attributes}`))
    .map((attributes) => /href="([^"#]+)/.exec(attributes)?.[1]?.replaceAll('&amp;', '&') ?? '')
    .filter(
      (path) =>
        /^\/(?!\/)/.test(path) && !/\.(csv|json|txt|pdf|zip|eml)\b|\/(api|nuit|texte|piece)\b|theme=/.test(path),
    )

/** In the page: buttons that show no word, and numbers to call that stand outside the screen. */
const LOST = `[...document.querySelectorAll('button, a[href^="tel:"]')].flatMap((one) => {
  const { left, right, width, height } = one.getBoundingClientRect()
  if (!one.checkVisibility({ visibilityProperty: true }) || width < 3 || height < 3) return []
  const name = one.innerText.trim() || one.getAttribute('aria-label') || ''
  if (one.tagName === 'BUTTON') return name === '' ? ['a button without a word'] : []
  return left < 0 || right > innerWidth ? ['outside the screen: ' + one.href] : []
})`

/** Addresses of care, and what nobody who cares for patients can do anything with. */
const CARE = /^\/(dossiers|demandes|rendez-vous|garde|procedure-degradee|messagerie\/courrier)/
const FOREIGN = /DICOMweb|fichier de la région|gateway/i

/** The demo region with its invented traffic, as one starts it; its console's address. */
async function demoRegion(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'passerelle-pages-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const { ports, moved } = await otherPorts(textOf('region.yaml'))
  const file = join(folder, 'region.yaml')
  writeFileSync(file, moved(textOf('region.yaml')))
  symlinkSync(join(ROOT, 'profiles'), join(folder, 'profiles'))
  const port = Number(ports.get('8080'))
  const store = ['--region', file, '--store', `file:${join(folder, 'data')}`, '--node', 'n1']
  const gateway = await start(['node', 'bin/passerelle.js', 'start', '--simulate', ...store], port)
  onTestFinished(() => sweep(gateway))
  await passerelle(['demo', '--region', file, '--seconds', '3', '--rate', '20'])
  return `http://127.0.0.1:${port}`
}

/** Walks as somebody from link to link, and looks at the kinds of pages that nobody has `seen`; gives what is wrong, by its address. */
async function walk(origin: string, role: string, seen: Set<string>): Promise<string[]> {
  const wrong: string[] = []
  const page = await (await look({ language: 'fr', theme: 'light' })).newPage()
  await page.goto(`${origin}/connexion`)
  await page.getByRole('button', { name: role }).click()
  await page.waitForURL((url) => url.pathname !== '/connexion')
  const told = faultsOf(page, origin)
  const asked = new Map<string, number>()
  const waiting = linksOf(await page.content())
  for (let path = waiting.shift(); path !== undefined; path = waiting.shift()) {
    const kind = kindOf(path)
    if ((asked.get(kind) ?? 0) >= OF_KIND) continue
    asked.set(kind, (asked.get(kind) ?? 0) + 1)
    const answer = await page.request.get(origin + path, { headers: { accept: 'text/html' } })
    if (!answer.ok()) wrong.push(`${path}: ${answer.status()}`)
    waiting.push(...linksOf(await answer.text()))
    if (seen.has(kind)) continue
    seen.add(kind)
    await page.goto(origin + path)
    wrong.push(...(await misfits(page)).map((one) => `${path}: ${one}`))
    const [foreign] = CARE.test(path) ? (FOREIGN.exec(await page.locator('main').innerText()) ?? []) : []
    if (foreign !== undefined) wrong.push(`${path}: ${foreign}`)
  }
  await page.context().close()
  return [...wrong, ...told]
}

/** What of the page does not fit one of the widths. */
async function misfits(page: Page): Promise<string[]> {
  const wrong: string[] = []
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: 800 })
    const over = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth')
    if (over > 0) wrong.push(`${over} beyond ${width}`)
    if (width === NARROW) wrong.push(...(await page.evaluate<string[]>(LOST)))
  }
  return wrong
}

browserTest(
  'every page of every role fits its screen, and every link leads to a page',
  async () => {
    const origin = await demoRegion()
    const seen = new Set<string>()
    const wrong: string[] = []
    for (const role of ROLES) wrong.push(...(await walk(origin, role, seen)).map((one) => `${role} ${one}`))
    expect(wrong).toEqual([])
    expect(seen.size).toBeGreaterThan(80)
  },
  240_000,
)
