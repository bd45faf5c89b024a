/** DICOM part 10 files of invented patients, written with no code of ours. */

/** What an instance is. Every text is written as Latin-1. */
export interface Slice {
  readonly study: string
  readonly series: string
  readonly uid: string
  readonly number: number
  readonly patientId?: string | null
  readonly issuer?: string | null
  readonly name?: string
  readonly birthDate?: string
  readonly accession?: string
  readonly pixels?: Buffer
  readonly implicit?: boolean
  /** More elements of the data set, raw, by tag; they stand in their order. */
  readonly more?: readonly { readonly tag: number; readonly bytes: Buffer }[]
}

const CT = '1.2.840.10008.5.1.4.1.1.2'
const EXPLICIT = '1.2.840.10008.1.2.1'
const IMPLICIT = '1.2.840.10008.1.2'
const LONG = ['OB', 'OW', 'SQ', 'UN', 'UT']

const even = (text: string, vr: string): Buffer => {
  const bytes = Buffer.from(text, 'latin1')
  return bytes.length % 2 === 0 ? bytes : Buffer.concat([bytes, Buffer.of(vr === 'UI' ? 0 : 0x20)])
}
const ss = (n: number): Buffer => {
  const bytes = Buffer.alloc(2)
  bytes.writeUInt16LE(n)
  return bytes
}

/** One element; `implicit`: without its value representation. */
export function element(tag: number, vr: string, value: Buffer | string, implicit = false): Buffer {
  const bytes = typeof value === 'string' ? even(value, vr) : value
  const head = Buffer.alloc(implicit || !LONG.includes(vr) ? 8 : 12)
  head.writeUInt16LE(tag >>> 16, 0)
  head.writeUInt16LE(tag & 0xffff, 2)
  if (implicit) head.writeUInt32LE(bytes.length, 4)
  else {
    head.write(vr, 4, 'latin1')
    if (LONG.includes(vr)) head.writeUInt32LE(bytes.length, 8)
    else head.writeUInt16LE(bytes.length, 6)
  }
  return Buffer.concat([head, bytes])
}

/** A CT slice of 16 × 16, or with the pixels given (two bytes each, square), as a whole file. */
export function dicomFile(slice: Slice): Buffer {
  const { implicit = false, pixels = Buffer.alloc(512, slice.number % 256) } = slice
  const side = Math.sqrt(pixels.length / 2)
  const at = (tag: number, vr: string, value: Buffer | string | null) =>
    value === null ? null : { tag, bytes: element(tag, vr, value, implicit) }
  const set = [
    at(0x0008_0005, 'CS', 'ISO_IR 100'),
    at(0x0008_0016, 'UI', CT),
    at(0x0008_0018, 'UI', slice.uid),
    at(0x0008_0020, 'DA', '20260105'),
    at(0x0008_0030, 'TM', '081500'),
    at(0x0008_0050, 'SH', slice.accession ?? ''),
    at(0x0008_0060, 'CS', 'CT'),
    at(0x0010_0010, 'PN', slice.name ?? 'MARTIN (FICTIF)^JEANNE'),
    at(0x0010_0020, 'LO', slice.patientId === undefined ? '26001' : slice.patientId),
    at(0x0010_0021, 'LO', slice.issuer ?? null),
    at(0x0010_0030, 'DA', slice.birthDate ?? '19500214'),
    at(0x0010_0040, 'CS', 'F'),
    at(0x0020_000d, 'UI', slice.study),
    at(0x0020_000e, 'UI', slice.series),
    at(0x0020_0010, 'SH', '1'),
    at(0x0020_0011, 'IS', '1'),
    at(0x0020_0013, 'IS', String(slice.number)),
    at(0x0028_0002, 'US', ss(1)),
    at(0x0028_0004, 'CS', 'MONOCHROME2'),
    at(0x0028_0010, 'US', ss(side)),
    at(0x0028_0011, 'US', ss(side)),
    at(0x0028_0100, 'US', ss(16)),
    at(0x0028_0101, 'US', ss(16)),
    at(0x0028_0102, 'US', ss(15)),
    at(0x0028_0103, 'US', ss(0)),
    at(0x7fe0_0010, 'OW', pixels),
    ...(slice.more ?? []),
  ].filter((one) => one !== null)
  const data = Buffer.concat(set.sort((a, b) => a.tag - b.tag).map(({ bytes }) => bytes))
  const meta = Buffer.concat([
    element(0x0002_0001, 'OB', Buffer.of(0, 1)),
    element(0x0002_0002, 'UI', CT),
    element(0x0002_0003, 'UI', slice.uid),
    element(0x0002_0010, 'UI', implicit ? IMPLICIT : EXPLICIT),
    element(0x0002_0012, 'UI', '1.2.276.0.7230010.3.0.3.6.7'),
  ])
  const length = Buffer.alloc(4)
  length.writeUInt32LE(meta.length)
  return Buffer.concat([Buffer.alloc(128), Buffer.from('DICM'), element(0x0002_0000, 'UL', length), meta, data])
}

/** UIDs under a root kept for examples (2.25, from invented numbers). */
export const uidOf = (study: number, series = 0, instance = 0): string => `2.25.26${study}.${series}.${instance}`
