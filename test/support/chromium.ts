/** A real browser for the tests of the pages. One start serves a whole file: contexts are cheap, starts are not. */
import { existsSync } from 'node:fs'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import { afterAll, onTestFinished, test } from 'vitest'

/** The one without windows first: it draws the same pages with half the work. */
const CHROMIUM =
  ['/usr/bin/chromium-headless-shell', '/usr/bin/chromium'].find((path) => existsSync(path)) ?? '/usr/bin/chromium'

/** A test that needs the browser: skipped by name where there is none, failed in CI. */
export const browserTest = test.runIf(process.env.CI !== undefined || existsSync(CHROMIUM))

/** How a person looks at pages. */
export interface Eyes {
  readonly language: 'fr' | 'en'
  readonly theme: 'light' | 'dark'
  /** Key of an operator, sent with every call; absent: the browser signs in itself. */
  readonly key?: string
  readonly script?: boolean
  /** As a browser that knows no Content-Security-Policy: what escaping alone keeps out is then seen. */
  readonly unguarded?: boolean
}

let started: Promise<Browser> | null = null

afterAll(async () => {
  await (await started)?.close()
  started = null
})

/** A context of its own in the one browser of this file; gone when the test is over. */
export async function look({ language, theme, key, script = true, unguarded = false }: Eyes): Promise<BrowserContext> {
  if (!existsSync(CHROMIUM)) throw new Error('this test needs chromium (apt install chromium)')
  started ??= chromium.launch({
    executablePath: CHROMIUM,
    headless: true,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
  const browser = await started
  const context = await browser.newContext({
    locale: language === 'fr' ? 'fr-FR' : 'en-GB',
    colorScheme: theme,
    javaScriptEnabled: script,
    bypassCSP: unguarded,
    viewport: { width: 1200, height: 900 },
    timezoneId: 'Europe/Paris',
    ...(key === undefined ? {} : { extraHTTPHeaders: { authorization: `Bearer ${key}` } }),
  })
  onTestFinished(() => context.close())
  return context
}

/** What goes wrong in a page from now on: errors and warnings of the console, exceptions, requests that fail or go elsewhere. */
export function faultsOf(page: Page, origin: string): string[] {
  const faults: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') faults.push(message.text())
  })
  page.on('pageerror', (error) => faults.push(String(error)))
  page.on('request', (request) => {
    if (!request.url().startsWith(`${origin}/`)) faults.push(`asks another host: ${request.url()}`)
  })
  // What is still loaded ends when its page is left, and a page that turns out to be a download does too.
  page.on('requestfailed', (request) => {
    const left = request.failure()?.errorText === 'net::ERR_ABORTED'
    if (request.resourceType() !== 'eventsource' && !left) faults.push(`failed: ${request.url()}`)
  })
  return faults
}
