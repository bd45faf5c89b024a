/** Dates and times: HL7 TS and DTM (v2.5.1 §2.A.22) and FHIR dateTime, to the precision that was given. Pure. */
import { hl7Timestamp } from '../hl7v2/timestamp.ts'

/** Where local times are read that bring no offset. */
export interface Zoned {
  /** IANA name. */
  readonly timeZone: string
}

const STAMP =
  /^(\d{4})(?:(\d\d)(?:(\d\d)(?:(\d\d)(?:(\d\d)(?:(\d\d)(\.\d{1,4})?)?)?)?)?)?([+-]\d\d[0-5]\d)?$/
const DATE_TIME = /^(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?)?)?$/

/**
 * The FHIR dateTime of a time stamp: year, month or day as given; with an hour, seconds and offset are filled up, the
 * offset with the zone's at that time. Null when the text is no time stamp. */
export function dateTimeOf(stamp: string | null, { timeZone }: Zoned): string | null {
  const found = STAMP.exec(stamp ?? '')
  if (found === null) return null
  const [, year, month, day, hour, minute = '00', second = '00', fraction = '', offset] = found
  if (!exists(year!, month, day, hour, minute, second)) return null
  if (month === undefined) return year!
  if (day === undefined) return `${year}-${month}`
  if (hour === undefined) return `${year}-${month}-${day}`
  const local = `${year}-${month}-${day}T${hour}:${minute}:${second}`
  return `${local}${fraction}${withColon(offset ?? offsetThere(`${local}Z`, timeZone))}`
}

/** The FHIR instant of a time stamp; null unless it says the second's day and hour at least. */
export function instantOf(stamp: string | null, zone: Zoned): string | null {
  const found = dateTimeOf(stamp, zone)
  return found !== null && found.length > 10 ? found : null
}

function exists(year: string, month = '01', day = '01', hour = '00', minute: string, second: string): boolean {
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return false
  const date = new Date(`${year}-${month}-${day}T00:00:00Z`)
  return !Number.isNaN(date.getTime()) && date.getUTCDate() === Number(day)
}

function withColon(offset: string): string {
  return `${offset.slice(0, 3)}:${offset.slice(3)}`
}

/** `+0100`: what a clock in the zone differed by when it showed this time. */
function offsetThere(localAsUtc: string, timeZone: string): string {
  const shown = Date.parse(localAsUtc)
  const first = hl7Timestamp(shown, timeZone).slice(14)
  return hl7Timestamp(shown - minutesOf(first) * 60_000, timeZone).slice(14)
}

function minutesOf(offset: string): number {
  const minutes = Number(offset.slice(1, 3)) * 60 + Number(offset.slice(3, 5))
  return offset[0] === '-' ? -minutes : minutes
}

/** The time stamp of a FHIR dateTime, date or instant; null when the text is none. Fractions are cut to four digits. */
export function timestampOf(dateTime: string | null): string | null {
  const found = DATE_TIME.exec(dateTime ?? '')
  if (found === null) return null
  const [, year, month = '', day = '', hour = '', minute = '', second = '', fraction = '', offset = ''] = found
  const shift = offset === 'Z' ? '+0000' : offset.replace(':', '')
  return `${year}${month}${day}${hour}${minute}${second}${fraction.slice(0, 5)}${shift}`
}
