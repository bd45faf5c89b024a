/** Dates of mail (RFC 5322 §3.3). Pure. */
import { hl7Timestamp } from '../hl7v2/timestamp.ts'

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/**
 * `Fri, 27 Nov 2026 03:10:11 +0100`: an instant (ms since 1970) in an IANA time zone.
 * @throws {RangeError} if the zone is unknown or the instant is outside years 0 to 9999 */
export function mailDate(atMs: number, timeZone: string): string {
  const stamp = hl7Timestamp(atMs, timeZone)
  const [year, month, day] = [stamp.slice(0, 4), Number(stamp.slice(4, 6)), Number(stamp.slice(6, 8))]
  const weekday = new Date(Date.UTC(Number(year), month - 1, day)).getUTCDay()
  const time = `${stamp.slice(8, 10)}:${stamp.slice(10, 12)}:${stamp.slice(12, 14)}`
  return `${DAYS[weekday]}, ${day} ${MONTHS[month - 1]} ${year} ${time} ${stamp.slice(14)}`
}

/** The instant of a date of mail (ms since 1970); null: it is none. */
export function readMailDate(text: string): number | null {
  const form =
    /^\s*(?:[A-Za-z]{3},\s*)?(\d{1,2})\s+([A-Za-z]{3})\s+(\d{4})\s+(\d\d):(\d\d)(?::(\d\d))?\s+(?:([+-])(\d\d)(\d\d)|GMT|UT|Z)/
  const [, day, month, year, hour, minute, second = '0', sign = '+', hours = '0', minutes = '0'] = form.exec(text) ?? []
  const index = MONTHS.findIndex((one) => one.toLowerCase() === month?.toLowerCase())
  if (index < 0) return null
  const offset = (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000
  return Date.UTC(Number(year), index, Number(day), Number(hour), Number(minute), Number(second)) - offset
}
