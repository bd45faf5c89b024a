import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { machineIds } from '../../src/app/cli/machine.ts'
import { establishmentLookup } from '../../src/app/wiring/establishment-lookup.ts'
import { structureCommands } from '../../src/conformity/structures/commands.ts'
import { beginStructures, type StructureParts, tidyStructures } from '../../src/conformity/structures/import.ts'
import { BATCH, SPAN } from '../../src/conformity/structures/rows.ts'
import { structureViews } from '../../src/conformity/structures/views.ts'
import type { Config } from '../../src/core/config.ts'
import type { ImportFile } from '../../src/core/imports/imported.ts'
import type { Journal } from '../../src/core/journal.ts'
import type {
  StructureAct,
  StructureAsk,
  StructureCommands,
  StructureImport,
  StructureViews,
} from '../../src/core/structures.ts'
import { manualClock } from '../support/peers/clock.ts'
import { openStore } from '../support/stores.ts'
import { entity, FIRST, fileOf, finess, located, PROFILE, place } from '../support/structures.ts'

const [EJ_A, EJ_B] = [finess('53', 1), finess('44', 1)]
const [EG_A, EG_B, EG_C] = [finess('53', 2), finess('53', 3), finess('44', 2)]
const establishment = (id: string, ej: string | null, eg: readonly string[]) =>
  [id, { id, finess: { ej, eg } }] as const
const config = {
  establishments: new Map([establishment('ch-a', EJ_A, []), establishment('ehpad-c', null, [EG_C])]),
} as unknown as Config
const BY = { who: 'ada', why: 'extraction du mois' }
const ALL: StructureAct = { ...BY, reach: null }
const OWN: StructureAct = { ...BY, who: 'it-a', reach: { establishments: ['ch-a'], applications: null } }

let journal: Journal
let end: () => Promise<void>
let views: StructureViews
let commands: Omit<StructureCommands, 'begin'>
const clock = manualClock()
const parts = (): StructureParts => ({ journal, profile: () => PROFILE, clock, breathe: async () => {} })

beforeAll(async () => {
  const store = await openStore()
  journal = store.journal
  end = store.end
  views = structureViews({ journal, config: () => config })
  commands = structureCommands({ journal, views, clock, ids: machineIds })
})
afterAll(() => end())

async function imported(file: ImportFile, stopped = () => false): Promise<StructureImport> {
  const begun = await beginStructures(parts(), file, BY)
  return begun.run(file, stopped)
}
async function found(ask: StructureAsk): Promise<string[]> {
  const { structures } = await views.search(ask, { limit: 50 })
  return structures.map(({ finess: number }) => number)
}
async function count(table: string): Promise<number> {
  const [row] = await journal.look<{ n: number }>({ sql: `SELECT count(*) AS n FROM ${table}`, parameters: [] })
  return Number(row?.n)
}

const PLACES = [
  FIRST,
  place(EG_A, EJ_A, 'CENTRE HOSPITALIER EXEMPLE', { categetab: '355', libcategetab: 'Centre Hospitalier' }),
  place(EG_B, EJ_A, 'EHPAD DE LA MÉTAIRIE'),
  place(EG_C, EJ_B, 'FOYER DU PORT', {
    ...{ categetab: '252', libcategetab: 'Foyer Hébergement', departement: '44', ligneacheminement: '44000 NANTES' },
  }),
  located(EG_A, '648952.58', '6977867.25'),
]
const ENTITIES = [entity(EJ_A, 'CH EXEMPLE'), entity(EJ_B, 'ASSOCIATION DU PORT', { departement: '44' })]

describe('an import', () => {
  test('takes both files at once, counts them, and tells what was odd', async () => {
    const done = await imported(fileOf([...PLACES, ...ENTITIES, 'autre;x', PLACES[1]!]))
    expect(done).toMatchObject({
      ...{ state: 'current', rows: 5, repeated: 1, bad: 1, odd: 0, code: null, who: 'ada' },
      generatedAtMs: Date.UTC(2026, 10, 3),
      badLines: [{ line: 8, code: 'STRUCTURE_LINE' }],
      counted: {
        levels: { ej: 2, eg: 3 },
        kinds: { hospital: 1, 'nursing-home': 1, 'disability-home': 1 },
        departments: { 44: 1, 53: 2 },
      },
    })
    expect(await views.counts()).toEqual(done.counted)
  })

  test('of places alone leaves the legal entities, and the other way round', async () => {
    const renamed = PLACES.map((one) => one.replaceAll('FOYER DU PORT', 'FOYER DU QUAI'))
    expect(await imported(fileOf(renamed))).toMatchObject({ state: 'current', rows: 5 })
    expect(await views.one(EJ_B)).toMatchObject({ name: 'ASSOCIATION DU PORT' })
    expect(await imported(fileOf([entity(EJ_A, 'CH RENOMMÉ'), entity(EJ_B, 'ASSOCIATION')]))).toMatchObject({ rows: 5 })
    expect(await views.one(EG_A)).toMatchObject({ ejName: 'CH RENOMMÉ', latitude: 49.897443, longitude: 2.290084 })
    expect(await views.one(EG_C)).toMatchObject({ name: 'FOYER DU QUAI', latitude: null })
    await imported(fileOf([...PLACES, ...ENTITIES]))
    expect([await count('structure_entry'), await count('structure_words'), await count('structure_place')]).toEqual([
      5, 5, 1,
    ])
  })

  test('tells who runs an establishment, in the region or beyond', async () => {
    const named = { ...config, establishments: new Map(config.establishments) } as Config
    const find = establishmentLookup(() => named, views)
    expect(await find(EG_B)).toEqual({
      ...{ finess: EG_B, id: 'ch-a', name: 'EHPAD DE LA MÉTAIRIE', kind: 'nursing-home', department: '53' },
      managingBody: { finess: EJ_A, name: 'CH EXEMPLE' },
    })
    expect(await find(EG_C)).toMatchObject({ id: 'ehpad-c', managingBody: { finess: EJ_B } })
    expect(await find(finess('53', 9))).toBe(null)
  })

  const many = () => Array.from({ length: 450 }, (_, i) => place(finess('85', i + 1), EJ_B, `AUTRE ${i}`))
  test('that is stopped, or whose file breaks off, changes nothing and leaves nothing of itself', async () => {
    let pieces = 0
    const stopped = await imported(fileOf(many()), () => (pieces += 1) > 60)
    expect(stopped).toMatchObject({ state: 'failed', code: 'STRUCTURE_CUT' })
    expect(stopped.rows).toBeGreaterThan(0)
    await tidyStructures(parts(), true, () => false)
    const { name } = fileOf([])
    const broken = { name, bytes: null, chunks: breaking(fileOf(many()).chunks) }
    expect(await imported(broken)).toMatchObject({ state: 'failed', code: 'INTERNAL' })
    expect([await found({}), await count('structure_entry')]).toEqual([[EG_A, EG_B, EG_C, EJ_A, EJ_B], 5])
  })

  test('whose process dies leaves the register in use, and is cleared at the next start', async () => {
    const file = fileOf(many())
    const begun = await beginStructures(parts(), file, BY)
    await expect(beginStructures(parts(), file, BY)).rejects.toMatchObject({ code: 'STRUCTURE_BUSY' })
    // The process dies after its second commit: nothing of it runs any more.
    let commits = 0
    const dying: StructureParts = {
      ...parts(),
      breathe: () => (++commits < 2 ? Promise.resolve() : new Promise(() => {})),
    }
    await journal.apply({
      rows: [
        { sql: "UPDATE structure_import SET state = 'failed' WHERE generation = ?", parameters: [begun.generation] },
      ],
    })
    const second = await beginStructures(dying, file, BY)
    void second.run(file, () => false)
    await until(async () => (await views.state()).running?.rows === 2 * BATCH)
    expect(await found({ words: 'autre' })).toEqual([])
    expect(await count('structure_entry')).toBe(5 + 2 * BATCH)
    await tidyStructures(parts(), true, () => false)
    expect((await views.state()).last[0]).toMatchObject({ state: 'failed', code: 'STRUCTURE_CUT' })
    expect([await count('structure_entry'), await count('structure_words')]).toEqual([5, 5])
  })

  test('of a file that is none says so', async () => {
    expect(await imported(fileOf(['a;b', 'c;d']))).toMatchObject({
      ...{ state: 'failed', code: 'STRUCTURE_FILE', problems: [{ code: 'STRUCTURE_FILE', column: null }] },
    })
    expect(await imported(fileOf([located(EG_A, '1', '2')]))).toMatchObject({ state: 'failed', code: 'STRUCTURE_FILE' })
  })
})

async function* breaking(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let pieces = 0
  for await (const chunk of chunks) {
    if ((pieces += 1) > 50) throw new Error('gone')
    yield chunk
  }
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setImmediate(resolve))
}

describe('a search', () => {
  const asks: [name: string, ask: StructureAsk, numbers: () => string[]][] = [
    ['everything, in the order of the file', {}, () => [EG_A, EG_B, EG_C, EJ_A, EJ_B]],
    ['words without accents, which may be beginnings', { words: 'metair' }, () => [EG_B]],
    ['whole words before those that only begin so', { words: 'port' }, () => [EG_C, EJ_B]],
    ['words of a commune', { words: 'port nantes' }, () => [EG_C]],
    ['words of a category', { words: 'hebergement' }, () => [EG_C]],
    ['a number: the entity and what is under it', { words: EJ_A }, () => [EG_A, EG_B, EJ_A]],
    ['a commune alone', { commune: 'Laval' }, () => [EG_A, EG_B, EJ_A, EJ_B]],
    ['a kind', { kind: 'nursing-home' }, () => [EG_B]],
    ['a department and a level', { department: '53', level: 'eg' }, () => [EG_A, EG_B]],
    ['a category', { category: '355' }, () => [EG_A]],
    ['declared: by number, and all places of an entity', { declared: true }, () => [EG_A, EG_B, EG_C, EJ_A]],
    ['not declared', { declared: false }, () => [EJ_B]],
    ['words, and not declared', { words: 'association', declared: true }, () => []],
    ['words that are none', { words: '?!' }, () => []],
  ]
  test.each(asks)('%s', async (_name, ask, numbers) => {
    expect(await found(ask)).toEqual(numbers())
  })

  test('gives pages that go on', async () => {
    const first = await views.search({ department: '53' }, { limit: 2 })
    const second = await views.search({ department: '53' }, { limit: 2, after: first.next })
    expect([first, second].map(({ structures }) => structures.map((one) => one.finess))).toEqual([[EG_A, EG_B], [EJ_A]])
    expect(second.next).toBeNull()
    await expect(views.search({}, { limit: 2, after: 'x' })).rejects.toMatchObject({ code: 'BAD_REQUEST' })
  })

  test('of many gives those that there are', async () => {
    const all = await views.many([EG_A, finess('53', 77), EJ_B])
    expect([...all.keys()].sort()).toEqual([EG_A, EJ_B].sort())
    expect(all.get(EG_A)).toMatchObject({ establishment: 'ch-a', ejName: 'CH EXEMPLE' })
    expect((await views.under(EJ_A)).map((one) => one.finess)).toEqual([EG_A, EG_B])
  })
})

describe('what the region knows', () => {
  const contact = { role: 'it' as const, name: 'DSI', phone: '01 99 00 12 34', mail: 'DSI@ch-exemple.test' }

  test('GHT and managing body hold for the places of a legal entity, until one has its own', async () => {
    expect(await commands.belong(EJ_A, { ght: 'GHT 53', body: null }, ALL)).toEqual({ ok: true, id: EJ_A })
    await commands.belong(EG_B, { ght: 'GHT 44', body: 'Mutualité' }, ALL)
    expect(await found({ ght: 'GHT 53' })).toEqual([EG_A, EJ_A])
    expect(await found({ ght: 'GHT 44', words: 'ehpad' })).toEqual([EG_B])
    expect(await found({ body: 'Mutualité' })).toEqual([EG_B])
    expect(await views.choices()).toEqual({ ghts: ['GHT 44', 'GHT 53'], bodies: ['Mutualité'] })
    await commands.belong(EG_B, { ght: '', body: ' ' }, ALL)
    expect(await views.one(EG_B)).toMatchObject({ ght: 'GHT 53', ownGht: null, body: null })
  })

  test('contacts and software are written, changed and taken away, by those whose they are', async () => {
    const added = await commands.contact(EJ_A, null, contact, OWN)
    if (!added.ok) throw new Error('refused')
    expect((await views.sheet(EG_A))?.contacts).toEqual([
      { id: added.id, finess: EJ_A, role: 'it', name: 'DSI', phone: '0199001234', mail: 'dsi@ch-exemple.test' },
    ])
    await commands.contact(EJ_A, added.id, { ...contact, name: 'Astreinte' }, OWN)
    expect((await views.contacts([EJ_A]))[0]?.name).toBe('Astreinte')
    await expect(commands.contact(EG_A, added.id, contact, OWN)).rejects.toMatchObject({ code: 'NOT_FOUND' })
    await expect(commands.contact(EG_C, null, contact, OWN)).rejects.toMatchObject({ code: 'FORBIDDEN' })
    await expect(commands.contact(finess('53', 77), null, contact, ALL)).rejects.toMatchObject({ code: 'NOT_FOUND' })
    const software = await commands.software(EG_A, null, { ...NO_SOFTWARE, product: 'DPI', since: '2024-01-31' }, OWN)
    expect((await views.sheet(EG_A))?.software).toMatchObject([{ product: 'DPI', since: '2024-01-31', editor: null }])
    await commands.remove('contact', EJ_A, added.id, OWN)
    if (software.ok) await commands.remove('software', EG_A, software.id, OWN)
    await expect(commands.remove('contact', EJ_A, added.id, OWN)).rejects.toMatchObject({ code: 'NOT_FOUND' })
    expect(await views.sheet(EG_A)).toMatchObject({ contacts: [], software: [] })
  })

  const NO_SOFTWARE = { editor: null, version: null, since: null }
  const wrong: [name: string, doing: () => Promise<unknown>, fields: string[]][] = [
    ['no way to reach it', () => commands.contact(EJ_A, null, { ...contact, phone: null, mail: '' }, ALL), ['phone']],
    ['a telephone', () => commands.contact(EJ_A, null, { ...contact, phone: 'demain' }, ALL), ['phone']],
    [
      'a mail and a name',
      () => commands.contact(EJ_A, null, { ...contact, name: '', mail: 'x' }, ALL),
      ['name', 'mail'],
    ],
    ['a product', () => commands.software(EJ_A, null, { ...NO_SOFTWARE, product: '' }, ALL), ['product']],
    [
      'a day',
      () => commands.software(EJ_A, null, { ...NO_SOFTWARE, product: 'A', since: '31/01/2024' }, ALL),
      ['since'],
    ],
    ['a line break', () => commands.belong(EJ_A, { ght: 'A\nB', body: null }, ALL), ['ght']],
  ]
  test.each(wrong)('is refused for %s', async (_name, doing, fields) => {
    const faults = fields.map((field) => ({ field, code: 'STRUCTURE_FIELD' }))
    expect(await doing()).toEqual({ ok: false, faults })
  })

  const files: [name: string, csv: string, act: StructureAct, expected: object][] = [
    ['GHT', `finess;ght;body\n${EJ_B};GHT 44;Association`, ALL, { taken: 1, problems: [] }],
    ['contacts', `finess;role;name;phone;mail\n${EJ_A};security;RSSI;0199001235;`, OWN, { taken: 1, problems: [] }],
    ['software', `finess;product;editor;version;since\n${EG_A};DPI;Éditeur;4.2;2025-01-01`, OWN, { taken: 1 }],
    [
      'every problem of every line',
      `finess;role;name;phone;mail\n${EG_C};it;A;0199001235;\n${finess('53', 77)};it;A;0199001235;\n${EG_A};chef;A;1;\n${EG_A};it;;0199001235;`,
      OWN,
      {
        taken: 0,
        problems: [
          { line: 2, field: 'finess', code: 'FORBIDDEN' },
          { line: 3, field: 'finess', code: 'STRUCTURE_UNKNOWN' },
          { line: 4, field: 'role', code: 'STRUCTURE_FIELD' },
          { line: 5, field: 'name', code: 'STRUCTURE_FIELD' },
        ],
      },
    ],
    [
      'a header of no form',
      'finess;autre\n1;2',
      ALL,
      { taken: 0, problems: [{ line: 1, field: 'file', code: 'STRUCTURE_FIELD' }] },
    ],
  ]
  test.each(files)('a file: %s', async (_name, csv, act, expected) => {
    const before = await count('event')
    expect(await commands.facts(csv, true, act)).toMatchObject({ ...expected, dryRun: true })
    expect(await count('event')).toBe(before)
    const done = await commands.facts(csv, false, act)
    expect(done).toMatchObject({ ...expected, dryRun: false })
    expect(await count('event')).toBe(before + done.taken)
  })

  test('stays when another register is imported, and each change is an event that names no person', async () => {
    await imported(fileOf([...PLACES, ...ENTITIES]))
    expect((await views.sheet(EG_A))?.contacts.map(({ name }) => name)).toEqual(['RSSI'])
    expect((await views.one(EG_C))?.body).toBe('Association')
    const events = await journal.look<{ what: string; who: string; why: string; detail: string }>({
      sql: "SELECT what, who, why, detail FROM event WHERE what LIKE '%contact' ORDER BY seq",
      parameters: [],
    })
    expect(events.map(({ what }) => what)).toEqual(['add-contact', 'change-contact', 'remove-contact', 'add-contact'])
    for (const event of events) expect(event).toMatchObject({ who: 'it-a', why: BY.why, detail: EJ_A })
  })
})

test('numbers of entries tell their import', async () => {
  const { current } = await views.state()
  const { structures } = await views.search({}, { limit: 1 })
  expect(Math.floor((structures[0]?.n ?? 0) / SPAN)).toBe(current?.generation)
})
