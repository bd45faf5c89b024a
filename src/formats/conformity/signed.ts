import { type KeyObject, sign, verify } from 'node:crypto'
import type { SignedStatement, Statement } from '../../core/conformity-statement.ts'
import type { AuditKey } from '../audit/head.ts'
import { keyIdOf } from '../audit/head.ts'
import { parseStrict } from '../fhir/json.ts'

/** What is signed begins with it, so that no signature of another part of the gateway is ever one of a statement. */
const LABEL = 'passerelle conformity statement\0'

/**
 * JSON in one form only: members sorted by code unit, no white space (RFC 8785; of numbers there are only whole ones here).
 * @throws {TypeError} for what JSON cannot hold, and for numbers that are not whole */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return JSON.stringify(value)
  if (typeof value === 'number' && Number.isSafeInteger(value)) return JSON.stringify(value)
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  if (typeof value === 'object') {
    const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
    return `{${members.map(([name, one]) => `${JSON.stringify(name)}:${canonicalJson(one)}`).join(',')}}`
  }
  throw new TypeError(`a statement cannot hold ${typeof value}`)
}

/** Signs a statement (RFC 8032). */
export function signStatement(statement: Statement, { privateKey, keyId }: AuditKey): SignedStatement {
  const value = sign(null, Buffer.from(LABEL + canonicalJson(statement)), privateKey).toString('base64')
  return { ...statement, signature: { algorithm: 'Ed25519', keyId, value } }
}

/** What is wrong with a statement; null: it is what this key signed, word for word. */
export type StatementFault = 'no-statement' | 'other-key' | 'changed'

/** Checks a text that should be a signed statement. Never throws. */
export function checkStatement(
  text: string,
  publicKey: KeyObject,
): { readonly fault: StatementFault } | { readonly fault: null; readonly statement: SignedStatement } {
  const read = readStatement(text)
  if (read === null) return { fault: 'no-statement' }
  const { signature, ...statement } = read
  if (signature.keyId !== keyIdOf(publicKey)) return { fault: 'other-key' }
  const signed = canonicalOrNull(statement)
  const good =
    signed !== null && verify(null, Buffer.from(LABEL + signed), publicKey, Buffer.from(signature.value, 'base64'))
  return good ? { fault: null, statement: read } : { fault: 'changed' }
}

/** algorithm, keyId, value: nothing else stands where no signature covers it. */
const SIGNATURE_MEMBERS = 3

function readStatement(text: string): SignedStatement | null {
  try {
    const read = JSON.parse(text) as Partial<SignedStatement> | null
    const signature = read?.signature
    // A name that stands twice is one thing to this reader and another to the next: what was signed is not what is read.
    if (!parseStrict(Buffer.from(text)).ok) return null
    if (read?.kind !== 'passerelle-conformity-statement' || read.version !== 1) return null
    if (signature?.algorithm !== 'Ed25519' || typeof signature.value !== 'string') return null
    if (Object.keys(signature).length !== SIGNATURE_MEMBERS) return null
    return read as SignedStatement
  } catch {
    return null
  }
}

function canonicalOrNull(value: unknown): string | null {
  try {
    return canonicalJson(value)
  } catch {
    return null
  }
}
