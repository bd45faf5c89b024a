import { mailboxesPlugin } from '../../console/mailboxes.ts'
import type { HttpPlugin } from '../../entrances/http/server.ts'
import type { MailboxParts } from '../../mssante/mailbox-acts.ts'
import { mailboxCommands } from '../../mssante/mailbox-commands.ts'
import { mailboxViews } from '../../mssante/mailbox-views.ts'

/** The mailboxes kept here, for an HTTP door. */
export function mailboxRoutes(parts: MailboxParts): HttpPlugin[] {
  return [mailboxesPlugin({ views: mailboxViews(parts), commands: mailboxCommands(parts) })]
}
