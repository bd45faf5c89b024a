import type { Clock } from '../core/ports.ts'

const MINUTE_MS = 60_000

/** Counts by name in the minute that runs: false once there were more than `most`. */
export function perMinute(clock: Pick<Clock, 'monotonicMs'>): (name: string, most: number) => boolean {
  let minute = -1
  const counts = new Map<string, number>()
  return (name, most) => {
    const now = Math.floor(clock.monotonicMs() / MINUTE_MS)
    if (now !== minute) {
      minute = now
      counts.clear()
    }
    const count = (counts.get(name) ?? 0) + 1
    counts.set(name, count)
    return count <= most
  }
}
