import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import { axeFaults } from '../support/axe.ts'

/** A page as it must be at every stop of a journey: no fault of accessibility, and no sideways scroll on a phone. */
export async function sound(page: Page, name: string): Promise<void> {
  const folder = process.env.PASSERELLE_SCREENSHOTS
  if (folder) await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true })
  expect(await axeFaults(page), name).toEqual([])
  const before = page.viewportSize()
  await page.setViewportSize({ width: 360, height: 800 })
  expect(await page.evaluate('document.documentElement.scrollWidth'), `${name}, on a phone`).toBeLessThanOrEqual(360)
  if (before !== null) await page.setViewportSize(before)
}
