import type { ActResult, MessageDetail, MessageFilter, MessagePage, ReplayResult } from '../../core/views.ts'
import { type Call, ProblemError, plain, UsageError } from './command.ts'
import type { Reach } from './reach.ts'

interface Answer {
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
  return new ProblemError(loopback ? sentence + demo : sentence)
}

function baseOf(url: string, call: Call): URL {
  const base = URL.parse(url)
  if (base !== null && (base.protocol === 'http:' || base.protocol === 'https:')) return base
  throw new UsageError(
    { en: `${plain(url)} is no http address.`, fr: `${plain(url)} n'est pas une adresse http.` }[call.language],
  )
}

function failure(answer: Answer): ProblemError {
  const { code, detail } = (answer.body ?? {}) as { code?: unknown; detail?: unknown }
  return typeof code === 'string' && typeof detail === 'string'
    ? new ProblemError(`${plain(code)}: ${plain(detail)}`)
    : new ProblemError(`HTTP ${answer.status}`)
}

/** A running gateway through its HTTP API, with the key in PASSERELLE_KEY. @throws {UsageError} when `url` is no address */
export function httpReach(url: string, call: Call): Reach {
  const base = baseOf(url, call)
  const key = call.env.PASSERELLE_KEY ?? ''

  const ask = async (method: 'GET' | 'POST', path: string, body?: object): Promise<Answer> => {
    let response: Response
    try {
      response = await fetch(new URL(path, base), {
        method,
        redirect: 'error',
        signal: AbortSignal.timeout(TIMEOUT_MS),
        headers: {
          'accept-language': call.language,
          ...(key === '' ? {} : { authorization: `Bearer ${key}` }),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
    } catch {
      throw new ProblemError(
        {
          en: `No gateway answers at ${base.origin}: is it running, and is this its HTTP address (--url)?`,
          fr: `Aucune plateforme ne répond à ${base.origin} : est-elle en marche, est-ce bien son adresse HTTP (--url) ?`,
        }[call.language],
      )
    }
    if (response.status === 401) throw keyMissing(base, call)
    return { status: response.status, body: await response.json().catch(() => null) }
  }
  const need = async <T>(answer: Promise<Answer>): Promise<T> => {
    const got = await answer
    if (got.status !== 200) throw failure(got)
    return got.body as T
  }
  return {
    messages({ sinceMs, ...filter }: MessageFilter) {
      const since = sinceMs === undefined ? {} : { since: new Date(sinceMs).toISOString() }
      return need<MessagePage>(ask('POST', '/api/messages/search', { ...filter, ...since }))
    },
    async message(id) {
      const answer = await ask('GET', `/api/messages/${encodeURIComponent(id)}`)
      return answer.status === 404 ? null : need<MessageDetail>(Promise.resolve(answer))
    },
    act: (act, delivery, reason) =>
      need<ActResult>(ask('POST', `/api/deliveries/${encodeURIComponent(delivery)}/${act}`, { reason })),
    replay: (message, { to, dryRun, reason }) =>
      need<ReplayResult>(
        ask('POST', `/api/messages/${encodeURIComponent(message)}/replay`, {
          dryRun,
          reason,
          ...(to === null ? {} : { to }),
        }),
      ),
    close: async () => {},
  }
}
