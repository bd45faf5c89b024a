/** Accessibility of pages in a real browser, as axe judges it: WCAG 2.2 A and AA and good practice. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** Rules that hang on the language: what has no word in it. */
const WORDS = [
  'button-name',
  'document-title',
  'empty-heading',
  'html-has-lang',
  'html-lang-valid',
  'image-alt',
  'label',
  'link-name',
  'svg-img-alt',
]

/** Texts of one look that are judged on one page: the first that axe can tell nothing of must not stand for the others. */
const OF_ONE_LOOK = 3

/** Faults that axe finds in the page: one line each. `colours`: contrast alone, where the page is seen in another theme. */
export function axeFaults(page: Page, only?: 'colours'): Promise<string[]> {
  return faults(page, only === undefined ? {} : { runOnly: ['color-contrast'] })
}

/** The same but for contrast, which takes as much time as all the rest. `words`: only what hangs on the language. */
export function axeFaultsButColours(page: Page, only?: 'words'): Promise<string[]> {
  return faults(page, only === undefined ? { rules: { 'color-contrast': { enabled: false } } } : { runOnly: WORDS })
}

/**
 * Contrast of those texts of the page that look like none in `judged`, to which they are added: colour, size and weight,
 * and every background, picture and opacity behind them. `judged` is of one theme. */
export async function contrastFaults(page: Page, judged: Set<string>): Promise<string[]> {
  const call = `(${COLOURS})(new Set(${JSON.stringify([...judged])}), ${OF_ONE_LOOK}`
  // Most pages have no new look, and need no axe.
  if ((await page.evaluate<number>(`${call}, null).then(({ looks }) => looks.length)`)) === 0) return []
  await withAxe(page)
  const { looks, wrong } = await page.evaluate<{ looks: string[]; wrong: string[] }>(`${call}, axe)`)
  for (const one of looks) judged.add(one)
  return wrong
}

/**
 * In the page: looks that axe has judged, or with null for axe those that there are to judge. Of what it can tell nothing
 * (a picture behind it, a closed part) the look stays open. */
const COLOURS = `async (judged, ofOneLook, axe) => {
  const styles = new Map()
  const styleOf = (element) => {
    if (!styles.has(element)) styles.set(element, getComputedStyle(element))
    return styles.get(element)
  }
  const layer = (element) => {
    const { backgroundColor, backgroundImage, opacity, position, filter } = styleOf(element)
    const placed = position === 'static' || position === 'relative' ? '' : position + element.className
    return [backgroundColor, backgroundImage, opacity, placed, filter].join()
  }
  const lookOf = (element) => {
    const { color, fill, fontSize, fontWeight, textShadow } = styleOf(element)
    const off = element.closest('[disabled], [aria-disabled="true"], [inert]') !== null
    const layers = []
    for (let at = element; at !== null; at = at.parentElement) {
      const one = layer(at)
      if (one !== 'rgba(0, 0, 0, 0),none,1,,none') layers.push(one)
    }
    return [color, fill, fontSize, fontWeight, textShadow, off, ...layers].join(';')
  }
  const isText = (element) =>
    ['INPUT', 'SELECT', 'TEXTAREA'].includes(element.tagName) ||
    [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim() !== '')
  const looks = new Map()
  const times = new Map()
  for (const element of document.body.querySelectorAll('*')) {
    if (!isText(element) || !element.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue
    const look = lookOf(element)
    const count = times.get(look) ?? 0
    if (judged.has(look) || count >= ofOneLook) continue
    times.set(look, count + 1)
    looks.set(element, look)
  }
  if (axe === null) return { looks: [...looks.values()], wrong: [] }
  const { passes, violations } = await axe.run(
    { include: [...looks.keys()] },
    { resultTypes: ['passes', 'violations'], preload: false, elementRef: true, runOnly: ['color-contrast'] },
  )
  const told = [...passes, ...violations].flatMap(({ nodes }) => nodes.map(({ element }) => looks.get(element)))
  const wrong = violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => id + ' ' + target.join(' ') + ' ' + failureSummary))
  return { looks: told.filter((look) => look !== undefined), wrong }
}`

async function faults(page: Page, options: object): Promise<string[]> {
  await withAxe(page)
  const all = { resultTypes: ['violations'], preload: false, ...options }
  return page.evaluate(`axe.run(document, ${JSON.stringify(all)}).then(({ violations }) =>
    violations.flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => id + ' ' + target.join(' ') + ' ' + failureSummary)))`)
}

async function withAxe(page: Page): Promise<void> {
  if (await page.evaluate('globalThis.axe === undefined')) await page.evaluate(AXE)
}
