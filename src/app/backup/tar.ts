/** The little of POSIX ustar (IEEE 1003.1, pax: ustar Interchange Format) that a backup needs: plain files, read by any tar. */

const BLOCK = 512
/** Sizes from here on do not fit eleven octal digits and are written in base 256, as GNU tar does. */
const OCTAL_LIMIT = 8 ** 11

/** Two empty blocks end an archive. */
export const TAR_END = Buffer.alloc(2 * BLOCK)

/** Longest name of a plain header, and the longest that is read (bytes). */
const SHORT_NAME = 100
const LONGEST_NAME = 4_096
const PLAIN = 0x30
/** What says more of the file behind it (pax: Extended Header). */
const EXTENDED = 0x78

/** What stands before a plain file of mode 0600: its header, and before that a pax record where the name is longer than 100 bytes. */
export function tarHeader(name: string, bytes: number, atMs: number): Buffer {
  if (Buffer.byteLength(name) <= SHORT_NAME) return headerOf(name, bytes, atMs, PLAIN)
  const record = paxRecord('path', name)
  const extended = headerOf('PaxHeaders/long', record.length, atMs, EXTENDED)
  return Buffer.concat([extended, record, tarPadding(record.length), headerOf(name, bytes, atMs, PLAIN)])
}

/** `length key=value`, the length counting itself. */
function paxRecord(key: string, value: string): Buffer {
  const rest = ` ${key}=${value}\n`
  const bytes = Buffer.byteLength(rest)
  let length = bytes + 1
  while (String(length).length + bytes !== length) length = String(length).length + bytes
  return Buffer.from(`${length}${rest}`)
}

function headerOf(name: string, bytes: number, atMs: number, kind: number): Buffer {
  const header = Buffer.alloc(BLOCK)
  header.write(name, 0, SHORT_NAME, 'utf8')
  header.write('0000600\0', 100)
  header.write('0000000\0', 108)
  header.write('0000000\0', 116)
  if (bytes < OCTAL_LIMIT) header.write(`${bytes.toString(8).padStart(11, '0')}\0`, 124)
  else {
    header.writeUInt8(0x80, 124)
    header.writeBigUInt64BE(BigInt(bytes), 128)
  }
  header.write(
    `${Math.floor(atMs / 1000)
      .toString(8)
      .padStart(11, '0')}\0`,
    136,
  )
  header.writeUInt8(kind, 156)
  header.write('ustar\u000000', 157)
  header.write(`${sumOf(header).toString(8).padStart(6, '0')}\0 `, 148)
  return header
}

/** What fills the last block of a file of this size. */
export function tarPadding(bytes: number): Buffer {
  return Buffer.alloc((BLOCK - (bytes % BLOCK)) % BLOCK)
}

/** A file of an archive. Read `content` to its end before asking for the next one. */
export interface TarEntry {
  readonly name: string
  readonly bytes: number
  /** When it was last written. */
  readonly atMs: number
  readonly content: AsyncIterable<Buffer>
}

/** The sum of a header's bytes with its own field as blanks. */
function sumOf(header: Buffer): number {
  let sum = 0
  for (let i = 0; i < BLOCK; i++) sum += i >= 148 && i < 156 ? 0x20 : header[i]!
  return sum
}

interface Head {
  readonly name: string
  readonly bytes: number
  readonly atMs: number
  readonly isExtended: boolean
}

function headOf(header: Buffer): Head | null {
  const text = (from: number, to: number) => header.toString('utf8', from, to).replace(/\0.*$/s, '')
  const isExtended = header[156] === EXTENDED
  const isPlain = header[156] === PLAIN || header[156] === 0
  if (!isPlain && !isExtended) return null
  if (Number.parseInt(text(148, 156), 8) !== sumOf(header) || text(345, 500) !== '') return null
  const bytes = header[124] === 0x80 ? Number(header.readBigUInt64BE(128)) : Number.parseInt(text(124, 136), 8)
  const atMs = (Number.parseInt(text(136, 148), 8) || 0) * 1_000
  return Number.isSafeInteger(bytes) && bytes >= 0 ? { name: text(0, SHORT_NAME), bytes, atMs, isExtended } : null
}

/** The name that an extended header gives; null: it says something else. */
function pathOf(record: Buffer): string | null {
  const [, length, name] = /^(\d+) path=([^\n\0]+)\n$/.exec(record.toString('utf8')) ?? []
  return name !== undefined && Number(length) === record.length ? name : null
}

/** Reads an archive once, in order. @throws {RangeError} when it is damaged, cut short or holds more than plain files */
export async function* readTar(chunks: AsyncIterable<Buffer>): AsyncGenerator<TarEntry> {
  const source = chunks[Symbol.asyncIterator]()
  let held: Buffer = Buffer.alloc(0)
  const some = async (most: number): Promise<Buffer> => {
    while (held.length === 0) {
      const next = await source.next()
      if (next.done) throw new RangeError('the archive is cut short')
      held = next.value
    }
    const part = held.subarray(0, most)
    held = held.subarray(part.length)
    return part
  }
  const exactly = async (bytes: number): Promise<Buffer> => {
    const parts: Buffer[] = []
    for (let left = bytes; left > 0; left -= parts.at(-1)!.length) parts.push(await some(left))
    return Buffer.concat(parts)
  }
  let long: string | null = null
  for (;;) {
    const header = await exactly(BLOCK)
    if (long === null && header.every((byte) => byte === 0)) return
    const head = headOf(header)
    if (head === null || (head.isExtended && (long !== null || head.bytes > LONGEST_NAME)))
      throw new RangeError('the archive is damaged')
    if (head.isExtended) {
      long = pathOf(await exactly(head.bytes))
      await exactly(tarPadding(head.bytes).length)
      if (long === null) throw new RangeError('the archive is damaged')
      continue
    }
    const { bytes, atMs } = head
    const name = long ?? head.name
    long = null
    let left = bytes
    const content = (async function* () {
      while (left > 0) {
        const part = await some(left)
        left -= part.length
        yield part
      }
    })()
    yield { name, bytes, atMs, content }
    if (left > 0) throw new RangeError('a file of the archive was not read to its end')
    await exactly(tarPadding(bytes).length)
  }
}
