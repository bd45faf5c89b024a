import { describe, expect, test } from 'vitest'
import type { Finding } from '../../../src/core/message.ts'
import {
  consistencyFindings,
  type DocumentHeaders,
  insComplete,
  type ReceivedDocument,
  receivedDocuments,
} from '../../../src/formats/documents/consistency.ts'
import { documentBundle, documentMessage, type Handing } from '../../../src/formats/documents/from-mail.ts'
import { documentMail } from '../../../src/formats/documents/to-mail.ts'
import type { XdmEntry } from '../../../src/formats/xdm/package.ts'
import { readXdm } from '../../../src/formats/xdm/read.ts'
import { measuredDocument } from '../../../src/formats/xdm/write.ts'
import { findingsIn } from '../../formats/hl7v2-rules/prove.ts'
import { entry, MADE_AT_MS, PATIENT_ID } from '../../support/archives.ts'
import { cda, INS, INS_OID, IPP_OID, mdm } from '../../support/documents.ts'
import { mailing, messageOf, sending, withMetadata } from '../../support/sendings.ts'

/** A document that came by mail. */
function received(xml = cda(), parts: Partial<XdmEntry> = {}): ReceivedDocument {
  const bytes = Buffer.from(xml)
  const whole: XdmEntry = { ...entry(parts), uri: 'DOC0001.XML', ...measuredDocument(bytes), ...parts }
  return receivedDocuments({ documents: [{ entry: whole, bytes }] })[0]!
}

const told = (findings: readonly Finding[]): string[] =>
  findings.map(({ code, class: kind, at }) => `${kind} ${code} ${at ?? ''}`.trim())
const HEADERS: DocumentHeaders = { codes: '18748-4', ins: 'O' }
const OTHER = '260053800029912'
const withIns = (ins: string): string => cda({ ids: `<id root="${INS_OID}" extension="${ins}"/>` })
const NO_TRAITS = cda({ patient: '<name><family>LEROUX (FICTIF)</family></name>' })

describe('a mail is compared with what is in it', () => {
  test.each<[name: string, documents: ReceivedDocument[], headers: DocumentHeaders, findings: string[]]>([
    ['and agrees', [received()], HEADERS, []],
    [
      'another INS in the document',
      [received(withIns(OTHER))],
      HEADERS,
      ['safety CDA_INS_MISMATCH DocumentEntry[0].patientId'],
    ],
    [
      'another number in the document',
      [received(cda({ ids: `<id root="${IPP_OID}" extension="9"/>` }))],
      { ...HEADERS, ins: 'N' },
      ['safety CDA_PATIENT_MISMATCH DocumentEntry[0].patientId'],
    ],
    [
      'no identifier in common',
      [received(cda({ ids: '<id root="1.2.250.1.999.77" extension="9"/>' }))],
      { ...HEADERS, ins: 'N' },
      ['contract CDA_PATIENT_UNPROVEN DocumentEntry[0].patientId'],
    ],
    [
      'no patient in the document',
      [received(cda({ recordTarget: '' }))],
      { ...HEADERS, ins: 'N' },
      ['contract CDA_PATIENT_UNPROVEN DocumentEntry[0].patientId'],
    ],
    [
      'another birth date',
      [received(cda(), { sourcePatientInfo: ['PID-7|19540313'] })],
      HEADERS,
      ['contract CDA_TRAITS_DIFFER DocumentEntry[0].sourcePatientInfo'],
    ],
    [
      'another name',
      [received(cda(), { sourcePatientInfo: ['PID-5|DUPONT (FICTIF)'] })],
      HEADERS,
      ['contract CDA_TRAITS_DIFFER DocumentEntry[0].sourcePatientInfo'],
    ],
    [
      'another name of the document',
      [received(cda(), { uniqueId: '1.2.3' })],
      HEADERS,
      ['contract CDA_ID_MISMATCH DocumentEntry[0].uniqueId'],
    ],
    [
      'another type',
      [received(cda({ code: '11502-2' }))],
      { ...HEADERS, codes: '11502-2' },
      ['form CDA_CODE_MISMATCH DocumentEntry[0].typeCode'],
    ],
    ['what is no CDA', [received('<a/>')], { codes: null, ins: null }, ['contract CDA_UNREADABLE DocumentEntry[0]']],
    [
      'a document type',
      [received(`<!DOCTYPE a>${cda({ head: '' })}`)],
      { codes: null, ins: null },
      ['contract CDA_UNREADABLE DocumentEntry[0]'],
    ],
    [
      'what says that it is no CDA',
      [received('%PDF', { mimeType: 'application/pdf' })],
      { codes: null, ins: null },
      [],
    ],
    [
      'two patients in two documents, each like its metadata',
      [received(withIns(INS)), received(withIns(OTHER), { patientId: PATIENT_ID.replace(INS, OTHER) })],
      HEADERS,
      ['safety XDM_PATIENTS'],
    ],
    [
      'two patients in one document',
      [received(cda().replace(/<recordTarget>[\s\S]*<\/recordTarget>/, (one) => one + one))],
      HEADERS,
      ['safety XDM_PATIENTS DocumentEntry[0]'],
    ],
    [
      'codes in another order, with spaces',
      [received(), received(cda({ code: 'X1' }), { typeCode: null })],
      { codes: ' X1 , 18748-4', ins: 'O' },
      [],
    ],
    [
      'a code too few',
      [received(), received(cda({ code: 'X1' }), { typeCode: null })],
      HEADERS,
      ['form MAIL_HEADER_DISAGREES X-MSS-CODECDA'],
    ],
    [
      'a code too many',
      [received()],
      { ...HEADERS, codes: '18748-4,X1' },
      ['form MAIL_HEADER_DISAGREES X-MSS-CODECDA'],
    ],
    [
      'no headers',
      [received()],
      { codes: null, ins: null },
      ['form MAIL_HEADER_DISAGREES X-MSS-CODECDA', 'form MAIL_HEADER_DISAGREES X-MSS-INS'],
    ],
    ['a qualified INS without traits', [received(NO_TRAITS)], HEADERS, ['form MAIL_HEADER_DISAGREES X-MSS-INS']],
    ['an INS that is not qualified', [received()], { ...HEADERS, ins: 'N' }, []],
    [
      'headers without a document',
      [received('%PDF', { mimeType: 'application/pdf' })],
      HEADERS,
      ['form MAIL_HEADER_DISAGREES X-MSS-CODECDA', 'form MAIL_HEADER_DISAGREES X-MSS-INS'],
    ],
  ])('%s', (_, documents, headers, findings) => {
    expect(told(consistencyFindings(documents, headers))).toEqual(findings)
  })

  test.each<[name: string, xml: string, complete: boolean]>([
    ['with all traits', cda(), true],
    ['without them', NO_TRAITS, false],
    ['without an INS', cda({ ids: `<id root="${IPP_OID}" extension="300101"/>` }), false],
  ])('an INS %s is complete: %s', (_, xml, complete) => {
    expect(insComplete([received(xml)])).toBe(complete)
  })
})

const side = (name: string, application: string, id: string) => ({
  establishment: name,
  name,
  application,
  authority: { namespace: name, id, idType: 'M' },
})
function handing(document = received(), qualified = true): Handing {
  return {
    document,
    qualified,
    context: {
      sender: side('PASSERELLE', 'PASSERELLE', '530000371'),
      receiver: side('CH FICTIF', 'DPI', '530000371'),
      key: 'mail-1',
      atMs: MADE_AT_MS,
      timeZone: 'Europe/Paris',
      test: true,
      writing: { charset: 'UNICODE UTF-8' },
      tables: new Map(),
    },
  }
}
const FIRST = cda().replace(/<relatedDocument.*<\/relatedDocument>/, '')

function lines(of: Handing): string[] {
  const made = documentMessage(of)
  if (!made.ok) throw new Error(made.at)
  return made.made.toString().split('\r').slice(0, -1)
}
const field = (all: readonly string[], name: string, n: number): string =>
  all.find((one) => one.startsWith(`${name}|`))!.split('|')[name === 'MSH' ? n - 1 : n] ?? ''

describe('a document that came by mail, in HL7 v2', () => {
  test('is an MDM^T02 that breaks no rule of the guide', () => {
    const made = lines(handing(received(FIRST)))
    expect(field(made, 'MSH', 9)).toBe('MDM^T02^MDM_T02')
    expect(field(made, 'TXA', 12)).toBe('1.2.250.1.999.9.1')
    expect(field(made, 'PID', 3)).toContain(`${INS}^^^ASIP-SANTE-INS-NIR&${INS_OID}&ISO^INS`)
    expect(field(made, 'PID', 32)).toBe('VALI')
    expect(Buffer.from(field(made, 'OBX', 5).split('^')[4]!, 'base64').toString()).toBe(FIRST)
    expect(findingsIn(made).filter((one) => one.class !== 'form')).toEqual([])
  })

  test('is an MDM^T10 where it replaces another', () => {
    const made = lines(handing())
    expect(field(made, 'MSH', 9)).toBe('MDM^T10^MDM_T02')
    expect(field(made, 'TXA', 13)).toBe('1.2.250.1.999.9.0')
  })

  test('has no INS in PID where none is qualified, and stays as it is', () => {
    const made = documentMessage(handing(received(FIRST), false))
    if (!made.ok) throw new Error(made.at)
    expect(told(made.findings)).toEqual(['form INS_IN_DOCUMENT DocumentEntry.patientId'])
    const all = made.made.toString().split('\r')
    expect(field(all, 'PID', 3)).toBe(`300101^^^${IPP_OID}&${IPP_OID}&ISO^PI`)
    expect(field(all, 'PID', 32)).toBe('PROV')
  })

  test('keeps who may see it', () => {
    const masked = received(FIRST, {
      confidentialityCodes: [{ code: 'INVISIBLE_PATIENT', system: '1.2.250.1.213.1.1.4.13', display: '' }],
    })
    expect(lines(handing(masked)).find((one) => one.includes('|INVISIBLE_PATIENT^'))).toContain('|Y^^')
  })

  test.each<[name: string, document: ReceivedDocument, qualified: boolean, at: string]>([
    ['its file', { ...received(), bytes: null }, true, 'DocumentEntry.uri'],
    ['its name', received(cda(), { uniqueId: '' }), true, 'DocumentEntry.uniqueId'],
    ['a patient who may be named', received(withIns(INS), { sourcePatientId: '' }), false, 'DocumentEntry.patientId'],
    ['its type', received(cda(), { typeCode: null }), true, 'DocumentReference.type'],
  ])('is none without %s', (_, document, qualified, at) => {
    expect(documentMessage(handing(document, qualified))).toEqual({ ok: false, code: 'CONVERSION_FAILED', at })
  })
})

test('a document that came by mail, in FHIR, is found again by its names', () => {
  const made = documentBundle(handing(received(FIRST)))
  if (!made.ok) throw new Error(made.at)
  const entries = made.made['entry'] as { request: unknown; resource: { resourceType: string } }[]
  expect(entries.map(({ resource, request }) => [resource.resourceType, request])).toEqual([
    ['Patient', { method: 'POST', url: 'Patient', ifNoneExist: `identifier=urn%3Aoid%3A${IPP_OID}|300101` }],
    [
      'DocumentReference',
      {
        method: 'POST',
        url: 'DocumentReference',
        ifNoneExist: 'identifier=urn%3Aietf%3Arfc3986|urn%3Aoid%3A1.2.250.1.999.9.1',
      },
    ],
  ])
  expect(documentBundle(handing(received(FIRST)))).toEqual(made)
})

test('what goes out by mail comes in as it was sent', async () => {
  const one = sending(withMetadata(mdm('T02', FIRST), { INVISIBLE_PATIENT: 'Y' }))
  const mail = await documentMail(one, one.recipients[0]!, mailing())
  const read = await readXdm(mail.attachments[0]!.bytes)
  if (!read.ok) throw new Error(read.findings[0]!.code)
  const documents = receivedDocuments(read.package)
  const header = (name: string): string | null => mail.headers.find(([one]) => one === name)?.[1] ?? null
  const headers = { codes: header('X-MSS-CODECDA'), ins: header('X-MSS-INS') }
  expect([...read.findings, ...consistencyFindings(documents, headers)]).toEqual([])
  const again = sending(lines(handing(documents[0])))
  expect(again.documents[0]!.bytes.equals(one.documents[0]!.bytes)).toBe(true)
  expect(again.patient).toMatchObject({ ins: one.patient.ins, qualified: true, birthDate: '19540312' })
  expect(again.documents[0]).toMatchObject({ uniqueId: '1.2.250.1.999.9.1', title: 'Compte rendu', insComplete: true })
  expect(again.instructions.invisibleToPatient).toBe(true)
  expect(messageOf(lines(handing(documents[0]))).text('MSH-11')).toBe('T')
})
