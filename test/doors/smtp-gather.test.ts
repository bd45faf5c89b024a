import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Gather, SLAB_BYTES } from '../../src/entrances/smtp/gather.ts'

/** Bytes that tell where they stand. */
const content = Buffer.from(Array.from({ length: 2 * SLAB_BYTES + 77 }, (_, at) => (at * 31 + (at >> 8)) & 0xff))

/** What comes out of pieces that end at these places, each piece copied as whoever wrote it to a file would have it. */
function through(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const gather = new Gather()
  const out: Buffer[] = []
  let from = 0
  for (const to of [...cuts.toSorted((a, b) => a - b), bytes.length]) {
    for (let at = from; at < to; ) {
      at += gather.add(bytes.subarray(at, to))
      if (gather.full) out.push(Buffer.from(gather.out()))
    }
    from = to
  }
  out.push(Buffer.from(gather.out()))
  gather.end()
  return out
}

test.each([0, 1, 64 * 1024, 64 * 1024 + 1, SLAB_BYTES, SLAB_BYTES + 1, content.length])(
  '%s octets come out as they went in, however they are cut, in as few pieces as may be',
  (length) => {
    const bytes = content.subarray(0, length)
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: length }), { maxLength: 40 }), (cuts) => {
        const out = through(bytes, cuts)
        expect(Buffer.concat(out).equals(bytes)).toBe(true)
        expect(out.length).toBe(Math.floor(length / SLAB_BYTES) + 1)
      }),
      { numRuns: 60 },
    )
  },
)

test('mails that come in at once have slabs of their own, and the next mails have them again', () => {
  const [one, other] = [new Gather(), new Gather()]
  one.add(content.subarray(0, 100_000))
  other.add(content.subarray(100_000, 300_000))
  const [first, second] = [one.out(), other.out()]
  expect(first.equals(content.subarray(0, 100_000))).toBe(true)
  expect(second.equals(content.subarray(100_000, 300_000))).toBe(true)
  one.end()
  one.end()
  other.end()
  const next = [new Gather(), new Gather()].map((gather) => {
    gather.add(content.subarray(0, 100_000))
    return gather
  })
  expect(new Set(next.map((gather) => gather.out().buffer))).toEqual(new Set([first.buffer, second.buffer]))
  for (const gather of next) gather.end()
})
