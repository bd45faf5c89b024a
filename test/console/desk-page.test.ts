import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import type { RouteRule } from '../../src/core/config.ts'
import { axeFaults } from '../support/axe.ts'
import { browserTest, faultsOf, look } from '../support/chromium.ts'
import { type Desk, eventsOf, startDesk } from './desk.ts'
import { CANARY, delivery, INS, intake } from './gateway.ts'

/** A message that leaves edited and as FHIR, one with hostile content, and two parked ones. */
async function filled(desk: Desk) {
  const { journal } = desk
  const hostile = Buffer.from(
    `MSH|^~\\&|DPI|ch-laval|GAM|X|20260101||ORU^R01|H1|T|2.5\rPID|||1^^^A||<img src=x onerror=alert(1)>^<script>alert(1)</script>\rOBX|1|ED|F||a.pdf"><script>alert(1)</script>\r`,
  )
  const parked = (place: string) => delivery(place, { state: 'poisoned', code: 'INS_AMBIGUOUS' })
  const finding = { code: 'INS_KEY', class: 'contract', at: 'PID-3' } as const
  const made = [
    intake(journal, 'M1', { findings: [finding], deliveries: [delivery('chu-angers/unv')] }),
    intake(journal, 'H1', { bytes: hostile, kind: 'ORU^R01', deliveries: [delivery('chu-angers/dpi')] }),
    intake(journal, 'P1', { deliveries: [parked('chu-angers/unv')] }),
    intake(journal, 'P2', { deliveries: [parked('chu-angers/unv')] }),
  ]
  for (const one of made) await journal.commit([one])
  return made
}

/** Every page is sound: no fault of access, no sideways scroll, readable when narrow. */
async function sound(page: Page, name: string): Promise<void> {
  expect([name, await axeFaults(page)]).toEqual([name, []])
  const folder = process.env.PASSERELLE_SCREENSHOTS
  if (folder) await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true })
  await page.setViewportSize({ width: 360, height: 800 })
  expect([name, await page.evaluate('document.documentElement.scrollWidth')]).toEqual([name, 360])
  if (folder) await page.screenshot({ path: join(folder, `${name}-narrow.png`), fullPage: true })
  await page.setViewportSize({ width: 1200, height: 900 })
}

/** What leaves by the route of these deliveries has another MSH-5. */
const EDITED: RouteRule = {
  name: 'admissions',
  when: {},
  to: ['chu-angers/unv'],
  lane: 'normal',
  alertAfterMs: null,
  awaitAdmissionMs: 0,
  edit: [{ set: 'MSH-5', to: 'UNV' }],
}

browserTest('French, dark: from a search to one message, its content and what left of it', async () => {
  const desk = await startDesk({ routes: [EDITED] })
  await filled(desk)
  const page = await (await look({ language: 'fr', theme: 'dark', key: 'revealer' })).newPage()
  const wrong = faultsOf(page, desk.url)
  await page.goto(`${desk.url}/messages`)
  await sound(page, 'messages-dark')
  await page.keyboard.press('/')
  await page.keyboard.type(INS)
  await page.keyboard.press('Enter')
  await page.getByText('Messages du patient recherché').waitFor()
  expect(page.url()).toBe(`${desk.url}/messages/recherche`)
  expect(await page.getByRole('table', { name: 'Messages trouvés' }).getByRole('row').count()).toBe(5)
  await page.keyboard.press('j')
  await page.getByRole('searchbox').fill('M1')
  await page.getByRole('button', { name: 'Chercher' }).click()
  await page.waitForURL(`${desk.url}/messages?controlId=M1`)
  await page.keyboard.press('j')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'Message ADT^A01' }).waitFor()
  await sound(page, 'message-dark')
  await page.getByLabel('Motif').last().fill('appel du centre hospitalier')
  await page.getByRole('button', { name: 'Révéler le contenu' }).click()
  await page.getByRole('heading', { name: 'Avant / après' }).waitFor()
  expect(await page.getByText(CANARY).count()).toBeGreaterThan(0)
  expect(
    await page
      .getByRole('table', { name: /Modifié au départ/ })
      .getByRole('row')
      .count(),
  ).toBe(2)
  expect(await page.locator('del').textContent()).toBe('GAM')
  await sound(page, 'content-dark')
  expect(await eventsOf(desk, 'read-body')).toHaveLength(1)
  expect(wrong).toEqual([])
})

browserTest(
  'English, light: parked work is resent, hostile content is text, exports tell how far they are',
  async () => {
    const desk = await startDesk()
    const [, hostile] = await filled(desk)
    const page = await (await look({ language: 'en', theme: 'light', key: 'revealer' })).newPage()
    const wrong = faultsOf(page, desk.url)
    page.on('dialog', (dialog) => {
      wrong.push(dialog.message())
      void dialog.dismiss()
    })
    await page.goto(`${desk.url}/a-traiter`)
    await sound(page, 'treat-light')
    await page.keyboard.press('j')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Parked for chu-angers/unv' }).waitFor()
    await sound(page, 'cause-light')
    await page.getByLabel('With what').selectOption('all')
    await page.getByLabel('Reason').fill('identity mended')
    await page.getByRole('button', { name: 'Apply' }).click()
    await page.getByText('Done.').waitFor()
    expect(await page.getByText('2 of 2').count()).toBe(1)
    expect(await eventsOf(desk, 'resend')).toHaveLength(2)

    await page.goto(`${desk.url}/messages/${hostile!.id}`)
    await page.getByLabel('Reason').last().fill('look')
    await page.getByRole('button', { name: 'Reveal the content' }).click()
    await page.getByRole('heading', { name: 'Before / after' }).waitFor()
    expect(await page.getByText('<script>alert(1)</script>').count()).toBeGreaterThan(0)
    expect(await page.locator('main script, main img').count()).toBe(0)

    await page.goto(`${desk.url}/messages`)
    const download = page.waitForEvent('download')
    await page.getByRole('button', { name: 'Export', exact: true }).click()
    expect((await download).suggestedFilename()).toMatch(/^messages-\d{4}-\d\d-\d\d\.csv$/)
    await page.getByText('4 messages exported, export complete').waitFor()
    for (const path of ['renvoi', 'destinataires', 'maintenance']) {
      await page.goto(`${desk.url}/a-traiter/${path}`)
      await sound(page, `${path}-light`)
    }
    expect(wrong).toEqual([])
  },
)

browserTest('a replay elsewhere: one person asks, the other approves', async () => {
  const desk = await startDesk()
  const [one] = await filled(desk)
  const asks = await (await look({ language: 'fr', theme: 'light', key: 'demo-operator' })).newPage()
  await asks.goto(`${desk.url}/messages/${one!.id}`)
  const form = asks.getByRole('form', { name: 'Renvoyer' })
  await form.getByLabel('Renvoyer vers').selectOption('ch-laval/gam')
  await form.getByLabel('Motif').fill('envoyé au mauvais site')
  await form.getByRole('button', { name: 'Renvoyer', exact: true }).click()
  await asks.getByText('attend une seconde personne').waitFor()
  await sound(asks, 'request-light')
  expect(await asks.getByRole('button', { name: 'Approuver et renvoyer' }).count()).toBe(0)
  const approves = await (await look({ language: 'fr', theme: 'dark', key: 'second' })).newPage()
  await approves.goto(asks.url())
  await approves.getByLabel('Motif').fill('vérifié avec le site')
  await approves.getByRole('button', { name: 'Approuver et renvoyer' }).click()
  await approves.getByText(/^fait$|^en cours$/).waitFor()
  expect(await eventsOf(desk, 'approve-replay')).toMatchObject([{ who: 'second', why: 'vérifié avec le site' }])
})

browserTest('without script the pages are whole', async () => {
  const desk = await startDesk()
  await filled(desk)
  const page = await (await look({ language: 'fr', theme: 'light', key: 'revealer', script: false })).newPage()
  await page.goto(`${desk.url}/messages`)
  await page.getByRole('searchbox').fill('M1')
  await page.getByRole('button', { name: 'Chercher' }).click()
  await page.getByRole('table', { name: 'Messages trouvés' }).getByRole('link').click()
  await page.getByLabel('Motif').last().fill('appel')
  await page.getByRole('button', { name: 'Révéler le contenu' }).click()
  expect(await page.getByText(CANARY).count()).toBeGreaterThan(0)
})
