import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { writeMetadata } from '../../../src/formats/xdm/metadata.ts'
import type { XdmEntry } from '../../../src/formats/xdm/package.ts'
import { readXdm, type XdmReading } from '../../../src/formats/xdm/read.ts'
import { measuredDocument, writeXdm } from '../../../src/formats/xdm/write.ts'
import { ZIP_BUDGET } from '../../../src/formats/xdm/zip-read.ts'
import { archive, entry, PATIENT_ID, type RawFile, rawZip, submission } from '../../support/archives.ts'
import { cda } from '../../support/documents.ts'

const SUBSET = 'IHE_XDM/SUBSET01'
const told = ({ findings }: XdmReading): string[] =>
  findings.map(({ code, class: kind, at, params }) => [kind, code, at ?? params?.['fault'] ?? ''].join(' ').trim())

const DOCUMENT = Buffer.from(cda())
const whole = (parts: Partial<XdmEntry> = {}): XdmEntry => ({
  ...entry(parts),
  uri: 'DOC0001.XML',
  ...measuredDocument(DOCUMENT),
  ...parts,
})
const METADATA = writeMetadata({ submission: submission(), entries: [whole()] }).toString()

/** An archive with this METADATA.XML and one document. */
function withMetadata(metadata: string | Buffer, more: readonly RawFile[] = []): RawFile[] {
  return [
    { name: 'README.TXT', bytes: 'r' },
    { name: 'INDEX.HTM', bytes: 'i' },
    { name: `${SUBSET}/METADATA.XML`, bytes: metadata },
    { name: `${SUBSET}/DOC0001.XML`, bytes: DOCUMENT },
    ...more,
  ]
}
const of = (entries: readonly XdmEntry[], set = submission()): string =>
  writeMetadata({ submission: set, entries }).toString()
const changed = (from: string | RegExp, to: string): RawFile[] => {
  const made = METADATA.replace(from, to)
  if (made === METADATA) throw new Error(`nothing to change: ${from}`)
  return withMetadata(made)
}
const upper = (files: readonly RawFile[], change: (name: string) => string): RawFile[] =>
  files.map((one) => ({ ...one, name: change(one.name) }))

describe('an archive that is taken', () => {
  test('says what was written, and holds its documents', async () => {
    const read = await readXdm(await writeXdm(archive()))
    if (!read.ok) throw new Error(told(read).join())
    expect(read.findings).toEqual([])
    expect(read.package.submission).toEqual(submission())
    expect(read.package.documents).toEqual([{ entry: whole(), bytes: DOCUMENT }])
  })

  test.each<[name: string, files: RawFile[], findings: string[]]>([
    ['names in lower case', upper(withMetadata(METADATA), (name) => name.toLowerCase()), []],
    ['a folder around it', upper(withMetadata(METADATA), (name) => `lot/${name}`), []],
    ['backslashes of another system', upper(withMetadata(METADATA), (name) => name.replaceAll('/', '\\')), []],
    ['another name of the subset', upper(withMetadata(METADATA), (name) => name.replace('SUBSET01', 'S1')), []],
    ['a comment at its end', withMetadata(METADATA), []],
    ['sizes behind its files', withMetadata(METADATA).map((one) => ({ ...one, flags: 8 })), []],
    ['files that are not packed', withMetadata(METADATA).map((one) => ({ ...one, stored: true })), []],
    [
      'no files for people',
      withMetadata(METADATA).slice(2),
      ['form XDM_FILE_MISSING README.TXT', 'form XDM_FILE_MISSING INDEX.HTM'],
    ],
    [
      'a file that nothing names',
      withMetadata(METADATA, [{ name: `${SUBSET}/NOTE.ZIP`, bytes: rawZip([]) }]),
      ['form XDM_FILE_UNLISTED'],
    ],
    ['a style sheet beside its page', withMetadata(METADATA, [{ name: 'STYLE.CSS', bytes: 'b{}' }]), []],
    ['./ before the name', changed('<Value>DOC0001.XML</Value>', '<Value>./doc0001.xml</Value>'), []],
    [
      'a document that is not there',
      changed('<Value>DOC0001.XML</Value>', '<Value>DOC0002.XML</Value>'),
      ['contract XDM_DOCUMENT_MISSING DocumentEntry[0].uri', 'form XDM_FILE_UNLISTED'],
    ],
    [
      'a document outside of it',
      changed('<Value>DOC0001.XML</Value>', '<Value>../../README.TXT</Value>'),
      ['contract XDM_DOCUMENT_MISSING DocumentEntry[0].uri', 'form XDM_FILE_UNLISTED'],
    ],
    [
      'an address for a name',
      changed('<Value>DOC0001.XML</Value>', '<Value>http://x.test/DOC0001.XML</Value>'),
      ['contract XDM_DOCUMENT_MISSING DocumentEntry[0].uri', 'form XDM_FILE_UNLISTED'],
    ],
    ['another hash', withMetadata(of([whole({ hash: 'a'.repeat(40) })])), ['contract XDM_HASH DocumentEntry[0].hash']],
    ['another size', withMetadata(of([whole({ size: 7 })])), ['contract XDM_HASH DocumentEntry[0].size']],
    ['the hash in capitals', withMetadata(of([whole({ hash: measuredDocument(DOCUMENT).hash.toUpperCase() })])), []],
    [
      'no hash, no size, no title',
      withMetadata(of([whole({ hash: '', size: null, title: '' })])),
      [
        'form XDM_FIELD_MISSING DocumentEntry[0].hash',
        'form XDM_FIELD_MISSING DocumentEntry[0].size',
        'form XDM_FIELD_MISSING DocumentEntry[0].title',
      ],
    ],
    [
      'no author and no confidentiality',
      withMetadata(of([whole({ authors: [], confidentialityCodes: [] })])),
      ['form XDM_FIELD_MISSING DocumentEntry[0].author', 'form XDM_FIELD_MISSING DocumentEntry[0].confidentialityCode'],
    ],
    [
      'a set that is not marked as one',
      changed(/<Classification id="node[^>]*\/>/, ''),
      ['form XDM_FIELD_MISSING SubmissionSet.classification'],
    ],
    [
      'no patient at all',
      withMetadata(of([whole({ patientId: '' })], submission({ patientId: '' }))),
      ['contract XDM_FIELD_MISSING SubmissionSet.patientId', 'form XDM_FIELD_MISSING DocumentEntry[0].patientId'],
    ],
    ['the patient with another type', withMetadata(of([whole({ patientId: PATIENT_ID.replace('^NH', '^INS') })])), []],
    [
      'another patient in its entry',
      withMetadata(of([whole({ patientId: PATIENT_ID.replace('254', '154') })])),
      ['safety XDM_PATIENTS'],
    ],
    [
      'the number under another authority',
      withMetadata(of([whole({ patientId: PATIENT_ID.replace('4.10', '4.11') })])),
      ['safety XDM_PATIENTS'],
    ],
    [
      'a prefix for every element',
      withMetadata(METADATA.replace(/ xmlns="([^"]*)"/, ' xmlns:r="$1"').replace(/<(\/?)(?!\/|lcm:|\?)/g, '<$1r:')),
      [],
    ],
  ])('with %s', async (_, files, findings) => {
    const read = await readXdm(rawZip(files, { comment: 'c' }))
    expect(told(read)).toEqual(findings)
    expect(read.ok).toBe(true)
  })

  test('keeps what an entry says of the document that it replaces', async () => {
    const replaces = 'urn:uuid:00000000-0000-5000-8000-00000000000a'
    const read = await readXdm(rawZip(withMetadata(of([whole({ replaces })]))))
    expect(read.ok && read.package.documents[0]!.entry.replaces).toBe(replaces)
  })
})

const file = (parts: Partial<RawFile>): RawFile => ({ name: `${SUBSET}/DOC0002.XML`, bytes: 'x', ...parts })
const refused = (parts: Partial<RawFile>): Buffer => rawZip(withMetadata(METADATA, [file(parts)]))
const two = METADATA.replace(
  /<RegistryPackage [\s\S]*?<\/RegistryPackage><Classification [^>]*\/>/,
  (one) => one + one.replaceAll('000000000001', '000000000003'),
)

describe('an archive that is refused', () => {
  test.each<[name: string, bytes: Buffer, finding: string]>([
    ['nothing', Buffer.alloc(0), 'XDM_UNREADABLE not-zip'],
    ['text', Buffer.from('no archive'), 'XDM_UNREADABLE not-zip'],
    ['something behind its end', rawZip(withMetadata(METADATA), { after: 'x' }), 'XDM_UNREADABLE not-zip'],
    [
      'something before its beginning',
      Buffer.concat([Buffer.from('MZ'), rawZip(withMetadata(METADATA))]),
      'XDM_UNREADABLE directory',
    ],
    ['one file more than its directory has', rawZip(withMetadata(METADATA), { count: 5 }), 'XDM_UNREADABLE directory'],
    ['one file fewer', rawZip(withMetadata(METADATA), { count: 3 }), 'XDM_UNREADABLE directory'],
    ['the marks of ZIP64', rawZip(withMetadata(METADATA), { count: 0xffff }), 'XDM_UNREADABLE zip64'],
    ['a file under a password', refused({ flags: 1 }), 'XDM_UNREADABLE encrypted'],
    ['another method', refused({ method: 12 }), 'XDM_UNREADABLE method'],
    ['two names for a file', refused({ localName: `${SUBSET}/DOC0009.XML` }), 'XDM_UNREADABLE header'],
    ['a file beyond its end', refused({ packed: 90_000 }), 'XDM_UNREADABLE header'],
    ['files that share bytes', refused({ offset: 0, name: 'README.TXT' }), 'XDM_UNREADABLE overlap'],
    ['a way up', refused({ name: '../x' }), 'XDM_NAME outside'],
    ['a way up with backslashes', refused({ name: 'a\\..\\..\\x' }), 'XDM_NAME outside'],
    ['a way from the root', refused({ name: '/etc/x' }), 'XDM_NAME absolute'],
    ['a drive', refused({ name: 'C:x' }), 'XDM_NAME absolute'],
    ['a NUL in a name', refused({ name: 'a\0.XML' }), 'XDM_NAME character'],
    ['a name twice, in other letters', refused({ name: 'readme.txt' }), 'XDM_NAME twice'],
    ['a link', refused({ mode: 0o120777 }), 'XDM_NAME link'],
    ['too many files', rawZip(Array.from({ length: 201 }, (_, i) => file({ name: `${i}` }))), 'XDM_LIMITS entries'],
    ['a file that grows a thousand times', refused({ bytes: Buffer.alloc(2_000_000) }), 'XDM_LIMITS ratio'],
    [
      'more than it may hold',
      refused({ stored: true, method: 8, size: 210_000_000, packed: 3_000_000 }),
      'XDM_UNREADABLE header',
    ],
    [
      'a METADATA.XML that is larger than it says',
      rawZip([{ name: `${SUBSET}/METADATA.XML`, bytes: METADATA, size: 100 }]),
      'XDM_UNREADABLE inflate',
    ],
    [
      'one with another checksum',
      rawZip([{ name: `${SUBSET}/METADATA.XML`, bytes: METADATA, crc: 1 }]),
      'XDM_UNREADABLE checksum',
    ],
    ['no METADATA.XML', rawZip([{ name: 'README.TXT', bytes: 'x' }]), 'XDM_METADATA none'],
    [
      'two subsets',
      rawZip(withMetadata(METADATA, [{ name: 'IHE_XDM/SUBSET02/METADATA.XML', bytes: METADATA }])),
      'XDM_METADATA several',
    ],
    ['two submission sets', rawZip(withMetadata(two)), 'XDM_METADATA several-sets'],
    ['no submission set', rawZip(changed(/<RegistryPackage [\s\S]*?<\/RegistryPackage>/, '')), 'XDM_METADATA no-set'],
    ['no document', rawZip(changed(/<ExtrinsicObject [\s\S]*?<\/ExtrinsicObject>/, '')), 'XDM_METADATA no-documents'],
    [
      'one file for two entries',
      rawZip(withMetadata(of([whole(), whole({ entryUuid: 'urn:uuid:2', uri: './doc0001.xml' })]))),
      'XDM_METADATA file-twice',
    ],
    [
      'a document type',
      rawZip(changed('?>', '?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]>')),
      'XDM_METADATA doctype',
    ],
    ['an open element', rawZip(withMetadata(METADATA.slice(0, -40))), 'XDM_METADATA syntax'],
    ['another root', rawZip(withMetadata('<a/>')), 'XDM_METADATA root'],
    ['another list', rawZip(withMetadata(METADATA.replace(/ xmlns="[^"]*"/, ''))), 'XDM_METADATA root'],
    ['an encoding that is not read', rawZip(changed('UTF-8', 'UTF-7')), 'XDM_METADATA encoding'],
    ['bytes that are not of it', rawZip(withMetadata(Buffer.from(METADATA, 'latin1'))), 'XDM_METADATA encoding'],
  ])('for %s', async (_, bytes, finding) => {
    const read = await readXdm(bytes)
    expect(told(read)).toEqual([`contract ${finding}`])
    expect(read.ok).toBe(false)
  })

  test('for what it would unpack to, before a byte is unpacked', async () => {
    const bytes = rawZip(withMetadata(METADATA, [file({ bytes: 'x'.repeat(20_000), name: 'A' })]))
    expect(told(await readXdm(bytes, { ...ZIP_BUDGET, maxInflated: 20_000 }))).toEqual(['contract XDM_LIMITS size'])
  })
})

/** Text that XML can hold and that the space around does not change. */
const text = fc
  .string({ unit: 'grapheme', maxLength: 20 })
  .map((one) => one.replace(/[\0-\x1f\x7f-\x9f\ufffe\uffff]/g, '').trim())

describe('any', () => {
  test('text comes back as it was written', async () => {
    await fc.assert(
      fc.asyncProperty(text, text, text, async (title, person, display) => {
        const parts = { title, legalAuthenticator: person, eventCodes: [{ code: 'a', system: 'b', display }] }
        const read = await readXdm(await writeXdm(archive({ documents: [{ entry: entry(parts), bytes: DOCUMENT }] })))
        expect(read.ok && read.package.documents[0]!.entry).toEqual(whole(parts))
      }),
      { numRuns: 60 },
    )
  })

  test('change of a byte leads to a reading or a refusal, never to a fault', async () => {
    const sound = await writeXdm(archive())
    await fc.assert(
      fc.asyncProperty(fc.nat(sound.length - 1), fc.integer({ min: 1, max: 255 }), async (at, by) => {
        const bytes = Buffer.from(sound)
        bytes[at] = bytes[at]! ^ by
        const read = await readXdm(bytes)
        expect(read.ok || read.findings.length === 1).toBe(true)
      }),
      { numRuns: 300 },
    )
  })

  test('cut of it is refused', async () => {
    const sound = await writeXdm(archive())
    await fc.assert(
      fc.asyncProperty(fc.nat(sound.length - 1), async (length) => {
        expect((await readXdm(sound.subarray(0, length))).ok).toBe(false)
      }),
      { numRuns: 100 },
    )
  })
})
