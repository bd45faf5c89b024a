import fc from 'fast-check'
import { expect, test } from 'vitest'
import { BodyScan } from '../../../src/formats/mail/bodies.ts'
import { holdsParts, MIME_BUDGET } from '../../../src/formats/mail/structure.ts'
import { mimePiece } from '../../support/mail/pieces.ts'

/** The bodies of a message in pieces, put together, beside what its structure says of them. */
function bodies(bytes: Buffer, sizes: readonly number[], budget = MIME_BUDGET) {
  const scan = new BodyScan(budget)
  const found = new Map<number, string>()
  const ended: number[] = []
  const take = (pieces: ReturnType<BodyScan['push']>): void => {
    for (const { part, octets, last } of pieces) {
      expect(ended).not.toContain(part.index)
      found.set(part.index, (found.get(part.index) ?? '') + octets.toString('latin1'))
      if (last) ended.push(part.index)
    }
  }
  for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
    const size = sizes[turn % sizes.length]!
    const chunk = Buffer.from(bytes.subarray(at, at + size))
    take(scan.push(chunk))
    // Whoever pushes may use the chunk again.
    chunk.fill(0x2d)
    at += size
  }
  const { pieces, structure } = scan.end()
  take(pieces)
  return { found, ended, structure }
}

const mixed = [
  'Content-Type: multipart/mixed; boundary=b',
  '',
  'Preamble',
  '--b',
  '',
  'One',
  '--bb',
  '-',
  '--b',
  'Content-Type: message/rfc822',
  '',
  'Content-Type: multipart/mixed; boundary=c',
  '',
  '--c',
  '',
  'Two',
  '',
  '--c',
  '--b',
  '',
  '--b--',
  'Epilogue',
].join('\r\n')

test.each([[1], [2], [3, 1], [5], [1_000]])('bodies of the parts that hold no others, in chunks of %j', (...sizes) => {
  const { found, ended } = bodies(Buffer.from(mixed), sizes)
  expect([...found]).toEqual([
    [1, 'One\r\n--bb\r\n-'],
    [4, 'Two\r\n'],
    [5, ''],
    [6, ''],
  ])
  expect(ended).toEqual([1, 4, 5, 6])
})

test('the same octets as the structure says, in whatever chunks', () => {
  const piece = mimePiece(mixed)
  const message = fc.array(piece, { maxLength: 20 }).map((pieces) => Buffer.from(pieces.join('')))
  const budget = { ...MIME_BUDGET, maxParts: 8, maxDepth: 4 }
  let several = 0
  fc.assert(
    fc.property(message, fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 6 }), (octets, sizes) => {
      const { found, ended, structure } = bodies(octets, sizes, budget)
      if (structure.fault !== null) return
      const leaves = structure.parts.filter((part) => !holdsParts(part))
      if (leaves.length > 2) several += 1
      expect(ended).toEqual(leaves.map(({ index }) => index))
      const said = leaves.map(({ bodyAt, length }) => octets.toString('latin1', bodyAt, bodyAt + length))
      expect(leaves.map(({ index }) => found.get(index))).toEqual(said)
    }),
    { numRuns: 1_000 },
  )
  expect(several).toBeGreaterThan(30)
})
