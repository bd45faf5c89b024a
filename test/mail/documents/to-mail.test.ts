import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { DocumentRecipient, DocumentToSend } from '../../../src/formats/documents/document.ts'
import type { DocumentSettings } from '../../../src/formats/documents/settings.ts'
import { documentMail, pdfName, subjectOf } from '../../../src/formats/documents/to-mail.ts'
import { entryUuidOf } from '../../../src/formats/documents/to-metadata.ts'
import { parsePath } from '../../../src/formats/mail/address.ts'
import { writeMail } from '../../../src/formats/mail/compose.ts'
import { readXdm } from '../../../src/formats/xdm/read.ts'
import { MADE_AT_MS, PATIENT_ID } from '../../support/archives.ts'
import { cda, INS, inBase64, mdm, oruCda } from '../../support/documents.ts'
import {
  behind,
  changed,
  levelOne,
  mailing,
  PATIENT_BOX,
  PDF,
  sending,
  settings,
  withMetadata,
} from '../../support/sendings.ts'
import { missing } from '../../support/world/needs.ts'

const WITH_BOX = behind(mdm(), 'PRT', PATIENT_BOX)
const to = (one: DocumentToSend, kind: DocumentRecipient['kind'] = 'professional'): DocumentRecipient =>
  one.recipients.find((recipient) => recipient.kind === kind)!
const mail = (segments: readonly string[], kind: DocumentRecipient['kind'] = 'professional', of?: DocumentSettings) => {
  const one = sending(segments)
  return documentMail(one, to(one, kind), mailing(of === undefined ? {} : { settings: of }))
}

describe('the subject', () => {
  test.each<[name: string, segments: string[], of: Partial<DocumentSettings>, subject: string]>([
    ['of a first version', mdm(), {}, "XDM/1.0/DDM+CR d'imagerie LEROUX (FICTIF) SUZANNE 12/03/1954"],
    [
      'of a replacement',
      mdm('T10'),
      {},
      "[Annule et remplace] XDM/1.0/DDM+CR d'imagerie LEROUX (FICTIF) SUZANNE 12/03/1954",
    ],
    ['of a removal', mdm('T04'), {}, "[Suppression] CR d'imagerie LEROUX (FICTIF) SUZANNE 12/03/1954"],
    [
      'with the name that is used',
      mdm(),
      { name: 'used' },
      "XDM/1.0/DDM+CR d'imagerie DURAND (FICTIF) SUZANNE 12/03/1954",
    ],
    [
      'without a birth date',
      changed(mdm(), 'PID', '|19540312|', '||'),
      {},
      "XDM/1.0/DDM+CR d'imagerie LEROUX (FICTIF) SUZANNE",
    ],
    [
      'with lines in a name',
      changed(mdm(), 'PID', 'LEROUX (FICTIF)^SUZANNE^SUZANNE', 'LE\\X0D0A\\Bcc: x@y.test^S^S'),
      {},
      "XDM/1.0/DDM+CR d'imagerie LE Bcc: x@y.test S 12/03/1954",
    ],
    [
      'with a place in a name',
      changed(mdm(), 'PID', 'LEROUX (FICTIF)', '{title}'),
      {},
      "XDM/1.0/DDM+CR d'imagerie {title} SUZANNE 12/03/1954",
    ],
  ])('%s', (_, segments, of, subject) => {
    expect(subjectOf(sending(segments), settings(of))).toBe(subject)
  })

  test('is one line whatever the names are', () => {
    const one = sending(mdm())
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (birthFamily, birthGiven) => {
        const subject = subjectOf({ ...one, patient: { ...one.patient, birthFamily, birthGiven } }, settings())
        expect(subject).not.toMatch(/[\0-\x1f\x7f-\x9f\u2028\u2029]/)
        expect(subject.isWellFormed()).toBe(true)
        expect(subject.startsWith('XDM/1.0/DDM+')).toBe(true)
      }),
    )
  })
})

describe('the words', () => {
  const OWN = 'Pour vous.\r\n\tSuite\x07'
  const own = (code: string): string =>
    `OBX|13|ED|${code}^Corps du mail^MetaDMPMSS||^text^^Base64^${inBase64(OWN)}||||||F`
  test.each<[name: string, segments: string[], kind: DocumentRecipient['kind'], text: string]>([
    ['of the sender', mdm(), 'professional', 'Bonjour\n'],
    [
      'of the sender to the patient',
      behind(WITH_BOX, 'OBX|12|', own('CORPSMAIL_PATIENT')),
      'patient',
      'Pour vous.\n\tSuite\n',
    ],
    [
      'of the region, where the sender has none',
      mdm().filter((one) => !one.includes('CORPSMAIL')),
      'professional',
      'Bonjour,\n\nVous trouverez ci-joint le document « Compte rendu » du 23/11/2026, adressé par CH Fictif.\n',
    ],
    [
      'of the region to the patient',
      WITH_BOX,
      'patient',
      'Bonjour,\n\nVous trouverez ci-joint le document « Compte rendu » du 23/11/2026, adressé par CH Fictif.\n',
    ],
    [
      'of a replacement',
      mdm('T10'),
      'professional',
      'Bonjour\n\nCe document annule et remplace celui qui vous a été adressé auparavant.\n',
    ],
    [
      'of a removal are never those that came with the document',
      mdm('T04'),
      'professional',
      'Bonjour,\n\nLe document « Compte rendu » du 23/11/2026, qui vous a été adressé par CH Fictif, a été supprimé par son auteur.\nMerci de ne plus en tenir compte et de le retirer de vos dossiers.\n',
    ],
  ])('%s', async (_, segments, kind, text) => {
    expect((await mail(segments, kind)).text).toBe(text)
  })
})

describe('headers', () => {
  const two = behind(
    oruCda(),
    'OBX|1|',
    `OBX|2|ED|11502-2^CR^LN||^TEXT^XML^Base64^${inBase64(cda({ code: '11502-2', id: '<id root="1.2.250.1.999.9.5"/>' }))}||||||F`,
  )
  const MISSING = '<name><family>LEROUX (FICTIF)</family></name>'
  test.each<[name: string, segments: string[], kind: DocumentRecipient['kind'], headers: string[]]>([
    ['of a document', mdm(), 'professional', ['X-MSS-CODECDA: 18748-4', 'X-MSS-INS: O', 'X-MSS-NIL: TEST000001']],
    ['of two', two, 'professional', ['X-MSS-CODECDA: 18748-4,11502-2', 'X-MSS-INS: O', 'X-MSS-NIL: TEST000001']],
    [
      'without all traits',
      mdm('T02', cda({ patient: MISSING })),
      'professional',
      ['X-MSS-CODECDA: 18748-4', 'X-MSS-INS: N', 'X-MSS-NIL: TEST000001'],
    ],
    [
      'without a qualified identity',
      changed(mdm(), 'PID', /VALI$/, 'PROV'),
      'professional',
      ['X-MSS-CODECDA: 18748-4', 'X-MSS-INS: N', 'X-MSS-NIL: TEST000001'],
    ],
    ['of a removal', mdm('T04'), 'professional', ['X-MSS-NIL: TEST000001']],
    [
      'to a patient who may not answer',
      WITH_BOX.toSpliced(WITH_BOX.findIndex((one) => one.includes('|DESTMSSANTEPAT^')) + 1, 0, 'NTE|1|||FIN'),
      'patient',
      ['X-MSS-CODECDA: 18748-4', 'X-MSS-INS: O', 'X-MSS-NIL: TEST000001', 'X-MSS-MES: FIN'],
    ],
  ])('%s', async (_, segments, kind, headers) => {
    expect((await mail(segments, kind)).headers.map(([name, value]) => `${name}: ${value}`)).toEqual(headers)
  })

  test('of a region without a number for its software', async () => {
    const { headers } = await mail(mdm(), 'professional', settings({ softwareId: null }))
    expect(headers.map(([name]) => name)).toEqual(['X-MSS-CODECDA', 'X-MSS-INS'])
  })

  test('hold no more than a code', async () => {
    const code = '18748-4&#13;&#10;Bcc: x@y.test, é'
    const { headers } = await mail(mdm('T02', cda({ code })), 'professional')
    expect(headers[0]).toEqual(['X-MSS-CODECDA', '18748-4Bcc:x@y.test'])
  })
})

describe('attachments', () => {
  test('are the archive, and the PDF beside it', async () => {
    const { attachments } = await mail(mdm('T02', levelOne()))
    expect(attachments.map(({ name, type }) => [name, type])).toEqual([
      ['IHE_XDM.ZIP', 'application/zip'],
      ['20261123_CR-d-imagerie_LEROUX-FICTIF_SUZANNE_260000101.pdf', 'application/pdf'],
    ])
    expect(attachments[1]!.bytes.equals(PDF)).toBe(true)
  })

  test('are the archive alone for a document without a PDF, and none for a removal', async () => {
    expect((await mail(mdm())).attachments).toHaveLength(1)
    expect((await mail(mdm('T04'))).attachments).toHaveLength(0)
  })

  test.each<[name: string, segments: string[], file: string]>([
    [
      'accents and signs',
      changed(mdm(), 'PID', 'LEROUX (FICTIF)^SUZANNE', 'LÉ / RO..UX^Zoé'),
      '20261123_CR-d-imagerie_LE-RO-UX_Zoe_260000101.pdf',
    ],
    ['no number', changed(mdm(), 'PV1', '260000101', ''), '20261123_CR-d-imagerie_LEROUX-FICTIF_SUZANNE.pdf'],
  ])('a PDF is named with %s', (_, segments, file) => {
    const one = sending(segments)
    expect(pdfName(one, one.documents[0]!, settings())).toBe(file)
  })

  test('a name of a file stays one, whatever the patient is called', () => {
    const one = sending(mdm())
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (birthFamily) => {
        const named = { ...one, patient: { ...one.patient, birthFamily } }
        expect(pdfName(named, one.documents[0]!, settings())).toMatch(/^[A-Za-z0-9_-]{1,250}\.pdf$/)
      }),
    )
  })

  test('the archive says what the message and the document say', async () => {
    const { attachments } = await mail(
      changed(withMetadata(mdm('T10', levelOne()), { INVISIBLE_PATIENT: 'Y' }), 'PID', 'LEROUX', 'LER\\T\\OUX'),
    )
    const read = await readXdm(attachments[0]!.bytes)
    if (!read.ok) throw new Error(read.findings[0]!.code)
    expect(read.findings).toEqual([])
    const { submission, documents } = read.package
    expect(submission).toMatchObject({
      patientId: PATIENT_ID,
      submissionTime: '20261123103008',
      contentTypeCode: { code: '03', system: '1.2.250.1.213.2.2' },
      intendedRecipients: [
        '|899900000029^DURAND (FICTIF)^Paul^^^^^^&1.2.250.1.71.4.2.1&ISO^D^^^IDNPS|^^Internet^paul.durand@chu.mssante.test',
      ],
      authors: [
        {
          person: '899900000011^MARTIN (FICTIF)^Claire^^^^^^&1.2.250.1.71.4.2.1&ISO^D^^^IDNPS',
          institutions: ['CH Fictif^^^^^&1.2.250.1.71.4.2.2&ISO^IDNST^^^1539990028'],
        },
      ],
    })
    expect(documents[0]!.entry).toMatchObject({
      creationTime: '20261123102500',
      patientId: PATIENT_ID,
      sourcePatientId: '300101^^^&1.2.250.1.999.4&ISO^PI',
      sourcePatientInfo: [
        'PID-5|LER\\T\\OUX (FICTIF)^SUZANNE^^^^^L',
        'PID-5|DURAND (FICTIF)^SUZANNE^^^^^D',
        'PID-7|19540312',
        'PID-8|F',
      ],
      confidentialityCodes: [{ code: 'N' }, { code: 'INVISIBLE_PATIENT' }],
      formatCode: { code: 'urn:ihe:iti:xds-sd:pdf:2008' },
      title: 'Compte rendu',
      mimeType: 'text/xml',
    })
    expect(documents[0]!.bytes!.toString()).toBe(levelOne())
  })

  test('a replacement names the entry of the document that it replaces', async () => {
    const entry = async (segments: string[]) => {
      const read = await readXdm((await mail(segments)).attachments[0]!.bytes)
      return read.ok ? read.package.documents[0]!.entry : null
    }
    const first = await entry(mdm('T02', cda({ id: '<id root="1.2.250.1.999.9.0"/>' })))
    expect((await entry(mdm('T10')))?.replaces).toBe(first?.entryUuid)
  })

  test('of two replacements each names what it replaces itself, and one that says nothing names nothing', async () => {
    const second = (related: string): string[] => {
      const xml = cda({ id: '<id root="1.2.250.1.999.9.5"/>' }).replace('<id root="1.2.250.1.999.9.0"/>', related)
      return behind(mdm('T10'), 'OBX|1|', `OBX|2|ED|11502-2^CR^LN||^TEXT^XML^Base64^${inBase64(xml)}||||||C`)
    }
    const replaced = async (segments: string[]) => {
      const read = await readXdm((await mail(segments)).attachments[0]!.bytes)
      return read.ok ? read.package.documents.map(({ entry }) => entry.replaces) : null
    }
    const [first, other] = [entryUuidOf('1.2.250.1.999.9.0'), entryUuidOf('1.2.250.1.999.9.4^7')]
    expect(await replaced(second('<id root="1.2.250.1.999.9.4" extension="7"/>'))).toEqual([first, other])
    expect(await replaced(second(''))).toEqual([first, null])
  })

  test('an INS that may not travel stands nowhere in the metadata', async () => {
    const { attachments } = await mail(changed(mdm(), 'PID', /VALI$/, 'PROV'))
    const read = await readXdm(attachments[0]!.bytes)
    if (!read.ok) throw new Error(read.findings[0]!.code)
    expect(JSON.stringify([read.package.submission, read.package.documents[0]!.entry])).not.toContain(INS)
    expect(read.package.submission.patientId).toBe('300101^^^&1.2.250.1.999.4&ISO^PI')
  })
})

test('a mail says what hangs on it', async () => {
  const asked = withMetadata(mdm('T10'), { ACK_RECEPTION: 'Y', ACK_LECTURE_MSS: 'Y' })
  expect(await mail(asked)).toMatchObject({
    to: 'paul.durand@chu.mssante.test',
    wantsReceipt: true,
    wantsReadReceipt: true,
    follows: '1.2.250.1.999.9.0',
  })
  expect(await mail(mdm('T04'))).toMatchObject({ wantsReadReceipt: false, follows: '1.2.250.1.999.9.1' })
})

test('nobody without an address gets one', async () => {
  const one = sending(changed(mdm(), 'PRT', 'paul.durand@chu.mssante.test', ''))
  await expect(documentMail(one, to(one), mailing())).rejects.toThrow(RangeError)
})

const noPython = missing('python3', ['-c', 'import email, zipfile'])
test.skipIf(noPython !== null)(
  `python's email and zipfile read the mail that is written of it ${noPython ?? ''}`,
  async () => {
    const made = await mail(mdm('T10', levelOne()))
    const box = (address: string) => ({ name: '', address: parsePath(address, { utf8: false })! })
    const bytes = writeMail({
      from: box('pfi@region.test'),
      to: [box(made.to)],
      subject: made.subject,
      text: made.text,
      date: { atMs: MADE_AT_MS, timeZone: 'Europe/Paris' },
      messageId: '<1@region.test>',
      headers: made.headers,
      attachments: made.attachments,
    })
    const script = `
import email, email.policy, io, json, sys, zipfile
m = email.message_from_bytes(sys.stdin.buffer.read(), policy=email.policy.default)
parts = list(m.iter_attachments())
z = zipfile.ZipFile(io.BytesIO(parts[0].get_content()))
print(json.dumps([m['subject'], m['x-mss-codecda'], m.get_body().get_content().strip().splitlines(),
  [[p.get_filename(), p.get_content_type()] for p in parts], parts[1].get_content().hex(), z.namelist()]))`
    const read = JSON.parse(execFileSync('python3', ['-c', script], { input: bytes, encoding: 'utf8' }))
    expect(read).toEqual([
      made.subject,
      '18748-4',
      made.text.trim().split('\n'),
      made.attachments.map(({ name, type }) => [name, type]),
      PDF.toString('hex'),
      ['README.TXT', 'INDEX.HTM', 'IHE_XDM/SUBSET01/METADATA.XML', 'IHE_XDM/SUBSET01/DOC0001.XML'],
    ])
  },
)
