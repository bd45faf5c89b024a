import { hash } from 'node:crypto'

/** Block of SHA-256, and the bytes of a hash (FIPS 180-4). */
const BLOCK = 64
const HASH_BYTES = 32
/** Characters that stand for the first 12 bytes of a hash in base64url. */
const KEY_CHARACTERS = 16
/** Bytes of text that there is room for; longer text is given more. */
const ROOM = 512
/** Most bytes of UTF-8 that one UTF-16 unit can take. */
const WIDEST = 3

/** The two blocks that HMAC begins its two hashes with, each with room behind it for what is hashed. */
interface Pads {
  readonly inner: Buffer
  readonly outer: Buffer
}

const padsOf = new WeakMap<Uint8Array, Pads>()

function makePads(secret: Uint8Array): Pads {
  const key = Buffer.alloc(BLOCK)
  key.set(secret.length > BLOCK ? hash('sha256', secret, 'buffer') : secret)
  const inner = Buffer.alloc(BLOCK + ROOM)
  const outer = Buffer.alloc(BLOCK + HASH_BYTES)
  for (const [i, byte] of key.entries()) {
    inner[i] = byte ^ 0x36
    outer[i] = byte ^ 0x5c
  }
  const pads = { inner, outer }
  padsOf.set(secret, pads)
  return pads
}

/**
 * What a patient identifier is stored and searched as: base64url of the first 12 bytes of
 * HMAC-SHA256(region secret, `authority|identifier`). The identifier cannot be read back from it. The secret must not
 * change in place.
 *
 * HMAC is written out here (RFC 2104): an object of `node:crypto` for each cost 12 µs at full intake, two plain hashes 4. */
export function searchKey(secret: Uint8Array, authority: string, identifier: string): string {
  const { inner, outer } = padsOf.get(secret) ?? makePads(secret)
  const text = `${authority}|${identifier}`
  let block = inner
  if (text.length * WIDEST > ROOM) {
    block = Buffer.alloc(BLOCK + text.length * WIDEST)
    inner.copy(block, 0, 0, BLOCK)
  }
  const end = BLOCK + block.write(text, BLOCK, 'utf8')
  outer.write(hash('sha256', block.subarray(0, end), 'latin1'), BLOCK, 'latin1')
  return hash('sha256', outer, 'base64url').slice(0, KEY_CHARACTERS)
}
