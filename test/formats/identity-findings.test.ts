import { expect, test } from 'vitest'
import { readHeader } from '../../src/formats/hl7v2/header.ts'
import { identifiersOf, patientIdentities } from '../../src/formats/hl7v2/identifiers.ts'
import { identityFindings } from '../../src/formats/hl7v2/identity-findings.ts'
import { formatErr2 } from '../../src/formats/hl7v2/path.ts'
import { spliced } from '../../src/formats/hl7v2/splice.ts'
import { withheldOf } from '../../src/formats/hl7v2/withheld.ts'
import { messageOf } from './messages.ts'

const IPP = '0001^^^CH&440000289&M^PI'
const ins = (arc: number, id = '279035121518989'): string =>
  `${id}^^^ASIP-SANTE-INS-NIR&1.2.250.1.213.1.4.${arc}&ISO^INS`
const TEST_INS = ins(10)

interface Written {
  readonly kind?: string
  readonly mode?: string
  readonly country?: string
  /** Fields of PID by number. */
  readonly pid?: Readonly<Record<number, string>>
  readonly more?: readonly string[]
}

function written({ kind = 'ADT^A28', mode = 'T', country = '', pid = {}, more = [] }: Written): string[] {
  const fields: Record<number, string> = {
    3: `${IPP}~${TEST_INS}`,
    5: 'PAT-TROIS (FICTIF)^DOMINIQUE^^^^^L',
    7: '19790328',
    8: 'F',
    32: 'VALI',
    ...pid,
  }
  const patient = ['PID']
  for (let n = 1; n <= 32; n++) patient.push(fields[n] ?? '')
  return [`MSH|^~\\&|A|CH|B|R|20260310||${kind}|1|${mode}|2.5^FRA|||||${country}`, patient.join('|'), ...more]
}

function findingsOf(parts: Written): string[] {
  const message = messageOf(written(parts))
  const found = identityFindings(message, readHeader(message), patientIdentities(message))
  for (const { at } of found) if (at !== undefined) expect(() => formatErr2(at)).not.toThrow()
  return found.map(({ code, class: of, at }) => `${of} ${code} ${at}`)
}

const cases: [name: string, parts: Written, findings: string[]][] = [
  ['nothing', {}, []],
  ['I0.1: no PID-3', { pid: { 3: '' } }, ['contract FIELD_MISSING PID-3']],
  ['I0.1: the HL7 null', { pid: { 3: '""' } }, ['contract FIELD_MISSING PID-3']],
  [
    'I0.1: the HL7 null where an identifier is deleted',
    { kind: 'ADT^A47', pid: { 3: TEST_INS.replace(/^\d+/, '""'), 32: 'PROV' }, more: [`MRG|${TEST_INS}`] },
    [],
  ],
  [
    'I0.1: the HL7 null where two patients become one',
    { kind: 'ADT^A40', pid: { 3: '""^^^CH&440000289&M^PI' }, more: [`MRG|${IPP}`] },
    ['contract FIELD_MISSING PID-3'],
  ],
  ['I0.1: no authority', { pid: { 3: `${TEST_INS}~12^^^^PI` } }, ['contract FIELD_MISSING PID-3(2).4']],
  ['I0.1: no type', { pid: { 3: '12^^^CH&440000289&M' } }, ['form FIELD_MISSING PID-3(1).5']],
  ['I0.2: an INS of nobody', { pid: { 3: '279035121518989^^^X&1.2.3&ISO^INS' } }, ['contract INS_AUTHORITY PID-3']],
  ['I0.3: a wrong key of a real person', { pid: { 3: ins(8, '260058815400244') } }, ['contract INS_KEY PID-3']],
  ['I0.3: a wrong key of a temporary one', { pid: { 3: ins(9, '260058815400244') } }, ['contract INS_KEY PID-3']],
  ['I0.3: a wrong key of a test', { pid: { 3: ins(10, '260058815400244') } }, ['form INS_KEY PID-3']],
  ['I0.3: a wrong key of a demonstration', { pid: { 3: ins(11, '260058815400244') } }, ['form INS_KEY PID-3']],
  ['I0.3: no key', { pid: { 3: ins(8, '2790351215189') } }, ['contract INS_KEY PID-3']],
  ['I0.3: Corsica', { pid: { 3: ins(8, '185052A00412356') } }, []],
  ['I0.3: a billing number is no INS', { pid: { 3: '260058815400244^^^N&1.2.250.1.213.1.4.8&ISO^NH', 32: '' } }, []],
  ['I0.4: provisional', { pid: { 32: 'PROV' } }, ['form INS_STRIPPED PID-3']],
  ['I0.4: no status', { pid: { 32: '' } }, ['form INS_STRIPPED PID-3']],
  [
    'I0.4: a corrected birth date',
    { more: ['ZFD||||Y|INSI'] },
    ['form INS_STRIPPED PID-3', 'contract STATUS_CONTRADICTED ZFD-4'],
  ],
  ['I0.4: nothing to strip', { pid: { 3: IPP, 32: 'PROV' } }, []],
  ['I0.5: no birth date', { pid: { 7: '' } }, ['contract INS_TRAITS PID-7']],
  ['I0.5: the HL7 null for a birth date', { pid: { 7: '""' } }, ['contract INS_TRAITS PID-7']],
  ['I0.5: an unknown sex', { pid: { 8: 'U' } }, ['contract INS_TRAITS PID-8']],
  ['I0.5: no birth name', { pid: { 5: 'PAT-TROIS (FICTIF)^DOMINIQUE^^^^^D' } }, ['contract INS_TRAITS PID-5']],
  ['I0.5: the birth name comes second', { pid: { 5: 'X^^^^^^D~Y^^^^^^L' } }, []],
  ['I0.5: no INS, no traits', { pid: { 3: IPP, 5: 'X', 7: '', 8: '' } }, []],
  ['I0.6: a test identity in production', { mode: 'P' }, ['form TEST_IDENTITY MSH-11']],
  ['I0.7: validated and doubtful', { pid: { 3: IPP, 32: 'VALI~DOUT' } }, ['contract STATUS_CONTRADICTED PID-32']],
  ['I0.7: validated and invented', { pid: { 3: IPP, 32: 'FICT~VALI' } }, ['contract STATUS_CONTRADICTED PID-32']],
  ['I0.8: invented and doubtful', { pid: { 3: IPP, 32: 'PROV~FICT~DOUT' } }, ['contract STATUS_CONTRADICTED PID-32']],
  [
    'I0.9: fields that PAM France forbids',
    { kind: 'ADT^A28', country: 'FRA', pid: { 2: 'X', 19: '1' } },
    ['form FIELD_FORBIDDEN PID-2'],
  ],
  ['I0.10: a FINESS', { pid: { 3: '1^^^CH&440000288&M^PI' } }, ['form IDENTIFIER_FAULT PID-3(1).4.2']],
  ['I0.10: another', { pid: { 3: '1^^^CH&44&N^PI' } }, ['form IDENTIFIER_FAULT PID-3(1).4.2']],
  [
    'I0.10: a FINESS of who ordered',
    { more: [`ORC|NW${'|'.repeat(20)}CH^^^^^A&1.2.250.1.71.4.2.2&ISO^FINEG^^^300017986`] },
    ['form IDENTIFIER_FAULT ORC-21'],
  ],
  [
    'I0.11: an IdNPS',
    { more: ['PV1||I|||||801234567898^NOM^^^^^^^ASIP-SANTE-PS&1.2.250.1.71.4.2.1&ISO^D^^^IDNPS'] },
    ['form IDENTIFIER_FAULT PV1-7'],
  ],
  [
    'I0.11: an RPPS, in the second order',
    { more: ['ORC|NW', 'ORC|NW|||||||||||10001850759^NOM^^^^^^^A&1.2.250.1.71.4.2.1&ISO^D^^^RPPS'] },
    ['form IDENTIFIER_FAULT ORC(2)-12'],
  ],
  ['I0.11: a local number is nobody’s', { more: ['PV1||I|||||D123^NOM^^^^^^^CH&1.2.3&ISO^D^^^EI'] }, []],
  [
    'I0.12: two of one authority',
    { pid: { 3: `${TEST_INS}~${ins(10, '260058815400233')}` } },
    ['safety INS_AMBIGUOUS PID-3'],
  ],
  ['I0.12: the same twice', { pid: { 3: `${TEST_INS}~${TEST_INS}` } }, []],
  ['I0.12: a temporary and a permanent one', { pid: { 3: `${ins(9)}~${ins(8)}` } }, []],
  [
    'a document of an identity that is not qualified',
    { kind: 'ORU^R01', pid: { 3: IPP, 32: '' }, more: ['OBX|1|TX|N||x', 'OBX|2|ED|D||^text^XML^Base64^QQ=='] },
    ['form INS_IN_DOCUMENT PID-3'],
  ],
  ['a document of a qualified one', { kind: 'ORU^R01', more: ['OBX|1|ED|D||^text^XML^Base64^QQ=='] }, []],
]

test.each(cases)('%s', (_, parts, findings) => {
  expect(findingsOf(parts)).toEqual(findings)
})

test('the second patient of a message has places of its own', () => {
  const [header, first] = written({})
  const [, second] = written({ pid: { 3: TEST_INS, 32: 'PROV' } })
  const message = messageOf([header!, first!, second!])
  const found = identityFindings(message, readHeader(message), patientIdentities(message))
  expect(found).toEqual([{ code: 'INS_STRIPPED', class: 'form', at: 'PID(2)-3', params: { count: 1 } }])
})

test('findings hold no number', () => {
  const message = messageOf(
    written({ mode: 'P', pid: { 3: `${ins(8, '260058815400244')}~${ins(8)}`, 32: 'PROV~DOUT~FICT' } }),
  )
  const text = JSON.stringify(identityFindings(message, readHeader(message), patientIdentities(message)))
  expect(text).not.toMatch(/\d{8}/)
})

test('a hundred patients have no more findings than one can read', () => {
  const [header, patient] = written({ pid: { 3: ins(8, '260058815400244'), 32: 'PROV~DOUT~FICT' } })
  const message = messageOf([header!, ...Array.from({ length: 100 }, () => patient!)])
  expect(identityFindings(message, readHeader(message), patientIdentities(message)).length).toBe(50)
})

const PROV = { 32: 'PROV' }
const cuts: [name: string, parts: Written, field: string, left: string][] = [
  ['the last', { pid: { ...PROV, 3: `${IPP}~${TEST_INS}` } }, 'PID-3', IPP],
  ['the first', { pid: { ...PROV, 3: `${TEST_INS}~${IPP}` } }, 'PID-3', IPP],
  ['one between', { pid: { ...PROV, 3: `${IPP}~${TEST_INS}~7^^^X` } }, 'PID-3', `${IPP}~7^^^X`],
  ['two in a row', { pid: { ...PROV, 3: `${TEST_INS}~${ins(9)}~${IPP}` } }, 'PID-3', IPP],
  ['two at the end', { pid: { ...PROV, 3: `${IPP}~${ins(8)}~${ins(9)}` } }, 'PID-3', IPP],
  ['the only one', { pid: { ...PROV, 3: TEST_INS } }, 'PID-3', ''],
  ['all there are', { pid: { ...PROV, 3: `${ins(8)}~${ins(9)}` } }, 'PID-3', ''],
  ['after an empty one', { pid: { ...PROV, 3: `~${TEST_INS}~${IPP}` } }, 'PID-3', `~${IPP}`],
  ['before an empty one', { pid: { ...PROV, 3: `${TEST_INS}~~${IPP}` } }, 'PID-3', `~${IPP}`],
  ['by its type alone', { pid: { ...PROV, 3: `1^^^X&1.2.3&ISO^INS~${IPP}` } }, 'PID-3', IPP],
  ['by its authority alone', { pid: { ...PROV, 3: `1^^^X&1.2.250.1.213.1.4.8&ISO~${IPP}` } }, 'PID-3', IPP],
  [
    'with its type in hexadecimal',
    { pid: { ...PROV, 3: `1^^^&1.2.250.1.213.1.4.\\X38\\&ISO^\\X494E53\\~${IPP}` } },
    'PID-3',
    IPP,
  ],
  [
    'not a billing number',
    { pid: { ...PROV, 3: '1^^^N&1.2.250.1.213.1.4.8&ISO^NH' } },
    'PID-3',
    '1^^^N&1.2.250.1.213.1.4.8&ISO^NH',
  ],
  ['not of a qualified identity', {}, 'PID-3', `${IPP}~${TEST_INS}`],
  ['in PID-2', { pid: { ...PROV, 2: TEST_INS } }, 'PID-2', ''],
  ['in PID-4', { pid: { ...PROV, 4: `${IPP}~${TEST_INS}` } }, 'PID-4', IPP],
  ['in MRG-1', { kind: 'ADT^A40', pid: PROV, more: [`MRG|${IPP}~${TEST_INS}`] }, 'MRG-1', IPP],
  ['not in MRG-1 of an A47', { kind: 'ADT^A47', pid: PROV, more: [`MRG|${TEST_INS}`] }, 'MRG-1', TEST_INS],
  [
    'not the HL7 null of an A47',
    { kind: 'ADT^A47', pid: { ...PROV, 3: '""^^^X&1.2.250.1.213.1.4.8&ISO^INS' }, more: [`MRG|${TEST_INS}`] },
    'PID-3',
    '""^^^X&1.2.250.1.213.1.4.8&ISO^INS',
  ],
]

test.each(cuts)('withheld: %s', (_, parts, field, left) => {
  const message = messageOf(written(parts))
  const identities = patientIdentities(message)
  const ranges = withheldOf(identities, parts.kind ?? 'ADT^A28')
  const sent = spliced(
    message.bytes,
    ranges.map((range) => ({ ...range, bytes: Buffer.alloc(0) })),
  )
  const after = messageOf(sent.toString('latin1').split('\r').slice(0, -1))
  expect(after.raw(field)?.toString('latin1') ?? '').toBe(left)
  // All else is as it came: putting what was cut back gives the bytes that came.
  const cut = ranges.reduce((sum, { start, end }) => sum + end - start, 0)
  expect(sent.length + cut).toBe(message.bytes.length)
  const stay = identifiersOf(patientIdentities(after)).filter((one) => one.ins && !one.qualified)
  expect(stay.map(({ place }) => place)).toEqual(parts.kind === 'ADT^A47' ? ['MRG-1'] : [])
})

test('two INS of one patient are found behind fifty faults of others', () => {
  const others = Array.from({ length: 60 }, () => 'PID|1||7')
  const message = messageOf(written({ more: [...others, `PID|1||${TEST_INS}~${ins(10, '260058815400233')}`] }))
  const found = identityFindings(message, readHeader(message), patientIdentities(message))
  expect(found).toHaveLength(50)
  expect(found[0]).toEqual({ code: 'INS_AMBIGUOUS', class: 'safety', at: 'PID(62)-3' })
})
