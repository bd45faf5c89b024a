import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import { axeFaults } from '../support/axe.ts'
import { browserTest, faultsOf, look } from '../support/chromium.ts'
import { ago, type CaseWorld, caseWorld, EXPERT, MIN, REQUESTER } from './case-world.ts'

const someone = (family: string, given: string, birthDate: string) => ({
  identifiers: [{ authority: 'CHL', value: `P-${family}`, type: 'PI' }],
  family: `${family} (FICTIF)`,
  given,
  birthDate,
  sex: 'female' as const,
  status: 'validated' as const,
})

/** A case of every sort, as the expert of the centre that is asked would have them. */
async function busy(world: CaseWorld): Promise<void> {
  const nowMs = world.room.clock.atMs
  const onset = (minutes: number) => ({ times: { onset: ago(minutes * MIN, nowMs) } })
  await world.ask({ patient: someone('DURAND', 'Odile', '1941-03-04'), ...onset(100) })
  const near = await world.ask({
    patient: someone('LEROY', 'Marc', '1957-10-01'),
    ...onset(232),
    studies: [{ uid: '1.2.3.4', accession: 'A77', expected: 240, modality: 'CT' }],
  })
  await world.act(near, { what: 'accept' }, EXPERT)
  await world.ask({ patient: someone('LEROY', 'Marc', '1957-10-01') })
  await world.act(near, { what: 'images', uid: '1.2.3.4', received: 96, expected: 240, held: 2 }, EXPERT)
  await world.ask({ patient: someone('PETIT', 'Anne', '1933-01-20'), ...onset(282) })
  await world.ask({ patient: someone('MOREAU', 'Paul', '1970-06-06'), ...onset(-90) })
  await world.ask({ patient: someone('SANSHEURE', 'Zoé', '1980-06-06') })
  await world.ask({ patient: someone('ESSAI', 'Luc', '1950-01-01'), ...onset(30), drill: true })
  await world.room.run()
}

/** Patients of these tests stand in no address, whatever was done. */
const NAMES = /DURAND|LEROY|PETIT|MOREAU|SANSHEURE|ESSAI|P-/

/** Looks at the page as it is on a telephone and on a desk; a picture of each where they are wanted. */
async function shot(page: Page, name: string): Promise<void> {
  const folder = process.env['PASSERELLE_SCREENSHOTS']
  for (const width of [390, 1280]) {
    await page.setViewportSize({ width, height: 900 })
    expect(await page.evaluate('document.documentElement.scrollWidth'), name).toBeLessThanOrEqual(width)
    if (folder) await page.screenshot({ path: join(folder, `${name}-${width}.png`), fullPage: true })
  }
}

browserTest(
  'in a browser: list and case of the expert in both languages, the whole way of a request, nobody answers',
  async () => {
    const world = await caseWorld()
    const expertFr = await (await look({ language: 'fr', theme: 'dark', key: 'demo-expert' })).newPage()
    const wrong = faultsOf(expertFr, world.url)
    const addresses: string[] = []
    expertFr.on('request', (request) => addresses.push(request.url()))

    // Nobody has asked anything: the page teaches, and is live.
    await expertFr.goto(`${world.url}/`)
    expect(expertFr.url()).toBe(`${world.url}/dossiers`)
    await expertFr.getByText('Aucune demande en cours').waitFor()
    await expertFr.locator('#cases-live').waitFor()
    await expertFr.getByRole('button', { name: 'Tester le son' }).click()
    await expertFr.getByText('Son prêt.').waitFor()

    // A request is on the screen without anybody reloading, and rings.
    const nowMs = world.room.clock.atMs
    const id = await world.ask({
      patient: someone('LEROY', 'Marc', '1957-10-01'),
      times: { onset: ago(232 * MIN, nowMs) },
      studies: [{ uid: '1.2.3.4', accession: 'A77', expected: 4, modality: 'CT' }],
    })
    await world.room.run()
    const row = expertFr.locator('.case')
    await row.getByText('Votre centre est alerté').waitFor()
    await expertFr.locator('[data-cases-from][data-rang="1"]').waitFor()
    expect(await row.getByRole('heading').textContent()).toBe('M. L. · femme · 60 à 69 ans')
    expect(await row.textContent()).not.toContain('LEROY')
    await row.getByText('37 min').or(row.getByText('38 min')).first().waitFor()
    await row.getByText('01\u00a099').waitFor()

    // The requester's screen, by keyboard alone, in English.
    const requester = await (await look({ language: 'en', theme: 'light', key: 'demo-requester' })).newPage()
    const wrongToo = faultsOf(requester, world.url)
    await requester.goto(`${world.url}/dossiers/${id}`)
    await requester.getByText('Alerts go on until somebody accepts').waitFor()

    // Opened by the centre it is seen; accepted, its images come; advised, it is read, and decided.
    await expertFr.keyboard.press('j')
    await expertFr.keyboard.press('Enter')
    await expertFr.getByRole('button', { name: 'Prendre en charge' }).waitFor()
    await requester.locator('#s-timeline').getByText('Seen by the centre').waitFor()
    expect(await axeFaults(expertFr)).toEqual([])
    await shot(expertFr, 'case-asked-dark')
    await expertFr.getByRole('button', { name: 'Prendre en charge' }).press('Enter')
    await requester.locator('#s-head .chip-done', { hasText: 'Accepted' }).waitFor()
    await requester.getByText('Alerts stopped').waitFor()
    await world.act(id, { what: 'images', uid: '1.2.3.4', received: 3, expected: 4, held: 1 }, EXPERT)
    await expertFr.locator('#s-images').getByText('1 image retenue').waitFor()
    await expertFr.locator('#s-images').getByLabel('Motif').fill('vu avec le manipulateur')
    await expertFr.getByRole('button', { name: "Confirmer l'identité" }).click()
    await expertFr.locator('#s-timeline').getByText('vu avec le manipulateur').waitFor()
    await world.act(id, { what: 'images', uid: '1.2.3.4', received: 4, expected: 4, held: 0 }, EXPERT)
    await expertFr.locator('#s-head').getByText('Images 4 sur 4').waitFor()
    await expertFr.locator('#f-advise-text').fill('Occlusion M1 gauche.\nJe rappelle.')
    await expertFr.getByRole('button', { name: "Rendre l'avis" }).click()
    await requester.locator('#s-advice').getByText('Occlusion M1 gauche.').waitFor()
    await requester.getByRole('button', { name: 'I have read the advice' }).click()
    await expertFr.locator('#s-advice').getByText('Avis lu par le demandeur').waitFor()

    // What somebody did meanwhile is told before a decision is written over it, and nothing typed is lost.
    const before = await expertFr.locator('.act-decide [name=version]').inputValue()
    await world.act(id, { what: 'decide', decision: 'neither', text: '' }, REQUESTER)
    await expertFr.locator('#s-decision').getByText('Ni l').waitFor()
    await expertFr.locator('.act-decide select').selectOption('thrombolysis')
    await expertFr.locator('.act-decide [name=text]').fill('à 22:10')
    await expertFr
      .locator('.act-decide [name=version]')
      .evaluate((field, old) => Object.assign(field, { value: old }), before)
    await expertFr.getByRole('button', { name: 'Consigner la décision' }).click()
    await expertFr.getByText('Le dossier a changé entre-temps').waitFor()
    expect(await expertFr.locator('.act-decide [name=text]').inputValue()).toBe('à 22:10')
    await expertFr.getByRole('button', { name: 'Consigner la décision' }).click()
    await requester.locator('#s-decision').getByText('Thrombolysis').waitFor()
    expect(await axeFaults(requester)).toEqual([])
    await shot(requester, 'case-decided-light')

    await world.act(id, { what: 'finish' }, EXPERT)
    // Every sort of case, in the order of what presses; exercises stand apart.
    await busy(world)
    await expertFr.goto(`${world.url}/dossiers`)
    await expertFr.locator('.case').nth(4).waitFor()
    const order = await expertFr.locator('.case h2 a').allTextContents()
    expect(order.map((text) => text.slice(0, 5))).toEqual(['P. M.', 'Z. S.', 'M. L.', 'A. P.', 'O. D.'])
    // One patient asked for twice is one case, and may be taken apart again.
    await expertFr.getByText('2 demandes réunies').waitFor()
    expect(await axeFaults(expertFr)).toEqual([])
    await shot(expertFr, 'worklist-dark')
    await expertFr.getByRole('link', { name: 'EXERCICE (1)' }).click()
    expect(await expertFr.locator('.case h2').allTextContents()).toEqual(['EXERCICE L. E. · femme · 70 à 79 ans'])
    await requester.goto(`${world.url}/dossiers`)
    await requester.locator('#cases-live').waitFor()
    expect(await axeFaults(requester)).toEqual([])
    await shot(requester, 'worklist-light')

    await requester.locator('.case-near h2 a').click()
    await requester.getByRole('heading', { name: '2 requests joined' }).waitFor()
    await requester.getByRole('button', { name: 'Separate' }).click()
    await requester.getByRole('heading', { name: 'Request', exact: true }).waitFor()

    // Nobody answers: the requester sees every rung without reloading.
    const alone = await world.ask({
      patient: someone('SEULE', 'Eve', '1950-05-05'),
      times: { onset: ago(60 * MIN, nowMs) },
    })
    await requester.goto(`${world.url}/dossiers/${alone}`)
    for (const [rung, minutes] of [0, 2, 2, 3, 2, 2].entries()) {
      world.room.clock.atMs += minutes * MIN
      await world.room.run()
      await requester
        .locator('#s-ladder')
        .getByText(`Alert ${rung + 1}`, { exact: true })
        .waitFor()
    }
    await requester.locator('#s-ladder').getByText('chu-nantes: alerted').waitFor()

    // The line breaks: it is said, and what was shown stays.
    await world.door.close(0)
    await requester.getByText('Connection lost').waitFor()
    expect(await requester.locator('#s-ladder').getByText('Alert 6').isVisible()).toBe(true)
    const gone = /ERR_|failed: .*(live|dossiers)/
    expect([...wrong, ...wrongToo].filter((one) => !gone.test(one))).toEqual([])
    expect(addresses.filter((one) => NAMES.test(decodeURIComponent(one)))).toEqual([])
  },
  60_000,
)

browserTest(
  'a worklist whose session has ended says so, asks ever more seldom, and rings once it is back',
  async () => {
    const world = await caseWorld()
    const context = await look({ language: 'fr', theme: 'light', key: 'demo-expert' })
    const page = await context.newPage()
    await page.clock.install()
    await page.goto(`${world.url}/dossiers`)
    await page.locator('#cases-live').waitFor()
    let asked = 0
    page.on('request', () => {
      asked += 1
    })
    await context.setExtraHTTPHeaders({})
    await world.ask({ patient: someone('LEROY', 'Marc', '1957-10-01') })
    await world.room.run()
    await page.getByText('Connexion perdue').waitFor()
    expect(await page.locator('#cases-live').isVisible()).toBe(false)
    for (let second = 0; second < 120; second++) await page.clock.runFor(1_000)
    expect(asked).toBeGreaterThan(4)
    expect(asked).toBeLessThan(30)
    await context.setExtraHTTPHeaders({ authorization: 'Bearer demo-expert' })
    await page.clock.runFor(30_000)
    await page.locator('[data-cases-from][data-rang="1"]').waitFor()
    await page.locator('#cases-live').waitFor()
    await page.clock.runFor(1_000)
    expect(await page.locator('#cases-lost').textContent()).toBe('')
  },
)

browserTest('without script the worklist is whole: nothing in it waits for what does not come', async () => {
  const world = await caseWorld()
  await busy(world)
  const page = await (await look({ language: 'fr', theme: 'light', script: false, key: 'demo-expert' })).newPage()
  await page.goto(`${world.url}/dossiers`)
  expect(await page.locator('.case').count()).toBe(5)
  expect(await page.getByRole('button', { name: 'Tester le son' }).isVisible()).toBe(false)
  await page.locator('.case-near h2 a').click()
  expect(
    await page
      .locator('#s-clock')
      .getByText('37 min')
      .or(page.locator('#s-clock').getByText('38 min'))
      .first()
      .isVisible(),
  ).toBe(true)
  await page.locator('#f-write-text').fill('On vous rappelle.')
  await page.getByRole('button', { name: 'Envoyer le message' }).click()
  expect(await page.locator('#s-messages').textContent()).toContain('On vous rappelle.')
})

browserTest('in a browser: a page that never comes is asked for again, and the list goes on', async () => {
  const world = await caseWorld()
  const page = await (await look({ language: 'fr', theme: 'light', key: 'demo-expert' })).newPage()
  await page.clock.install()
  await page.goto(`${world.url}/`)
  await page.locator('#cases-live').waitFor()
  let swallowed = 0
  await page.route(`${world.url}/dossiers`, async (route) => {
    if (swallowed > 0) return route.continue()
    swallowed += 1
  })
  const asked = page.waitForRequest(`${world.url}/dossiers`)
  await world.ask({ patient: someone('LEROY', 'Marc', '1957-10-01') })
  await world.room.run()
  await asked
  await page.clock.runFor(15_000)
  await page.locator('.case').getByText('Votre centre est alerté').waitFor()
  expect(swallowed).toBe(1)
})
