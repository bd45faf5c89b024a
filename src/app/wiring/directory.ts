import { directoryPlugin } from '../../console/directory.ts'
import type { Config } from '../../core/config.ts'
import {
  DIRECTORY_DEFAULTS,
  type DirectoryCommands,
  type DirectoryViews,
  type FeedDirectory,
} from '../../core/directory.ts'
import type { Journal } from '../../core/journal.ts'
import type { Clock, Log } from '../../core/ports.ts'
import type { HttpPlugin } from '../../entrances/http/server.ts'
import { CSV_FEED } from '../../formats/directory/feed.ts'
import { feedDirectory } from '../../mssante/directory/feed.ts'
import { beginImport, type ImportParts, tidyImports } from '../../mssante/directory/import.ts'
import { bringUp } from '../../mssante/directory/own.ts'
import { directoryViews } from '../../mssante/directory/views.ts'
import { BehindImports } from '../imports/behind.ts'
import { breathe, rest } from '../imports/breathe.ts'

/** What the directory is run with. */
export interface DirectorySources {
  readonly journal: Journal
  readonly config: () => Config
  readonly clock: Clock
  readonly log: Log
}

/** The directory of this node. */
export interface DirectoryWiring {
  readonly views: DirectoryViews
  readonly commands: DirectoryCommands
  readonly feed: FeedDirectory
  readonly plugins: readonly HttpPlugin[]
  /** Puts our mailboxes in, and clears what an import left that was cut off; behind everything else. */
  start(): void
  /** Cuts off an import that runs, and waits for it. */
  stop(): Promise<void>
}

/** How the running configuration has the national extraction read. */
export function directorySettings(config: () => Pick<Config, 'mail'>): ImportParts['settings'] {
  return () => config().mail?.directory ?? DIRECTORY_DEFAULTS
}

/** Wires the directory of mailboxes: its questions, its imports, and the feed of our own mailboxes. */
export function directory({ journal, config, clock, log }: DirectorySources): DirectoryWiring {
  const parts: ImportParts = { journal, settings: directorySettings(config), clock, breathe, rest }
  const views = directoryViews({ journal, config })
  const feed = feedDirectory({ journal, config }, CSV_FEED)
  const behind = new BehindImports('directory', log)
  const commands: DirectoryCommands = {
    async begin(file, act) {
      const limit = { maxBytes: parts.settings().maxBytes, tooLarge: 'DIRECTORY_TOO_LARGE' } as const
      const generation = await behind.begin(file, limit, (kept) => beginImport(parts, kept, act))
      const { last } = await views.state()
      return last.find((one) => one.generation === generation)!
    },
  }
  return {
    views,
    commands,
    feed,
    plugins: [directoryPlugin({ views, commands, feed })],
    start() {
      behind.apart('tidy', async () => {
        await tidyImports(parts, journal.dialect === 'sqlite', behind.stopped)
        await bringUp({ journal, config })
      })
    },
    stop: () => behind.stop(),
  }
}
