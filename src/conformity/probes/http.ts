import { type IncomingMessage, request as plainRequest } from 'node:http'
import { request as secureRequest } from 'node:https'
import type { DicomwebTarget, FhirTarget, HttpTarget } from '../../core/config.ts'
import type { FoundFault } from '../../core/probes.ts'
import { connected, nameOf, refusal } from './connection.ts'
import { addressOf } from './endpoints.ts'
import { type Asking, type Finding, fault } from './parts.ts'

/** A request. `path` begins behind the declared base; '' is the base itself. */
export interface Question {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE'
  readonly path: string
  readonly accept: string
  readonly body?: string
}

/** An answer, whole. `sentAtMs` and `atMs`: our wall clock before the request and at its first byte. */
export interface HttpAnswer {
  readonly status: number
  readonly type: string
  /** The Date header, as it stands. */
  readonly date: string
  readonly body: Buffer
  readonly ms: number
  readonly sentAtMs: number
  readonly atMs: number
}

/** An answer, or the finding of there being none. */
export type Asked =
  | { readonly ok: true; readonly answer: HttpAnswer }
  | { readonly ok: false; readonly finding: Finding }

/**
 * Asks a declared address once, on a connection of its own: no redirection is followed, no proxy of the environment used, no
 * more read than the limit. Never rejects. */
export async function ask(
  target: FhirTarget | HttpTarget | DicomwebTarget,
  question: Question,
  asking: Asking,
): Promise<Asked> {
  const address = addressOf(target)
  const connection = await connected(address, asking)
  if (!connection.ok) return connection
  const { socket } = connection
  const { clock, signal, limits } = asking
  const { promise, resolve } = Promise.withResolvers<Asked>()
  const { method, path, accept, body } = question
  const [sentAtMs, startedAtMs] = [clock.nowMs(), clock.monotonicMs()]
  const fail = (found: FoundFault): void =>
    resolve({ ok: false, finding: { reached: true, facts: {}, faults: [found] } })
  const request = (address.secure ? secureRequest : plainRequest)(`${target.url.replace(/\/+$/, '')}${path}`, {
    method,
    createConnection: () => socket,
    headers: {
      accept,
      'accept-encoding': 'identity',
      connection: 'close',
      ...(target.bearer === null ? {} : { authorization: `Bearer ${target.bearer}` }),
      ...(body === undefined
        ? {}
        : { 'content-type': 'application/fhir+json', 'content-length': Buffer.byteLength(body) }),
    },
  })
  const broke = (thrown: unknown): void => {
    const code = String((thrown as NodeJS.ErrnoException).code ?? '')
    if (/^HPE_/.test(code)) fail(fault('ANSWER_GARBAGE'))
    else if (/^ERR_SSL/.test(code)) fail(refusal(code) ?? fault('TLS_FAILED', { reason: nameOf(code) }))
    else fail(fault('CONNECTION_CUT'))
  }
  request.on('error', broke)
  request.once('response', (response) => {
    const [atMs, ms] = [clock.nowMs(), Math.round(clock.monotonicMs() - startedAtMs)]
    read(response, limits.maxBytes).then((bytes) => {
      if (bytes === null) return fail(fault('ANSWER_TOO_LONG', { bytes: limits.maxBytes }))
      const { statusCode: status = 0, headers } = response
      const type = (headers['content-type'] ?? '').split(';', 1)[0]!.trim().toLowerCase()
      resolve({ ok: true, answer: { status, type, date: headers.date ?? '', body: bytes, ms, sentAtMs, atMs } })
    }, broke)
  })
  const late = (): void => fail(fault('NO_ANSWER', { ms: limits.totalMs }))
  signal.addEventListener('abort', late, { once: true })
  if (signal.aborted) late()
  request.end(body)
  const asked = await promise
  signal.removeEventListener('abort', late)
  socket.destroy()
  return asked
}

/** All of an answer; null: it is longer than is read. */
async function read(response: IncomingMessage, maxBytes: number): Promise<Buffer | null> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > maxBytes) return null
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

/** What a status says against us, or null where it is a success. `step`: which request it was. Pure. */
export function statusFault(status: number, step: string): FoundFault | null {
  if (status >= 200 && status < 300) return null
  if (status >= 300 && status < 400) return fault('REDIRECTED', { status })
  if (status === 401 || status === 403) return fault('UNAUTHORISED', { status })
  return fault('STATUS', { status, step })
}

/** LATE, when an answer took longer than it may. Pure. */
export function lateness(ms: number, within: number): FoundFault[] {
  return ms > within ? [fault('LATE', { ms, within })] : []
}
