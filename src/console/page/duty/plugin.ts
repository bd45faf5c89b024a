import type { Config } from '../../../core/config.ts'
import type { Guards, Server } from '../../console.ts'
import { serveAssets } from '../shell/assets.ts'
import { servePages } from '../shell/pages.ts'
import { type DutyPageParts, dutyRoutes } from './pages.ts'

/** The pages of duty, for an HTTP door. */
export function dutyPagesPlugin(
  parts: DutyPageParts & { readonly config: () => Config; readonly version: string; readonly demo: boolean },
): (server: Server, doorway: { readonly guards: Guards }) => void {
  return (server, { guards }) => {
    serveAssets(server, guards, import.meta.url, ['./duty.css', './duty.js'])
    servePages(server, guards, parts, dutyRoutes(parts))
  }
}
