import type { AskedFor } from '../../../core/conformity-commands.ts'
import { STATEMENT_LENGTH } from '../../../core/conformity-commands.ts'
import { html } from '../html.ts'
import { choice, input } from '../inputs.ts'
import type { KnownVisit } from '../shell/pages.ts'
import type { PageBody } from '../shell/shell.ts'
import { frame } from './acts-frame.ts'
import { askedText, establishmentsOf, requirementChoice, type Typed, told } from './acts-parts.ts'
import { CONFORMITY_ACT_WORDS } from './acts-words.ts'
import { EVIDENCE_PATH } from './evidence-list.ts'

/** The form by which evidence is filed. */
export function evidenceFilePage(
  visit: KnownVisit,
  asked: readonly AskedFor[],
  typed: Typed,
  fault: string | null,
): PageBody {
  const words = CONFORMITY_ACT_WORDS[visit.language]
  const kinds = [...new Set(asked.flatMap(({ appliesTo }) => appliesTo))]
  const establishments = establishmentsOf(visit, 'conformity:file', kinds)
  // Of the one that is chosen already only what it is asked for.
  const chosen = establishments.filter(([id]) => id === typed['establishment'])
  const own = new Set(
    (chosen.length > 0 ? chosen : establishments).map(([id]) => visit.config.establishments.get(id)?.kind),
  )
  const open = asked.filter(({ appliesTo }) => appliesTo.some((kind) => own.has(kind as never)))
  const title = words.file
  const path = `${EVIDENCE_PATH}/deposer`
  if (open.length === 0) return { ...frame(visit, 'evidence', title, html`<p>${words.fileNone}</p>`), address: path }
  const body = html`<p>${words.evidenceLead}</p>
${told(fault)}
<form method="post" action="${path}" enctype="multipart/form-data">
${choice({ name: 'establishment', label: words.establishment, value: typed['establishment'] ?? '', required: true }, establishments)}
${requirementChoice(
  visit,
  open.map((one) => [one.framework, one.requirement, askedText(one, visit)] as const),
  typed['asked'] ?? '',
)}
${input({ name: 'statement', label: words.statement, help: words.statementHelp, value: typed['statement'] ?? '', rows: 6, longest: STATEMENT_LENGTH })}
<div class="field"><label for="in-file">${words.document}</label><input id="in-file" name="file" type="file" accept=".pdf,.png,.jpg,.jpeg,.zip,.xml,.txt" aria-describedby="in-file-help"><p class="help" id="in-file-help">${words.documentHelp}</p></div>
<p><button class="main">${words.fileAct}</button></p></form>`
  return { ...frame(visit, 'evidence', title, body), address: path }
}
