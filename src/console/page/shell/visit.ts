import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Caller } from '../../../core/caller.ts'
import type { Config } from '../../../core/config.ts'
import { cookiesOf } from '../../../formats/http/cookies.ts'
import { type Language, languageOf } from '../../../formats/http/language.ts'
import { THEMES, type Theme } from './words.ts'

/** Somebody looks at a page. */
export interface Visit {
  /** Null: not known, on the pages that are open to all. */
  readonly caller: Caller | null
  readonly language: Language
  readonly theme: Theme
  readonly config: Config
  /** Without the query. */
  readonly path: string
  readonly query: URLSearchParams
}

/** A year: how long a browser keeps a preference (s). */
const KEPT_S = 31_536_000

/** Reads the visit of a request; a language or theme that the address asks for is kept by the browser from then on. */
export function visitOf(request: FastifyRequest, reply: FastifyReply, caller: Caller | null, config: Config): Visit {
  const { pathname, searchParams } = new URL(request.url, 'http://door.invalid')
  const kept = cookiesOf(request.headers.cookie)
  const language = languageOf(
    request.headers['accept-language'],
    searchParams.get('lang') ?? kept.get('lang'),
    config.region.locale,
  )
  const theme = [searchParams.get('theme'), kept.get('theme')].find(isTheme) ?? 'auto'
  if (searchParams.has('lang')) keep(reply, 'lang', language)
  if (searchParams.has('theme')) keep(reply, 'theme', theme)
  return { caller, language, theme, config, path: pathname, query: searchParams }
}

function isTheme(text: string | null | undefined): text is Theme {
  return THEMES.some((one) => one === text)
}

function keep(reply: FastifyReply, name: string, value: string): void {
  // One header line each: a second of the same name would take the place of the first.
  const before = reply.getHeader('set-cookie')
  const lines = before === undefined ? [] : [before].flat().map(String)
  const secure = 'encrypted' in reply.request.raw.socket
  const line = `${name}=${value}; Path=/; Max-Age=${KEPT_S}; SameSite=Lax; HttpOnly${secure ? '; Secure' : ''}`
  reply.removeHeader('set-cookie').header('set-cookie', [...lines, line])
}
