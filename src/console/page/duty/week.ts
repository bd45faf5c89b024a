/** Weeks and days of a region, as a rota shows them. Pure. */

/** A day of a week. */
export interface WeekDay {
  /** ISO date. */
  readonly date: string
  readonly fromMs: number
  readonly untilMs: number
}

/** A week from Monday, with the ones beside it. */
export interface Week {
  /** ISO date of its Monday, which names it. */
  readonly monday: string
  readonly before: string
  readonly after: string
  readonly days: readonly WeekDay[]
  readonly fromMs: number
  readonly untilMs: number
}

/** The week of a date (ISO), or of now when the text is none. */
export function weekOf(text: string | null, nowMs: number, timeZone: string): Week {
  const day =
    plainDate(text) ?? Temporal.Instant.fromEpochMilliseconds(nowMs).toZonedDateTimeISO(timeZone).toPlainDate()
  const monday = day.subtract({ days: day.dayOfWeek - 1 })
  const start = (days: number): number => monday.add({ days }).toZonedDateTime(timeZone).epochMilliseconds
  const days = [0, 1, 2, 3, 4, 5, 6].map((n) => ({
    date: monday.add({ days: n }).toString(),
    fromMs: start(n),
    untilMs: start(n + 1),
  }))
  return {
    monday: monday.toString(),
    before: monday.subtract({ days: 7 }).toString(),
    after: monday.add({ days: 7 }).toString(),
    days,
    fromMs: start(0),
    untilMs: start(7),
  }
}

function plainDate(text: string | null): Temporal.PlainDate | null {
  if (text === null || !/^20\d\d-\d\d-\d\d$/.test(text)) return null
  try {
    return Temporal.PlainDate.from(text)
  } catch {
    return null
  }
}

/** The hours of a span within a day, `08:00–20:00`; 00:00 at its end is written 24:00. */
export function hoursText(
  { fromMs, untilMs }: { readonly fromMs: number; readonly untilMs: number },
  day: WeekDay,
  timeZone: string,
): string {
  const clock = (ms: number): string =>
    Temporal.Instant.fromEpochMilliseconds(ms)
      .toZonedDateTimeISO(timeZone)
      .toPlainTime()
      .toString({ smallestUnit: 'minute' })
  const from = Math.max(fromMs, day.fromMs)
  return `${clock(from)}–${untilMs >= day.untilMs ? '24:00' : clock(untilMs)}`
}

/** A day as people read it: `lun. 23 nov.`. */
export function dayText({ date }: WeekDay, language: 'fr' | 'en'): string {
  return Temporal.PlainDate.from(date).toLocaleString(language === 'fr' ? 'fr-FR' : 'en-GB', {
    weekday: 'short',
    day: 'numeric',
    month: 'short',
  })
}

/** The Monday that names a week, as people read it: `23 novembre 2026`. */
export function mondayText({ monday }: Week, language: 'fr' | 'en'): string {
  return Temporal.PlainDate.from(monday).toLocaleString(language === 'fr' ? 'fr-FR' : 'en-GB', { dateStyle: 'long' })
}

/** A time as a line of text has it: `26/11/2026 20:00`. */
export function whenText(atMs: number, timeZone: string, language: 'fr' | 'en'): string {
  const format = { timeZone, dateStyle: 'short', timeStyle: 'short' } as const
  return new Intl.DateTimeFormat(language === 'fr' ? 'fr-FR' : 'en-GB', format).format(atMs).replace(',', '')
}
