import type { FactsImport, StructureImport, StructureState } from '../../../core/structures.ts'
import { helpOf } from '../../../formats/http/problem.ts'
import { reasonInput, told } from '../conformity/acts-parts.ts'
import { type Html, html } from '../html.ts'
import { facts, listing } from '../listing.ts'
import { momentOf, numberOf } from '../moment.ts'
import type { KnownVisit } from '../shell/pages.ts'
import type { PageBody } from '../shell/shell.ts'
import { frame, IMPORT, mayImport } from './frame.ts'
import { STRUCTURE_WORDS } from './words.ts'

/** Imports: the national file, with how far it is, and files of what the region knows. `done`: what became of one that was sent. */
export function importPage(
  visit: KnownVisit,
  state: StructureState,
  done: FactsImport | null,
  fault: string | null,
): PageBody {
  const words = STRUCTURE_WORDS[visit.language]
  const body = html`${told(fault)}${mayImport(visit) ? national(visit, state) : null}
<h2>${words.ownFile}</h2><p>${words.ownLead}</p>${done === null ? null : ofFacts(visit, done)}
<form method="post" action="${IMPORT}" enctype="multipart/form-data">
<div class="field"><label for="in-facts">${words.ownFile}</label><input id="in-facts" name="file" type="file" accept=".csv,text/csv" required></div>
<div class="field">${reasonInput('facts-reason', visit)}</div>
<p><button class="main" name="act" value="try">${words.tryIt}</button> <button name="act" value="do">${words.doIt}</button></p></form>
${imports(visit, state)}`
  return frame(visit, 'import', words.tabs.import, body)
}

/** Sent by script, straight to where imports are taken: no form holds sixty megabytes. */
function national({ language }: KnownVisit, { running }: StructureState): Html {
  const words = STRUCTURE_WORDS[language]
  const read = running?.bytesRead ?? 0
  return html`<h2>${words.file}</h2><p>${words.importLead}</p><p class="quiet">${words.noScript}</p>
<form data-structures="/api/structures" hidden>
<div class="field"><label for="in-national">${words.file}</label><input id="in-national" name="national" type="file" accept=".csv,.txt,.zip" required></div>
<p><button class="main">${words.send}</button></p></form>
<p role="status" id="told" data-label="${words.progress}" data-rows="${words.importFacts.rows}"${running === null ? null : html` data-running`}>${
    running === null ? null : `${words.progress} : ${numberOf(running.rows, language)} ${words.importFacts.rows}`
  }</p>
<progress id="bar" max="${running?.bytes ?? 1}" value="${read}" aria-label="${words.progress}"${running === null ? html` hidden` : null}></progress>`
}

function ofFacts(visit: KnownVisit, { problems, taken, dryRun }: FactsImport): Html {
  const words = STRUCTURE_WORDS[visit.language]
  if (problems.length === 0)
    return html`<p class="box" role="status">${dryRun ? words.tried(taken) : words.done(taken)}</p>`
  const columns = [{ name: words.line, numeric: true }, { name: words.field }, { name: words.problem }]
  const rows = problems.map(({ line, field, code }) => ({
    cells: [html`${line}`, html`${field}`, html`${helpOf(code, visit.language)}`],
  }))
  return listing('problems', words.refused, columns, rows, '')
}

function imports(visit: KnownVisit, { last }: StructureState): Html {
  const words = STRUCTURE_WORDS[visit.language]
  return html`<h2>${words.lastImports}</h2>${
    last.length === 0 ? html`<p class="quiet">${words.never}</p>` : last.map((one) => ofImport(visit, one))
  }`
}

function ofImport(visit: KnownVisit, one: StructureImport): Html {
  const { language } = visit
  const words = STRUCTURE_WORDS[language]
  const named = words.importFacts
  const time = (ms: number | null): Html | null => (ms === null ? null : momentOf(new Date(ms).toISOString(), visit))
  const some = (count: number): string | null => (count === 0 ? null : numberOf(count, language))
  const lines = [...one.badLines, ...one.oddLines].sort((a, b) => a.line - b.line)
  const columns = [{ name: words.line, numeric: true }, { name: words.problem }]
  return html`${facts([
    [named.file, `${one.name} (${words.states[one.state]})`],
    [named.made, time(one.generatedAtMs)],
    [named.imported, time(one.endedAtMs)],
    [named.rows, numberOf(one.rows, language)],
    [named.repeated, some(one.repeated)],
    [named.bad, some(one.bad)],
    [named.odd, some(one.odd)],
  ])}${one.code === null ? null : html`<p class="alarm">${helpOf(one.code, language)}</p>`}${
    lines.length === 0
      ? null
      : html`<details><summary>${words.lines} (${one.name})</summary>${listing(
          `lines-${one.generation}`,
          words.lines,
          columns,
          lines.map(({ line, code }) => ({ cells: [html`${line}`, html`${helpOf(code, language)}`] })),
          '',
        )}</details>`
  }`
}
