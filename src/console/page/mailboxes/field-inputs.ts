import type { MailboxKind } from '../../../core/mail.ts'
import type { MailboxProblem } from '../../../core/mailboxes.ts'
import type { Language } from '../../../formats/http/language.ts'
import { type Html, html } from '../html.ts'
import { faults, input, tick } from '../inputs.ts'
import { helpOf } from './frame.ts'
import { fieldsOf, type Typed } from './typed.ts'
import { MAIL_WORDS } from './words.ts'

/** A form as it is shown: what was typed, and what is wrong with it. `reason` is told apart: the store knows nothing of it. */
export interface FormState {
  readonly typed: Typed
  readonly problems: readonly (MailboxProblem | { readonly field: 'reason' | 'sure' })[]
}

/** Nobody typed yet. */
export const UNTYPED: FormState = { typed: {}, problems: [] }

/** What is wrong with a field, as a sentence; null: nothing. */
export function wrongOf({ problems }: FormState, field: string, language: Language): string | null {
  const words = MAIL_WORDS[language]
  const found = problems.find((one) => one.field === field)
  if (found === undefined) return null
  if (found.field === 'sure') return words.closeUnsure
  return 'code' in found ? helpOf(found.code, language) : words.reasonMissing
}

/** Everything that is wrong, on top of a form. `prefix`: of the ids of its fields. */
export function allFaults(state: FormState, language: Language): Html | null {
  const words = MAIL_WORDS[language]
  return faults(
    words.refused,
    state.problems.map(({ field }) => [
      field === 'address' || field === 'establishment' ? 'local' : field,
      wrongOf(state, field, language) ?? '',
    ]),
  )
}

/** One line of text with its help and fault. */
export function fieldInput(
  name: 'local' | 'name' | 'owner' | 'responsible' | 'service' | 'description' | 'certificate' | 'quota' | 'person',
  state: FormState,
  language: Language,
  { required = false, kind }: { readonly required?: boolean; readonly kind?: MailboxKind } = {},
): Html {
  const words = MAIL_WORDS[language]
  const label = words.fields[name]
  const help = name === 'name' && kind !== 'PER' ? null : (words.helps[name as keyof typeof words.helps] ?? null)
  const wrong = wrongOf(state, name, language) ?? (name === 'local' ? wrongOf(state, 'address', language) : null)
  return input({
    ...{ name, label, value: state.typed[name] ?? '', help, wrong, required },
    longest: name === 'certificate' ? 1_000 : name === 'local' ? 64 : name === 'name' ? 200 : 500,
  })
}

/** The fields that a mailbox of this kind may change, and may have from the start. */
export function changeInputs(kind: MailboxKind, state: FormState, language: Language): Html {
  const words = MAIL_WORDS[language]
  return html`${fieldsOf(kind)
    .filter((field) => field !== 'redList')
    .map((field) =>
      fieldInput(field as Exclude<typeof field, 'redList'>, state, language, { required: field === 'name', kind }),
    )}${tick('redList', `${words.fields.redList} : ${words.helps.redList ?? ''}`, state.typed['redList'] === 'yes')}`
}

/** Why somebody does it. `id`: apart from the other reasons of the page. */
export function reasonInput(id: string, language: Language, state: FormState = UNTYPED): Html {
  const words = MAIL_WORDS[language]
  const wrong = wrongOf(state, 'reason', language)
  return html`<label for="in-${id}">${words.fields.reason} <span class="must">*</span></label><input id="in-${id}" name="reason" maxlength="500" required autocomplete="off" value="${state.typed['reason'] ?? ''}">${
    wrong === null ? null : html`<p class="alarm">${wrong}</p>`
  }`
}
