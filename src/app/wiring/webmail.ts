import { webmailPagesPlugin } from '../../console/page/webmail/plugin.ts'
import { webmailPlugin } from '../../console/webmail.ts'
import type { Config } from '../../core/config.ts'
import type { WebmailViews } from '../../core/webmail.ts'
import type { HttpPlugin } from '../../entrances/http/server.ts'
import { webmailCommands } from '../../mssante/webmail/commands.ts'
import { InStep } from '../../mssante/webmail/in-step.ts'
import type { WebmailParts } from '../../mssante/webmail/parts.ts'
import { webmailViews } from '../../mssante/webmail/views.ts'
import { mailFolders } from '../../senders/maildir/folders.ts'
import { maildirName } from '../../senders/maildir/names.ts'

/** What the mailboxes of people are read with here. */
export interface WebmailSources extends Omit<WebmailParts, 'files' | 'fileName' | 'product' | 'config'> {
  readonly config: () => Config
  /** Folder of all mailboxes; null: this node keeps none. */
  readonly folder: string | null
  readonly version: string
  /** Addresses that words may mean; absent: none are known. */
  readonly completes?: WebmailViews['completes']
}

/** The mail in mailboxes for the people whose they are: pages and API. */
export function webmailRoutes(sources: WebmailSources): HttpPlugin[] {
  const { config, folder, version, clock, completes } = sources
  const files = mailFolders(folder, clock)
  const parts = { ...sources, files, fileName: maildirName, product: `Passerelle ${version}` }
  const inStep = new InStep(parts)
  const webmail = { views: webmailViews(parts, inStep, completes), commands: webmailCommands(parts, inStep) }
  return [webmailPlugin(webmail), webmailPagesPlugin({ ...webmail, config, version, demo: false })]
}
