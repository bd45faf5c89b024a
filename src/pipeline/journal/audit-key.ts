import { generateKeyPairSync } from 'node:crypto'

/** Name in `meta` of the key that signs the audit of this store. */
export const AUDIT_KEY = 'auditKey'
/** The step of the schema that brings the audit, and with it the key. */
export const AUDIT_STEP = 'audit'

/** A new Ed25519 key: PKCS#8, DER, hex. */
export function newAuditKey(): string {
  return generateKeyPairSync('ed25519').privateKey.export({ format: 'der', type: 'pkcs8' }).toString('hex')
}
