import { mailIndicatorsPlugin } from '../../console/mail-indicators.ts'
import { mailboxesPlugin } from '../../console/mailboxes.ts'
import { mailPagesPlugin } from '../../console/page/mailboxes/plugin.ts'
import type { WhiteListPageParts } from '../../console/page/mailboxes/white-list-routes.ts'
import type { Config } from '../../core/config.ts'
import type { DirectoryViews } from '../../core/directory.ts'
import type { HttpPlugin } from '../../entrances/http/server.ts'
import type { MailboxParts } from '../../mssante/mailbox-acts.ts'
import { mailboxCommands } from '../../mssante/mailbox-commands.ts'
import { mailboxViews } from '../../mssante/mailbox-views.ts'
import { mailMonthViews } from '../../pipeline/mail/months/views.ts'

/** What the mailboxes kept here are shown and changed with. */
export interface MailboxSources extends MailboxParts {
  readonly config: () => Config
  readonly version: string
  readonly whiteList: WhiteListPageParts
  readonly directory: { readonly views: DirectoryViews }
}

/** The mailboxes kept here, and the pages of secure mail, for an HTTP door. */
export function mailboxRoutes(sources: MailboxSources): HttpPlugin[] {
  const { config, version, whiteList, directory } = sources
  const mailboxes = { views: mailboxViews(sources), commands: mailboxCommands(sources) }
  const months = mailMonthViews(sources)
  return [
    mailboxesPlugin(mailboxes),
    mailIndicatorsPlugin(months),
    mailPagesPlugin({ config, version, demo: false, mailboxes, whiteList, months, directory: directory.views }),
  ]
}
