import type { FastifyReply } from 'fastify'
import type { Elsewhere, RawExchange, RawRoute } from '../../console/page/shell/pages.ts'
import type { PageBody } from '../../console/page/shell/shell.ts'
import { ERRORS, type ErrorCode, GatewayError } from '../../core/errors.ts'
import type { Provider } from '../../core/sign-in.ts'
import { originOf } from '../../entrances/http/origin.ts'
import { logged } from '../../entrances/http/problem.ts'
import { cookieLine, cookieName } from '../../entrances/http/session.ts'
import { cookiesOf } from '../../formats/http/cookies.ts'
import type { AtDoor } from './at-door.ts'
import { addCookie, leave, paced, refused, setSession } from './at-door.ts'
import { hashed } from './grants.ts'
import { ownPath } from './own-path.ts'
import { failedPage, goingPage, unknownPage } from './pages.ts'
import { recognised } from './people.ts'
import type { Errand } from './provider.ts'
import { sealed, unsealed } from './sealed.ts'

/** Somebody has this long at the provider (ms). */
const ERRAND_MS = 600_000

/** The ways to the providers and back. */
export function providerRoutes(at: AtDoor): readonly RawRoute[] {
  const open = { method: 'GET', permission: null } as const
  return [
    { ...open, path: '/connexion/:provider', answer: (exchange) => go(exchange, at) },
    { ...open, path: '/connexion/:provider/retour', answer: (exchange) => back(exchange, at) },
  ]
}

function providerOf({ params }: RawExchange, { config }: AtDoor): Provider {
  const found = config().signIn?.providers.find(({ id }) => id === params['provider'])
  if (found === undefined) throw new GatewayError('NOT_FOUND')
  return found
}

async function go(exchange: RawExchange, at: AtDoor): Promise<PageBody | Elsewhere> {
  const { visit, request, reply } = exchange
  const provider = providerOf(exchange, at)
  paced(request, reply, at)
  const next = ownPath(visit.query.get('suite'))
  const origin = originOf(request.raw, at.door)
  if (!origin.ours) return failed('ADDRESS_UNKNOWN', next, exchange, at, provider)
  const redirectUri = `${origin.url}/connexion/${provider.id}/retour`
  try {
    const untilMs = at.clock.nowMs() + ERRAND_MS
    const { errand, url } = await (await at.providers()).begin(provider, { redirectUri, next, untilMs })
    keepErrand(reply, errand, provider, at)
    return { to: url }
  } catch (fault) {
    return failed(fault, next, exchange, at, provider)
  }
}

async function back(exchange: RawExchange, at: AtDoor): Promise<PageBody | Elsewhere> {
  const { visit, request, reply } = exchange
  const provider = providerOf(exchange, at)
  paced(request, reply, at)
  const errand = errandOf(exchange, provider, at)
  addCookie(reply, cookieLine(at.door, errandName(provider), '', { sameSite: 'Lax', maxAgeS: 0 }))
  const fresh =
    errand !== null &&
    errand.provider === provider.id &&
    errand.untilMs > at.clock.nowMs() &&
    visit.query.get('state') === errand.state &&
    (await at.useOnce(hashed('errand', errand.state), errand.untilMs))
  if (!fresh) return failed('SIGN_IN_EXPIRED', errand?.next ?? '/', exchange, at, provider)
  try {
    const claims = await (await at.providers()).finish(
      provider,
      errand,
      new URL(request.url, errand.redirectUri).search,
    )
    const { identity, subject } = recognised(provider, claims, at.config())
    if (identity.entries.length === 0) {
      await refused(request, { code: 'PERSON_UNKNOWN', who: identity.who, detail: `by ${provider.id}` }, at)
      reply.code(ERRORS.PERSON_UNKNOWN.http)
      return unknownPage(identity.who, subject, provider.name, visit)
    }
    await leave(request, at)
    setSession(reply, at.door, await at.sessions.begin(identity, 'sign-in'))
    // The cookie is not sent on the way from another site: only a page of ours leads on.
    return goingPage(`/connexion?suite=${encodeURIComponent(errand.next)}`, visit)
  } catch (fault) {
    return failed(fault, errand.next, exchange, at, provider)
  }
}

const errandName = ({ id }: Provider): string => `errand-${id}`

function keepErrand(reply: FastifyReply, errand: Errand, provider: Provider, { door, secret }: AtDoor): void {
  const value = sealed(JSON.stringify(errand), secret)
  const line = cookieLine(door, errandName(provider), value, { sameSite: 'Lax', maxAgeS: ERRAND_MS / 1_000 })
  addCookie(reply, line)
}

function errandOf({ request }: RawExchange, provider: Provider, { door, secret }: AtDoor): Errand | null {
  const value = cookiesOf(request.headers.cookie).get(cookieName(door, errandName(provider)))
  if (value === undefined) return null
  try {
    return JSON.parse(unsealed(value, secret)) as Errand
  } catch {
    return null
  }
}

/** A page that says why, an event where the provider had spoken, and the rule in the log. */
async function failed(
  fault: unknown,
  next: string,
  { visit, request, reply }: RawExchange,
  at: AtDoor,
  provider: Provider,
): Promise<PageBody> {
  if (typeof fault !== 'string' && !(fault instanceof GatewayError)) throw fault
  const code = typeof fault === 'string' ? (fault as ErrorCode) : fault.code
  const rule = typeof fault === 'string' ? code : fault.message
  at.log.warn('sign-in.refused', { code, ...logged(request), rule })
  await refused(request, { code, detail: `by ${provider.id} · ${rule}` }, at)
  reply.code(ERRORS[code].http)
  return failedPage(code, next, provider.name, visit)
}
