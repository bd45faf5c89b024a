import { expect, test } from 'vitest'
import type { JsonObject } from '../../../src/formats/fhir/json-value.ts'
import { hdOf, systemOf } from '../../../src/formats/identifiers/authority.ts'
import { FR_TYPES, identifierOfNational, nationalOfIdentifier } from '../../../src/formats/identifiers/fhir-form.ts'
import {
  cxOfNational,
  type Hd,
  type Hl7Identifier,
  nationalOfCx,
  nationalOfXcn,
  nationalOfXon,
  PROFESSIONALS,
  STRUCTURES,
  xcnOfNational,
  xonOfNational,
} from '../../../src/formats/identifiers/hl7-form.ts'
import type {
  National,
  PatientKind,
  ProfessionalKind,
  StructureKind,
} from '../../../src/formats/identifiers/national.ts'
import { cxOfIdentifier, identifierOfCx } from '../../../src/formats/identifiers/patient.ts'

const NIR = '1.2.250.1.213.1.4.8'
const iso = (id: string, namespace = ''): Hd => ({ namespace, id, idType: 'ISO' })
const cx = (value: string, authority: Hd, type: string): Hl7Identifier => ({ value, authority, type })

const patients: [name: string, cx: Hl7Identifier, national: National<PatientKind>, identifier: JsonObject][] = [
  ...(
    [
      ['INS-NIR', '8', 'NIR', 'official'],
      ['INS-NIA', '9', 'NIA', 'temp'],
      ['INS-NIR-TEST', '10', 'NIR', 'official'],
      ['INS-NIR-DEMO', '11', 'NIR', 'official'],
    ] as const
  ).map(([kind, arc, name, use]): [string, Hl7Identifier, National<PatientKind>, JsonObject] => [
    kind,
    cx('279035121518989', iso(`1.2.250.1.213.1.4.${arc}`, `ASIP-SANTE-INS-${name}`), 'INS'),
    { kind, value: '279035121518989' },
    {
      use,
      type: { coding: [{ system: FR_TYPES, code: kind }] },
      system: `urn:oid:1.2.250.1.213.1.4.${arc}`,
      value: '279035121518989',
    },
  ]),
  [
    'the billing number',
    cx('2790351215189', iso(NIR, 'ASIP-SANTE-NIR'), 'NH'),
    { kind: 'NH', value: '2790351215189' },
    {
      use: 'official',
      type: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0203', code: 'NH' }] },
      system: `urn:oid:${NIR}`,
      value: '2790351215189',
    },
  ],
]

test.each(patients)('%s is the same in HL7 v2 and in FHIR', (_, field, national, identifier) => {
  expect(nationalOfCx(field)).toEqual(national)
  expect(cxOfNational(national)).toEqual(field)
  expect(identifierOfNational(national)).toEqual(identifier)
  expect(nationalOfIdentifier(identifier)).toEqual(national)
  expect(identifierOfCx(field)).toEqual(identifier)
  expect(cxOfIdentifier(identifier)).toEqual(field)
  expect(identifierOfCx(field, { old: true })).toMatchObject({ use: 'old' })
})

const oldIns: Hl7Identifier[] = [
  cx('1234567890123456789012', iso('1.2.250.1.213.1.4.2'), 'INS-C'),
  cx('1234567890123456789012', iso('1.2.250.1.213.1.4.6'), 'PI'),
]
test.each(oldIns)('the obsolete INS-C is read and never written: %j', (field) => {
  expect(nationalOfCx(field)).toMatchObject({ kind: 'INS-C' })
  expect(cxOfNational({ kind: 'INS-C', value: field.value })).toBeNull()
  expect(identifierOfCx(field)).toBeNull()
})

const locals: [name: string, cx: Hl7Identifier, identifier: JsonObject][] = [
  [
    'under an OID',
    cx('123', iso('1.2.3', 'AUT'), 'PI'),
    {
      use: 'usual',
      type: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0203', code: 'PI' }] },
      system: 'urn:oid:1.2.3',
      value: '123',
      assigner: { display: 'AUT' },
    },
  ],
  [
    'under the FINESS of a legal entity',
    cx('123', { namespace: 'AUT', id: '120456789', idType: 'M' }, 'PI'),
    {
      use: 'usual',
      type: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0203', code: 'PI' }] },
      system: 'urn:oid:1.2.250.1.71.4.2.2.1120456789',
      value: '123',
      assigner: {
        identifier: {
          type: { coding: [{ system: FR_TYPES, code: 'FINEJ' }] },
          system: 'https://finess.esante.gouv.fr',
          value: '120456789',
        },
        display: 'AUT',
      },
    },
  ],
  [
    'of the region',
    cx('R1', iso('1.2.3.4'), 'RRI'),
    {
      use: 'secondary',
      type: { coding: [{ system: FR_TYPES, code: 'RRI' }] },
      system: 'urn:oid:1.2.3.4',
      value: 'R1',
    },
  ],
  ['with nothing but a number', cx('1', { namespace: '', id: '', idType: '' }, ''), { use: 'secondary', value: '1' }],
  [
    'under a name alone',
    cx('1', { namespace: 'AUT', id: '', idType: '' }, ''),
    { use: 'secondary', value: '1', assigner: { display: 'AUT' } },
  ],
]

test.each(locals)('a local identifier %s is the same in both', (_, field, identifier) => {
  expect(identifierOfCx(field)).toEqual(identifier)
  expect(cxOfIdentifier(identifier)).toEqual(field)
})

test.each([
  ['ISO', '1.2.3'],
  ['UUID', '0b5ff7b2-27a2-4b1c-8c2c-6d0f2a1ce001'],
  ['URI', 'http://chu.example/ids'],
  ['M', '2A0000014'],
  ['N', '440000289'],
  ['N', '2B0000012'],
  ['DNS', 'chu.example'],
  ['L', 'A:B/é'],
])('an authority of type %s is read back from its system', (idType, id) => {
  const hd: Hd = { namespace: '', id, idType }
  const identifier = identifierOfCx(cx('1', hd, 'PI'))!
  expect(hdOf(identifier)).toEqual(hd)
  expect(systemOf(hd)).toBe(identifier['system'])
})

test('a CX without value, or with the HL7 null, is no identifier', () => {
  expect(identifierOfCx(cx('', iso('1.2.3'), 'PI'))).toBeNull()
  expect(identifierOfCx(cx('""', iso(NIR), 'INS'))).toBeNull()
  expect(cxOfIdentifier({ system: 'urn:oid:1.2.3' })).toBeNull()
})

const professionals: [
  name: string,
  xcn: Hl7Identifier,
  national: National<ProfessionalKind>,
  identifier: JsonObject,
][] = [
  [
    'IdNPS',
    cx('810001850758', PROFESSIONALS, 'IDNPS'),
    { kind: 'IDNPS', value: '810001850758' },
    {
      type: { coding: [{ system: FR_TYPES, code: 'IDNPS' }] },
      system: 'urn:oid:1.2.250.1.71.4.2.1',
      value: '810001850758',
    },
  ],
  [
    'RPPS',
    cx('10001850758', PROFESSIONALS, 'RPPS'),
    { kind: 'RPPS', value: '10001850758' },
    {
      type: { coding: [{ system: FR_TYPES, code: 'RPPS' }] },
      system: 'https://rpps.esante.gouv.fr',
      value: '10001850758',
    },
  ],
]

test.each(professionals)('%s is the same in HL7 v2 and in FHIR', (_, field, national, identifier) => {
  expect(nationalOfXcn(field)).toEqual(national)
  expect(xcnOfNational(national)).toEqual(field)
  expect(identifierOfNational(national)).toEqual(identifier)
  expect(nationalOfIdentifier(identifier)).toEqual(national)
})

test.each([
  ['without a type, 11 digits', cx('10001850758', PROFESSIONALS, ''), { kind: 'RPPS', value: '10001850758' }],
  ['without a type, 12 digits', cx('810001850758', PROFESSIONALS, ''), { kind: 'IDNPS', value: '810001850758' }],
  ['RPPS with its prefix', cx('810001850758', PROFESSIONALS, 'RPPS'), { kind: 'IDNPS', value: '810001850758' }],
  ['RPPS without an authority', cx('10001850758', iso(''), 'RPPS'), { kind: 'RPPS', value: '10001850758' }],
  ['ADELI', cx('441234567', PROFESSIONALS, 'ADELI'), { kind: 'ADELI', value: '441234567' }],
  ['a local one', cx('DUPONT', iso('1.2.3'), 'EI'), null],
  ['a local one without a type', cx('DUPONT', iso(''), ''), null],
])('XCN: %s', (_, field, national) => {
  expect(nationalOfXcn(field)).toEqual(national)
})

test('what is no longer given is not written', () => {
  expect(xcnOfNational({ kind: 'ADELI', value: '441234567' })).toBeNull()
  expect(xcnOfNational({ kind: 'IDNPS', value: '0441234567' })).toBeNull()
  expect(identifierOfNational({ kind: 'IDNPS', value: '0441234567' })).toBeNull()
})

const structures: [kind: StructureKind, value: string, system: string][] = [
  ['FINEJ', '440000289', 'https://finess.esante.gouv.fr'],
  ['FINEG', '750100125', 'https://finess.esante.gouv.fr'],
  ['SIREN', '732829320', 'https://sirene.fr'],
  ['SIRET', '73282932000074', 'https://sirene.fr'],
  ['IDNST', '1750100125', 'urn:oid:1.2.250.1.71.4.2.2'],
]

test.each(structures)('%s is the same in HL7 v2 and in FHIR', (kind, value, system) => {
  const national: National<StructureKind> = { kind, value }
  expect(xonOfNational(national)).toEqual(cx(value, STRUCTURES, kind))
  expect(nationalOfXon(cx(value, STRUCTURES, kind))).toEqual(national)
  const identifier = { type: { coding: [{ system: FR_TYPES, code: kind }] }, system, value }
  expect(identifierOfNational(national)).toEqual(identifier)
  expect(nationalOfIdentifier(identifier)).toEqual(national)
})

test.each<[name: string, identifier: JsonObject, national: National | null]>([
  ['http://rpps.fr', { system: 'http://rpps.fr', value: '1' }, { kind: 'RPPS', value: '1' }],
  ['http finess', { system: 'http://finess.esante.gouv.fr', value: '1' }, { kind: 'FINEG', value: '1' }],
  ['a slash at the end', { system: 'https://finess.esante.gouv.fr/', value: '1' }, { kind: 'FINEG', value: '1' }],
  ['http sirene', { system: 'http://sirene.fr', value: '73282932000074' }, { kind: 'SIRET', value: '73282932000074' }],
  [
    'RPPS under the OID',
    { type: { coding: [{ code: 'RPPS' }] }, system: 'urn:oid:1.2.250.1.71.4.2.1', value: '10001850758' },
    { kind: 'RPPS', value: '10001850758' },
  ],
  [
    'FINESS under the OID',
    { type: { coding: [{ code: 'FINEG' }] }, system: 'urn:oid:1.2.250.1.71.4.2.2', value: '750100125' },
    { kind: 'FINEG', value: '750100125' },
  ],
  ['another system', { system: 'https://example.test', value: '1' }, null],
  ['a name that every object has', { system: 'constructor', value: '1' }, null],
  ['no value', { system: 'https://sirene.fr' }, null],
])('read: %s', (_, identifier, national) => {
  expect(nationalOfIdentifier(identifier)).toEqual(national)
})

test('a UF is a local unit, and FINESS in XON-7 a place', () => {
  expect(nationalOfXon(cx('3435', iso('120456789'), 'UF'))).toBeNull()
  expect(nationalOfXon(cx('300017985', STRUCTURES, 'FINESS'))).toEqual({ kind: 'FINEG', value: '300017985' })
})
