import { durationText } from '../../../formats/alert/duration.ts'
import type { Language } from '../../../formats/http/language.ts'
import { type Html, html } from '../html.ts'

/** How numbers, times and durations are written for one language and time zone. */
export interface Formats {
  number(n: number): string
  /** Date and time to the second, in the region's zone. */
  time(iso: string): string
  /** The same as an element, with UTC on hover; `key`: it is live under this name. */
  timeElement(iso: string, key?: string): Html
  duration(ms: number): string
  day(iso: string): string
  hour(ms: number): string
}

const MADE = new Map<string, Formats>()

/** The formats; made once, because making them is dear. */
export function formatsOf(language: Language, timeZone: string): Formats {
  const name = `${language} ${timeZone}`
  const known = MADE.get(name)
  if (known !== undefined) return known
  const locale = language === 'fr' ? 'fr-FR' : 'en-GB'
  const numbers = new Intl.NumberFormat(locale)
  const times = new Intl.DateTimeFormat(locale, {
    timeZone,
    day: 'numeric',
    month: 'short',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  })
  const days = new Intl.DateTimeFormat(locale, { timeZone, dateStyle: 'long' })
  const hours = new Intl.DateTimeFormat(locale, { timeZone, hour: '2-digit', minute: '2-digit' })
  const time = (iso: string): string => times.format(new Date(iso))
  const formats: Formats = {
    number: (n) => numbers.format(n),
    time,
    timeElement: (iso, key) =>
      html`<time datetime="${iso}" title="${utcText(iso)}"${key === undefined ? null : html` data-live="${key}"`}>${time(iso)}</time>`,
    duration: (ms) => durationText(ms, language),
    day: (iso) => days.format(new Date(iso)),
    hour: (ms) => hours.format(ms),
  }
  MADE.set(name, formats)
  return formats
}

/** A time in UTC, to the second. */
export function utcText(iso: string): string {
  return `${new Date(iso).toISOString().slice(0, 19).replace('T', ' ')} UTC`
}
