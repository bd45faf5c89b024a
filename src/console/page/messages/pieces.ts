/** What pages about messages are put together of. */
import type { ErrorCode } from '../../../core/errors.ts'
import { HELP_EN } from '../../../core/help-en.ts'
import { HELP_FR } from '../../../core/help-fr.ts'
import type { DeliveryDetail, DeliverySummary } from '../../../core/views.ts'
import type { Language } from '../../../formats/http/language.ts'
import { type Html, type HtmlValue, html } from '../html.ts'
import { momentOf, type Reader } from '../moment.ts'
import { MESSAGE_WORDS } from './words.ts'

/** Up to the first colon, stop or semicolon that stands in no brackets or quotation marks. */
const BEGINNING = /^(?:\([^)]*\)|«[^»]*»|(?!\s?[:.;](?:\s|$)).)+/u

/** What a code means, in a few words: the beginning of its help, up to what to do about it. */
export function codeLabel(code: string, language: Language): string {
  const help: Readonly<Record<string, string>> = language === 'fr' ? HELP_FR : HELP_EN
  const text = help[code]
  if (text === undefined) return code
  const [label = ''] = BEGINNING.exec(text) ?? []
  return label.length < 8 ? text : label
}

/** A code in words; the code itself and the whole help when pointed at. */
export function codeOf(code: ErrorCode, language: Language): Html {
  const help = (language === 'fr' ? HELP_FR : HELP_EN)[code]
  return html`<span title="${code} · ${help}">${codeLabel(code, language)}</span>`
}

/** Codes with their words, by their words, as a choice; `chosen` is always among them. */
export function codeChoices(
  codes: readonly ErrorCode[],
  chosen: string | undefined,
  language: Language,
): readonly (readonly [value: string, label: string])[] {
  return [...new Set([...codes, ...(chosen === undefined ? [] : [chosen])])]
    .map((code): [string, string] => [code, codeLabel(code, language)])
    .sort(([, a], [, b]) => a.localeCompare(b, language))
}

/** Where a delivery stands, in the words of the glossary. */
export function stateText(delivery: DeliverySummary | DeliveryDetail, reader: Reader): HtmlValue {
  const words = MESSAGE_WORDS[reader.language]
  switch (delivery.state) {
    case 'queued':
      return 'dueAt' in delivery && delivery.dueAt !== null && delivery.attempts > 0
        ? [html`${words.retryAt} `, momentOf(delivery.dueAt, reader)]
        : words.queued
    case 'sending':
      return words.sending
    case 'delivered':
      return words.delivered
    case 'refused':
      return words.refusedBy(delivery.destination)
    case 'unknown':
      return words.uncertain
    case 'expired':
      return words.tooLate
    case 'poisoned':
      return words.impossible
    case 'closed':
      return words.closed
  }
}

/** A field to write into. */
export function input(
  name: string,
  label: string,
  value: string,
  more: { readonly type?: string; readonly max?: number; readonly required?: boolean; readonly list?: string } = {},
): Html {
  const { type = 'text', max = 200, required = false, list } = more
  return html`<label class="field"><span>${label}</span><input type="${type}" name="${name}" value="${value}" maxlength="${max}"${
    required ? html` required` : null
  }${list === undefined ? null : html` list="${list}"`} autocomplete="off"></label>`
}

/** A choice; the first entry is what nothing chosen means. */
export function choice(
  name: string,
  label: string,
  value: string,
  choices: readonly (readonly [value: string, label: string])[],
): Html {
  return html`<label class="field"><span>${label}</span><select name="${name}">${choices.map(
    ([one, text]) => html`<option value="${one}"${one === value ? html` selected` : null}>${text}</option>`,
  )}</select></label>`
}

/** Fields that go along unseen. */
export function hidden(fields: Readonly<Record<string, string>> | readonly (readonly [string, string])[]): Html {
  const all = Array.isArray(fields) ? (fields as readonly (readonly [string, string])[]) : Object.entries(fields)
  return html`${all.map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`)}`
}

/** Why an act is done: every act asks. */
export function reasonField(language: Language): Html {
  return input('reason', MESSAGE_WORDS[language].reason, '', { max: 500, required: true })
}
