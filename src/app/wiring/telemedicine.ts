import { join, resolve } from 'node:path'
import { caseSheetPlugin } from '../../console/case-sheets.ts'
import { casesPlugin } from '../../console/cases.ts'
import { studiesPlugin } from '../../console/studies.ts'
import type { CaseSheets } from '../../core/case-sheet.ts'
import type { CaseCommands, CaseViews, OpenCaseKeys, ReadCase, RegisteredPatients } from '../../core/cases.ts'
import type { Config, NodeConfig } from '../../core/config.ts'
import type { ErrorCode } from '../../core/errors.ts'
import type { Follower } from '../../core/follower.ts'
import type { Journal } from '../../core/journal.ts'
import type { KeptKits } from '../../core/kits.ts'
import type { Tenancy } from '../../core/leases.ts'
import type { Clock, Ids, Log, Meter } from '../../core/ports.ts'
import type { CasesOfPatients } from '../../core/privacy.ts'
import type { HttpPlugin } from '../../entrances/http/server.ts'
import { ownAppointments } from '../../pipeline/fhir/own-appointment.ts'
import { searchKey } from '../../pipeline/keys.ts'
import { recentBearing } from '../../pipeline/recent.ts'
import type { ActOnCase } from '../../telemedicine/appointments/commands.ts'
import { appointmentProjection } from '../../telemedicine/appointments/projection.ts'
import { caseSheets } from '../../telemedicine/appointments/sheet.ts'
import { type ClockSteps, clockSteps, setBackBy } from '../../telemedicine/clock-steps.ts'
import { sendingViews } from '../../telemedicine/exchange/sendings.ts'
import { caseFollower, type FollowCaseParts } from '../../telemedicine/follow.ts'
import { heldIdentities } from '../../telemedicine/images/held.ts'
import type { CaseProjection } from '../../telemedicine/projection.ts'
import { registeredPatients } from '../../telemedicine/registered.ts'
import { caseCommands } from '../../telemedicine/store/commands.ts'
import { CASE_FORGETS } from '../../telemedicine/store/forgets.ts'
import { casesOfPatients } from '../../telemedicine/store/patient.ts'
import { planAct, together } from '../../telemedicine/store/plan.ts'
import { type Told, tellingJournal, toldOf } from '../../telemedicine/store/told.ts'
import { caseViews } from '../../telemedicine/store/views.ts'
import { fillRotas } from '../demo/rota.ts'
import type { StoreAddress } from '../store.ts'
import { type Appointments, appointmentsOf } from './appointments.ts'
import { imagesOf } from './images.ts'
import { KITS, keepKits, keptKits } from './kits.ts'
import { measured, reportsAndMeasures } from './measures.ts'
import { type DutyAndNotices, dutyAndNotices } from './telling.ts'
import { worklist } from './worklist.ts'

/** What telemedicine is made of. */
export interface TelemedicineSources {
  readonly journal: Journal
  readonly config: () => Config
  readonly clock: Clock
  readonly ids: Ids
  readonly log: Log
  readonly version: string
  readonly meter: Meter
  readonly node: NodeConfig
  readonly store: StoreAddress
  /** Why nothing new is taken now; null: it is. */
  readonly closed: () => ErrorCode | null
  /** Reads messages for cases; absent: none opens or moves one. */
  readonly readCase?: ReadCase
  /** What other parts make of changes of cases; absent: nothing. */
  readonly projections?: readonly CaseProjection[]
  /** The region is the demo's: invented people are on duty. */
  readonly guided?: boolean
}

/** Telemedicine, as the gateway runs it. */
export interface Telemedicine {
  readonly followers: readonly Follower[]
  /** The journal for the runner of followers. */
  readonly journal: Journal
  /** Keys of open cases, for the intake. */
  readonly keys: OpenCaseKeys
  readonly patients: CasesOfPatients
  readonly commands: CaseCommands
  readonly views: CaseViews
  readonly registered: RegisteredPatients
  readonly appointments: Appointments
  readonly sheets: CaseSheets
  /** Kits of the degraded mode, as they were written last. */
  readonly kits: KeptKits
  /** Rotas, and what people are told. */
  readonly telling: DutyAndNotices
  readonly plugins: readonly HttpPlugin[]
  /** Reads what is open, and begins to carry images. */
  start(): Promise<void>
  stop(): Promise<void>
  /** Ends what is told live. */
  endLive(): void
}

const NOTHING: ReadCase = () => ({ request: null, acts: [], cancels: null })

/** Wires cases: what follows messages, commands, views, and what else is made of their changes. */
export function telemedicine(sources: TelemedicineSources): Telemedicine {
  const { journal, config, clock, ids, log } = sources
  const search = (authority: string, value: string) => searchKey(journal.secret, authority, value)
  const told = toldOf({ journal, search }, (fault) => log.error('cases.unknown', {}, fault))
  const steps = clockSteps({ journal, clock, log })
  journal.watch((news) => {
    told.hear(news)
    if (news.features || news.missed === true) steps.load().catch((fault) => log.error('cases.unknown', {}, fault))
  })
  const messages = ownAppointments({ journal, config, clock, ids })
  const telling = dutyAndNotices({ journal, config, clock, ids, log, changed: (id) => told.tell([id]) })
  const parts = followParts(sources, { search, told, steps, telling, messages })
  let keeper: Tenancy | null = null
  const commands = caseCommands(parts, told)
  const views = caseViews(parts, told)
  const services = () => config().careServices ?? new Map()
  const sheets = caseSheets({ journal, views, services, nowMs: () => clock.nowMs() })
  const identities = heldIdentities({ journal, views, config })
  const sendings = sendingViews({ journal, views, config })
  // Whatever changes a case tells somebody, or lets them be.
  told.watch(() => telling.poke())
  const act = actingOn(parts, told)
  const appointments = appointmentsOf({ journal, config, clock, ids, act, messages, remind: telling.remind })
  const { duty, notices } = telling
  const images = imagesOf({ ...sources, commands, views })
  const pages = worklist({
    ...sources,
    finder: images.finder,
    views,
    sendings,
    identities,
    commands,
    duty,
    notices,
    attachments: appointments.attachmentViews,
  })
  const kits = { journal, config, duty, clock, log, folder: kitFolder(sources) }
  let kitting: Tenancy | null = null
  return {
    followers: [caseFollower(parts), ...appointments.followers],
    journal: tellingJournal(journal, told),
    keys: told.keys,
    patients: casesOfPatients(journal, search),
    commands,
    views,
    registered: registeredPatients({ journal, clock }),
    appointments,
    sheets,
    kits: keptKits(kits),
    telling,
    plugins: [
      casesPlugin({ commands, views, sendings, uuid: parts.uuid, nowMs: () => clock.nowMs() }),
      ...appointments.plugins,
      caseSheetPlugin(sheets),
      ...telling.plugins(views),
      ...images.plugins,
      studiesPlugin({ views, finder: images.finder }),
      pages.plugin,
      reportsAndMeasures({ ...sources, views, duty: telling.duty }),
    ],
    async start() {
      await steps.load()
      await told.refresh()
      keeper = keepSteps(steps, { journal, clock })
      if (sources.guided === true) await fillRotas({ ...telling, journal, config: config(), nowMs: clock.nowMs() })
      await images.start()
      kitting = keepKits(kits)
      // Where others share the store the lease may be theirs for long.
      if (!journal.leases.shared) await kitting.begun
    },
    endLive: pages.endLive,
    async stop() {
      appointments.stop()
      await Promise.all([telling.stop(), images.stop(), keeper?.drop(), kitting?.drop()])
    },
  }
}

/** What follows messages and makes cases of them. */
function followParts(
  { journal, config, clock, ids, log, readCase = NOTHING, projections = [] }: TelemedicineSources,
  made: Pick<FollowCaseParts, 'search' | 'told' | 'steps'> & {
    readonly telling: DutyAndNotices
    readonly messages: ReturnType<typeof ownAppointments>
  },
): FollowCaseParts {
  const { telling, messages, ...heard } = made
  return {
    ...{ journal, config, clock, log, ...heard },
    read: readCase,
    uuid: () => ids.uuid(),
    projections: [telling.project, appointmentProjection(journal, messages), measured(journal), ...projections],
    nameOf: telling.nameOf,
    forgets: CASE_FORGETS,
    recent: (keys, sinceMs) => recentBearing(journal, keys, sinceMs),
  }
}

/** Where this node writes kits as files; null: nowhere. */
function kitFolder({ node, store }: Pick<TelemedicineSources, 'node' | 'store'>): string | null {
  if (node.kits !== undefined) return resolve(node.kits)
  return store.kind === 'file' ? join(store.dir, KITS) : null
}

/** Acts on cases that are written together with something else. */
function actingOn(parts: FollowCaseParts, told: Told): ActOnCase {
  return async (id, act, viewer) => {
    await parts.steps?.check()
    const planned = await planAct(id, act, viewer, { version: null, atMs: null, why: null }, parts)
    if (!planned.ok) return planned
    const committed = (): void => told.changed(planned.writes.map(({ after }) => after))
    return { ok: true, effect: together(planned.writes), committed }
  }
}

/** The steps of the clock, kept by one node at a time: the one whose clock fires the timers, on a store of one's own. */
function keepSteps(steps: ClockSteps, { journal, clock }: Pick<TelemedicineSources, 'journal' | 'clock'>): Tenancy {
  const tenancy = journal.leases.hold('cases', {
    async begin() {
      await steps.load()
      await steps.keep(await setBackBy({ journal, clock }))
    },
    async end() {
      steps.stop()
    },
  })
  tenancy.begun.catch(() => {})
  return tenancy
}
