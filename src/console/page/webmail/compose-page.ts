import { HELP_EN } from '../../../core/help-en.ts'
import { HELP_FR } from '../../../core/help-fr.ts'
import type { DraftFields, DraftProblem, DraftSource, WebmailBox } from '../../../core/webmail.ts'
import { html } from '../html.ts'
import { faults, hidden, input, tick } from '../inputs.ts'
import type { KnownVisit } from '../shell/pages.ts'
import type { PageBody } from '../shell/shell.ts'
import { foldersOf, frame, itemPath } from './frame.ts'
import { WEBMAIL_WORDS } from './words.ts'

/** A mail that is being written, and what was wrong with it. */
export interface Composing extends DraftFields {
  readonly source: DraftSource | null
  readonly receipt: boolean
  readonly notify: boolean
  readonly problems: readonly DraftProblem[]
  /** Files were sent with it, which a browser does not send again. */
  readonly hadFiles: boolean
}

/** Nobody typed yet. */
export function composing(fields: DraftFields, source: DraftSource | null): Composing {
  return { ...fields, source, receipt: false, notify: false, problems: [], hadFiles: false }
}

/** The page on which a mail is written: new, an answer, or one that passes another on. */
export function composePage(visit: KnownVisit, box: WebmailBox, state: Composing): PageBody {
  const { language, config } = visit
  const words = WEBMAIL_WORDS[language]
  const help = language === 'fr' ? HELP_FR : HELP_EN
  const told = ({ code, address }: DraftProblem): string =>
    address === null ? help[code] : words.about(address, help[code])
  const wrong = (field: DraftProblem['field']): string | null =>
    state.problems
      .filter((one) => one.field === field)
      .map(told)
      .join(' ') || null
  const { source } = state
  const title = source === null ? words.newMail : source.mode === 'forward' ? words.forwardOf : words.answerTo
  const most = (config.mail?.operator?.limits.maxBytes ?? 0) / 1_048_576
  const line = (name: 'to' | 'cc' | 'subject', label: string, tells: string | null, longest: number) =>
    input({ name, label, value: state[name], help: tells, wrong: wrong(name), longest, required: name === 'to' })
  const fileWrong = wrong('files')
  const body = html`${foldersOf(visit, box, null)}
<h2>${title}</h2>
${faults(
  words.refused,
  state.problems.map((one) => [one.field, told(one)]),
)}
${state.hadFiles ? html`<p class="alarm">${words.filesAgain}</p>` : null}
<form method="post" action="${itemPath(box.address, 'envoyer')}" enctype="multipart/form-data">
${source === null ? null : html`${hidden('courrier', source.item)}${hidden('mode', source.mode)}`}
${line('to', words.to, words.recipientsHelp, 5_000)}
${line('cc', words.cc, null, 5_000)}
${line('subject', words.subject, null, 500)}
${source?.mode === 'forward' ? html`<p class="quiet">${words.forwardTells}</p>` : null}
${input({ name: 'text', label: words.text, value: state.text, wrong: wrong('text'), longest: 100_000, rows: 14 })}
<div class="field"><label for="in-files">${words.attach}</label><input id="in-files" name="files" type="file" multiple aria-describedby="in-files-help"><p class="help" id="in-files-help">${words.attachHelp(most)}</p>${fileWrong === null ? null : html`<p class="alarm">${fileWrong}</p>`}</div>
${tick('receipt', words.askReceipt, state.receipt)}
${tick('notify', words.askNotify, state.notify)}
<p><button class="main">${words.send}</button></p></form>`
  return frame(visit, title, body, state.problems.length > 0 ? itemPath(box.address, 'nouveau') : undefined)
}
