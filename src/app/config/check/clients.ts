import { createPublicKey } from 'node:crypto'
import { type ReadMaterial, type Reference, referenceText } from '../material.ts'
import { error, type Fault } from '../problem.ts'
import type { WrittenRegion } from '../written.ts'
import { present } from './sound.ts'

/** The text of a JWK set; in the file a text is a path. @throws what `read` throws */
export function jwksText(reference: Reference, read: ReadMaterial): string {
  return JSON.stringify(JSON.parse(read(typeof reference === 'string' ? { file: reference } : reference)))
}

/** Client key sets that are not there, are none, or hold what only their owner may have. */
export function clientFaults(region: WrittenRegion, read: ReadMaterial): Fault[] {
  return present(region.establishments).flatMap(([i, one]) =>
    present(one.clients).flatMap(([j, { jwks }]) => {
      const problem = keySetProblem(jwks, read)
      if (problem === null) return []
      const message = `${referenceText(jwks)} ${problem}`
      return [error(['establishments', i, 'clients', j, 'jwks'], 'BAD_JWKS', message)]
    }),
  )
}

function keySetProblem(reference: Reference, read: ReadMaterial): string | null {
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
    if (!usable(key)) return 'holds a key that is neither RSA of 2048 bits or more nor P-384'
  }
  return null
}

/** node:crypto takes any object here and throws when it is no key. */
type JwkInput = Parameters<typeof createPublicKey>[0]

function usable(key: Readonly<Record<string, unknown>>): boolean {
  try {
    const { asymmetricKeyType, asymmetricKeyDetails: details } = createPublicKey({ key, format: 'jwk' } as JwkInput)
    if (asymmetricKeyType === 'rsa') return (details?.modulusLength ?? 0) >= 2048
    return asymmetricKeyType === 'ec' && details?.namedCurve === 'secp384r1'
  } catch {
    return false
  }
}
