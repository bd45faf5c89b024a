/** Looks at pages of a hostile world as people do, and tells what is wrong with them. */
import type { Page } from 'playwright-core'
import { axeFaultsButColours, contrastFaults } from '../../support/axe.ts'
import { MARK } from './attacks.ts'

/** Signs that text of somebody became more than text, in the page as it is now. */
export function intrusions(page: Page): Promise<string[]> {
  return page.evaluate(`(() => {
    const found = 'hit' in globalThis ? ['a script of theirs ran'] : []
    for (const element of document.querySelectorAll('*')) {
      const tell = (what) => found.push(what + ': ' + element.outerHTML.slice(0, 120))
      if (element.hasAttribute('${MARK}')) tell('their element')
      if (['IFRAME', 'OBJECT', 'EMBED', 'BASE'].includes(element.tagName)) tell('foreign content')
      if (element.tagName === 'SCRIPT' && !element.getAttribute('src')?.startsWith('/assets/')) tell('a script')
      for (const { name: attribute, value } of element.attributes) {
        if (attribute.startsWith('on')) tell('a handler')
        if (!['href', 'src', 'action', 'formaction', 'xlink:href', 'srcdoc'].includes(attribute)) continue
        const { protocol, origin } = new URL(value, location.href)
        const ours = origin === location.origin || ['mailto:', 'tel:'].includes(protocol)
        if (!ours) tell('leads elsewhere')
      }
    }
    const bare = document.body.innerText.match(/[\\u0000-\\u0008\\u000b-\\u001f\\u202a-\\u202e\\u2066-\\u2069]/)
    if (bare) found.push('a sign that turns or hides text: ' + bare[0].codePointAt(0).toString(16))
    return found
  })()`)
}

/** Looks at one page after the other, and tells what is wrong with each. */
export type Looker = (page: Page) => Promise<string[]>

/** Whoever sees pages in French, dark and on a telephone. */
export function lookerAtStructure(): Looker {
  const judged = new Set<string>()
  return async (page) => [
    ...(await intrusions(page)),
    ...(await axeFaultsButColours(page)),
    ...(await contrastFaults(page, judged)),
    ...(await faultsOnTelephone(page)),
  ]
}

/**
 * Whoever sees the same pages in their other language, light, in high contrast and on a telephone: their structure is the
 * same, and words may be missing. */
export function lookerAtOthers(): Looker {
  const judged = { light: new Set<string>(), contrast: new Set<string>() }
  return async (page) => {
    const faults = [...(await intrusions(page)), ...(await axeFaultsButColours(page, 'words'))]
    faults.push(...(await contrastFaults(page, judged.light)))
    // As the page has it from the server for whoever wants it so.
    await page.evaluate("document.documentElement.dataset.theme = 'contrast'")
    faults.push(...(await contrastFaults(page, judged.contrast)).map((fault) => `high contrast: ${fault}`))
    await page.evaluate("document.documentElement.dataset.theme = 'auto'")
    faults.push(...(await faultsOnTelephone(page)))
    return faults
  }
}

async function faultsOnTelephone(page: Page): Promise<string[]> {
  const { width, height } = page.viewportSize() ?? { width: 1200, height: 900 }
  await page.setViewportSize({ width: 360, height: 800 })
  const faults = await page.evaluate<string[]>(TOO_WIDE)
  await page.setViewportSize({ width, height })
  return faults
}

/** In the page: that it scrolls sideways, and the innermost that sticks out. */
const TOO_WIDE = `(() => {
  const { scrollWidth, clientWidth } = document.documentElement
  if (scrollWidth <= clientWidth) return []
  const out = [...document.body.querySelectorAll('*')].filter((one) => one.getBoundingClientRect().right > clientWidth)
  const inner = out.filter((one) => !out.some((other) => other !== one && one.contains(other)))
  return ['scrolls sideways on a telephone: ' + scrollWidth + ' ' + inner.map(({ outerHTML }) => outerHTML.slice(0, 120)).join(' ')]
})()`
