import { expect, test } from 'vitest'
import { patientAfter } from '../../../src/formats/fhir/identity-event.ts'
import type { JsonObject } from '../../../src/formats/fhir/json-value.ts'
import type { IdentityEvent } from '../../../src/formats/hl7v2/identity-event.ts'
import type { Hl7Identifier } from '../../../src/formats/identifiers/hl7-form.ts'

const ARC = '1.2.250.1.213.1.4'
const A = '279035121518989'
const B = '260058815400233'
const cx = (value: string, id: string, type: string, namespace = ''): Hl7Identifier => ({
  value,
  authority: { namespace, id, idType: id === '' ? '' : 'ISO' },
  type,
})
const local = (value: string) => cx(value, '1.2.3', 'PI')
const nir = (value: string) => cx(value, `${ARC}.10`, 'INS')
const nia = (value: string) => cx(value, `${ARC}.9`, 'INS')

/** Identifiers in short: `use system value`. */
const ids = (...all: string[]): JsonObject => ({
  resourceType: 'Patient',
  identifier: all.map((one) => {
    const [use = '', system = '', value = '', type] = one.split(' ')
    return {
      ...(use === '-' ? {} : { use }),
      ...(type === undefined ? {} : { type: { coding: [{ code: type }] } }),
      system: `urn:oid:${system}`,
      value,
    }
  }),
})
const shortOf = (patient: JsonObject | null): unknown =>
  patient === null
    ? null
    : {
        ...('active' in patient ? { active: patient['active'] } : {}),
        ...('link' in patient ? { link: patient['link'] } : {}),
        ids: ((patient['identifier'] ?? []) as JsonObject[]).map(
          ({ use, system, value }) => `${use ?? '-'} ${String(system).replace('urn:oid:', '')} ${value}`,
        ),
      }

const merge: IdentityEvent = { what: 'merge', merged: [local('P2'), local('P3')], kept: [local('P1'), nir(A)] }
const removal: IdentityEvent = { what: 'ins-removal', of: [nir(A), local('P1')], status: 'PROV' }
const cases: [name: string, before: JsonObject, event: IdentityEvent, into: string | null, after: unknown][] = [
  [
    'merged: ended, pointing to who goes on; what it was known by is old',
    ids('usual 1.2.3 P2', 'secondary 9.9 X'),
    merge,
    'kept-id',
    {
      active: false,
      link: [{ other: { reference: 'Patient/kept-id' }, type: 'replaced-by' }],
      ids: ['old 1.2.3 P2', 'secondary 9.9 X'],
    },
  ],
  [
    'merged, with the same INS as who goes on: a double, and its INS is old',
    ids('usual 1.2.3 P3', `official ${ARC}.10 ${A}`),
    merge,
    'kept-id',
    {
      active: false,
      link: [{ other: { reference: 'Patient/kept-id' }, type: 'replaced-by' }],
      ids: ['old 1.2.3 P3', `old ${ARC}.10 ${A}`],
    },
  ],
  [
    'merged into one that is not kept here: a logical link',
    ids('usual 1.2.3 P2'),
    merge,
    null,
    {
      active: false,
      link: [
        {
          other: {
            identifier: {
              use: 'usual',
              type: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0203', code: 'PI' }] },
              system: 'urn:oid:1.2.3',
              value: 'P1',
            },
          },
          type: 'replaced-by',
        },
      ],
      ids: ['old 1.2.3 P2'],
    },
  ],
  [
    'who goes on, and knew both numbers: only the merged one is old',
    ids('usual 1.2.3 P1', 'usual 1.2.3 P2'),
    merge,
    null,
    { ids: ['usual 1.2.3 P1', 'old 1.2.3 P2'] },
  ],
  ['a merge of others', ids('usual 1.2.3 P1'), merge, null, null],
  [
    'a local number changed, where it stood',
    ids('usual 1.2.3 P1', 'secondary 9.9 X'),
    { what: 'change', from: local('P1'), to: local('P7') },
    null,
    { ids: ['usual 1.2.3 P7', 'secondary 9.9 X'] },
  ],
  [
    'changed to one that it has: the old one goes',
    ids('usual 1.2.3 P1', 'usual 1.2.3 P7'),
    { what: 'change', from: local('P1'), to: local('P7') },
    null,
    { ids: ['usual 1.2.3 P7'] },
  ],
  [
    'an INS changed',
    ids(`official ${ARC}.10 ${A}`),
    { what: 'change', from: nir(A), to: nir(B) },
    null,
    { ids: [`official ${ARC}.10 ${B}`] },
  ],
  [
    'a NIA changed into a NIR: another authority, use and type',
    ids(`temp ${ARC}.9 ${A}`),
    { what: 'change', from: nia(A), to: nir(B) },
    null,
    { ids: [`official ${ARC}.10 ${B}`] },
  ],
  [
    'a local number deleted: another of that value stays',
    ids('usual 1.2.3 P1', 'usual 9.9 P1'),
    { what: 'removal', from: local('P1') },
    null,
    { ids: ['usual 9.9 P1'] },
  ],
  [
    'no INS any more: neither NIR nor NIA; the billing number stays',
    ids(`official ${ARC}.10 ${A}`, `temp ${ARC}.9 ${B}`, `official ${ARC}.8 ${A} NH`, 'usual 1.2.3 P1'),
    removal,
    null,
    { ids: [`official ${ARC}.8 ${A}`, 'usual 1.2.3 P1'] },
  ],
  ['no INS any more, of another patient', ids(`official ${ARC}.10 ${B}`, 'usual 1.2.3 P5'), removal, null, null],
  [
    'a NIR beside the NIA: official and temporary',
    ids(`official ${ARC}.9 ${B}`, 'usual 1.2.3 P1'),
    { what: 'nir', nia: nia(B), nir: nir(A) },
    null,
    { ids: [`official ${ARC}.10 ${A}`, `temp ${ARC}.9 ${B}`, 'usual 1.2.3 P1'] },
  ],
  [
    'a NIR that is there already',
    ids(`official ${ARC}.10 ${A}`, `temp ${ARC}.9 ${B}`),
    { what: 'nir', nia: nia(B), nir: nir(A) },
    null,
    null,
  ],
]
test.each(cases)('%s', (_name, before, event, into, after) => {
  const untouched = structuredClone(before)
  expect(shortOf(patientAfter(before, event, into))).toEqual(after)
  expect(before).toEqual(untouched)
})

const URL = 'https://hl7.fr/ig/fhir/core/StructureDefinition/fr-core-identity-reliability'
const OLD = 'https://hl7.fr/ig/fhir/core/CodeSystem/fr-core-v2-0445'
const statuses: [name: string, part: JsonObject, status: 'PROV' | 'RECUP' | 'VALI', after: JsonObject][] = [
  [
    'coding',
    { valueCoding: { system: 's', code: 'QUAL', display: 'Identité qualifiée' } },
    'RECUP',
    { valueCoding: { system: 's', code: 'RECUP' } },
  ],
  [
    'coding of an older file',
    { valueCoding: { system: OLD, code: 'VALI' } },
    'RECUP',
    { valueCoding: { system: OLD, code: 'PROV' } },
  ],
  [
    'older file, validated: VALI would say qualified there',
    { valueCoding: { system: OLD, code: 'VALI' } },
    'VALI',
    { valueCoding: { system: OLD, code: 'PROV' } },
  ],
  [
    'concept',
    { valueCodeableConcept: { text: 'qualifiée', coding: [{ code: 'QUAL' }] } },
    'VALI',
    { valueCodeableConcept: { coding: [{ code: 'VALI' }] } },
  ],
  ['code', { valueCode: 'QUAL' }, 'PROV', { valueCode: 'PROV' }],
]
test.each(statuses)('without INS the identity has another status: %s', (_name, part, status, after) => {
  const profile = 'https://hl7.fr/ig/fhir/core/StructureDefinition/fr-core-patient'
  const other = { url: 'identityMethod', valueCode: 'CN' }
  const patient: JsonObject = {
    ...ids(`official ${ARC}.10 ${A}`),
    meta: { profile: [`${profile}-ins`] },
    extension: [{ url: 'x' }, { url: URL, extension: [other, { url: 'identityStatus', ...part }] }],
  }
  expect(patientAfter(patient, { what: 'ins-removal', of: [nir(A)], status })).toEqual({
    resourceType: 'Patient',
    meta: { profile: [profile] },
    extension: [{ url: 'x' }, { url: URL, extension: [other, { url: 'identityStatus', ...after }] }],
  })
})
