/** Looks at pages of a hostile world as people do, and tells what is wrong with them. */
import type { Page } from 'playwright-core'
import { axeFaults } from '../../support/chromium.ts'
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

/** What is wrong with a page that is dark, in high contrast and on a telephone too: one line each. */
export async function faultsOfLooks(page: Page): Promise<string[]> {
  const faults = [...(await intrusions(page)), ...(await axeFaults(page))]
  // As the page has it from the server for whoever wants it so.
  await page.evaluate("document.documentElement.dataset.theme = 'contrast'")
  faults.push(...(await axeFaults(page, 'colours')).map((fault) => `high contrast: ${fault}`))
  await page.evaluate("document.documentElement.dataset.theme = 'auto'")
  const { width, height } = page.viewportSize() ?? { width: 1200, height: 900 }
  await page.setViewportSize({ width: 360, height: 800 })
  const wide = await page.evaluate<number>('document.documentElement.scrollWidth')
  if (wide > 360) faults.push(`scrolls sideways on a telephone: ${wide}`)
  await page.setViewportSize({ width, height })
  return faults
}

/** What is wrong with a page in its other language and light: names and colours, since its structure is the same. */
export async function faultsOfWords(page: Page): Promise<string[]> {
  return [...(await intrusions(page)), ...(await axeFaults(page, 'words'))]
}
