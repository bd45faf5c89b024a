import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, expect } from 'vitest'
import { browserTest, look } from '../../support/chromium.ts'
import { type MailWorld, mailWorld } from '../../support/mail/world.ts'

const BOX = 'demo-expert@op.mssante.test'
const PAUL = 'paul.durand@op.mssante.test'
const WRITE = `/messagerie/courrier/${encodeURIComponent(BOX)}/nouveau`
const TEXT = 'Un long compte rendu.'

let world: MailWorld
beforeAll(async () => {
  world = await mailWorld([{ address: PAUL, kind: 'PER', name: '_Paul_DURAND_CH', owner: '810001234573' }], {
    top: { signIn: { demo: true } },
  })
})
afterAll(() => world?.end())

const origin = (): string => `http://127.0.0.1:${world.httpPort}`

async function signIn(context: BrowserContext, role: string): Promise<void> {
  await context.request.post(`${origin()}/connexion/demo`, { headers: { origin: origin() }, form: { role } })
}

async function writing(tab: Page): Promise<void> {
  await tab.goto(origin() + WRITE)
  await tab.locator('#in-to').fill(`${PAUL}, `)
  await tab.locator('#in-subject').fill('Avis')
  await tab.locator('#in-text').fill(TEXT)
}

browserTest(
  'a session that ended while somebody wrote loses no word of it, and shows none to anybody else',
  async () => {
    const context = await look({ language: 'fr', theme: 'light' })
    await signIn(context, 'expert')
    const tab = await context.newPage()
    await writing(tab)
    await context.clearCookies()
    await tab.getByRole('button', { name: 'Envoyer' }).last().click()
    await tab.getByRole('heading', { name: 'Votre session est terminée' }).waitFor()
    expect(await tab.locator('main').innerText()).toContain('gardé dans cet onglet')
    expect(await tab.content()).not.toContain('Bearer')
    const again = await tab.getByRole('link', { name: 'Se connecter de nouveau' }).getAttribute('href')
    const box = `/messagerie/courrier/${encodeURIComponent(BOX)}`
    expect(again).toBe(`/connexion?suite=${encodeURIComponent(box)}`)

    await signIn(context, 'expert')
    await tab.goto(origin() + box)
    await tab.getByRole('link', { name: 'Reprendre le courrier non envoyé' }).click()
    await tab.getByText('Votre courrier non envoyé est repris').waitFor()
    expect(await tab.locator('#in-text').inputValue()).toBe(TEXT)
    await tab.getByRole('button', { name: 'Envoyer' }).last().click()
    await tab.getByText('Courrier envoyé.').waitFor()
    const kept = () => tab.evaluate('Object.keys(sessionStorage).concat(Object.keys(localStorage))')
    expect(await kept()).toEqual([])

    // Thrown away by hand, by signing out, and by the next person at this browser.
    await writing(tab)
    await tab.goto(origin() + WRITE)
    await tab.getByRole('button', { name: 'Repartir de zéro' }).click()
    expect([await tab.locator('#in-text').inputValue(), await kept()]).toEqual(['', []])
    await writing(tab)
    await tab.getByRole('button', { name: 'Se déconnecter' }).click()
    await tab.waitForURL((url) => !url.pathname.startsWith('/messagerie'))
    expect(await kept()).toEqual([])
    await signIn(context, 'expert')
    await writing(tab)
    expect(await kept()).toHaveLength(1)
    await context.clearCookies()
    await signIn(context, 'requester')
    await tab.goto(`${origin()}/session`)
    expect(await kept()).toEqual([])
  },
)

browserTest('Enter in a line of a mail sends nothing', async () => {
  const context = await look({ language: 'fr', theme: 'light' })
  await signIn(context, 'expert')
  const tab = await context.newPage()
  await writing(tab)
  for (const name of ['to', 'subject']) await tab.locator(`#in-${name}`).press('Enter')
  expect(new URL(tab.url()).pathname).toBe(WRITE)
  expect(await tab.locator('#in-text').inputValue()).toBe(TEXT)
})

browserTest(
  'a second click while a mail is on its way sends no other; back on the page it may be sent again',
  async () => {
    const context = await look({ language: 'fr', theme: 'light' })
    await signIn(context, 'expert')
    const tab = await context.newPage()
    const held = Promise.withResolvers<void>()
    let posts = 0
    await tab.route('**/envoyer', async (route) => {
      posts += 1
      await held.promise
      await route.continue()
    })
    await writing(tab)
    const button = tab.getByRole('button', { name: 'Envoyer' }).last()
    await button.scrollIntoViewIfNeeded()
    const { x, y } = (await button.boundingBox())!
    await tab.mouse.click(x + 5, y + 5)
    await expect.poll(() => posts).toBe(1)
    // The browser's own second press: nothing waits for the first here.
    await tab.mouse.click(x + 5, y + 5)
    held.resolve()
    await tab.getByText('Courrier envoyé.').waitFor()
    expect(posts).toBe(1)
    await tab.goBack()
    await writing(tab)
    await button.click()
    await tab.getByText('Courrier envoyé.').waitFor()
    expect(posts).toBe(2)
  },
)
