import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import { axeFaults } from '../support/axe.ts'
import { browserTest, faultsOf, look } from '../support/chromium.ts'
import { busy, PATIENT, seal } from './audit-world.ts'
import { AUTHORITY, INS } from './gateway.ts'

/** Walks the three journeys; each step waits for what the next page says. */
async function journeys(page: Page, url: string, words: Readonly<Record<string, string>>, axe: boolean): Promise<void> {
  const accessible = async () => expect(axe ? await axeFaults(page) : []).toEqual([])
  const button = (name: string) => page.getByRole('button', { name: words[name]!, exact: true })
  await page.goto(`${url}/audit`)
  await accessible()
  await page.getByLabel(words['what']!, { exact: true }).selectOption('read-body')
  await button('search').click()
  await page.getByRole('row').nth(1).getByRole('link').first().click()
  await page.getByText(words['verified']!).waitFor()
  await accessible()
  await page.getByRole('link', { name: words['back']!, exact: true }).click()
  await button('check').click()
  await page.getByText(words['checked']!).waitFor()
  await page.getByLabel(words['identifier']!, { exact: true }).fill(INS)
  await page.getByLabel(words['authority']!, { exact: true }).fill(AUTHORITY)
  await page.getByLabel(words['reason']!, { exact: true }).fill('plainte')
  await button('report').click()
  await page.getByText(words['revealed']!).waitFor()
  expect(page.url()).not.toContain(INS)
  await accessible()

  await page.goto(`${url}/vie-privee`)
  await accessible()
  const find = async () => {
    await page.getByLabel(words['identifiers']!, { exact: true }).fill(PATIENT)
    await page.getByLabel(words['reason']!, { exact: true }).fill('demande')
    await button('find').click()
  }
  await find()
  await button('plan').waitFor()
  await accessible()
  await button('plan').click()
  await page.getByLabel(words['confirm']!).check()
  await accessible()
  await button('erase').click()
  await page.getByText(words['erased']!).waitFor()
  await page.goto(`${url}/vie-privee`)
  await find()
  await page.getByText(words['nothing']!).waitFor()
}

const WORDS = {
  fr: {
    what: 'Acte',
    search: 'Rechercher',
    verified: 'Preuve vérifiée à l’instant',
    back: "Retour à l'audit",
    check: 'Vérifier maintenant',
    checked: 'Vérifié. Événements',
    authority: "Autorité de l'identifiant (OID)",
    identifier: 'Identifiant du patient',
    reason: 'Motif (conservé)',
    report: 'Établir le rapport',
    revealed: 'a révélé le contenu du message',
    identifiers: 'Identifiants du patient, un par ligne',
    find: 'Rechercher',
    plan: "Simuler l'effacement",
    confirm: "J'ai lu ce qui part et ce qui reste",
    erase: 'Effacer définitivement',
    erased: 'Effacés : messages',
    nothing: "Rien n'est conservé",
  },
  en: {
    what: 'Act',
    search: 'Search',
    verified: 'Proof verified just now',
    back: 'Back to the audit',
    check: 'Verify now',
    checked: 'Verified. Events',
    authority: 'Authority of the identifier (OID)',
    identifier: 'Identifier of the patient',
    reason: 'Reason (kept)',
    report: 'Make the report',
    revealed: 'revealed the content of message',
    identifiers: 'Identifiers of the patient, one a line',
    find: 'Search',
    plan: 'Try the erasure',
    confirm: 'I have read what goes and what stays',
    erase: 'Erase for good',
    erased: 'Erased: messages',
    nothing: 'Nothing is kept',
  },
} as const

browserTest.each([
  ['fr', 'dark'],
  ['en', 'light'],
] as const)('in a browser, %s, %s: search to proof, report of a patient, find to erase', async (language, theme) => {
  const running = await busy()
  const page = await (await look({ language, theme, key: 'demo-dpo' })).newPage()
  const wrong = faultsOf(page, running.url)
  // Once each page; every page in both themes is looked at elsewhere.
  await journeys(page, running.url, WORDS[language], theme === 'dark')
  expect(wrong).toEqual([])
  await seal(running.journal)
  await page.setViewportSize({ width: 360, height: 800 })
  for (const path of ['/audit', '/audit/1', '/vie-privee', '/audit/incident']) {
    await page.goto(running.url + path)
    expect([path, await page.evaluate('document.documentElement.scrollWidth')]).toEqual([path, 360])
  }
  const { json } = await running.call('/api/audit/head', { key: 'demo-dpo' })
  expect(json).toMatchObject({ missing: 0, waiting: 0 })
})
