import type { AckPolicy, FhirTarget, HttpTarget, MllpTarget, TlsFiles } from '../../../src/core/config.ts'
import type { To } from '../../../src/senders/attempts.ts'

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
): To<MllpTarget> {
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

/** An HTTP or FHIR destination on this machine; `https` when there is `tls`. */
export function urlDestination<T extends 'http' | 'fhir'>(
  type: T,
  port: number,
  {
    bearer = null,
    path = type === 'fhir' ? '/fhir' : '/hl7',
    tls = null,
    ...others
  }: Parameters<typeof destinationAt>[1] & { bearer?: string | null; path?: string } = {},
): To<T extends 'fhir' ? FhirTarget : HttpTarget> {
  const url = `${tls === null ? 'http' : 'https'}://${others.host ?? '127.0.0.1'}:${port}${path}`
  const target = { type, url, tls, bearer } as T extends 'fhir' ? FhirTarget : HttpTarget
  return { ...destinationAt(port, others), target }
}
