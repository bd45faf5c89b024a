import type { MllpLimits } from '../../core/config.ts'

/** What a connection has been doing, as far as its clocks go. Times are monotonic ms, moved on by every wait of ours. */
export interface Conduct {
  /** A byte came, or the TLS handshake ended. */
  readonly greeted: boolean
  readonly openedAtMs: number
  readonly heardAtMs: number
  /** The block begun and not ended. */
  readonly block: { readonly startedAtMs: number; readonly bytes: number } | null
  /** Messages of this connection that we have not answered yet: then silence is ours. */
  readonly owed: number
  /** Named by a certificate, or on this machine: may be silent for `idleMs`. */
  readonly trusted: boolean
}

/** The limits of time of a door. */
export type Overdue = 'HANDSHAKE_TIMEOUT' | 'IDLE_TIMEOUT' | 'FRAME_TIMEOUT'

/** Which limit of time this conduct breaks at `nowMs`, or null. Pure; the limits are those of `MllpLimits`, in ms. */
export function overdue(conduct: Conduct, limits: MllpLimits, nowMs: number): Overdue | null {
  const silentMs = nowMs - conduct.heardAtMs
  if (!conduct.greeted) return nowMs - conduct.openedAtMs > limits.handshakeMs ? 'HANDSHAKE_TIMEOUT' : null
  if (conduct.block !== null) {
    const tookMs = nowMs - conduct.block.startedAtMs
    const crawls = tookMs > limits.rateGraceMs && (conduct.block.bytes * 1_000) / tookMs < limits.minBytesPerSecond
    return silentMs > limits.gapMs || crawls ? 'FRAME_TIMEOUT' : null
  }
  if (conduct.owed > 0) return null
  return silentMs > (conduct.trusted ? limits.idleMs : limits.handshakeMs) ? 'IDLE_TIMEOUT' : null
}
