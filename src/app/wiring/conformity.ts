import { conformityCommands } from '../../conformity/commands.ts'
import { dayOf } from '../../conformity/day.ts'
import { evidenceSweep } from '../../conformity/evidence/receive.ts'
import { evidenceViews } from '../../conformity/evidence/views.ts'
import { answeredFollower, sentFollower } from '../../conformity/follow.ts'
import { publishFiles } from '../../conformity/framework-acts.ts'
import { frameworkShelf } from '../../conformity/framework-shelf.ts'
import { startJudging } from '../../conformity/rounds.ts'
import { conformityActsPlugin } from '../../console/conformity-acts.ts'
import { conformityActPages } from '../../console/page/conformity/acts-plugin.ts'
import type { Config } from '../../core/config.ts'
import type { Framework } from '../../core/conformity.ts'
import type { FrameworkSource } from '../../core/conformity-commands.ts'
import { codeOf } from '../../core/errors.ts'
import type { Follower } from '../../core/follower.ts'
import type { Journal } from '../../core/journal.ts'
import type { Clock, Ids, Log } from '../../core/ports.ts'
import type { HttpPlugin } from '../../entrances/http/server.ts'

/** What conformity is made of. */
export interface ConformitySources {
  readonly journal: Journal
  readonly config: () => Config
  readonly source: FrameworkSource
  readonly version: string
  readonly clock: Clock
  readonly ids: Ids
  readonly log: Log
}

/** Conformity as the gateway runs it. */
export interface ConformityWiring {
  readonly followers: readonly Follower[]
  readonly plugins: readonly HttpPlugin[]
  /** Puts the files of frameworks on the shelf, and judges from then on. Never rejects. */
  start(): Promise<void>
  stop(): Promise<void>
}

/** Counts behind the answer on every follower's node, and judges on the one that holds the lease. */
export function conformity(sources: ConformitySources): ConformityWiring {
  const { config, clock, log, version } = sources
  let judging: ReturnType<typeof startJudging> | null = null
  const shelf = frameworkShelf(sources)
  const acting = { ...sources, shelf, changed: () => judging?.poke() }
  const acts = { commands: conformityCommands(acting), views: evidenceViews(acting) }
  const frameworks = (): Promise<readonly Framework[]> => shelf.inForce(dayOf(clock.nowMs(), config().region.timeZone))
  return {
    followers: [sentFollower(sources), answeredFollower(sources), evidenceSweep()],
    plugins: [conformityActsPlugin(acts), conformityActPages({ config, version, demo: false, shelf, clock, ...acts })],
    async start() {
      // Without them nothing is judged by them yet; the next start tries again.
      await publishFiles(acting).catch((fault: unknown) =>
        log.error('conformity.publish', { code: codeOf(fault) }, fault),
      )
      judging = startJudging({ ...sources, frameworks })
    },
    async stop() {
      await judging?.stop()
    },
  }
}
