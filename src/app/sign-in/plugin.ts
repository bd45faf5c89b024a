import type { FastifyRequest } from 'fastify'
import { html } from '../../console/page/html.ts'
import { serveAssets } from '../../console/page/shell/assets.ts'
import { type Elsewhere, type RawExchange, type RawRoute, servePages } from '../../console/page/shell/pages.ts'
import { GatewayError } from '../../core/errors.ts'
import type { HttpPlugin } from '../../entrances/http/server.ts'
import { isOfPerson, sessionCookie } from '../../entrances/http/session.ts'
import { type AtDoor, leave, ownForm, type SignInParts, setSession } from './at-door.ts'
import { demoIdentifier, demoRole } from './demo.ts'
import { emergencyRoutes } from './emergency.ts'
import { DEMO, hashed } from './grants.ts'
import { launchRoutes } from './launch-routes.ts'
import { ownPath } from './own-path.ts'
import { rolePage, signInPage } from './pages.ts'
import { providerRoutes } from './provider-routes.ts'
import { sessionRoutes } from './session-routes.ts'
import { SIGN_IN_WORDS } from './words.ts'

/** Sign-in, sign-out and the page on one's session, for an HTTP door. */
export function signInPlugin(parts: SignInParts): HttpPlugin {
  return (server, { door, guards }) => {
    serveAssets(server, guards, import.meta.url, ['./sign-in.css', './sign-in.js'])
    server.addHook('onRoute', (route) => {
      route.schema = { ...route.schema, hide: true }
    })
    const at: AtDoor = { ...parts, door, guards }
    const around = { config: parts.config, version: parts.version, demo: false }
    servePages(server, guards, around, {
      raw: [
        ...openRoutes(at),
        ...emergencyRoutes(at),
        ...launchRoutes(at),
        ...providerRoutes(at),
        ...sessionRoutes(at),
      ],
    })
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

/** The demo is for this machine alone, by its address and by the name it is called. */
function demoHere(request: FastifyRequest, { config, guards }: AtDoor): boolean {
  return config().signIn?.demo === true && guards.isLocal(request)
}

async function start({ visit, request }: RawExchange, at: AtDoor) {
  const next = ownPath(visit.query.get('suite'))
  const cookie = sessionCookie(request.raw, at.door)
  const open = cookie === null ? null : await at.sessions.find(cookie, isOfPerson(request.raw))
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
  const identity = { who, provider: DEMO, person: hashed(DEMO, who), identifier: demoIdentifier(who), entries: [] }
  setSession(reply, at.door, await at.sessions.begin(identity, 'sign-in'))
  return { to: ownPath(fields.get('suite')) }
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
