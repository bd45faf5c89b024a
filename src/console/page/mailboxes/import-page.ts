import type { MailboxImport } from '../../../core/mailboxes.ts'
import { type Html, html } from '../html.ts'
import { listing } from '../listing.ts'
import type { KnownVisit } from '../shell/pages.ts'
import type { PageBody } from '../shell/shell.ts'
import { reasonInput } from './field-inputs.ts'
import { BASE, frame, helpOf } from './frame.ts'
import { MAIL_WORDS } from './words.ts'

/** The form of a file of mailboxes, and what became of one that was sent; `fault`: why none was read. */
export function importPage(visit: KnownVisit, done: MailboxImport | null, fault: string | null): PageBody {
  const { language } = visit
  const words = MAIL_WORDS[language]
  const body = html`<p>${words.importLead}</p>
${fault === null ? null : html`<p class="alarm" role="alert">${fault}</p>`}
${done === null ? null : result(done, visit)}
<form method="post" action="${BASE}/import" enctype="multipart/form-data">
<div class="field"><label for="in-file">${words.importFile}</label><input id="in-file" name="file" type="file" accept=".csv,text/csv" required></div>
${reasonInput('reason', language)}
<p><button class="main" name="act" value="try">${words.importTry}</button> <button name="act" value="do">${words.importAct}</button></p></form>`
  return frame(visit, 'import', words.tabs.import, body)
}

function result({ problems, warnings, created, dryRun }: MailboxImport, { language }: KnownVisit): Html {
  const words = MAIL_WORDS[language]
  const columns = [{ name: words.line, numeric: true }, { name: words.field }, { name: words.problem }]
  const table = (id: string, caption: string, lines: MailboxImport['problems']) =>
    lines.length === 0
      ? null
      : listing(
          id,
          caption,
          columns,
          lines.map(({ line, field, code }) => ({
            cells: [html`${line}`, html`${field}`, html`${helpOf(code, language)} <span class="quiet">${code}</span>`],
          })),
          '',
        )
  const told = dryRun ? words.importTried(created) : words.imported(created)
  return html`${problems.length === 0 ? html`<p class="box" role="status">${told}</p>` : null}${table('problems', words.importRefused, problems)}${table('odd', words.odd, warnings)}`
}
