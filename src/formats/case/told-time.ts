/** Times that people tell, as both formats write them: an instant with how exact it is. */
import type { ToldTime } from '../../core/cases.ts'
import { hl7Timestamp } from '../hl7v2/timestamp.ts'

const TS = /^(\d{4})(\d\d)(\d\d)(?:(\d\d)(?:(\d\d)(?:(\d\d)(?:\.\d{1,4})?)?)?)?([+-]\d{4})?$/
const FHIR = /^(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?$/
const DAY_MS = 86_400_000

/** An instant and its precision, without who told it. */
export type Told = Pick<ToldTime, 'atMs' | 'precision'>

/** A TS or DTM of HL7 v2 (§2.A.22), a day at least; null: it is none. Without hour the day's begin, without minute the hour's. */
export function toldOfTs(ts: string, timeZone: string): Told | null {
  const [, year, month, day, hour, minute, second, offset] = TS.exec(ts.trim()) ?? []
  return told([year, month, day, hour, minute, second], offset, timeZone)
}

/** A dateTime of FHIR, a day at least; null: it is none. */
export function toldOfDateTime(value: string, timeZone: string): Told | null {
  const [, year, month, day, hour, minute, second, offset] = FHIR.exec(value.trim()) ?? []
  return told([year, month, day, hour, minute, second], offset, timeZone)
}

type Parts = readonly (string | undefined)[]

function told([year, month, day, hour, minute, second]: Parts, offset: string | undefined, timeZone: string) {
  if (year === undefined) return null
  const numbers = [year, month, day, hour ?? '0', minute ?? '0', second ?? '0'].map(Number)
  const [y = 0, m = 0, d = 0, h = 0, min = 0, s = 0] = numbers
  const asUtc = Date.UTC(y, m - 1, d, h, min, s)
  const made = new Date(asUtc)
  const isMoment = made.getUTCMonth() === m - 1 && made.getUTCDate() === d && h < 24 && min < 60 && s < 60
  if (!isMoment || y < 1900) return null
  const precision: ToldTime['precision'] = hour === undefined ? 'day' : minute === undefined ? 'hour' : 'minute'
  const atMs = offset === undefined ? wallMs(asUtc, timeZone) : asUtc - offsetMs(offset)
  return { atMs, precision }
}

/** `+0100`, `+01:00` or `Z` in ms. */
function offsetMs(offset: string): number {
  if (offset === 'Z') return 0
  const digits = offset.slice(1).replace(':', '')
  return (Number(digits.slice(0, 2)) * 60 + Number(digits.slice(2))) * 60_000 * (offset[0] === '-' ? -1 : 1)
}

/**
 * When the clocks of a zone show this (given as if it were UTC). Of the hour that comes twice in October the earlier: no
 * remaining time is then longer than it is. What no clock shows in March is an hour later. */
function wallMs(asUtc: number, timeZone: string): number {
  const [before, after] = [asUtc - DAY_MS, asUtc + DAY_MS].map((one) => zoneOffsetMs(one, timeZone))
  const shown = [asUtc - before!, asUtc - after!].filter((one) => one + zoneOffsetMs(one, timeZone) === asUtc)
  return shown.length === 0 ? asUtc - before! : Math.min(...shown)
}

function zoneOffsetMs(atMs: number, timeZone: string): number {
  return offsetMs(hl7Timestamp(atMs, timeZone).slice(14))
}
