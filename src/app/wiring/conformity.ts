import { answeredFollower, sentFollower } from '../../conformity/follow.ts'
import { startJudging } from '../../conformity/rounds.ts'
import type { Follower } from '../../core/follower.ts'
import type { HttpPlugin } from '../../entrances/http/server.ts'
import { type ConformityActSources, conformityActs } from './conformity-acts.ts'

/** What conformity is made of. */
export type ConformitySources = ConformityActSources

/** Conformity as the gateway runs it. */
export interface ConformityWiring {
  readonly followers: readonly Follower[]
  /** Its pages and its API. */
  readonly plugins: readonly HttpPlugin[]
  start(): Promise<void>
  stop(): Promise<void>
}

/** Counts behind the answer on every follower's node, and judges on the one that holds the lease. */
export function conformity(sources: ConformitySources): ConformityWiring {
  let judging: ReturnType<typeof startJudging> | null = null
  const acts = conformityActs(sources, () => judging?.poke())
  const { frameworks } = acts
  return {
    followers: [sentFollower(sources), answeredFollower(sources), ...acts.followers],
    plugins: acts.plugins,
    async start() {
      await acts.publish()
      judging = startJudging({ ...sources, frameworks })
    },
    async stop() {
      await judging?.stop()
    },
  }
}
