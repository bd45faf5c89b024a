import { directoryPlugin } from '../../console/directory.ts'
import type { Config } from '../../core/config.ts'
import {
  DIRECTORY_DEFAULTS,
  type DirectoryCommands,
  type DirectoryViews,
  type FeedDirectory,
} from '../../core/directory.ts'
import { codeOf } from '../../core/errors.ts'
import type { Journal } from '../../core/journal.ts'
import type { Clock, Log } from '../../core/ports.ts'
import type { HttpPlugin } from '../../entrances/http/server.ts'
import { CSV_FEED } from '../../formats/directory/feed.ts'
import { feedDirectory } from '../../mssante/directory/feed.ts'
import { beginImport, type ImportParts, tidyImports } from '../../mssante/directory/import.ts'
import { bringUp } from '../../mssante/directory/own.ts'
import { directoryViews } from '../../mssante/directory/views.ts'
import { breathe, rest } from '../directory/breathe.ts'
import { spool } from '../directory/spool.ts'

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
  let stopping = false
  const stopped = (): boolean => stopping
  let work: Promise<unknown> = Promise.resolve()
  const apart = (name: 'directory.import' | 'directory.tidy', doing: () => Promise<unknown>): void => {
    const before = work
    work = before.then(doing).catch((fault: unknown) => log.warn(name, { code: codeOf(fault) }))
  }
  const commands: DirectoryCommands = {
    async begin(file, act) {
      const kept = await spool(file, parts.settings().maxBytes)
      try {
        const begun = await beginImport(parts, kept.file, act)
        apart('directory.import', async () => {
          const done = await begun.run(kept.file, stopped).finally(kept.end)
          log.info('directory.import', { count: done.rows, ...(done.code && { code: done.code }) })
        })
        const { last } = await views.state()
        return last.find(({ generation }) => generation === begun.generation)!
      } catch (fault) {
        await kept.end()
        throw fault
      }
    },
  }
  return {
    views,
    commands,
    feed,
    plugins: [directoryPlugin({ views, commands, feed })],
    start() {
      apart('directory.tidy', async () => {
        await tidyImports(parts, journal.dialect === 'sqlite', stopped)
        await bringUp({ journal, config })
      })
    },
    async stop() {
      stopping = true
      await work
    },
  }
}
