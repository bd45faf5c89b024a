import type { Socket } from 'node:net'
import type { ProbeAddress } from './endpoints.ts'
import { type Asking, type Finding, fault } from './parts.ts'

/** The far side refused our certificate, in OpenSSL's words: TLS 1.3 tells only after our side of the handshake is over. */
const REFUSED = /ALERT_(.*CERTIFICATE|UNKNOWN_CA|ACCESS_DENIED|DECRYPT_ERROR)/
/** A name of a system's or OpenSSL's fault, and nothing else. */
const NAME = /^[A-Z][A-Z0-9_]{1,60}$/

/** A verified connection as senders make it, or the finding of there being none. Never rejects. */
export async function connected(
  address: ProbeAddress,
  { dial, clock, signal }: Asking,
): Promise<{ readonly ok: true; readonly socket: Socket } | { readonly ok: false; readonly finding: Finding }> {
  const dialled = await dial(address, clock, signal)
  if (dialled.ok) return dialled
  const reason = dialled.aborted ? 'TIMEOUT' : (dialled.fault ?? 'CLOSED')
  const finding: Finding =
    dialled.code === 'TLS_FAILED'
      ? { reached: true, facts: {}, faults: [refusal(reason) ?? fault('TLS_FAILED', { reason: nameOf(reason) })] }
      : { reached: false, facts: {}, faults: [fault('NO_CONNECTION', { reason: nameOf(reason) })] }
  return { ok: false, finding }
}

/** CLIENT_REFUSED, when this is what the far side says of our certificate. */
export function refusal(code: string) {
  const alert = REFUSED.exec(code)?.[0]
  return alert === undefined ? null : fault('CLIENT_REFUSED', { alert })
}

/** A fault's name as it may be shown. */
export function nameOf(code: string): string {
  return NAME.test(code) ? code : 'UNKNOWN'
}
