import { type Html, html } from './html.ts'

/** A field of a form, with what was typed and what is wrong with it. */
export interface Input {
  readonly name: string
  readonly label: string
  readonly value?: string
  readonly help?: string | null
  /** What is wrong, as a sentence; null: nothing. */
  readonly wrong?: string | null
  readonly type?: 'text' | 'tel' | 'date' | 'number' | 'time' | 'datetime-local'
  readonly longest?: number
  readonly required?: boolean
  readonly autofocus?: boolean
  /** Rows of a long text; absent: one line. */
  readonly rows?: number
  readonly mode?: 'numeric' | 'tel' | 'text'
}

/** What names a field for whoever hears the page: its help and what is wrong with it. */
function described(id: string, { help = null, wrong = null }: Pick<Input, 'help' | 'wrong'>): Html | null {
  const ids = [help === null ? null : `${id}-help`, wrong === null ? null : `${id}-wrong`].filter((one) => one !== null)
  const invalid = wrong === null ? null : html` aria-invalid="true"`
  return ids.length === 0 ? null : html` aria-describedby="${ids.join(' ')}"${invalid}`
}

function notes(id: string, { help = null, wrong = null }: Pick<Input, 'help' | 'wrong'>): Html {
  return html`${help === null ? null : html`<p class="help" id="${id}-help">${help}</p>`}${
    wrong === null ? null : html`<p class="alarm" id="${id}-wrong">${wrong}</p>`
  }`
}

/** A text field with its label, help and fault; `id` is `in-NAME`. */
export function input(field: Input): Html {
  const { name, label, value = '', type = 'text', longest = 500, required = false, autofocus = false, rows } = field
  const id = `in-${name}`
  const wanted = html`${required ? html` required` : null}${autofocus ? html` autofocus` : null}${described(id, field)}`
  const limit = ['text', 'tel'].includes(type) ? html` maxlength="${longest}"` : null
  const mode = field.mode === undefined ? null : html` inputmode="${field.mode}"`
  const box =
    rows === undefined
      ? html`<input id="${id}" name="${name}" type="${type}"${limit} value="${value}" autocomplete="off"${mode}${wanted}>`
      : html`<textarea id="${id}" name="${name}" rows="${rows}" maxlength="${longest}"${wanted}>
${value}</textarea>`
  return html`<div class="field"><label for="${id}">${label}${required ? html` <span class="must">*</span>` : null}</label>${box}${notes(id, field)}</div>`
}

/** A choice of a few: `choices` in order, each with its value. */
export function choice(
  field: Pick<Input, 'name' | 'label' | 'value' | 'help' | 'wrong' | 'required'>,
  choices: readonly (readonly [value: string, label: string])[],
): Html {
  return choiceOf(field, optionsOf(choices, field.value ?? ''))
}

function choiceOf(field: Parameters<typeof choice>[0], options: readonly Html[]): Html {
  const { name, label, required = false } = field
  const id = `in-${name}`
  return html`<div class="field"><label for="${id}">${label}${required ? html` <span class="must">*</span>` : null}</label><select id="${id}" name="${name}"${required ? html` required` : null}${described(id, field)}>${options}</select>${notes(id, field)}</div>`
}

/** A choice of many, in groups that have names. */
export function groupedChoice(
  field: Pick<Input, 'name' | 'label' | 'value' | 'help' | 'wrong' | 'required'>,
  groups: readonly (readonly [group: string, choices: readonly (readonly [value: string, label: string])[]])[],
): Html {
  return choiceOf(
    field,
    groups.map(
      ([group, choices]) => html`<optgroup label="${group}">${optionsOf(choices, field.value ?? '')}</optgroup>`,
    ),
  )
}

function optionsOf(choices: readonly (readonly [value: string, label: string])[], value: string): readonly Html[] {
  return choices.map(
    ([one, text]) => html`<option value="${one}"${one === value ? html` selected` : null}>${text}</option>`,
  )
}

/** Buttons of which one is chosen, big enough for a finger. `value` null: none is chosen. */
export function radios(
  { name, label, wrong = null, quiet = false }: Pick<Input, 'name' | 'label' | 'wrong'> & { readonly quiet?: boolean },
  value: string | null,
  choices: readonly (readonly [value: string, label: Html | string])[],
  autofocus = false,
): Html {
  const id = `in-${name}`
  return html`<fieldset class="radios" id="${id}"${wrong === null ? null : html` aria-describedby="${id}-wrong"`}><legend${quiet ? html` class="hidden"` : null}>${label}</legend>${choices.map(
    ([one, text], i) =>
      html`<label class="radio"><input type="radio" name="${name}" value="${one}"${one === value ? html` checked` : null}${autofocus && i === 0 ? html` autofocus` : null}> <span>${text}</span></label>`,
  )}${wrong === null ? null : html`<p class="alarm" id="${id}-wrong">${wrong}</p>`}</fieldset>`
}

/** A box to tick; its value is `yes`. */
export function tick(name: string, label: string, isTicked: boolean): Html {
  return html`<label class="tick"><input type="checkbox" name="${name}" value="yes"${isTicked ? html` checked` : null}> <span>${label}</span></label>`
}

/** The first button of a form is the one that Enter presses: unseen, so that the others may stand where they belong. */
export function entered(act: string): Html {
  return html`<button class="hidden" name="act" value="${act}" tabindex="-1" aria-hidden="true"></button>`
}

/** A value that goes with a form unseen. */
export function hidden(name: string, value: string): Html {
  return html`<input type="hidden" name="${name}" value="${value}">`
}

/** What is wrong with a form, on top of it, each line leading to its field. Nothing when nothing is. */
export function faults(title: string, wrong: readonly (readonly [field: string, told: string])[]): Html | null {
  if (wrong.length === 0) return null
  return html`<div class="alarm box" role="alert" tabindex="-1" id="faults"><p>${title}</p><ul>${wrong.map(
    ([field, told]) => html`<li><a href="#in-${field}">${told}</a></li>`,
  )}</ul></div>`
}
