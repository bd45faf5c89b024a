// What is left of a window, as formats/clock/countdown.ts has it: never more than there is. A test holds the two together.
export const SLOWEST = 0.001
export const THRESHOLDS_MS = [7_200_000, 3_600_000, 1_800_000, 900_000]

export function remainingMs({ endsMs, serverNowMs }, since) {
  const passedMs = Math.max(0, since.monotonicMs, since.wallMs)
  return endsMs - serverNowMs - Math.ceil(passedMs * (1 + 2 * SLOWEST))
}

export function passedThreshold(beforeMs, nowMs) {
  return THRESHOLDS_MS.findLast((one) => beforeMs > one && nowMs <= one && nowMs > 0) ?? null
}

// `1 h 40`, `12 min`: as formats/clock/words.ts says it. Null: less than a minute, which the server words.
export function spanOf(ms, day) {
  const minutes = Math.floor(Math.abs(ms) / 60_000)
  if (minutes === 0) return null
  const hours = Math.floor(minutes / 60)
  if (hours === 0) return `${minutes} min`
  if (hours >= 48)
    return hours % 24 === 0 ? `${Math.floor(hours / 24)} ${day}` : `${Math.floor(hours / 24)} ${day} ${hours % 24} h`
  return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${String(minutes % 60).padStart(2, '0')}`
}
