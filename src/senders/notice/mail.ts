import type { RelayTarget } from '../../core/config.ts'
import type { ErrorCode } from '../../core/errors.ts'
import type { Notice } from '../../formats/alert/notice.ts'
import { PATIENCE_MS } from './guarded.ts'

/** Hands a notice for one address to the relay. Null: it was taken. Never rejects. */
export async function sendMail(
  target: RelayTarget,
  { subject, text }: Notice,
  to: string,
  key: string,
): Promise<ErrorCode | null> {
  // Loaded with the first mail: most gateways send none.
  const { createTransport } = await import('nodemailer')
  const { host, port, security, ca, user, password, from } = target
  const transport = createTransport({
    host,
    port,
    secure: security === 'tls',
    requireTLS: security === 'starttls',
    ignoreTLS: security === 'none',
    ...(user === null ? {} : { auth: { user, pass: password ?? '' } }),
    tls: { minVersion: 'TLSv1.2', ...(ca === null ? {} : { ca }) },
    connectionTimeout: PATIENCE_MS,
    greetingTimeout: PATIENCE_MS,
    socketTimeout: PATIENCE_MS,
    // A text is a text: nothing in it may make the library open a file or an address.
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  try {
    await transport.sendMail({
      from,
      to,
      subject,
      text,
      messageId: `<${key}@${from.slice(from.indexOf('@') + 1)}>`,
      headers: { 'Auto-Submitted': 'auto-generated' },
    })
    return null
  } catch (fault) {
    return codeOfFault(fault)
  } finally {
    transport.close()
  }
}

function codeOfFault(fault: unknown): ErrorCode {
  const { code, responseCode, message } = fault as { code?: unknown; responseCode?: unknown; message?: unknown }
  if (code === 'EAUTH') return 'DESTINATION_REFUSES_US'
  // The library tells of a certificate in words alone.
  if (code === 'ETLS' || (code === 'ESOCKET' && /certificate|altname|\bssl\b|\btls\b/i.test(String(message))))
    return 'TLS_FAILED'
  return typeof responseCode === 'number' ? 'DESTINATION_FAULT' : 'CONNECT_FAILED'
}
