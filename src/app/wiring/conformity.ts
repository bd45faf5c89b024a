import { answeredFollower, sentFollower } from '../../conformity/follow.ts'
import { startJudging } from '../../conformity/rounds.ts'
import type { Config } from '../../core/config.ts'
import type { Framework } from '../../core/conformity.ts'
import type { Follower } from '../../core/follower.ts'
import type { Journal } from '../../core/journal.ts'
import type { Clock, Log } from '../../core/ports.ts'

/** What conformity is made of. */
export interface ConformitySources {
  readonly journal: Journal
  readonly config: () => Config
  readonly clock: Clock
  readonly log: Log
}

/** Conformity as the gateway runs it. */
export interface ConformityWiring {
  readonly followers: readonly Follower[]
  start(): void
  stop(): Promise<void>
}

/** Counts behind the answer on every follower's node, and judges on the one that holds the lease. */
export function conformity(sources: ConformitySources): ConformityWiring {
  const frameworks = async (): Promise<readonly Framework[]> => []
  let judging: ReturnType<typeof startJudging> | null = null
  return {
    followers: [sentFollower(sources), answeredFollower(sources)],
    start() {
      judging = startJudging({ ...sources, frameworks })
    },
    async stop() {
      await judging?.stop()
    },
  }
}
