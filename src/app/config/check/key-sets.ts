import { createPublicKey } from 'node:crypto'
import type { ReadMaterial, Reference } from '../material.ts'

/** A curve as people name it, by the name that node:crypto has. */
const CURVES = { 'P-256': 'prime256v1', 'P-384': 'secp384r1' } as const

/** The text of a JWK set; in the file a text is a path. @throws what `read` throws */
export function jwksText(reference: Reference, read: ReadMaterial): string {
  return JSON.stringify(JSON.parse(read(typeof reference === 'string' ? { file: reference } : reference)))
}

/** Why a JWK set (RFC 7517) cannot be what others are checked by: not there, none, a private key, or a weak one; null: it can. */
export function keySetProblem(reference: Reference, read: ReadMaterial, curve: keyof typeof CURVES): string | null {
  let keys: unknown
  try {
    keys = (JSON.parse(jwksText(reference, read)) as { keys?: unknown } | null)?.keys
  } catch (fault) {
    return fault instanceof SyntaxError ? 'is no JSON' : 'is not there'
  }
  if (!Array.isArray(keys) || keys.length === 0) return 'is no JWK set: { "keys": [...] }'
  for (const key of keys as Readonly<Record<string, unknown>>[]) {
    if (key?.['d'] !== undefined || key?.['k'] !== undefined)
      return 'holds a private or shared key: only public keys belong here'
    if (!usable(key, CURVES[curve])) return `holds a key that is neither RSA of 2048 bits or more nor ${curve}`
  }
  return null
}

/** node:crypto takes any object here and throws when it is no key. */
type JwkInput = Parameters<typeof createPublicKey>[0]

function usable(key: Readonly<Record<string, unknown>>, curve: string): boolean {
  try {
    const { asymmetricKeyType, asymmetricKeyDetails: details } = createPublicKey({ key, format: 'jwk' } as JwkInput)
    if (asymmetricKeyType === 'rsa') return (details?.modulusLength ?? 0) >= 2048
    return asymmetricKeyType === 'ec' && details?.namedCurve === curve
  } catch {
    return false
  }
}
