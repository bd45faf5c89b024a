import { countTried } from '../../conformity/count/tried.ts'
import { answeredFollower, sentFollower } from '../../conformity/follow.ts'
import { probing } from '../../conformity/probing.ts'
import { publicConformity } from '../../conformity/published.ts'
import { watchRegressions } from '../../conformity/regressions.ts'
import { conformityReports } from '../../conformity/reports.ts'
import { startJudging } from '../../conformity/rounds.ts'
import { selfCheck } from '../../conformity/self-check.ts'
import { conformityStatements } from '../../conformity/statements.ts'
import { conformityViews } from '../../conformity/views/views.ts'
import { conformityPlugin } from '../../console/conformity.ts'
import { conformityAsksPlugin } from '../../console/conformity-asks.ts'
import { conformityCheckPlugin } from '../../console/conformity-check.ts'
import { conformityReportsPlugin } from '../../console/conformity-reports.ts'
import { probePages } from '../../console/page/conformity/probe-routes.ts'
import { publicConformityPlugin } from '../../console/public-conformity.ts'
import type { Runs } from '../../console/runs.ts'
import type { AlertKind } from '../../core/alerts.ts'
import type { Framework } from '../../core/conformity.ts'
import type { Follower } from '../../core/follower.ts'
import type { TrustSpace } from '../../core/mail.ts'
import type { AskDoctor } from '../../core/mail-doctor.ts'
import type { CountTried, OnboardingRules } from '../../core/onboarding.ts'
import type { Examine } from '../../core/self-check.ts'
import type { HttpPlugin } from '../../entrances/http/server.ts'
import { storedKey } from '../../pipeline/audit/rows.ts'
import { trialFacts } from '../../pipeline/onboarding/trial-facts.ts'
import type { Condition } from '../../pipeline/watch/conditions.ts'
import { dial } from '../../senders/dial.ts'
import { shippedProfiles } from '../config/index.ts'
import { readOnboarding } from '../onboarding/rules.ts'
import { type ConformityActSources, conformityActs } from './conformity-acts.ts'
import { regressionConditions } from './conformity-alerts.ts'
import { frameworkSource } from './framework-source.ts'
import { programmesWired } from './programmes.ts'
import { type StructureWiring, structures } from './structures.ts'

/** How long after a start the files of frameworks are read (ms), unless somebody asks before: messages come first. */
const PUBLISH_MS = 30_000

/** What conformity is made of. */
export interface ConformitySources extends Omit<ConformityActSources, 'source'> {
  /** Folders of profiles, the region's own first; absent: those that are shipped. */
  readonly profiles?: readonly string[]
  /** Its establishments are simulated; absent: they are not. */
  readonly guided?: boolean
  /** The way to another mail operator, tried; and why no mail goes to a domain. */
  readonly post: { readonly doctor: AskDoctor }
  readonly trust: TrustSpace
  /** What is under way, as pages show it. */
  readonly runs: Runs
  /** Judges a message as the doors do, and keeps nothing. */
  readonly examine: Examine
}

/** Conformity as the gateway runs it. */
export interface ConformityWiring {
  readonly followers: readonly Follower[]
  /** Its pages and its API. */
  readonly plugins: readonly HttpPlugin[]
  /** Counts what came at the sandbox door. */
  readonly countTried: CountTried
  /** The register of establishments. */
  readonly structures: Pick<StructureWiring, 'views'>
  /** What people should look at. */
  conditions(): readonly Condition[]
  /** Kinds of which nothing is known yet. */
  unknown(): readonly AlertKind[]
  start(): void
  stop(): Promise<void>
}

/** Counts behind the answer on every follower's node, and judges on the one that holds the lease. */
export function conformity(given: ConformitySources): ConformityWiring {
  const sources = { ...given, source: frameworkSource(given.profiles) }
  const { journal, config, clock, version } = sources
  const nowMs = (): number => clock.nowMs()
  let judging: ReturnType<typeof startJudging> | null = null
  let regressions: ReturnType<typeof watchRegressions> | null = null
  let cancel: readonly (() => void)[] = []
  const changed = (): void => judging?.poke()
  const acts = conformityActs(sources, changed)
  const frameworks = async (): Promise<readonly Framework[]> => {
    await acts.publish()
    return acts.frameworks()
  }
  const seen = { journal, config, frameworks, nowMs }
  const views = conformityViews(seen)
  const mail = { doctor: sources.post.doctor, reaches: sources.trust.reaches }
  const probes = probing({ ...sources, frameworks: acts.frameworks, changed, dial, mail })
  let books: Pick<OnboardingRules, 'books'> | null = null
  // Read when a verdict asks first: a start waits for no test book.
  const trials = trialFacts(journal, () => (books ??= readOnboarding(given.profiles ?? shippedProfiles()).rules))
  const register = structures(sources)
  const funding = programmesWired({ ...sources, shelf: acts.shelf, register: register.views })
  const statements = conformityStatements({ journal, views, config, key: () => storedKey(journal), clock })
  return {
    followers: [sentFollower(sources), answeredFollower(sources), ...acts.followers],
    plugins: [
      conformityPlugin({
        views,
        structures: register.views,
        programmes: funding.views,
        config,
        version,
        demo: false,
        nowMs,
      }),
      conformityAsksPlugin({ probes, statements, views, config }),
      probePages({ probes, views, runs: sources.runs, config, version, demo: false }),
      publicConformityPlugin({ published: publicConformity({ ...seen, clock }), config }),
      conformityReportsPlugin({ reports: conformityReports(seen), views, config, programmes: funding.views }),
      conformityCheckPlugin({ check: selfCheck({ ...sources, frameworks }), config, version, demo: false }),
      ...acts.plugins,
      funding.plugin,
      ...register.plugins(funding.views),
    ],
    countTried: countTried(config),
    structures: register,
    conditions: () => regressionConditions(regressions?.now() ?? null),
    unknown: () => (regressions?.now() == null ? ['conformity'] : []),
    start() {
      judging = startJudging({ ...sources, trials, frameworks: acts.frameworks })
      regressions = watchRegressions({ ...sources, frameworks: acts.frameworks })
      probes.start()
      register.start()
      cancel = [clock.after(PUBLISH_MS, () => void acts.publish()), funding.start()]
    },
    async stop() {
      for (const one of cancel) one()
      regressions?.stop()
      await Promise.all([judging?.stop(), probes.stop(), register.stop()])
    },
  }
}
