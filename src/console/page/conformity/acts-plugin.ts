import type { Guards, Server } from '../../console.ts'
import { type PageParts, servePages } from '../shell/pages.ts'
import { type EvidencePageParts, evidenceRoutes } from './evidence-routes.ts'
import { type FrameworkPageParts, frameworkRoutes } from './frameworks-routes.ts'
import { type OverridePageParts, overrideRoutes } from './overrides-routes.ts'

/** The pages on which people act for conformity, for an HTTP door. */
export function conformityActPages(
  parts: PageParts & EvidencePageParts & FrameworkPageParts & OverridePageParts,
): (server: Server, doorway: { readonly guards: Guards }) => void {
  return (server, { guards }) => {
    servePages(server, guards, parts, evidenceRoutes(parts))
    servePages(server, guards, parts, frameworkRoutes(parts))
    servePages(server, guards, parts, overrideRoutes(parts))
  }
}
