import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { searchKey } from '../../src/pipeline/keys.ts'

/** The definition, by the library. */
function defined(secret: Uint8Array, authority: string, identifier: string): string {
  const whole = createHmac('sha256', secret).update(`${authority}|${identifier}`).digest()
  return whole.subarray(0, 12).toString('base64url')
}

const text = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }), fc.string({ maxLength: 2_000 }))

test('a search key is the beginning of an HMAC-SHA256, whatever the length of secret and text', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 130 }), text, text, (secret, authority, identifier) => {
      expect(searchKey(secret, authority, identifier)).toBe(defined(secret, authority, identifier))
    }),
  )
})

test.each([
  ['a lone surrogate', '\ud800'],
  ['text as long as there is room for', 'x'.repeat(512 / 3 - 2)],
  ['text of which not all has room', 'é'.repeat(600)],
])('a search key of %s', (_what, identifier) => {
  const secret = Buffer.alloc(32, 7)
  expect(searchKey(secret, 'a', identifier)).toBe(defined(secret, 'a', identifier))
  // A long one leaves nothing behind that changes the next.
  expect(searchKey(secret, 'a', 'b')).toBe(defined(secret, 'a', 'b'))
  expect(searchKey(Buffer.alloc(65, 7), 'a', 'b')).toBe(defined(Buffer.alloc(65, 7), 'a', 'b'))
})
