import { conformityCommands } from '../../conformity/commands.ts'
import { dayOf } from '../../conformity/day.ts'
import { evidenceSweep } from '../../conformity/evidence/receive.ts'
import { evidenceViews } from '../../conformity/evidence/views.ts'
import { answeredFollower, sentFollower } from '../../conformity/follow.ts'
import { publishFiles } from '../../conformity/framework-acts.ts'
import { frameworkShelf } from '../../conformity/framework-shelf.ts'
import { probing } from '../../conformity/probing.ts'
import { watchRegressions } from '../../conformity/regressions.ts'
import { startJudging } from '../../conformity/rounds.ts'
import { conformityStatements } from '../../conformity/statements.ts'
import { conformityViews } from '../../conformity/views/views.ts'
import { conformityPlugin } from '../../console/conformity.ts'
import { conformityActsPlugin } from '../../console/conformity-acts.ts'
import { conformityAsksPlugin } from '../../console/conformity-asks.ts'
import { conformityActPages } from '../../console/page/conformity/acts-plugin.ts'
import type { Config } from '../../core/config.ts'
import type { Framework } from '../../core/conformity.ts'
import { codeOf } from '../../core/errors.ts'
import type { Follower } from '../../core/follower.ts'
import type { Journal } from '../../core/journal.ts'
import type { TrustSpace } from '../../core/mail.ts'
import type { AskDoctor } from '../../core/mail-doctor.ts'
import type { Clock, Ids, Log } from '../../core/ports.ts'
import type { HttpPlugin } from '../../entrances/http/server.ts'
import { storedKey } from '../../pipeline/audit/rows.ts'
import type { Condition } from '../../pipeline/watch/conditions.ts'
import { dial } from '../../senders/dial.ts'
import { regressionConditions } from './conformity-alerts.ts'
import { frameworkSource } from './framework-source.ts'

/** What conformity is made of. */
export interface ConformitySources {
  readonly journal: Journal
  readonly config: () => Config
  /** Folders of profiles, the region's own first; absent: those that are shipped. */
  readonly profiles?: readonly string[]
  /** The way to another mail operator, tried; and why no mail goes to a domain. */
  readonly post: { readonly doctor: AskDoctor }
  readonly trust: TrustSpace
  readonly version: string
  readonly clock: Clock
  readonly ids: Ids
  readonly log: Log
}

/** Conformity as the gateway runs it. */
export interface ConformityWiring {
  readonly followers: readonly Follower[]
  /** Its pages and its API. */
  readonly plugins: readonly HttpPlugin[]
  /** What people should look at. */
  conditions(): readonly Condition[]
  /** Puts the files of frameworks on the shelf, and judges from then on. Never rejects. */
  start(): Promise<void>
  stop(): Promise<void>
}

/** Counts behind the answer on every follower's node, and judges on the one that holds the lease. */
export function conformity(given: ConformitySources): ConformityWiring {
  const sources = { ...given, source: frameworkSource(given.profiles) }
  const { journal, config, clock, log, version } = sources
  const nowMs = (): number => clock.nowMs()
  const shelf = frameworkShelf(sources)
  const frameworks = (): Promise<readonly Framework[]> => shelf.inForce(dayOf(nowMs(), config().region.timeZone))
  let judging: ReturnType<typeof startJudging> | null = null
  let regressions: ReturnType<typeof watchRegressions> | null = null
  const acting = { ...sources, shelf, changed: () => judging?.poke() }
  const acts = { commands: conformityCommands(acting), views: evidenceViews(acting) }
  const views = conformityViews({ journal, config, frameworks, nowMs })
  const changed = (): void => judging?.poke()
  const mail = { doctor: sources.post.doctor, reaches: sources.trust.reaches }
  const probes = probing({ ...sources, frameworks, changed, dial, mail })
  const statements = conformityStatements({ journal, views, config, key: () => storedKey(journal), clock })
  return {
    followers: [sentFollower(sources), answeredFollower(sources), evidenceSweep()],
    plugins: [
      conformityPlugin({ views, config, version, demo: false, nowMs }),
      conformityActsPlugin(acts),
      conformityAsksPlugin({ probes, statements, views, config }),
      conformityActPages({ config, version, demo: false, shelf, clock, ...acts }),
    ],
    conditions: () => (regressions === null ? [] : regressionConditions(regressions.now())),
    async start() {
      // Without them nothing is judged by them yet; the next start tries again.
      await publishFiles(acting).catch((fault: unknown) =>
        log.error('conformity.publish', { code: codeOf(fault) }, fault),
      )
      judging = startJudging({ ...sources, frameworks })
      regressions = watchRegressions({ ...sources, frameworks })
      probes.start()
    },
    async stop() {
      regressions?.stop()
      await Promise.all([judging?.stop(), probes.stop()])
    },
  }
}
