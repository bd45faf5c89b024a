import { crc32, deflateSync } from 'node:zlib'

/** A segment of a JPEG. */
export function segmentOf(marker: number, text: string | Buffer): Buffer {
  const data = Buffer.from(text as string, 'latin1')
  const head = Buffer.from([0xff, marker, 0, 0])
  head.writeUInt16BE(data.length + 2, 2)
  return Buffer.concat([head, data])
}

/** The headers of a JPEG of this size, with coded data that nobody decodes. */
export function jpeg(width: number, height: number, more: readonly Buffer[] = []): Buffer {
  const frame = Buffer.alloc(9)
  frame[0] = 8
  frame.writeUInt16BE(height, 1)
  frame.writeUInt16BE(width, 3)
  const jfif = Buffer.from('4a46494600010100000100010000', 'hex')
  const scan = Buffer.concat([segmentOf(0xda, Buffer.alloc(6)), Buffer.from('12ff0034ffd156', 'hex')])
  return Buffer.concat([
    Buffer.from('ffd8', 'hex'),
    segmentOf(0xe0, jfif),
    ...more,
    segmentOf(0xc0, frame),
    scan,
    Buffer.from('ffd9', 'hex'),
  ])
}

/** A chunk of a PNG. */
export function chunk(name: string, text: string | Buffer): Buffer {
  const data = Buffer.from(text as string, 'latin1')
  const body = Buffer.concat([Buffer.from(name, 'latin1'), data])
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)]
  length.writeUInt32BE(data.length)
  sum.writeUInt32BE(crc32(body))
  return Buffer.concat([length, body, sum])
}

/** A PNG, grey; its pixels are there as far as `rows` says. */
export function png(width: number, height: number, more: readonly Buffer[] = [], rows: number | null = null): Buffer {
  const head = Buffer.alloc(13)
  head.writeUInt32BE(width, 0)
  head.writeUInt32BE(height, 4)
  head[8] = 8
  const pixels = deflateSync(Buffer.alloc((rows ?? 1) * (1 + Math.min(width, 100_000)), 0))
  return Buffer.concat([
    Buffer.from('89504e470d0a1a0a', 'hex'),
    chunk('IHDR', head),
    ...more,
    chunk('IDAT', pixels),
    chunk('IEND', ''),
  ])
}

/** The least that is a PDF. */
export function pdf(): Buffer {
  return Buffer.from('%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n', 'latin1')
}
