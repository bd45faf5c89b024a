import { dutyPlugin } from '../../console/duty.ts'
import { noticeReportsPlugin } from '../../console/notice-reports.ts'
import type { Config } from '../../core/config.ts'
import type { DutyCommands, DutyViews } from '../../core/duty.ts'
import type { Journal } from '../../core/journal.ts'
import type { CareNotices } from '../../core/notices.ts'
import type { Clock, Ids, Log } from '../../core/ports.ts'
import type { HttpPlugin } from '../../entrances/http/server.ts'
import { CASE_PATH } from '../../formats/case/address.ts'
import { careNotices } from '../../senders/notice/care.ts'
import { dutyCommands } from '../../telemedicine/duty/commands.ts'
import { dutyViews } from '../../telemedicine/duty/views.ts'
import { careNoticeViews, noticeReports } from '../../telemedicine/notices/kept.ts'
import { noticeNames, noticeProjection } from '../../telemedicine/notices/projection.ts'
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
  readonly plugins: readonly HttpPlugin[]
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
  const duty = dutyViews(parts)
  const duties = dutyCommands({ ...parts, told: () => telling.poke() })
  return {
    duty,
    duties,
    notices: careNoticeViews(journal),
    project: noticeProjection({ journal, uuid: () => ids.uuid() }),
    nameOf: noticeNames(journal),
    plugins: [dutyPlugin({ duty, duties, clock }), noticeReportsPlugin(noticeReports({ ...parts, changed }))],
    poke: () => telling.poke(),
    stop: () => telling.stop(),
  }
}
