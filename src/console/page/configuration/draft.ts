import { may } from '../../../core/caller.ts'
import type { ConfigDrafts, ConfigViews, Draft, DraftProblem, DraftSource } from '../../../core/configuration.ts'
import { GatewayError } from '../../../core/errors.ts'
import type { Plan, PlanChange } from '../../../core/operations.ts'
import { reasonOf } from '../fields.ts'
import { type Html, html } from '../html.ts'
import { listing, several } from '../listing.ts'
import type { KnownVisit } from '../shell/pages.ts'
import type { PageBody } from '../shell/shell.ts'
import { frame } from './frame.ts'
import { revisionNumber } from './revisions.ts'
import { CONFIGURATION_WORDS, type ConfigurationWords } from './words.ts'

/** Where a change begins: the file again, or the text. */
export async function changePage(visit: KnownVisit, views: ConfigViews): Promise<PageBody> {
  const { language, config, caller } = visit
  const words = CONFIGURATION_WORDS[language]
  const text = await views.text(config.revision)
  const body = html`<section aria-labelledby="reread"><h2 id="reread">${words.reread}</h2>
<p>${words.rereadTells}</p>
<form method="post" action="/configuration/plan"><button>${words.rereadAct}</button></form></section>
${
  may(caller, 'config:change')
    ? html`<section aria-labelledby="write"><h2 id="write">${words.write}</h2>
<p>${words.writeTells}</p>
<form method="post" action="/configuration/plan/texte">${textField(text ?? '', words)}<button>${words.writeAct}</button></form></section>`
    : html`<p class="quiet">${words.mayNot}</p>`
}`
  return frame(visit, 'change', words.change, body)
}

/** A first line break inside a textarea is not part of its text (HTML §4.10.11): one of ours stands there. */
function textField(text: string, words: ConfigurationWords): Html {
  return html`<label for="text">${words.text}</label>
<textarea id="text" name="text" rows="24" spellcheck="false" autocapitalize="off" required>
${text}</textarea>`
}

/** What a form says is to be applied. @throws {GatewayError} NOT_FOUND for a revision that is no number */
export function sourceOf(fields: URLSearchParams): DraftSource {
  const [text, revision] = [fields.get('text'), fields.get('revision')]
  if (text !== null) return { from: 'text', text }
  return revision === null ? { from: 'file' } : { from: 'revision', revision: revisionNumber(revision) }
}

/** What a source would change. */
export async function planPage(visit: KnownVisit, source: DraftSource, drafts: ConfigDrafts): Promise<PageBody> {
  return draftPage(visit, source, await drafts.plan(source), false)
}

/** Applies what was looked at, and leads to the new revision; shows the change again where it has become another one. */
export async function applyDraft(
  visit: KnownVisit,
  fields: URLSearchParams,
  drafts: ConfigDrafts,
): Promise<PageBody | { readonly to: string }> {
  const source = sourceOf(fields)
  const how = { park: fields.get('park') === 'yes', reason: reasonOf(fields) }
  const done = await drafts.apply(source, fields.get('digest') ?? '', how, visit.caller.who)
  if ('changed' in done) return draftPage(visit, source, done.changed, true)
  return { to: `/configuration/revisions/${done.applied.revision}?fait=1` }
}

function draftPage(visit: KnownVisit, source: DraftSource, draft: Draft, movedOn: boolean): PageBody {
  const words = CONFIGURATION_WORDS[visit.language]
  const title = source.from === 'revision' ? words.planOfRevision(String(source.revision)) : words.planOf[source.from]
  const body = html`<p${movedOn ? html` class="alarm" role="status"` : html` class="quiet"`}>${movedOn ? words.movedOn : words.nothingDone}</p>
${problemsTable(draft.problems, words)}
${changesTable(draft.plan.changes, words.changes, words)}
${effects(draft.plan, words)}
${applyForm(visit, source, draft, words)}`
  return frame(visit, 'change', title, body)
}

function problemsTable(problems: readonly DraftProblem[], words: ConfigurationWords): Html {
  const columns = [
    { name: words.problem },
    { name: words.line, numeric: true },
    { name: words.column, numeric: true },
    { name: words.place },
  ]
  const rows = problems.map(({ severity, line, column, at, code, message }) => ({
    cells: [
      html`<span class="${severity === 'error' ? 'alarm' : ''}">${words.severities[severity]}</span> · ${words.problemNames[code] ?? code}<br><span class="quiet" lang="en">${message}</span>`,
      html`${line ?? '–'}`,
      html`${column ?? '–'}`,
      html`<code>${at === '' ? '–' : at}</code>`,
    ],
  }))
  return listing('problems', words.problems, columns, rows, words.noProblem)
}

/** What a change touches, each setting from and to. */
export function changesTable(changes: readonly PlanChange[], caption: string, words: ConfigurationWords): Html {
  const columns = [{ name: words.name }, { name: words.part }, { name: words.happens }, { name: words.settings }]
  const value = (text: string | null) => (text === null ? html`<em>${words.absent}</em>` : html`<code>${text}</code>`)
  const rows = changes.map(({ part, name, what, settings }) => ({
    cells: [
      html`${name}`,
      html`${words.partNames[part]}`,
      html`${words.happenings[what]}`,
      several(
        settings.map(({ at, from, to }) => html`<code>${at}</code>${words.pair('', '')}${value(from)} → ${value(to)}`),
      ) ?? html`–`,
    ],
  }))
  return listing('changes', caption, columns, rows, words.noChange)
}

function effects({ affected, orphans, restart }: Plan, words: ConfigurationWords): Html {
  const told = [
    ...affected.map(({ destination, open, parked }) => words.affected(destination, String(open), String(parked))),
    ...orphans.map((id) => html`<strong class="alarm">${words.orphaned(id)}</strong>`),
    ...restart.map((part) => words.restart(part)),
  ]
  return html`<h2>${words.effects}</h2>${told.length === 0 ? html`<p class="quiet">${words.noEffect}</p>` : html`<ul>${told.map((one) => html`<li>${one}</li>`)}</ul>`}`
}

function applyForm(
  { caller, language: _language }: KnownVisit,
  source: DraftSource,
  { digest, plan }: Draft,
  words: ConfigurationWords,
): Html {
  if (!may(caller, 'config:change')) return html`<p class="quiet">${words.mayNot}</p>`
  const may_ = digest !== null && !plan.same
  const apply = html`<h2>${words.apply}</h2>
${source.from === 'file' ? null : html`<p>${words.notWritten}</p>`}
<input type="hidden" name="digest" value="${digest ?? ''}">
<label for="reason">${words.reason}</label><input id="reason" name="reason" maxlength="500" required autocomplete="off">
${plan.orphans.length === 0 ? null : html`<p><input type="checkbox" id="park" name="park" value="yes"> <label for="park">${words.park}</label></p>`}
<button class="main">${words.applyAct}</button>`
  const held = html`<p class="alarm">${digest === null ? words.mendFirst : words.noChange}</p>`
  return html`<form method="post" action="/configuration/appliquer">
${source.from === 'revision' ? html`<input type="hidden" name="revision" value="${source.revision}">` : null}
${source.from === 'text' ? html`<h2>${words.write}</h2>${textField(source.text, words)}<button formaction="/configuration/plan/texte" formnovalidate>${words.planAgain}</button>` : null}
${may_ ? apply : held}</form>`
}

/** The text of a form. @throws {GatewayError} BAD_REQUEST when there is none */
export function textOf(fields: URLSearchParams): DraftSource {
  const text = fields.get('text')
  if (text === null) throw new GatewayError('BAD_REQUEST')
  return { from: 'text', text }
}
