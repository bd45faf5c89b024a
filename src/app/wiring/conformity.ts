import { answeredFollower, sentFollower } from '../../conformity/follow.ts'
import { watchRegressions } from '../../conformity/regressions.ts'
import { startJudging } from '../../conformity/rounds.ts'
import { conformityViews } from '../../conformity/views/views.ts'
import { conformityPlugin } from '../../console/conformity.ts'
import type { Config } from '../../core/config.ts'
import type { Framework } from '../../core/conformity.ts'
import type { Follower } from '../../core/follower.ts'
import type { Journal } from '../../core/journal.ts'
import type { Clock, Log } from '../../core/ports.ts'
import type { HttpPlugin } from '../../entrances/http/server.ts'
import type { Condition } from '../../pipeline/watch/conditions.ts'
import { regressionConditions } from './conformity-alerts.ts'

/** What conformity is made of. */
export interface ConformitySources {
  readonly journal: Journal
  readonly config: () => Config
  readonly version: string
  readonly clock: Clock
  readonly log: Log
}

/** Conformity as the gateway runs it. */
export interface ConformityWiring {
  readonly followers: readonly Follower[]
  /** Its pages and its API. */
  readonly plugins: readonly HttpPlugin[]
  /** What people should look at. */
  conditions(): readonly Condition[]
  start(): void
  stop(): Promise<void>
}

/** Counts behind the answer on every follower's node, and judges on the one that holds the lease. */
export function conformity(sources: ConformitySources): ConformityWiring {
  const { journal, config, version, clock } = sources
  const frameworks = async (): Promise<readonly Framework[]> => []
  const nowMs = (): number => clock.nowMs()
  const views = conformityViews({ journal, config, frameworks, nowMs })
  let judging: ReturnType<typeof startJudging> | null = null
  let regressions: ReturnType<typeof watchRegressions> | null = null
  return {
    followers: [sentFollower(sources), answeredFollower(sources)],
    plugins: [conformityPlugin({ views, config, version, demo: false, nowMs })],
    conditions: () => (regressions === null ? [] : regressionConditions(regressions.now())),
    start() {
      judging = startJudging({ ...sources, frameworks })
      regressions = watchRegressions({ ...sources, frameworks })
    },
    async stop() {
      regressions?.stop()
      await judging?.stop()
    },
  }
}
