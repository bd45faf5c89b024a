import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import { afterAll, test } from 'vitest'

const CHROMIUM = '/usr/bin/chromium'
const ARGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking']

/** Tests that need a browser: left out where there is none, and failing where everything must run. */
export const browserTest = test.runIf(process.env.CI !== undefined || existsSync(CHROMIUM))

let open: Promise<Browser> | null = null
afterAll(async () => (await open)?.close())

/** How somebody looks at pages. */
export interface Looking {
  readonly key: string
  readonly language: 'fr-FR' | 'en-GB'
  readonly dark: boolean
  readonly script?: boolean
}

/** A page of a person of their own, and all that went wrong on it. One browser serves a whole file. */
export async function looking({ key, language, dark, script = true }: Looking): Promise<{
  readonly page: Page
  readonly context: BrowserContext
  readonly wrong: readonly string[]
}> {
  if (!existsSync(CHROMIUM)) throw new Error('this test needs chromium (apt install chromium)')
  open ??= chromium.launch({ executablePath: CHROMIUM, headless: true, args: ARGS })
  const context = await (await open).newContext({
    locale: language,
    colorScheme: dark ? 'dark' : 'light',
    javaScriptEnabled: script,
    extraHTTPHeaders: { authorization: `Bearer ${key}` },
  })
  const page = await context.newPage()
  const wrong: string[] = []
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) wrong.push(message.text())
  })
  page.on('pageerror', (error) => wrong.push(String(error)))
  page.on('requestfailed', (request) => wrong.push(`${request.url()} ${request.failure()?.errorText}`))
  return { page, context, wrong }
}

/** A picture of the page for people, where PASSERELLE_SCREENSHOTS names a folder. */
export async function picture(page: Page, name: string): Promise<void> {
  const folder = process.env.PASSERELLE_SCREENSHOTS
  if (folder) await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true })
}

/** Does the page scroll sideways at the width of a phone? */
export async function overflows(page: Page): Promise<boolean> {
  const before = page.viewportSize()
  await page.setViewportSize({ width: 360, height: 800 })
  const wide = await page.evaluate<boolean>('document.documentElement.scrollWidth > 360')
  if (before !== null) await page.setViewportSize(before)
  return wide
}
