import { expect, test } from 'vitest'
import { editHead, otherIdsElement, qualifiersElement, textElement } from '../../../src/formats/dicom/edit.ts'
import { instanceOf, patientOf } from '../../../src/formats/dicom/facts.ts'
import { type Head, HeadReader, type HeadState } from '../../../src/formats/dicom/head.ts'
import { TAGS } from '../../../src/formats/dicom/tags.ts'
import { dicomFile, element, type Slice, uidOf } from '../../support/peers/dicom-file.ts'

const SLICE: Slice = { study: uidOf(1), series: uidOf(1, 1), uid: uidOf(1, 1, 7), number: 7, accession: 'A7' }

/** Hands the bytes over in pieces of this size. */
function read(file: Buffer, piece = file.length, maxBytes?: number): HeadState {
  const reader = new HeadReader(maxBytes)
  for (let at = 0; at < file.length; at += piece) {
    const state = reader.push(file.subarray(at, at + piece))
    if (state.is !== 'more') return state
  }
  return reader.end()
}

function headIn(file: Buffer, piece?: number): Head {
  const state = read(file, piece)
  if (state.is !== 'head') throw new Error(`no head: ${JSON.stringify(state)}`)
  return state.head
}

const undefinedLength = (tag: number, vr: string, items: Buffer, implicit: boolean): Buffer => {
  const start = element(tag, vr, Buffer.alloc(0), implicit)
  start.writeUInt32LE(0xffffffff, start.length - 4)
  return Buffer.concat([start, items, Buffer.from('feffdde000000000', 'hex')])
}
const item = (bytes: Buffer): Buffer =>
  Buffer.concat([Buffer.from('feff00e0ffffffff', 'hex'), bytes, Buffer.from('feff0de000000000', 'hex')])

const FILES: readonly (readonly [what: string, file: Buffer])[] = [
  ['explicit', dicomFile(SLICE)],
  ['implicit', dicomFile({ ...SLICE, implicit: true })],
  ...[false, true].map((implicit): readonly [string, Buffer] => [
    `with nested sequences of undefined length, ${implicit ? 'implicit' : 'explicit'}`,
    dicomFile({
      ...SLICE,
      implicit,
      more: [
        {
          tag: 0x0008_1140,
          bytes: undefinedLength(
            0x0008_1140,
            'SQ',
            item(
              Buffer.concat([
                // Another patient's identifier, of a study that is only referred to.
                element(0x0010_0020, 'LO', 'OTHER', implicit),
                undefinedLength(0x0040_a170, 'SQ', item(element(0x0008_0100, 'SH', 'X', implicit)), implicit),
              ]),
            ),
            implicit,
          ),
        },
      ],
    }),
  ]),
]

test.each(FILES.flatMap(([what, file]) => [1, 7, 64, file.length].map((piece) => [what, piece, file] as const)))(
  '%s, in pieces of %i bytes: instance and patient are read',
  (_what, piece, file) => {
    expect(instanceOf(headIn(file, piece))).toEqual({
      uid: uidOf(1, 1, 7),
      study: uidOf(1),
      series: uidOf(1, 1),
      sopClass: '1.2.840.10008.5.1.4.1.1.2',
      number: 7,
      accession: 'A7',
      modality: 'CT',
      patient: {
        id: '26001',
        issuer: null,
        issuerEntity: null,
        name: 'MARTIN (FICTIF)^JEANNE',
        birthDate: '19500214',
        sex: 'F',
      },
    })
  },
)

test.each(FILES)('%s: unchanged, every byte goes on as it came', (_what, file) => {
  const head = headIn(file, 200)
  const on = Buffer.concat([...editHead(head, { set: new Map(), drop: [] }), file.subarray(head.bytes.length)])
  expect(on.equals(file)).toBe(true)
})

test.each(FILES)('%s: issuer, qualifiers and the original identifier are added, all else stays', (_what, file) => {
  const head = headIn(file)
  const others = otherIdsElement(head, Buffer.from('26001'), 'LAVAL')
  const set = new Map([
    [TAGS.issuer as number, textElement(head, TAGS.issuer, 'LO', 'LAVAL')],
    [TAGS.qualifiers, qualifiersElement(head, '1.2.250.1.999')],
    [TAGS.patientId, textElement(head, TAGS.patientId, 'LO', 'LAVAL-26001')],
    [TAGS.otherIds, others as Buffer],
  ])
  const edited = Buffer.concat(editHead(head, { set, drop: [] }))
  const again = headIn(edited)
  expect(patientOf(again)).toMatchObject({ id: 'LAVAL-26001', issuer: 'LAVAL', issuerEntity: '1.2.250.1.999' })
  const kept = ({ elements, bytes }: Head): string[] =>
    elements.filter(({ tag }) => !set.has(tag)).map(({ start, end }) => bytes.toString('hex', start, end))
  expect(kept(again)).toEqual(kept(head))
  expect(edited.subarray(again.end).equals(file.subarray(head.end))).toBe(true)
  // A second item joins the first.
  const twice = otherIdsElement(again, Buffer.from('2'), 'OTHER') as Buffer
  expect(twice.includes('26001') && twice.includes('OTHER')).toBe(true)
})

test('a program in the preamble goes no further', () => {
  const file = dicomFile(SLICE)
  file.write('MZ', 0, 'latin1')
  expect(Buffer.concat(editHead(headIn(file), { set: new Map(), drop: [] })).subarray(0, 128)).toEqual(
    Buffer.alloc(128),
  )
})

const syntax = (uid: string): Buffer => {
  const file = dicomFile(SLICE)
  const at = file.indexOf('1.2.840.10008.1.2.1\0')
  // The same length, so that the lengths before it stay true.
  file.fill(0, at, at + 20)
  file.write(uid.slice(0, 20), at, 'latin1')
  return file
}

test.each([
  ['nothing', Buffer.alloc(0), 'DICOM_MALFORMED'],
  ['no DICM', Buffer.alloc(400), 'DICOM_MALFORMED'],
  ['JPEG', Buffer.concat([Buffer.from('ffd8ffe0', 'hex'), Buffer.alloc(400)]), 'DICOM_MALFORMED'],
  ['big endian', syntax('1.2.840.10008.1.2.2'), 'DICOM_SYNTAX'],
  ['cut in the patient', dicomFile(SLICE).subarray(0, 420), 'DICOM_MALFORMED'],
  [
    'a second PatientID further down',
    (() => {
      const file = dicomFile(SLICE)
      const at = file.indexOf(Buffer.from('20001000', 'hex'))
      return Buffer.concat([file.subarray(0, at), element(0x0010_0020, 'LO', 'OTHER'), file.subarray(at)])
    })(),
    'DICOM_MALFORMED',
  ],
  [
    'a length beyond all bounds',
    dicomFile({ ...SLICE, more: [{ tag: 0x0009_0001, bytes: element(0x0009_0001, 'OB', Buffer.alloc(70_000)) }] }),
    'DICOM_HEAD_TOO_LONG',
  ],
  [
    'sequences 40 deep',
    dicomFile({
      ...SLICE,
      more: [
        {
          tag: 0x0008_1140,
          bytes: Array.from({ length: 40 }).reduce<Buffer>(
            (inner) => undefinedLength(0x0008_1140, 'SQ', item(inner), false),
            element(0x0008_0100, 'SH', 'X'),
          ),
        },
      ],
    }),
    'DICOM_MALFORMED',
  ],
])('%s is refused', (_what, file, code) => {
  expect(read(file, 100, 65_536)).toEqual({ is: 'fault', code })
})

test('deflated is refused', () => {
  const file = dicomFile(SLICE)
  const at = file.indexOf('1.2.840.10008.1.2.1\0')
  const longer = Buffer.concat([file.subarray(0, at), Buffer.from('1.2.840.10008.1.2.1.99'), file.subarray(at + 20)])
  longer.writeUInt16LE(22, at - 2)
  expect(read(longer)).toEqual({ is: 'fault', code: 'DICOM_SYNTAX' })
})

test.each([
  ['Latin-1', 'ISO_IR 100', Buffer.from('LEFÈVRE^ZOÉ', 'latin1'), 'LEFÈVRE^ZOÉ'],
  ['UTF-8', 'ISO_IR 192', Buffer.from('LEFÈVRE^ZOÉ', 'utf8'), 'LEFÈVRE^ZOÉ'],
  ['none named, Latin-1 written', '', Buffer.from('LEFÈVRE^ZOÉ', 'latin1'), 'LEFÈVRE^ZOÉ'],
])('a name in %s is read', (_what, charset, bytes, name) => {
  const file = dicomFile({ ...SLICE, name: bytes.toString('latin1') })
  const at = file.indexOf('ISO_IR 100')
  file.write(charset.padEnd(10), at, 'latin1')
  expect(patientOf(headIn(file))).toMatchObject({ name })
  expect(patientOf(headIn(file)).unreadable).toBeUndefined()
})

test('a name in a set that is not known says so', () => {
  const file = dicomFile({ ...SLICE, name: '\u001b$Bé' })
  expect(patientOf(headIn(file)).unreadable).toBe(true)
})

test.each(['1.2.3/../4', 'x', ''])('a study UID that is none (%s) names no instance', (study) => {
  expect(instanceOf(headIn(dicomFile({ ...SLICE, study })))).toBeNull()
})
