import { type buildConnector, errors, Pool } from 'undici'
import type { DicomwebTarget, FhirTarget, HttpTarget } from '../../core/config.ts'
import type { ErrorCode } from '../../core/errors.ts'
import type { SenderParts, To } from '../attempts.ts'
import { type Address, dial, isHandshakeAlert, standing } from '../dial.ts'
import { UnfitAnswer } from './witness.ts'

/** An idle connection is dropped after this (ms), sooner when the far side says so: most servers wait 5 s or more. */
const IDLE_MS = 4_000

/** No connection came to be. `DRAINING`: we gave up. */
export class DialFailure extends Error {
  readonly code: ErrorCode
  constructor(code: ErrorCode) {
    super(code)
    this.code = code
  }
}

/**
 * The connections to one HTTP address, opened by `dial`: `maxInFlight` and `urgentInFlight` at most, HTTP/1.1, one request
 * on each at a time; redirections are not followed, and no proxy of the environment is used. Nothing is timed here.
 * `signal`: turns away who waits for a connection. `maxAnswerBytes` absent: answers of any length. */
export function poolTo(
  destination: To<HttpTarget | FhirTarget | DicomwebTarget>,
  { clock, log, meter }: SenderParts,
  { signal, maxAnswerBytes = -1 }: { readonly signal: AbortSignal; readonly maxAnswerBytes?: number },
): Pool {
  const url = new URL(destination.target.url)
  const secure = url.protocol === 'https:'
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const port = Number(url.port) || (secure ? 443 : 80)
  const address: Address = { host, port, secure, tls: destination.target.tls }
  const connect = async (done: buildConnector.Callback): Promise<void> => {
    const dialled = await dial(address, clock, signal)
    if (!dialled.ok) return done(new DialFailure(dialled.aborted ? 'DRAINING' : dialled.code), null)
    const { socket } = dialled
    await standing(socket, secure, clock)
    if (socket.destroyed || socket.readableEnded) {
      socket.destroy()
      return done(new DialFailure(secure ? 'TLS_FAILED' : 'CONNECT_FAILED'), null)
    }
    meter.count('sender_connections_total', { destination: destination.id })
    log.info(`${destination.target.type}.connected`, { destination: destination.id, peer: `${host}:${port}` })
    done(null, socket)
  }
  return new Pool(url.origin, {
    connections: Math.max(1, destination.maxInFlight + destination.urgentInFlight),
    pipelining: 1,
    allowH2: false,
    keepAliveTimeout: IDLE_MS,
    maxResponseSize: maxAnswerBytes,
    // Both are measured by our clock instead.
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: (_options, callback) => void connect(callback),
  })
}

/** An error and what it was caused by, outermost first. */
export function causes(fault: unknown): Error[] {
  const found: Error[] = []
  for (let one = fault; one instanceof Error && found.length < 5; one = one.cause) found.push(one)
  return found
}

/** What came back is no HTTP, or no answer to this request, or more than is read. */
const NO_ANSWER = [
  UnfitAnswer,
  errors.HTTPParserError,
  errors.HeadersOverflowError,
  errors.ResponseExceededMaxSizeError,
] as const

/** What broke a request that had begun: ANSWER_GARBAGE, TLS_FAILED, or CONNECTION_CUT. */
export function brokenBy(fault: unknown): ErrorCode {
  for (const one of causes(fault)) {
    if (NO_ANSWER.some((kind) => one instanceof kind)) return 'ANSWER_GARBAGE'
    if (isHandshakeAlert(String((one as NodeJS.ErrnoException).code ?? ''))) return 'TLS_FAILED'
  }
  return 'CONNECTION_CUT'
}
