import type { Language } from '../http/language.ts'
import type { HourDoubt, ReadTime } from './read.ts'

/** Times and durations as people say them. Durations ms; whole minutes, never rounded up. */
export interface ClockWords {
  /** `1 h 40`, `12 min`; less than a minute is said so; hours up to two days, then days and hours. */
  readonly span: (ms: number) => string
  /** `il y a 1 h 40`; of what is to come: `dans 20 min`. */
  readonly ago: (ms: number) => string
  readonly left: (ms: number) => string
  /** `4 h 30 dépassées depuis 12 min`: of a window, how long it is and how long it has been over. */
  readonly over: (lengthMs: number, sinceMs: number) => string
  /** The next window after the end of one. */
  readonly next: (name: string, leftMs: number) => string
  /** Said aloud when a threshold is passed: the number of the case, the window, what is left. */
  readonly announced: (number: string, window: string, leftMs: number) => string
  readonly today: string
  readonly yesterday: string
  readonly secondClock: string
  readonly switchedOff: string
  readonly met: string
  readonly future: string
  readonly old: string
  readonly doubts: Readonly<Record<HourDoubt, (said: string, readAs: string) => string>>
}

const MINUTE_MS = 60_000

function spanText(ms: number, words: { readonly day: string; readonly short: string }): string {
  const minutes = Math.floor(Math.abs(ms) / MINUTE_MS)
  if (minutes === 0) return words.short
  const hours = Math.floor(minutes / 60)
  if (hours === 0) return `${minutes} min`
  if (hours >= 48) {
    const days = Math.floor(hours / 24)
    return hours % 24 === 0 ? `${days} ${words.day}` : `${days} ${words.day} ${hours % 24} h`
  }
  return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${String(minutes % 60).padStart(2, '0')}`
}

const spanFr = (ms: number): string => spanText(ms, { day: 'j', short: "moins d'une minute" })
const spanEn = (ms: number): string => spanText(ms, { day: 'd', short: 'less than a minute' })

/** The catalogue of each language. Nothing in it says what should be done. */
export const CLOCK_WORDS: Readonly<Record<Language, ClockWords>> = {
  fr: {
    span: spanFr,
    ago: (ms) => (ms < 0 ? `dans ${spanFr(ms)}` : `il y a ${spanFr(ms)}`),
    left: (ms) => `reste ${spanFr(ms)}`,
    over: (lengthMs, sinceMs) =>
      `${spanFr(lengthMs)} ${isOne(lengthMs) ? 'dépassée' : 'dépassées'} depuis ${spanFr(sinceMs)}`,
    next: (name, leftMs) => `fenêtre suivante : ${name}, reste ${spanFr(leftMs)}`,
    announced: (number, window, leftMs) => `${number} : ${window}, reste ${spanFr(leftMs)}`,
    today: "aujourd'hui",
    yesterday: 'hier',
    secondClock: 'Début inconnu ou réveil : seconde horloge, depuis la découverte',
    switchedOff: 'Fenêtre désactivée par la région',
    met: 'Dans le délai',
    future: 'Heure à vérifier : elle est dans le futur',
    old: 'Heure à vérifier : elle est très ancienne',
    doubts: {
      twice: (said, readAs) =>
        `${said} existe deux fois cette nuit-là (changement d'heure) : lu ${readAs}, la première`,
      skipped: (said, readAs) => `${said} n'existe pas ce jour-là (changement d'heure) : lu ${readAs}`,
    },
  },
  en: {
    span: spanEn,
    ago: (ms) => (ms < 0 ? `in ${spanEn(ms)}` : `${spanEn(ms)} ago`),
    left: (ms) => `${spanEn(ms)} left`,
    over: (lengthMs, sinceMs) => `${spanEn(lengthMs)} passed ${spanEn(sinceMs)} ago`,
    next: (name, leftMs) => `next window: ${name}, ${spanEn(leftMs)} left`,
    announced: (number, window, leftMs) => `${number}: ${window}, ${spanEn(leftMs)} left`,
    today: 'today',
    yesterday: 'yesterday',
    secondClock: 'Unknown beginning or on waking: second clock, from the discovery',
    switchedOff: 'Window switched off by the region',
    met: 'In time',
    future: 'Time to verify: it is in the future',
    old: 'Time to verify: it is very old',
    doubts: {
      twice: (said, readAs) => `${said} comes twice that night (change of hour): read as ${readAs}, the first`,
      skipped: (said, readAs) => `${said} does not exist that day (change of hour): read as ${readAs}`,
    },
  },
}

const isOne = (ms: number): boolean => Math.floor(ms / MINUTE_MS) === 60 || Math.floor(ms / MINUTE_MS) === 1

/** A time of the region as people say it: `aujourd'hui 14:20`, `hier 23:10`, else the date and hour. Pure. */
export function dayTimeText(atMs: number, nowMs: number, timeZone: string, language: Language): string {
  const words = CLOCK_WORDS[language]
  const local = (ms: number) => Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(timeZone)
  const [at, now] = [local(atMs), local(nowMs)]
  const hour = at.toPlainTime().toString({ smallestUnit: 'minute' })
  if (at.toPlainDate().equals(now.toPlainDate())) return `${words.today} ${hour}`
  if (at.toPlainDate().equals(now.toPlainDate().subtract({ days: 1 }))) return `${words.yesterday} ${hour}`
  const date = at.toPlainDate().toLocaleString(language === 'fr' ? 'fr-FR' : 'en-GB')
  return `${date} ${hour}`
}

/**
 * What a form repeats of a time, so that whoever wrote it hears what was understood: `aujourd'hui 14:20, il y a 1 h 40`,
 * and what was doubtful. `said`: the hour as it was written. Pure. */
export function repeatedText(
  { atMs, doubt }: ReadTime,
  at: { readonly said: string; readonly nowMs: number; readonly timeZone: string; readonly language: Language },
): string {
  const { said, nowMs, timeZone, language } = at
  const words = CLOCK_WORDS[language]
  const text = `${dayTimeText(atMs, nowMs, timeZone, language)}, ${words.ago(nowMs - atMs)}`
  if (doubt === null) return text
  const local = Temporal.Instant.fromEpochMilliseconds(atMs).toZonedDateTimeISO(timeZone)
  const readAs = `${local.toPlainTime().toString({ smallestUnit: 'minute' })} (UTC${local.offset})`
  return `${text}. ${words.doubts[doubt](said, readAs)}`
}
