import { createPrivateKey, createPublicKey, hash, type KeyObject, sign, verify } from 'node:crypto'
import type { Hash } from './tree.ts'

/** A signed tree head: so many events, and the root over them, at a time (ms since 1970). Hashes are hex, signatures base64. */
export interface TreeHead {
  readonly size: number
  readonly root: string
  readonly atMs: number
  readonly keyId: string
  readonly signature: string
}

/** An Ed25519 key pair of a store, as it signs. */
export interface AuditKey {
  readonly privateKey: KeyObject
  readonly publicKey: KeyObject
  /** SHA-256 of the public key (SubjectPublicKeyInfo, DER), hex. */
  readonly keyId: string
}

const LEAF_LABEL = Buffer.from('passerelle audit event\0')

/** The key pair of a store. @throws when the text is no such key */
export function auditKey(hex: string): AuditKey {
  const privateKey = createPrivateKey({ key: Buffer.from(hex, 'hex'), format: 'der', type: 'pkcs8' })
  const publicKey = createPublicKey(privateKey)
  return { privateKey, publicKey, keyId: keyIdOf(publicKey) }
}

/** Name of a public key: SHA-256 of its SubjectPublicKeyInfo (RFC 6962 §3.2, log id), hex. */
export function keyIdOf(publicKey: KeyObject): string {
  return hash('sha256', publicKey.export({ format: 'der', type: 'spki' }), 'hex')
}

/** A public key as people keep it. */
export function publicPem(publicKey: KeyObject): string {
  return publicKey.export({ format: 'pem', type: 'spki' }).toString()
}

/** A public key from its PEM, or null when it is no Ed25519 key. */
export function publicKeyOf(pem: string): KeyObject | null {
  try {
    const key = createPublicKey(pem)
    return key.asymmetricKeyType === 'ed25519' ? key : null
  } catch {
    return null
  }
}

function numbered(label: Buffer, numbers: readonly number[], hashed: Uint8Array): Buffer {
  const bytes = Buffer.alloc(8 * numbers.length)
  for (const [i, n] of numbers.entries()) bytes.writeBigUInt64BE(BigInt(n), 8 * i)
  return Buffer.concat([label, bytes, hashed])
}

/** What a tree head's signature covers: TreeHeadSignature of RFC 6962 §3.5 (version 0, signature type 1). */
function headBytes({ size, root, atMs }: Pick<TreeHead, 'size' | 'root' | 'atMs'>): Buffer {
  return numbered(Buffer.of(0, 1), [atMs, size], Buffer.from(root, 'hex'))
}

/** Signs the root over `size` events. */
export function signHead(size: number, root: Hash, atMs: number, { privateKey, keyId }: AuditKey): TreeHead {
  const head = { size, root: root.toString('hex'), atMs }
  return { ...head, keyId, signature: sign(null, headBytes(head), privateKey).toString('base64') }
}

/** Was the head signed by this key? */
export function isSigned(head: TreeHead, key: KeyObject): boolean {
  if (!Number.isSafeInteger(head.size) || !Number.isSafeInteger(head.atMs) || head.size < 0 || head.atMs < 0)
    return false
  return verify(null, headBytes(head), key, Buffer.from(head.signature, 'base64'))
}

/** Signs one event by itself: its number from 1, its time (ms since 1970) and its hash. 64 bytes. */
export function signLeaf(n: number, atMs: number, leaf: Hash, { privateKey }: AuditKey): Buffer {
  return sign(null, numbered(LEAF_LABEL, [n, atMs], leaf), privateKey)
}

/** Was an event with this hash signed under this number and time? */
export function isLeafSigned(
  n: number,
  atMs: number,
  leaf: Uint8Array,
  signature: Uint8Array,
  key: KeyObject,
): boolean {
  return verify(null, numbered(LEAF_LABEL, [n, atMs], leaf), key, signature)
}
