import type { Dispatcher, Pool } from 'undici'
import type { DicomwebTarget } from '../../core/config.ts'
import { ERRORS, type ErrorCode, GatewayError } from '../../core/errors.ts'
import type { FromArchive } from '../../core/images.ts'
import type { SenderParts, To } from '../attempts.ts'
import { brokenBy, causes, DialFailure, poolTo } from '../http/pool.ts'

/** A request to an archive. `path` begins behind the base. */
export interface ArchiveRequest {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: AsyncIterable<Uint8Array>
}

/** A request under way. */
export interface Exchange {
  readonly response: Dispatcher.ResponseData
  /** The answer as it comes; reading it counts as life. */
  readonly chunks: AsyncIterable<Uint8Array>
  /** Nothing more is read: frees the connection, which is only used again when the answer was read to its end. */
  end(): void
}

/** Requests to one archive over connections that are kept. */
export interface Exchanges {
  ask(request: ArchiveRequest, signal: AbortSignal): Promise<FromArchive<Exchange>>
  close(): Promise<void>
}

/** Not now, rather than no. */
const LATER = new Set([401, 403, 404, 408, 429, 503])

/**
 * Requests end after `timeoutMs` in which not a byte moved either way. Statuses below 300 are answers, and 409 to a POST
 * is one (PS3.18 §10.5.3); the others are told as codes. Never rejects. */
export function exchanges(destination: To<DicomwebTarget>, parts: SenderParts): Exchanges {
  const ending = new AbortController()
  const pool = poolTo(destination, parts, { signal: ending.signal })
  return {
    ask: (request, signal) => ask(pool, destination, request, { clock: parts.clock, signal }),
    async close() {
      ending.abort()
      await pool.destroy()
    },
  }
}

async function ask(
  pool: Pool,
  { target, timeoutMs }: To<DicomwebTarget>,
  { method, path, headers, body }: ArchiveRequest,
  { clock, signal }: { readonly clock: SenderParts['clock']; readonly signal: AbortSignal },
): Promise<FromArchive<Exchange>> {
  const stop = new AbortController()
  let late = false
  let cancel = (): void => {}
  const alive = (): void => {
    cancel()
    cancel = clock.after(timeoutMs, () => {
      late = true
      stop.abort()
    })
  }
  const abort = (): void => stop.abort()
  const over = (): void => {
    cancel()
    signal.removeEventListener('abort', abort)
  }
  signal.addEventListener('abort', abort, { once: true })
  if (signal.aborted) abort()
  alive()
  try {
    const response = await pool.request({
      method,
      path: `${new URL(target.url).pathname.replace(/\/+$/, '')}${path}`,
      headers: {
        ...headers,
        'accept-encoding': 'identity',
        ...(target.bearer !== null && { authorization: `Bearer ${target.bearer}` }),
      },
      signal: stop.signal,
      ...(body !== undefined && { body: living(body, alive) as unknown as Buffer }),
    })
    const { statusCode: status } = response
    if (status < 300 || (status === 409 && method === 'POST')) {
      const end = (): void => {
        over()
        response.body.destroy()
      }
      return { ok: true, value: { response, chunks: reading(response.body, alive, () => late), end } }
    }
    over()
    response.body.on('error', () => {}).destroy()
    return { ok: false, code: codeOfStatus(status), again: LATER.has(status) || status >= 500 }
  } catch (fault) {
    over()
    return { ok: false, ...faultOf(fault, late) }
  }
}

async function* living(body: AsyncIterable<Uint8Array>, alive: () => void): AsyncGenerator<Uint8Array> {
  for await (const chunk of body) {
    alive()
    yield chunk
  }
}

/** @throws {GatewayError} CONNECTION_CUT, ANSWER_TIMEOUT, ANSWER_GARBAGE */
async function* reading(
  body: AsyncIterable<Uint8Array>,
  alive: () => void,
  late: () => boolean,
): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of body) {
      alive()
      yield chunk
    }
  } catch (fault) {
    throw new GatewayError(late() ? 'ANSWER_TIMEOUT' : brokenBy(fault))
  }
}

function codeOfStatus(status: number): ErrorCode {
  if (status === 404) return 'IMAGES_ABSENT'
  if (status === 401 || status === 403) return 'DESTINATION_REFUSES_US'
  if (status === 408 || status === 429 || status === 503) return 'DESTINATION_BUSY'
  return status >= 500 ? 'DESTINATION_FAULT' : 'ACK_REJECT'
}

function faultOf(fault: unknown, late: boolean): { readonly code: ErrorCode; readonly again: boolean } {
  for (const one of causes(fault)) {
    if (one instanceof GatewayError) return { code: one.code, again: ERRORS[one.code].class !== 'refused' }
    if (one instanceof DialFailure) return { code: one.code, again: true }
  }
  return { code: late ? 'ANSWER_TIMEOUT' : brokenBy(fault), again: true }
}
