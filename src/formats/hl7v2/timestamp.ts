/** HL7 time stamps with offset (DTM, HL7 v2.5.1 §2.A.22). */

/** Offsets of civil time change on these bounds of UTC and nowhere else (ms). */
const QUARTER_MS = 900_000
const NOTHING_KNOWN = { quarter: Number.NaN, offsetMs: 0, suffix: '' }
const NOTHING_WRITTEN = { second: Number.NaN, text: '' }
interface Zone {
  readonly format: Intl.DateTimeFormat
  known: typeof NOTHING_KNOWN
  /** What was written last: a thousand answers of one second bear the same. */
  written: typeof NOTHING_WRITTEN
}
const zones = new Map<string, Zone>()

/**
 * `YYYYMMDDHHMMSS+ZZZZ` of an instant (ms since 1970) in an IANA time zone. The offset is asked once per quarter of an
 * hour: asking Intl each time costs 2 to 3 µs, more than the rest of an answer.
 * @throws {RangeError} if the zone is unknown or the instant is outside years 0 to 9999 */
export function hl7Timestamp(atMs: number, timeZone: string): string {
  const zone = zoneOf(timeZone)
  const second = Math.floor(atMs / 1_000)
  if (zone.written.second === second) return zone.written.text
  const { offsetMs, suffix } = offsetAt(atMs, zone)
  const local = new Date(atMs + offsetMs).toISOString()
  if (local.length !== 24) throw new RangeError(`${atMs} is outside the years HL7 can write`)
  const date = local.slice(0, 4) + local.slice(5, 7) + local.slice(8, 10)
  const text = date + local.slice(11, 13) + local.slice(14, 16) + local.slice(17, 19) + suffix
  zone.written = { second, text }
  return text
}

function zoneOf(timeZone: string): Zone {
  let zone = zones.get(timeZone)
  if (zone === undefined) {
    const format = new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' })
    zone = { format, known: NOTHING_KNOWN, written: NOTHING_WRITTEN }
    zones.set(timeZone, zone)
  }
  return zone
}

function offsetAt(atMs: number, zone: Zone): typeof NOTHING_KNOWN {
  const quarter = Math.floor(atMs / QUARTER_MS)
  if (zone.known.quarter !== quarter) zone.known = { quarter, ...readOffset(zone.format, quarter * QUARTER_MS) }
  return zone.known
}

/** Reads `GMT`, `GMT+02:00` or `GMT-03:30`. */
function readOffset(format: Intl.DateTimeFormat, atMs: number): { offsetMs: number; suffix: string } {
  const name = format.formatToParts(atMs).find((one) => one.type === 'timeZoneName')?.value ?? 'GMT'
  const [, sign = '+', hours = '00', minutes = '00'] = /^GMT(?:([+-])(\d\d):(\d\d))?/.exec(name) ?? []
  const offsetMs = (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000
  return { offsetMs, suffix: sign + hours + minutes }
}
