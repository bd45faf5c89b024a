import type { PRECISIONS } from '../../core/cases.ts'

/** What a local time may hide at a change of hour: it came twice that night (October), or never (March). */
export type HourDoubt = 'twice' | 'skipped'

/** A time that was read. */
export interface ReadTime {
  /** Ms since 1970. Of an hour that came twice the earlier instant; of one that never came, one hour before what it says. */
  readonly atMs: number
  readonly precision: (typeof PRECISIONS)[number]
  readonly doubt: HourDoubt | null
}

const ISO = /^(\d{4}-\d{2}-\d{2})(?:T(\d{2}:\d{2})(:\d{2}(?:\.\d+)?)?(Z|[+-]\d{2}:\d{2})?)?$/
/** HL7 v2 DTM (chapter 2A): each part may end it. */
const DTM = /^(\d{4})(\d{2})(\d{2})(?:(\d{2})(?:(\d{2})(\d{2}(?:\.\d{1,4})?)?)?)?([+-]\d{4})?$/
const FORM = /^(\d{1,2})\s*(?:[:hH]\s*(\d{2})?|(\d{2}))$/

/**
 * Reads a time as FHIR (dateTime) or HL7 v2 (DTM) has it. Without an offset it is the region's time. Null: it is no time, or
 * less exact than a day. */
export function readTime(text: string, timeZone: string): ReadTime | null {
  const iso = ISO.exec(text)
  if (iso !== null) {
    const [, date = '', time, seconds = '', offset] = iso
    return instant(date, time === undefined ? null : `${time}${seconds}`, offset, timeZone, 'minute')
  }
  const [, year, month, day, hour, minute, second, offset] = DTM.exec(text) ?? []
  if (year === undefined) return null
  const time = hour === undefined ? null : `${hour}:${minute ?? '00'}:${second ?? '00'}`
  const colon = offset === undefined ? undefined : `${offset.slice(0, 3)}:${offset.slice(3)}`
  return instant(`${year}-${month}-${day}`, time, colon, timeZone, minute === undefined ? 'hour' : 'minute')
}

/**
 * Reads what a form asks: today or yesterday, and an hour as people write it (`14:20`, `14h20`, `14 h`, `1420`). `shownMs`:
 * when the form was shown, which says what "today" was. Null: it is no hour. */
export function readFormTime(
  day: 'today' | 'yesterday',
  hour: string,
  shownMs: number,
  timeZone: string,
): ReadTime | null {
  const [, hours, afterSign, bare] = FORM.exec(hour.trim()) ?? []
  if (hours === undefined) return null
  const today = Temporal.Instant.fromEpochMilliseconds(shownMs).toZonedDateTimeISO(timeZone).toPlainDate()
  const date = day === 'today' ? today : today.subtract({ days: 1 })
  const time = `${hours.padStart(2, '0')}:${afterSign ?? bare ?? '00'}`
  return instant(date.toString(), time, undefined, timeZone, 'minute')
}

function instant(
  date: string,
  time: string | null,
  offset: string | undefined,
  timeZone: string,
  precision: ReadTime['precision'],
): ReadTime | null {
  try {
    if (time !== null && offset !== undefined) {
      const { epochMilliseconds } = Temporal.Instant.from(`${date}T${time}${offset}`)
      return { atMs: epochMilliseconds, precision, doubt: null }
    }
    if (time === null) {
      const start = Temporal.PlainDate.from(date).toZonedDateTime(offset ?? timeZone)
      return { atMs: start.epochMilliseconds, precision: 'day', doubt: null }
    }
    const local = Temporal.PlainDateTime.from(`${date}T${time}`)
    const earlier = local.toZonedDateTime(timeZone, { disambiguation: 'earlier' })
    const later = local.toZonedDateTime(timeZone, { disambiguation: 'later' })
    const skipped = !earlier.toPlainDateTime().equals(local)
    const doubt = skipped ? 'skipped' : earlier.equals(later) ? null : 'twice'
    return { atMs: earlier.epochMilliseconds, precision, doubt }
  } catch {
    return null
  }
}
