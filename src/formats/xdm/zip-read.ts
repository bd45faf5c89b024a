/** A ZIP archive that somebody sent (PKWARE APPNOTE 6.3.3): bounded, and nothing unpacked before it is asked for. */
import { promisify } from 'node:util'
import { crc32, inflateRaw } from 'node:zlib'
import { XdmStop } from './fault.ts'

const inflate = promisify<Buffer, { maxOutputLength: number }, Buffer>(inflateRaw)

/** How much an archive may be. */
export interface ZipBudget {
  /** Files and folders. */
  readonly maxEntries: number
  /** Bytes of all files unpacked. */
  readonly maxInflated: number
  /** Times that a file may grow when unpacked; small ones are not counted. */
  readonly maxRatio: number
}

/** The limits unless told otherwise. */
export const ZIP_BUDGET: ZipBudget = { maxEntries: 200, maxInflated: 200 * 1024 * 1024, maxRatio: 100 }

/** A file of the archive, as its directory names it. */
export interface ZipEntry {
  /** Path with `/`, as written. */
  readonly name: string
  readonly size: number
  readonly packed: number
  readonly crc: number
  readonly method: number
  /** Of its data in the archive. */
  readonly start: number
}

const LOCAL = 0x04034b50
const CENTRAL = 0x02014b50
const END = 0x06054b50
const END_BYTES = 22
const MAX_COMMENT = 0xffff
const STORED = 0
const DEFLATED = 8
const ENCRYPTED = 0x2041
const UTF8 = 0x0800
const UNIX = 3
const LINK = 0xa000
const KIND_OF_FILE = 0xf000
/** A file of spaces alone packs well: below this (bytes) growth harms nobody. */
const RATIO_FROM = 262_144

/**
 * The files of an archive; folders are left out.
 * @throws {XdmStop} for what is no archive, breaks a limit, or has a name that leads out of it */
export function zipEntries(bytes: Buffer, budget: ZipBudget = ZIP_BUDGET): ZipEntry[] {
  const { count, from, to } = endOf(bytes)
  if (count > budget.maxEntries) throw new XdmStop('XDM_LIMITS', 'entries')
  const entries: ZipEntry[] = []
  const taken: [start: number, end: number][] = []
  let at = from
  let inflated = 0
  for (let i = 0; i < count; i++) {
    const { entry, next, span, isFolder } = entryAt(bytes, at, to, from)
    at = next
    taken.push(span)
    inflated += entry.size
    if (inflated > budget.maxInflated) throw new XdmStop('XDM_LIMITS', 'size')
    if (entry.size > RATIO_FROM && entry.size > entry.packed * budget.maxRatio) {
      throw new XdmStop('XDM_LIMITS', 'ratio')
    }
    if (!isFolder) entries.push(entry)
  }
  if (at !== to) throw new XdmStop('XDM_UNREADABLE', 'directory')
  checkSpans(taken)
  checkNames(entries)
  return entries
}

/**
 * The bytes of a file, with its size and checksum checked.
 * @throws {XdmStop} if they are not what the directory says */
export async function unzipped(bytes: Buffer, entry: ZipEntry): Promise<Buffer> {
  const packed = bytes.subarray(entry.start, entry.start + entry.packed)
  const whole = entry.method === STORED ? packed : await inflated(packed, entry.size)
  if (whole.length !== entry.size || crc32(whole) !== entry.crc) throw new XdmStop('XDM_UNREADABLE', 'checksum')
  return whole
}

async function inflated(packed: Buffer, size: number): Promise<Buffer> {
  try {
    // One more than promised would be seen, and no byte beyond is ever unpacked.
    return await inflate(packed, { maxOutputLength: size + 1 })
  } catch {
    throw new XdmStop('XDM_UNREADABLE', 'inflate')
  }
}

/** Where the directory stands. Two ends, or bytes around the archive, would let two readers see two archives. */
function endOf(bytes: Buffer): { count: number; from: number; to: number } {
  const first = Math.max(0, bytes.length - END_BYTES - MAX_COMMENT)
  for (let at = bytes.length - END_BYTES; at >= first; at--) {
    if (bytes.readUInt32LE(at) !== END || at + END_BYTES + bytes.readUInt16LE(at + 20) !== bytes.length) continue
    const count = bytes.readUInt16LE(at + 10)
    const size = bytes.readUInt32LE(at + 12)
    const from = bytes.readUInt32LE(at + 16)
    if (count === 0xffff || from === 0xffff_ffff || size === 0xffff_ffff) throw new XdmStop('XDM_UNREADABLE', 'zip64')
    const whole = bytes.readUInt16LE(at + 4) === 0 && bytes.readUInt16LE(at + 8) === count && from + size === at
    if (!whole) throw new XdmStop('XDM_UNREADABLE', 'directory')
    return { count, from, to: at }
  }
  throw new XdmStop('XDM_UNREADABLE', 'not-zip')
}

interface Read {
  readonly entry: ZipEntry
  readonly next: number
  readonly span: [start: number, end: number]
  readonly isFolder: boolean
}

function entryAt(bytes: Buffer, at: number, to: number, dataEnd: number): Read {
  if (at + 46 > to || bytes.readUInt32LE(at) !== CENTRAL) throw new XdmStop('XDM_UNREADABLE', 'directory')
  const flags = bytes.readUInt16LE(at + 8)
  const method = bytes.readUInt16LE(at + 10)
  if ((flags & ENCRYPTED) !== 0) throw new XdmStop('XDM_UNREADABLE', 'encrypted')
  if (method !== STORED && method !== DEFLATED) throw new XdmStop('XDM_UNREADABLE', 'method')
  const [packed, size] = [bytes.readUInt32LE(at + 20), bytes.readUInt32LE(at + 24)]
  const [nameBytes, more] = [bytes.readUInt16LE(at + 28), bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32)]
  const next = at + 46 + nameBytes + more
  if (next > to) throw new XdmStop('XDM_UNREADABLE', 'directory')
  const raw = bytes.subarray(at + 46, at + 46 + nameBytes)
  const mode = bytes.readUInt16LE(at + 40)
  if (bytes[at + 5] === UNIX && (mode & KIND_OF_FILE) === LINK) throw new XdmStop('XDM_NAME', 'link')
  const local = bytes.readUInt32LE(at + 42)
  const start = dataStart(bytes, local, raw, method, dataEnd)
  if (start + packed > dataEnd || (method === STORED && packed !== size)) throw new XdmStop('XDM_UNREADABLE', 'header')
  const name = raw.toString((flags & UTF8) === 0 ? 'latin1' : 'utf8').replaceAll('\\', '/')
  const entry = { name, size, packed, crc: bytes.readUInt32LE(at + 16), method, start }
  return { entry, next, span: [local, start + packed], isFolder: name.endsWith('/') }
}

/** Behind the local header, which must say what the directory says: the two are what readers disagree about. */
function dataStart(bytes: Buffer, local: number, name: Buffer, method: number, dataEnd: number): number {
  if (local + 30 > dataEnd || bytes.readUInt32LE(local) !== LOCAL) throw new XdmStop('XDM_UNREADABLE', 'header')
  const length = bytes.readUInt16LE(local + 26)
  const start = local + 30 + length + bytes.readUInt16LE(local + 28)
  const own = bytes.subarray(local + 30, local + 30 + length)
  if (start > dataEnd || bytes.readUInt16LE(local + 8) !== method || !own.equals(name)) {
    throw new XdmStop('XDM_UNREADABLE', 'header')
  }
  return start
}

/** Files that share bytes make a small archive unpack to a large one. */
function checkSpans(spans: [start: number, end: number][]): void {
  let end = 0
  for (const [start, stop] of spans.toSorted(([a], [b]) => a - b)) {
    if (start < end) throw new XdmStop('XDM_UNREADABLE', 'overlap')
    end = stop
  }
}

function checkNames(entries: readonly ZipEntry[]): void {
  const seen = new Set<string>()
  for (const { name } of entries) {
    if (/[\0-\x1f\x7f]/.test(name)) throw new XdmStop('XDM_NAME', 'character')
    if (name.startsWith('/') || /^[A-Za-z]:/.test(name)) throw new XdmStop('XDM_NAME', 'absolute')
    if (name.split('/').some((part) => part === '..')) throw new XdmStop('XDM_NAME', 'outside')
    const plain = name.toUpperCase()
    if (seen.has(plain)) throw new XdmStop('XDM_NAME', 'twice')
    seen.add(plain)
  }
}
