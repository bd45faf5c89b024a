import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isPdf, readPhoto } from '../../../src/formats/image/photo.ts'
import { chunk, jpeg, pdf, png, segmentOf } from './made.ts'

describe('what a photo says of itself', () => {
  const files: [name: string, bytes: Buffer, facts: ReturnType<typeof readPhoto>][] = [
    ['a JPEG', jpeg(640, 480), { type: 'image/jpeg', width: 640, height: 480, extras: [] }],
    ['a PNG', png(3, 5), { type: 'image/png', width: 3, height: 5, extras: [] }],
    [
      'a JPEG with what a telephone writes',
      jpeg(8, 8, [segmentOf(0xe1, 'Exif\0\0GPS 47.2 -1.5'), segmentOf(0xe2, 'ICC_PROFILE'), segmentOf(0xfe, 'Jeanne')]),
      { type: 'image/jpeg', width: 8, height: 8, extras: ['APP1', 'APP2', 'COM'] },
    ],
    [
      'a JPEG with a thumbnail in its JFIF',
      jpeg(8, 8, [segmentOf(0xe0, 'JFIF\0'.padEnd(40, 'x'))]),
      { type: 'image/jpeg', width: 8, height: 8, extras: ['APP0'] },
    ],
    [
      'a JPEG and more',
      Buffer.concat([jpeg(8, 8), Buffer.from('PK')]),
      { type: 'image/jpeg', width: 8, height: 8, extras: ['trailer'] },
    ],
    [
      'a PNG with words',
      png(1, 1, [chunk('tEXt', 'Author\0Jeanne'), chunk('eXIf', 'II*')]),
      { type: 'image/png', width: 1, height: 1, extras: ['tEXt', 'eXIf'] },
    ],
    [
      'a PNG and more',
      Buffer.concat([png(1, 1), Buffer.from('x')]),
      { type: 'image/png', width: 1, height: 1, extras: ['trailer'] },
    ],
    ['a bomb', png(0xffff_ffff, 0xffff_ffff), { type: 'image/png', width: 4294967295, height: 4294967295, extras: [] }],
    ['a PNG cut short', png(3, 5).subarray(0, 40), null],
    ['a JPEG cut short', jpeg(3, 5).subarray(0, 30), null],
    ['a JPEG of no width', jpeg(0, 5), null],
    ['a GIF', Buffer.from('GIF89a'), null],
    ['nothing', Buffer.alloc(0), null],
  ]
  test.each(files)('%s', (_name, bytes, facts) => {
    expect(readPhoto(bytes)).toEqual(facts)
  })

  test('any bytes are read to an end, and never more than there are', () => {
    const begun = fc.constantFrom(jpeg(8, 8), png(8, 8), Buffer.alloc(0))
    fc.assert(
      fc.property(begun, fc.uint8Array({ maxLength: 200 }), fc.nat(120), (head, tail, cut) => {
        const facts = readPhoto(Buffer.concat([head.subarray(0, cut), tail]))
        return facts === null || (facts.width > 0 && facts.height > 0)
      }),
    )
  })
})

test.each([
  ['a PDF', pdf(), true],
  ['the beginning of one', pdf().subarray(0, 12), false],
  ['a page', Buffer.from('<html>%PDF-</html>%%EOF'), false],
])('%s is one: %#', (_name, bytes, is) => {
  expect(isPdf(bytes)).toBe(is)
})
