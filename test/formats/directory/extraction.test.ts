import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { GatewayError } from '../../../src/core/errors.ts'
import { COLUMN_FIELDS, placesOf } from '../../../src/formats/directory/columns.ts'
import { ExtractionReader, generatedAt, LONGEST_LINE } from '../../../src/formats/directory/extraction.ts'
import { unpacked } from '../../../src/formats/directory/packed.ts'
import { extraction, HEADER, lineOf, person, service } from '../../support/directory.ts'
import { localHeader, zip } from '../../support/zip.ts'

function read(bytes: Buffer, size = 64, named = {}) {
  const reader = new ExtractionReader(named)
  const pieces = []
  for (let at = 0; at < bytes.length; at += size) {
    // Whoever pushes may use the chunk again.
    const chunk = Buffer.from(bytes.subarray(at, at + size))
    pieces.push(reader.push(chunk))
    chunk.fill(0x7c)
  }
  pieces.push(reader.end())
  return {
    rows: pieces.flatMap(({ rows }) => rows),
    bad: pieces.flatMap(({ bad }) => bad).map(({ line, code }) => [line, code]),
    problems: reader.problems.map(({ code, column }) => [code, column]),
  }
}

const A = 'anne.martin@med.mssante.test'
const addressesOf = (bytes: Buffer, size?: number): string[] => read(bytes, size).rows.map(({ facts }) => facts.address)

describe('a good file', () => {
  test('gives what it says of each mailbox', () => {
    const { rows, bad, problems } = read(extraction([person(A), service('nephro@ch.mssante.test')]))
    expect([bad, problems]).toEqual([[], []])
    expect(rows[0]).toEqual({
      line: 2,
      more: [null],
      facts: {
        ...{ address: A, kind: 'PER', person: '810001234565', title: 'DR', family: 'MARTIN', given: 'Anne' },
        ...{ structure: '1530000371', organisation: 'CENTRE HOSPITALIER EXEMPLE', service: null, description: null },
        ...{ profession: 'Médecin', professionCode: '10' },
        ...{ speciality: 'Cardiologie et maladies vasculaires', specialityCode: 'SM04' },
        ...{ postcode: '53000', town: 'LAVAL', department: 'Mayenne', digital: true },
      },
    })
    expect(rows[1]?.facts).toMatchObject({
      kind: 'ORG',
      person: null,
      family: null,
      service: 'Néphrologie',
      digital: null,
    })
  })

  test.each<[string, Record<string, string>, Record<string, unknown>]>([
    ['the type and the number apart', { 'Identification nationale PP': '' }, { person: '810001234565' }],
    ['no number', { 'Identification nationale PP': '', 'Identifiant PP': '' }, { person: null }],
    ['a structure with its type', { 'Identification Structure': '1530000371' }, { structure: '1530000371' }],
    ['a structure without a type', { 'Type identifiant structure': '' }, { structure: '530000371' }],
    [
      'a sign alone',
      { 'Raison Sociale structure BAL': '', 'Enseigne commerciale structure BAL': 'Clinique' },
      { organisation: 'Clinique' },
    ],
    ['an address in capitals', { 'Adresse BAL': 'Anne.MARTIN@Med.MSSante.test' }, { address: A }],
    ['an address of other letters', { 'Adresse BAL': 'anne@hôpital.test' }, { address: 'anne@xn--hpital-ixa.test' }],
    ['spaces around', { "Nom d'exercice": '  LE GOFF ' }, { family: 'LE GOFF' }],
    ['markup, which is only text', { "Nom d'exercice": '<b>X</b>' }, { family: '<b>X</b>' }],
    ['no dematerialisation', { Dématérialisation: 'N' }, { digital: false }],
    ['an unknown word for it', { Dématérialisation: 'parfois' }, { digital: null }],
  ])('with %s', (_what, cells, facts) => {
    expect(read(extraction([person(A, cells)])).rows[0]?.facts).toMatchObject(facts)
  })

  test.each<[string, Buffer]>([
    [
      'lines that end with CRLF',
      Buffer.from(
        extraction([person(A)])
          .toString()
          .replaceAll('\n', '\r\n'),
      ),
    ],
    ['a mark of its order of bytes', Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), extraction([person(A)])])],
    ['no end of its last line', extraction([person(A)]).subarray(0, -1)],
    ['empty lines', extraction(['', person(A), ''])],
    [
      'columns in another order',
      extraction(
        [lineOf({ 'Type de BAL': 'PER', 'Adresse BAL': A }, [...HEADER].reverse())],
        [...HEADER].reverse().join('|'),
      ),
    ],
    ['the two columns alone', extraction([`${A}|PER`], 'Adresse BAL|Type de BAL')],
    ['headers written otherwise', extraction([`${A}|PER`], 'ADRESSE BAL | type de bal')],
  ])('with %s', (_what, bytes) => {
    for (const size of [1, 7, 100_000]) expect(addressesOf(bytes, size)).toEqual([A])
  })

  test('reads columns under the names that it is told', () => {
    const bytes = extraction([`${A}|PER|Laval`], 'Courriel|Sorte|Ville')
    expect(read(bytes).problems).toHaveLength(2)
    const { rows } = read(bytes, 9, { address: 'courriel', kind: 'Sorte', delivery: 'VILLE' })
    expect(rows[0]?.facts).toMatchObject({ address: A, kind: 'PER', town: 'Laval' })
  })
})

describe('a file that is none', () => {
  test.each<[string, Buffer, unknown[]]>([
    ['nothing', Buffer.alloc(0), [['DIRECTORY_FILE', null]]],
    ['a picture', Buffer.from([0x89, 0x50, 0x4e, 0x47, 0xff, 0x0a, 0xfe]), [['DIRECTORY_FILE', null]]],
    ['one column', Buffer.from('Adresse BAL\nx@y.test\n'), [['DIRECTORY_FILE', null]]],
    ['another separator', Buffer.from('Type de BAL;Adresse BAL\nPER;x@y.test\n'), [['DIRECTORY_FILE', null]]],
    ['a header longer than any', Buffer.alloc(LONGEST_LINE * 3, '|'), [['DIRECTORY_FILE', null]]],
    [
      'other columns, each said at once',
      Buffer.from('Nom|Prénom\nx|y\n'),
      [
        ['DIRECTORY_COLUMN_MISSING', 'Type de BAL'],
        ['DIRECTORY_COLUMN_MISSING', 'Adresse BAL'],
      ],
    ],
    [
      'a column twice',
      Buffer.from('Type de BAL|Adresse BAL|Adresse BAL\n'),
      [['DIRECTORY_COLUMN_TWICE', 'Adresse BAL']],
    ],
  ])('%s', (_what, bytes, problems) => {
    expect(read(bytes)).toEqual({ rows: [], bad: [], problems })
  })
})

describe('bad lines are told by their number, and the rest is read', () => {
  const good = person(A)
  test.each<[string, string | Buffer, string]>([
    ['too few cells', 'PER|x@y.test', 'DIRECTORY_LINE'],
    ['too many', `${good}|`, 'DIRECTORY_LINE'],
    ['no UTF-8', Buffer.from(good.replace('Anne', '\xe9'), 'latin1'), 'DIRECTORY_LINE'],
    ['a NUL', good.replace('Anne', 'An\0ne'), 'DIRECTORY_LINE'],
    ['too long', good.replace('Anne', 'A'.repeat(LONGEST_LINE)), 'DIRECTORY_LINE'],
    ['an unknown kind', good.replace('PER', 'USAGER'), 'DIRECTORY_KIND'],
    ['no address', good.replace(A, ''), 'DIRECTORY_ADDRESS'],
    ['two addresses', good.replace(A, 'a@b.test,c@d.test'), 'DIRECTORY_ADDRESS'],
    ['a header of a mail in it', good.replace(A, 'a@b.test>\tBcc'), 'DIRECTORY_ADDRESS'],
  ])('%s', (_what, line, code) => {
    const bytes = Buffer.concat([
      extraction([good]),
      ...[Buffer.from(line), Buffer.from('\n')],
      Buffer.from(`${service('b@ch.mssante.test')}\n`),
    ])
    for (const size of [3, 50_000]) {
      const { rows, bad } = read(bytes, size)
      expect(rows.map((row) => row.line)).toEqual([2, 4])
      expect(bad).toEqual([[3, code]])
    }
  })

  test('whatever comes, in whatever pieces, ends and is told alike', () => {
    const piece = fc.oneof(
      fc.constantFrom(person(A), '|', '\r', '\ufeff', `${'x'.repeat(20_000)}`, '\n', 'PER|a@b.test'),
      fc.string({ unit: 'binary' }),
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 20 }), fc.integer({ min: 1, max: 5_000 }), (parts, size) => {
        const bytes = extraction([parts.join('')])
        const [small, whole] = [read(bytes, size), read(bytes, bytes.length)]
        expect(small).toEqual(whole)
      }),
      { numRuns: 60 },
    )
  })
})

test('every field has a header of its own', () => {
  const { places, problems } = placesOf(HEADER)
  expect(problems).toEqual([])
  expect([...places.keys()]).toEqual(COLUMN_FIELDS)
  expect(new Set(places.values()).size).toBe(COLUMN_FIELDS.length)
})

test.each([
  ['Extraction_Correspondance_MSSante_202608261013.txt', Date.UTC(2026, 7, 26, 8, 13)],
  ['Extraction_Correspondance_MSSante_202601261013.zip', Date.UTC(2026, 0, 26, 9, 13)],
  ['Extraction_Correspondance_MSSante_202613451013.txt', null],
  ['extraction.txt', null],
])('when %s was made', (name, atMs) => {
  expect(generatedAt(name)).toBe(atMs)
})

describe('unpacking', () => {
  async function unpack(bytes: Buffer, size = 1_000, most = 1_000_000): Promise<string> {
    const chunks = (async function* () {
      for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
    })()
    const pieces: Uint8Array[] = []
    for await (const piece of unpacked(chunks, most)) pieces.push(Buffer.from(piece))
    return Buffer.concat(pieces).toString()
  }
  const text = extraction([person(A), service('b@ch.mssante.test')]).toString()
  const file = { name: 'extraction.txt', data: text }

  test.each<[string, Buffer]>([
    ['text', Buffer.from(text)],
    ['an archive', zip([file])],
    ['a stored one', zip([{ ...file, method: 0 }])],
    ['one whose sizes follow the file', zip([{ ...file, flags: 8, local: { compressed: 0, size: 0 } }])],
    ['one that lacks its directory', zip([file]).subarray(0, zip([file]).indexOf('PK\x01\x02'))],
    ['the first file of several', zip([file, { name: 'other.txt', data: 'other' }])],
  ])('gives %s as text', async (_what, bytes) => {
    for (const size of [1, 33, 100_000]) expect(await unpack(bytes, size)).toBe(text)
  })

  test.each<[string, Buffer, string]>([
    ['a secret archive', zip([{ ...file, flags: 1 }]), 'DIRECTORY_FILE'],
    ['one of another method', zip([{ ...file, method: 14 }]), 'DIRECTORY_FILE'],
    ['one that is cut', zip([file]).subarray(0, 120), 'DIRECTORY_FILE'],
    ['one that is broken', zip([{ ...file, packed: Buffer.alloc(400, 0xff) }]), 'DIRECTORY_FILE'],
    [
      'a name without end',
      localHeader({ method: 8, flags: 0, crc: 0, compressed: 9, size: 9, name: 'x' }).subarray(0, 29),
      'DIRECTORY_FILE',
    ],
    [
      'one that unpacks beyond measure',
      zip([{ name: 'x', data: Buffer.alloc(20_000_000, 0x20) }]),
      'DIRECTORY_TOO_LARGE',
    ],
    ['text beyond the limit', Buffer.alloc(1_000_001, 0x20), 'DIRECTORY_TOO_LARGE'],
  ])('refuses %s', async (_what, bytes, code) => {
    const refused = await unpack(bytes, 500).then(
      () => '',
      (fault: GatewayError) => fault.code,
    )
    expect(refused).toBe(code)
  })
})
