/** Limits of an HTTP door; times ms, sizes bytes. */
export interface HttpLimits {
  /** Headers must be complete by then: 408, connection closed. */
  readonly headersMs: number
  /** The whole request must be there by then: 408, connection closed. */
  readonly requestMs: number
  readonly checkEveryMs: number
  /** TLS handshake; TLS_FAILED and closed after it. */
  readonly handshakeMs: number
  /** Silence between two requests of a connection. */
  readonly idleMs: number
  /** Silence of a connection whatever it waits for: a peer that does not read its answer. */
  readonly silenceMs: number
  /** FRAME_TOO_LONG (413) above, where a route does not say otherwise. */
  readonly bodyBytes: number
  /** 431 above. */
  readonly headerBytes: number
  /** CONNECTION_LIMIT and closed above. */
  readonly connections: number
  /** PEER_CONNECTION_LIMIT and closed above. */
  readonly connectionsPerPeer: number
  /** Bytes of messages read and not yet answered; above it bodies are not read. At least two of the largest. */
  readonly budgetBytes: number
  /** Failed calls per address and minute; RATE_LIMITED (429) above. */
  readonly failuresPerMinute: number
  /** Calls without a key, per address and minute, to what is open on this machine. */
  readonly openPerMinute: number
  /** Between two looks whether whoever listens to a live stream still may. */
  readonly knownMs: number
}

/** The limits of every HTTP door. */
export const HTTP_LIMITS: HttpLimits = {
  headersMs: 10_000,
  requestMs: 60_000,
  checkEveryMs: 5_000,
  handshakeMs: 10_000,
  idleMs: 30_000,
  silenceMs: 120_000,
  bodyBytes: 1_048_576,
  headerBytes: 16_384,
  connections: 512,
  connectionsPerPeer: 256,
  budgetBytes: 268_435_456,
  failuresPerMinute: 30,
  openPerMinute: 600,
  knownMs: 3_000,
}
