import { describe, expect, test } from 'vitest'
import type { ErrorCode } from '../../../src/core/errors.ts'
import { type DeliveryStatus, SMTP_ERROR_CODES, smtpErrorOf } from '../../../src/formats/documents/smtp-codes.ts'
import {
  dmpError,
  smtpError,
  stayError,
  writeZam,
  type ZamToWrite,
  zamOriginal,
} from '../../../src/formats/documents/zam.ts'
import { readHeader } from '../../../src/formats/hl7v2/header.ts'
import { acknowledgedMessages } from '../../../src/formats/hl7v2/known-orders.ts'
import { findingsIn } from '../../formats/hl7v2-rules/prove.ts'
import { MADE_AT_MS } from '../../support/archives.ts'
import { mdm, oruCda } from '../../support/documents.ts'
import { changed, messageOf, sending, settings } from '../../support/sendings.ts'

const [RECIPIENT] = sending(mdm()).recipients
const Z02: ZamToWrite = {
  event: 'Z02',
  outcome: { ok: true },
  recipient: RECIPIENT!,
  leg: '0.0',
  atMs: MADE_AT_MS,
  timeZone: 'Europe/Paris',
}
const REFUSED = { ok: false, error: smtpError({ status: '5.1.1', diagnostic: 'smtp; 550 5.1.1 no' }) } as const

function linesOf(zam: ZamToWrite, original = mdm()): string[] {
  const written = writeZam(zamOriginal(messageOf(original)), zam)
  if (!written.ok) throw new Error(written.at)
  return written.bytes.toString().split('\r').slice(0, -1)
}
const OBX = (code: string, display: string, answer: string): string =>
  `OBX|1|CWE|${code}^${display}^AckMetierZAM|MDM-T02|${answer}^^expandedYes-NoIndicator||||||F`
const BOX = (code: string, display: string): string =>
  `OBX|2|XTN|${code}^${display}^AckMetierZAM|899900000029|^^X.400^paul.durand@chu.mssante.test||||||F`
const ERR = 'ERR||OBX^1^5|207^Application internal error^messageErrorCondition|E|'

describe('an acknowledgement', () => {
  test.each<[name: string, zam: ZamToWrite, behindEvn: string[]]>([
    [
      'of a mail that arrived',
      Z02,
      [OBX('ACK_RECEPTION_MSS', 'Accusé de réception MSSanté', 'Y'), BOX('DESTINATAIRE_MSS', 'Destinataire MSSanté')],
    ],
    [
      'of a mail that did not',
      { ...Z02, outcome: REFUSED },
      [
        OBX('ACK_RECEPTION_MSS', 'Accusé de réception MSSanté', 'N'),
        `${ERR}550^Boîte du destinataire indisponible^SMTPERRORCODE`,
        BOX('DESTINATAIRE_MSS', 'Destinataire MSSanté'),
      ],
    ],
    [
      'of a mail that was read',
      { ...Z02, event: 'Z03' },
      [OBX('ACK_LECTURE_MSS', 'Accusé de lecture', 'Y'), BOX('LECTEUR_MSS', 'Lecteur du courriel MSSanté')],
    ],
    [
      'of the national record that nothing leads to',
      { ...Z02, event: 'Z01', outcome: { ok: false, error: settings().refusedByDmp } },
      [
        OBX('ACK_RECEPTION_DMP', 'Accusé de réception DMP', 'N'),
        `${ERR}999^Aucun connecteur DMP configuré^DMPERRORCODE`,
      ],
    ],
    [
      'of the national record, with the reason by its name',
      { ...Z02, event: 'Z01', outcome: { ok: false, error: dmpError(settings().refusedByDmp, 'DOCUMENT_NO_DMP') } },
      [
        OBX('ACK_RECEPTION_DMP', 'Accusé de réception DMP', 'N'),
        `${ERR}999^Aucun connecteur DMP configuré (DOCUMENT_NO_DMP)^DMPERRORCODE`,
      ],
    ],
    [
      'without a recipient',
      { ...Z02, recipient: null },
      [OBX('ACK_RECEPTION_MSS', 'Accusé de réception MSSanté', 'Y')],
    ],
  ])('%s', (_, zam, behindEvn) => {
    const lines = linesOf(zam)
    expect(lines[0]!.split('|').with(9, '…')).toEqual(
      `MSH|^~\\&|PFI|RECEIVER|RIS|SENDER|20261123113008+0100||ZAM^${zam.event}^ZAM_Z01|…|T|2.6|||||FRA|UNICODE UTF-8|||2.1^CISIS_CDA_HL7_V2`.split(
        '|',
      ),
    )
    expect(lines.slice(1)).toEqual(['EVN||20261123113008+0100', ...behindEvn])
    expect(findingsIn(lines)).toEqual([])
  })

  test.each<[name: string, zam: ZamToWrite, note: string]>([
    ['that arrived', Z02, 'Avis de suppression'],
    ['that did not arrive', { ...Z02, outcome: REFUSED }, 'Avis de suppression'],
    ['for the national record', { ...Z02, event: 'Z01', outcome: REFUSED }, 'Suppression'],
  ])('of a removal %s says so, and is otherwise the same', (_, zam, note) => {
    const original = zamOriginal(messageOf(mdm()))
    const [lines, plain] = [{ ...original, removal: true }, original].map((one) => {
      const written = writeZam(one, zam)
      return written.ok ? written.bytes.toString().split('\r').slice(0, -1) : []
    })
    expect(lines!.toSpliced(3, 1)).toEqual(plain)
    expect(lines![3]).toBe(`NTE|1||${note}`)
    expect(findingsIn(lines!)).toEqual([])
  })

  test('names the message that it is about, whatever its kind', () => {
    const read = messageOf(linesOf(Z02, oruCda()))
    expect(acknowledgedMessages(read, readHeader(read))).toEqual([{ at: 'OBX-4', controlId: 'ORU-CDA' }])
  })

  test('is the same message when it is written twice, and another for another box, outcome or mail', () => {
    const name = (zam: ZamToWrite): string => linesOf(zam)[0]!.split('|')[9]!
    const all = [
      Z02,
      { ...Z02, atMs: 0 },
      { ...Z02, event: 'Z03' as const },
      { ...Z02, outcome: REFUSED },
      { ...Z02, recipient: null },
      { ...Z02, leg: '1.0' },
    ].map(name)
    expect(all[1]).toBe(all[0])
    expect(new Set(all).size).toBe(5)
    expect(all[0]).toMatch(/^[0-9A-Z]{20}$/)
  })

  test('is written in the character set of who sent the document', () => {
    const original = zamOriginal(messageOf(changed(mdm(), 'MSH', 'UNICODE UTF-8', '8859/15')))
    const written = writeZam(original, {
      ...Z02,
      outcome: { ok: false, error: { code: '1', system: 'x', display: 'é €' } },
    })
    expect(written.ok && written.bytes.includes(Buffer.from([0xe9, 0x20, 0xa4]))).toBe(true)
  })

  test('is not broken by what stands in an error', () => {
    const error = { code: '550', system: 'SMTPERRORCODE', display: 'a|b\rOBX|9' }
    const lines = linesOf({ ...Z02, outcome: { ok: false, error } })
    expect(lines.map((one) => one.slice(0, 3))).toEqual(['MSH', 'EVN', 'OBX', 'ERR', 'OBX'])
  })
})

test.each<[reason: ErrorCode, code: string]>([
  ['DOCUMENT_MASKED', '541'],
  ['DOCUMENT_INVISIBLE', '541'],
  ['DOCUMENT_NOT_ADDRESSED', '541'],
  ['DOCUMENT_OTHER_BOX', '510'],
  ['DOCUMENT_RECIPIENT_NONE', '510'],
  ['CDA_UNREADABLE', '554'],
  ['MAIL_DOMAIN_UNLISTED', '512'],
])('a mail that never left for %s has code %s, and its reason', (reason, code) => {
  const { code: told, display, system } = stayError(reason)
  expect([told, system]).toEqual([code, 'SMTPERRORCODE'])
  expect(display).toMatch(new RegExp(` \\(${reason}\\)$`))
})

describe('the code of a mail that did not arrive', () => {
  test.each<[status: DeliveryStatus, code: string]>([
    [{ status: '5.1.1', diagnostic: 'smtp; 550 5.1.1 no' }, '550'],
    [{ status: '5.3.4', diagnostic: 'smtp; 552 5.3.4 no' }, '552'],
    [{ status: '4.7.1', diagnostic: 'smtp; 451 4.7.1 no' }, '451'],
    [{ status: '5.7.8', diagnostic: 'smtp; 535 5.7.8 no' }, '530'],
    [{ status: '5.1.10', diagnostic: 'smtp; 556 5.1.10 no' }, '512'],
    [{ status: '', diagnostic: 'smtp; 555  no' }, '554'],
    [{ status: '5.1.1', diagnostic: null }, '550'],
    [{ status: '5.1.2', diagnostic: null }, '512'],
    [{ status: '4.4.1', diagnostic: null }, '441'],
    [{ status: '4.4.7', diagnostic: null }, '441'],
    [{ status: '5.4.7', diagnostic: null }, '441'],
    [{ status: '4.2.2', diagnostic: null }, '422'],
    [{ status: '5.2.2', diagnostic: null }, '552'],
    [{ status: '5.3.4', diagnostic: null }, '523'],
    [{ status: '5.7.1', diagnostic: null }, '541'],
    [{ status: '4.7.0', diagnostic: null }, '451'],
    [{ status: 'x', diagnostic: null }, '554'],
    [{ status: '5.1.1', diagnostic: '552-full' }, '552'],
    [{ status: '5.1.1', diagnostic: 'x-local; 42 of 552 boxes' }, '550'],
    [{ status: '', diagnostic: null }, '554'],
  ])('%j is %s', (status, code) => {
    expect(smtpErrorOf(status)).toEqual({ code, display: SMTP_ERROR_CODES.get(code) })
  })
})
