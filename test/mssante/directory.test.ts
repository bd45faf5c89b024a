import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Config } from '../../src/core/config.ts'
import {
  DIRECTORY_DEFAULTS,
  type DirectoryAsk,
  type DirectoryFile,
  type DirectoryImport,
  type DirectorySight,
  type DirectoryViews,
  NO_RED,
} from '../../src/core/directory.ts'
import type { Journal } from '../../src/core/journal.ts'
import type { MailDomain } from '../../src/core/mail.ts'
import type { NewMailbox } from '../../src/core/mailboxes.ts'
import { CSV_FEED } from '../../src/formats/directory/feed.ts'
import { feedDirectory } from '../../src/mssante/directory/feed.ts'
import { beginImport, type ImportParts, tidyImports } from '../../src/mssante/directory/import.ts'
import { SPAN } from '../../src/mssante/directory/rows.ts'
import { directoryViews } from '../../src/mssante/directory/views.ts'
import { mailboxCommands } from '../../src/mssante/mailbox-commands.ts'
import { extraction, fileOf, person, service } from '../support/directory.ts'
import { manualClock } from '../support/peers/clock.ts'
import { openStore } from '../support/stores.ts'

const domain: MailDomain = { name: 'a.mssante.test', establishment: 'ch-a', store: { kind: 'maildir' } }
const config = {
  mail: { whiteList: null, operator: { domains: new Map([[domain.name, domain]]) } },
  establishments: new Map([['ch-a', { name: 'CH A (fictif)', finess: { ej: null, eg: ['530000017'] } }]]),
} as unknown as Config
const BY = { who: 'ada', why: 'extraction du jour' }
const ACT = { ...BY, reach: null }
const ALL: DirectorySight = { reach: null }

let journal: Journal
let end: () => Promise<void>
let views: DirectoryViews
const clock = manualClock()
const parts = (): ImportParts => ({
  ...{ journal, settings: () => DIRECTORY_DEFAULTS, clock, breathe: async () => {}, rest: async () => {} },
})

beforeAll(async () => {
  const store = await openStore()
  journal = store.journal
  end = store.end
  views = directoryViews({ journal, config: () => config })
})
afterAll(() => end())

async function imported(file: DirectoryFile, more: Partial<ImportParts> = {}): Promise<DirectoryImport> {
  const begun = await beginImport({ ...parts(), ...more }, file, BY)
  return begun.run(file, () => false)
}
async function addresses(ask: DirectoryAsk, sight: DirectorySight = NO_RED): Promise<string[]> {
  const { entries } = await views.search(ask, { limit: 50 }, sight)
  return entries.map(({ address }) => address)
}
const count = async (): Promise<number> => {
  const [row] = await journal.look<{ n: number }>({ sql: 'SELECT count(*) AS n FROM directory_entry', parameters: [] })
  return Number(row?.n)
}

const MARTIN = 'anne.martin@med.mssante.test'
const LEA = 'lea.lebrun@med.mssante.test'
const NEPHRO = 'nephrologie@ch-exemple.mssante.test'
const FILE = () =>
  extraction([
    person(MARTIN),
    person(LEA, {
      ...{
        "Nom d'exercice": 'LEBRUN-MARTINET',
        "Prénom d'exercice": 'Léa',
        'Identification nationale PP': '810001234573',
      },
      ...{
        'Libellé savoir-faire': '',
        'Code savoir-faire': '',
        'Libellé Profession': 'Sage-Femme',
        'Code Profession': '50',
      },
      ...{ 'L6LIGNEACHEMINEMENT structure BAL': '44000 NANTES', 'Code postal structure BAL': '44000' },
    }),
    service(NEPHRO),
  ])

describe('an import', () => {
  test('replaces the directory in one step, tells what was wrong, and leaves nothing of the one before', async () => {
    const first = await imported(fileOf(FILE()))
    expect(first).toMatchObject({
      ...{ state: 'current', rows: 3, repeated: 0, bad: 0, code: null, who: 'ada' },
      generatedAtMs: Date.UTC(2026, 10, 26, 2),
    })
    const second = await imported(
      fileOf(
        extraction([
          person(MARTIN),
          person(MARTIN),
          person(MARTIN, { 'Identification Structure': '530000017' }),
          person('no address'),
          'PER|short',
          person(LEA, { 'Type de BAL': 'XYZ' }),
        ]),
      ),
    )
    expect(second).toMatchObject({ state: 'current', rows: 2, repeated: 1, bad: 3 })
    expect(second.badLines).toEqual([
      { line: 5, code: 'DIRECTORY_ADDRESS' },
      { line: 6, code: 'DIRECTORY_LINE' },
      { line: 7, code: 'DIRECTORY_KIND' },
    ])
    expect(await addresses({ words: 'lebrun' })).toEqual([])
    // Of several holders or places each is found.
    expect(await addresses({ words: 'martin' })).toEqual([MARTIN, MARTIN])
    expect(await views.complete('mart', NO_RED)).toEqual([
      { address: MARTIN, name: 'DR Anne MARTIN, CENTRE HOSPITALIER EXEMPLE' },
    ])
    expect(await count()).toBe(2)
    const { current, last } = await views.state()
    expect([current?.generation, last.map(({ state }) => state)]).toEqual([2, ['current', 'replaced']])
  })

  test('that a file breaks off leaves the directory as it was, and nothing of itself', async () => {
    const lines = Array.from({ length: 1_000 }, (_, n) => person(`p${n}@med.mssante.test`))
    const cut = async function* (): AsyncGenerator<Buffer> {
      yield extraction(lines)
      throw new Error('the line is cut')
    }
    const failed = await imported({ ...fileOf(FILE()), chunks: cut() })
    expect(failed).toMatchObject({ state: 'failed', code: 'INTERNAL', rows: 1_000 })
    expect([await addresses({ words: 'martin' }), await count()]).toEqual([[MARTIN, MARTIN], 2])
  })

  test('that a process leaves behind stands in nobody’s way, and is cleared', async () => {
    const file = fileOf(FILE())
    await beginImport(parts(), file, BY)
    await expect(beginImport(parts(), file, BY)).rejects.toMatchObject({ code: 'DIRECTORY_BUSY' })
    expect((await views.state()).running?.state).toBe('running')
    clock.advance(61_000)
    const left = await beginImport(parts(), file, BY)
    await tidyImports(parts(), true, () => false)
    // Whoever was taken for dead and goes on writes nothing any more.
    const late = await left.run(fileOf(FILE()), () => false)
    expect([late.state, late.code]).toEqual(['failed', 'DIRECTORY_CUT'])
    expect([await count(), (await views.state()).running]).toEqual([2, null])
  })

  test('that is stopped, or whose file is none, changes nothing', async () => {
    const begun = await beginImport(parts(), fileOf(FILE()), BY)
    expect(await begun.run(fileOf(FILE()), () => true)).toMatchObject({ state: 'failed', code: 'DIRECTORY_CUT' })
    const none = await imported(fileOf(extraction([], 'Adresse|Nom|Prénom')))
    expect(none).toMatchObject({ state: 'failed', code: 'DIRECTORY_COLUMN_MISSING' })
    expect(none.problems).toEqual([
      { code: 'DIRECTORY_COLUMN_MISSING', column: 'Type de BAL' },
      { code: 'DIRECTORY_COLUMN_MISSING', column: 'Adresse BAL' },
    ])
    expect(await imported(fileOf(extraction([])))).toMatchObject({ state: 'failed', code: 'DIRECTORY_FILE' })
    const small = { ...DIRECTORY_DEFAULTS, maxBytes: 500 }
    expect(await imported(fileOf(FILE()), { settings: () => small })).toMatchObject({ code: 'DIRECTORY_TOO_LARGE' })
    expect(await addresses({ words: 'martin' })).toEqual([MARTIN, MARTIN])
  })
})

describe('a search', () => {
  beforeAll(async () => {
    await imported(fileOf(FILE()))
  })

  test.each<[string, DirectoryAsk, string[]]>([
    ['a family name, or a longer one', { words: 'MARTIN' }, [MARTIN, LEA]],
    ['a name with its title', { words: 'dr anne martin' }, [MARTIN]],
    ['beginnings of names, in any order', { words: 'mart ann' }, [MARTIN]],
    ['without accents', { words: 'nephrologie' }, [NEPHRO]],
    ['with accents', { words: 'Néphrologie' }, [NEPHRO]],
    ['part of a double name', { words: 'martinet léa' }, [LEA]],
    ['words of several fields', { words: 'hospitalier laval card' }, [MARTIN]],
    ['words that no entry has together', { words: 'anne nantes' }, []],
    ['a person alone', { name: 'martin' }, [MARTIN, LEA]],
    ['an organisation alone', { organisation: 'centre hosp', kinds: ['ORG'] }, [NEPHRO]],
    ['an RPPS number', { person: '10001234565' }, [MARTIN]],
    ['an IdNPS', { person: '810001234573' }, [LEA]],
    ['a FINESS number', { structure: '530000371' }, [MARTIN, LEA, NEPHRO]],
    ['an IdNST', { structure: '1530000371', kinds: ['PER'] }, [MARTIN, LEA]],
    ['a speciality', { speciality: 'cardio' }, [MARTIN]],
    ['a code of a speciality', { speciality: 'sm04' }, [MARTIN]],
    ['a profession', { speciality: 'sage femme' }, [LEA]],
    ['a town', { town: 'laval', words: 'martin' }, [MARTIN]],
    ['a postcode', { town: '44000' }, [LEA]],
    ['a whole address', { address: { text: MARTIN.toUpperCase(), how: 'exact' } }, [MARTIN]],
    ['the beginning of one', { address: { text: 'anne.mar', how: 'start' } }, [MARTIN]],
    ['a part within words', { address: { text: 'ne.mart', how: 'part' } }, [MARTIN]],
    ['a part of one word', { address: { text: 'phrolog', how: 'part' } }, [NEPHRO]],
    ['a domain', { address: { text: '@ch-exemple.mss', how: 'part' } }, [NEPHRO]],
    ['a part that is none', { address: { text: 'ne.lart', how: 'part' } }, []],
    ['signs alone', { words: '%_*"\'' }, []],
    ['words of a query language', { words: 'martin OR lebrun' }, []],
    ['nothing', {}, []],
    ['a kind alone', { kinds: ['ORG'] }, []],
  ])('finds %s', async (_what, ask, found) => {
    expect(await addresses(ask)).toEqual(found)
  })

  test('goes on from page to page, each once', async () => {
    const first = await views.search({ structure: '530000371' }, { limit: 2 }, NO_RED)
    const second = await views.search({ structure: '530000371' }, { limit: 2, after: first.next }, NO_RED)
    expect([first, second].map(({ entries }) => entries.map(({ address }) => address))).toEqual([
      [MARTIN, LEA],
      [NEPHRO],
    ])
    expect(second.next).toBeNull()
    const loose = await views.search({ words: 'cent hosp' }, { limit: 1 }, NO_RED)
    expect((await views.search({ words: 'cent hosp' }, { limit: 9, after: loose.next }, NO_RED)).entries).toHaveLength(
      2,
    )
    await expect(views.search({ words: 'martin' }, { limit: 2, after: "s1' OR 1=1" }, NO_RED)).rejects.toMatchObject({
      code: 'BAD_REQUEST',
    })
  })

  test('is answered by the index of words, and no row is looked at that has none of them', async () => {
    const plan = await journal.read<Record<string, string>>({
      sql:
        journal.dialect === 'sqlite'
          ? 'EXPLAIN QUERY PLAN SELECT e.address FROM directory_words AS w JOIN directory_entry AS e ON e.n = w.rowid WHERE directory_words MATCH \'"martin"*\' AND w.rowid > 0 ORDER BY w.rowid LIMIT 5'
          : "EXPLAIN SELECT e.address FROM directory_words AS w JOIN directory_entry AS e ON e.n = w.n WHERE w.words @@ CAST('''martin'':*' AS tsquery) ORDER BY w.n LIMIT 5",
      parameters: [],
    })
    const told = JSON.stringify(plan)
    if (journal.dialect === 'sqlite') {
      expect(told).toMatch(/VIRTUAL TABLE INDEX/)
      expect(told).toMatch(/SEARCH e USING INTEGER PRIMARY KEY/)
    } else expect(told).toMatch(/directory_words/)
  })

  test.each([
    ['an address that is being typed', 'anne.mart', [MARTIN]],
    ['with its sign', 'anne.martin@', [MARTIN]],
    ['a name', 'dr anne', [MARTIN]],
    ['a name and a town', 'martin laval', [MARTIN]],
    ['one letter', 'a', []],
    ['a letter behind a name, which says nothing yet', 'lebrun z', [LEA]],
    ['nothing', '  ', []],
  ])('completes %s', async (_what, words, found) => {
    expect((await views.complete(words, NO_RED)).map(({ address }) => address)).toEqual(found)
  })
})

describe('our own mailboxes', () => {
  const OURS = 'secretariat@a.mssante.test'
  const RED = 'astreinte@a.mssante.test'
  const box = (address: string, redList = false): NewMailbox => ({
    ...{ address, kind: 'ORG', name: `Boîte ${address.split('@')[0]}`, establishment: null, entity: null, owner: null },
    ...{ responsible: null, service: 'Urgences', description: null, redList, quota: null, certificate: null },
  })
  const commands = () => mailboxCommands({ journal, config: () => config, clock })
  const ofA: DirectorySight = { reach: { establishments: ['ch-a'], applications: null } }
  const ofB: DirectorySight = { reach: { establishments: ['ch-b'], applications: null } }

  test('are found without an import, before all others, and as they are now', async () => {
    await commands().create(box(OURS), ACT)
    expect(await addresses({ words: 'secretariat urgences' })).toEqual([OURS])
    const [entry] = (await views.search({ structure: '530000017' }, { limit: 5 }, NO_RED)).entries
    expect(entry).toMatchObject({ address: OURS, organisation: 'CH A (fictif)', establishment: 'ch-a', version: 1 })
    expect(entry!.n).toBeLessThan(SPAN)
    await commands().change(OURS, { service: 'Pédiatrie' }, ACT)
    expect([await addresses({ words: 'urgences' }), await addresses({ words: 'pediatrie' })]).toEqual([[], [OURS]])
    await commands().move(OURS, 'suspend', ACT)
    expect(await addresses({ words: 'pediatrie' })).toEqual([])
    await commands().move(OURS, 'resume', ACT)
    // An import replaces others, and leaves ours.
    await imported(fileOf(FILE()))
    expect(await addresses({ words: 'pediatrie' })).toEqual([OURS])
  })

  test('on the red list are found by those alone who may see them', async () => {
    await commands().create(box(RED, true), ACT)
    const words = { words: 'astreinte' }
    expect(await addresses(words, ALL)).toEqual([RED])
    expect(await addresses(words, ofA)).toEqual([RED])
    expect(await addresses(words, ofB)).toEqual([])
    expect(await addresses(words, NO_RED)).toEqual([])
    expect(await addresses({ address: { text: RED, how: 'exact' } }, NO_RED)).toEqual([])
    expect(await views.complete('astreinte', NO_RED)).toEqual([])
    await commands().change(RED, { redList: false }, ACT)
    expect(await addresses(words, NO_RED)).toEqual([RED])
    await commands().change(RED, { redList: true }, ACT)
    expect(await addresses(words, NO_RED)).toEqual([])
  })

  test('are given to a directory: all, or what changed since; of the red list only that they are on it', async () => {
    const read = async (sinceMs: number | null): Promise<string[][]> => {
      let text = ''
      for await (const piece of feedDirectory({ journal, config: () => config }, CSV_FEED)({ sinceMs }).body)
        text += piece
      return text
        .trimEnd()
        .split('\r\n')
        .map((line) => line.split(';'))
    }
    const [header, ...all] = await read(null)
    expect(header).toContain('redList')
    const shown = (rows: string[][]) =>
      rows.map(([what, , address, , state, name, , , , , , red]) => [what, address, state, name, red])
    expect(shown(all)).toEqual([
      ['created', RED, 'active', '', '1'],
      ['created', OURS, 'active', 'Boîte secretariat', '0'],
    ])
    clock.advance(60_000)
    const since = clock.nowMs()
    const NEW = 'neuve@a.mssante.test'
    await commands().create(box(NEW), ACT)
    await commands().move(OURS, 'close', ACT)
    expect(shown((await read(since)).slice(1))).toEqual([
      ['created', NEW, 'active', 'Boîte neuve', '0'],
      ['closed', OURS, 'closed', 'Boîte secretariat', '0'],
    ])
    await commands().change(RED, { service: 'Garde' }, ACT)
    expect(shown((await read(since)).slice(1))[0]).toEqual(['changed', RED, 'active', '', '1'])
    expect(shown((await read(null)).slice(1)).map(([, address]) => address)).toEqual([RED, NEW])
    expect(await addresses({ words: 'secretariat' })).toEqual([])
  })

  test('on the red list, or that take no mail, are not found by an extraction that still has them', async () => {
    const [kept, red, away] = ['garde@a.mssante.test', 'rouge@a.mssante.test', 'partie@a.mssante.test'] as const
    for (const one of [kept, red, away]) await commands().create(box(one), ACT)
    await imported(fileOf(extraction([service(kept), service(red), service(away)])))
    await commands().change(red, { redList: true }, ACT)
    await commands().move(away, 'suspend', ACT)
    const exactly = (text: string, sight = NO_RED) => addresses({ address: { text, how: 'exact' } }, sight)
    expect([await exactly(kept), await exactly(red), await exactly(away)]).toEqual([[kept, kept], [], []])
    expect(await exactly(red, ALL)).toEqual([red])
    expect(await views.complete('rouge', NO_RED)).toEqual([])
  })
})
