import type { Elsewhere, KnownVisit, RawExchange, RawRoute } from '../../console/page/shell/pages.ts'
import { may } from '../../core/caller.ts'
import { GatewayError } from '../../core/errors.ts'
import { isOfPerson, sessionCookie } from '../../entrances/http/session.ts'
import type { SessionRow } from '../../pipeline/sessions.ts'
import { type AtDoor, clearSession, ownForm } from './at-door.ts'
import { sessionPage } from './session-page.ts'

/** The page on one's session, and what is done there. */
export function sessionRoutes(at: AtDoor): readonly RawRoute[] {
  const own = { permission: 'session:own' } as const
  return [
    { ...own, method: 'GET', path: '/session', answer: (exchange) => show(exchange, at) },
    { ...own, method: 'POST', path: '/session/fin', answer: (exchange) => endOne(exchange, at) },
    { ...own, method: 'POST', path: '/session/partout', answer: (exchange) => endAll(exchange, at) },
    { method: 'POST', path: '/deconnexion', permission: null, answer: (exchange) => signOut(exchange, at) },
  ]
}

async function show({ visit, request }: RawExchange, at: AtDoor) {
  const known = visit as KnownVisit
  const open = await openOf(request, at)
  const mine = open === null ? [] : await at.sessions.list(open.row.person)
  return sessionPage(
    {
      open,
      others: mine.filter(({ name }) => name !== open?.row.name),
      all: may(known.caller, 'sessions:act') ? await at.sessions.list(null) : null,
      count: await at.sessions.count(),
    },
    known,
  )
}

async function openOf(request: RawExchange['request'], { sessions, door }: AtDoor) {
  // Who shows a key is not the one whose cookie the browser has.
  if (request.headers.authorization !== undefined) return null
  const cookie = sessionCookie(request.raw, door)
  return cookie === null ? null : sessions.find(cookie, isOfPerson(request.raw))
}

async function endOne({ visit, request, fields }: RawExchange, at: AtDoor): Promise<Elsewhere> {
  const { caller } = visit as KnownVisit
  const open = await openOf(request, at)
  const name = fields.get('session')
  const row = (await reachable(open?.row ?? null, may(caller, 'sessions:act'), at)).find((one) => one.name === name)
  if (row === undefined) throw new GatewayError('NOT_FOUND')
  await at.sessions.end(row, row.person === open?.row.person ? 'sign-out' : 'by-another', caller.who)
  return { to: '/session' }
}

async function reachable(own: SessionRow | null, all: boolean, { sessions }: AtDoor): Promise<readonly SessionRow[]> {
  if (all) return sessions.list(null)
  return own === null ? [] : sessions.list(own.person)
}

async function endAll({ request, reply }: RawExchange, at: AtDoor): Promise<Elsewhere> {
  const open = await openOf(request, at)
  if (open === null) throw new GatewayError('BAD_REQUEST')
  for (;;) {
    const rows = await at.sessions.list(open.row.person)
    const ended = await Promise.all(rows.map((row) => at.sessions.end(row, 'everywhere', open.row.who)))
    if (!ended.includes(true)) break
  }
  clearSession(reply, at.door)
  return { to: '/connexion?fin=1' }
}

async function signOut({ request, reply }: RawExchange, at: AtDoor): Promise<Elsewhere> {
  ownForm(request, at.door)
  const cookie = sessionCookie(request.raw, at.door)
  if (cookie !== null) await at.sessions.signOut(cookie)
  clearSession(reply, at.door)
  return { to: '/connexion?fin=1' }
}
