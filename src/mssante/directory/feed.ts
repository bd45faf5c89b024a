import type { Config } from '../../core/config.ts'
import type { DirectoryFeed, FedMailbox, FeedDirectory } from '../../core/directory.ts'
import type { Journal } from '../../core/journal.ts'
import { MAILBOX_COLUMNS, type MailboxRow, mailboxOf } from '../mailboxes.ts'

/** Mailboxes that are read at once. */
const PIECE = 500

/** What our mailboxes are given away with. */
export interface FeedParts {
  readonly journal: Pick<Journal, 'read'>
  readonly config: () => Pick<Config, 'establishments'>
}

const NOTHING_ELSE = { name: null, owner: null, finess: null, responsible: null, service: null, description: null }

type Row = MailboxRow & { readonly changed_at_ms: number | null }

/** Gives our mailboxes to a directory, through the adapter that writes them as it wants them. */
export function feedDirectory(parts: FeedParts, feed: DirectoryFeed): FeedDirectory {
  return ({ sinceMs }) => ({
    file: feed.file,
    type: feed.type,
    body: feed.write(fed(parts, sinceMs)),
  })
}

/** By their addresses. Without a time, those that are there; with one, those that were made, changed or closed since. */
async function* fed({ journal, config }: FeedParts, sinceMs: number | null): AsyncGenerator<FedMailbox> {
  const changed = 'COALESCE(changed_at_ms, closed_at_ms, created_at_ms)'
  const which = sinceMs === null ? "state <> 'closed'" : `${changed} >= ?`
  for (let after: string | undefined = ''; after !== undefined; ) {
    const rows: readonly Row[] = await journal.read<Row>({
      sql: `SELECT ${MAILBOX_COLUMNS}, changed_at_ms FROM mailbox WHERE address > ? AND ${which} ORDER BY address LIMIT ${PIECE}`,
      parameters: [after, ...(sinceMs === null ? [] : [sinceMs])],
    })
    for (const row of rows) yield fedOf(row, sinceMs, config())
    after = rows.length < PIECE ? undefined : rows.at(-1)?.address
  }
}

function fedOf(row: Row, sinceMs: number | null, { establishments }: Pick<Config, 'establishments'>): FedMailbox {
  const { address, kind, state, name, owner, entity, responsible, service, description, redList, ...box } =
    mailboxOf(row)
  const { ej = null, eg = [] } = establishments.get(box.establishment)?.finess ?? {}
  const what: FedMailbox['what'] =
    state === 'closed' ? 'closed' : box.createdAtMs >= (sinceMs ?? 0) ? 'created' : 'changed'
  const told = { what, atMs: Number(row.changed_at_ms ?? box.closedAtMs ?? box.createdAtMs), address, kind, state }
  // Of what may not be published only that is told, so that whoever published it takes it away.
  if (redList) return { ...told, ...NOTHING_ELSE, red: true }
  return { ...told, name, owner, finess: entity ?? ej ?? eg[0] ?? null, responsible, service, description, red: false }
}
