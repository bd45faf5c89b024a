import { expect, test } from 'vitest'
import {
  RELIABILITY,
  reliabilityExtension,
  reliabilityOf,
  STATUS_SYSTEM,
  STATUS_SYSTEM_0445,
} from '../../../src/formats/fhir/identity-reliability.ts'
import type { JsonObject } from '../../../src/formats/fhir/json.ts'
import {
  carriesIns,
  type Hl7Status,
  type IdentityStatus,
  mayCarryIns,
  pid32Of,
  type Reliability,
  reliabilityOfHl7,
} from '../../../src/formats/identifiers/identity-status.ts'

const hl7: [name: string, said: Hl7Status, status: IdentityStatus, comments: string[], travels: boolean][] = [
  ['VALI with an INS', { statuses: ['VALI'], ins: true }, 'QUAL', [], true],
  ['VALI without an INS', { statuses: ['VALI'], ins: false }, 'VALI', [], true],
  ['PROV collected from the INS service', { statuses: ['PROV'], ins: false, method: 'INSI' }, 'RECUP', [], false],
  ['PROV with an INS', { statuses: ['PROV'], ins: true }, 'PROV', [], false],
  ['VIDE', { statuses: ['VIDE'], ins: true }, 'PROV', [], false],
  ['nothing', { statuses: [], ins: true }, 'PROV', [], false],
  ['an empty repetition', { statuses: [''], ins: true }, 'PROV', [], false],
  ['VALI and a namesake', { statuses: ['VALI', 'HOMA'], ins: true }, 'QUAL', ['HOMA'], true],
  ['VALI and doubtful', { statuses: ['VALI', 'DOUT'], ins: true }, 'PROV', ['DOUT'], false],
  ['PROV and invented', { statuses: ['PROV', 'FICT'], ins: true, method: 'INSI' }, 'PROV', ['FICT'], false],
  ['VALI and a corrected birth date', { statuses: ['VALI'], ins: true, corrected: true }, 'VALI', [], false],
  [
    'retrieved and a corrected birth date',
    { statuses: ['PROV'], ins: false, method: 'INSI', corrected: true },
    'PROV',
    [],
    false,
  ],
]

test.each(hl7)('PID-32: %s', (_, said, status, comments, travels) => {
  expect(reliabilityOfHl7(said)).toMatchObject({ status, comments })
  expect(mayCarryIns(said)).toBe(travels)
})

const base: Reliability = { status: 'QUAL', comments: [], method: '', askedAt: '', proof: '' }
test.each<[status: IdentityStatus, comments: string[], pid32: string[], ins: boolean]>([
  ['QUAL', [], ['VALI'], true],
  ['VALI', [], ['VALI'], false],
  ['RECUP', [], ['PROV'], false],
  ['PROV', ['FICT'], ['PROV', 'FICT'], false],
  ['QUAL', ['HOMA'], ['VALI', 'HOMA'], true],
  // It contradicts itself: the doubt wins.
  ['QUAL', ['DOUT'], ['PROV', 'DOUT'], false],
])('%s %j goes out as PID-32 %j', (status, comments, pid32, ins) => {
  expect(pid32Of({ status, comments })).toEqual(pid32)
  expect(carriesIns({ status, comments })).toBe(ins)
})

const INS = { system: 'urn:oid:1.2.250.1.213.1.4.10', value: '279035121518989' }
const patient = (extension: JsonObject, identifier: JsonObject[] = [INS]): JsonObject => ({
  resourceType: 'Patient',
  extension: [extension],
  identifier,
})

test.each<Reliability>([
  { ...base },
  { ...base, status: 'VALI', proof: 'CN' },
  { ...base, status: 'RECUP', method: 'INSI', askedAt: '2026-03-10' },
  { ...base, status: 'PROV', comments: ['DOUT', 'HOMD'], method: 'SM' },
])('FrCore of today says what it is told: %j', (one) => {
  const extension = reliabilityExtension(one)
  expect(extension).toMatchObject({ url: RELIABILITY })
  expect(reliabilityOf(patient(extension))).toEqual(one)
})

test.each<[status: IdentityStatus, ins: boolean, read: IdentityStatus]>([
  ['QUAL', true, 'QUAL'],
  ['VALI', false, 'VALI'],
  ['RECUP', false, 'PROV'],
  ['PROV', false, 'PROV'],
])('the older form of %s is read as what its INS allows', (status, ins, read) => {
  const extension = reliabilityExtension({ ...base, status }, '0445')
  expect(reliabilityOf(patient(extension, ins ? [INS] : [])).status).toBe(read)
})

test('a doubtful identity is written as provisional', () => {
  expect(reliabilityExtension({ ...base, comments: ['DOUT'] })['extension']).toContainEqual({
    url: 'identityStatus',
    valueCoding: { system: STATUS_SYSTEM, code: 'PROV' },
  })
})

test.each<[name: string, parts: JsonObject[], status: IdentityStatus, comments: string[]]>([
  ['nothing', [], 'PROV', []],
  ['an older VALI', [{ url: 'identityStatus', valueCoding: { system: STATUS_SYSTEM_0445, code: 'VALI' } }], 'QUAL', []],
  ['a code that is none, in the place of a status', [{ url: 'identityStatus', valueCode: 'HOMA' }], 'PROV', ['HOMA']],
  [
    'a comment as a concept',
    [{ url: 'comment', valueCodeableConcept: { coding: [{ code: 'DOUT' }] } }],
    'PROV',
    ['DOUT'],
  ],
])('FHIR: %s', (_, parts, status, comments) => {
  expect(reliabilityOf(patient({ url: RELIABILITY, extension: parts }))).toMatchObject({ status, comments })
})
