import { expect, test } from 'vitest'
import { machineClock, machineIds } from '../../src/app/cli/machine.ts'
import { programmes, shippedProfiles } from '../../src/app/config/index.ts'
import { fillProgrammes } from '../../src/app/demo/programmes.ts'
import { inventedFiness } from '../../src/app/demo/supported.ts'
import { establishmentLookup } from '../../src/app/wiring/establishment-lookup.ts'
import { programmeCommands } from '../../src/conformity/programme/commands.ts'
import { programmeViews } from '../../src/conformity/programme/views.ts'
import { structureViews } from '../../src/conformity/structures/views.ts'
import { actText, KNOWN_ACTS } from '../../src/console/page/audit/sentence.ts'
import { programmesPlugin } from '../../src/console/programmes.ts'
import type { FrameworkShelf } from '../../src/core/conformity-commands.ts'
import { MAY, ROLES } from '../../src/core/roles.ts'
import { type Called, type Running, startConsole } from './gateway.ts'
import { operator, sha256, someConfig } from './region.ts'

const OFFICER = 'demo-programme-officer'
const OTHER = 'paul'
const AT = '/api/conformity/programmes'
const WHY = { reason: 'dossier 12' }
const [HOSPITAL, SECOND] = [900, 901].map((n) => inventedFiness('53', n)) as [string, string]
/** Its key does not hold. */
const WRONG_KEY = `${HOSPITAL.slice(0, -1)}${(Number(HOSPITAL.at(-1)) + 1) % 10}`
/** Words of the spine that nobody is shown in French. */
const FORBIDDEN = /gateway|parked|finding|unmet|lapsed|not-measured|unknown|undefined|\bnull\b|\bNaN\b/i

/** A console with programmes; `filled`: with the demo's enrolments. */
async function door({
  filled = false,
} = {}): Promise<
  Running & { page(path: string, form?: Readonly<Record<string, string>> | FormData, key?: string): Promise<Shown> }
> {
  const officer = operator('programme-officer')
  const bound = ROLES.filter((role) => role !== 'programme-officer').map((role) => operator(role, ['ch-laval']))
  const config = someConfig({
    operators: [officer, { ...officer, name: OTHER, keySha256: sha256(OTHER) }, ...bound],
  })
  const all = programmes(shippedProfiles())
  const shelf = { one: async () => null } as unknown as FrameworkShelf
  const running = await startConsole(
    {
      behind: ({ journal }) => {
        const clock = machineClock
        const parts = { journal, config: () => config, shelf, clock, ids: machineIds, programmes: () => all }
        const whole = {
          ...parts,
          find: establishmentLookup(() => config, structureViews({ journal, config: () => config })),
        }
        const acts = { views: programmeViews(whole), commands: programmeCommands(whole) }
        return [programmesPlugin({ ...acts, config: () => config, version: '1.2.3', demo: false })]
      },
    },
    config,
  )
  const { journal } = running
  const find = establishmentLookup(() => config, structureViews({ journal, config: () => config }))
  const parts = {
    journal,
    config: () => config,
    shelf,
    clock: machineClock,
    ids: machineIds,
    programmes: () => all,
    find,
  }
  if (filled) await fillProgrammes(parts)
  return {
    ...running,
    async page(path, form, key = OFFICER) {
      const response = await fetch(running.url + path, {
        method: form === undefined ? 'GET' : 'POST',
        redirect: 'manual',
        headers: { authorization: `Bearer ${key}`, 'accept-language': 'fr' },
        ...(form === undefined ? {} : { body: form instanceof FormData ? form : new URLSearchParams(form) }),
      })
      const text = (await response.text()).replace(/^.*?<main/s, '<main').replace(/<footer.*$/s, '')
      const seen = text
        .replace(/<[^>]*>/g, ' ')
        .replaceAll('&#39;', "'")
        .replace(/[\s\u00a0\u202f]+/g, ' ')
      return { status: response.status, text, seen, to: response.headers.get('location') }
    },
  }
}
interface Shown {
  readonly status: number
  readonly text: string
  readonly seen: string
  readonly to: string | null
}

test('over the API: from an enrolment to its payments, each refusal with what is wrong in both languages', async () => {
  const { call } = await door()
  const post = (path: string, body: object, key = OFFICER): Promise<Called> => call(`${AT}/${path}`, { key, body })
  const asked = {
    finess: HOSPITAL,
    name: 'CH de Test (fictif)',
    kind: 'hospital',
    domains: ['dossier'],
    invented: true,
  }
  const wrong = await post('hopital-numerique/enrolments', { ...asked, finess: '1', domains: ['x'], ...WHY })
  expect([wrong.status, wrong.json.code, wrong.json.problems]).toMatchObject([
    ...[422, 'PROGRAMME_ENROLMENT'],
    [
      { field: 'finess', fault: 'finess' },
      { field: 'department', fault: 'department' },
      { field: 'domains', fault: 'domain-unknown', said: { fr: 'Ce domaine n’est pas de ce programme.' } },
    ],
  ])
  expect((await post('rien/enrolments', { ...asked, ...WHY })).status).toBe(404)
  expect((await post('hopital-numerique/enrolments', asked)).status).toBe(400)
  const made = (await post('hopital-numerique/enrolments', { ...asked, ...WHY })).json
  expect(made).toMatchObject({ state: 'candidate', amountCents: null, paidCents: { use: 0 }, department: '53' })
  const one = `hopital-numerique/enrolments/${made.id}`
  const refused = await post(`${one}/state`, { to: 'selected', ...WHY })
  expect([refused.status, refused.json.code, refused.json.problems]).toMatchObject([
    ...[409, 'PROGRAMME_MOVE', [{ need: 'amount', said: { en: 'the amount of the grant' } }]],
  ])
  expect((await post(`${one}/amount`, { amountCents: 1.5, ...WHY })).status).toBe(400)
  expect((await post(`${one}/amount`, { amountCents: 82_852_626, ...WHY })).json).toMatchObject({
    amountCents: 82_852_626,
  })
  expect((await post(`${one}/state`, { to: 'selected', ...WHY })).json).toMatchObject({ state: 'selected' })
  const pay = (amountCents: number) =>
    post(`${one}/payments`, { part: 'start-up', amountCents, paidOn: '2014-03-01', ...WHY })
  expect((await pay(16_570_526)).json).toMatchObject({ code: 'PROGRAMME_PAYMENT' })
  expect((await pay(16_570_525)).json).toMatchObject({ paidCents: { 'start-up': 16_570_525 } })
  expect((await post(`${one}/state`, { to: 'started', ...WHY })).json).toMatchObject({ state: 'started' })
  const value = { target: 'dossier', numerator: 9, denominator: 10 }
  expect((await post(`${one}/targets`, { ...value, ...WHY })).status).toBe(200)
  expect((await post(`${one}/state`, { to: 'target-met', ...WHY })).status).toBe(200)
  expect((await post(`${one}/state`, { to: 'checked', ...WHY })).json).toMatchObject({ code: 'PROGRAMME_SECOND' })
  expect((await post(`${one}/state`, { to: 'checked', ...WHY }, OTHER)).json).toMatchObject({ state: 'checked' })
  expect((await call(`${AT}/${one}`, { key: OFFICER })).json).toMatchObject({
    ...{ currency: 'EUR', partsCents: { 'start-up': 16_570_525, use: 66_282_101 } },
    targets: [{ target: 'dossier', numerator: 9, by: 'declared', met: true }],
    moves: [{ to: 'settled', second: false, missing: ['all-paid'] }],
  })
  expect((await call(`${AT}/hopen/enrolments/${made.id}`, { key: OFFICER })).status).toBe(404)
  expect((await call(`${AT}/hopital-numerique/totals`, { key: OFFICER })).json).toEqual({
    ...{ currency: 'EUR', programme: 'hopital-numerique' },
    territories: [{ department: '53', enrolments: 1, engaged: 82_852_626, paid: 16_570_525 }],
  })
  const csv = await call(`${AT}/hopital-numerique/enrolments.csv?state=checked`, { key: OFFICER })
  expect([csv.headers.get('content-type'), csv.text.split('\r\n')[1]]).toEqual([
    'text/csv; charset=utf-8',
    `hopital-numerique;${HOSPITAL};CH de Test (fictif);hospital;53;;;;dossier;;;checked;828526,26;;165705,25;;;1;0;;`,
  ])
  const bad = await post('hopital-numerique/enrolments/import', {
    csv: `finess;domains\r\n${HOSPITAL};dossier`,
    ...WHY,
  })
  expect([
    bad.json.code,
    bad.json.problems.map(({ line, fault }: { line: number; fault: string }) => [line, fault]),
  ]).toEqual([
    ...[
      'PROGRAMME_FILE',
      [
        [2, 'enrolled'],
        [2, 'name'],
        [2, 'kind-not-eligible'],
      ],
    ],
  ])
  const file = `finess;name;kind;domains\r\n${SECOND};CH B (fictif);hospital;agenda`
  const whole = { csv: file, dryRun: true, ...WHY }
  expect((await post('hopital-numerique/enrolments/import', whole)).json).toEqual({ created: 1, dryRun: true })
  expect((await post('hopital-numerique/enrolments/import', { ...whole, dryRun: false })).json).toMatchObject({
    created: 1,
  })
  const list = (await call(AT, { key: OFFICER })).json
  expect(list.programmes.map(({ id, sums }: { id: string; sums: object }) => [id, sums])).toContainEqual([
    ...['hopital-numerique', { enrolments: 2, engaged: 82_852_626, paid: 16_570_525 }],
  ])
})

test('who may see and change programmes is what the table says, in every role', async () => {
  const { call } = await door()
  for (const role of ROLES) {
    const key = `demo-${role}`
    const read = await call(AT, { key })
    const change = await call(`${AT}/hopen/enrolments`, { key, body: {} })
    const [sees, acts] = [MAY[role]['programmes:read'], MAY[role]['programmes:change']]
    expect([role, read.status, change.status]).toEqual([
      ...[role, sees === undefined ? 403 : 200, acts === undefined ? 403 : 400],
    ])
  }
})

test('the pages: the list with its picture, one programme with its filters, an enrolment moved on, refusals in words', async () => {
  const { page } = await door({ filled: true })
  const words: string[] = []
  const see = async (...ask: Parameters<typeof page>): Promise<Shown> => {
    const shown = await page(...ask)
    if (shown.status < 400) words.push(...(FORBIDDEN.exec(shown.seen) ?? []))
    return shown
  }
  const list = await see('/conformite/programmes')
  expect(list.text).toMatch(/<svg[^>]*role="img"[^>]*><desc[^>]*>Engagé dans la région/)
  expect(list.seen).toMatch(
    /Programme Hôpital numérique du 1 janv. 2012 au 31 déc. 2017 400 000 000,00 € nationale à confirmer 11 /,
  )
  // The region of this test has no FINESS numbers: neither the published grant nor homes of the demo are there.
  expect(list.seen).toContain('Établissements soutenus : 63')
  expect(list.seen).toMatch(/e-parcours à confirmer .* 150 000 000,00 € nationale à confirmer/)
  const hn = await see('/conformite/programmes/hopital-numerique')
  for (const told of [
    'Amorçage 20 %, Usage 80 %',
    'Domaines par établissement : 1 au plus à confirmer',
    'Exceptions nommées',
    'Seuil',
    'Par département',
    'Ensemble',
  ])
    expect(hn.seen).toContain(told)
  const settled = await see('/conformite/programmes/hopital-numerique?etat=settled&departement=49&type=hospital')
  expect(settled.seen).toMatch(/Établissements \(\d+\) .*CH de \S+ \(fictif\) inventé Soldé 49 Hôpital/)
  expect((await see('/conformite/programmes/hopital-numerique?departement=2A')).seen).toContain(
    'Aucun établissement ne répond',
  )
  expect((await see('/conformite/programmes/esms-numerique')).seen).toMatch(
    /Guichets .*Appel à projets régional \(ARS\) de 15 à 49 établissements par organisme gestionnaire du 14 mars 2022 au 30 sept. 2022/,
  )
  expect((await page('/conformite/programmes/rien')).status).toBe(404)

  const form = { finess: HOSPITAL, name: '<b>CH</b> (fictif)', kind: 'hospital', domains: 'dossier', reason: 'arrêté' }
  const at = '/conformite/programmes/hopital-numerique/dossiers'
  const refused = await see(at, { ...form, finess: WRONG_KEY, amount: 'x' })
  expect(refused.seen).toMatch(/L’établissement n’est pas inscrit : La clé du FINESS est fausse\. Un montant en euros/)
  expect(refused.text).toContain('value="&lt;b&gt;CH&lt;/b&gt; (fictif)"')
  const { to } = await see(at, form)
  expect(to).toMatch(/^\/conformite\/programmes\/hopital-numerique\/dossiers\/[0-9a-f-]{36}$/)
  const one = to ?? ''
  expect((await see(one)).seen).toMatch(/Étape suivante Instruire la candidature.*Il manque : le montant du soutien/)
  expect((await see(`${one}/etat`, { to: 'selected', reason: 'x' })).seen).toContain(
    'Il manque : le montant du soutien.',
  )
  expect((await see(`${one}/montant`, { amount: '828 526,26', reason: '' })).seen).toContain('Dites pourquoi')
  expect((await see(`${one}/montant`, { amount: '828 526,26', reason: 'arrêté' })).to).toBe(one)
  expect((await see(`${one}/etat`, { to: 'selected', reason: 'commission' })).to).toBe(one)
  const paid = { part: 'start-up', paid: '165 705,26', paidOn: '2014-03-01', reason: 'mandat' }
  expect((await see(`${one}/versements`, paid)).seen).toContain('Versez au plus ce qui reste de la part')
  expect((await see(`${one}/versements`, { ...paid, paid: '165 705,25' })).to).toBe(one)
  expect(
    (await see(`${one}/cibles`, { target: 'dossier', numerator: '9', denominator: '8', reason: 'x' })).seen,
  ).toContain('deux nombres entiers')
  const shown = await see(one)
  expect(shown.seen).toMatch(
    /Amorçage 20 % 165 705,25 € 165 705,25 € 0,00 € Usage 80 % 662 821,01 € 0,00 € 662 821,01 €/,
  )
  expect(shown.seen).toMatch(/Prérequis atteints avant l’amorçage Non mesuré .* hopital-numerique@2012/)
  expect(shown.seen).toMatch(
    /Historique .* Inscription : Candidat demo-programme-officer arrêté .* Candidat → Retenu demo-programme-officer commission/,
  )
  expect(shown.text).not.toContain('<b>CH')

  const file = (csv: string): FormData => {
    const data = new FormData()
    data.set('file', new Blob([csv]), 'x.csv')
    data.set('reason', 'reprise')
    data.set('act', 'do')
    return data
  }
  const lines = await see('/conformite/programmes/hopital-numerique/import', file('finess;domains\r\n1;dossier\r\n;x'))
  expect(lines.seen).toMatch(/Lignes refusées Ligne Colonne Problème 2 FINESS Ce n’est pas un FINESS .* 3 FINESS/)
  const done = await see(
    '/conformite/programmes/hopital-numerique/import',
    file(`finess;name;kind;domains\r\n${SECOND};CH B (fictif);hospital;agenda`),
  )
  expect(done.seen).toContain('Dossiers importés : 1.')
  const reader = await see('/conformite/programmes/hopital-numerique', undefined, 'demo-conformity-officer')
  expect([reader.status, reader.text.includes('/import"'), reader.text.includes('/dossiers"')]).toEqual([
    200,
    false,
    false,
  ])
  expect(words).toEqual([])
})

test('each act of programmes has its sentence in both languages', () => {
  const acts = KNOWN_ACTS.filter((one) => one.endsWith('-programme'))
  expect(acts.sort()).toEqual(['declare', 'enrol', 'grant', 'import', 'move', 'pay'].map((act) => `${act}-programme`))
  const fact = {
    atMs: 0,
    who: 'odile',
    why: null,
    code: null,
    message: null,
    delivery: null,
    detail: 'ch-laval/hopen selected started',
  }
  for (const what of acts) {
    const [fr, en] = (['fr', 'en'] as const).map((language) => actText({ ...fact, what } as never, language))
    expect([fr, en].every((text) => text?.includes('(ch-laval/hopen selected started)'))).toBe(true)
    expect(fr).not.toBe(en)
  }
})
