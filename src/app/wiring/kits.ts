import { mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { kitOf, kitSites } from '../../console/page/degraded/kit.ts'
import { kitDocument } from '../../console/page/degraded/print.ts'
import type { Config } from '../../core/config.ts'
import type { DutyViews } from '../../core/duty.ts'
import { codeOf, GatewayError } from '../../core/errors.ts'
import type { Journal } from '../../core/journal.ts'
import type { KeptKit, KeptKits } from '../../core/kits.ts'
import type { Fence, Tenancy } from '../../core/leases.ts'
import type { Clock, Log } from '../../core/ports.ts'

/** Folder of the kits, in that of the embedded store. */
export const KITS = 'procedure-degradee'
/** Hour of the region at which they are written. */
const AT = '02:30'
/** A writing that failed is tried again after that (ms). */
const AGAIN_MS = 600_000

/** What kits are written with. */
export interface KitParts {
  readonly journal: Pick<Journal, 'look' | 'apply' | 'leases'>
  readonly config: () => Config
  readonly duty: DutyViews
  readonly clock: Clock
  readonly log: Log
  /** Folder of this node's files; null: it writes none. */
  readonly folder: string | null
}

/**
 * Keeps the kits of the degraded mode, what can still be printed when nothing runs: written when this node takes the lease
 * `care-kits` and then each night, into the store for every node, and as files of this one. A file is replaced as a whole. */
export function keepKits(parts: KitParts): Tenancy {
  const { config, clock, log, journal } = parts
  let cancel = (): void => {}
  const write = async (fence: Fence): Promise<void> => {
    let waitMs = untilNight(clock.nowMs(), config().region.timeZone)
    try {
      await written(parts, fence)
    } catch (fault) {
      // The pages are still there, and in the browsers that have seen them.
      log.error('kits.unwritten', { code: codeOf(fault) }, fault)
      waitMs = Math.min(waitMs, AGAIN_MS)
    }
    cancel()
    if (ends) return
    cancel = clock.after(waitMs, () => void write(fence))
  }
  let ends = false
  const tenancy = journal.leases.hold('care-kits', {
    async begin({ fence }) {
      ends = false
      await write(fence)
    },
    async end() {
      ends = true
      cancel()
    },
  })
  tenancy.begun.catch(() => {})
  return tenancy
}

async function written({ journal, config, duty, clock, folder }: KitParts, fence: Fence): Promise<void> {
  const now = config()
  const { locale, timeZone } = now.region
  for (const site of kitSites(now)) {
    const madeAtMs = clock.nowMs()
    const text = kitDocument(await kitOf(site, now, duty, madeAtMs), { language: locale, timeZone })
    if (folder !== null) await replace(folder, site.id, text)
    const row = {
      sql: `INSERT INTO care_kit (site, made_at_ms, html) VALUES (?, ?, ?)
        ON CONFLICT (site) DO UPDATE SET made_at_ms = excluded.made_at_ms, html = excluded.html`,
      parameters: [site.id, madeAtMs, text],
    }
    if (!(await journal.apply({ fence, rows: [row] }))) return
  }
}

async function replace(folder: string, site: string, text: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const file = join(folder, `${site}.html`)
  await writeFile(`${file}.new`, text, { mode: 0o600 })
  await rename(`${file}.new`, file)
}

/** Gives the kits as they were written last: of the store, else this node's file when the store does not answer. */
export function keptKits({
  journal,
  folder,
}: Pick<KitParts, 'folder'> & { readonly journal: Pick<Journal, 'look'> }): KeptKits {
  return {
    async of(site): Promise<KeptKit | null> {
      try {
        const [row] = await journal.look<{ made_at_ms: number; html: string }>({
          sql: 'SELECT made_at_ms, html FROM care_kit WHERE site = ?',
          parameters: [site],
        })
        if (row !== undefined) return { madeAtMs: Number(row.made_at_ms), html: row.html }
      } catch (fault) {
        if (!(fault instanceof GatewayError) || folder === null) throw fault
      }
      return folder === null ? null : fileOf(join(folder, `${site}.html`))
    },
  }
}

async function fileOf(file: string): Promise<KeptKit | null> {
  try {
    const [html, { mtimeMs }] = await Promise.all([readFile(file, 'utf8'), stat(file)])
    return { madeAtMs: Math.floor(mtimeMs), html }
  } catch {
    // Not written yet.
    return null
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
