/** Looks at pages of a hostile world as people do, and tells what is wrong with them. */
import type { Page } from 'playwright-core'
import { axeFaults } from '../../support/chromium.ts'
import { attack, MARK } from './region.ts'

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

/** What is wrong with a page that is dark, seen light too and on a telephone: one line each. */
export async function faultsOfLooks(page: Page): Promise<string[]> {
  const faults = [...(await intrusions(page)), ...(await axeFaults(page))]
  await page.emulateMedia({ colorScheme: 'light' })
  faults.push(...(await axeFaults(page, 'alone')).map((fault) => `light: ${fault}`))
  await page.emulateMedia({ colorScheme: 'dark' })
  const { width, height } = page.viewportSize() ?? { width: 1200, height: 900 }
  await page.setViewportSize({ width: 360, height: 800 })
  const wide = await page.evaluate<number>('document.documentElement.scrollWidth')
  if (wide > 360) faults.push(`scrolls sideways on a telephone: ${wide}`)
  await page.setViewportSize({ width, height })
  return faults
}

/** What is wrong with a page in its other language. */
export async function faultsOfWords(page: Page): Promise<string[]> {
  return [...(await intrusions(page)), ...(await axeFaults(page, 'left out'))]
}

/** Forms of the page that send something, in its order: where to, and the names of their fields. */
export function formsOf(page: Page): Promise<{ readonly [name in 'method' | 'action' | 'fields']: string }[]> {
  return page.evaluate(`[...document.forms].map((form) => ({
    method: form.getAttribute('method') ?? 'get',
    action: new URL(form.getAttribute('action') ?? '', location.href).pathname,
    fields: [...form.elements].map((one) => one.name).join(','),
  }))`)
}

/** Fills every text of a form with attacks and sends it, whatever the page itself would forbid. */
export async function sendHostile(page: Page, number: number, salt: number): Promise<void> {
  const attacks = [0, 1, 2, 3, 4, 5, 6, 7].map((n) => attack(n + salt))
  await Promise.all([
    // An export is a download, and leaves the page as it is.
    Promise.race([page.waitForNavigation().catch(() => null), page.waitForEvent('download').catch(() => null)]),
    page.evaluate(
      `((number, attacks) => {
        const form = document.forms[number]
        let n = 0
        for (const field of form.elements) {
          if (field instanceof HTMLSelectElement) {
            if (field.value === '') field.selectedIndex = field.options.length - 1
            continue
          }
          const typed = field instanceof HTMLTextAreaElement || ['text', 'search', 'email', 'url', 'tel'].includes(field.type)
          if (field.type === 'checkbox') field.checked = true
          if (field.type === 'number') field.value = field.min || '1'
          if (field.type === 'date') field.value = '2026-01-01'
          if (field.type === 'datetime-local') field.value = '2099-01-01T10:00'
          if (!typed || field.readOnly || field.pattern) continue
          const text = attacks[n++ % attacks.length]
          field.value = field.maxLength > 0 ? text.slice(0, field.maxLength) : text
        }
        HTMLFormElement.prototype.submit.call(form)
      })(${number}, ${JSON.stringify(attacks)})`,
    ),
  ])
}
