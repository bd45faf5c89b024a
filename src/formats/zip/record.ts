/** Records of a zip archive (APPNOTE 6.3), read from the octets at hand. Pure. */

/** What stands before the octets of a file. */
export interface LocalHeader {
  readonly flags: number
  readonly method: number
  /** What it says of its sizes; null: they follow the file. */
  readonly compressed: number | null
  readonly size: number | null
  readonly name: Buffer
  /** Octets of the header. */
  readonly length: number
}

/** What the central directory says of a file. */
export interface CentralRecord {
  readonly flags: number
  readonly method: number
  readonly compressed: number
  readonly size: number
  readonly name: Buffer
  /** Where its local header begins, by what it says. */
  readonly offset: number
  /** A symbolic link. */
  readonly symlink: boolean
  readonly length: number
}

/** Signatures of records, as they stand in the archive. `spanned`: of an archive that was cut into several, before all. */
export const SIGNATURE = {
  local: 0x04034b50,
  central: 0x02014b50,
  end: 0x06054b50,
  end64: 0x06064b50,
  locator64: 0x07064b50,
  spanned: 0x08074b50,
} as const

/** Octets of the records that end an archive, without their free fields. */
export const LENGTH = { end: 22, end64: 56, locator64: 20 } as const

/** Methods whose octets are read. */
export const METHOD = { stored: 0, deflated: 8 } as const

const ENCRYPTED = 0x1
const FOLLOWED = 0x8
const MASKED = 0x2000
const UNKNOWN_32 = 0xffff_ffff
const ZIP64 = 0x0001
const FILE_TYPE = 0o170000
const LINK = 0o120000
/** Methods that anything unpacks (§4.4.5), and the longest name that can be a file's. */
const METHODS = new Set([0, 1, 6, 8, 9, 12, 14, 19, 93, 95, 96, 97, 98, 99])
const LONGEST_NAME = 4_096
const ENDS = new Set<number>([SIGNATURE.end, SIGNATURE.end64, SIGNATURE.locator64])

/** Are the octets of the file, or the header itself, secret? */
export function isSecret(flags: number): boolean {
  return (flags & (ENCRYPTED | MASKED)) !== 0
}

/** The local header at the beginning of these octets; null: more are needed. */
export function readLocal(octets: Buffer): LocalHeader | null {
  if (octets.length < 30) return null
  const [nameLength, extraLength] = [octets.readUInt16LE(26), octets.readUInt16LE(28)]
  const length = 30 + nameLength + extraLength
  if (octets.length < length) return null
  const flags = octets.readUInt16LE(6)
  const extra = octets.subarray(30 + nameLength, length)
  const [size = null, compressed = null] = wide(extra, [octets.readUInt32LE(22), octets.readUInt32LE(18)])
  // Some writers give the sizes although they follow as well.
  const unknown = (flags & FOLLOWED) !== 0 && compressed === 0
  return {
    flags,
    method: octets.readUInt16LE(8),
    compressed: unknown ? null : compressed,
    size: unknown ? null : size,
    name: Buffer.from(octets.subarray(30, 30 + nameLength)),
    length,
  }
}

/** The central record at the beginning of these octets; null: more are needed. */
export function readCentral(octets: Buffer): CentralRecord | null {
  if (octets.length < 46) return null
  const nameEnd = 46 + octets.readUInt16LE(28)
  const extraEnd = nameEnd + octets.readUInt16LE(30)
  const length = extraEnd + octets.readUInt16LE(32)
  if (octets.length < length) return null
  const values = [octets.readUInt32LE(24), octets.readUInt32LE(20), octets.readUInt32LE(42)]
  const [size, compressed, offset] = wide(octets.subarray(nameEnd, extraEnd), values)
  return {
    flags: octets.readUInt16LE(8),
    method: octets.readUInt16LE(10),
    compressed: compressed ?? UNKNOWN_32,
    size: size ?? UNKNOWN_32,
    offset: offset ?? UNKNOWN_32,
    name: Buffer.from(octets.subarray(46, nameEnd)),
    symlink: (octets.readUInt16LE(40) & FILE_TYPE) === LINK,
    length,
  }
}

/** The end of the archive, or its zip64 form: where the central directory is, and how long. Null: it does not say. */
export interface EndRecord {
  readonly offset: number | null
  readonly size: number | null
}

/** The end record at the beginning of these octets (§4.3.16); null: more are needed. */
export function readEnd(octets: Buffer): EndRecord | null {
  if (octets.length < LENGTH.end) return null
  const [size, offset] = [octets.readUInt32LE(12), octets.readUInt32LE(16)]
  return { size: size === UNKNOWN_32 ? null : size, offset: offset === UNKNOWN_32 ? null : offset }
}

/** The same of the zip64 form (§4.3.14). */
export function readEnd64(octets: Buffer): EndRecord | null {
  if (octets.length < LENGTH.end64) return null
  return { size: Number(octets.readBigUInt64LE(40)), offset: Number(octets.readBigUInt64LE(48)) }
}

/** Where the zip64 end is, by its locator (§4.3.15); null: more octets are needed. */
export function readLocator(octets: Buffer): number | null {
  return octets.length < LENGTH.locator64 ? null : Number(octets.readBigUInt64LE(8))
}

/** May a record of this signature begin here, as far as its first fields go? Null: more octets are needed. */
export function isPlausible(octets: Buffer, signature: number): boolean | null {
  if (signature !== SIGNATURE.local && signature !== SIGNATURE.central) return ENDS.has(signature)
  const [method, name, least] = signature === SIGNATURE.local ? [8, 26, 30] : [10, 28, 46]
  if (octets.length < least!) return null
  const nameLength = octets.readUInt16LE(name!)
  return METHODS.has(octets.readUInt16LE(method!)) && nameLength > 0 && nameLength <= LONGEST_NAME
}

/** Values of 32 bits; those that are all ones stand in the zip64 field (§4.5.3), in the same order. Null: they do not. */
function wide(extra: Buffer, values: readonly number[]): readonly (number | null)[] {
  let field = values.includes(UNKNOWN_32) ? fieldOf(extra, ZIP64) : Buffer.alloc(0)
  return values.map((value) => {
    if (value !== UNKNOWN_32) return value
    if (field.length < 8) return null
    const read = Number(field.readBigUInt64LE())
    field = field.subarray(8)
    return read
  })
}

function fieldOf(extra: Buffer, id: number): Buffer {
  for (let at = 0; at + 4 <= extra.length; ) {
    const end = at + 4 + extra.readUInt16LE(at + 2)
    if (extra.readUInt16LE(at) === id) return extra.subarray(at + 4, end)
    at = end
  }
  return Buffer.alloc(0)
}
