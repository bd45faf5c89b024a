import type { NodeConfig } from '../../core/config.ts'
import type { GatewayError } from '../../core/errors.ts'
import type { Journal } from '../../core/journal.ts'
import type { Clock, Ids, Log, Meter } from '../../core/ports.ts'
import { type DiskWatch, diskWatch } from '../../pipeline/disk.ts'
import { openPostgresJournal } from '../../pipeline/journal/postgres/open.ts'
import { openSqliteJournal, type SqliteJournal } from '../../pipeline/journal/sqlite/open.ts'
import { ASTRAY_MS } from '../../pipeline/skew.ts'
import type { StoreAddress } from '../store.ts'

/** What a store is opened with. */
export interface StoreParts {
  readonly store: StoreAddress
  readonly nodeName: string
  readonly node: NodeConfig
  readonly release: string
  readonly clock: Clock
  readonly ids: Ids
  readonly log: Log
  readonly meter: Meter
  readonly refusedMaxBytes: () => number
  readonly onFatal: (fault: GatewayError) => void
}

/** A store that is open. */
export interface OpenStore {
  readonly journal: Journal
  /** The embedded one, which this process can copy; null: the database has its own backups. */
  readonly embedded: { readonly journal: SqliteJournal; readonly dir: string } | null
  /** Watches the disk of the embedded one; the database watches its own. */
  readonly disk: DiskWatch
}

const NO_DISK: DiskWatch = { low: false, freeBytes: null, async start() {}, stop() {} }

/** Opens the store that is named. @throws {GatewayError} STORE_HELD, STORE_NEWER, STORE_DAMAGED, STORE_UNREACHABLE, STORE_UNSAFE */
export async function openStore(parts: StoreParts): Promise<OpenStore> {
  const { store, nodeName, node, release, clock, ids, log, meter, refusedMaxBytes, onFatal } = parts
  const http = node.http[0]
  const address = http === undefined ? null : `${http.name}://${http.host}:${http.port}`
  const common = { clock, ids, log, meter, refusedMaxBytes }
  if (store.kind === 'postgres') {
    const journal = await openPostgresJournal({
      ...common,
      url: store.url,
      node: nodeName,
      address,
      release,
      skewMaxMs: ASTRAY_MS,
    })
    return { journal, embedded: null, disk: NO_DISK }
  }
  const { dir } = store
  const journal = await openSqliteJournal({ ...common, dir, holder: { node: nodeName, url: address }, onFatal })
  return { journal, embedded: { journal, dir }, disk: diskWatch(dir, node.minFreeBytes, { clock, log }) }
}
