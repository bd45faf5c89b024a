import { calendarPlugin } from '../../console/page/calendar/plugin.ts'
import { degradedPlugin } from '../../console/page/degraded/plugin.ts'
import { dutyPagesPlugin } from '../../console/page/duty/plugin.ts'
import { requestsPlugin } from '../../console/page/requests/plugin.ts'
import type { Config } from '../../core/config.ts'
import type { Clock, Ids } from '../../core/ports.ts'
import type { HttpPlugin } from '../../entrances/http/server.ts'
import { sessionCookie } from '../../entrances/http/session.ts'
import type { Sessions } from '../sign-in/sessions.ts'
import type { Telemedicine } from './telemedicine.ts'

/** What the pages of requests, duty, appointments and degraded mode are made of. */
export interface CarePageSources {
  readonly config: () => Config
  readonly care: Pick<
    Telemedicine,
    'commands' | 'views' | 'registered' | 'appointments' | 'sheets' | 'kits' | 'telling'
  >
  readonly sessions: Pick<Sessions, 'contextOf'>
  readonly version: string
  readonly clock: Clock
  readonly ids: Ids
}

/** Their routes, for an HTTP door. */
export function carePages(sources: CarePageSources): HttpPlugin[] {
  const { config, version, care, clock, ids } = sources
  const shell = { config, version, demo: false, clock, ids }
  const requests: HttpPlugin = (server, doorway) => {
    const { door } = doorway
    requestsPlugin({
      ...shell,
      commands: care.commands,
      views: care.views,
      registered: care.registered,
      attachments: care.appointments.attachments,
      async launched({ raw }) {
        const cookie = sessionCookie(raw, door)
        return cookie === null ? null : sources.sessions.contextOf(cookie)
      },
    })(server, doorway)
  }
  return [
    requests,
    dutyPagesPlugin({ ...shell, ...care.telling, commands: care.commands }),
    calendarPlugin({ ...shell, ...care.appointments, views: care.views, sheets: care.sheets }),
    degradedPlugin({ ...shell, duty: care.telling.duty, kept: care.kits }),
  ]
}
