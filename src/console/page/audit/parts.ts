import type { Language } from '../../../formats/http/language.ts'
import { type Html, html } from '../html.ts'

/** How numbers and times are written on these pages. */
export interface Writing {
  number(n: number): string
  bytes(n: number): string
  /** Day, hour and second in the region's time zone, as markup with UTC beside it. */
  time(atMs: number): Html
  /** The same in words, for a sentence. */
  moment(atMs: number): string
  day(atMs: number): string
}

/** The writing of a language in a time zone. */
export function writing(language: Language, timeZone: string): Writing {
  const locale = language === 'fr' ? 'fr-FR' : 'en-GB'
  const numbers = new Intl.NumberFormat(locale)
  const day = new Intl.DateTimeFormat(locale, { timeZone, day: 'numeric', month: 'long', year: 'numeric' })
  const clock = new Intl.DateTimeFormat(locale, { timeZone, hour: '2-digit', minute: '2-digit', second: '2-digit' })
  const short = new Intl.DateTimeFormat(locale, {
    timeZone,
    day: '2-digit',
    month: '2-digit',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  })
  const units = language === 'fr' ? ['o', 'Kio', 'Mio', 'Gio'] : ['B', 'KiB', 'MiB', 'GiB']
  return {
    number: (n) => numbers.format(n),
    bytes(n) {
      const step = Math.min(units.length - 1, n < 1_024 ? 0 : Math.floor(Math.log2(n) / 10))
      return `${numbers.format(Math.round((10 * n) / 1_024 ** step) / 10)} ${units[step]}`
    },
    time(atMs) {
      const utc = new Date(atMs).toISOString()
      return html`<time datetime="${utc}" title="${utc}">${short.format(atMs)}</time>`
    },
    moment: (atMs) => `${day.format(atMs)} ${language === 'fr' ? 'à' : 'at'} ${clock.format(atMs)}`,
    day: (atMs) => day.format(atMs),
  }
}

/** A field with its label above it. `attributes` is markup. */
export function field(
  name: string,
  label: string,
  {
    type = 'text',
    value = '',
    hint = null,
    attributes = html``,
  }: {
    readonly type?: string
    readonly value?: string
    readonly hint?: string | null
    readonly attributes?: Html
  } = {},
): Html {
  const told = hint === null ? null : html` aria-describedby="${name}-hint"`
  return html`<p class="field"><label for="${name}">${label}</label>
<input id="${name}" name="${name}" type="${type}" value="${value}"${told} ${attributes}>${
    hint === null ? null : html`<span id="${name}-hint" class="quiet">${hint}</span>`
  }</p>`
}

/** A choice of one, or of none, among words. */
export function choice(
  name: string,
  label: string,
  chosen: string,
  options: readonly (readonly [value: string, text: string])[],
): Html {
  return html`<p class="field"><label for="${name}">${label}</label>
<select id="${name}" name="${name}">${options.map(
    ([value, text]) => html`<option value="${value}"${value === chosen ? html` selected` : null}>${text}</option>`,
  )}</select></p>`
}

/** The field of a reason, which every act needs. */
export function reasonField(label: string, id = 'reason', value = ''): Html {
  return html`<p class="field wide"><label for="${id}">${label}</label>
<input id="${id}" name="reason" required maxlength="500" autocomplete="off" value="${value}"></p>`
}

/** The beginning of a day (`2026-03-14`) in a time zone, ms since 1970; null: it is none. */
export function dayStart(day: string | null, timeZone: string): number | null {
  if (day === null || !/^\d{4}-\d\d-\d\d$/.test(day)) return null
  const utc = Date.parse(day)
  if (Number.isNaN(utc)) return null
  // Twice: the offset of the guess may be that of the other side of a change of time.
  return utc - offsetAt(utc - offsetAt(utc, timeZone), timeZone)
}

/** How far the clocks of a time zone are ahead of UTC (ms). */
function offsetAt(atMs: number, timeZone: string): number {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
  })
  const part = Object.fromEntries(format.formatToParts(atMs).map(({ type, value }) => [type, Number(value)]))
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part
  return Date.UTC(year, month - 1, day, hour, minute, second) - atMs
}
