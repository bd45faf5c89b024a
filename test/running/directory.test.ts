import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { Io } from '../../src/app/cli/command.ts'
import { runCli } from '../../src/app/cli/run.ts'
import { sha256 } from '../console/region.ts'
import { extraction, person, service } from '../support/directory.ts'
import { mailOf } from '../support/mail-operator.ts'
import { zip } from '../support/zip.ts'
import { makeWorld, type World } from './gateway.ts'

const ANNE = 'anne.martin@med.mssante.test'
const LEA = 'lea.lebrun@med.mssante.test'
const NEPHRO = 'nephrologie@ch-exemple.mssante.test'
const OURS = 'urgences@a.mssante.test'
const RED = 'astreinte@a.mssante.test'
const NAME = 'Extraction_Correspondance_MSSante_202611260300.zip'
const LINES = [
  person(ANNE),
  person('anne.martin@ch.mssante.test', { 'Identification Structure': '530000017', Dématérialisation: '' }),
  person(LEA, {
    ...{ "Nom d'exercice": 'LEBRUN', "Prénom d'exercice": 'Léa', 'Identification nationale PP': '810001234573' },
    ...{ 'Type identifiant structure': '', 'Identification Structure': '', 'Raison Sociale structure BAL': '' },
  }),
  service(NEPHRO),
]
const ZIP = zip([{ name: 'Extraction_Correspondance_MSSante_202611260300.txt', data: extraction(LINES) }])

/** A gateway with two mailboxes of its own, one of them on the red list, and people of several roles. */
async function opened(): Promise<World> {
  const world = makeWorld()
  const one = (role: string, more: object = {}) => ({ name: role, role, keySha256: sha256(`k-${role}`), ...more })
  const establishment = (id: string, facilities: string[]) => ({
    ...{ id, name: `${id} (fictif)`, kind: 'hospital', finess: { eg: facilities } },
    senders: { facilities: [id], keys: [{ keySha256: sha256(`k-${id}`) }] },
  })
  world.write(
    {},
    {
      establishments: [establishment('ch-a', ['530000017']), establishment('ch-b', [])],
      routes: [],
      operators: [
        { name: 'ada', role: 'admin', keySha256: sha256('demo-admin') },
        ...[one('operator'), one('support'), one('establishment-it', { establishments: ['ch-b'] })],
        ...[one('expert', { establishments: ['ch-a'] }), one('secretariat', { establishments: ['ch-b'] })],
      ],
      mail: mailOf(world.dir, { 'a.mssante.test': 'ch-a' }),
    },
  )
  await world.start()
  const box = (address: string, redList: boolean) =>
    world.call('/api/mail/mailboxes', { reason: 'demande 12', address, kind: 'ORG', name: 'Urgences adultes', redList })
  expect([(await box(OURS, false)).status, (await box(RED, true)).status]).toEqual([200, 200])
  return world
}

async function asked(world: World, key: string, path: string, body?: object | Buffer) {
  const isBytes = Buffer.isBuffer(body)
  const response = await fetch(world.url() + path, {
    method: body === undefined ? 'GET' : 'POST',
    headers: {
      authorization: `Bearer ${key}`,
      'accept-language': 'fr',
      ...(body === undefined ? {} : { 'content-type': isBytes ? 'application/octet-stream' : 'application/json' }),
    },
    ...(body === undefined ? {} : { body: isBytes ? new Uint8Array(body) : JSON.stringify(body) }),
  })
  const text = await response.text()
  const isJson = response.headers.get('content-type')?.includes('json')
  return { status: response.status, text, json: isJson ? JSON.parse(text) : null }
}

/** Waits until no import runs. */
async function settled(world: World) {
  for (;;) {
    const { json } = await world.call('/api/mail/directory/state')
    if (json['running'] === null) return json
  }
}

async function imported(world: World, bytes = ZIP): Promise<Record<string, unknown>> {
  const begun = await asked(world, 'demo-admin', `/api/mail/directory/import?name=${NAME}`, bytes)
  expect(begun.status).toBe(200)
  return settled(world)
}

const listed = ({ json }: { json: { mailboxes: { address: string }[] } }): string[] =>
  json.mailboxes.map(({ address }) => address)

test('the directory over the API: an import, searches, completion, and who may what', async () => {
  const world = await opened()
  const at = '/api/mail/directory'
  expect(listed(await asked(world, 'k-expert', `${at}?q=urgences`))).toEqual([OURS])
  const state = await imported(world)
  expect(state['current']).toMatchObject({ rows: 4, bad: 0, generatedAt: '2026-11-26T02:00:00.000Z', who: 'ada' })

  const found = async (key: string, query: string) => listed(await asked(world, key, `${at}?${query}`))
  expect(await found('k-expert', 'q=martin&town=laval')).toEqual([ANNE, 'anne.martin@ch.mssante.test'])
  expect(await found('k-secretariat', 'rpps=10001234573')).toEqual([LEA])
  expect(await found('k-ch-b', `finess=530000371`)).toEqual([ANNE, NEPHRO])
  expect(await found('k-operator', 'speciality=cardiologie&limit=1')).toEqual([ANNE])
  expect(await found('k-expert', `address=${encodeURIComponent('phro')}`)).toEqual([NEPHRO])
  const completed = await asked(world, 'k-expert', `${at}/complete`, { words: 'anne mart' })
  expect(completed.json).toEqual({
    addresses: [
      { address: ANNE, name: 'DR Anne MARTIN, CENTRE HOSPITALIER EXEMPLE' },
      { address: 'anne.martin@ch.mssante.test', name: 'DR Anne MARTIN, CENTRE HOSPITALIER EXEMPLE' },
    ],
  })

  // The red list: whoever may see the mailbox finds it, and nobody else.
  expect(await found('demo-admin', 'q=adultes')).toEqual([RED, OURS])
  for (const key of ['k-expert', 'k-secretariat', 'k-establishment-it', 'k-ch-a', 'k-ch-b']) {
    expect([key, await found(key, 'q=adultes')]).toEqual([key, [OURS]])
  }
  // Not even they while they type whom to write to.
  const typed = await asked(world, 'demo-admin', `${at}/complete`, { words: 'adultes' })
  expect(typed.json.addresses).toEqual([{ address: OURS, name: 'Urgences adultes' }])
  const feed = await asked(world, 'demo-admin', `${at}/feed`)
  expect(feed.text.split('\r\n').map((line) => line.split(';')[2])).toEqual(['address', RED, OURS, undefined])

  const refusals: [string, string, (object | Buffer)?][] = [
    ['k-support', `${at}?q=martin`],
    ['k-support', `${at}/state`],
    ['k-expert', `${at}/import?name=x.txt`, ZIP],
    ['k-operator', `${at}/import?name=x.txt`, ZIP],
    ['k-ch-a', `${at}/import?name=x.txt`, ZIP],
    ['k-operator', `${at}/feed`],
    ['k-ch-a', `${at}/feed`],
  ]
  for (const [key, path, body] of refusals) {
    expect([key, path, (await asked(world, key, path, body)).status]).toEqual([key, path, 403])
  }
  expect((await asked(world, 'demo-admin', `${at}/import?name=..%2Fx`, ZIP)).status).toBe(400)
  expect((await asked(world, 'demo-admin', `${at}/import?name=x.txt`, { a: 1 })).status).toBe(415)

  const page = await asked(world, 'k-expert', '/messagerie/annuaire?q=n%C3%A9phrologie')
  expect(page.text).toContain(NEPHRO)
  expect(page.text).toMatch(/Établi le.*26 nov\. 2026/s)
  // Whoever only searches is led to nothing else.
  expect(page.text).not.toContain('/messagerie/liste-blanche')
  expect((await asked(world, 'demo-admin', '/messagerie/annuaire?q=adultes')).text).toContain('liste rouge')
  expect((await asked(world, 'k-expert', '/messagerie/annuaire?kind=PER')).text).not.toContain(ANNE)
  expect((await asked(world, 'k-support', '/messagerie/annuaire')).status).toBe(403)

  const none = await imported(world, Buffer.from('Nom|Prénom\nx|y\n'))
  expect(none['last']).toMatchObject([{ state: 'failed', problems: [{}, {}] }, { state: 'current' }])
  expect((await asked(world, 'demo-admin', '/messagerie/annuaire')).text).toContain('Adresse BAL')
  expect(await found('k-expert', 'q=martin')).toHaveLength(2)
})

test('holders of mailboxes by FHIR, for whoever may use the door', async () => {
  const world = await opened()
  await imported(world)
  const get = (path: string, key = 'k-ch-b') => asked(world, key, `/fhir/${path}`)
  const ids = async (path: string): Promise<[number, string[]]> => {
    const { status, json } = await get(path)
    if (status !== 200) return [status, [json.issue[0].details.coding?.[0]?.code ?? '']]
    return [json.total, (json.entry ?? []).map(({ resource }: { resource: { id: string } }) => resource.id)]
  }
  const P = 'dir-p-810001234565'
  const L = 'dir-p-810001234573'
  const S = 'dir-s-1530000371'
  const ROLES = ['dir-r-810001234565-1530000017', 'dir-r-810001234565-1530000371']

  for (const [path, found] of [
    [`Practitioner?mailbox-mss=anne.martin`, [P]],
    [`Practitioner?mailbox-mss:exact=${ANNE}`, [P]],
    ['Practitioner?mailbox-mss:exact=anne.martin', []],
    ['Practitioner?mailbox-mss:contains=martin@med', [P]],
    ['Practitioner?mailbox-mss:contains=phrolog', []],
    ['Organization?mailbox-mss:contains=phrolog', [S]],
    ['Practitioner?identifier=https://rpps.esante.gouv.fr|10001234565', [P]],
    ['Practitioner?identifier=urn:oid:1.2.250.1.71.4.2.1|810001234573,10001234565', [P, L]],
    ['Practitioner?name=mar', [P]],
    ['Practitioner?family=lebrun&given=lea', [L]],
    ['Practitioner?family=lea', []],
    [`Practitioner?_id=${L}`, [L]],
    ['Practitioner?name=martin&_lastUpdated=lt2026-01-01', []],
    ['PractitionerRole?specialty=SM04', ROLES],
    [`PractitionerRole?practitioner=Practitioner/${P}&mailbox-mss:contains=@ch.`, [ROLES[0]!]],
    ['PractitionerRole?organization:identifier=530000371', [ROLES[1]!]],
    ['Organization?identifier=530000371', [S]],
    ['Organization?name=centre hosp&address-city=Laval', [S]],
    ['Organization?mailbox-mss-type=APP&name=centre', []],
    // Nothing of a holder is said: the directory is not given away.
    ['Practitioner', []],
    ['Practitioner?_lastUpdated=ge2020-01-01', []],
    // On the red list.
    [`Organization?mailbox-mss:exact=${RED}`, []],
    [`Organization?mailbox-mss:exact=${OURS}`, ['dir-s-1530000017']],
  ] as const) {
    expect([path, await ids(path)]).toEqual([path, [found.length, [...found]]])
  }
  expect(
    (await get('Practitioner?name=martin,lebrun&_count=1')).json.link.map(
      ({ relation }: { relation: string }) => relation,
    ),
  ).toEqual(['self', 'next'])
  expect((await get('Practitioner?mailbox-mss:contains=ab')).status).toBe(400)
  expect((await get('Practitioner?mailbox-mss:below=ab')).status).toBe(400)
  expect((await get('Patient?mailbox-mss=ab')).status).toBe(400)

  const { json: anne } = await get(`Practitioner/${P}`)
  expect(anne).toMatchObject({
    resourceType: 'Practitioner',
    id: P,
    name: [{ family: 'MARTIN', given: ['Anne'], prefix: ['DR'] }],
  })
  expect(anne.identifier.map(({ value }: { value: string }) => value)).toEqual(['10001234565', '810001234565'])
  expect(anne.telecom.map(({ value }: { value: string }) => value)).toEqual([ANNE, 'anne.martin@ch.mssante.test'])
  expect(anne.telecom[0]).toEqual({
    extension: [
      {
        url: 'https://hl7.fr/ig/fhir/core/StructureDefinition/fr-core-contact-point-email-type',
        valueCoding: {
          system: 'https://mos.esante.gouv.fr/NOS/TRE_R256-TypeMessagerie/FHIR/TRE-R256-TypeMessagerie',
          code: 'MSSANTE',
        },
      },
      {
        url: 'https://interop.esante.gouv.fr/ig/fhir/annuaire/StructureDefinition/as-ext-mailbox-mss-metadata',
        extension: [
          {
            url: 'type',
            valueCodeableConcept: {
              coding: [
                { system: 'https://mos.esante.gouv.fr/NOS/TRE_R257-TypeBAL/FHIR/TRE-R257-TypeBAL', code: 'PER' },
              ],
            },
          },
          { url: 'digitization', valueBoolean: true },
          { url: 'listeRouge', valueBoolean: false },
        ],
      },
    ],
    system: 'email',
    value: ANNE,
  })
  const { json: role } = await get(`PractitionerRole/${ROLES[1]}`)
  expect(role).toMatchObject({
    practitioner: { reference: `Practitioner/${P}` },
    organization: { identifier: { value: '530000371' }, display: 'CENTRE HOSPITALIER EXEMPLE' },
    specialty: [{ coding: [{ code: 'SM04' }] }],
    telecom: [{ value: ANNE }],
  })
  expect((await get(`Practitioner/${P}/_history/${anne.meta.versionId}`)).status).toBe(200)
  expect((await get(`Practitioner/${P}/_history/9`)).status).toBe(404)
  expect((await get('Practitioner/dir-p-8999')).status).toBe(404)
  const { json: statement } = await get('metadata')
  const described = statement.rest[0].resource.find(({ type }: { type: string }) => type === 'Organization')
  expect(described.searchParam.map(({ name }: { name: string }) => name)).toContain('mailbox-mss')
})

test('the directory on the command line: into a gateway that runs, and into a store that nobody holds', async () => {
  const world = await opened()
  const dir = mkdtempSync(join(tmpdir(), 'passerelle-directory-'))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  const file = join(dir, NAME)
  writeFileSync(file, ZIP)
  const cli = async (...words: string[]) => {
    let [out, err] = ['', '']
    const io: Io = { out: (text) => void (out += text), err: (text) => void (err += text), terminal: false }
    const env = { PASSERELLE_KEY: 'demo-admin', PASSERELLE_STORE: `file:${join(world.dir, 'store')}`, LANG: 'en' }
    const code = await runCli(words, env, io)
    return { code, out, err }
  }
  const there = ['--url', world.url()]
  expect(await cli('directory', 'import', file, ...there)).toMatchObject({
    code: 0,
    out: '4 mailboxes in use, 0 repeated lines, 0 lines left out\n',
  })
  const { out } = await cli('directory', 'search', 'anne', 'martin', ...there)
  expect(out.split('\n').map((line) => line.split(' ')[0])).toEqual([ANNE, 'anne.martin@ch.mssante.test', ''])
  expect((await cli('directory', 'feed', ...there)).out).toContain(OURS)
  expect((await cli('directory', 'feed', '--since', '2100-01-01T00:00:00Z', ...there)).out).not.toContain(OURS)
  writeFileSync(file, readFileSync(file).subarray(0, 100))
  expect(await cli('directory', 'import', file, ...there)).toMatchObject({
    code: 1,
    err: expect.stringMatching(/^DIRECTORY_FILE: /),
  })
  expect((await cli('directory', 'search')).code).toBe(2)

  await world.gateway.stop()
  writeFileSync(file, zip([{ name: 'x.txt', data: extraction([...LINES, 'PER|']) }]))
  const alone = await cli('directory', 'import', file)
  expect(alone).toMatchObject({ code: 0, out: '4 mailboxes in use, 0 repeated lines, 1 lines left out\n' })
  expect(alone.err).toContain('line 6: DIRECTORY_LINE')
})
