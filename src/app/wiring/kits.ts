import { mkdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { kitOf, kitSites } from '../../console/page/degraded/kit.ts'
import { kitDocument } from '../../console/page/degraded/print.ts'
import type { Config } from '../../core/config.ts'
import type { DutyViews } from '../../core/duty.ts'
import type { Clock, Log } from '../../core/ports.ts'

/** Folder of the kits, in that of the store. */
export const KITS = 'procedure-degradee'
/** Hour of the region at which they are written. */
const AT = '02:30'

/** Writes the kits of the degraded mode, once when it starts and then each night. */
export interface Kits {
  start(): Promise<void>
  stop(): void
}

/** Kits as files beside the embedded store: what can still be printed when nothing runs. A file is replaced as a whole. */
export function keepKits(parts: {
  readonly config: () => Config
  readonly duty: DutyViews
  readonly clock: Clock
  readonly log: Log
  /** Folder of the store. */
  readonly folder: string
}): Kits {
  const { config, clock, log } = parts
  let cancel = (): void => {}
  const write = async (): Promise<void> => {
    cancel = clock.after(untilNight(clock.nowMs(), config().region.timeZone), () => void write())
    try {
      await written(parts)
    } catch (fault) {
      // The pages are still there, and in the browsers that have seen them.
      log.error('kits.unwritten', {}, fault)
    }
  }
  return { start: write, stop: () => cancel() }
}

async function written({ config, duty, clock, folder }: Parameters<typeof keepKits>[0]): Promise<void> {
  const now = config()
  const sites = kitSites(now)
  if (sites.length === 0) return
  const { locale, timeZone } = now.region
  const kits = join(folder, KITS)
  await mkdir(kits, { recursive: true, mode: 0o700 })
  for (const site of sites) {
    const kit = await kitOf(site, now, duty, clock.nowMs())
    const file = join(kits, `${site.id}.html`)
    await writeFile(`${file}.new`, kitDocument(kit, { language: locale, timeZone }), { mode: 0o600 })
    await rename(`${file}.new`, file)
  }
}

/** How long it is until the next night's writing (ms). Pure. */
export function untilNight(nowMs: number, timeZone: string): number {
  const now = Temporal.Instant.fromEpochMilliseconds(nowMs).toZonedDateTimeISO(timeZone)
  const today = now.withPlainTime(AT)
  const next =
    Temporal.ZonedDateTime.compare(today, now) > 0
      ? today
      : now.toPlainDate().add({ days: 1 }).toZonedDateTime({ timeZone, plainTime: AT })
  return next.epochMilliseconds - nowMs
}
