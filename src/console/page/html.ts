/** Markup that is safe to send: made only by `html`, so every value in it was escaped or is markup itself. */
export class Html {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

/** What may stand in a template. Null and false leave nothing. */
export type HtmlValue = Html | string | number | null | false | readonly HtmlValue[]

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Signs that are not seen and change what is: controls, and those that turn the direction of all that follows (UAX #9). */
const UNSEEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\u202a-\u202e\u2066-\u2069]/g

/** Stands in the place of such a sign: a control has its picture, the others none. */
function picture(sign: string): string {
  const code = sign.charCodeAt(0)
  return code < 0x20 ? String.fromCharCode(0x2400 + code) : code === 0x7f ? '\u2421' : '\ufffd'
}

function markup(value: HtmlValue): string {
  if (value instanceof Html) return value.text
  if (value === null || value === false) return ''
  if (typeof value === 'object') return value.map(markup).join('')
  return String(value)
    .replace(/[&<>"']/g, (sign) => ENTITIES[sign] ?? '')
    .replace(UNSEEN, picture)
}

/**
 * Tag of a template: values are escaped for text and for quoted attributes, and signs that hide or turn text are shown as
 * pictures; `Html` and lists of it pass. Not for values inside script, style, unquoted attributes or URLs. */
export function html(parts: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  return new Html(parts.reduce((text, part, i) => text + markup(values[i - 1] ?? null) + part))
}
