import { type Html, html } from '../../console/page/html.ts'
import type { PageBody } from '../../console/page/shell/shell.ts'
import type { Visit } from '../../console/page/shell/visit.ts'
import { SHELL_WORDS } from '../../console/page/shell/words.ts'
import type { ErrorCode } from '../../core/errors.ts'
import { HELP_EN } from '../../core/help-en.ts'
import { HELP_FR } from '../../core/help-fr.ts'
import { ROLES, type Role } from '../../core/roles.ts'
import type { Grant, SignIn } from '../../core/sign-in.ts'
import { BOUND } from './bound.ts'
import { grantText } from './grants.ts'
import { SIGN_IN_WORDS } from './words.ts'

const STYLES = ['sign-in.css'] as const

/** What the sign-in page offers. */
export interface SignInPage {
  readonly signIn: SignIn | undefined
  /** The demo may be signed in to from where the visitor is. */
  readonly demo: boolean
  /** Where to go on to. */
  readonly next: string
  /** Said above: why it did not work, or that the session is over. */
  readonly note?: Html
}

/** The page that offers every way to sign in. */
export function signInPage({ signIn, demo, next, note }: SignInPage, { language }: Visit): PageBody {
  const words = SIGN_IN_WORDS[language]
  const providers = signIn?.providers ?? []
  const administrators = (signIn?.localAdministrators ?? []).length > 0
  const body = html`${note ?? null}
${providers.length > 0 ? html`<p>${words.providersLead}</p>` : null}
<ul class="ways">${providers.map(
    ({ id, name }) =>
      html`<li><a class="button" href="/connexion/${encodeURIComponent(id)}?suite=${encodeURIComponent(next)}">${words.with(name)}</a></li>`,
  )}</ul>
${demo ? demoForm(next, language) : null}
${!demo && providers.length === 0 && !administrators ? html`<p>${words.noWay}</p>` : null}
${administrators ? html`<p class="quiet"><a href="/connexion/urgence?suite=${encodeURIComponent(next)}">${words.emergencyOpen}</a></p>` : null}`
  return { title: words.signIn, body, styles: STYLES }
}

function demoForm(next: string, language: Visit['language']): Html {
  const words = SIGN_IN_WORDS[language]
  const { roles } = SHELL_WORDS[language]
  return html`<section aria-labelledby="demo"><h2 id="demo">${words.demo}</h2>
<p>${words.demoLead}</p>
<form method="post" action="/connexion/demo"><input type="hidden" name="suite" value="${next}">
<ul class="ways">${ROLES.map(
    (role: Role) =>
      html`<li><button name="role" value="${role}">${roles[role]}</button> <span class="quiet">${words.about[role]}</span></li>`,
  )}</ul></form></section>`
}

/** The form of an administrator in an emergency. */
export function emergencyPage(next: string, note: Html | null, { language }: Visit): PageBody {
  const words = SIGN_IN_WORDS[language]
  const body = html`${note}
<p class="alarm">${words.emergencyLead}</p>
<form method="post" action="/connexion/urgence" class="fields"><input type="hidden" name="suite" value="${next}">
<p><label for="account">${words.account}</label><input id="account" name="account" autocomplete="username" required></p>
<p><label for="password">${words.password}</label><input id="password" name="password" type="password" autocomplete="current-password" required></p>
<p><label for="code">${words.oneTimeCode}</label><input id="code" name="code" inputmode="numeric" pattern="[0-9]{6}" autocomplete="one-time-code" required></p>
<p><button>${words.signIn}</button></p></form>`
  return { title: words.emergency, body, styles: STYLES }
}

/** The page on which one of several roles is chosen. */
export function rolePage(who: string, grants: readonly Grant[], next: string, visit: Visit): PageBody {
  const words = SIGN_IN_WORDS[visit.language]
  const body = html`<p>${words.chooseRoleLead(who)}</p>${roleForm(grants, next, visit)}`
  return { title: words.chooseRole, body, styles: STYLES }
}

/** Buttons that take a role. */
export function roleForm(grants: readonly Grant[], next: string, visit: Visit): Html {
  const words = SIGN_IN_WORDS[visit.language]
  const { roles } = SHELL_WORDS[visit.language]
  return html`<form method="post" action="/connexion/role"><input type="hidden" name="suite" value="${next}">
<ul class="ways">${grants.map(
    (grant) =>
      html`<li><button name="grant" value="${grantText(grant)}">${words.take(roles[grant.role])}</button> <span class="quiet">${reachText(grant, visit)}</span></li>`,
  )}</ul></form>`
}

/** How far a role reaches, in words. */
export function reachText({ role, reach, content }: Grant, { language, config }: Visit): string {
  const words = SIGN_IN_WORDS[language]
  const establishments = (reach.establishments ?? []).map((id) => config.establishments.get(id)?.name ?? id)
  const products = reach.applications ?? []
  const parts = [
    ...(establishments.length > 0 ? [establishments.join(', ')] : []),
    ...(products.length > 0 ? [`${words.products} ${products.join(', ')}`] : []),
    ...(content ? [words.content] : []),
  ]
  if (parts.length > 0) return parts.join(' · ')
  return BOUND.includes(role) ? words.nothing : words.wholeRegion
}

/** A page of ours that goes on to another: what a browser is sent after a page of another site sent it here. */
export function goingPage(next: string, { language }: Visit): PageBody {
  const words = SIGN_IN_WORDS[language]
  const body = html`<p><a id="next" href="${next}">${words.goOn}</a></p>`
  return { title: words.going, body, scripts: ['sign-in.js'], styles: STYLES }
}

/** Why sign-in did not work, and what to do. */
export function failedPage(code: ErrorCode, next: string, provider: string, { language }: Visit): PageBody {
  const words = SIGN_IN_WORDS[language]
  const help = (language === 'fr' ? HELP_FR : HELP_EN)[code]
  const body = html`<p class="alarm">${help}</p><p class="quiet">${provider} · ${code}</p>
<p><a href="/connexion?suite=${encodeURIComponent(next)}">${words.startAgain}</a></p>`
  return { title: words.notDone, body, styles: STYLES }
}

/** Somebody whom the provider knows and the configuration does not. */
export function unknownPage(who: string, subject: string | null, provider: string, { language }: Visit): PageBody {
  const words = SIGN_IN_WORDS[language]
  const help = (language === 'fr' ? HELP_FR : HELP_EN).PERSON_UNKNOWN
  const body = html`<p class="alarm">${help}</p>
<dl class="facts"><dt>${words.name}</dt><dd>${who}</dd><dt>${words.by}</dt><dd>${provider}</dd>
<dt>${words.subject}</dt><dd>${subject ?? words.noSubject}</dd></dl>
<p><a href="/connexion">${words.startAgain}</a></p>`
  return { title: words.notDone, body, styles: STYLES }
}
