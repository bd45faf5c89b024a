import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Laid } from '../../src/pipeline/journal/laid.ts'
import { recentBodies } from '../../src/pipeline/journal/postgres/recent-bodies.ts'

const ROOM = 100

function laid(n: number, bytes: number): Laid {
  return { bytes, sha256: `hash of ${n}`, data: new Uint8Array(bytes).fill(n % 256), file: null }
}

test('what is found is what was kept, the newest are there, and together they are never more than there is room for', () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: ROOM + 5 }), { maxLength: 60 }), (sizes) => {
      const recent = recentBodies(ROOM)
      sizes.forEach((bytes, n) => {
        recent.keep(`m${n}`, laid(n, bytes))
        if (bytes <= ROOM) expect(recent.find(`m${n}`)?.data).toEqual(Buffer.alloc(bytes, n % 256))
      })
      const found = sizes.map((bytes, n) => ({ bytes, n, row: recent.find(`m${n}`) }))
      for (const { bytes, n, row } of found) {
        if (row === null) continue
        expect(row).toEqual({
          bytes,
          sha256: `hash of ${n}`,
          key_id: 0,
          data: Buffer.alloc(bytes, n % 256),
          file: null,
        })
      }
      const held = found.reduce((sum, { bytes, row }) => sum + (row === null ? 0 : bytes), 0)
      expect(held).toBeLessThanOrEqual(ROOM)
    }),
  )
})

test('a body of half the room stays until the next but one', () => {
  const recent = recentBodies(ROOM)
  for (let n = 0; n < 5; n++) {
    recent.keep(`m${n}`, laid(n, ROOM / 2))
    expect([n - 2, n - 1, n].map((one) => recent.find(`m${one}`) !== null)).toEqual([false, n > 0, true])
  }
})

test('what was found stays as it was when its place is written over', () => {
  const recent = recentBodies(ROOM)
  recent.keep('a', laid(1, ROOM))
  const { data } = recent.find('a')!
  recent.keep('b', laid(2, ROOM))
  expect(data).toEqual(Buffer.alloc(ROOM, 1))
  expect(recent.find('a')).toBeNull()
})

test('a body that lies elsewhere is not kept, nor one that is larger than all the room', () => {
  const recent = recentBodies(ROOM)
  recent.keep('far', { bytes: 10, sha256: '', data: null, file: 'far' })
  recent.keep('large', laid(1, ROOM + 1))
  expect([recent.find('far'), recent.find('large')]).toEqual([null, null])
})
