import { describe, expect, test } from 'vitest'
import { cellsOf, extractedAt, LONGEST_LINE, StructureReader } from '../../../src/formats/structures/extraction.ts'
import { fromLambert93 } from '../../../src/formats/structures/lambert93.ts'
import { soughtStructures, wordsOfStructure } from '../../../src/formats/structures/words.ts'
import { entity, FIRST, finess, located, PROFILE, place } from '../../support/structures.ts'

const EJ = finess('53', 1)
const EG = finess('53', 2)
const WRONG_KEY = `${EG.slice(0, 8)}${(Number(EG[8]) + 1) % 10}`

function read(bytes: Buffer, size = bytes.length) {
  const reader = new StructureReader(PROFILE)
  const pieces = []
  for (let at = 0; at < bytes.length; at += size) pieces.push(reader.push(bytes.subarray(at, at + size)))
  pieces.push(reader.end())
  return {
    rows: pieces.flatMap(({ rows }) => rows),
    bad: pieces.flatMap(({ bad }) => bad),
    problems: reader.problems,
    ...reader.odd,
  }
}
const text = (...lines: readonly string[]): Buffer => Buffer.from(lines.join('\r\n'))
const names = (bytes: Buffer): string[] =>
  read(bytes).rows.flatMap((row) => (row.kind === 'structure' ? [row.facts.name] : []))

test('a line of each section tells what it holds, however the bytes come', () => {
  const bytes = text(
    FIRST,
    entity(EJ, 'CENTRE HOSPITALIER EXEMPLE'),
    place(EG, EJ, 'EHPAD EXEMPLE'),
    located(EG, '648952.58', '6977867.25'),
  )
  for (const size of [1, 7, bytes.length]) {
    const { rows, bad, problems } = read(bytes, size)
    expect([bad, problems]).toEqual([[], []])
    expect(rows).toEqual([
      expect.objectContaining({ facts: expect.objectContaining({ finess: EJ, level: 'ej', ej: null, kind: null }) }),
      {
        ...{ kind: 'structure', line: 3 },
        facts: {
          ...{ finess: EG, level: 'eg', ej: EJ, name: 'EHPAD EXEMPLE', category: '500', categoryName: 'EHPAD' },
          ...{ kind: 'nursing-home', address: '3 R DE L EXEMPLE', postcode: '53000', commune: 'LAVAL' },
          ...{ department: '53', phone: '0199001234', siret: '12345678900011', openedOn: '2001-02-03', keyHolds: true },
        },
      },
      { kind: 'place', finess: EG, longitude: 2.290084, latitude: 49.897443 },
    ])
  }
})

const encodings: [name: string, bytes: Buffer][] = [
  ['UTF-8', Buffer.from(place(EG, EJ, 'RÉSIDENCE DE L’ÉTÉ'))],
  ['UTF-8 with its mark', Buffer.from(`\ufeff${place(EG, EJ, 'RÉSIDENCE DE L’ÉTÉ')}`)],
  ['Windows-1252', Buffer.from(place(EG, EJ, 'RÉSIDENCE DE L\u0092ÉTÉ'), 'latin1')],
]
test.each(encodings)('a file in %s', (_name, bytes) => {
  expect(names(bytes)).toEqual(['RÉSIDENCE DE L’ÉTÉ'])
})

const lines: [name: string, line: string, code: string][] = [
  ['too few cells', `structureet;${EG};${EJ};NOM`, 'STRUCTURE_LINE'],
  ['of no section', 'autre;1;2', 'STRUCTURE_LINE'],
  ['without a name', place(EG, EJ, ''), 'STRUCTURE_LINE'],
  ['too long', place(EG, EJ, 'A'.repeat(LONGEST_LINE)), 'STRUCTURE_LINE'],
  ['with a quote that is not closed', place(EG, EJ, '"NOM'), 'STRUCTURE_LINE'],
  ['with a control sign', place(EG, EJ, 'A\u0001B'), 'STRUCTURE_LINE'],
  ['without a number', place('', EJ, 'NOM'), 'STRUCTURE_FINESS'],
  ['with a number of another form', place('12345', EJ, 'NOM'), 'STRUCTURE_FINESS'],
  ['a place without a number', located('', '1', '2'), 'STRUCTURE_FINESS'],
]
test.each(lines)('a line %s is left out and told by its number', (_name, line, code) => {
  const { rows, bad } = read(text(FIRST, line, place(EG, EJ, 'BONNE')))
  expect(bad).toEqual([{ line: 2, code }])
  expect(rows).toHaveLength(1)
})

test('a wrong key is told, and the line taken', () => {
  const { rows, bad, odd, oddLines } = read(text(place(WRONG_KEY, EJ, 'NOM'), place(EG, EJ, 'BONNE')))
  expect(rows.map((row) => row.kind === 'structure' && row.facts.keyHolds)).toEqual([false, true])
  expect([bad, odd, oddLines]).toEqual([[], 1, [{ line: 1, code: 'STRUCTURE_KEY' }]])
})

test('a header line is read by its names, in any order', () => {
  const header = 'rs;nofinessej;nofinesset;ligneacheminement;categetab'
  expect(read(text(header, `NOM;${EJ};${EG};44000 NANTES;355`)).rows).toEqual([
    expect.objectContaining({
      facts: expect.objectContaining({ finess: EG, ej: EJ, name: 'NOM', commune: 'NANTES', kind: 'hospital' }),
    }),
  ])
  const entities = read(text('nofiness;rs;ligneacheminement', `${EJ};NOM;44000 NANTES`))
  expect(entities.rows).toEqual([
    expect.objectContaining({ facts: expect.objectContaining({ finess: EJ, level: 'ej', ej: null }) }),
  ])
  expect(read(text('nofinesset;adresse', `${EG};x`)).problems).toEqual([
    { code: 'STRUCTURE_COLUMN', column: 'rslongue' },
  ])
})

test.each([
  ['nothing', ''],
  ['something else', 'a;b;c\nd;e;f'],
])('a file that holds %s is none', (_name, content) => {
  expect(read(Buffer.from(content)).problems).toEqual([{ code: 'STRUCTURE_FILE', column: null }])
})

const cells: [text: string, cells: readonly string[] | null][] = [
  ['a;b', ['a', 'b']],
  ['"a;b";c', ['a;b', 'c']],
  ['"a ""b""";', ['a "b"', '']],
  ['a"b;c', ['a"b', 'c']],
  ['"";x', ['', 'x']],
  ['"a"b;c', null],
  ['"a', null],
]
test.each(cells)('cells of %s', (line, expected) => {
  expect(cellsOf(line)).toEqual(expected)
})

describe('Lambert-93', () => {
  // The origin by definition (IGN), and an address as the national address base publishes it in both systems.
  const points: [name: string, x: number, y: number, longitude: number, latitude: number][] = [
    ['its origin', 700_000, 6_600_000, 3, 46.5],
    ['8 Boulevard du Port, Amiens', 648_952.58, 6_977_867.25, 2.290084, 49.897443],
  ]
  test.each(points)('%s', (_name, x, y, longitude, latitude) => {
    const found = fromLambert93(x, y)
    expect(found?.longitude).toBeCloseTo(longitude, 5)
    expect(found?.latitude).toBeCloseTo(latitude, 5)
  })
  test.each([
    [-10, 6_600_000],
    [700_000, 200_000],
  ])('%d, %d is nowhere', (x, y) => {
    expect(fromLambert93(x, y)).toBeNull()
  })
  test('another projection gives no place', () => {
    expect(read(text(located(EG, '355000', '2345000', 'UTM_N22'), place(EG, EJ, 'NOM'))).rows).toHaveLength(1)
  })
})

test('words: whole and signed, without what says nothing', () => {
  const [row] = read(text(place(EG, EJ, 'RÉSIDENCE DE LA MÉTAIRIE'))).rows
  if (row?.kind !== 'structure') throw new Error('no structure')
  const words = wordsOfStructure(row.facts).split(' ')
  expect(words).toEqual(
    expect.arrayContaining(['residence', 'n_metairie', 'c_laval', 'd_53', 'k_nursing_home', 'l_eg', `f_${EG}`]),
  )
  expect(words).not.toContain('de')
  expect(soughtStructures({ words: 'Métairie de L' }, true)).toEqual([{ word: 'metairie', starts: true }])
  expect(soughtStructures({ words: '?' }, false)).toBeNull()
  expect(soughtStructures({}, false)).toEqual([])
})

test.each([
  ['etalab-cs1100507-stock-20261103-0338.csv', Date.UTC(2026, 10, 3)],
  ['finess.csv', null],
])('%s was made at', (name, atMs) => {
  expect(extractedAt(name)).toBe(atMs)
})
