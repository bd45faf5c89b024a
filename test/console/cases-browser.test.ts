import { join } from 'node:path'
import { expect } from 'vitest'
import { axeFaults, browserTest, faultsOf, look } from '../support/chromium.ts'
import { ago, type CaseWorld, caseWorld, EXPERT, MIN } from './case-world.ts'

/** Cases of every sort on the expert's screen. */
async function busy(): Promise<CaseWorld> {
  const world = await caseWorld()
  const nowMs = world.room.clock.atMs
  const patient = (family: string, given: string, birthDate: string) => ({
    identifiers: [{ authority: 'CHL', value: `P-${family}`, type: 'PI' }],
    family: `${family} (FICTIF)`,
    given,
    birthDate,
    sex: 'female' as const,
    status: 'validated' as const,
  })
  await world.ask({
    patient: patient('DURAND', 'Odile', '1941-03-04'),
    times: { 'last-seen-well': ago(100 * MIN, nowMs) },
  })
  const near = await world.ask({
    patient: patient('LEROY', 'Marc', '1957-10-01'),
    times: { onset: ago(232 * MIN, nowMs) },
    studies: [{ uid: '1.2.3.4', accession: 'A77', expected: 240, modality: 'CT' }],
  })
  await world.act(near, { what: 'see' }, EXPERT)
  await world.act(near, { what: 'accept' }, EXPERT)
  await world.act(near, { what: 'images', uid: '1.2.3.4', received: 96, expected: 240, held: 0 }, EXPERT)
  await world.ask({
    patient: patient('PETIT', 'Anne', '1933-01-20'),
    times: { 'last-seen-well': ago(282 * MIN, nowMs) },
  })
  await world.ask({
    patient: patient('MOREAU', 'Paul', '1970-06-06'),
    times: { onset: ago(-90 * MIN, nowMs, { atMs: nowMs + 90 * MIN }) },
  })
  await world.ask({
    patient: patient('GIRARD', 'Luc', '1962-06-06'),
    times: { 'last-seen-well': ago(600 * MIN, nowMs), discovery: ago(40 * MIN, nowMs) },
  })
  await world.ask({ patient: patient('SANSHEURE', 'Zoé', '1980-06-06') })
  await world.ask({
    patient: patient('EXERCICE', 'Essai', '1950-01-01'),
    times: { onset: ago(30 * MIN, nowMs) },
    drill: true,
  })
  await world.room.run()
  return world
}

browserTest.each([
  ['fr', 'dark'],
  ['en', 'light'],
] as const)('the worklist and a case in %s, %s: no fault, readable on a telephone', async (language, theme) => {
  const world = await busy()
  const page = await (await look({ language, theme, key: 'demo-expert' })).newPage()
  const wrong = faultsOf(page, world.url)
  const folder = process.env['PASSERELLE_SCREENSHOTS']
  const shot = async (name: string): Promise<void> => {
    for (const width of [390, 1280]) {
      await page.setViewportSize({ width, height: 900 })
      expect(await page.evaluate('document.documentElement.scrollWidth'), name).toBeLessThanOrEqual(width)
      if (folder) await page.screenshot({ path: join(folder, `${name}-${theme}-${width}.png`), fullPage: true })
    }
  }
  await page.goto(`${world.url}/dossiers`)
  await page.locator('#cases-live').waitFor()
  expect(await axeFaults(page)).toEqual([])
  await shot('worklist')
  await page.locator('.case-near h2 a').click()
  await page.locator('#cases-live').waitFor()
  expect(await axeFaults(page)).toEqual([])
  await shot('case')
  expect(wrong).toEqual([])
})
