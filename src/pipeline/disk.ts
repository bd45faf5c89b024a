import { statfs } from 'node:fs/promises'
import type { Clock, Log } from '../core/ports.ts'

const LOOK_MS = 1_000

/** Watches the free space of the store's disk, so that new work is refused while there is still room to drain. */
export interface DiskWatch {
  /** True when less than the reserve was free at the last look. */
  readonly low: boolean
  /** Free at the last look (bytes); null before the first. */
  readonly freeBytes: number | null
  start(): Promise<void>
  stop(): void
}

/** The watch over `dir`; `minFreeBytes` is the reserve. */
export function diskWatch(dir: string, minFreeBytes: number, { clock, log }: { clock: Clock; log: Log }): DiskWatch {
  let low = false
  let freeBytes: number | null = null
  let stopped = false
  let cancel: (() => void) | null = null
  async function look(): Promise<void> {
    try {
      const { bavail, bsize } = await statfs(dir)
      const bytes = bavail * bsize
      const now = bytes < minFreeBytes
      if (now !== low) {
        if (now) log.warn('disk.low', { bytes, code: 'DISK_LOW' })
        else log.info('disk.recovered', { bytes })
      }
      freeBytes = bytes
      low = now
    } catch (fault) {
      log.error('disk.unreadable', {}, fault)
    }
    if (!stopped) cancel = clock.after(LOOK_MS, () => void look())
  }
  return {
    get low() {
      return low
    },
    get freeBytes() {
      return freeBytes
    },
    start: look,
    stop() {
      stopped = true
      cancel?.()
    },
  }
}
