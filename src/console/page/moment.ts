import type { Language } from '../../formats/http/language.ts'
import { type Html, html } from './html.ts'

/** Who reads it: their language, and the time zone of the region. */
export interface Reader {
  readonly language: Language
  readonly config: { readonly region: { readonly timeZone: string } }
}

/**
 * A date without a time (`YYYY-MM-DD`, as a birth date is kept) as people write it: `12/08/1931` in French, unchanged in English, which
 * has two ways to read it so. Part of a date stays as it is. */
export function dateText(iso: string, language: Language): string {
  const [, year, month, day] = /^(\d{4})-(\d{2})-(\d{2})$/.exec(iso) ?? []
  return day === undefined || language === 'en' ? iso : `${day}/${month}/${year}`
}

/** A month (`2026-11`) as people write it: `novembre 2026`. */
export function monthText(month: string, language: Language): string {
  const at = Date.parse(`${month}-01T00:00:00Z`)
  return new Intl.DateTimeFormat(LOCALES[language], { timeZone: 'UTC', month: 'long', year: 'numeric' }).format(at)
}

const LOCALES: Readonly<Record<Language, string>> = { fr: 'fr-FR', en: 'en-GB' }
const known = new Map<string, Intl.DateTimeFormat>()

function formatOf(language: Language, timeZone: string): Intl.DateTimeFormat {
  const key = `${language} ${timeZone}`
  let format = known.get(key)
  if (format === undefined) {
    format = new Intl.DateTimeFormat(LOCALES[language], {
      timeZone,
      day: '2-digit',
      month: '2-digit',
      year: 'numeric',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
    })
    known.set(key, format)
  }
  return format
}

/** A time (ISO 8601) as text, in the region's own time. */
export function momentText(iso: string, { language, config }: Reader): string {
  return formatOf(language, config.region.timeZone).format(new Date(iso)).replace(',', '')
}

/** A time as an element: the region's own, UTC when pointed at. */
export function momentOf(iso: string, reader: Reader): Html {
  return html`<time datetime="${iso}" title="${iso.replace('T', ' ').replace(/(\.\d+)?Z$/, ' UTC')}">${momentText(iso, reader)}</time>`
}

/** A length of time in its largest unit, `1,5 s`. */
export function lengthOf(ms: number, language: Language): string {
  const steps: [number, string][] = [
    [86_400_000, language === 'fr' ? 'j' : 'd'],
    [3_600_000, 'h'],
    [60_000, 'min'],
    [1_000, 's'],
  ]
  const [size, unit] = steps.find(([step]) => ms >= step) ?? [1, 'ms']
  return `${(Math.round((ms * 10) / size) / 10).toLocaleString(LOCALES[language])} ${unit}`
}

/** A number as people of the language write it. */
export function numberOf(n: number, language: Language): string {
  return n.toLocaleString(LOCALES[language])
}

/**
 * The instant that a clock on a wall of the time zone shows as `2026-11-26T14:05` or `2026-11-26` (ms since 1970); null when the
 * text is none. In the hour that is there twice in autumn: the earlier one. */
export function instantOf(text: string, timeZone: string): number | null {
  const found = /^(\d{4}-\d\d-\d\d)(?:T(\d\d:\d\d(?::\d\d)?))?$/.exec(text)
  const asUtcMs = found === null ? Number.NaN : Date.parse(`${found[1]}T${found[2] ?? '00:00'}Z`)
  if (Number.isNaN(asUtcMs)) return null
  // The offset before a change of clocks is the right one on one side of it, that after on the other.
  const guesses = [
    asUtcMs - offsetMs(asUtcMs - 86_400_000, timeZone),
    asUtcMs - offsetMs(asUtcMs + 86_400_000, timeZone),
  ]
  return guesses.find((ms) => ms + offsetMs(ms, timeZone) === asUtcMs) ?? guesses[0]!
}

/** The same the other way round, `2026-11-26T14:05`: what a field of a form holds. */
export function wallOf(atMs: number, timeZone: string): string {
  return new Date(atMs + offsetMs(atMs, timeZone)).toISOString().slice(0, 16)
}

function offsetMs(atMs: number, timeZone: string): number {
  const parts = new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' }).formatToParts(atMs)
  const found = /GMT(?:([+-])(\d\d):(\d\d))?/.exec(parts.find(({ type }) => type === 'timeZoneName')?.value ?? '')
  if (found?.[1] === undefined) return 0
  return (found[1] === '-' ? -1 : 1) * (Number(found[2]) * 60 + Number(found[3])) * 60_000
}
