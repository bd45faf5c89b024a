import { createHash } from 'node:crypto'
import type { LookedAt } from '../../../core/audit.ts'
import { type Caller, may } from '../../../core/caller.ts'
import type { Permission } from '../../../core/roles.ts'
import type { Maintenance } from '../../../core/treat.ts'
import type { Language } from '../../../formats/http/language.ts'
import { colon } from '../colon.ts'
import { type Html, html } from '../html.ts'
import { momentOf } from '../moment.ts'
import type { Visit } from './visit.ts'
import { type PageName, SHELL_WORDS, THEMES } from './words.ts'

/** A page of the menu: who sees it, and the letter that follows `g` on the keyboard. */
interface MenuEntry {
  readonly path: string
  readonly permission: Permission
  readonly key: string
}

/** The menu, in its order. */
export const MENU: Readonly<Record<PageName, MenuEntry>> = {
  cases: { path: '/dossiers', permission: 'cases:read', key: 'd' },
  overview: { path: '/', permission: 'overview:read', key: 'v' },
  messages: { path: '/messages', permission: 'messages:read', key: 'm' },
  treat: { path: '/a-traiter', permission: 'deliveries:act', key: 't' },
  requests: { path: '/demandes', permission: 'cases:act', key: 'n' },
  appointments: { path: '/rendez-vous', permission: 'appointments:read', key: 'h' },
  duty: { path: '/garde', permission: 'duty:read', key: 'g' },
  degraded: { path: '/procedure-degradee', permission: 'duty:read', key: 's' },
  letters: { path: '/messagerie/courrier', permission: 'mailbox:use', key: 'b' },
  mail: { path: '/messagerie', permission: 'mail:read', key: 'e' },
  alerts: { path: '/alertes', permission: 'alerts:read', key: 'a' },
  configuration: { path: '/configuration', permission: 'config:read', key: 'c' },
  onboarding: { path: '/raccordements', permission: 'onboarding:read', key: 'r' },
  conformity: { path: '/conformite', permission: 'conformity:read', key: 'o' },
  structures: { path: '/etablissements', permission: 'structures:read', key: 'f' },
  audit: { path: '/audit', permission: 'audit:read', key: 'u' },
  privacy: { path: '/vie-privee', permission: 'privacy:read', key: 'p' },
  measures: { path: '/mesures', permission: 'measures:read', key: 'i' },
}

/** In the address of the page at `/`: the overview itself is wanted. */
export const OVERVIEW = 'ensemble'

/** Is their work cases, so that the page at `/` leads them there? */
export function isAtCases({ role }: Caller): boolean {
  return role === 'requester' || role === 'expert' || role === 'coordination'
}

/** What a page puts into the shell. */
export interface PageBody {
  readonly title: string
  readonly body: Html
  /** Names under `/assets/`, beside those of every page. */
  readonly scripts?: readonly string[]
  readonly styles?: readonly string[]
  /** Path at which it is to be looked at, where its own is that of a form that was sent; absent: its own. */
  readonly address?: string
  /** What the audit is told that it shows. */
  readonly about?: LookedAt
}

/** What stands around every page. */
export interface Surroundings {
  readonly version: string
  /** The region is invented, and says so on every page. */
  readonly demo: boolean
  /** Planned maintenance that is not over, as far as it touches a caller; null: nobody is known. Absent: none. */
  readonly maintenance?: (caller: Caller | null) => readonly Maintenance[]
}

/** Announcements on a page: more of them nobody reads. */
const MOST_ANNOUNCED = 3

/** A whole page: readable without script, which only adds to it. */
export function document(
  { title, body, scripts = [], styles = [], address }: PageBody,
  visit: Visit,
  around: Surroundings,
): Html {
  const { language, theme, config } = visit
  const words = SHELL_WORDS[language]
  return html`<!doctype html>
<html lang="${language}" data-theme="${theme}"${accountOf(visit.caller)}${address === undefined ? null : html` data-page="${address}"`}>
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} · ${config.region.name}</title>
<link rel="icon" href="/assets/icon.svg" type="image/svg+xml">
${['console.css', ...styles].map((name) => html`<link rel="stylesheet" href="/assets/${name}">`)}
${['console.js', 'keys.js', 'drafts.js', ...scripts].map((name) => html`<script src="/assets/${name}" type="module"></script>`)}
</head>
<body>
<a class="skip" href="#main">${words.skip}</a>
<header>
${around.demo || config.signIn?.demo === true ? html`<p class="demo">${words.demo} <a href="/decouvrir">${words.guide}</a></p>` : null}
${(around.maintenance?.(visit.caller) ?? []).slice(0, MOST_ANNOUNCED).map((one) => announced(one, visit))}
<p class="brand">${words.product} <span class="quiet">${config.region.name}</span></p>
${menu(visit)}
</header>
<main id="main" tabindex="-1">
<h1>${title}</h1>
${body}
</main>
<footer>
<p>${words.version} ${around.version} · ${words.revision} ${config.revision} <a href="#keys" data-opens="keys" hidden>${words.keys}</a></p>
${preferences(address === undefined ? visit : { ...visit, path: address, query: new URLSearchParams() })}
</footer>
${keyHelp(visit)}
</body>
</html>
`
}

/** Tells the accounts of a browser apart, and nothing else. */
function accountOf(caller: Caller | null): Html | null {
  if (caller === null) return null
  const person = caller.role === 'establishment' ? caller.establishment : (caller.identifier ?? '')
  const account = createHash('sha256').update(`${caller.role}|${caller.who}|${person}`).digest('base64url')
  return html` data-account="${account.slice(0, 16)}"`
}

function announced({ from, until, text, destinations }: Maintenance, visit: Visit): Html {
  const words = SHELL_WORDS[visit.language]
  const where = destinations.length === 0 ? null : html` · ${destinations.join(', ')}`
  return html`<p class="announced" role="note"><strong>${words.maintenance}</strong> ${momentOf(from, visit)} – ${momentOf(until, visit)}${colon(visit.language)}${text}${where}</p>
`
}

function menu({ caller, language, path }: Visit): Html {
  const words = SHELL_WORDS[language]
  if (caller === null) return html``
  const here = (one: MenuEntry) => path === one.path || (one.path !== '/' && path.startsWith(`${one.path}/`))
  return html`<nav aria-label="${words.menu}"><ul>${menuOf(caller).map(
    ([name, one]) =>
      html`<li><a href="${addressOf(name, one, caller)}" data-key="${one.key}"${here(one) ? html` aria-current="page"` : null}>${words.pages[name]}</a></li>`,
  )}</ul></nav>
<div class="who"><a href="/session">${words.signedIn(caller.who, words.roles[caller.role])}</a>${
    'session' in caller
      ? html` <form method="post" action="/deconnexion"><button>${words.signOut}</button></form>`
      : null
  }</div>`
}

/** Open only by script: without it there are no such keys. */
function keyHelp({ caller, language }: Visit): Html {
  const words = SHELL_WORDS[language]
  const pages = caller === null ? [] : menuOf(caller)
  return html`<dialog id="keys" aria-labelledby="keys-title">
<h2 id="keys-title">${words.keys}</h2>
<dl>${Object.entries(words.keyHelp).map(([key, what]) => html`<dt><kbd>${key}</kbd></dt><dd>${what}</dd>`)}${pages.map(
    ([name, one]) => html`<dt><kbd>g</kbd> <kbd>${one.key}</kbd></dt><dd>${words.goes(words.pages[name])}</dd>`,
  )}</dl>
<form method="dialog"><button>${words.close}</button></form>
</dialog>`
}

function addressOf(name: PageName, { path }: MenuEntry, caller: Caller): string {
  return name === 'overview' && isAtCases(caller) ? `${path}?${OVERVIEW}` : path
}

function menuOf(caller: Caller): (readonly [PageName, MenuEntry])[] {
  return (Object.entries(MENU) as [PageName, MenuEntry][]).filter(([, one]) => may(caller, one.permission))
}

function preferences({ language, theme, path, query }: Visit): Html {
  const words = SHELL_WORDS[language]
  const same = (name: string, value: string): string => {
    const asked = new URLSearchParams(query)
    asked.set(name, value)
    return `${path}?${asked}`
  }
  const other: Language = language === 'fr' ? 'en' : 'fr'
  return html`<p class="preferences"><a href="${same('lang', other)}" hreflang="${other}" lang="${other}">${words.otherLanguage}</a>
<span>${words.theme}</span>${THEMES.map((one) =>
    one === theme
      ? html` <strong>${words.themes[one]}</strong>`
      : html` <a href="${same('theme', one)}">${words.themes[one]}</a>`,
  )}</p>`
}
