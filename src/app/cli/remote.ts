import type { ErrorCode } from '../../core/errors.ts'
import type { ActResult, MessageDetail, MessageFilter, MessagePage, ReplayResult } from '../../core/views.ts'
import { type Call, ProblemError, plain, UsageError } from './command.ts'
import type { Reach } from './reach.ts'

/** Where a request has not the form that is asked for, in brackets. */
function places(errors: unknown): string {
  const all = (Array.isArray(errors) ? errors : []) as readonly { readonly at?: unknown; readonly rule?: unknown }[]
  return all.length === 0 ? '' : plain(` (${all.map(({ at, rule }) => `${at}: ${rule}`).join(', ')})`)
}

/** An answer of the API. */
export interface Answer {
  readonly status: number
  readonly body: unknown
}

const TIMEOUT_MS = 30_000

function keyMissing(base: URL, call: Call): ProblemError {
  const loopback = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(base.hostname)
  const demo = {
    en: ' On the demo region: export PASSERELLE_KEY=demo-admin',
    fr: ' Sur la région de démonstration : export PASSERELLE_KEY=demo-admin',
  }[call.language]
  const sentence = {
    en: `The gateway at ${base.origin} wants a valid key: put yours in PASSERELLE_KEY.`,
    fr: `La plateforme à ${base.origin} demande une clé valable : mettez la vôtre dans PASSERELLE_KEY.`,
  }[call.language]
  return new ProblemError(loopback ? sentence + demo : sentence, 'UNAUTHORIZED')
}

function baseOf(url: string, call: Call): URL {
  const base = URL.parse(url)
  if (base !== null && (base.protocol === 'http:' || base.protocol === 'https:')) return base
  throw new UsageError(
    { en: `${plain(url)} is no http address.`, fr: `${plain(url)} n'est pas une adresse http.` }[call.language],
  )
}

function failure(answer: Answer): ProblemError {
  const { type, title, status, instance, code, detail, ...also } = (answer.body ?? {}) as Record<string, unknown>
  return typeof code === 'string' && typeof detail === 'string'
    ? new ProblemError(`${plain(code)}: ${plain(detail)}${places(also['errors'])}`, plain(code) as ErrorCode, also)
    : new ProblemError(`HTTP ${answer.status}`)
}

/** The HTTP API of a running gateway. */
export interface RemoteGateway {
  /** @throws {ProblemError} when nobody answers, or the key is not known */
  ask(method: 'GET' | 'POST', path: string, body?: object): Promise<Answer>
  /** The JSON of a 200. @throws {ProblemError} with the gateway's code and help for anything else */
  need<T>(method: 'GET' | 'POST', path: string, body?: object): Promise<T>
  /** The bytes of a 200 as they come, however long it takes; without a body it is got. @throws {ProblemError} as `need` does */
  stream(path: string, body?: object): Promise<AsyncIterable<Uint8Array>>
  /** The text of a 200. @throws {ProblemError} as `need` does */
  text(path: string): Promise<string>
  /** Sends bytes as they are read; the JSON of a 200. @throws {ProblemError} as `need` does */
  upload<T>(path: string, chunks: AsyncIterable<Uint8Array>): Promise<T>
}

/** The gateway at an address, with the key in PASSERELLE_KEY. @throws {UsageError} when `url` is no address */
export function gatewayAt(url: string, call: Call): RemoteGateway {
  const base = baseOf(url, call)
  const key = call.env.PASSERELLE_KEY ?? ''

  const sendAs = async (
    method: 'GET' | 'POST',
    path: string,
    type: string | null,
    more: RequestInit & { readonly duplex?: 'half' },
  ): Promise<Response> => {
    let response: Response
    try {
      response = await fetch(new URL(path, base), {
        method,
        redirect: 'error',
        headers: {
          'accept-language': call.language,
          ...(key === '' ? {} : { authorization: `Bearer ${key}` }),
          ...(type === null ? {} : { 'content-type': type }),
        },
        ...more,
      })
    } catch {
      throw new ProblemError(
        {
          en: `No gateway answers at ${base.origin}: is it running, and is this its HTTP address (--url)?`,
          fr: `Aucune plateforme ne répond à ${base.origin} : est-elle en marche, est-ce bien son adresse HTTP (--url) ?`,
        }[call.language],
        'CONNECT_FAILED',
      )
    }
    if (response.status === 401) throw keyMissing(base, call)
    return response
  }
  const send = (method: 'GET' | 'POST', path: string, body?: object, limitMs?: number): Promise<Response> =>
    sendAs(method, path, body === undefined ? null : 'application/json', {
      ...(limitMs === undefined ? {} : { signal: AbortSignal.timeout(limitMs) }),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
  const answerOf = async (response: Response): Promise<Answer> => ({
    status: response.status,
    body: await response.json().catch(() => null),
  })
  const ask = async (method: 'GET' | 'POST', path: string, body?: object): Promise<Answer> =>
    answerOf(await send(method, path, body, TIMEOUT_MS))
  return {
    ask,
    async need<T>(method: 'GET' | 'POST', path: string, body?: object) {
      const answer = await ask(method, path, body)
      if (answer.status !== 200) throw failure(answer)
      return answer.body as T
    },
    async stream(path, body) {
      const response = await send(body === undefined ? 'GET' : 'POST', path, body)
      if (response.status !== 200 || response.body === null) throw failure(await answerOf(response))
      return response.body
    },
    async text(path) {
      const response = await send('GET', path)
      if (response.status !== 200) throw failure(await answerOf(response))
      return response.text()
    },
    async upload<T>(path: string, chunks: AsyncIterable<Uint8Array>) {
      const body = ReadableStream.from(chunks) as unknown as ReadableStream
      const answer = await answerOf(await sendAs('POST', path, 'application/octet-stream', { body, duplex: 'half' }))
      if (answer.status !== 200) throw failure(answer)
      return answer.body as T
    },
  }
}

/** A filter as the API takes it. */
export function filterJson({ sinceMs, untilMs, ...filter }: MessageFilter): object {
  return {
    ...filter,
    ...(sinceMs === undefined ? {} : { since: new Date(sinceMs).toISOString() }),
    ...(untilMs === undefined ? {} : { until: new Date(untilMs).toISOString() }),
  }
}

/** A running gateway through its HTTP API, with the key in PASSERELLE_KEY. @throws {UsageError} when `url` is no address */
export function httpReach(url: string, call: Call): Reach {
  const { ask, need } = gatewayAt(url, call)
  return {
    messages: (filter) => need<MessagePage>('POST', '/api/messages/search', filterJson(filter)),
    async message(id) {
      const answer = await ask('GET', `/api/messages/${encodeURIComponent(id)}`)
      if (answer.status === 404) return null
      if (answer.status !== 200) throw failure(answer)
      return answer.body as MessageDetail
    },
    act: (act, delivery, reason) =>
      need<ActResult>('POST', `/api/deliveries/${encodeURIComponent(delivery)}/${act}`, { reason }),
    replay: (message, { to, dryRun, reason }) =>
      need<ReplayResult>('POST', `/api/messages/${encodeURIComponent(message)}/replay`, {
        dryRun,
        reason,
        ...(to === null ? {} : { to }),
      }),
    replayMany: ({ filter, to, after, ...ask }) =>
      need('POST', '/api/messages/replay', {
        ...ask,
        filter: filterJson(filter),
        ...(to === null ? {} : { to }),
        ...(after === null ? {} : { after }),
      }),
    close: async () => {},
  }
}
