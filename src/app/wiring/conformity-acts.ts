import { conformityCommands } from '../../conformity/commands.ts'
import { dayOf } from '../../conformity/day.ts'
import { evidenceSweep } from '../../conformity/evidence/receive.ts'
import { evidenceViews } from '../../conformity/evidence/views.ts'
import { publishFiles } from '../../conformity/framework-acts.ts'
import { frameworkShelf } from '../../conformity/framework-shelf.ts'
import { conformityActsPlugin } from '../../console/conformity-acts.ts'
import { conformityActPages } from '../../console/page/conformity/acts-plugin.ts'
import type { Config } from '../../core/config.ts'
import type { Framework } from '../../core/conformity.ts'
import type { FrameworkShelf, FrameworkSource } from '../../core/conformity-commands.ts'
import { codeOf } from '../../core/errors.ts'
import type { Follower } from '../../core/follower.ts'
import type { Journal } from '../../core/journal.ts'
import type { Clock, Ids, Log } from '../../core/ports.ts'
import type { HttpPlugin } from '../../entrances/http/server.ts'

/** What people act for conformity with. */
export interface ConformityActSources {
  readonly journal: Journal
  readonly config: () => Config
  readonly source: FrameworkSource
  readonly version: string
  readonly clock: Clock
  readonly ids: Ids
  readonly log: Log
}

/** Frameworks, evidence and set verdicts, as the gateway runs them. */
export interface ConformityActWiring {
  readonly followers: readonly Follower[]
  readonly plugins: readonly HttpPlugin[]
  /** Published frameworks, with the files on it, whoever asks first. */
  readonly shelf: FrameworkShelf
  /** Published frameworks that count today. */
  frameworks(): Promise<readonly Framework[]>
  /** Puts the files of frameworks on the shelf, once. Never rejects: who asks after a failure tries again. */
  publish(): Promise<void>
}

/** `changed`: verdicts are to be made anew. */
export function conformityActs(sources: ConformityActSources, changed: () => void): ConformityActWiring {
  const { config, clock, log, version } = sources
  const shelf = frameworkShelf(sources)
  let publishing: Promise<void> | null = null
  const failed = (fault: unknown): void => {
    publishing = null
    log.error('conformity.publish', { code: codeOf(fault) }, fault)
  }
  const publish = (): Promise<void> => (publishing ??= publishFiles({ ...sources, shelf, changed }).catch(failed))
  const acting = { ...sources, shelf: filledFirst(shelf, publish), changed }
  const acts = { commands: conformityCommands(acting), views: evidenceViews(acting) }
  const parts = { config, version, demo: false, shelf: acting.shelf, clock, ...acts }
  return {
    followers: [evidenceSweep()],
    plugins: [conformityActsPlugin(acts), conformityActPages(parts)],
    shelf: acting.shelf,
    frameworks: () => shelf.inForce(dayOf(clock.nowMs(), config().region.timeZone)),
    publish,
  }
}

/** The shelf as people see it: with the files on it, whoever comes first. */
function filledFirst(shelf: FrameworkShelf, publish: () => Promise<void>): FrameworkShelf {
  const first =
    <A extends readonly unknown[], R>(ask: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      await publish()
      return ask(...args)
    }
  return { list: first(shelf.list), one: first(shelf.one), text: first(shelf.text), inForce: first(shelf.inForce) }
}
