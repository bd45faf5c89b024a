import { describe, expect, test } from 'vitest'
import type { CasePatient } from '../../src/core/cases.ts'
import type { ImagePatient } from '../../src/core/images.ts'
import { issuersOf } from '../../src/telemedicine/images/domain.ts'
import { judge } from '../../src/telemedicine/images/gate.ts'
import { compareBirthDates, compareNames, dicomName, words } from '../../src/telemedicine/images/name.ts'
import { inOrder } from '../../src/telemedicine/images/order.ts'
import { MARTIN } from './cases.ts'
import { archiveAt, regionOf } from './stage.ts'

const LAVAL = '1.2.250.1.999.1'
const NANTES = '1.2.250.1.999.2'
const issuers = issuersOf(
  regionOf([
    archiveAt('ch-laval', 'http://127.0.0.1:1', { issuer: 'LAVAL', oid: LAVAL }),
    archiveAt('chu-nantes', 'http://127.0.0.1:2', { issuer: 'NANTES', oid: NANTES }),
  ]),
)
const image = (more: Partial<ImagePatient> = {}): ImagePatient => ({
  id: '26001',
  issuer: null,
  issuerEntity: null,
  name: 'MARTIN (FICTIF)^JEANNE',
  birthDate: '19500214',
  sex: 'F',
  ...more,
})
const known = (...identifiers: readonly (readonly [string, string, string?])[]): CasePatient => ({
  ...MARTIN,
  identifiers: identifiers.map(([authority, value, type = 'PI']) => ({ authority, value, type })),
})
const AT_LAVAL = known([LAVAL, '26001'])
const COLLIDING = known([NANTES, '26001'], [LAVAL, '555'])
const INS = '1.2.250.1.213.1.4.10'

describe('the gate', () => {
  test.each([
    ['the same', image(), AT_LAVAL, 'ok', []],
    ['the issuer said by name', image({ issuer: 'laval' }), AT_LAVAL, 'ok', []],
    ['the issuer said by OID', image({ issuerEntity: LAVAL }), AT_LAVAL, 'ok', []],
    ['the issuer as the message has it', image({ issuer: '1.2.3' }), known(['urn:oid:1.2.3', '26001']), 'ok', []],
    ['an authority that nobody declares', image(), known(['1.2.3', '26001']), 'ok', []],
    ['an accent and a hyphen less', image({ name: 'MARTIN-FICTIF^Jéanne' }), AT_LAVAL, 'ok', []],
    ['no birth date in the image', image({ birthDate: null }), AT_LAVAL, 'ok', []],
    ['no name in the image', image({ name: null }), AT_LAVAL, 'ok', []],
    ['a name that cannot be read', image({ name: '???', unreadable: true }), AT_LAVAL, 'ok', []],
    ['another number', image({ id: '26002' }), AT_LAVAL, 'mismatch', ['patient-id']],
    ['another name', image({ name: 'DURAND (FICTIF)^JEANNE' }), AT_LAVAL, 'mismatch', ['name']],
    ['another given name', image({ name: 'MARTIN (FICTIF)^PAULE' }), AT_LAVAL, 'mismatch', ['name']],
    ['another birth date', image({ birthDate: '19500215' }), AT_LAVAL, 'mismatch', ['birth-date']],
    [
      'everything else',
      image({ id: '1', name: 'A^B', birthDate: '20000101' }),
      AT_LAVAL,
      'mismatch',
      ['patient-id', 'name', 'birth-date'],
    ],
    ["another hospital's issuer", image({ issuer: 'NANTES' }), AT_LAVAL, 'mismatch', ['issuer']],
    ["another hospital's number, known there", image({ issuer: 'NANTES' }), COLLIDING, 'ok', []],
    [
      'issuer and qualifiers of two hospitals',
      image({ issuer: 'LAVAL', issuerEntity: NANTES }),
      AT_LAVAL,
      'mismatch',
      ['issuer'],
    ],
    ['colliding numbers, no issuer: the site decides', image(), COLLIDING, 'mismatch', ['patient-id']],
    ['a number that only another hospital knows', image(), known([NANTES, '26001']), 'mismatch', ['issuer']],
    ['no number in the image', image({ id: null }), AT_LAVAL, 'unknown', ['patient-id']],
    ['no number in the case', image(), known(), 'unknown', ['patient-id']],
    ['the INS is no number of the site', image(), known([INS, '26001', 'INS']), 'mismatch', ['issuer']],
    ['an issuer that nobody knows', image({ issuer: 'SOMEWHERE' }), AT_LAVAL, 'unknown', ['issuer']],
    ['nothing but the number', image({ name: null, birthDate: null }), AT_LAVAL, 'unknown', ['name', 'birth-date']],
  ] as const)('%s', (_what, whom, patient, is, which) => {
    const said = judge(whom, { patient, site: 'ch-laval', issuers })
    expect([said.is, said.is === 'ok' ? [] : said.which]).toEqual([is, which])
  })
})

test.each([
  ['LEFÈVRE^Zoé', 'Lefevre', 'Zoe', 'same'],
  ['OEUVRARD^ANNE', 'Œuvrard', 'Anne', 'same'],
  ["D'ARTAGNAN^CHARLES", 'dArtagnan', 'Charles', 'same'],
  ['DE LA TOUR^ANNE', 'de-la-Tour', 'Anne', 'same'],
  ['DUPONT^JEAN PIERRE MICHEL', 'Dupont', 'Jean-Pierre', 'same'],
  ['DUPONT^JEAN', 'Dupont', 'Jean Pierre', 'same'],
  ['DUPONT^JEAN^PIERRE', 'Dupont', 'Jean Pierre', 'same'],
  ['DUPONT^JEANPIERRE', 'Dupont', 'Jean-Pierre', 'same'],
  ['DUPONT^JEANNE', 'Dupont', 'Jean', 'other'],
  ['DUPONT JEAN', 'Dupont', 'Jean', 'same'],
  ['JEAN DUPONT', 'Dupont', 'Jean', 'same'],
  ['DUPONT^JEAN^^M^=漢字^字=かな', 'Dupont', 'Jean', 'same'],
  ['DUPONT-MARTIN^JEAN', 'Dupont', 'Jean', 'other'],
  ['DUPOND^JEAN', 'Dupont', 'Jean', 'other'],
  ['DUPONT', 'Dupont', 'Jean', 'absent'],
  ['^JEAN', 'Dupont', 'Jean', 'absent'],
  ['', 'Dupont', 'Jean', 'absent'],
])('the name %s and %s, %s: %s', (written, family, given, said) => {
  expect(compareNames(dicomName(written), { family: words(family), given: words(given) })).toBe(said)
})

test.each([
  ['19500214', '1950-02-14', 'same'],
  ['1950.02.14', '1950-02-14', 'same'],
  ['19500214', '1950-02', 'same'],
  ['19500214', '1950', 'same'],
  ['19510214', '1950', 'other'],
  ['19500214', '1950-02-15', 'other'],
  ['', '1950-02-14', 'absent'],
  ['19500214', null, 'absent'],
  ['1950', '1950-02-14', 'absent'],
])('the birth date %s and %s: %s', (image, case_, said) => {
  expect(compareBirthDates(image, case_)).toBe(said)
})

test.each([
  [
    'the smallest first',
    [
      ['a', 300, 0],
      ['b', 20, 0],
      ['c', 100, 0],
    ],
    ['b', 'c', 'a'],
  ],
  [
    'what grows comes last',
    [
      ['a', 300, 300],
      ['b', 20, 10],
      ['c', 100, 0],
    ],
    ['c', 'a', 'b'],
  ],
  [
    'of one size, by name',
    [
      ['b', 1, 0],
      ['a', 1, 0],
    ],
    ['a', 'b'],
  ],
] as const)('series in order: %s', (_what, series, order) => {
  const listed = series.map(([uid, instances, before]) => ({ uid, instances, before }))
  expect(inOrder(listed).map(({ uid }) => uid)).toEqual(order)
})
