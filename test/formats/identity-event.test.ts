import { describe, expect, test } from 'vitest'
import { readHeader } from '../../src/formats/hl7v2/header.ts'
import { patientIdentifiers } from '../../src/formats/hl7v2/identifiers.ts'
import {
  type IdentityEvent,
  identityEvents,
  isIdentityEvent,
  tellsNir,
} from '../../src/formats/hl7v2/identity-event.ts'
import { type Hl7Message, readMessage } from '../../src/formats/hl7v2/message.ts'
import { roleOf, visitNumber } from '../../src/formats/hl7v2/movement.ts'
import type { Hl7Identifier } from '../../src/formats/identifiers/hl7-form.ts'
import { type AdtParts, adt, ipp } from '../pipeline/adt.ts'

const INS = 'ASIP-SANTE-INS-NIR&1.2.250.1.213.1.4.10&ISO^INS'
const NIA = 'ASIP-SANTE-INS-NIA&1.2.250.1.213.1.4.9&ISO^INS'
const nir = (value: string): string => `${value}^^^${INS}`
const nia = (value: string): string => `${value}^^^${NIA}`
const A = '279035121518989'
const B = '260058815400233'

function read(event: string, parts: Omit<AdtParts, 'id'>): Hl7Message {
  const reading = readMessage(Buffer.from(adt(event, { id: 'X', ...parts }), 'utf8'))
  if (!reading.ok) throw new Error(reading.at)
  return reading.message
}
const short = ({ value, authority, type }: Hl7Identifier): string =>
  `${value} ${authority.id || authority.namespace} ${type}`
/** What happened, in one line. */
function said(one: IdentityEvent): string {
  switch (one.what) {
    case 'merge':
      return `merge ${one.merged.map(short).join(', ')} into ${one.kept.map(short).join(', ')}`
    case 'change':
      return `change ${short(one.from)} to ${short(one.to)}`
    case 'removal':
      return `removal ${short(one.from)}`
    case 'ins-removal':
      return `ins-removal of ${one.of.map(short).join(', ')}: ${one.status}`
    case 'nir':
      return `nir ${one.nia.value} ${one.nir.value}`
  }
}

const L = '1.2.250.1.213.1.99.1 PI'
const N = '1.2.250.1.213.1.4.10 INS'
const cases: [name: string, event: string, parts: Omit<AdtParts, 'id'>, expected: string[]][] = [
  ['a merge', 'A40', { pid3: ipp('P1'), mrg: ipp('P2') }, [`merge P2 ${L} into P1 ${L}`]],
  [
    'a merge of several, into a patient with a qualified INS',
    'A40',
    { pid3: `${ipp('P1')}~${nir(A)}`, mrg: `${ipp('P2')}~${ipp('P3')}` },
    [`merge P2 ${L}, P3 ${L} into P1 ${L}, ${A} ${N}`],
  ],
  [
    'a merge into a patient whose INS may not travel: the INS counts for nothing',
    'A40',
    { pid3: `${ipp('P1')}~${nir(A)}`, mrg: ipp('P2'), status: 'PROV' },
    [`merge P2 ${L} into P1 ${L}`],
  ],
  [
    'two merges in one message, each into its own patient',
    'A40',
    { pid3: ipp('P1'), mrg: ipp('P2'), more: [`PID|2||${ipp('P3')}`, `MRG|${ipp('P4')}`, `MRG|${ipp('P5')}`] },
    [`merge P2 ${L} into P1 ${L}`, `merge P4 ${L}, P5 ${L} into P3 ${L}`],
  ],
  ['a merge of nobody', 'A40', { pid3: ipp('P1') }, []],
  ['another local number', 'A47', { pid3: ipp('P2'), mrg: ipp('P1') }, [`change P1 ${L} to P2 ${L}`]],
  ['the same local number', 'A47', { pid3: ipp('P1'), mrg: ipp('P1') }, []],
  ['no local number any more', 'A47', { pid3: ipp('""'), mrg: ipp('P1') }, [`removal P1 ${L}`]],
  ['another INS', 'A47', { pid3: nir(B), mrg: nir(A) }, [`change ${A} ${N} to ${B} ${N}`]],
  [
    'another INS that may not travel: none is left',
    'A47',
    { pid3: nir(B), mrg: nir(A), status: 'PROV' },
    [`ins-removal of ${A} ${N}: PROV`],
  ],
  [
    'no INS any more (deletion)',
    'A47',
    { pid3: nir('""'), mrg: nir(A), status: 'PROV' },
    [`ins-removal of ${A} ${N}: PROV`],
  ],
  [
    'from qualified to retrieved (demotion); found by the IPP too',
    'A47',
    { pid3: `${nir('""')}~${ipp('P1')}`, mrg: nir(A), status: 'PROV', more: ['ZFD|||||INSI'] },
    [`ins-removal of ${A} ${N}, P1 ${L}: RECUP`],
  ],
  ['no INS, and validated all the same', 'A47', { pid3: nir('""'), mrg: nir(A) }, [`ins-removal of ${A} ${N}: VALI`]],
  ['a null without its authority', 'A47', { pid3: '""', mrg: nir(A), status: '' }, [`ins-removal of ${A} ${N}: PROV`]],
  [
    'a billing number is no INS',
    'A47',
    { pid3: '""', mrg: '1^^^ASIP-SANTE-NIR&1.2.250.1.213.1.4.8&ISO^NH' },
    ['removal 1 1.2.250.1.213.1.4.8 NH'],
  ],
  ['a NIR after the NIA', 'A31', { pid3: `${nia(B)}~${nir(A)}` }, [`nir ${B} ${A}`]],
  ['a NIR after the NIA, not to be trusted', 'A31', { pid3: `${nia(B)}~${nir(A)}`, status: 'VALI~DOUT' }, []],
  ['a NIA alone', 'A28', { pid3: nia(B) }, []],
  ['a movement says nothing of identities', 'A02', { pid3: `${nia(B)}~${nir(A)}` }, []],
]

describe('what happened to an identity', () => {
  test.each(cases)('%s', (_name, event, parts, expected) => {
    const message = read(event, parts)
    const { kind } = readHeader(message)
    const found = identityEvents(message, kind)
    expect(found.map(said)).toEqual(expected)
    // What accepting looks at must not leave out what would be found.
    if (found.length > 0) expect(isIdentityEvent(kind) || tellsNir(kind, patientIdentifiers(message))).toBe(true)
  })
})

describe('movements and their visits', () => {
  const roles: [event: string, role: string | null][] = [
    ...['A01', 'A04', 'A05', 'A14'].map((event): [string, string] => [event, 'admission']),
    ...'A02 A03 A06 A07 A11 A12 A13 A15 A16 A21 A22 A25 A26 A27 A38 A52 A53 A54 A55 Z99'
      .split(' ')
      .map((event): [string, string] => [event, 'movement']),
    ...['A08', 'A28', 'A31', 'A40', 'A47'].map((event): [string, null] => [event, null]),
  ]
  test.each(roles)('ADT^%s: %s', (event, role) => expect(roleOf(`ADT^${event}`)).toBe(role))

  const numbers: [name: string, parts: Omit<AdtParts, 'id'>, expected: string | null][] = [
    ['PV1-19', { visit: 'V1^^^SIH&1.2.3&ISO^VN', account: 'D1' }, 'PV1-19 V1 1.2.3'],
    ['PID-18 where there is none', { account: 'D1^^^SIH' }, 'PID-18 D1 SIH'],
    ['PID-18 where PV1-19 is the null', { visit: '""', account: 'D1' }, 'PID-18 D1 '],
    ['neither', {}, null],
  ]
  test.each(numbers)('visit: %s', (_name, parts, expected) => {
    const found = visitNumber(read('A02', parts))
    expect(found === null ? null : `${found.place} ${found.id} ${found.authority}`).toBe(expected)
  })
})
