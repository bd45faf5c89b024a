import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { axeFaults, browserTest, faultsOf, look } from '../support/chromium.ts'
import { CANARY, delivery, INS, intake, type Running, startConsole } from './gateway.ts'

async function busy(): Promise<Running> {
  const running = await startConsole()
  const { journal } = running
  for (let n = 0; n < 12; n++) {
    await journal.commit([intake(journal, `C${n}`, { deliveries: [delivery('chu-angers/unv')] })])
  }
  await journal.commit([
    intake(journal, 'P1', { deliveries: [delivery('chu-angers/dpi', { state: 'poisoned', code: 'POISONED' })] }),
  ])
  await journal.commit([intake(journal, 'E1', { establishment: 'ehpad-a', kind: 'ADT^A31' })])
  return running
}

/** What a reader sees of a page: no tags, no attributes. */
function seen(html: string): string {
  return html
    .replace(/<head>.*<\/head>/s, '')
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
}

test('the page shows counts and queues of each establishment, escaped, and no message', async () => {
  const { call } = await busy()
  const { text, headers } = await call('/', { key: 'demo-admin' })
  expect(headers.get('content-language')).toBe('fr')
  const page = seen(text)
  expect(page).toContain('CHU &lt;b&gt;d’Angers&lt;/b&gt; &amp; &quot;Co&quot;')
  expect(page).toContain('Reçus 14 Terminés 1 En cours 12 À traiter 1')
  expect(page).toContain('Compte juste')
  expect(page).toMatch(/Centre hospitalier de Laval 13 1 janv\., 11:00:00 0 0 0/)
  expect(page).toMatch(/EHPAD Les Aubépines \(fictif\) 1 1 janv\./)
  expect(page).toContain('chu-angers/unv 12')
  expect(page).toContain('mllp 127.0.0.1:2575 3')
  expect(page).toContain('Version 1.2.3 · Configuration n° 1')
  expect(page).toContain('Nœud n1')
  for (const hidden of [CANARY, INS, 'C11', 'ADT^A01', 'P1']) expect(text).not.toContain(hidden)
})

test('the French page speaks French', async () => {
  const { call } = await busy()
  const page = seen((await call('/?lang=fr', { key: 'demo-admin' })).text).toLowerCase()
  for (const word of [
    'gateway',
    'parked',
    'queued',
    'replay',
    'resend',
    'dry run',
    'finding',
    'lane',
    'unknown',
    'expired',
    'poisoned',
  ]) {
    expect(page).not.toContain(word)
  }
})

test.each([
  ['/', { 'accept-language': 'en' }, 'en'],
  ['/?lang=en', { 'accept-language': 'fr' }, 'en'],
  ['/?lang=fr', { 'accept-language': 'en' }, 'fr'],
  ['/', {}, 'fr'],
])('language of %s with %o', async (path, headers, language) => {
  const { call } = await startConsole()
  expect((await call(path, { key: 'demo-admin', headers })).text).toContain(`<html lang="${language}"`)
})

test('the traffic counts what came since the page before, once', async () => {
  const running = await busy()
  const sent = async () => /Laval (\d+)/.exec(seen((await running.call('/', { key: 'demo-admin' })).text))?.[1]
  expect(await sent()).toBe('13')
  await running.journal.commit([intake(running.journal, 'N1')])
  expect(await sent()).toBe('14')
  expect(await sent()).toBe('14')
})

/** Contrast of every text with what is behind it (WCAG 2.2 §1.4.3), smallest first. */
function contrasts(page: Page): Promise<{ text: string; ratio: number }[]> {
  return page.evaluate(`(() => {
    const light = (css) => {
      const [r, g, b] = css.match(/[\\d.]+/g).map(Number).map((c) => c / 255)
        .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
      return 0.2126 * r + 0.7152 * g + 0.0722 * b
    }
    const behind = (element) => {
      for (let e = element; e; e = e.parentElement) {
        const css = getComputedStyle(e).backgroundColor
        if (!/, 0\\)$/.test(css)) return css
      }
      return 'rgb(255, 255, 255)'
    }
    return [...document.querySelectorAll('body *')]
      .filter((e) => [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim() !== ''))
      .map((e) => {
        const [a, b] = [light(getComputedStyle(e).color), light(behind(e))].sort((x, y) => y - x)
        return { text: e.textContent.trim().slice(0, 40), ratio: (a + 0.05) / (b + 0.05) }
      })
      .sort((x, y) => x.ratio - y.ratio)
  })()`)
}

browserTest.each(['light', 'dark'] as const)(
  'in a browser, %s: readable, no error, no sideways scroll, live',
  async (name) => {
    const running = await busy()
    const page = await (await look({ language: 'fr', theme: name, key: 'demo-admin' })).newPage()
    const wrong = faultsOf(page, running.url)
    await page.goto(`${running.url}/`)
    const folder = process.env.PASSERELLE_SCREENSHOTS
    if (folder) await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true })

    const [worst, ...rest] = await contrasts(page)
    expect(rest.length).toBeGreaterThan(40)
    expect(worst?.ratio, worst?.text).toBeGreaterThanOrEqual(4.5)
    expect(await axeFaults(page)).toEqual([])

    for (const [width, note] of [
      [360, 'narrow'],
      [1200, 'wide'],
    ] as const) {
      await page.setViewportSize({ width, height: 800 })
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width)
      expect(await page.getByRole('table').count(), note).toBe(3)
      expect(await page.getByRole('table', { name: 'Établissements' }).getByRole('row').count()).toBe(4)
      if (folder) await page.screenshot({ path: join(folder, `${name}-${note}.png`), fullPage: true })
    }

    await page.keyboard.press('Tab')
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Aller au contenu')

    await running.journal.commit([intake(running.journal, 'L1')])
    await page.evaluate('document.dispatchEvent(new Event("visibilitychange"))')
    await page.getByText('15', { exact: true }).first().waitFor()
    expect(wrong).toEqual([])

    await running.door.close(0)
    await page.evaluate('document.dispatchEvent(new Event("visibilitychange"))')
    await page.getByText('ne répond plus').waitFor()
  },
)

browserTest('in a browser without script the page is whole', async () => {
  const running = await busy()
  const page = await (await look({ language: 'fr', theme: 'light', script: false, key: 'demo-admin' })).newPage()
  await page.goto(`${running.url}/`)
  expect(await page.getByRole('table').count()).toBe(3)
  await page.getByRole('link', { name: 'English' }).click()
  expect(await page.getByRole('heading', { level: 1 }).textContent()).toContain('Overview')
})
