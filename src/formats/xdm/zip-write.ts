/** A ZIP archive that is written (PKWARE APPNOTE 6.3.3, without ZIP64): the same files give the same bytes. */
import { promisify } from 'node:util'
import { constants, crc32, deflateRaw } from 'node:zlib'

const deflate = promisify<Buffer, object, Buffer>(deflateRaw)

/** A file of an archive; names are upper-case 8.3 in ASCII (ISO 9660 level 1, ITI TF-2b §3.32). */
export interface ZipFile {
  readonly name: string
  readonly bytes: Buffer
}

const LOCAL = 0x04034b50
const CENTRAL = 0x02014b50
const END = 0x06054b50
/** Deflate is what every reader has since version 2.0. */
const VERSION = 20
const DEFLATED = 8
const LARGEST = 0xffff_fffe
const FIRST_YEAR = 1980
const LAST_YEAR = 2107

/**
 * The archive, every file dated `atMs` (ms since 1970, in UTC).
 * @throws {RangeError} if it would need ZIP64 */
export async function writeZip(files: readonly ZipFile[], atMs: number): Promise<Buffer> {
  if (files.length >= 0xffff) throw new RangeError('too many files for a plain ZIP')
  const stamp = dosTime(atMs)
  const parts: Buffer[] = []
  const directory: Buffer[] = []
  let offset = 0
  for (const { name, bytes } of files) {
    const packed = await deflate(bytes, { level: constants.Z_BEST_COMPRESSION })
    const sizes = { crc: crc32(bytes), packed: packed.length, size: bytes.length }
    if (offset + packed.length > LARGEST || bytes.length > LARGEST) throw new RangeError('too large for a plain ZIP')
    const local = localHeader(name, sizes, stamp)
    parts.push(local, packed)
    directory.push(centralHeader(local, name, offset))
    offset += local.length + packed.length
  }
  const central = Buffer.concat(directory)
  const end = Buffer.alloc(22)
  end.writeUInt32LE(END, 0)
  end.writeUInt16LE(files.length, 8)
  end.writeUInt16LE(files.length, 10)
  end.writeUInt32LE(central.length, 12)
  end.writeUInt32LE(offset, 16)
  return Buffer.concat([...parts, central, end])
}

interface Sizes {
  readonly crc: number
  readonly packed: number
  readonly size: number
}

function localHeader(name: string, { crc, packed, size }: Sizes, stamp: number): Buffer {
  const header = Buffer.alloc(30 + name.length)
  header.writeUInt32LE(LOCAL, 0)
  header.writeUInt16LE(VERSION, 4)
  header.writeUInt16LE(DEFLATED, 8)
  header.writeUInt32LE(stamp, 10)
  header.writeUInt32LE(crc, 14)
  header.writeUInt32LE(packed, 18)
  header.writeUInt32LE(size, 22)
  header.writeUInt16LE(name.length, 26)
  header.write(name, 30, 'latin1')
  return header
}

/** A central header says again what the local one said, and where that stands. */
function centralHeader(local: Buffer, name: string, offset: number): Buffer {
  const header = Buffer.alloc(46 + name.length)
  header.writeUInt32LE(CENTRAL, 0)
  header.writeUInt16LE(VERSION, 4)
  local.copy(header, 6, 4, 30)
  header.writeUInt32LE(offset, 42)
  header.write(name, 46, 'latin1')
  return header
}

/** Date and time of MS-DOS, two seconds exact: the date in the upper half. */
function dosTime(atMs: number): number {
  const at = new Date(atMs)
  const year = Math.min(Math.max(at.getUTCFullYear(), FIRST_YEAR), LAST_YEAR) - FIRST_YEAR
  const date = (year << 9) | ((at.getUTCMonth() + 1) << 5) | at.getUTCDate()
  const time = (at.getUTCHours() << 11) | (at.getUTCMinutes() << 5) | (at.getUTCSeconds() >> 1)
  return date * 0x1_0000 + time
}
