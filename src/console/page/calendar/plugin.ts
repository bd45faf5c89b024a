import type { Config } from '../../../core/config.ts'
import type { Guards, Server } from '../../console.ts'
import { serveAssets } from '../shell/assets.ts'
import { servePages } from '../shell/pages.ts'
import { type CalendarParts, calendarRoutes } from './pages.ts'

/** The pages of appointments, for an HTTP door. */
export function calendarPlugin(
  parts: CalendarParts & { readonly config: () => Config; readonly version: string; readonly demo: boolean },
): (server: Server, doorway: { readonly guards: Guards }) => void {
  return (server, { guards }) => {
    serveAssets(server, guards, import.meta.url, ['./calendar.css'])
    servePages(
      server,
      guards,
      parts,
      calendarRoutes(parts, (request, what) => guards.about(request, what)),
    )
  }
}
