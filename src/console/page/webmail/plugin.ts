import type { Guards, Server } from '../../console.ts'
import { serveAssets } from '../shell/assets.ts'
import { type PageParts, servePages } from '../shell/pages.ts'
import { type WebmailPageParts, webmailRoutes } from './pages.ts'

/** The pages of mail, for an HTTP door. */
export function webmailPagesPlugin(
  parts: PageParts & WebmailPageParts,
): (server: Server, doorway: { readonly guards: Guards }) => void {
  return (server, { guards }) => {
    serveAssets(server, guards, import.meta.url, ['./webmail.css', './complete.js'])
    servePages(server, guards, parts, webmailRoutes(parts))
  }
}
