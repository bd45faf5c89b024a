import { crc32, deflateRawSync } from 'node:zlib'

/** A file of an archive of a test; what is given beside name and data is said falsely, or oddly. */
export interface Zipped {
  readonly name: string
  readonly data?: Buffer | string
  /** As it stands in the archive, instead of `data` deflated. */
  readonly packed?: Buffer
  readonly method?: number
  readonly flags?: number
  /** What the local header says. */
  readonly local?: {
    readonly name?: string
    readonly compressed?: number
    readonly size?: number
    readonly method?: number
    readonly flags?: number
  }
  /** What the central directory says. Null: nothing. */
  readonly central?: {
    readonly name?: string
    readonly compressed?: number
    readonly size?: number
    readonly offset?: number
    readonly mode?: number
    readonly times?: number
  } | null
  /** Octets behind the file: a data descriptor, or whatever. */
  readonly behind?: Buffer
}

const LOCAL = 0x04034b50
const CENTRAL = 0x02014b50
const END = 0x06054b50

/** An archive. `before`: octets before it, which its offsets count. `end`: what the end says instead. */
export function zip(
  files: readonly Zipped[],
  { before = Buffer.alloc(0), end = {} }: { before?: Buffer; end?: { offset?: number; size?: number } } = {},
): Buffer {
  const parts: Buffer[] = [before]
  const records: Buffer[] = []
  let at = before.length
  for (const file of files) {
    const { method = 8, flags = 0, local = {}, central = {}, behind = Buffer.alloc(0) } = file
    const data = Buffer.from(file.data ?? '')
    const packed = file.packed ?? (method === 8 ? deflateRawSync(data) : data)
    const facts = { method, flags, crc: crc32(data), compressed: packed.length, size: data.length, name: file.name }
    const header = localHeader({ ...facts, ...local })
    parts.push(header, packed, behind)
    if (central !== null) {
      const record = centralRecord({ ...facts, offset: at, mode: 0o100644, ...central })
      for (let times = central.times ?? 1; times > 0; times -= 1) records.push(record)
    }
    at += header.length + packed.length + behind.length
  }
  const directory = Buffer.concat(records)
  const last = Buffer.alloc(22)
  last.writeUInt32LE(END, 0)
  last.writeUInt16LE(records.length & 0xffff, 8)
  last.writeUInt16LE(records.length & 0xffff, 10)
  last.writeUInt32LE(end.size ?? directory.length, 12)
  last.writeUInt32LE(end.offset ?? at, 16)
  return Buffer.concat([...parts, directory, last])
}

interface Facts {
  readonly method: number
  readonly flags: number
  readonly crc: number
  readonly compressed: number
  readonly size: number
  readonly name: string
}

/** A local header. */
export function localHeader({ method, flags, crc, compressed, size, name }: Facts): Buffer {
  const named = Buffer.from(name, 'latin1')
  const header = Buffer.alloc(30)
  header.writeUInt32LE(LOCAL, 0)
  header.writeUInt16LE(20, 4)
  header.writeUInt16LE(flags, 6)
  header.writeUInt16LE(method, 8)
  header.writeUInt32LE(crc, 14)
  header.writeUInt32LE(compressed, 18)
  header.writeUInt32LE(size, 22)
  header.writeUInt16LE(named.length, 26)
  return Buffer.concat([header, named])
}

function centralRecord(facts: Facts & { readonly offset: number; readonly mode: number }): Buffer {
  const named = Buffer.from(facts.name, 'latin1')
  const record = Buffer.alloc(46)
  record.writeUInt32LE(CENTRAL, 0)
  record.writeUInt16LE(0x0314, 4)
  record.writeUInt16LE(20, 6)
  record.writeUInt16LE(facts.flags, 8)
  record.writeUInt16LE(facts.method, 10)
  record.writeUInt32LE(facts.crc, 16)
  record.writeUInt32LE(facts.compressed, 20)
  record.writeUInt32LE(facts.size, 24)
  record.writeUInt16LE(named.length, 28)
  record.writeUInt16LE(facts.mode, 40)
  record.writeUInt32LE(facts.offset, 42)
  return Buffer.concat([record, named])
}

/** A data descriptor with its signature. */
export function descriptor(data: Buffer, compressed: number): Buffer {
  const octets = Buffer.from('PK\x07\x08............', 'latin1')
  octets.writeUInt32LE(crc32(data), 4)
  octets.writeUInt32LE(compressed, 8)
  octets.writeUInt32LE(data.length, 12)
  return octets
}

/**
 * `count` files that are one and the same run of zeros: each deflate stream holds the header of the next file as a stored
 * block and goes on into it, so that some 40 kB unpack to `count` times `kernelBytes`. */
export function overlapping(count: number, kernelBytes: number): Buffer {
  const kernel = deflateRawSync(Buffer.alloc(kernelBytes), { level: 9 })
  const name = (i: number): string => `f${String(i).padStart(4, '0')}`
  const said = (i: number, compressed: number, size: number): Facts => ({
    method: 8,
    flags: 0,
    crc: 0,
    compressed,
    size,
    name: name(i),
  })
  let facts = said(count - 1, kernel.length, kernelBytes)
  const all = [facts]
  const pieces = [localHeader(facts), kernel]
  for (let i = count - 2; i >= 0; i -= 1) {
    const next = localHeader(facts)
    const block = Buffer.alloc(5)
    block.writeUInt16LE(next.length, 1)
    block.writeUInt16LE(~next.length & 0xffff, 3)
    facts = said(i, facts.compressed + block.length + next.length, facts.size + next.length)
    all.unshift(facts)
    pieces.unshift(localHeader(facts), block)
  }
  const body = Buffer.concat(pieces)
  const each = localHeader(facts).length + 5
  const directory = Buffer.concat(all.map((one, i) => centralRecord({ ...one, offset: i * each, mode: 0o100644 })))
  const last = zip([], { end: { offset: body.length, size: directory.length } })
  last.writeUInt16LE(count, 8)
  last.writeUInt16LE(count, 10)
  return Buffer.concat([body, directory, last])
}
