import { expect, test } from 'vitest'
import { readHeader } from '../../src/formats/hl7v2/header.ts'
import { patientIdentifiers } from '../../src/formats/hl7v2/identifiers.ts'
import { INS, messageOf, STROKE } from './messages.ts'

test('a full header, in words', () => {
  expect(readHeader(messageOf(STROKE))).toEqual({
    sendingApplication: 'DPI',
    sendingFacility: '530000371',
    sendingFacilityAll: ['530000371', '1.2.250.1.71.4.2.2&x', 'M'],
    receivingApplication: 'PFR',
    receivingApplicationAll: ['PFR'],
    receivingFacility: '440000289',
    receivingFacilityAll: ['440000289', 'EXPERT'],
    messageType: 'ORM',
    triggerEvent: 'O01',
    structure: 'ORM_O01',
    kind: 'ORM^O01',
    controlId: 'C&1',
    processingId: 'T',
    version: '2.5',
    versionCountry: 'FRA',
    acceptAck: 'AL',
    applicationAck: 'NE',
    country: 'FRA',
    charset: '8859/15',
    profiles: ['1.0', 'EXAMPLE', '2.1', 'OTHER'],
    enhanced: true,
  })
})

test('an empty header is all empty', () => {
  const { enhanced, ...texts } = readHeader(messageOf(['MSH|^~\\&']))
  expect(enhanced).toBe(false)
  expect(Object.values(texts).flat().join('')).toBe('')
})

test.each<[name: string, msh: string, expected: object]>([
  ['no event', 'MSH|^~\\&|||||||ADT|1', { kind: 'ADT', messageType: 'ADT', triggerEvent: '' }],
  ['an acknowledgement', 'MSH|^~\\&|||||||ACK^R01^ACK|1', { kind: 'ACK', triggerEvent: 'R01' }],
  [
    'the HL7 null says nothing',
    'MSH|^~\\&|""|""|""|""|""||""|""|""|""|||""|""|""|""',
    { sendingFacility: '', controlId: '', enhanced: false, charset: '' },
  ],
  ['MSH-15 alone', 'MSH|^~\\&|||||||ADT^A01|1|T|2.5|||AL', { enhanced: true, acceptAck: 'AL', applicationAck: '' }],
  ['MSH-16 alone', 'MSH|^~\\&|||||||ADT^A01|1|T|2.5||||NE', { enhanced: true, acceptAck: '', applicationAck: 'NE' }],
  [
    'conditions in small letters',
    'MSH|^~\\&|||||||ADT^A01|1|T|2.5|||al| er ',
    { acceptAck: 'AL', applicationAck: 'ER' },
  ],
  ['no conditions of table 0155', 'MSH|^~\\&|||||||ADT^A01|1|T|2.5|||Y|1', { enhanced: false, acceptAck: '' }],
  ['first repetition', 'MSH|^~\\&|A~B|C^D~E|||||ADT^A01', { sendingApplication: 'A', sendingFacilityAll: ['C', 'D'] }],
  [
    'Latin-9 and escapes',
    'MSH|^~\\&|\xa4|H\xf4pital \\T\\ co|||||ADT^A01',
    { sendingApplication: '€', sendingFacility: 'Hôpital & co' },
  ],
  ['UTF-8', 'MSH|^~\\&|\xe2\x82\xac|C|||||ADT^A01|1|T|2.5||||||UTF-8', { sendingApplication: '€', charset: 'UTF-8' }],
  ['other delimiters', 'MSH$%*@!$A%x$B$$$$$ADT%A01$1', { sendingApplication: 'A', kind: 'ADT^A01', controlId: '1' }],
  ['one delimiter', 'MSH|^|A|B~C|||||ADT^A01|1', { sendingFacility: 'B~C', kind: 'ADT^A01' }],
])('header: %s', (_name, msh, expected) => {
  expect(readHeader(messageOf([msh]))).toMatchObject(expected)
})

const local = { place: 'PID-3', id: '0001', authority: '530000371', type: 'PI', ins: false, qualified: false }
const insOf = (qualified: boolean) => ({
  place: 'PID-3',
  id: '261025313000150',
  authority: '1.2.250.1.213.1.4.10',
  type: 'INS',
  ins: true,
  qualified,
})

/** A PID with this PID-3 and this PID-32. */
const pid = (identifiers: string, status = '') => `PID|1||${identifiers}${'|'.repeat(29)}${status}`
const PI = '0001^^^CH-EXEMPLE&530000371&M^PI'

test.each<[name: string, lines: string[], found: object[]]>([
  ['none', ['PV1|1'], []],
  ['local and qualified INS', [pid(`${PI}~${INS}`, 'VALI')], [local, insOf(true)]],
  ['the local one stays unqualified', [pid(PI, 'VALI')], [local]],
  ['not validated', [pid(INS, 'PROV')], [insOf(false)]],
  ['no PID-32', [pid(INS)], [insOf(false)]],
  ['validated but doubtful', [pid(INS, 'VALI~DOUT')], [insOf(false)]],
  ['validated but fictitious', [pid(INS, 'FICT~VALI')], [insOf(false)]],
  ['validated, a homonym', [pid(INS, 'HOMA~VALI')], [insOf(true)]],
  ['INS by its OID alone', [pid('2^^^X&1.2.250.1.213.1.4.8&ISO', 'VALI')], [{ ins: true, qualified: true, type: '' }]],
  ['INS by CX-5 alone', [pid('2^^^X^INS', 'VALI')], [{ ins: true, authority: 'X' }]],
  ['a billing number is no INS', [pid('2^^^X&1.2.250.1.213.1.4.8&ISO^NH', 'VALI')], [{ ins: false, qualified: false }]],
  ['an obsolete INS-C is no INS', [pid('2^^^X&1.2.250.1.213.1.4.2&ISO^INS-C', 'VALI')], [{ ins: false }]],
  ['namespace when there is no OID', [pid('2^^^X')], [{ authority: 'X' }]],
  ['no authority', [pid('2')], [{ id: '2', authority: '' }]],
  ['null and empty ones are left out', [pid(`""^^^A~^^^B~~${PI}`)], [local]],
  ['escapes and accents', [pid('A\\T\\\xe9^^^H\xf4p')], [{ id: 'A&é', authority: 'Hôp' }]],
  [
    'a merge',
    [pid(PI), 'MRG|0002^^^CH-EXEMPLE&530000371&M^PI~0003'],
    [local, { place: 'MRG-1', id: '0002' }, { place: 'MRG-1', id: '0003' }],
  ],
  [
    'the old INS of a merge counts by its PID',
    [pid(PI, 'VALI'), `MRG|${INS}`],
    [local, { ...insOf(true), place: 'MRG-1' }],
  ],
  [
    'two patients',
    [pid(INS, 'VALI'), `MRG|${INS}`, pid(INS, 'PROV'), `MRG|${INS}`],
    [insOf(true), { place: 'MRG-1', qualified: true }, insOf(false), { place: 'MRG-1', qualified: false }],
  ],
  ['a merge before any patient', [`MRG|${INS}`, pid(INS, 'VALI')], [{ place: 'MRG-1', qualified: false }, insOf(true)]],
])('patient identifiers: %s', (_name, lines, found) => {
  const read = patientIdentifiers(messageOf(['MSH|^~\\&|A', ...lines]))
  expect(read).toMatchObject(found)
  expect(read.length).toBe(found.length)
})

test('identifiers with other delimiters', () => {
  const lines = ['MSH|^~\\&|A', pid(`${PI}~${INS}`, 'VALI')]
  const map: Record<string, string> = { '|': '$', '^': '%', '~': '*', '\\': '@', '&': '!' }
  const other = lines.map((line) => line.replace(/[|^~\\&]/g, (one) => map[one]!))
  expect(patientIdentifiers(messageOf(other))).toEqual(patientIdentifiers(messageOf(lines)))
})
