import type { FrameworkProblem, FrameworkShelf, ShelvedFramework } from '../../../core/conformity-commands.ts'
import { type Html, html } from '../html.ts'
import { listing, moment } from '../listing.ts'
import { mark, markShapes } from '../overview/mark.ts'
import type { KnownVisit } from '../shell/pages.ts'
import type { PageBody } from '../shell/shell.ts'
import { frame } from './acts-frame.ts'
import { dayText, reasonInput, type Typed, told, UNTYPED } from './acts-parts.ts'
import { CONFORMITY_ACT_WORDS } from './acts-words.ts'
import { BASE } from './parts.ts'

/** Where frameworks are published and withdrawn. */
export const FRAMEWORKS_PATH = `${BASE}/referentiels`

/** What the page shows beside the list: the form as it was sent, and what came of it. */
export interface PublishState {
  readonly yaml: string
  readonly typed: Typed
  readonly problems: readonly FrameworkProblem[]
  readonly fault: string | null
  /** What was done, as a sentence; null: nothing. */
  readonly done: string | null
}

/** Nothing was sent. */
export const NOTHING_PUBLISHED: PublishState = { yaml: '', typed: UNTYPED, problems: [], fault: null, done: null }

/** Characters of a line that are shown beside a problem. */
const LINE = 200

/** The shelf of frameworks, and the form by which one is published. */
export async function frameworksPage(visit: KnownVisit, shelf: FrameworkShelf, state: PublishState): Promise<PageBody> {
  const words = CONFORMITY_ACT_WORDS[visit.language]
  const body = html`${markShapes()}<p>${words.frameworksLead}</p>
${told(state.fault)}
${state.done === null ? null : html`<p class="box" role="status">${state.done}</p>`}
${problemsTable(visit, state)}
${shelfTable(visit, await shelf.list())}
${publishForm(visit, state)}`
  return { ...frame(visit, 'frameworks', words.tabs.frameworks, body), address: FRAMEWORKS_PATH }
}

function problemsTable(visit: KnownVisit, { problems, yaml }: PublishState): Html | null {
  if (problems.length === 0) return null
  const words = CONFORMITY_ACT_WORDS[visit.language]
  const lines = yaml.split(/\r?\n/)
  const columns = [
    { name: words.line, numeric: true },
    { name: words.column, numeric: true },
    { name: words.problem },
    { name: words.lineText },
  ]
  const rows = problems.map(({ line, column, at, code, message }) => ({
    cells: [
      html`${line}`,
      html`${column}`,
      html`${at === '' ? null : html`<code>${at}</code> `}<span lang="en">${message}</span> <span class="quiet">${code}</span>`,
      html`<code>${(lines[line - 1] ?? '').trim().slice(0, LINE)}</code>`,
    ],
  }))
  return html`<div class="alarm" role="alert">${listing('problems', words.problems, columns, rows, '')}</div>`
}

function shelfTable(visit: KnownVisit, shelved: readonly ShelvedFramework[]): Html {
  const { language, config } = visit
  const words = CONFORMITY_ACT_WORDS[language]
  const at = (ms: number): Html => moment(ms, language, config.region.timeZone)
  const names = [words.framework, words.version, words.state, words.publisher, words.validityName, words.published]
  const rows = shelved.map((one, n) => {
    const { framework, withdrawn } = one
    const path = `${FRAMEWORKS_PATH}/${encodeURIComponent(one.name)}`
    return {
      cells: [
        html`${framework?.name[language] ?? one.id} <span class="quiet">${one.id}</span>`,
        html`${one.version}`,
        html`${mark(one.state === 'published' ? 'sound' : 'idle', words.frameworkStates[one.state])}${withdrawn === null ? null : html` ${at(withdrawn.atMs)} ${words.actOf(withdrawn.by, withdrawn.why)}`}${framework === null ? html`<p class="alarm">${words.notReadable}</p>` : null}`,
        html`${framework?.publisher ?? '–'}`,
        html`${framework === null ? '–' : words.validity(dayText(framework.validFrom, visit), framework.validTo && dayText(framework.validTo, visit))}`,
        html`${at(one.publishedAtMs)} ${one.publishedBy === 'gateway' ? null : one.publishedBy}<br><a href="${path}/texte">${words.text}</a> <a href="${FRAMEWORKS_PATH}?depuis=${encodeURIComponent(one.name)}">${words.asNew}</a>${one.state === 'published' ? withdrawForm(visit, path, n) : null}`,
      ],
    }
  })
  return listing(
    'shelf',
    words.frameworks,
    names.map((name) => ({ name })),
    rows,
    words.frameworksNone,
  )
}

function withdrawForm(visit: KnownVisit, path: string, n: number): Html {
  const words = CONFORMITY_ACT_WORDS[visit.language]
  return html`<details><summary>${words.withdrawFramework}</summary><form method="post" action="${path}/retirer">${reasonInput(`withdraw-${n}`, visit)}<p><button>${words.withdrawFramework}</button></p></form></details>`
}

/** A first line break inside a textarea is not part of its text (HTML §4.10.11): one of ours stands there. */
function publishForm(visit: KnownVisit, { yaml, typed }: PublishState): Html {
  const words = CONFORMITY_ACT_WORDS[visit.language]
  return html`<section aria-labelledby="publish"><h2 id="publish">${words.publish}</h2><p>${words.publishTells}</p>
<form method="post" action="${FRAMEWORKS_PATH}"><div class="field"><label for="in-yaml">${words.yaml} <span class="must">*</span></label><textarea id="in-yaml" name="yaml" rows="20" spellcheck="false" autocapitalize="off" required>
${yaml}</textarea></div>
${reasonInput('publish-reason', visit, typed)}
<p><button class="main" name="act" value="check" formnovalidate>${words.check}</button> <button name="act" value="publish">${words.publishAct}</button></p></form></section>`
}
