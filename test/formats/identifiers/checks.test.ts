import { expect, test } from 'vitest'
import type { IdentifierFault } from '../../../src/formats/identifiers/fault.ts'
import { finessFault } from '../../../src/formats/identifiers/finess.ts'
import {
  INS_AUTHORITIES,
  insAuthority,
  isIns,
  isTestInsOid,
  matriculeFault,
  matriculeKey,
  readMatricule,
} from '../../../src/formats/identifiers/ins.ts'
import { luhnHolds } from '../../../src/formats/identifiers/luhn.ts'
import { isGrave, mayBeSent, type National, nationalFault } from '../../../src/formats/identifiers/national.ts'
import { readIdNps } from '../../../src/formats/identifiers/professional.ts'
import { idNstOf, readIdNst, siretFault } from '../../../src/formats/identifiers/structure.ts'

const matricules: [name: string, text: string, fault: IdentifierFault | null][] = [
  ['the test patient of the agency', '279035121518989', null],
  ['another sample of the guides', '260058815400233', null],
  ['a third', '276037510669326', null],
  ['a fourth', '146026322000196', null],
  ['born in Corsica of the South', '185052A00412356', null],
  ['a wrong key, as printed in the guides', '260058815400244', 'key'],
  ['another wrong key, as printed', '276037510669380', 'key'],
  ['no key', '2790351215189', 'keyless'],
  ['a letter', '27903512151898A', 'form'],
  ['a key that is none', '2790351215189AB', 'form'],
  ['14 characters', '27903512151898', 'form'],
  ['month 13', '279135121518989', 'form'],
  ['month 20, of an incomplete record', `2792051215189${matriculeKey('2792051215189')}`, null],
  ['sex 9', '979035121518989', 'form'],
  ['sex 7, of a temporary one', `7790351215189${matriculeKey('7790351215189')}`, null],
  ['2C', '185052C00412356', 'form'],
  ['2A in lower case', '185052a00412356', 'form'],
  ['2A elsewhere', '1850520A0412356', 'form'],
  ['empty', '', 'form'],
]

test.each(matricules)('matricule: %s', (_, text, fault) => {
  expect(matriculeFault(text)).toBe(fault)
})

test.each([
  ['2A counts as 19', '185052A004123', '1850519004123'],
  ['2B counts as 18', '185052B004123', '1850518004123'],
])('key: %s', (_, body, digits) => {
  expect(matriculeKey(body)).toBe(matriculeKey(digits))
})

test('the two forms of the Corsican key are one', () => {
  const other = (body: string, minus: number) =>
    String(97 - ((Number(body.replace(/[AB]/, '0')) - minus) % 97)).padStart(2, '0')
  expect(matriculeKey('185052A004123')).toBe(other('185052A004123', 1_000_000))
  expect(matriculeKey('185052B004123')).toBe(other('185052B004123', 2_000_000))
})

test('a region may have another form of the body', () => {
  const narrow = /^[12]\d{12}$/
  expect(matriculeFault('279035121518989', narrow)).toBeNull()
  expect(matriculeFault('185052A00412356', narrow)).toBe('form')
  // Whatever the form, what has no key cannot be judged.
  expect(readMatricule('ABCDEFGHIJKLM', /.*/)).toBeNull()
})

test('a body that is none has no key', () => {
  expect(() => matriculeKey('279035121518')).toThrow(RangeError)
})

test.each([
  ['1.2.250.1.213.1.4.8', 'INS-NIR', true],
  ['1.2.250.1.213.1.4.9', 'INS-NIA', true],
  ['1.2.250.1.213.1.4.10', 'INS-NIR-TEST', false],
  ['1.2.250.1.213.1.4.11', 'INS-NIR-DEMO', false],
])('authority %s is %s', (oid, kind, production) => {
  expect(insAuthority(oid)).toMatchObject({ kind, production })
  expect(isTestInsOid(oid)).toBe(!production)
  expect(isGrave(INS_AUTHORITIES.find((one) => one.oid === oid)!.kind)).toBe(production)
})

test.each([
  ['an authority, whatever the type', '1.2.250.1.213.1.4.8', 'PI', true],
  ['the type, whatever the authority', '1.2.3', 'INS', true],
  ['the billing number', '1.2.250.1.213.1.4.8', 'NH', false],
  ['the obsolete one', '1.2.250.1.213.1.4.2', 'INS-C', false],
  ['a local one', '1.2.3', 'PI', false],
])('is it an INS: %s', (_, oid, type, ins) => {
  expect(isIns(oid, type)).toBe(ins)
})

const numbers: [name: string, national: National, fault: IdentifierFault | null][] = [
  ['RPPS', { kind: 'RPPS', value: '10001850758' }, null],
  ['RPPS', { kind: 'RPPS', value: '10100534436' }, null],
  ['RPPS with a wrong key', { kind: 'RPPS', value: '10001850759' }, 'key'],
  ['RPPS of 12 digits', { kind: 'RPPS', value: '810001850758' }, 'form'],
  ['IdNPS of an RPPS', { kind: 'IDNPS', value: '810001850758' }, null],
  ['IdNPS of an RPPS with a wrong key', { kind: 'IDNPS', value: '801234567898' }, 'key'],
  ['IdNPS of an ADELI', { kind: 'IDNPS', value: '0441234567' }, null],
  ['IdNPS of a structure', { kind: 'IDNPS', value: '3440000289/123' }, null],
  ['IdNPS of an RPPS that is too short', { kind: 'IDNPS', value: '81000185075' }, 'form'],
  ['IdNPS with a blank', { kind: 'IDNPS', value: '8 10001850758' }, 'form'],
  ['ADELI', { kind: 'ADELI', value: '441234567' }, null],
  ['FINESS of a legal entity', { kind: 'FINEJ', value: '440000289' }, null],
  ['FINESS of a legal entity', { kind: 'FINEJ', value: '490000031' }, null],
  ['FINESS of a geographic entity', { kind: 'FINEG', value: '300017985' }, null],
  ['FINESS printed with a wrong key', { kind: 'FINEG', value: '300017986' }, 'key'],
  ['FINESS of Corsica', { kind: 'FINEJ', value: '2A0000016' }, null],
  ['FINESS of Corsica with a wrong key', { kind: 'FINEJ', value: '2B0000015' }, 'key'],
  ['FINESS of eight digits', { kind: 'FINEJ', value: '44000028' }, 'form'],
  ['IdNST of a FINESS', { kind: 'IDNST', value: '1750100125' }, null],
  ['IdNST of a FINESS with a wrong key', { kind: 'IDNST', value: '1750100126' }, 'key'],
  ['IdNST of a SIREN', { kind: 'IDNST', value: '2732829320' }, null],
  ['IdNST of a SIRET', { kind: 'IDNST', value: '373282932000074' }, null],
  ['IdNST of an ADELI rank', { kind: 'IDNST', value: '044123456701' }, null],
  ['IdNST of an RPPS rank', { kind: 'IDNST', value: '41000185075801' }, null],
  ['IdNST of nothing known', { kind: 'IDNST', value: '9750100125' }, 'form'],
  ['SIREN', { kind: 'SIREN', value: '732829320' }, null],
  ['SIREN with a wrong key', { kind: 'SIREN', value: '732829321' }, 'key'],
  ['SIRET', { kind: 'SIRET', value: '73282932000074' }, null],
  ['SIRET with a wrong key', { kind: 'SIRET', value: '73282932000075' }, 'key'],
  ['INS-C', { kind: 'INS-C', value: '1234567890123456789012' }, null],
  ['billing number without key', { kind: 'NH', value: '2790351215189' }, null],
  ['billing number with a wrong key', { kind: 'NH', value: '279035121518988' }, 'key'],
  ['INS with a wrong key', { kind: 'INS-NIR', value: '260058815400244' }, 'key'],
]

test.each(numbers)('%s: %j', (_, national, fault) => {
  expect(nationalFault(national)).toBe(fault)
})

test('the establishments of one undertaking have a SIRET key of their own', () => {
  expect(siretFault('35600000049837')).toBeNull()
  expect(luhnHolds('35600000000001')).toBe(false)
  expect(siretFault('35600000000001')).toBeNull()
  expect(siretFault('35600000000002')).toBe('key')
})

test.each([
  ['810001850758', { of: 'RPPS', number: '10001850758' }],
  ['0441234567', { of: 'ADELI', number: '441234567' }],
  ['3440000289/123', { of: 'structure', number: '440000289/123' }],
  ['5123456789', { of: 'other', number: '123456789' }],
  ['x', null],
])('inside IdNPS %s', (idNps, inside) => {
  expect(readIdNps(idNps)).toEqual(inside)
})

test.each([
  ['1750100125', { of: 'FINEG', number: '750100125' }],
  ['2732829320', { of: 'SIREN', number: '732829320' }],
  ['373282932000074', { of: 'SIRET', number: '73282932000074' }],
  ['', null],
])('inside IdNST %s', (idNst, inside) => {
  expect(readIdNst(idNst)).toEqual(inside)
  if (inside !== null) expect(idNstOf(inside.of as 'FINEG', inside.number)).toBe(idNst)
})

test.each([
  [{ kind: 'IDNPS', value: '0441234567' }, false],
  [{ kind: 'IDNPS', value: '810001850758' }, true],
  [{ kind: 'ADELI', value: '441234567' }, false],
  [{ kind: 'INS-C', value: '1234567890123456789012' }, false],
  [{ kind: 'RPPS', value: '10001850758' }, true],
] as [National, boolean][])('%j may be sent: %s', (national, sent) => {
  expect(mayBeSent(national)).toBe(sent)
})

test('a FINESS has nine characters', () => {
  expect(finessFault('')).toBe('form')
})
