import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import { axeFaults } from '../support/axe.ts'
import { browserTest, faultsOf, look } from '../support/chromium.ts'
import { intake } from './gateway.ts'
import { busy } from './overview-world.ts'

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
    return [...document.querySelectorAll('body *:not(svg *)')]
      .filter((e) => [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim() !== ''))
      .map((e) => {
        const [a, b] = [light(getComputedStyle(e).color), light(behind(e))].sort((x, y) => y - x)
        return { text: e.textContent.trim().slice(0, 40), ratio: (a + 0.05) / (b + 0.05) }
      })
      .sort((x, y) => x.ratio - y.ratio)
  })()`)
}

const WORDS = {
  fr: {
    board: 'Établissements',
    skip: 'Aller au contenu',
    live: 'En direct',
    stale: 'ne répond plus',
    map: 'Carte',
    reason: 'Motif',
    acknowledge: 'Prendre en compte',
    acknowledged: 'Prise en compte',
    snooze: 'Mettre en sourdine',
    snoozed: 'En sourdine',
  },
  en: {
    board: 'Establishments',
    skip: 'Skip to content',
    live: 'Live',
    stale: 'does not answer',
    map: 'Map',
    reason: 'Reason',
    acknowledge: 'Acknowledge',
    acknowledged: 'Acknowledged',
    snooze: 'Snooze',
    snoozed: 'Snoozed until',
  },
} as const

browserTest.each([
  ['fr', 'dark'],
  ['en', 'light'],
] as const)(
  'in a browser, %s and %s: board, map, live counter, an alert taken in hand, no fault',
  async (language, theme) => {
    const words = WORDS[language]
    const running = await busy()
    const page = await (await look({ language, theme, key: 'demo-admin' })).newPage()
    const wrong = faultsOf(page, running.url)
    await page.goto(`${running.url}/`)
    await page.locator('#live-on').getByText(words.live).waitFor()
    const folder = process.env['PASSERELLE_SCREENSHOTS']
    if (folder) await page.screenshot({ path: join(folder, `overview-${theme}.png`), fullPage: true })

    const [worst, ...rest] = await contrasts(page)
    expect(rest.length).toBeGreaterThan(40)
    expect(worst?.ratio, worst?.text).toBeGreaterThanOrEqual(4.5)
    expect(await axeFaults(page)).toEqual([])
    for (const width of [360, 1200]) {
      await page.setViewportSize({ width, height: 800 })
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width)
      expect(await page.getByRole('table', { name: words.board }).getByRole('row').count()).toBe(4)
      if (folder && width === 360)
        await page.screenshot({ path: join(folder, `overview-${theme}-narrow.png`), fullPage: true })
    }
    expect(await page.getByRole('img', { name: words.map }).locator('.place').count()).toBe(3)
    await page.keyboard.press('Tab')
    expect(await page.evaluate('document.activeElement.textContent')).toBe(words.skip)

    const counter = page.locator('[data-live="received"]')
    expect(await counter.textContent()).toBe('14')
    await running.journal.commit([intake(running.journal, 'L1')])
    await counter.getByText('15', { exact: true }).waitFor()

    await page.locator('.alerts a').first().click()
    expect(await axeFaults(page)).toEqual([])
    if (folder) await page.screenshot({ path: join(folder, `alert-${theme}.png`), fullPage: true })
    await page.locator('#ack-reason').fill('known fault, ticket 12')
    await page.getByRole('button', { name: words.acknowledge }).click()
    await page.getByText(words.acknowledged).first().waitFor()
    await page.locator('#snooze-reason').fill('works on Monday')
    await page.getByRole('button', { name: words.snooze }).click()
    await page.getByText(words.snoozed).first().waitFor()
    await page.goto(`${running.url}/alertes`)
    expect(await page.getByRole('table').getByRole('row').count()).toBe(2)
    expect(await axeFaults(page)).toEqual([])
    await page.goto(`${running.url}/`)
    await page.locator('#live-on').getByText(words.live).waitFor()
    expect(wrong).toEqual([])

    running.live.stop()
    await running.door.close(0)
    await page.getByText(words.stale).waitFor()
  },
)

browserTest(
  'in a browser without script the page is whole, says when it was made, and leads to a fresh one',
  async () => {
    const running = await busy()
    const page = await (await look({ language: 'fr', theme: 'light', script: false, key: 'demo-admin' })).newPage()
    await page.goto(`${running.url}/`)
    expect(await page.getByRole('table').count()).toBeGreaterThanOrEqual(5)
    expect(await page.locator('#live-on').isVisible()).toBe(false)
    await running.journal.commit([intake(running.journal, 'W1')])
    await page.getByRole('link', { name: 'Actualiser' }).click()
    expect(await page.locator('[data-live="received"]').textContent()).toBe('15')
    await page.getByRole('link', { name: 'English' }).click()
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toContain('Overview')
  },
)
