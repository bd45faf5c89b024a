import { HELP_EN } from '../../../core/help-en.ts'
import { HELP_FR } from '../../../core/help-fr.ts'
import {
  type DraftFields,
  type DraftProblem,
  type DraftSource,
  MOST_FILES,
  type WebmailBox,
} from '../../../core/webmail.ts'
import { type Html, html } from '../html.ts'
import { entered, faults, hidden, input, tick } from '../inputs.ts'
import type { KnownVisit } from '../shell/pages.ts'
import type { PageBody } from '../shell/shell.ts'
import { foldersOf, frame, itemPath } from './frame.ts'
import { WEBMAIL_WORDS, type WebmailWords } from './words.ts'

/** A mail that is being written, and what was wrong with it. */
export interface Composing extends DraftFields {
  readonly source: DraftSource | null
  readonly receipt: boolean
  readonly notify: boolean
  readonly problems: readonly DraftProblem[]
  /** Nobody typed yet. */
  readonly fresh: boolean
  /** Files were sent with it, which a browser does not send again. */
  readonly hadFiles: boolean
  /** Addresses that were looked for in the directory, for the last one of a field; absent: none were. */
  readonly found?: Found
}

/** What was found for the last address of a field. */
export interface Found {
  readonly field: 'to' | 'cc'
  readonly addresses: readonly { readonly address: string; readonly name: string }[]
}

/** Nobody typed yet. */
export function composing(fields: DraftFields, source: DraftSource | null): Composing {
  return { ...fields, source, receipt: false, notify: false, problems: [], fresh: true, hadFiles: false }
}

/** The page on which a mail is written: new, an answer, or one that passes another on. */
export function composePage(visit: KnownVisit, box: WebmailBox, state: Composing): PageBody {
  const { language, config } = visit
  const words = WEBMAIL_WORDS[language]
  const help = language === 'fr' ? HELP_FR : HELP_EN
  const fits = words.attachHelp(MOST_FILES, fittingMebibytes(config.mail?.operator?.limits.maxBytes ?? 0))
  const told = ({ field, code, address }: DraftProblem): string => {
    if (address !== null) return words.about(address, help[code])
    return field === 'files' ? `${help[code]} ${fits}` : help[code]
  }
  const wrong = (field: DraftProblem['field']): string | null =>
    state.problems
      .filter((one) => one.field === field)
      .map(told)
      .join(' ') || null
  const { source } = state
  const title = source === null ? words.newMail : source.mode === 'forward' ? words.forwardOf : words.answerTo
  const line = (name: 'to' | 'cc' | 'subject', label: string, tells: string | null, longest: number) =>
    input({ name, label, value: state[name], help: tells, wrong: wrong(name), longest, required: name === 'to' })
  const recipients = (name: 'to' | 'cc', label: string, tells: string | null): Html =>
    html`<div data-complete="in-${name}" data-none="${words.findNone}" data-some="${words.findSome}">${line(name, label, tells, 5_000)}
<p data-plain><button name="find" value="${name}" formnovalidate>${words.find}</button></p>
${state.found?.field === name ? foundList(state.found, words) : null}</div>`
  const fileWrong = wrong('files')
  const body = html`${foldersOf(visit, box, null)}
<h2>${title}</h2>
${faults(
  words.refused,
  state.problems.map((one) => [one.field, told(one)]),
)}
${state.hadFiles ? html`<p class="alarm">${words.filesAgain}</p>` : null}
<p role="status" data-restored hidden>${words.restored} <button type="button">${words.discard}</button></p>
<form method="post" action="${itemPath(box.address, 'envoyer')}" enctype="multipart/form-data" data-draft="${pageOf(box, source)}"${state.fresh ? html` data-fresh` : null}>
${source === null ? null : html`${hidden('courrier', source.item)}${hidden('mode', source.mode)}`}
${entered('again')}
${recipients('to', words.to, words.recipientsHelp)}
${recipients('cc', words.cc, null)}
${line('subject', words.subject, null, 500)}
${source?.mode === 'forward' ? html`<p class="quiet">${words.forwardTells}</p>` : null}
${input({ name: 'text', label: words.text, value: state.text, wrong: wrong('text'), longest: 100_000, rows: 14 })}
<div class="field"><label for="in-files">${words.attach}</label><input id="in-files" name="files" type="file" multiple aria-describedby="in-files-help"><p class="help" id="in-files-help">${fits}</p>${fileWrong === null ? null : html`<p class="alarm">${fileWrong}</p>`}</div>
${tick('receipt', words.askReceipt, state.receipt)}
${tick('notify', words.askNotify, state.notify)}
<p><button class="main" name="act" value="send">${words.send}</button></p></form>`
  const page = frame(visit, title, body, state.fresh ? undefined : itemPath(box.address, 'nouveau'))
  return { ...page, scripts: ['complete.js'] }
}

/** What fits into a mail of so many octets (MiB, to one decimal): files go as base64, 57 octets in a line of 78 (RFC 2045 §6.8). */
function fittingMebibytes(bytes: number): number {
  const around = 16_384
  return Math.floor((Math.max(0, bytes - around) * 57) / 78 / 104_857.6) / 10
}

/** Address of the page on which it is begun. */
function pageOf({ address }: WebmailBox, source: DraftSource | null): string {
  if (source === null) return itemPath(address, 'nouveau')
  if (source.mode === 'forward') return itemPath(address, source.item, 'transferer')
  return `${itemPath(address, source.item, 'repondre')}${source.mode === 'reply' ? '' : '?a=tous'}`
}

/** Addresses that may be meant, each a button that takes it: for who has no script. */
function foundList({ field, addresses }: Found, words: WebmailWords): Html {
  if (addresses.length === 0) return html`<p role="status">${words.findNone}</p>`
  return html`<ul class="several found" aria-label="${words.findSome}">${addresses.map(
    ({ address, name }) =>
      html`<li><button name="add" value="${field} ${address}" formnovalidate>${name} &lt;${address}&gt;</button></li>`,
  )}</ul>`
}
