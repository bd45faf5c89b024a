/** What a JPEG (ISO/IEC 10918-1, JFIF) or PNG (ISO/IEC 15948) file says of itself, read without decoding a pixel. Pure. */

/** A photo as its headers tell it. */
export interface PhotoFacts {
  readonly type: 'image/jpeg' | 'image/png'
  readonly width: number
  readonly height: number
  /** What it carries beside the picture: `APP1`, `COM`, `tEXt`, `trailer` …, in order, each as often as it stands there. */
  readonly extras: readonly string[]
}

const PNG = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
/** Chunks that say how the picture is to be drawn, and nothing else. */
const PNG_PLAIN: ReadonlySet<string> = new Set([
  'IHDR',
  'PLTE',
  'IDAT',
  'IEND',
  'tRNS',
  'sRGB',
  'gAMA',
  'cHRM',
  'bKGD',
  'sBIT',
  'pHYs',
])
const PNG_HEAD_BYTES = 33

const SOI = 0xd8
const EOI = 0xd9
const SOS = 0xda
const COM = 0xfe
const APP0 = 0xe0
const APP14 = 0xee
const APP15 = 0xef
/** Frames that are coded in ways that photos are: baseline, extended, progressive. */
const FRAMES: ReadonlySet<number> = new Set([0xc0, 0xc1, 0xc2])
/** JFIF without a thumbnail. */
const JFIF_BYTES = 16

/** Reads the headers; null: neither a JPEG nor a PNG, cut short, or not written as the standard says. */
export function readPhoto(bytes: Uint8Array): PhotoFacts | null {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (buffer.subarray(0, PNG.length).equals(PNG)) return readPng(buffer)
  return buffer[0] === 0xff && buffer[1] === SOI ? readJpeg(buffer) : null
}

function readPng(buffer: Buffer): PhotoFacts | null {
  if (buffer.length < PNG_HEAD_BYTES || buffer.toString('latin1', 12, 16) !== 'IHDR') return null
  const width = buffer.readUInt32BE(16)
  const height = buffer.readUInt32BE(20)
  if (width === 0 || height === 0) return null
  const extras: string[] = []
  for (let at = PNG.length; ; ) {
    if (at + 12 > buffer.length) return null
    const length = buffer.readUInt32BE(at)
    const name = buffer.toString('latin1', at + 4, at + 8)
    at += 12 + length
    if (at > buffer.length) return null
    if (!PNG_PLAIN.has(name)) extras.push(name)
    if (name !== 'IEND') continue
    if (at < buffer.length) extras.push('trailer')
    return { type: 'image/png', width, height, extras }
  }
}

function readJpeg(buffer: Buffer): PhotoFacts | null {
  const extras: string[] = []
  let size: { readonly width: number; readonly height: number } | null = null
  for (let at = 2; ; ) {
    if (buffer[at] !== 0xff) return null
    while (buffer[at] === 0xff) at++
    const marker = buffer[at++]
    if (marker === undefined || marker === 0) return null
    if (marker === EOI) {
      if (size === null) return null
      if (at < buffer.length) extras.push('trailer')
      return { type: 'image/jpeg', ...size, extras }
    }
    if (at + 2 > buffer.length) return null
    const length = buffer.readUInt16BE(at)
    if (length < 2 || at + length > buffer.length) return null
    if (FRAMES.has(marker)) {
      if (length < 8 || size !== null) return null
      size = { height: buffer.readUInt16BE(at + 3), width: buffer.readUInt16BE(at + 5) }
      if (size.width === 0 || size.height === 0) return null
    }
    const extra = extraOf(marker, length)
    if (extra !== null) extras.push(extra)
    at += length
    if (marker === SOS) at = afterScan(buffer, at)
  }
}

/** What a segment is beside the picture, or null. Adobe's APP14 tells the colours, JFIF the proportions. */
function extraOf(marker: number, length: number): string | null {
  if (marker === COM) return 'COM'
  if (marker < APP0 || marker > APP15 || marker === APP14) return null
  return marker === APP0 && length === JFIF_BYTES ? null : `APP${marker - APP0}`
}

/** The next marker behind coded data: stuffed zeros and restart markers are part of it (§B.1.1.5). */
function afterScan(buffer: Buffer, from: number): number {
  for (let at = buffer.indexOf(0xff, from); at >= 0; at = buffer.indexOf(0xff, at + 1)) {
    const next = buffer[at + 1]
    if (next !== undefined && next !== 0 && next !== 0xff && (next < 0xd0 || next > 0xd7)) return at
  }
  return buffer.length
}

/** Does the file begin and end as a PDF does (ISO 32000-1 §7.5.2, §7.5.5)? */
export function isPdf(bytes: Uint8Array): boolean {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return buffer.toString('latin1', 0, 5) === '%PDF-' && buffer.subarray(-1_024).includes('%%EOF')
}
