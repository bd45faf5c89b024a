import type { AckPolicy, Destination, TlsFiles } from '../../../src/core/config.ts'

/** An MLLP destination on this machine. */
export function destinationAt(
  port: number,
  {
    timeoutMs = 10_000,
    tls = null,
    ackPolicy = {},
    maxInFlight = 1,
    urgentInFlight = 1,
    host = '127.0.0.1',
  }: {
    timeoutMs?: number
    tls?: TlsFiles | null
    ackPolicy?: AckPolicy
    maxInFlight?: number
    urgentInFlight?: number
    host?: string
  } = {},
): Destination {
  return {
    id: 'chu-angers/unv',
    establishment: 'chu-angers',
    use: 'qualification',
    target: { type: 'mllp', host, port, tls },
    maxInFlight,
    urgentInFlight,
    timeoutMs,
    retry: { firstMs: 1_000, factor: 2, maxMs: 300_000, expiresMs: 604_800_000 },
    order: 'patient',
    onUnknown: 'resend',
    onRefused: 'continue',
    ackPolicy,
  }
}
