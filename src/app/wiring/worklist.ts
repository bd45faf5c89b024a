import { liveCases } from '../../console/page/cases/live.ts'
import { worklistPlugin } from '../../console/worklist.ts'
import type { AttachmentViews } from '../../core/attachments.ts'
import type { CaseCommands, CaseViews } from '../../core/cases.ts'
import type { Config } from '../../core/config.ts'
import type { DutyViews } from '../../core/duty.ts'
import type { HeldIdentities } from '../../core/images.ts'
import type { CareNotices } from '../../core/notices.ts'
import type { Clock, Log } from '../../core/ports.ts'
import type { Sendings } from '../../core/sendings.ts'
import type { HttpPlugin } from '../../entrances/http/server.ts'
import { allowedActs } from '../../telemedicine/case/allowed.ts'

/** What the worklist stands on. */
export interface WorklistSources {
  readonly views: CaseViews
  readonly commands: CaseCommands
  readonly duty: Pick<DutyViews, 'on'>
  readonly notices: CareNotices
  readonly sendings: Sendings
  readonly identities: HeldIdentities
  readonly attachments: Pick<AttachmentViews, 'list'>
  readonly config: () => Config
  readonly clock: Clock
  readonly log: Log
  readonly version: string
}

/** The worklist and the pages of cases; `endLive` ends what is told live. */
export function worklist({ clock, log, ...sources }: WorklistSources): {
  readonly plugin: HttpPlugin
  endLive(): void
} {
  const { views } = sources
  const live = liveCases({ views, clock, log })
  const plugin = worklistPlugin({
    ...sources,
    live,
    allowed: allowedActs,
    nowMs: () => clock.nowMs(),
    linked: { requests: true, summary: true, calendar: true },
  })
  return { plugin, endLive: () => live.stop() }
}
