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

function markup(value: HtmlValue): string {
  if (value instanceof Html) return value.text
  if (value === null || value === false) return ''
  if (typeof value === 'object') return value.map(markup).join('')
  return String(value).replace(/[&<>"']/g, (sign) => ENTITIES[sign] ?? '')
}

/**
 * Tag of a template: values are escaped for text and for quoted attributes; `Html` and lists of it pass. Not for values
 * inside script, style, unquoted attributes or URLs. */
export function html(parts: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  return new Html(parts.reduce((text, part, i) => text + markup(values[i - 1] ?? null) + part))
}
