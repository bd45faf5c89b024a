/** The little of POSIX ustar (IEEE 1003.1, pax: ustar Interchange Format) that a backup needs: plain files, read by any tar. */

const BLOCK = 512
/** Sizes from here on do not fit eleven octal digits and are written in base 256, as GNU tar does. */
const OCTAL_LIMIT = 8 ** 11

/** Two empty blocks end an archive. */
export const TAR_END = Buffer.alloc(2 * BLOCK)

/** The header of a plain file of mode 0600. @throws {RangeError} when the name is longer than 100 bytes */
export function tarHeader(name: string, bytes: number, atMs: number): Buffer {
  const header = Buffer.alloc(BLOCK)
  if (header.write(name, 0, 100, 'utf8') < Buffer.byteLength(name)) throw new RangeError('a name is too long for tar')
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
  header.write('0ustar\u000000', 156)
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
  readonly content: AsyncIterable<Buffer>
}

/** The sum of a header's bytes with its own field as blanks. */
function sumOf(header: Buffer): number {
  let sum = 0
  for (let i = 0; i < BLOCK; i++) sum += i >= 148 && i < 156 ? 0x20 : header[i]!
  return sum
}

function entryOf(header: Buffer): { name: string; bytes: number } | null {
  const text = (from: number, to: number) => header.toString('utf8', from, to).replace(/\0.*$/s, '')
  const plain = header[156] === 0x30 || header[156] === 0
  if (!plain || Number.parseInt(text(148, 156), 8) !== sumOf(header) || text(345, 500) !== '') return null
  const bytes = header[124] === 0x80 ? Number(header.readBigUInt64BE(128)) : Number.parseInt(text(124, 136), 8)
  return Number.isSafeInteger(bytes) && bytes >= 0 ? { name: text(0, 100), bytes } : null
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
  for (;;) {
    const header = await exactly(BLOCK)
    if (header.every((byte) => byte === 0)) return
    const entry = entryOf(header)
    if (entry === null) throw new RangeError('the archive is damaged')
    let left = entry.bytes
    const content = (async function* () {
      while (left > 0) {
        const part = await some(left)
        left -= part.length
        yield part
      }
    })()
    yield { ...entry, content }
    if (left > 0) throw new RangeError('a file of the archive was not read to its end')
    await exactly(tarPadding(entry.bytes).length)
  }
}
