/** Calendar months (`2026-11`) of a time zone. */

/** Half-open: its first instant, and that of the next month (ms). */
export interface MonthSpan {
  readonly month: string
  readonly fromMs: number
  readonly untilMs: number
}

const MONTH = /^\d{4}-(0[1-9]|1[0-2])$/

/** Is that a month as it is written here? */
export function isMonth(text: string): boolean {
  return MONTH.test(text)
}

/** The month of an instant. */
export function monthAt(atMs: number, timeZone: string): string {
  return Temporal.Instant.fromEpochMilliseconds(atMs)
    .toZonedDateTimeISO(timeZone)
    .toPlainDate()
    .toPlainYearMonth()
    .toString()
}

/** The month so many after this one. */
export function monthAfter(month: string, months = 1): string {
  return Temporal.PlainYearMonth.from(month).add({ months }).toString()
}

/** When a month begins and ends there, whatever the clocks did meanwhile. */
export function monthSpan(month: string, timeZone: string): MonthSpan {
  const first = Temporal.PlainYearMonth.from(month).toPlainDate({ day: 1 })
  const startOf = (day: Temporal.PlainDate): number => day.toZonedDateTime(timeZone).epochMilliseconds
  return { month, fromMs: startOf(first), untilMs: startOf(first.add({ months: 1 })) }
}

/** Every month from one to another, both included; none when they stand the other way round. */
export function monthsBetween(from: string, to: string): string[] {
  const all: string[] = []
  for (let month = from; month <= to; month = monthAfter(month)) all.push(month)
  return all
}
