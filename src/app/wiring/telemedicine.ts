import { casesPlugin } from '../../console/cases.ts'
import type { CaseCommands, CaseViews, OpenCaseKeys, ReadCase } from '../../core/cases.ts'
import type { Config } from '../../core/config.ts'
import type { Follower, Journal } from '../../core/journal.ts'
import type { Clock, Ids, Log } from '../../core/ports.ts'
import type { OpenCases } from '../../core/privacy.ts'
import type { HttpPlugin } from '../../entrances/http/server.ts'
import { searchKey } from '../../pipeline/keys.ts'
import { recentBearing } from '../../pipeline/recent.ts'
import { caseFollower, type FollowCaseParts } from '../../telemedicine/follow.ts'
import type { CaseProjection } from '../../telemedicine/projection.ts'
import { caseCommands } from '../../telemedicine/store/commands.ts'
import { openCasesOf } from '../../telemedicine/store/open.ts'
import { tellingJournal, toldOf } from '../../telemedicine/store/told.ts'
import { caseViews } from '../../telemedicine/store/views.ts'
import { type Appointments, appointmentsOf } from './appointments.ts'
import { registering } from './registering.ts'

/** What telemedicine is made of. */
export interface TelemedicineSources {
  readonly journal: Journal
  readonly config: () => Config
  readonly clock: Clock
  readonly ids: Ids
  readonly log: Log
  /** Reads messages for cases; absent: none opens or moves one. */
  readonly readCase?: ReadCase
  /** What other parts make of changes of cases; absent: nothing. */
  readonly projections?: readonly CaseProjection[]
}

/** Telemedicine, as the gateway runs it. */
export interface Telemedicine {
  readonly followers: readonly Follower[]
  /** The journal for the runner of followers. */
  readonly journal: Journal
  /** Keys of open cases, for the intake. */
  readonly keys: OpenCaseKeys
  readonly openCases: OpenCases
  readonly commands: CaseCommands
  readonly views: CaseViews
  readonly appointments: Appointments
  readonly plugins: readonly HttpPlugin[]
  /** Reads what is open. */
  start(): Promise<void>
  stop(): void
}

const NOTHING: ReadCase = () => ({ request: null, acts: [], cancels: null })

/** Wires cases: what follows messages, commands, views, and what else is made of their changes. */
export function telemedicine(sources: TelemedicineSources): Telemedicine {
  const { journal, config, clock, ids, log, readCase = NOTHING } = sources
  const search = (authority: string, value: string) => searchKey(journal.secret, authority, value)
  const told = toldOf({ journal, search }, (fault) => log.error('cases.unknown', {}, fault))
  journal.watch((news) => told.hear(news))
  const parts: FollowCaseParts = {
    journal,
    config,
    clock,
    log,
    search,
    told,
    read: readCase,
    uuid: () => ids.uuid(),
    projections: sources.projections ?? [],
    recent: (keys, sinceMs) => recentBearing(journal, keys, sinceMs),
    register: registering(config, search),
  }
  const commands = caseCommands(parts, told)
  const views = caseViews(parts, told)
  const appointments = appointmentsOf({ journal, config, clock, ids, log, cases: commands, remind: () => [] })
  return {
    followers: [caseFollower(parts), ...appointments.followers],
    journal: tellingJournal(journal, told),
    keys: told.keys,
    openCases: openCasesOf(journal),
    commands,
    views,
    appointments,
    plugins: [casesPlugin({ commands, views, uuid: parts.uuid, nowMs: () => clock.nowMs() }), ...appointments.plugins],
    start: () => told.refresh(),
    stop: () => appointments.stop(),
  }
}
