import type { ProgrammeImport } from '../../../core/programme-commands.ts'
import type { Programme } from '../../../core/programmes.ts'
import { ENROLMENT_COLUMNS, type EnrolmentColumn } from '../../../formats/programme-csv.ts'
import { reasonInput } from '../conformity/acts-parts.ts'
import { type Html, html } from '../html.ts'
import { listing } from '../listing.ts'
import { numberOf } from '../moment.ts'
import type { KnownVisit } from '../shell/pages.ts'
import { programmePath } from './said.ts'
import { PROGRAMME_WORDS } from './words.ts'

/** What became of a file. */
export type ImportShown = ProgrammeImport

/** The form of a file of enrolments, and what became of one that was sent. */
export function importForm(programme: Programme, visit: KnownVisit, done: ImportShown | null): Html {
  const words = PROGRAMME_WORDS[visit.language]
  return html`<details${done === null ? null : html` open`}><summary>${words.importTitle}</summary><p>${words.importLead(ENROLMENT_COLUMNS.join(', '))}</p>
${done === null ? null : result(done, visit)}
<form method="post" action="${programmePath(programme)}/import" enctype="multipart/form-data">
<div class="field"><label for="in-file">${words.importFile}</label><input id="in-file" name="file" type="file" accept=".csv,text/csv" required></div>
${reasonInput('import-reason', visit)}
<p><button class="main" name="act" value="try">${words.importTry}</button> <button name="act" value="do">${words.importAct}</button></p></form></details>`
}

function result({ problems, created, dryRun }: ProgrammeImport, { language }: KnownVisit): Html {
  const words = PROGRAMME_WORDS[language]
  const count = numberOf(created, language)
  if (problems.length === 0)
    return html`<p class="box" role="status">${dryRun ? words.importTried(count) : words.imported(count)}</p>`
  const columns = [{ name: words.line, numeric: true }, { name: words.field }, { name: words.problem }]
  const rows = problems.map(({ line, field, fault }) => ({
    cells: [
      html`${line}`,
      html`${words.fields[field as EnrolmentColumn] ?? words.fileField}`,
      html`${words.faults[fault]}`,
    ],
  }))
  return html`<div class="alarm" role="alert">${listing('problems', words.importRefused, columns, rows, '')}</div>`
}
