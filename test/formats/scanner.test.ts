import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { GatewayError } from '../../src/core/errors.ts'
import { frame, frameScanner } from '../../src/formats/mllp/scanner.ts'

const bytes = (text: string): Buffer => Buffer.from(text, 'latin1')

const cases: [name: string, writes: string[], frames: string[], junk: number][] = [
  ['one whole block', ['\x0bA\x1c\r'], ['A'], 0],
  ['two at once', ['\x0bA\x1c\r\x0bB\x1c\r'], ['A', 'B'], 0],
  ['an empty block', ['\x0b\x1c\r'], [''], 0],
  ['an empty block, byte by byte', ['\x0b', '\x1c', '\r'], [''], 0],
  ['cut inside FS CR', ['\x0bA\x1c', '\r'], ['A'], 0],
  ['cut after the start byte', ['\x0b', 'A\x1c\r'], ['A'], 0],
  ['cut in the content', ['\x0bA', 'B', 'C\x1c\r'], ['ABC'], 0],
  ['start byte inside', ['\x0bAA\x0bB\x1c\r'], ['B'], 3],
  ['start byte inside, in a later write', ['\x0bAA', 'A\x0b', 'B\x1c\r'], ['B'], 4],
  ['several start bytes inside', ['\x0bA\x0b\x0bB\x0bC\x1c\r'], ['C'], 5],
  ['start byte after a lone FS', ['\x0bA\x1c\x0bB\x1c\r'], ['B'], 3],
  ['start byte after a lone FS, cut there', ['\x0bA\x1c', '\x0bB\x1c\r'], ['B'], 3],
  ['FS without CR is content', ['\x0bA\x1cB\x1c\r'], ['A\x1cB'], 0],
  ['FS without CR, cut there', ['\x0bA\x1c', 'B\x1c\r'], ['A\x1cB'], 0],
  ['FS FS CR: the first is content', ['\x0bA\x1c\x1c\r'], ['A\x1c'], 0],
  ['FS FS CR, cut between them', ['\x0bA\x1c', '\x1c', '\r'], ['A\x1c'], 0],
  ['CR alone is content', ['\x0bA\rB\r\x1c\r'], ['A\rB\r'], 0],
  ['junk before and between', ['xy\x0bA\x1c\rz\x0bB\x1c\r'], ['A', 'B'], 3],
  ['line ends after a block are no junk', ['\x0bA\x1c\r\r\n', '\x0bB\x1c\r\n\x0bC\x1c\r'], ['A', 'B', 'C'], 0],
  ['a third line end is junk', ['\x0bA\x1c\r\n\n', '\n\x0bB\x1c\r'], ['A', 'B'], 1],
  ['line ends before the first block are junk', ['\r\n\x0bA\x1c\r'], ['A'], 2],
  ['line ends after junk are junk', ['\x0bA\x1c\rx\r\n\x0bB\x1c\r'], ['A', 'B'], 3],
  ['FS CR between blocks is junk', ['\x0bA\x1c\r\x1c\r\x0bB\x1c\r'], ['A', 'B'], 2],
  ['nothing but junk', ['GET / HTTP/1.1\r\n\r\n'], [], 18],
  ['an unfinished block', ['\x0bMSH'], [], 0],
]

test.each(cases)('frames: %s', (_name, writes, frames, junk) => {
  const scanner = frameScanner({ maxFrameBytes: 100 })
  expect(writes.flatMap((write) => scanner.push(bytes(write))).map((one) => one.toString('latin1'))).toEqual(frames)
  expect(scanner.junkBytes).toBe(junk)
})

test.each(cases)('byte by byte it is the same: %s', (_name, writes, frames, junk) => {
  const scanner = frameScanner({ maxFrameBytes: 100 })
  const stream = bytes(writes.join(''))
  const found = [...stream].flatMap((byte) => scanner.push(Buffer.of(byte)))
  expect(found.map((one) => one.toString('latin1'))).toEqual(frames)
  expect(scanner.junkBytes).toBe(junk)
})

test('what has begun can be seen', () => {
  const scanner = frameScanner({ maxFrameBytes: 100 })
  scanner.push(bytes('xx'))
  expect([scanner.inside, scanner.pendingBytes]).toEqual([false, 0])
  scanner.push(bytes('\x0bABC'))
  expect([scanner.inside, scanner.pendingBytes]).toEqual([true, 3])
  scanner.push(bytes('\x1c\r\n'))
  expect([scanner.inside, scanner.pendingBytes, scanner.lineEndBytes]).toEqual([false, 0, 1])
})

/** Streams of the bytes that matter, and how they are cut into writes. */
const streams = fc.tuple(
  fc.array(fc.constantFrom(0x0b, 0x1c, 0x0d, 0x0a, 0x41, 0x42), { maxLength: 60 }),
  fc.array(fc.nat(60), { maxLength: 12 }),
)

/** The rule itself, one byte at a time over the whole stream. */
function reference(stream: readonly number[]): string[] {
  const frames: string[] = []
  let content: number[] | null = null
  for (const [i, byte] of stream.entries()) {
    if (byte === 0x0b) content = []
    else if (content === null) continue
    else if (byte === 0x0d && stream[i - 1] === 0x1c && content.length > 0) {
      frames.push(String.fromCharCode(...content.slice(0, -1)))
      content = null
    } else content.push(byte)
  }
  return frames
}

test('however the bytes are cut, the frames and the junk are those of the whole stream', () => {
  fc.assert(
    fc.property(streams, ([stream, cuts]) => {
      const whole = frameScanner({ maxFrameBytes: 100 })
      const wholeFrames = whole.push(Buffer.from(stream))
      const scanner = frameScanner({ maxFrameBytes: 100 })
      const places = [0, ...cuts.map((cut) => Math.min(cut, stream.length)).sort((a, b) => a - b), stream.length]
      const frames = places.slice(1).flatMap((end, i) => scanner.push(Buffer.from(stream.slice(places[i], end))))
      expect(frames.map((one) => one.toString('latin1'))).toEqual(reference(stream))
      expect(frames).toEqual(wholeFrames)
      expect(scanner.junkBytes).toBe(whole.junkBytes)
      expect(scanner.lineEndBytes).toBe(whole.lineEndBytes)
      expect(scanner.inside).toBe(whole.inside)
    }),
    { numRuns: 2000 },
  )
})

test('every byte is accounted for: framing, content, junk, line ends, pending', () => {
  fc.assert(
    fc.property(streams, ([stream]) => {
      const scanner = frameScanner({ maxFrameBytes: 100 })
      const frames = scanner.push(Buffer.from(stream))
      const framed = frames.reduce((sum, one) => sum + one.length + 3, 0)
      const begun = scanner.inside ? scanner.pendingBytes + 1 : 0
      expect(framed + scanner.junkBytes + scanner.lineEndBytes + begun).toBe(stream.length)
    }),
    { numRuns: 2000 },
  )
})

describe('the limit', () => {
  const over: [name: string, writes: string[]][] = [
    ['in one write', ['\x0bABCDE\x1c\r']],
    ['over several', ['\x0bAB', 'CD', 'E']],
    ['with the end in its own write', ['\x0bABC', 'DE\x1c\r']],
    ['never ended', [`\x0b${'A'.repeat(50)}`]],
    ['a lone FS counts once content follows', ['\x0bABCD\x1c', 'E']],
  ]
  test.each(over)('above it: %s', (_name, writes) => {
    const scanner = frameScanner({ maxFrameBytes: 4 })
    expect(() => writes.forEach((write) => void scanner.push(bytes(write)))).toThrow(
      expect.objectContaining({ name: GatewayError.name, code: 'FRAME_TOO_LONG' }),
    )
    expect(() => scanner.push(bytes('\x0bA\x1c\r'))).toThrow(GatewayError)
  })

  test.each([
    ['in one write', ['\x0bABCD\x1c\r']],
    ['cut inside FS CR', ['\x0bABCD\x1c', '\r']],
    ['byte by byte', [...'\x0bABCD\x1c\r']],
  ])('exactly at it: %s', (_name, writes) => {
    const scanner = frameScanner({ maxFrameBytes: 4 })
    expect(writes.flatMap((write) => scanner.push(bytes(write))).map(String)).toEqual(['ABCD'])
  })

  test('a whole block before one that is too long is still handed out', () => {
    const scanner = frameScanner({ maxFrameBytes: 4 })
    expect(scanner.push(bytes('\x0bA\x1c\r\x0bABCDE')).map(String)).toEqual(['A'])
    expect(() => scanner.push(bytes('F'))).toThrow(GatewayError)
  })
})

test('a frame from shared memory is a copy: it survives what comes after', () => {
  const pool = Buffer.alloc(65_536)
  pool.write('\x0bABC\x1c\r', 'latin1')
  const [first] = frameScanner({ maxFrameBytes: 100 }).push(pool.subarray(0, 6))
  pool.fill(0)
  expect(first?.toString()).toBe('ABC')
  const scanner = frameScanner({ maxFrameBytes: 100 })
  const [cut] = ['\x0bAB', 'C\x1c\r'].flatMap((write) => scanner.push(bytes(write)))
  scanner.push(bytes('\x0bXY'))
  scanner.push(bytes('Z\x1c\r'))
  expect(cut?.toString()).toBe('ABC')
})

test('a large message is handed out whole after writes of every size', () => {
  const content = Buffer.alloc(3_000_000, 'OBX|1|ED|')
  const stream = frame(content)
  const scanner = frameScanner({ maxFrameBytes: 16_777_216 })
  const found: Buffer[] = []
  for (let at = 0, size = 1; at < stream.length; at += size, size = (size * 7) % 65_521 || 1) {
    found.push(...scanner.push(stream.subarray(at, at + size)))
  }
  expect(found.length).toBe(1)
  expect(found[0]?.equals(content)).toBe(true)
})

test('a million bytes in 1-byte writes, a million start bytes and a million lone FS all end', () => {
  const million = 1_000_000
  const slow = frameScanner({ maxFrameBytes: million })
  const one = Buffer.from('A')
  slow.push(Buffer.of(0x0b))
  for (let i = 0; i < million; i++) slow.push(one)
  expect(slow.push(bytes('\x1c\r'))[0]?.length).toBe(million)
  const starts = frameScanner({ maxFrameBytes: million })
  starts.push(Buffer.alloc(million, 0x0b))
  expect(starts.junkBytes).toBe(million - 1)
  const separators = frameScanner({ maxFrameBytes: 2 * million })
  separators.push(Buffer.of(0x0b))
  separators.push(Buffer.alloc(million, 0x1c))
  expect(separators.push(bytes('\x1c\r'))[0]?.length).toBe(million)
})

test('frame: VT, the bytes, FS, CR', () => {
  expect(frame(bytes('MSH|é')).toString('latin1')).toBe('\x0bMSH|é\x1c\r')
})
