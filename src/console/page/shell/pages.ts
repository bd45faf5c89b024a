import { Readable } from 'node:stream'
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import type { Look, LookedAt } from '../../../core/audit.ts'
import { type Caller, sightOf } from '../../../core/caller.ts'
import type { Config } from '../../../core/config.ts'
import { codeOf, ERRORS, type ErrorCode, GatewayError } from '../../../core/errors.ts'
import { HELP_EN } from '../../../core/help-en.ts'
import { HELP_FR } from '../../../core/help-fr.ts'
import { announcedTo } from '../../../core/neighbours.ts'
import type { Permission } from '../../../core/roles.ts'
import type { Maintenance } from '../../../core/treat.ts'
import { boundaryOf, readMultipart, type SentFile } from '../../../formats/http/multipart.ts'
import type { Guards, Server } from '../../console.ts'
import { html } from '../html.ts'
import { document, type PageBody, type Surroundings } from './shell.ts'
import { type Visit, visitOf } from './visit.ts'
import { SHELL_WORDS } from './words.ts'

/** A form is a person's few words, never a document (bytes). */
const FORM_BYTES = 65_536
/** A visit of somebody who is known. */
export interface KnownVisit extends Visit {
  readonly caller: Caller
}

/** Names of an address, `/messages/:id`. */
export type Params = Readonly<Record<string, string>>

/** Leads to another page, by its path. */
export interface Elsewhere {
  readonly to: string
}

/** A file for the person to keep, written while it is made. */
export interface Download {
  /** Its name: letters, digits, `.` and `-`. */
  readonly file: string
  /** Content-Disposition, where somebody else named it: it is kept, and its content trusted with nothing. Absent: by `file`. */
  readonly disposition?: string
  /** Content type. */
  readonly type: string
  readonly body: string | AsyncIterable<Uint8Array | string>
  /** What it holds, for the audit. */
  readonly about?: LookedAt
}

/** A page to look at, or one that leads to another. What `show` throws becomes a page that says so. */
export interface PageRoute {
  readonly path: string
  readonly permission: Permission
  /** What the audit calls a look at it; null: it shows nobody; absent: as its permission tells. */
  readonly look?: Look['what'] | null
  show(visit: KnownVisit, params: Params): Promise<PageBody | Elsewhere | Download>
}

/** A form that somebody sends: done, it leads to another page (`to`), shows one itself, or gives a file. */
export interface FormRoute {
  readonly path: string
  readonly permission: Permission
  /** Longest form it takes (bytes); absent: 64 KiB, a person's few words. */
  readonly maxBytes?: number
  /** It takes files too (`multipart/form-data`, RFC 7578). */
  readonly files?: boolean
  /** What the audit calls a look at the page that it answers with; absent: it shows nobody. */
  readonly look?: Look['what']
  act(
    visit: KnownVisit,
    fields: URLSearchParams,
    params: Params,
    files: readonly SentFile[],
  ): Promise<PageBody | Elsewhere | Download>
}

/** A page or form that deals with cookies, or with people who are not known yet. `permission` null: it is open to all. */
export interface RawRoute {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly permission: Permission | null
  /** As of a page. */
  readonly look?: Look['what'] | null
  answer(exchange: RawExchange): Promise<PageBody | Elsewhere | Download>
}

/** What such a page or form is given. `visit.caller` is null where it is open to all. */
export interface RawExchange {
  readonly visit: Visit
  readonly request: FastifyRequest
  readonly reply: FastifyReply
  /** Empty for a page. */
  readonly fields: URLSearchParams
  readonly params: Params
}

/** What pages are served with. */
export interface PageParts extends Surroundings {
  readonly config: () => Config
}

/** Pages and forms of one area. */
export interface Routes {
  readonly pages?: readonly PageRoute[]
  readonly forms?: readonly FormRoute[]
  readonly raw?: readonly RawRoute[]
}

/** What is announced at a door, by its guards: pages of every plugin of the door tell it, and none has to be given it. */
const announcements = new WeakMap<Guards, () => readonly Maintenance[]>()

/** From now on every page behind these guards announces what `planned` gives, to those whom it touches. */
export function announceAt(guards: Guards, planned: () => readonly Maintenance[]): void {
  announcements.set(guards, planned)
}

/** Serves pages and forms; whoever may not see one is told so on a page, in their language. */
export function servePages(
  server: Server,
  guards: Guards,
  given: PageParts,
  { pages = [], forms = [], raw = [] }: Routes,
): void {
  const announced = (caller: Caller | null): readonly Maintenance[] =>
    announcedTo(announcements.get(guards)?.() ?? [], given.config(), sightOf(caller))
  const parts: PageParts = { ...given, maintenance: announced }
  server.register(async (plain) => {
    const scope = plain as unknown as Server
    // Pages are for people: the description of the API has no room for them.
    scope.addHook('onRoute', (route) => {
      route.schema = { ...route.schema, hide: true }
    })
    takeForms(scope)
    scope.setErrorHandler((error: FastifyError, request, reply) =>
      answerError(error, request, reply, { ...parts, maintenance: () => announced(guards.knownOf(request)) }),
    )
    const finish = (
      request: FastifyRequest,
      reply: FastifyReply,
      done: PageBody | Elsewhere | Download,
      seen: Visit,
    ) => {
      if ('about' in done && done.about !== undefined) guards.about(request, done.about)
      return send(reply, done, seen, parts)
    }
    const visit = (request: FastifyRequest, reply: FastifyReply): KnownVisit => {
      const caller = guards.callerOf(request)
      return { ...visitOf(request, reply, caller, parts.config()), caller }
    }
    for (const { path, permission, look, show } of pages) {
      scope.get(path, { onRequest: guards.may(permission), config: noted(look) }, async (request, reply) => {
        const seen = visit(request, reply)
        const done = await show(seen, request.params as Params)
        return finish(request, reply, done, seen)
      })
    }
    for (const { path, permission, maxBytes: bodyLimit = FORM_BYTES, files: takes = false, look, act } of forms) {
      scope.post(
        path,
        { onRequest: guards.may(permission), bodyLimit, config: noted(look) },
        async (request, reply) => {
          const { fields, files } = formOf(request.body)
          if (files.length > 0 && !takes) throw new GatewayError('BAD_REQUEST')
          const seen = visit(request, reply)
          const done = await act(seen, fields, request.params as Params, files)
          return finish(request, reply, done, seen)
        },
      )
    }
    for (const { method, path, permission, look, answer: make } of raw) {
      const onRequest = permission === null ? guards.visitor : guards.may(permission)
      scope.route({
        method,
        url: path,
        onRequest,
        config: noted(look),
        async handler(request, reply) {
          const fields = method === 'POST' ? request.body : new URLSearchParams()
          if (!(fields instanceof URLSearchParams)) throw new GatewayError('BAD_REQUEST')
          const caller = permission === null ? null : guards.callerOf(request)
          const seen = visitOf(request, reply, caller, parts.config())
          const done = await make({ visit: seen, request, reply, fields, params: request.params as Params })
          return finish(request, reply, done, seen)
        },
      })
    }
  })
}

/** Takes forms, and nothing else. */
function takeForms(scope: Server): void {
  scope.removeAllContentTypeParsers()
  scope.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string', bodyLimit: FORM_BYTES },
    (_request, text, done) => done(null, new URLSearchParams(String(text))),
  )
  scope.addContentTypeParser(
    'multipart/form-data',
    { parseAs: 'buffer', bodyLimit: FORM_BYTES },
    (request, body, done) => {
      const boundary = boundaryOf(request.headers['content-type'] ?? '')
      done(null, boundary === null ? null : readMultipart(body as Buffer, boundary))
    },
  )
}

/** What a route tells the audit. */
const noted = (look: Look['what'] | null | undefined) => (look === undefined ? {} : { look })

/** @throws {GatewayError} BAD_REQUEST when the body is no form */
function formOf(body: unknown): { readonly fields: URLSearchParams; readonly files: readonly SentFile[] } {
  if (body instanceof URLSearchParams) return { fields: body, files: [] }
  if (typeof body !== 'object' || body === null || !('files' in body)) throw new GatewayError('BAD_REQUEST')
  return body as ReturnType<typeof formOf>
}

function send(
  reply: FastifyReply,
  done: PageBody | Elsewhere | Download,
  visit: Visit,
  parts: PageParts,
): FastifyReply {
  if ('file' in done) return sendFile(reply, done)
  return 'to' in done ? reply.redirect(done.to, 303) : answer(reply, done, visit, parts)
}

/** What a browser is told of a file that somebody else wrote: it runs nothing, loads nothing, and is not guessed at. */
export const SANDBOXED = {
  'content-security-policy': "sandbox; default-src 'none'",
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-store',
} as const

/** Sends a file; what fails on the way cuts it off. */
function sendFile(reply: FastifyReply, { file, disposition, type, body }: Download): FastifyReply {
  if (disposition !== undefined) reply.headers(SANDBOXED)
  return reply
    .header('content-type', type)
    .header('content-disposition', disposition ?? `attachment; filename="${file}"`)
    .send(typeof body === 'string' ? body : Readable.from(body, { objectMode: false }))
}

/** Sends a page. */
export function answer(reply: FastifyReply, page: PageBody, visit: Visit, parts: PageParts): FastifyReply {
  return reply
    .header('content-type', 'text/html; charset=utf-8')
    .header('content-language', visit.language)
    .header('vary', 'Accept-Language, Cookie')
    .send(document(page, visit, parts).text)
}

function answerError(error: FastifyError, request: FastifyRequest, reply: FastifyReply, parts: PageParts) {
  const code: ErrorCode =
    error instanceof GatewayError ? codeOf(error) : (error.statusCode ?? 500) < 500 ? 'BAD_REQUEST' : 'INTERNAL'
  // The door logs what nobody foresaw, and answers it.
  if (code === 'INTERNAL') throw error
  const isBrowser = code === 'UNAUTHORIZED' && asksForPage(request)
  if (isBrowser && request.method === 'GET') return reply.redirect(signInTo(request.url), 303)
  const visit = visitOf(request, reply, null, parts.config())
  const words = SHELL_WORDS[visit.language]
  if (isBrowser) {
    const body = html`<p class="alarm">${words.endedTells}</p><p data-held hidden>${words.endedHeld}</p><p><a href="${signInTo(pageOf(request))}">${words.signInAgain}</a></p>`
    return answer(reply.code(ERRORS[code].http), { title: words.ended, body }, visit, parts)
  }
  const help = (visit.language === 'fr' ? HELP_FR : HELP_EN)[code]
  const body = html`<p class="alarm">${help}</p><p class="quiet">${code} · ${request.id}</p><p><a href="/">${words.back}</a></p>`
  return answer(reply.code(ERRORS[code].http), { title: words.failed, body }, visit, parts)
}

/** The page for a person whose address leads to none, as an old link or a slip of the hand does; null: a program asks. */
export function lostPage(parts: PageParts): (request: FastifyRequest, reply: FastifyReply) => FastifyReply | null {
  return (request, reply) => {
    if (request.method !== 'GET' || !asksForPage(request)) return null
    const visit = visitOf(request, reply, null, parts.config())
    const words = SHELL_WORDS[visit.language]
    const body = html`<p>${words.lostTells}</p><p><a href="/">${words.back}</a></p>`
    return answer(reply.code(ERRORS.NOT_FOUND.http), { title: words.lost, body }, visit, parts)
  }
}

const signInTo = (path: string): string => `/connexion?suite=${encodeURIComponent(path)}`

/** The page that a form stood on, as far as its address tells: its own, or the one above it. */
function pageOf({ url, routeOptions, server }: FastifyRequest): string {
  const above = (path: string): string => path.slice(0, Math.max(1, path.lastIndexOf('/')))
  const [path = '/'] = url.split('?', 1)
  const isPage = (pattern: string): boolean => server.hasRoute({ method: 'GET', url: pattern })
  const pattern = routeOptions.url ?? ''
  return isPage(pattern) ? path : isPage(above(pattern)) ? above(path) : '/'
}

/** A browser that shows no key is led to sign-in, from a form by a page that says so; a program is told why not. */
function asksForPage({ headers }: FastifyRequest): boolean {
  return headers.authorization === undefined && (headers.accept ?? '').includes('text/html')
}
