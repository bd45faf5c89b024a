import type { DirectoryViews } from '../../../core/directory.ts'
import type { Guards, Server } from '../../console.ts'
import { type PageParts, servePages } from '../shell/pages.ts'
import { directoryRoutes } from './directory-page.ts'
import { type IndicatorPageParts, indicatorRoutes } from './indicator-routes.ts'
import { type MailboxPageParts, mailboxRoutes } from './pages.ts'
import { type WhiteListPageParts, whiteListRoutes } from './white-list-routes.ts'

/** The pages of secure mail, for an HTTP door. */
export function mailPagesPlugin(
  parts: PageParts & {
    readonly mailboxes: MailboxPageParts
    readonly whiteList: WhiteListPageParts
    readonly months: IndicatorPageParts['months']
    readonly directory: DirectoryViews
  },
): (server: Server, doorway: { readonly guards: Guards }) => void {
  return (server, { guards }) => {
    servePages(server, guards, parts, mailboxRoutes(parts.mailboxes))
    servePages(server, guards, parts, whiteListRoutes(parts.whiteList))
    const { months, mailboxes } = parts
    servePages(server, guards, parts, indicatorRoutes({ months, domains: (reach) => mailboxes.views.domains(reach) }))
    servePages(server, guards, parts, directoryRoutes(parts.directory))
  }
}
