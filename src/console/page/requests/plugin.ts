import type { Config } from '../../../core/config.ts'
import type { Guards, Server } from '../../console.ts'
import { serveAssets } from '../shell/assets.ts'
import { servePages } from '../shell/pages.ts'
import { type RequestParts, requestRoutes } from './pages.ts'

/** The forms of requests, for an HTTP door. */
export function requestsPlugin(
  parts: RequestParts & { readonly config: () => Config; readonly version: string; readonly demo: boolean },
): (server: Server, doorway: { readonly guards: Guards }) => void {
  return (server, { guards }) => {
    serveAssets(server, guards, import.meta.url, ['./requests.css', './requests.js'])
    servePages(server, guards, parts, requestRoutes(parts))
  }
}
