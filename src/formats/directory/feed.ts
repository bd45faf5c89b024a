/** Our mailboxes as a file for a directory: CSV of our own making, until the schema of the national one is known. Pure. */
import type { DirectoryFeed, FedMailbox } from '../../core/directory.ts'
import { csvCell } from '../mail/mailbox-csv.ts'

const HEADER = [
  ...['operation', 'time', 'address', 'kind', 'state', 'name', 'owner', 'finess', 'responsible', 'service'],
  ...['description', 'redList'],
]

/** The feed as CSV: UTF-8, `;`, CRLF, one line for each mailbox, the columns of docs/directory.md. */
export const CSV_FEED: DirectoryFeed = {
  file: 'bal-mssante.csv',
  type: 'text/csv; charset=utf-8',
  async *write(mailboxes) {
    yield `${HEADER.join(';')}\r\n`
    for await (const one of mailboxes) yield `${cellsOf(one).map(csvCell).join(';')}\r\n`
  },
}

function cellsOf(one: FedMailbox): (string | null)[] {
  return [
    ...[one.what, new Date(one.atMs).toISOString(), one.address, one.kind, one.state, one.name, one.owner, one.finess],
    ...[one.responsible, one.service, one.description, one.red ? '1' : '0'],
  ]
}
