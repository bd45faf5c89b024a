/** Names that follow from what they name: the same input gives the same, at every attempt and on every node. */
import { createHash } from 'node:crypto'

/** Namespace of the ids made here (RFC 9562 §5.5). */
const NAMESPACE = Buffer.from('6f1c2d0e5b7a5c3e9a41d0b7c2f4e8a6', 'hex')
const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

/**
 * The UUID (version 5, RFC 9562 §5.5) of a thing: its type, who names it (system of an identifier, or establishment),
 * and by what. */
export function stableId(type: string, authority: string, ...names: readonly string[]): string {
  const hash = createHash('sha1')
    .update(NAMESPACE)
    .update(JSON.stringify([type, authority, ...names]))
    .digest()
  hash[6] = (hash[6]! & 0x0f) | 0x50
  hash[8] = (hash[8]! & 0x3f) | 0x80
  const hex = hash.toString('hex', 0, 16)
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}

/** A name of 20 characters (capitals and digits, 100 bits), short enough for every MSH-10 (HL7 v2.5 §2.15.9.10). */
export function shortName(...names: readonly string[]): string {
  const hash = createHash('sha256').update(JSON.stringify(names)).digest()
  return Array.from({ length: 20 }, (_, i) => {
    const bit = i * 5
    const pair = (hash[bit >> 3]! << 8) | hash[(bit >> 3) + 1]!
    return CROCKFORD[(pair >> (11 - (bit & 7))) & 31]
  }).join('')
}
