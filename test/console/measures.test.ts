import { expect } from 'vitest'
import { axeFaults } from '../support/axe.ts'
import { browserTest, faultsOf, look } from '../support/chromium.ts'
import { ago, type CaseWorld, caseWorld, EXPERT, MIN, REQUESTER } from './case-world.ts'

/** A case that went its whole way, and a drill beside it. */
async function closed(): Promise<{ readonly world: CaseWorld; readonly id: string; readonly drill: string }> {
  const world = await caseWorld()
  const nowMs = world.room.clock.atMs
  const id = await world.ask({ times: { onset: ago(60 * MIN, nowMs) } })
  const drill = await world.ask({ drill: true, times: { onset: ago(60 * MIN, nowMs) } })
  for (const one of [id, drill]) {
    await world.act(one, { what: 'accept' }, EXPERT)
    world.room.clock.atMs += 10 * MIN
    await world.act(one, { what: 'advise', text: 'Avis <script>CANARI', coded: [] }, EXPERT)
    await world.act(one, { what: 'decide', decision: 'thrombolysis', text: 'CANARI' }, REQUESTER)
    await world.act(one, { what: 'report', type: '', message: null, text: 'Récit CANARI' }, EXPERT)
  }
  await world.act(id, { what: 'finish' }, REQUESTER)
  return { world, id, drill }
}

browserTest('the summary and the report of a case are printed whole, a drill by its mark', async () => {
  const { world, id, drill } = await closed()
  const page = await (await look({ language: 'fr', theme: 'light', key: 'demo-requester' })).newPage()
  const wrong = faultsOf(page, world.url)
  for (const [path, said] of [
    ['synthese', ['Synthèse de transfert', 'Avis <script>CANARI', 'Thrombolyse', 'Téléphones', 'Début constaté']],
    ['compte-rendu', ['Récit CANARI', 'Incidents techniques', 'Consentement', 'Participants']],
  ] as const) {
    await page.goto(`${world.url}/dossiers/${id}/${path}`)
    const text = await page.locator('main').innerText()
    for (const one of said) expect(text).toContain(one)
    expect(text).not.toContain('EXERCICE')
    expect(await axeFaults(page)).toEqual([])
    await page.goto(`${world.url}/dossiers/${drill}/${path}`)
    expect(await page.locator('main .drill').innerText()).toBe('EXERCICE')
  }
  expect(wrong).toEqual([])
})

browserTest('measures of the region on a page and in files, without drills and without a patient', async () => {
  const { world } = await closed()
  const page = await (await look({ language: 'fr', theme: 'light', key: 'demo-coordination' })).newPage()
  const wrong = faultsOf(page, world.url)
  await page.goto(`${world.url}/mesures`)
  const text = await page.locator('main').innerText()
  expect(text).toContain('Demande → avis')
  expect(text).toMatch(/100 % \(1\/1\)/)
  expect(text).not.toContain('CANARI')
  expect(await axeFaults(page)).toEqual([])
  const authorization = 'Bearer demo-coordination'
  const csv = await (await fetch(`${world.url}/mesures/mois.csv`, { headers: { authorization } })).text()
  expect(csv.split('\r\n')[1]).toMatch(/^stroke;ch-laval;\d{4}-\d\d;1;0;1;1;1;/)
  const years = 'from=2020-01-01T00:00:00Z&to=2100-01-01T00:00:00Z'
  const fhir = await fetch(`${world.url}/api/measures?${years}`, { headers: { authorization } })
  expect(fhir.headers.get('content-type')).toContain('application/fhir+json')
  expect(await fhir.json()).toMatchObject({
    resourceType: 'Bundle',
    entry: [{ resource: { resourceType: 'MeasureReport' } }],
  })
  expect(wrong).toEqual([])
})
