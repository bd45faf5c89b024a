import { dutyPlugin } from '../../console/duty.ts'
import { noticesPlugin } from '../../console/notices.ts'
import type { CaseViews } from '../../core/cases.ts'
import type { Config } from '../../core/config.ts'
import type { DutyCommands, DutyViews } from '../../core/duty.ts'
import type { Journal } from '../../core/journal.ts'
import type { CareNotices } from '../../core/notices.ts'
import type { Clock, Ids, Log } from '../../core/ports.ts'
import type { HttpPlugin } from '../../entrances/http/server.ts'
import { CASE_PATH } from '../../formats/case/address.ts'
import { careNotices } from '../../senders/notice/care.ts'
import type { RemindRows } from '../../telemedicine/appointments/follower.ts'
import { dutyCommands } from '../../telemedicine/duty/commands.ts'
import { dutyViews } from '../../telemedicine/duty/views.ts'
import { careNoticeViews, noticeReports } from '../../telemedicine/notices/kept.ts'
import { noticeNames, noticeProjection } from '../../telemedicine/notices/projection.ts'
import { reminders } from '../../telemedicine/notices/reminders.ts'
import { startTelling } from '../../telemedicine/notices/start.ts'

/** Rotas, and how people are told of cases. */
export interface DutyAndNotices {
  readonly duty: DutyViews
  readonly duties: DutyCommands
  readonly notices: CareNotices
  /** What a change of a case tells: rows of its commit. */
  readonly project: ReturnType<typeof noticeProjection>
  /** Name of who is on duty where a notice goes. */
  readonly nameOf: ReturnType<typeof noticeNames>
  /** Rows that remind both sides of an appointment. */
  readonly remind: RemindRows
  /** Their routes; who sees a case sees what was told of it. */
  plugins(cases: Pick<CaseViews, 'one'>): readonly HttpPlugin[]
  /** A case changed: somebody is to be told, or to be left in peace. */
  poke(): void
  stop(): Promise<void>
}

/** Wires rotas and notices, and begins to send what waits. `changed`: what came of a notice of this case is known. */
export function dutyAndNotices(parts: {
  readonly journal: Journal
  readonly config: () => Config
  readonly clock: Clock
  readonly ids: Ids
  readonly log: Log
  readonly changed?: (careCase: string) => void
}): DutyAndNotices {
  const { journal, clock, ids, changed = () => {} } = parts
  const telling = startTelling({ ...parts, tell: careNotices(clock), casePath: CASE_PATH })
  const notices = careNoticeViews(journal)
  const reports = noticeReports({ ...parts, changed })
  const duty = dutyViews(parts)
  const duties = dutyCommands({ ...parts, told: () => telling.poke() })
  return {
    duty,
    duties,
    notices,
    project: noticeProjection({ journal, uuid: () => ids.uuid() }),
    nameOf: noticeNames(journal),
    remind: reminders({ config: parts.config, clock, ids }),
    plugins: (cases) => [dutyPlugin({ duty, duties, clock }), noticesPlugin({ reports, notices, cases })],
    poke: () => telling.poke(),
    stop: () => telling.stop(),
  }
}
