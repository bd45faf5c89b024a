import { type Html, type HtmlValue, html } from '../html.ts'

/** What a form of an act is filled with: what was typed and could not be done, or nothing. */
export interface Filled {
  readonly id: string
  value(name: string): string
}

/** A line to write into. */
export function lineField(
  { id, value }: Filled,
  name: string,
  label: string,
  more: {
    readonly required?: boolean
    readonly hint?: string
    readonly numeric?: boolean
    readonly short?: boolean
  } = {},
): Html {
  const { required = false, hint, numeric = false, short = false } = more
  return html`<div${short ? html` class="short"` : null}><label for="${id}-${name}">${label}${hint === undefined ? null : html` <span class="quiet">${hint}</span>`}</label><input id="${id}-${name}" name="${name}" value="${value(name)}" maxlength="200" autocomplete="off"${
    required ? html` required` : null
  }${numeric ? html` inputmode="numeric"` : null}></div>`
}

/** A text of several lines. */
export function textField({ id, value }: Filled, name: string, label: string, rows = 4): Html {
  return html`<div><label for="${id}-${name}">${label}</label><textarea id="${id}-${name}" name="${name}" rows="${rows}" maxlength="20000" required>${value(name)}</textarea></div>`
}

/** A choice of one. */
export function choiceField(
  { id, value }: Filled,
  name: string,
  label: string,
  choices: readonly (readonly [value: string, label: string])[],
): Html {
  return html`<div><label for="${id}-${name}">${label}</label><select id="${id}-${name}" name="${name}">${choices.map(
    ([one, text]) => html`<option value="${one}"${one === value(name) ? html` selected` : null}>${text}</option>`,
  )}</select></div>`
}

/** A field that goes along unseen. */
export function unseenField(name: string, value: string): Html {
  return html`<input type="hidden" name="${name}" value="${value}">`
}

/** A section of the case page; script swaps it for a fresh one. */
export function section(id: string, title: string, body: HtmlValue): Html {
  return html`<section id="s-${id}" data-fresh aria-labelledby="t-${id}"><h2 id="t-${id}">${title}</h2>
${body}</section>`
}
