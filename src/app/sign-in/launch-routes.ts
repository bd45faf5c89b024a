import type { RawExchange, RawRoute } from '../../console/page/shell/pages.ts'
import type { PageBody } from '../../console/page/shell/shell.ts'
import { ERRORS, type ErrorCode } from '../../core/errors.ts'
import { originOf } from '../../entrances/http/origin.ts'
import { logged } from '../../entrances/http/problem.ts'
import { type AtDoor, leave, paced, refused, setSession } from './at-door.ts'
import { judgeLaunch } from './launch.ts'
import { failedPage, goingPage } from './pages.ts'
import { SIGN_IN_WORDS } from './words.ts'

const PATH = '/lancer'

/**
 * The launch from a patient record (docs/launch.md): a form of the record (POST), or an address (GET) when the launch names
 * neither patient nor visit, because an address is read by whatever stands between and is kept in histories. */
export function launchRoutes(at: AtDoor): readonly RawRoute[] {
  const open = { path: PATH, permission: null } as const
  return [
    { ...open, method: 'POST', answer: (exchange) => launch(exchange, exchange.fields.get('jeton'), false, at) },
    { ...open, method: 'GET', answer: (exchange) => launch(exchange, exchange.visit.query.get('jeton'), true, at) },
  ]
}

async function launch(
  { visit, request, reply }: RawExchange,
  token: string | null,
  inAddress: boolean,
  at: AtDoor,
): Promise<PageBody> {
  paced(request, reply, at)
  const failed = async (code: ErrorCode, establishment: string | null, rule: string): Promise<PageBody> => {
    at.log.warn('launch.refused', { code, ...logged(request), rule, ...(establishment && { establishment }) })
    await refused(request, { code, detail: `by launch:${establishment ?? '?'} · ${rule}` }, at)
    reply.code(ERRORS[code].http)
    return failedPage(code, '/', SIGN_IN_WORDS[visit.language].ways.launch, visit)
  }
  const origin = originOf(request.raw, at.door)
  if (!origin.ours) return failed('ADDRESS_UNKNOWN', null, 'address')
  const { config, useOnce, clock } = at
  const judged = await judgeLaunch(token ?? '', origin.url + PATH, { config, useOnce, nowMs: () => clock.nowMs() })
  if (!judged.ok) return failed('LAUNCH_REFUSED', judged.establishment, judged.why)
  const { identity, context } = judged
  if (inAddress && (context.patient !== null || context.visit !== null)) {
    return failed('LAUNCH_IN_CLEAR', context.establishment, 'patient in an address')
  }
  await leave(request, at)
  setSession(reply, at.door, await at.sessions.begin(identity, 'launch', context))
  return goingPage('/connexion', visit)
}
