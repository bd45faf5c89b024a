import type { FastifyReply, FastifyRequest } from 'fastify'
import { html } from '../../console/page/html.ts'
import { serveAssets } from '../../console/page/shell/assets.ts'
import { type Elsewhere, type RawExchange, type RawRoute, servePages } from '../../console/page/shell/pages.ts'
import type { Config, HttpDoor } from '../../core/config.ts'
import { GatewayError } from '../../core/errors.ts'
import type { Guards } from '../../entrances/http/guard.ts'
import type { HttpPlugin } from '../../entrances/http/server.ts'
import { cookieLine, isOwnPage, sessionCookie } from '../../entrances/http/session.ts'
import { demoRole } from './demo.ts'
import { DEMO, hashed } from './grants.ts'
import { ownPath } from './own-path.ts'
import { rolePage, signInPage } from './pages.ts'
import { sessionRoutes } from './session-routes.ts'
import type { Sessions } from './sessions.ts'
import { SIGN_IN_WORDS } from './words.ts'

/** What sign-in is served with. */
export interface SignInParts {
  readonly config: () => Config
  readonly sessions: Sessions
  readonly version: string
}

/** What routes of sign-in have at hand at one door. */
export interface AtDoor extends SignInParts {
  readonly door: HttpDoor
  readonly guards: Guards
}

/** Sign-in, sign-out and the page on one's session, for an HTTP door. */
export function signInPlugin(parts: SignInParts): HttpPlugin {
  return (server, { door, guards }) => {
    serveAssets(server, guards, import.meta.url, ['./sign-in.css', './sign-in.js'])
    server.addHook('onRoute', (route) => {
      route.schema = { ...route.schema, hide: true }
    })
    const at: AtDoor = { ...parts, door, guards }
    const around = { config: parts.config, version: parts.version, demo: false }
    servePages(server, guards, around, { raw: [...openRoutes(at), ...sessionRoutes(at)] })
  }
}

function openRoutes(at: AtDoor): readonly RawRoute[] {
  const open = { permission: null } as const
  return [
    { ...open, method: 'GET', path: '/connexion', answer: (exchange) => start(exchange, at) },
    { ...open, method: 'POST', path: '/connexion/demo', answer: (exchange) => demo(exchange, at) },
    { ...open, method: 'POST', path: '/connexion/role', answer: (exchange) => takeRole(exchange, at) },
  ]
}

/** Puts the cookie of a session into the answer. */
export function setSession(reply: FastifyReply, door: HttpDoor, cookie: string): void {
  addCookie(reply, cookieLine(door, 'session', cookie, { sameSite: 'Strict', maxAgeS: null }))
}

/** Takes the cookie of a session out of the browser. */
export function clearSession(reply: FastifyReply, door: HttpDoor): void {
  addCookie(reply, cookieLine(door, 'session', '', { sameSite: 'Strict', maxAgeS: 0 }))
}

/** One header line each: a second of the same name would take the place of the first. */
export function addCookie(reply: FastifyReply, line: string): void {
  const before = reply.getHeader('set-cookie')
  const lines = before === undefined ? [] : [before].flat().map(String)
  reply.removeHeader('set-cookie').header('set-cookie', [...lines, line])
}

/** A form of ours, from a page of ours. @throws {GatewayError} CROSS_SITE */
export function ownForm(request: FastifyRequest, door: HttpDoor): void {
  if (!isOwnPage(request.raw, door)) throw new GatewayError('CROSS_SITE')
}

/** The demo is for this machine alone, by its address and by the name it is called. */
function demoHere(request: FastifyRequest, { config, guards }: AtDoor): boolean {
  return config().signIn?.demo === true && guards.isLocal(request)
}

async function start({ visit, request }: RawExchange, at: AtDoor) {
  const next = ownPath(visit.query.get('suite'))
  const cookie = sessionCookie(request.raw, at.door)
  const open = cookie === null ? null : await at.sessions.find(cookie)
  if (open?.person) return { to: next }
  if (open) return rolePage(open.row.who, open.grants, next, visit)
  const { signedOut } = SIGN_IN_WORDS[visit.language]
  const note = visit.query.has('fin') ? { note: html`<p role="status">${signedOut}</p>` } : {}
  return signInPage({ signIn: at.config().signIn, demo: demoHere(request, at), next, ...note }, visit)
}

async function demo({ request, reply, fields }: RawExchange, at: AtDoor): Promise<Elsewhere> {
  ownForm(request, at.door)
  const role = fields.get('role') ?? ''
  if (!demoHere(request, at)) throw new GatewayError('FORBIDDEN')
  const who = `demo-${role}`
  if (demoRole(who) === null) throw new GatewayError('BAD_REQUEST')
  await leave(request, at)
  const identity = { who, provider: DEMO, person: hashed(DEMO, who), entries: [] }
  setSession(reply, at.door, await at.sessions.begin(identity, 'sign-in'))
  return { to: ownPath(fields.get('suite')) }
}

/** Whoever signs in anew leaves the session they had. */
export async function leave(request: FastifyRequest, { sessions, door }: AtDoor): Promise<void> {
  const cookie = sessionCookie(request.raw, door)
  if (cookie !== null) await sessions.signOut(cookie)
}

async function takeRole({ request, reply, fields }: RawExchange, at: AtDoor): Promise<Elsewhere> {
  ownForm(request, at.door)
  const cookie = sessionCookie(request.raw, at.door)
  const next = ownPath(fields.get('suite'))
  const turned = cookie === null ? null : await at.sessions.take(cookie, fields.get('grant') ?? '')
  if (turned === null) return { to: `/connexion?suite=${encodeURIComponent(next)}` }
  setSession(reply, at.door, turned)
  return { to: next }
}
