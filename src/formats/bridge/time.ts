/** Dates and times: TS and DTM of HL7 v2 (IHE France N.5) against date, dateTime and instant of FHIR. */
import { hl7Timestamp } from '../hl7v2/timestamp.ts'

const TS = /^(\d{4})(?:(\d\d)(?:(\d\d)(?:(\d\d)(?:(\d\d)(?:(\d\d)(?:\.\d{1,4})?)?)?)?)?)?([+-]\d{4})?$/
const FHIR = /^(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d):(\d\d)(?:\.\d+)?(Z|[+-]\d\d:\d\d))?)?)?$/

/** FHIR date of a TS; what is no month or day (00, 99, a lunar date) is left out. Null: no year. */
export function dateOf(ts: string): string | null {
  const [, year, month = '', day = ''] = TS.exec(ts) ?? []
  if (year === undefined || year === '0000') return null
  if (!(Number(month) >= 1 && Number(month) <= 12)) return year
  const isDay = day !== '' && isDate(Number(year), Number(month), Number(day))
  return isDay ? `${year}-${month}-${day}` : `${year}-${month}`
}

/** FHIR dateTime of a TS: hours come with minutes, seconds and offset, those of the time zone when it names none. */
export function dateTimeOf(ts: string, timeZone: string): string | null {
  const date = dateOf(ts)
  const [, , , , hour = '', minute = '00', second = '00', offset = ''] = TS.exec(ts) ?? []
  if (date === null || hour === '' || date.length < 10) return date
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return date
  const clock = `${date}T${hour}:${minute}:${second}`
  const written = offset === '' ? offsetAt(clock, timeZone) : offset
  return `${clock}${written.slice(0, 3)}:${written.slice(3)}`
}

/** FHIR instant of a TS: to the second, with offset; null when it is less exact. */
export function instantOf(ts: string, timeZone: string): string | null {
  const made = dateTimeOf(ts, timeZone)
  return made !== null && made.length > 10 ? made : null
}

/** TS of a FHIR date, dateTime or instant, with its own offset and precision; '' when it is none. */
export function tsOf(value: string | null): string {
  const [, year, month = '', day = '', hour = '', minute = '', second = '', offset = ''] = FHIR.exec(value ?? '') ?? []
  if (year === undefined) return ''
  const zone = offset === 'Z' ? '+0000' : offset.replace(':', '')
  return year + month + day + hour + minute + second + zone
}

/** The offset of a time zone when its clocks show this: the one that gives the same clock again. */
function offsetAt(clock: string, timeZone: string): string {
  // At the edges of what can be written an offset could lead beyond them.
  if (clock < '0002' || clock > '9999') return '+0000'
  const asUtc = Date.parse(`${clock}Z`)
  const guess = hl7Timestamp(asUtc, timeZone).slice(14)
  const ms = (Number(guess.slice(1, 3)) * 60 + Number(guess.slice(3))) * 60_000 * (guess[0] === '-' ? -1 : 1)
  return hl7Timestamp(asUtc - ms, timeZone).slice(14)
}

function isDate(year: number, month: number, day: number): boolean {
  const made = new Date(Date.UTC(2000, 0, 1))
  made.setUTCFullYear(year, month - 1, day)
  return made.getUTCFullYear() === year && made.getUTCMonth() === month - 1 && made.getUTCDate() === day
}
