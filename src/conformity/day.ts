/** Days as conformity counts them: `YYYY-MM-DD`, in the region's time zone. */
export type Day = string

/** A day begins and offsets change on whole quarters of an hour (ms). */
export const QUARTER_MS = 900_000

/** Counts are kept for so many days, today the last; no window of a rule is longer. */
export const KEPT_DAYS = 800

/**
 * The day that a moment belongs to. Days of one time zone are remembered quarter by quarter: a calendar for every message would cost
 * more than counting it. */
export class Days {
  readonly #timeZone: string
  readonly #known = new Map<number, Day>()

  constructor(timeZone: string) {
    this.#timeZone = timeZone
  }

  /** The day of a moment, ms since 1970. */
  of(atMs: number): Day {
    const quarter = Math.floor(atMs / QUARTER_MS)
    const known = this.#known.get(quarter)
    if (known !== undefined) return known
    const day = dayOf(atMs, this.#timeZone)
    if (this.#known.size > 10_000) this.#known.clear()
    this.#known.set(quarter, day)
    return day
  }
}

/** The same, asked once. Pure. */
export function dayOf(atMs: number, timeZone: string): Day {
  return Temporal.Instant.fromEpochMilliseconds(atMs).toZonedDateTimeISO(timeZone).toPlainDate().toString()
}

/** The first of so many days that end with this one. Pure. */
export function firstOf(days: number, until: Day): Day {
  return Temporal.PlainDate.from(until)
    .subtract({ days: days - 1 })
    .toString()
}

/** How many days the second comes after the first. Pure. */
export function daysBetween(from: Day, to: Day): number {
  return Temporal.PlainDate.from(from).until(to, { largestUnit: 'days' }).days
}

/** The moment at which a day of a time zone is over (ms since 1970); null: there is no such day. Pure. */
export function endOf(day: Day, timeZone: string): number | null {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(day)) return null
  try {
    return Temporal.PlainDate.from(day).add({ days: 1 }).toZonedDateTime(timeZone).epochMilliseconds
  } catch (fault) {
    if (fault instanceof RangeError) return null
    throw fault
  }
}

/** A moment (ms since 1970) in ISO 8601 with the offset of a time zone, to the second. Pure. */
export function isoOf(ms: number, timeZone: string): string {
  return Temporal.Instant.fromEpochMilliseconds(ms)
    .toZonedDateTimeISO(timeZone)
    .toString({ timeZoneName: 'never', smallestUnit: 'second' })
}
