import { may } from '../../../core/caller.ts'
import type { ConfigViews } from '../../../core/configuration.ts'
import { GatewayError } from '../../../core/errors.ts'
import { type Html, html } from '../html.ts'
import { facts, listing, moment } from '../listing.ts'
import type { KnownVisit } from '../shell/pages.ts'
import type { PageBody } from '../shell/shell.ts'
import { changesTable } from './draft.ts'
import { frame } from './frame.ts'
import { CONFIGURATION_WORDS, type ConfigurationWords } from './words.ts'

/** Revisions on one page. */
const PAGE = 50

/** A revision's number as an address writes it. @throws {GatewayError} NOT_FOUND when it is none */
export function revisionNumber(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new GatewayError('NOT_FOUND')
  return Number(text)
}

/** Every revision: who, when, why (`?avant=N` goes on below). */
export async function revisionsPage(visit: KnownVisit, views: ConfigViews): Promise<PageBody> {
  const { language, config, query } = visit
  const words = CONFIGURATION_WORDS[language]
  const before = query.get('avant')
  const notes = await views.revisions(before === null ? null : revisionNumber(before), PAGE)
  const columns = [{ name: words.revision }, { name: words.when }, { name: words.by }, { name: words.why }]
  const rows = notes.map(({ revision, atMs, by, why }) => ({
    id: `r${revision}`,
    cells: [
      html`<a href="/configuration/revisions/${revision}">${revision === config.revision ? words.running(String(revision)) : html`${words.revision} ${revision}`}</a>`,
      moment(atMs, language, config.region.timeZone),
      html`${by}`,
      html`${why ?? words.noReason}`,
    ],
  }))
  const last = notes.at(-1)?.revision ?? 1
  const body = html`${listing('revisions', words.revisions, columns, rows, words.noRevision)}
<p>${before === null ? null : html`<a href="/configuration/revisions">${words.newest}</a> `}${last > 1 ? html`<a href="/configuration/revisions?avant=${last}">${words.older}</a>` : null}</p>`
  return frame(visit, 'revisions', words.revisions, body)
}

/** One revision: what it changed, compared with the one before or another (`?avec=N`), and the way back to it. */
export async function revisionPage(visit: KnownVisit, views: ConfigViews, text: string): Promise<PageBody> {
  const { language, config, query, caller } = visit
  const words = CONFIGURATION_WORDS[language]
  const revision = revisionNumber(text)
  const [note] = await views.revisions(revision + 1, 1)
  if (note === undefined || note.revision !== revision) throw new GatewayError('NOT_FOUND')
  const other = revisionNumber(query.get('avec') ?? String(Math.max(revision - 1, 1)))
  const changes = other === revision ? null : await views.difference(other, revision)
  if (other !== revision && changes === null) throw new GatewayError('NOT_FOUND')
  const title = revision === config.revision ? words.running(text) : `${words.revision} ${text}`
  const body = html`${query.has('fait') ? html`<p class="sound" role="status">${words.done(text)}</p>` : null}
${facts([
  [words.by, note.by],
  [words.when, moment(note.atMs, language, config.region.timeZone)],
  [words.why, note.why ?? words.noReason],
])}
<p><a href="/configuration/fichier?revision=${revision}">${words.fileOf(text)}</a></p>
${changes === null ? html`<p class="quiet">${words.first}</p>` : changesTable(changes, words.changesOf(String(other), text), words)}
${compareForm(revision, other, words)}
${revision === config.revision || !may(caller, 'config:change') ? null : backForm(revision, words)}`
  return frame(visit, 'revisions', title, body)
}

function compareForm(revision: number, other: number, words: ConfigurationWords): Html {
  return html`<form class="line" method="get" action="/configuration/revisions/${revision}">
<label for="avec">${words.compareWith}</label>
<input id="avec" name="avec" type="number" min="1" value="${other}" required>
<button>${words.compare}</button></form>`
}

function backForm(revision: number, words: ConfigurationWords): Html {
  return html`<h2>${words.goBack}</h2>
<form method="post" action="/configuration/plan"><input type="hidden" name="revision" value="${revision}">
<button>${words.goBackTo(String(revision))}</button></form>`
}

/** The text of a revision, line by line. */
export async function textPage(visit: KnownVisit, views: ConfigViews): Promise<PageBody> {
  const { language, config, query } = visit
  const words = CONFIGURATION_WORDS[language]
  const revision = revisionNumber(query.get('revision') ?? String(config.revision))
  const text = await views.text(revision)
  if (text === null) throw new GatewayError('NOT_FOUND')
  const lines = text.trimEnd().split('\n')
  const body = html`<p class="quiet">${words.fileTells}</p>
<div class="text" tabindex="0" role="region" aria-label="${words.lines}"><ol>${lines.map(
    (line, i) => html`<li id="L${i + 1}"><code>${line}</code></li>
`,
  )}</ol></div>`
  return frame(visit, 'file', words.fileOf(String(revision)), body)
}
