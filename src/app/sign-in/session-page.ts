import { type Html, html } from '../../console/page/html.ts'
import type { KnownVisit } from '../../console/page/shell/pages.ts'
import type { PageBody } from '../../console/page/shell/shell.ts'
import { SHELL_WORDS } from '../../console/page/shell/words.ts'
import { may } from '../../core/caller.ts'
import type { SessionRow } from '../../pipeline/sessions.ts'
import { grantText } from './grants.ts'
import { reachText, roleForm } from './pages.ts'
import type { OpenSession } from './sessions.ts'
import { when, whenText } from './when.ts'
import { SIGN_IN_WORDS } from './words.ts'

/** What the page on one's session shows. */
export interface SessionPage {
  /** Null: the caller came by a key. */
  readonly open: OpenSession | null
  /** Other sessions of the same person. */
  readonly others: readonly SessionRow[]
  /** Everybody's, for who may end them; else null. */
  readonly all: readonly SessionRow[] | null
  /** How many are open: `all` has those used last. */
  readonly count: number
}

/** Who am I, which roles may I take, where else am I signed in. */
export function sessionPage({ open, others, all, count }: SessionPage, visit: KnownVisit): PageBody {
  const { caller, language } = visit
  const words = SIGN_IN_WORDS[language]
  const { roles } = SHELL_WORDS[language]
  const rest = (open?.grants ?? []).filter((one) => grantText(one) !== open?.row.granted)
  const facts: [string, Html | string][] = [
    [words.name, caller.who],
    [words.role, roles[caller.role]],
    ...('reach' in caller ? ([[words.reach, reachText(caller, visit)]] as [string, string][]) : []),
    [words.by, open === null ? words.byKey : wayText(open.row.provider, visit)],
    ...(open === null
      ? []
      : ([
          [words.since, when(open.row.createdAtMs, visit)],
          [words.endsUnused, when(Math.min(open.idleUntilMs, open.row.untilMs), visit)],
          [words.endsAt, when(open.row.untilMs, visit)],
        ] as [string, Html][])),
  ]
  const body = html`${may(caller, 'overview:read') ? null : html`<p>${words.noOverview}</p>`}
<section aria-labelledby="you"><h2 id="you">${words.you}</h2>
<dl class="facts">${facts.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl></section>
${rest.length === 0 ? null : html`<section aria-labelledby="roles"><h2 id="roles">${words.otherRoles}</h2>${roleForm(rest, '/session', visit)}</section>`}
${
  open === null
    ? null
    : html`<section aria-labelledby="mine"><h2 id="mine">${words.mine}</h2>
${others.length === 0 ? html`<p>${words.noOther}</p>` : sessionTable(others, visit)}
<form method="post" action="/session/partout"><button>${words.endAll}</button></form></section>`
}
${
  all === null
    ? null
    : html`<section aria-labelledby="all"><h2 id="all">${words.all}</h2>
${count > all.length && all.length > 0 ? html`<p>${words.shownOf(all.length, count)}</p>` : null}
${all.length === 0 ? html`<p>${words.noneOpen}</p>` : sessionTable(all, visit)}</section>`
}`
  return { title: words.session, body, styles: ['sign-in.css'] }
}

/** By what somebody signed in, in words. */
export function wayText(provider: string, { language, config }: KnownVisit): string {
  const { ways } = SIGN_IN_WORDS[language]
  if (provider === 'demo' || provider === 'local') return ways[provider]
  const [, establishment] = /^launch:(.*)$/.exec(provider) ?? []
  if (establishment !== undefined) {
    return `${ways.launch} (${config.establishments.get(establishment)?.name ?? establishment})`
  }
  return config.signIn?.providers.find(({ id }) => id === provider)?.name ?? provider
}

function sessionTable(rows: readonly SessionRow[], visit: KnownVisit): Html {
  const words = SIGN_IN_WORDS[visit.language]
  const { roles } = SHELL_WORDS[visit.language]
  const columns = [words.name, words.role, words.by, words.since, words.lastUsed, words.actions]
  const role = ({ granted }: SessionRow) =>
    granted === null ? '' : roles[(JSON.parse(granted) as { role: keyof typeof roles }).role]
  const cells = (row: SessionRow): (Html | string)[] => [
    role(row),
    wayText(row.provider, visit),
    when(row.createdAtMs, visit),
    when(row.usedAtMs, visit),
    html`<form method="post" action="/session/fin"><input type="hidden" name="session" value="${row.name}"><button aria-label="${words.endOf(`${row.who}, ${whenText(row.createdAtMs, visit)}`)}">${words.end}</button></form>`,
  ]
  return html`<table role="table">
<thead role="rowgroup"><tr role="row">${columns.map((name) => html`<th role="columnheader" scope="col">${name}</th>`)}</tr></thead>
<tbody role="rowgroup">${rows.map(
    (row) => html`<tr role="row"><th role="rowheader" scope="row">${row.who}</th>${cells(row).map(
      (cell, i) => html`<td role="cell" data-label="${columns[i + 1] ?? ''}"><span>${cell}</span></td>`,
    )}</tr>
`,
  )}</tbody></table>`
}
