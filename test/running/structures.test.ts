import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { Io } from '../../src/app/cli/command.ts'
import { runCli } from '../../src/app/cli/run.ts'
import { sha256 } from '../console/region.ts'
import { entity, FIRST, finess, located, place } from '../support/structures.ts'
import { until } from '../support/world/until.ts'
import { zip } from '../support/zip.ts'
import { makeWorld, type World } from './gateway.ts'

const [EJ_A, EJ_B] = [finess('53', 1), finess('44', 1)]
const [EG_A, EG_B, EG_C] = [finess('53', 2), finess('53', 3), finess('44', 2)]
const NAME = 'etalab-cs1100507-stock-20261103-0338.zip'
const PLACES = [
  FIRST,
  place(EG_A, EJ_A, 'CENTRE HOSPITALIER EXEMPLE', { categetab: '355', libcategetab: 'Centre Hospitalier' }),
  place(EG_B, EJ_A, 'EHPAD <DE LA MÉTAIRIE>'),
  place(EG_C, EJ_B, 'FOYER DU PORT', { departement: '44', ligneacheminement: '44000 NANTES', categetab: '252' }),
  located(EG_A, '648952.58', '6977867.25'),
  'autre;x',
]
const ENTITIES = [entity(EJ_A, 'CH EXEMPLE'), entity(EJ_B, 'ASSOCIATION DU PORT', { departement: '44' })]
const text = (lines: readonly string[]) => Buffer.from(`${lines.join('\r\n')}\r\n`, 'latin1')
/** Words of the spine that nobody is shown in French. */
const FORBIDDEN = /\b(gateway|undefined|null|NaN|nursing-home|disability-home|take-|import-)\b/

/** A gateway with two establishments, and people of several roles. */
async function opened(): Promise<World> {
  const world = makeWorld()
  const one = (role: string, more: object = {}) => ({ name: role, role, keySha256: sha256(`k-${role}`), ...more })
  const establishment = (id: string, numbers: object) => ({
    ...{ id, name: `${id} (fictif)`, kind: 'hospital', finess: numbers },
    senders: { facilities: [id], keys: [{ keySha256: sha256(`k-${id}`) }] },
  })
  world.write(
    {},
    {
      establishments: [establishment('ch-a', { ej: EJ_A }), establishment('foyer-c', { eg: [EG_C] })],
      routes: [],
      operators: [
        { name: 'ada', role: 'admin', keySha256: sha256('demo-admin') },
        ...[one('conformity-officer'), one('support'), one('establishment-it', { establishments: ['ch-a'] })],
        one('expert', { establishments: ['ch-a'] }),
      ],
    },
  )
  await world.start()
  return world
}

async function asked(world: World, key: string, path: string, body?: object | Buffer | URLSearchParams) {
  const type = Buffer.isBuffer(body)
    ? 'application/octet-stream'
    : body instanceof URLSearchParams
      ? 'application/x-www-form-urlencoded'
      : 'application/json'
  const sent = Buffer.isBuffer(body)
    ? new Uint8Array(body)
    : body instanceof URLSearchParams
      ? body.toString()
      : JSON.stringify(body)
  const response = await fetch(world.url() + path, {
    method: body === undefined ? 'GET' : 'POST',
    redirect: 'manual',
    headers: {
      ...{ authorization: `Bearer ${key}`, 'accept-language': 'fr' },
      ...(body === undefined ? {} : { 'content-type': type }),
    },
    ...(body === undefined ? {} : { body: sent }),
  })
  const content = await response.text()
  const isJson = response.headers.get('content-type')?.includes('json')
  return {
    status: response.status,
    text: content,
    json: isJson ? JSON.parse(content) : null,
    to: response.headers.get('location'),
  }
}

/** Imports and waits until no import runs. */
async function imported(world: World, bytes: Buffer, name = NAME) {
  const begun = await asked(world, 'k-conformity-officer', `/api/structures/import?name=${name}`, bytes)
  expect(begun.status).toBe(200)
  for (;;) {
    const { json } = await asked(world, 'demo-admin', '/api/structures/state')
    if (json.running === null) return json
  }
}

test('the register through the doors: import, search, what the region knows, pages, FHIR, and who may what', async () => {
  const world = await opened()
  const at = '/api/structures'
  const state = await imported(world, zip([{ name: 'x.csv', data: text([...PLACES, ...ENTITIES]) }]))
  expect(state.current).toMatchObject({
    ...{ rows: 5, bad: 1, generatedAt: '2026-11-03T00:00:00.000Z', who: 'conformity-officer' },
    badLines: [{ line: 6, code: 'STRUCTURE_LINE' }],
  })
  const found = async (query: string, key = 'k-support'): Promise<string[]> => {
    const { json } = await asked(world, key, `${at}?${query}`)
    return json.structures.map(({ finess: number }: { finess: string }) => number)
  }
  expect(await found('q=metairie')).toEqual([EG_B])
  expect(await found('declared=true&level=eg')).toEqual([EG_A, EG_B, EG_C])
  expect(await found('kind=hospital', 'k-ch-a')).toEqual([EG_A])

  const contact = { reason: 'annuaire', role: 'it', name: 'DSI', phone: '01 99 00 12 34' }
  const it = 'k-establishment-it'
  const added = await asked(world, it, `${at}/${EJ_A}/contacts`, contact)
  expect(added.json.contacts).toMatchObject([{ name: 'DSI', phone: '0199001234' }])
  const software = await asked(world, it, `${at}/${EG_A}/software`, { reason: 'parc', product: 'DPI', version: '4' })
  expect(software.json.software).toMatchObject([{ product: 'DPI', version: '4', since: null }])
  const officer = 'k-conformity-officer'
  await asked(world, officer, `${at}/${EJ_A}/belonging`, { reason: 'ARS', ght: 'GHT de la Mayenne' })
  expect(await found(`ght=${encodeURIComponent('GHT de la Mayenne')}`)).toEqual([EG_A, EG_B, EJ_A])
  const wrong = await asked(world, it, `${at}/${EJ_A}/contacts`, { ...contact, phone: 'x' })
  expect([wrong.status, wrong.json.code, wrong.json.problems]).toEqual([
    ...[422, 'STRUCTURE_FIELD', [{ field: 'phone', code: 'STRUCTURE_FIELD' }]],
  ])
  const facts = await asked(world, it, `${at}/facts`, { reason: 'parc', csv: `finess;product\n${EG_B};GAM\n` })
  expect(facts.json).toEqual({ taken: 1, dryRun: false, problems: [] })

  const refusals: [key: string, path: string, status: number, body?: object | Buffer][] = [
    ['k-expert', at, 403],
    ['k-support', `${at}/import?name=x.csv`, 403, text(PLACES)],
    [it, `${at}/import?name=x.csv`, 403, text(PLACES)],
    ['k-ch-a', `${at}/import?name=x.csv`, 403, text(PLACES)],
    ['k-support', `${at}/${EJ_A}/contacts`, 403, contact],
    [it, `${at}/${EG_C}/contacts`, 403, contact],
    [officer, `${at}/${finess('53', 9)}/contacts`, 404, contact],
    [officer, `${at}/${EJ_A}/contacts/none/remove`, 404, { reason: 'x' }],
    ['k-support', `${at}/${finess('53', 9)}`, 404],
    [officer, `${at}/import?name=x.csv`, 415, { a: 1 }],
    [officer, `${at}/import?name=..%2Fx`, 400, text(PLACES)],
  ]
  for (const [key, path, status, body] of refusals) {
    expect([key, path, (await asked(world, key, path, body)).status]).toEqual([key, path, status])
  }
  const file = await asked(world, 'k-support', '/api/structures.csv?department=44')
  expect(file.text.split('\r\n').map((line) => line.split(';')[0])).toEqual(['finess', EG_C, EJ_B, ''])

  await pages(world)
  await fhir(world)
  // What was done stands in the audit a moment later: it is written behind the answer.
  const acts = ['import-structures', 'take-structures', 'add-contact', 'declare-software', 'place-structure']
  const audit = await until('the acts stand in the audit', async () => {
    const said = await asked(world, 'demo-admin', '/api/audit?limit=200')
    return acts.every((what) => said.text.includes(what)) && said
  })
  expect(audit.text).not.toContain('0199001234')
})

async function pages(world: World): Promise<void> {
  const page = async (path: string, key = 'k-establishment-it') => {
    const { status, text: whole } = await asked(world, key, path)
    const main = whole.slice(whole.indexOf('<main'), whole.indexOf('</main>'))
    return { status, main, seen: main.replaceAll(/<[^>]*>/g, ' ') }
  }
  for (const path of [
    '/etablissements',
    `/etablissements/${EG_A}`,
    `/etablissements/${EJ_A}`,
    '/etablissements/import',
  ]) {
    const { status, seen } = await page(path)
    expect([path, status, FORBIDDEN.exec(seen)?.[0] ?? null]).toEqual([path, 200, null])
  }
  const list = await page('/etablissements?q=metairie&declared=true')
  expect(list.main).toContain('EHPAD &lt;DE LA MÉTAIRIE&gt;')
  expect(list.main).not.toContain('FOYER DU PORT')
  const own = await page(`/etablissements/${EG_A}`)
  expect(own.main).toMatch(/DSI.*01 99 00 12 34.*DPI.*EHPAD/s)
  expect(own.main).toContain('href="/conformite/etablissements/ch-a"')
  // Another's is read, and not changed.
  expect((await page(`/etablissements/${EG_C}`)).main).not.toContain('<form method="post"')
  expect((await page('/etablissements/import')).main).not.toContain('data-structures')
  expect((await page('/etablissements/import', 'k-conformity-officer')).main).toContain('data-structures')
  expect((await page('/conformite/etablissements/ch-a')).main).toMatch(/Qui appeler.*DSI/s)

  const send = (path: string, fields: Record<string, string>) =>
    asked(world, 'k-establishment-it', path, new URLSearchParams(fields))
  const refused = await send(`/etablissements/${EG_B}/contacts`, {
    role: 'security',
    name: 'RSSI',
    phone: '?',
    reason: 'x',
  })
  expect([refused.status, refused.text]).toEqual([200, expect.stringContaining('À corriger : Téléphone')])
  const done = await send(`/etablissements/${EG_B}/contacts`, {
    role: 'security',
    name: 'RSSI',
    mail: 'r@a.test',
    reason: 'x',
  })
  expect([done.status, done.to]).toEqual([303, `/etablissements/${EG_B}`])
  const action = /action="([^"]*\/contacts\/[^"]*\/retirer)"/.exec((await page(`/etablissements/${EG_B}`)).main)?.[1]
  expect((await send(action ?? '', {})).text).toContain('RSSI')
  expect((await send(action ?? '', { reason: 'parti' })).status).toBe(303)
  expect((await page(`/etablissements/${EG_B}`)).main).not.toContain('r@a.test')
}

async function fhir(world: World): Promise<void> {
  const get = (path: string, body?: object) => asked(world, 'k-foyer-c', `/fhir/${path}`, body)
  const ids = async (path: string): Promise<string[]> => {
    const { json } = await get(path)
    return (json.entry ?? []).map(({ resource }: { resource: { id: string } }) => resource.id)
  }
  const id = (number: string) => `fin-${number}`
  for (const [path, expected] of [
    [`Organization?identifier=https://finess.esante.gouv.fr|${EG_A}`, [EG_A]],
    [`Organization?identifier=1${EG_A},${EJ_B}`, [EJ_B, EG_A]],
    ['Organization?name=metairie', [EG_B]],
    ['Organization?name=exemple&address-city=laval', [EJ_A, EG_A]],
    [`Organization?partof=Organization/fin-${EJ_A}&_count=5`, [EG_A, EG_B]],
    [`Organization?partof:identifier=${EJ_A}&name=ehpad`, [EG_B]],
    [`Organization?_id=fin-${EG_C}`, [EG_C]],
    ['Organization?name=metairie&_lastUpdated=lt2001-01-01', []],
    ['Organization?_lastUpdated=ge2001-01-01', []],
    ['Organization', []],
  ] as const) {
    expect([path, await ids(path)]).toEqual([path, expected.map(id)])
  }
  const { json: one } = await get(`Organization/${id(EG_A)}`)
  expect(one).toMatchObject({
    ...{ resourceType: 'Organization', active: true, name: 'CENTRE HOSPITALIER EXEMPLE' },
    identifier: [{ value: EG_A }, { value: `1${EG_A}` }, { value: '12345678900011' }],
    partOf: { reference: `Organization/fin-${EJ_A}`, display: 'CH EXEMPLE' },
    address: [{ line: ['3 R DE L EXEMPLE'], city: 'LAVAL', postalCode: '53000', district: '53' }],
    telecom: [{ system: 'phone', value: '0199001234' }],
  })
  for (const number of [EG_A, EJ_A, EG_C]) {
    const { json: resource } = await get(`Organization/${id(number)}`)
    const { status, json } = await get('Organization/$validate', resource)
    // Nothing but that it has no text for people (dom-6, a best practice).
    const issues = json.issue as { severity: string; diagnostics?: string }[]
    const told = issues.filter((one) => one.severity !== 'information' && !one.diagnostics?.startsWith('dom-6'))
    expect([number, status, told]).toEqual([number, 200, []])
  }
  expect((await get(`Organization/${id(EG_A)}/_history/${one.meta.versionId}`)).status).toBe(200)
  expect((await get(`Organization/${id(EG_A)}/_history/99`)).status).toBe(404)
  expect((await get(`Organization/${id(finess('53', 9))}`)).status).toBe(404)
}

test('the register on the command line: into a gateway that runs, and into a store that nobody holds', async () => {
  const world = await opened()
  const dir = mkdtempSync(join(tmpdir(), 'passerelle-structures-'))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  const [places, entities] = [join(dir, NAME), join(dir, 'ej.csv')]
  writeFileSync(places, zip([{ name: 'x.csv', data: text(PLACES) }]))
  writeFileSync(entities, text(ENTITIES))
  const cli = async (...words: string[]) => {
    let [out, err] = ['', '']
    const io: Io = { out: (told) => void (out += told), err: (told) => void (err += told), terminal: false }
    const env = { PASSERELLE_KEY: 'demo-admin', PASSERELLE_STORE: `file:${join(world.dir, 'store')}`, LANG: 'en' }
    const code = await runCli(words, env, io)
    return { code, out, err }
  }
  const there = ['--url', world.url()]
  expect(await cli('structures', 'import', places, '--ej', entities, ...there)).toMatchObject({
    ...{ code: 0, out: '3 places and 2 legal entities in use, 0 repeated lines, 1 lines left out, 0 keys to check\n' },
    err: expect.stringContaining('line 6: STRUCTURE_LINE'),
  })
  const wrong = await cli('structures', 'show', '123')
  expect([wrong.code, wrong.err]).toEqual([2, expect.stringMatching(/nine characters|neuf caractères/)])
  const shown = await cli('structures', 'show', EG_A, ...there)
  expect(shown.out).toMatch(
    new RegExp(`${EG_A} EG hospital .*CENTRE HOSPITALIER EXEMPLE.*${EJ_A} CH EXEMPLE.*MÉTAIRIE`, 's'),
  )
  const { out } = await cli('structures', 'search', 'laval', '--kind', 'nursing-home', '--json', ...there)
  expect(
    out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).finess),
  ).toEqual([EG_B])
  writeFileSync(entities, 'a;b\n')
  expect(await cli('structures', 'import', entities, ...there)).toMatchObject({
    ...{ code: 1, err: expect.stringMatching(/^STRUCTURE_FILE: /) },
  })
  expect((await cli('structures', 'search')).code).toBe(2)

  await world.gateway.stop()
  writeFileSync(entities, text([entity(EJ_A, 'CH RENOMMÉ'), entity(EJ_B, 'ASSOCIATION')]))
  expect(await cli('structures', 'import', entities)).toMatchObject({
    ...{ code: 0, out: expect.stringContaining('3 places and 2 legal entities in use') },
  })
})
