import type { MeasureQuery } from '../../../core/measures.ts'
import type { Visit } from '../shell/visit.ts'

/** What is looked at, and the dates (ISO) by which it was asked. */
export interface Period extends MeasureQuery {
  readonly from: string
  /** Included. */
  readonly until: string
}

const DATE = /^\d{4}-\d\d-\d\d$/

/** The period of an address: from the first of the month a year ago to today, unless it says otherwise. Days are the region's. */
export function periodOf({ query, config }: Visit, nowMs: number): Period {
  const zone = config.region.timeZone
  const today = Temporal.Instant.fromEpochMilliseconds(nowMs).toZonedDateTimeISO(zone).toPlainDate()
  const from = dateOf(query.get('du')) ?? today.subtract({ months: 11 }).with({ day: 1 })
  const until = dateOf(query.get('au')) ?? today
  const startOf = (day: Temporal.PlainDate): number => day.toZonedDateTime(zone).epochMilliseconds
  const service = query.get('service') ?? ''
  return {
    fromMs: startOf(from),
    untilMs: startOf(until.add({ days: 1 })),
    service: service === '' ? null : service,
    from: from.toString(),
    until: until.toString(),
  }
}

function dateOf(text: string | null): Temporal.PlainDate | null {
  if (text === null || !DATE.test(text)) return null
  try {
    return Temporal.PlainDate.from(text, { overflow: 'reject' })
  } catch {
    return null
  }
}
