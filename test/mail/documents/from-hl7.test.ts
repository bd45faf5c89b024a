import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { DocumentToSend } from '../../../src/formats/documents/document.ts'
import { documentsToSend } from '../../../src/formats/documents/from-hl7.ts'
import { readHeader } from '../../../src/formats/hl7v2/header.ts'
import { readMessage } from '../../../src/formats/hl7v2/message.ts'
import { cda, INS, INS_OID, inBase64, mdm, oruCda } from '../../support/documents.ts'
import {
  behind,
  changed,
  levelOne,
  messageOf,
  PATIENT_BOX,
  PDF,
  sending,
  sent,
  settings,
  withMetadata,
} from '../../support/sendings.ts'

const told = (segments: readonly string[]): string[] =>
  sent(segments).findings.map(({ code, class: kind, at }) => `${kind} ${code} ${at}`)
const WITH_BOX = behind(mdm(), 'PRT', PATIENT_BOX)

describe('a message that carries documents', () => {
  test('has its document with what it says of itself', () => {
    const [document] = sending(mdm()).documents
    expect({ ...document, content: null, bytes: document!.bytes.toString() }).toEqual({
      at: 'OBX(1)',
      bytes: cda(),
      content: null,
      type: { code: '18748-4', system: '2.16.840.1.113883.6.1', display: "CR d'imagerie" },
      title: 'Compte rendu',
      uniqueId: '1.2.250.1.999.9.1',
      otherPatient: false,
      hasIns: true,
      insComplete: true,
    })
  })

  test('has who sends, who receives and whom it is about', () => {
    const { sender, recipients, patient, visitClass, visitNumber, controlId } = sending(WITH_BOX)
    expect(sender.person?.value).toBe('899900000011')
    expect(sender.structure).toEqual({
      value: '539990028',
      oid: '1.2.250.1.71.4.2.2',
      type: 'FINEG',
      name: 'CH Fictif',
    })
    expect(recipients.map(({ kind, address, at }) => [kind, address, at])).toEqual([
      ['patient', `${INS}@patient.test`, 'PRT(2)'],
      ['professional', 'paul.durand@chu.mssante.test', 'PRT(3)'],
    ])
    expect(patient).toMatchObject({
      ins: { value: INS, oid: INS_OID },
      qualified: true,
      birthFamily: 'LEROUX (FICTIF)',
      birthGiven: 'SUZANNE',
      usedFamily: 'DURAND (FICTIF)',
      birthDate: '19540312',
      sex: 'F',
    })
    expect([visitClass, visitNumber, controlId]).toEqual(['I', '260000101', 'MDM-T02'])
  })

  test.each<[name: string, segments: string[], intent: DocumentToSend['intent'], replaced: string | null]>([
    ['T02', mdm('T02'), 'initial', null],
    ['T10', mdm('T10'), 'replace', '1.2.250.1.999.9.0'],
    [
      'T10 with an extension in TXA-13',
      changed(mdm('T10'), 'TXA', '1.2.250.1.999.9.0', '7^^1.2.250.1.999.9^ISO'),
      'replace',
      '1.2.250.1.999.9^7',
    ],
    ['T10 without TXA-13', changed(mdm('T10'), 'TXA', '1.2.250.1.999.9.0', ''), 'replace', '1.2.250.1.999.9.0'],
    ['T04', mdm('T04'), 'delete', null],
    ['ORU, F', oruCda(), 'initial', null],
    ['ORU, C', changed(oruCda(), 'OBX|1|', /F$/, 'C'), 'replace', '1.2.250.1.999.9.0'],
    ['ORU, D', changed(oruCda(), 'OBX|1|', /F$/, 'D'), 'delete', null],
    ['ORU, W', changed(oruCda(), 'OBX|1|', /F$/, 'W'), 'delete', null],
  ])('%s means what it says', (_, segments, intent, replaced) => {
    const one = sending(segments)
    expect([one.intent, one.replaced]).toEqual([intent, replaced])
  })

  test('of level 1 has its PDF', () => {
    expect(sending(mdm('T02', levelOne())).documents[0]!.content.pdf?.equals(PDF)).toBe(true)
  })

  test.each<[name: string, body: string]>([
    ['structured', '<structuredBody/>'],
    [
      'of another media type',
      `<nonXMLBody><text mediaType="image/jpeg" representation="B64">${PDF.toString('base64')}</text></nonXMLBody>`,
    ],
    [
      'that only says so',
      '<nonXMLBody><text mediaType="application/pdf" representation="B64">aGVsbG8=</text></nonXMLBody>',
    ],
    [
      'with a reference',
      '<nonXMLBody><text mediaType="application/pdf"><reference value="x.pdf"/></text></nonXMLBody>',
    ],
  ])('%s has none', (_, body) => {
    expect(sending(mdm('T02', cda({ body }))).documents[0]!.content.pdf).toBeNull()
  })

  test('sends two documents of one order together, and those of two orders apart', () => {
    const more = `OBX|2|ED|11502-2^CR^LN||^TEXT^XML^Base64^${inBase64(cda({ id: '<id root="1.2.250.1.999.9.5"/>' }))}||||||F`
    expect(sending(behind(oruCda(), 'OBX|1|', more)).documents.map((one) => one.uniqueId)).toEqual([
      '1.2.250.1.999.9.1',
      '1.2.250.1.999.9.5',
    ])
    const prt = 'PRT||UC||RCT^^participation|||||||||||^^X.400^autre@chu.mssante.test'
    const two = sent([...oruCda(), 'ORC|NW|B2^LABO', 'OBR|1|B2^LABO||11502-2^CR^LN', more, prt]).sendings
    expect(two.map((one) => one.recipients.map(({ address }) => address))).toEqual([
      ['paul.durand@chu.mssante.test', `${INS}@patient.test`],
      ['autre@chu.mssante.test', `${INS}@patient.test`],
    ])
    expect(two.map((one) => one.instructions.toProfessionals)).toEqual([true, true])
  })
})

test.each<[what: string, first: string, second: string, expected: [DocumentToSend['intent'], string][]]>([
  [
    'taken back behind a new one',
    'F',
    'D',
    [
      ['initial', '1'],
      ['delete', '5'],
    ],
  ],
  [
    'new behind one that was taken back',
    'D',
    'F',
    [
      ['delete', '1'],
      ['initial', '5'],
    ],
  ],
  [
    'new behind one that was corrected',
    'C',
    'F',
    [
      ['replace', '1'],
      ['initial', '5'],
    ],
  ],
])('a document of an order that is %s goes apart, to the same recipients', (_, first, second, expected) => {
  const more = `OBX|2|ED|11502-2^CR^LN||^TEXT^XML^Base64^${inBase64(cda({ id: '<id root="1.2.250.1.999.9.5"/>' }))}||||||${second}`
  const oru = oruCda().map((one) => (one.startsWith('OBX|1|') ? one.replace(/F$/, first) : one))
  const { sendings } = sent(behind(oru, 'OBX|1|', more))
  expect(
    sendings.map(({ intent, documents }) => [intent, documents.map(({ uniqueId }) => uniqueId.at(-1)).join()]),
  ).toEqual(expected)
  for (const { recipients } of sendings) {
    expect(recipients.map(({ address }) => address)).toEqual(['paul.durand@chu.mssante.test', `${INS}@patient.test`])
  }
})

test('documents of one order whose recipients differ never meet', () => {
  const document = (n: number): string =>
    `OBX|2|ED|11502-2^CR^LN||^TEXT^XML^Base64^${inBase64(cda({ id: `<id root="1.2.250.1.999.9.${n}"/>` }))}||||||F`
  const prt = (address: string): string => `PRT||UC||RCT^^participation|||||||||||^^X.400^${address}`
  const base = withMetadata(oruCda(), { DESTMSSANTEPAT: 'N' })
  const sets = (more: string[]): unknown[] =>
    sent(base.toSpliced(8, 0, ...more)).sendings.map((one) => [
      one.documents.map(({ uniqueId }) => uniqueId.at(-1)),
      one.recipients.map(({ address }) => address!.split('@')[0]),
      one.sender.structure?.name,
    ])
  expect(sets([document(5), prt('paul.durand@chu.mssante.test')])).toEqual([[['1', '5'], ['paul.durand'], 'CH Fictif']])
  expect(sets([document(5)])).toEqual([[['1', '5'], ['paul.durand'], 'CH Fictif']])
  expect(sets([document(5), prt('b@b.test')])).toEqual([
    [['1'], ['paul.durand'], 'CH Fictif'],
    [['5'], ['b'], 'CH Fictif'],
  ])
  expect(sets([document(5), prt('b@b.test'), document(6)])).toEqual([
    [['1'], ['paul.durand'], 'CH Fictif'],
    [['5'], ['b'], 'CH Fictif'],
    [['6'], [], 'CH Fictif'],
  ])
})

describe('instructions', () => {
  test.each(['DESTMSSANTEPS', 'DESTMSSANTEPAT', 'DESTDMP'])('%s that says both is no', (code) => {
    const no = `OBX|13|CWE|${code}^${code}^MetaDMPMSS||N^^expandedYes-NoIndicator||||||F`
    const { toProfessionals, toPatient, toDmp } = sending([...mdm(), no]).instructions
    expect({ DESTMSSANTEPS: toProfessionals, DESTMSSANTEPAT: toPatient, DESTDMP: toDmp }).toEqual({
      ...{ DESTMSSANTEPS: true, DESTMSSANTEPAT: true, DESTDMP: true },
      [code]: false,
    })
  })

  type Key = keyof DocumentToSend['instructions']
  test.each<[code: string, value: string, key: Key, said: boolean]>([
    ['MASQUE_PS', 'Y', 'maskedToProfessionals', true],
    ['MASQUE_PS', 'O', 'maskedToProfessionals', true],
    ['MASQUE_PS', 'N', 'maskedToProfessionals', false],
    ['MASQUE_PS', '', 'maskedToProfessionals', false],
    ['INVISIBLE_PATIENT', 'Y', 'invisibleToPatient', true],
    ['INVISIBLE_REP_LEGAUX', '1', 'invisibleToGuardians', true],
    ['CONNEXION_SECRETE', 'Y', 'secretConnection', true],
    ['MODIF_CONF_CODE', 'Y', 'changesConfidentiality', true],
    ['DESTDMP', 'N', 'toDmp', false],
    ['DESTDMP', 'O', 'toDmp', false],
    ['DESTMSSANTEPS', '', 'toProfessionals', false],
    ['DESTMSSANTEPAT', 'Y', 'toPatient', true],
    ['ACK_RECEPTION', 'Y', 'wantsReceipt', true],
    ['ACK_LECTURE_MSS', 'Y', 'wantsReadReceipt', true],
  ])('%s %j', (code, value, key, said) => {
    expect(sending(withMetadata(mdm(), { [code]: value })).instructions[key]).toBe(said)
  })

  test('ACK_LECTURE is read as what the table calls ACK_LECTURE_MSS', () => {
    const segments = changed(withMetadata(mdm(), { ACK_LECTURE_MSS: 'Y' }), 'OBX', '|ACK_LECTURE_MSS^', '|ACK_LECTURE^')
    expect(sending(segments).instructions.wantsReadReceipt).toBe(true)
  })

  test('without any, nothing goes anywhere', () => {
    const { instructions, recipients } = sending(mdm().filter((one) => !one.includes('^MetaDMPMSS')))
    expect(Object.values(instructions).some(Boolean)).toBe(false)
    expect(recipients).toHaveLength(1)
  })

  test('words of the mail are read, and told where they cannot be', () => {
    expect(sending(mdm()).bodies).toEqual({ professional: 'Bonjour', patient: null })
    const cut = changed(mdm(), 'OBX|12|', 'Qm9uam91cg==', 'Qm9uam91c')
    expect(sending(cut).bodies.professional).toBeNull()
    expect(told(cut)).toEqual(['form FIELD_MALFORMED OBX(12)-5'])
  })

  test.each<[note: string, said: boolean]>([
    ['NTE|1|||FIN', true],
    ['NTE|1||FIN', true],
    ['NTE|1||Suite', false],
  ])('%s behind DESTMSSANTEPAT: no answer is wanted %s', (note, said) => {
    const at = mdm().findIndex((one) => one.includes('|DESTMSSANTEPAT^'))
    expect(sending(mdm().toSpliced(at + 1, 0, note)).noReply).toBe(said)
  })
})

describe('recipients', () => {
  const named = (prt: string): string[] => [...mdm().filter((one) => !one.includes('RCT^'))].toSpliced(9, 0, prt)
  const prt = (fields: string): string => `PRT||UC||RCT^Result Copies To^participation|${fields}`
  const address = (value: string): string => `||||||||||${value}`
  test.each<[name: string, prt: string, kind: string, address: string | null]>([
    [
      'a professional',
      prt(`899900000029^DURAND^^^^^^^&1.2.250.1.71.4.2.1&ISO^D^^^IDNPS${address('^^X.400^a@b.test')}`),
      'professional',
      'a@b.test',
    ],
    [
      'a structure',
      prt(`|||CH Fictif^^^^^&1.2.250.1.71.4.2.2&ISO^FINEG^^^539990028|||||||^^X.400^a@b.test`),
      'organisation',
      'a@b.test',
    ],
    ['an address alone', prt(address('^NET^X.400^A.B@CHU.Test')), 'mailbox', 'A.B@chu.test'],
    ['an address in XTN-1', prt(address('a@b.test^NET^Internet')), 'mailbox', 'a@b.test'],
    ['an address in the second repetition', prt(address('^PRN^PH^^33^0~^NET^X.400^a@b.test')), 'mailbox', 'a@b.test'],
    ['the box of a patient', prt(address(`^^X.400^${INS}@PATIENT.test`)), 'patient', `${INS}@patient.test`],
    [
      'a patient by INS',
      prt(`${INS}^LEROUX^^^^^^^&${INS_OID}&ISO^L^^^INS${address('^^X.400^x@b.test')}`),
      'patient',
      'x@b.test',
    ],
    ['nobody with an address', prt('899900000029^DURAND'), 'professional', null],
    ['an address with a line in it', prt(address('^^X.400^a\\X0D0A\\RCPT@b.test')), 'mailbox', null],
    ['an address with two @', prt(address('^^X.400^a@c.test@b.test')), 'mailbox', null],
    ['an address with a name', prt(address('^^X.400^Paul <a@b.test>')), 'mailbox', null],
  ])('%s', (_, segment, kind, found) => {
    const segments = withMetadata(named(segment), { DESTMSSANTEPAT: 'N' })
    expect(sending(segments).recipients.map((one) => [one.kind, one.address])).toEqual([[kind, found]])
    if (found === null) expect(told(segments)).toEqual(['contract FIELD_MISSING PRT(2)-15.4'])
  })

  test('an address that is named twice has one mail', () => {
    const twice = behind(mdm(), 'PRT', mdm().findLast((one) => one.startsWith('PRT'))!)
    expect(sending(twice).recipients).toHaveLength(2)
  })

  test('REPLY says where answers go', () => {
    const reply = 'PRT||UC||REPLY^Reply To^participation|||||||||||^^X.400^secretariat@chu.mssante.test'
    expect(sending(behind(mdm(), 'PRT', reply)).replyTo).toBe('secretariat@chu.mssante.test')
  })

  test('the box of a patient follows from the instruction and a qualified INS alone', () => {
    const box = (segments: string[]): (string | null)[] =>
      sending(segments)
        .recipients.filter(({ kind }) => kind === 'patient')
        .map((one) => one.address)
    expect(box(mdm())).toEqual([`${INS}@patient.test`])
    expect(box(withMetadata(mdm(), { DESTMSSANTEPAT: 'N' }))).toEqual([])
    expect(box(changed(mdm(), 'PID', /VALI$/, 'PROV'))).toEqual([null])
    expect(box(changed(mdm(), 'PID', `${INS}^`, `${INS.slice(0, 13)}^`))).toEqual([`${INS}@patient.test`])
    expect(box(changed(mdm(), 'PID', `${INS}^`, 'X^'))).toEqual([null])
  })
})

describe('what is missing is told', () => {
  const WITHOUT_INS = changed(mdm(), 'PID', /254.*?~/, '')
  test.each<[name: string, segments: string[], findings: string[], sendings: number]>([
    ['nothing', mdm(), [], 1],
    ['PID', mdm().filter((one) => !one.startsWith('PID')), ['contract SEGMENT_MISSING PID'], 0],
    ['every document', mdm().filter((one) => !one.startsWith('OBX|1|')), ['contract FIELD_MISSING OBX-5'], 0],
    [
      'a document in base64',
      changed(mdm(), 'OBX|1|', '^Base64^', '^Base64^*'),
      ['contract FIELD_MALFORMED OBX(1)-5'],
      0,
    ],
    ['a document that is a CDA', mdm('T02', '<a/>'), ['contract CDA_UNREADABLE OBX(1)-5'], 0],
    ['a document without a DTD', mdm('T02', cda({ head: '<!DOCTYPE a>' })), ['contract CDA_UNREADABLE OBX(1)-5'], 0],
    ['its name in the document', mdm('T02', cda({ id: '' })), [], 1],
    [
      'its name anywhere',
      changed(mdm('T02', cda({ id: '' })), 'TXA', '1.2.250.1.999.9.1', ''),
      ['contract FIELD_MISSING TXA-12'],
      0,
    ],
    ['recipients', mdm().filter((one) => !one.includes('RCT^')), ['contract DOCUMENT_RECIPIENT_NONE PRT'], 1],
    [
      'what is replaced',
      changed(mdm('T10', cda().replace(/<relatedDocument.*<\/relatedDocument>/, '')), 'TXA', '1.2.250.1.999.9.0', ''),
      ['contract FIELD_MISSING TXA-13'],
      1,
    ],
    ['an INS', WITHOUT_INS, [], 1],
  ])('when %s is missing', (_, segments, findings, count) => {
    const { sendings } = sent(segments)
    expect(told(segments)).toEqual(findings)
    expect(sendings).toHaveLength(count)
  })

  const last = 'paul.durand@chu.mssante.test'
  test.each<[others: number, again: readonly (number | 'PATIENT')[], beyond: readonly (string | null)[]]>([
    [199, [], []],
    [203, [], ['a200@b.test', 'a201@b.test', 'a202@b.test', last]],
    [202, [0, 201], ['a200@b.test', 'a201@b.test', last]],
    [202, ['PATIENT'], ['a200@b.test', 'a201@b.test', last]],
    [400, [], [null]],
  ])('with %i recipients more than one those beyond 200 stay, each once', (others, again, beyond) => {
    const prt = (n: number | string): string =>
      n === 'PATIENT' ? PATIENT_BOX : `PRT||UC||RCT^^participation|||||||||||^^X.400^a${n}@b.test`
    const all = [...Array.from({ length: others }, (_, n) => n), ...again].map(prt)
    const segments = behind(mdm(), 'PRT', all.join('\r'))
    const { unread } = sent(segments)
    expect(unread.flatMap(({ recipients }) => recipients.map((one) => one?.address ?? null))).toEqual(beyond)
    expect(unread.every(({ code }) => code === 'CARDINALITY')).toBe(true)
    expect(sending(segments).recipients).toHaveLength(201)
  })

  test('and so is what is too much', () => {
    const prt = (n: number): string => `PRT||UC||RCT^^participation|||||||||||^^X.400^a${n}@b.test`
    const many = behind(mdm(), 'PRT', Array.from({ length: 200 }, (_, n) => prt(n)).join('\r'))
    expect(told(many)).toEqual(['contract CARDINALITY PRT'])
    expect(sending(many).recipients).toHaveLength(201)
    const more = behind(oruCda(), 'OBX|1|', Array.from({ length: 20 }, () => oruCda()[5]).join('\r'))
    expect(told(more)).toEqual(['contract CARDINALITY OBX'])
    expect(sending(more).documents).toHaveLength(20)
    expect(sent(more).unread).toMatchObject([{ code: 'CARDINALITY', recipients: sending(more).recipients }])
  })

  test.each<[name: string, segments: string[], code: string]>([
    ['no base64', changed(mdm(), 'OBX|1|', '^Base64^', '^Base64^*'), 'FIELD_MALFORMED'],
    ['cut off', mdm('T02', cda().slice(0, 900)), 'CDA_UNREADABLE'],
    ['a PDF', mdm('T02', PDF), 'CDA_UNREADABLE'],
    ['without a name', changed(mdm('T02', cda({ id: '' })), 'TXA', '1.2.250.1.999.9.1', ''), 'FIELD_MISSING'],
    ['not there', mdm().filter((one) => !one.startsWith('OBX|1|')), 'FIELD_MISSING'],
    ['cut off, of a result', oruCda(cda().slice(0, 900)), 'CDA_UNREADABLE'],
  ])('whom a document was for is known where it is %s', (_, segments, code) => {
    const { sendings, unread } = sent(segments)
    expect(sendings).toEqual([])
    expect(unread).toMatchObject([
      {
        code,
        instructions: { toDmp: true, toProfessionals: true, toPatient: true },
        recipients: [{ address: 'paul.durand@chu.mssante.test' }, { kind: 'patient' }],
      },
    ])
  })

  test('one of two that cannot be read stays, and the other goes', () => {
    const { sendings, unread } = sent(behind(oruCda(), 'OBX|1|', oruCda('<a/>')[5]!))
    expect(sendings.map(({ documents }) => documents.length)).toEqual([1])
    expect(unread).toMatchObject([{ code: 'CDA_UNREADABLE', recipients: sendings[0]!.recipients }])
  })

  test('a result without a document is no document that cannot be read', () => {
    expect(sent(oruCda().filter((one) => !one.includes('|ED|'))).unread).toEqual([])
  })

  test.each<[name: string, segments: string[], complete: boolean]>([
    ['all of it is there', mdm(), true],
    ['PID has none', WITHOUT_INS, false],
    ['the document has none', mdm('T02', cda({ ids: '<id root="1.2.250.1.999.4" extension="300101"/>' })), false],
    [
      'the document has another',
      mdm('T02', cda({ ids: `<id root="${INS_OID}" extension="260053800029912"/>` })),
      false,
    ],
    [
      'a trait is missing',
      mdm('T02', cda({ patient: '<name><family>LEROUX (FICTIF)</family></name><birthTime value="19540312"/>' })),
      false,
    ],
    ['a trait differs', changed(mdm(), 'PID', '|19540312|', '|19540313|'), false],
  ])('an INS is complete only where %s', (_, segments, complete) => {
    expect(sending(segments).documents[0]!.insComplete).toBe(complete)
  })
})

test('any change of a byte is read, or told, and never a fault', () => {
  const sound = Buffer.from(`${behind(mdm('T10', levelOne()), 'PRT', PATIENT_BOX).join('\r')}\r`)
  fc.assert(
    fc.property(fc.nat(sound.length - 5), fc.integer({ min: 0, max: 255 }), (at, byte) => {
      const bytes = Buffer.from(sound)
      bytes[at + 4] = byte
      const read = readMessage(bytes)
      if (!read.ok) return
      const { sendings, findings } = documentsToSend(read.message, readHeader(read.message), settings())
      expect(sendings.length + findings.length).toBeGreaterThan(0)
    }),
    { numRuns: 500 },
  )
})

test('no value of the patient stands in a finding', () => {
  const cut = changed(mdm('T02', cda({ id: '' })), 'TXA', '1.2.250.1.999.9.1', '')
  expect(JSON.stringify(sent(cut).findings)).not.toMatch(/LEROUX|2540353|1954/)
  expect(messageOf(cut).segments('PID')).toBe(1)
})
