import { machineClock, machineIds } from '../../src/app/cli/machine.ts'
import { createLog } from '../../src/app/log.ts'
import { measuresPlugin } from '../../src/console/measures.ts'
import { liveCases } from '../../src/console/page/cases/live.ts'
import { worklistPlugin } from '../../src/console/worklist.ts'
import type { Act, CaseRequest, CaseViewer, ToldTime } from '../../src/core/cases.ts'
import type { Config, Operator } from '../../src/core/config.ts'
import type { WindowRule } from '../../src/core/services.ts'
import { allowedActs } from '../../src/telemedicine/case/allowed.ts'
import { dutyViews } from '../../src/telemedicine/duty/views.ts'
import { sendingViews } from '../../src/telemedicine/exchange/sendings.ts'
import { studyFinder } from '../../src/telemedicine/images/found.ts'
import { heldIdentities } from '../../src/telemedicine/images/held.ts'
import { measureProjection } from '../../src/telemedicine/measures/projection.ts'
import { measureViews } from '../../src/telemedicine/measures/views.ts'
import { careNoticeViews } from '../../src/telemedicine/notices/kept.ts'
import { attachmentViews } from '../../src/telemedicine/photos/views.ts'
import { reportViews } from '../../src/telemedicine/report/views.ts'
import { loadHappenings } from '../../src/telemedicine/store/load.ts'
import { careConfig, caseRoom } from '../telemedicine/case-room.ts'
import { person, request, STROKE } from '../telemedicine/invented.ts'
import { type Running, startConsole } from './gateway.ts'
import { operator } from './region.ts'

/** Minutes in ms. */
export const MIN = 60_000

const rule = (id: string, fr: string, parts: Partial<WindowRule>): WindowRule => ({
  id,
  name: { fr, en: `${id} window` },
  from: ['onset', 'last-seen-well'],
  unless: [],
  lengthMs: 270 * MIN,
  source: 'invented',
  date: '2026-11-26',
  off: false,
  ...parts,
})

/** The stroke service with windows. */
export const CLOCKED = {
  ...STROKE,
  windows: [
    rule('advice', 'Avis en 15 min', { from: ['requested'], lengthMs: 15 * MIN }),
    rule('thrombolysis', 'Thrombolyse 4 h 30', {}),
    rule('waking', 'Heure inconnue ou réveil : 4 h 30 depuis la découverte', {
      from: ['discovery'],
      unless: ['onset'],
    }),
    rule('thrombectomy', 'Thrombectomie 6 h', { lengthMs: 360 * MIN }),
    rule('late', 'Thrombectomie 24 h', { lengthMs: 1440 * MIN }),
  ],
}

/** Who looks at cases in these tests, by the key `demo-ROLE`. */
export const REQUESTER = person('requester', 'ch-laval')
/** The expert of the centre that is asked first. */
export const EXPERT = person('expert', 'chu-angers')

function region(more: readonly Operator[]): Config {
  const config = careConfig()
  const services = new Map([...(config.careServices ?? new Map()), [CLOCKED.name, CLOCKED]])
  return {
    ...config,
    careServices: services,
    operators: [
      operator('requester', ['ch-laval']),
      operator('expert', ['chu-angers']),
      operator('coordination'),
      operator('admin'),
      ...more,
    ],
  }
}

/** A console with cases over a real store, on a clock that the test sets. */
export interface CaseWorld extends Running {
  readonly room: ReturnType<typeof caseRoom>
  readonly config: Config
  /** Asks, as the site's software would. */
  ask(changes?: Partial<CaseRequest>): Promise<string>
  /** Does an act; it must be done. */
  act(id: string, act: Act, viewer: CaseViewer): Promise<void>
}

/** A time that a witness told, so long before now. */
export function ago(ms: number, nowMs: number, more: Partial<ToldTime> = {}): ToldTime {
  return { atMs: nowMs - ms, precision: 'minute', source: 'witness', toldAtMs: nowMs, ...more }
}

/** Starts it: nobody has asked anything yet. */
export async function caseWorld(more: readonly Operator[] = []): Promise<CaseWorld> {
  const config = region(more)
  let room: ReturnType<typeof caseRoom> | null = null
  const running = await startConsole(
    {
      behind: ({ journal }) => {
        const measured = measureProjection((id) => loadHappenings(journal, id))
        const cases = caseRoom(journal, { config: () => config, projections: [measured] })
        cases.clock.atMs = Date.now()
        room = cases
        const { views, commands, clock } = cases
        const live = liveCases({ views, clock: machineClock, log: createLog('info', { write() {} }) })
        return [
          worklistPlugin({
            views,
            commands,
            live,
            notices: careNoticeViews(journal),
            sendings: sendingViews({ journal, views, config: () => config }),
            identities: heldIdentities({ journal, views, config: () => config }),
            finder: studyFinder({ views, commands, config: () => config, archive: () => null, clock }),
            duty: dutyViews({ journal, config: () => config }),
            allowed: allowedActs,
            nowMs: () => clock.nowMs(),
            linked: { requests: false, summary: true, calendar: false },
            attachments: attachmentViews({ journal, clock: machineClock }),
            config: () => config,
            version: '1.2.3',
          }),
          measuresPlugin({
            views,
            reports: reportViews({ journal, config: () => config, views, nowMs: () => clock.nowMs() }),
            measures: measureViews(journal),
            duty: dutyViews({ journal, config: () => config }),
            config: () => config,
            nowMs: () => clock.nowMs(),
            version: '1.2.3',
          }),
        ]
      },
    },
    config,
  )
  const cases = room as unknown as ReturnType<typeof caseRoom>
  let n = 0
  return {
    ...running,
    room: cases,
    config,
    async ask(changes = {}) {
      n += 1
      const nowMs = cases.clock.atMs
      const identifiers = [{ authority: 'CHL', value: `47${n}`, type: 'PI' }]
      const told = request({ id: machineIds.uuid(), atMs: nowMs, ...changes })
      const patient = { ...told.patient, ...(changes.patient === undefined ? { identifiers } : {}) }
      const asker = person('requester', told.site)
      const done = await cases.commands.request({ ...told, patient }, asker)
      if (!done.ok) throw new Error(done.error)
      return done.case.id
    },
    async act(id, act, viewer) {
      const done = await cases.commands.act(id, act, viewer)
      if (!done.ok) throw new Error(`${act.what}: ${done.error}`)
    },
  }
}
