import { createSecureContext } from 'node:tls'
import type { TlsFiles } from '../../core/config.ts'
import { GatewayError } from '../../core/errors.ts'

/** Key, certificate, authorities or revocation lists that TLS does not take (CONFIG_INVALID); `part`: the door or destination. */
export class UnusableFiles extends GatewayError {
  readonly part: string
  constructor(part: string, cause: unknown) {
    const { code = '' } = cause as NodeJS.ErrnoException
    super('CONFIG_INVALID', `${part}: its key, certificate, CA or CRL cannot be used${code && ` (${code})`}`, { cause })
    this.part = part
  }
}

/** Half-written files, and those that do not belong together, are found before anything leans on them. @throws {UnusableFiles} */
export function usableFiles(part: string, tls: TlsFiles | null): void {
  if (tls === null) return
  try {
    const { key, cert, ca, crl } = tls
    createSecureContext({ key, cert, ca, crl: crl.length > 0 ? [...crl] : undefined })
  } catch (cause) {
    throw new UnusableFiles(part, cause)
  }
}
