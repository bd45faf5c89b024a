/** Durations and sizes as region.yaml writes them. Pure. */

const DURATION_MS = { ms: 1, s: 1_000, min: 60_000, h: 3_600_000, d: 86_400_000 } as const
const SIZE_BYTES = { B: 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 } as const

/** What a duration looks like in region.yaml: `500 ms`, `10 s`, `2 min`, `48 h`, `30 d`. */
export const DURATION_PATTERN = '^[0-9]+ (ms|s|min|h|d)$'
/** What a size looks like in region.yaml: `512 B`, `64 KiB`, `16 MiB`, `1 GiB`. */
export const SIZE_PATTERN = '^[0-9]+ (B|KiB|MiB|GiB)$'

function parse(text: string, pattern: string, units: Readonly<Record<string, number>>, what: string): number {
  const unit = new RegExp(pattern).test(text) ? units[text.slice(text.indexOf(' ') + 1)] : undefined
  if (unit === undefined) throw new RangeError(`${JSON.stringify(text)} is no ${what}`)
  return Number.parseInt(text, 10) * unit
}

/**
 * Milliseconds of a duration such as `2 min`.
 * @throws {RangeError} if the text does not match `DURATION_PATTERN` */
export function durationMs(text: string): number {
  return parse(text, DURATION_PATTERN, DURATION_MS, 'duration (try 10 s)')
}

/**
 * Bytes of a size such as `16 MiB`.
 * @throws {RangeError} if the text does not match `SIZE_PATTERN` */
export function sizeBytes(text: string): number {
  return parse(text, SIZE_PATTERN, SIZE_BYTES, 'size (try 16 MiB)')
}
