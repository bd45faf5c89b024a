/** Reads a tar archive (POSIX.1-1988 ustar, with the long names of pax and GNU) as values: nothing is ever written. Pure. */

/** Bounds of what is read, so that memory and time follow them. */
export interface TarLimits {
  /** Files and folders together. */
  readonly maxEntries: number
  /** Size of one file (bytes). */
  readonly maxFileBytes: number
}

/** A file of an archive: its bytes are a view of the archive's. */
export interface TarFile {
  readonly name: string
  readonly bytes: Buffer
}

/** Why an archive is refused: `kind` is a link or a device, `name` leads out of the archive or stands twice. */
export type TarFault = 'header' | 'cut' | 'name' | 'kind' | 'entries' | 'file-size'

/** The files in their order, or what is wrong and with which entry ('' when it has no name yet). */
export type TarReading =
  | { readonly ok: true; readonly files: readonly TarFile[] }
  | { readonly ok: false; readonly fault: TarFault; readonly entry: string }

const BLOCK = 512
/** A long name has its own entry before the file; longer ones are an attack. */
const MAX_NAME_BYTES = 4096

interface Header {
  readonly name: string
  readonly bytes: number
  readonly kind: string
}

/** Reads an archive. Any bytes may come; never throws. */
export function readTar(archive: Buffer, limits: TarLimits): TarReading {
  const files: TarFile[] = []
  const names = new Set<string>()
  let longName: string | null = null
  let entries = 0
  for (let at = 0; at < archive.length; ) {
    const wrong = (fault: TarFault, entry = ''): TarReading => ({ ok: false, fault, entry: shown(entry) })
    if (archive.length - at < BLOCK) return wrong('cut')
    const block = archive.subarray(at, at + BLOCK)
    if (block.every((byte) => byte === 0)) break
    const header = readHeader(block)
    if (header === null) return wrong('header')
    const from = at + BLOCK
    const bytes = archive.subarray(from, from + header.bytes)
    if (bytes.length < header.bytes) return wrong('cut', header.name)
    at = from + Math.ceil(header.bytes / BLOCK) * BLOCK
    if (++entries > limits.maxEntries) return wrong('entries', header.name)
    if (header.kind === 'x' || header.kind === 'L') {
      if (header.bytes > MAX_NAME_BYTES) return wrong('name', header.name)
      longName = header.kind === 'L' ? untilNul(bytes) : (paxPath(bytes) ?? longName)
      continue
    }
    if (header.kind === 'g') continue
    const name = longName ?? header.name
    longName = null
    if (header.kind === '5') continue
    if (header.kind !== '0') return wrong('kind', name)
    if (!isInside(name) || names.has(name)) return wrong('name', name)
    if (header.bytes > limits.maxFileBytes) return wrong('file-size', name)
    names.add(name)
    files.push({ name, bytes })
  }
  return { ok: true, files }
}

/** A name as it may be told: short, and without what would change a terminal. */
function shown(name: string): string {
  return name.replace(/[^\x20-\x7e]/g, '?').slice(0, 200)
}

function untilNul(bytes: Buffer): string {
  const end = bytes.indexOf(0)
  return bytes.toString('utf8', 0, end < 0 ? bytes.length : end)
}

function octal(block: Buffer, from: number, to: number): number | null {
  const digits = untilNul(block.subarray(from, to)).trim()
  return /^[0-7]{1,11}$/.test(digits) ? Number.parseInt(digits, 8) : null
}

function readHeader(block: Buffer): Header | null {
  const [bytes, told] = [octal(block, 124, 136), octal(block, 148, 156)]
  if (bytes === null || told === null) return null
  let sum = 0
  for (let i = 0; i < BLOCK; i++) sum += i >= 148 && i < 156 ? 0x20 : block[i]!
  if (sum !== told) return null
  const prefix = block.toString('latin1', 257, 262) === 'ustar' ? untilNul(block.subarray(345, 500)) : ''
  const name = untilNul(block.subarray(0, 100))
  const kind = String.fromCharCode(block[156]!)
  return { name: prefix === '' ? name : `${prefix}/${name}`, bytes, kind: kind === '\0' || kind === '7' ? '0' : kind }
}

/** `path` among the records `LENGTH KEY=VALUE\n` of a pax header (POSIX.1-2001), or null. */
function paxPath(bytes: Buffer): string | null {
  let path: string | null = null
  for (let at = 0; at < bytes.length; ) {
    const space = bytes.indexOf(0x20, at)
    const length = space < 0 ? Number.NaN : Number(bytes.toString('latin1', at, space))
    if (!Number.isInteger(length) || length <= space - at || at + length > bytes.length) return path
    const record = bytes.toString('utf8', space + 1, at + length - 1)
    if (record.startsWith('path=')) path = record.slice('path='.length)
    at += length
  }
  return path
}

/** A plain relative path: no root, no `..`, no backslash or control character. */
function isInside(name: string): boolean {
  return /^[^/\\\x00-\x1f][^\\\x00-\x1f]*$/.test(name) && !name.split('/').includes('..')
}
