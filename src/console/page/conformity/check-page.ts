import type { Checked, CheckedFormat, RequirementCheck } from '../../../core/self-check.ts'
import { helpOf } from '../../../formats/http/problem.ts'
import { type Html, html } from '../html.ts'
import { choice, input } from '../inputs.ts'
import { facts, several } from '../listing.ts'
import type { KnownVisit } from '../shell/pages.ts'
import type { PageBody } from '../shell/shell.ts'
import { headedTable } from '../table.ts'
import { frame } from './acts-frame.ts'
import { establishmentsOf, type Typed, told } from './acts-parts.ts'
import { CHECK_WORDS, type CheckWords } from './check-words.ts'
import { type ToldFinding, toldAdvice, toldFindings } from './checked.ts'
import { findingShown } from './findings.ts'
import { BASE } from './parts.ts'
import { confirmMark } from './said.ts'
import { CONFORMITY_WORDS } from './words.ts'

/** Where a message is tried out. */
export const CHECK_PATH = `${BASE}/essai`
/** Longest message that is pasted (characters); more goes in a file. */
export const PASTED_LENGTH = 1_000_000

/** What came of it: what was found, or why it was not looked at. */
export type Outcome = { readonly checked: Checked } | { readonly fault: string } | null

/** The page on which somebody tries a message out, with what came of the last one. */
export function checkPage(visit: KnownVisit, typed: Typed, outcome: Outcome): PageBody {
  const words = CHECK_WORDS[visit.language]
  const establishments = establishmentsOf(visit, 'conformity:read')
  const fault = outcome !== null && 'fault' in outcome ? outcome.fault : null
  const body = html`<p>${words.lead}</p><p class="use" role="note">${words.only}</p>
${told(fault)}${outcome !== null && 'checked' in outcome ? result(outcome.checked, visit, words) : null}
<form method="post" action="${CHECK_PATH}" enctype="multipart/form-data">
${choice({ name: 'establishment', label: words.establishment, value: typed['establishment'] ?? '', required: true }, establishments)}
${input({ name: 'message', label: words.paste, help: words.pasteHelp, value: typed['message'] ?? '', rows: 12, longest: PASTED_LENGTH })}
<div class="field"><label for="in-file">${words.file}</label><input id="in-file" name="file" type="file" aria-describedby="in-file-help"><p class="help" id="in-file-help">${words.fileHelp}</p></div>
<p><button class="main">${words.act}</button></p></form>`
  const page = frame(visit, 'check', words.title, body)
  return { ...page, styles: [...(page.styles ?? []), 'conformity.css'], address: CHECK_PATH }
}

function result(checked: Checked, visit: KnownVisit, words: CheckWords): Html {
  const { language, config } = visit
  const { answer, refused, requirements, format } = checked
  const [first] = checked.messages
  const kind = first === undefined || isDocument(format) ? null : first.kind
  const failing = requirements.filter((one) => one.failing.length > 0)
  const advice = toldAdvice(checked, config)
  return html`<section aria-labelledby="result" role="status"><h2 id="result">${words.result}</h2>
<p><strong>${answer === null ? words.noAnswer : words.answers[answer]}</strong></p>
${facts([
  [
    words.because,
    refused === null
      ? null
      : html`<span title="${refused.code}">${helpOf(refused.code, language)}</span>${refused.at === null ? null : html` <code>${refused.at}</code>`}`,
  ],
  [words.kind, [words.formats[format], kind].filter((one) => one !== null).join(', ')],
  [words.product, first?.application ?? null],
  [words.profiles, first?.profiles.join(', ') ?? null],
])}</section>
${findingTable('findings', words.findings, toldFindings(checked, config), visit, words)}
${requirementTable('missed', words.failing, failing, words.noneFailing, visit, words)}
${requirementTable(
  'counts',
  words.satisfied,
  requirements.filter((one) => one.failing.length === 0),
  words.noneSatisfied,
  visit,
  words,
)}
${advice.length === 0 ? null : html`${findingTable('advice', words.advice, advice, visit, words)}<p class="quiet">${words.adviceTells}</p>`}`
}

function isDocument(format: CheckedFormat): boolean {
  return format === 'cda' || format === 'xdm'
}

function findingTable(
  id: string,
  heading: string,
  found: readonly ToldFinding[],
  { language }: KnownVisit,
  words: CheckWords,
): Html {
  const columns = [words.severity, words.place, words.said, words.source, words.asked].map((name) => ({ name }))
  const rows = found.map(({ severity, at, said, rule, source, code, fails }) => [
    html`<span title="${words.severityTells[severity]}">${words.severities[severity]}</span>`,
    html`<code>${at}</code>`,
    said[language],
    html`<code>${rule === '' ? code : rule}</code>${source === '' ? null : html` <span class="quiet">${source}</span>`}`,
    several(fails.map((one) => html`${one}`)),
  ])
  return headedTable(id, heading, columns, rows, words.noFindings)
}

function requirementTable(
  id: string,
  heading: string,
  all: readonly RequirementCheck[],
  empty: string,
  { language, config }: KnownVisit,
  words: CheckWords,
): Html {
  const marks = CONFORMITY_WORDS[language]
  const columns = [words.requirement, words.framework, words.by].map((name) => ({ name }))
  const rows = all.map(({ requirement, level, text, confirm, frameworkName, framework, failing }) => [
    html`<strong>${requirement}</strong> ${text[language]} <span class="quiet">${marks.levels[level]}</span>${confirmMark(confirm, marks)}`,
    html`${frameworkName[language]} <span class="quiet">${framework}</span>`,
    failing.length === 0 ? words.counted : several(failing.map((one) => findingShown(one, config, language))),
  ])
  return headedTable(id, heading, columns, rows, empty)
}
