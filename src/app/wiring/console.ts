import { backupPlugin } from '../../console/backup.ts'
import { guidePlugin } from '../../console/page/guide/guide.ts'
import type { Runs } from '../../console/runs.ts'
import type { Config } from '../../core/config.ts'
import type { Journal } from '../../core/journal.ts'
import type { BackupCommands, ConfigCommands } from '../../core/operations.ts'
import type { Clock, Ids, Log } from '../../core/ports.ts'
import type { EntranceStatus } from '../../core/views.ts'
import type { HttpPlugin } from '../../entrances/http/server.ts'
import { guideCommands } from '../demo/guide.ts'
import { auditAndPrivacy } from './audit-and-privacy.ts'
import { type CarePageSources, carePages } from './care-pages.ts'
import type { DirectoryWiring } from './directory.ts'
import { mailboxRoutes } from './mailboxes.ts'
import type { OwnRegion, RegionSource } from './own-region.ts'
import { regionPages } from './region-pages.ts'
import type { Telemedicine } from './telemedicine.ts'
import type { WhiteListWiring } from './white-list.ts'

/** What the parts of the console are made of. */
export interface ConsoleSources {
  readonly journal: Journal
  readonly config: () => Config
  /** The region file of this node, and changes of the configuration. */
  readonly region: OwnRegion
  readonly source?: RegionSource
  readonly changes: ConfigCommands
  /** Folders of profiles, the region's own first; absent: those that are shipped. */
  readonly profiles?: readonly string[]
  /** Pages of sign-in. */
  readonly signIn: HttpPlugin
  /** Null: the store is backed up by its own means. */
  readonly backups: BackupCommands | null
  /** The establishments are simulated: the guided first run may send at the doors. */
  readonly guided: boolean
  /** The doors of this node, once they are open. */
  readonly open: () => readonly EntranceStatus[]
  /** Cases: nothing of a patient who has an open one is erased. */
  readonly care: Pick<Telemedicine, 'patients' | 'plugins'> & CarePageSources['care']
  readonly whiteList: Pick<WhiteListWiring, 'plugins' | 'views' | 'commands'>
  /** Mail, for its directory. */
  readonly post: { readonly directory: Pick<DirectoryWiring, 'plugins' | 'views'> }
  /** Sessions, for what a page was launched on. */
  readonly sessions: CarePageSources['sessions']
  /** What is under way, as pages show it. */
  readonly runs: Runs
  readonly version: string
  readonly clock: Clock
  readonly ids: Ids
  readonly log: Log
}

/** The parts of the console, each with its routes. */
export function consoleRoutes(sources: ConsoleSources): HttpPlugin[] {
  const { backups, care, guided, post, signIn, whiteList } = sources
  return [
    ...care.plugins,
    ...whiteList.plugins,
    ...post.directory.plugins,
    ...mailboxRoutes({ ...sources, ...post }),
    ...carePages(sources),
    ...auditAndPrivacy({ ...sources, cases: care.patients }),
    signIn,
    ...regionPages(sources),
    ...(backups === null ? [] : [backupPlugin(backups)]),
    ...(guided ? [guidedRun(sources)] : []),
  ]
}

/** The guided first run, over the plain doors of this node. */
function guidedRun({ clock, ids, config, open, version }: ConsoleSources): HttpPlugin {
  const at = (name: string) => open().find((door) => door.name === name) ?? { host: '127.0.0.1', port: 0 }
  const places = () => ({ mllp: at('mllp'), http: `http://${at('http').host}:${at('http').port}` })
  const timeZone = () => config().region.timeZone
  return guidePlugin(guideCommands({ places, timeZone, clock, ids }), { config, version })
}
