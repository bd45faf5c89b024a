import { html } from '../../console/page/html.ts'
import type { RawExchange, RawRoute } from '../../console/page/shell/pages.ts'
import { ERRORS, GatewayError } from '../../core/errors.ts'
import { HELP_EN } from '../../core/help-en.ts'
import { HELP_FR } from '../../core/help-fr.ts'
import type { LocalAdministrator } from '../../core/sign-in.ts'
import { fromBase32, matchingStep, stepUntilMs } from '../../formats/totp.ts'
import { type AtDoor, hold, leave, limitOf, ownForm, paced, refused, setSession, sourceOf } from './at-door.ts'
import { hashed, LOCAL } from './grants.ts'
import { ownPath } from './own-path.ts'
import { emergencyPage } from './pages.ts'
import { isPassword, NOBODY } from './password.ts'

/** Hashes under way at once: each takes 128 MiB. */
const AT_ONCE = 2
const LONGEST = 1_000
/** Failures that an address may have of its own, whatever others do to the account. */
const OWN_FAILURES = 3

/** The way in when no provider answers: account, password and one-time code. There is none unless accounts are declared. */
export function emergencyRoutes(at: AtDoor): readonly RawRoute[] {
  const path = '/connexion/urgence'
  let underWay = 0
  return [
    {
      method: 'GET',
      path,
      permission: null,
      async answer({ visit }) {
        declared(at)
        return emergencyPage(ownPath(visit.query.get('suite')), null, visit)
      },
    },
    {
      method: 'POST',
      path,
      permission: null,
      async answer(exchange) {
        const { request, reply } = exchange
        ownForm(request, at.door)
        declared(at)
        paced(request, reply, at)
        if (underWay >= AT_ONCE) hold(reply, 1_000)
        underWay++
        try {
          return await enter(exchange, at)
        } finally {
          underWay--
        }
      },
    },
  ]
}

/** @throws {GatewayError} NOT_FOUND where that way is closed */
function declared({ config }: AtDoor): readonly LocalAdministrator[] {
  const administrators = config().signIn?.localAdministrators ?? []
  if (administrators.length === 0) throw new GatewayError('NOT_FOUND')
  return administrators
}

async function enter({ visit, request, reply, fields }: RawExchange, at: AtDoor) {
  const [account, password, code] = ['account', 'password', 'code'].map((name) =>
    (fields.get(name) ?? '').slice(0, LONGEST),
  ) as [string, string, string]
  const known = declared(at).find(({ name }) => name === account)
  const name = known?.name ?? ''
  // A name that is nobody's waits as an account does, by itself: else the waits would tell which names are accounts.
  const tried = known?.name ?? hashed('account', account)
  // Whoever guesses from one address waits longer and longer there. The account's own limit holds for all addresses together,
  // but for those that have hardly failed: else anybody far away could keep the account closed.
  const [here, anywhere] = [`account ${tried} from ${sourceOf(request)}`, `account ${tried}`] as const
  hold(reply, at.attempts.wait(here, limitOf(at)))
  if (at.attempts.inARow(here) >= OWN_FAILURES) hold(reply, at.attempts.wait(anywhere, limitOf(at)))
  const next = ownPath(fields.get('suite'))
  if (!(await isThem(known, password, code, at))) {
    at.attempts.failed(here, true)
    at.attempts.failed(anywhere, false)
    // What was typed as a name may be the password.
    const who = known === undefined ? {} : { who: name }
    await refused(request, { ...who, code: 'EMERGENCY_REFUSED', detail: 'by local' }, at)
    reply.code(ERRORS.EMERGENCY_REFUSED.http)
    const help = (visit.language === 'fr' ? HELP_FR : HELP_EN).EMERGENCY_REFUSED
    return emergencyPage(next, html`<p class="alarm" role="alert">${help}</p>`, visit)
  }
  const { password: hash } = known!
  at.attempts.succeeded(here)
  await leave(request, at)
  const person = hashed(LOCAL, name)
  const identity = { who: name, provider: LOCAL, person, identifier: null, entries: [hashed(name, hash)] }
  setSession(reply, at.door, await at.sessions.begin(identity, 'break-glass'))
  at.meter.count('alert_total', { code: 'BREAK_GLASS' })
  at.log.warn('sign-in.break-glass', { code: 'BREAK_GLASS', peer: request.ip })
  return { to: next }
}

/** The password is hashed whoever it is, so that the time taken tells of no account; a code counts once. */
async function isThem(
  known: LocalAdministrator | undefined,
  password: string,
  code: string,
  { clock, useOnce }: AtDoor,
): Promise<boolean> {
  const right = await isPassword(password, known?.password ?? NOBODY)
  if (known === undefined || !right) return false
  const step = matchingStep(fromBase32(known.totp), code, clock.nowMs())
  return step !== null && (await useOnce(hashed('totp', known.name, String(step)), stepUntilMs(step)))
}
