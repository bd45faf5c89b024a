import type { TlsFiles } from '../../core/config.ts'
import { GatewayError } from '../../core/errors.ts'
import { type ReadMaterial, type Reference, referenceText } from './material.ts'
import type { WrittenTls } from './written.ts'

/** The TLS files of an identity, read. @throws {GatewayError} CONFIG_INVALID naming the reference that cannot be read */
export function tlsFiles(tls: WrittenTls | undefined, read: ReadMaterial): TlsFiles | null {
  if (!tls) return null
  const text = (reference: Reference) => materialText(reference, read)
  const files = { key: text(tls.key), cert: text(tls.cert), ca: text(tls.ca), crl: tls.crl.map(text) }
  return tls.crlStale === 'warn' ? { ...files, crlStale: 'warn' } : files
}

/** Text behind a reference. @throws {GatewayError} CONFIG_INVALID naming it */
export function materialText(reference: Reference, read: ReadMaterial): string {
  try {
    return read(reference)
  } catch (cause) {
    throw new GatewayError('CONFIG_INVALID', `${referenceText(reference)} cannot be read`, { cause })
  }
}
