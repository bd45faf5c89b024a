import type { Config } from '../../core/config.ts'
import type { DirectoryFacts } from '../../core/directory.ts'
import type { Journal, Statement } from '../../core/journal.ts'
import type { Mailbox } from '../../core/mail.ts'
import { wordsOfEntry } from '../../formats/directory/words.ts'
import { idNstOf } from '../../formats/identifiers/structure.ts'
import { MAILBOX_COLUMNS, type MailboxRow, mailboxOf } from '../mailboxes.ts'
import { namesOf } from './names.ts'
import { BATCH, entryRows, removeRow, SPAN } from './rows.ts'

/** What our own mailboxes are put into the directory with. */
export interface OwnParts {
  readonly journal: Pick<Journal, 'look' | 'apply' | 'dialect'>
  readonly config: () => Pick<Config, 'establishments'>
}

/**
 * Brings the entries of our own mailboxes in step with them: those that are active are found at once, whoever changed them, and
 * on which node. Nothing to do costs one look. What others cross is left to the next call. */
export async function bringUp(parts: OwnParts): Promise<void> {
  for (let more = true; more; ) more = await step(parts)
}

async function step({ journal, config }: OwnParts): Promise<boolean> {
  const { look, dialect } = journal
  const stale = await look<{ address: string; version: number }>({
    sql: `SELECT address, version FROM directory_stale ORDER BY address LIMIT ${BATCH}`,
    parameters: [],
  })
  if (stale.length === 0) return false
  const addresses = stale.map(({ address }) => address)
  const each = addresses.map(() => '?').join(', ')
  const boxes = await look<MailboxRow>({
    sql: `SELECT ${MAILBOX_COLUMNS}, changed_at_ms FROM mailbox WHERE address IN (${each})`,
    parameters: addresses,
  })
  const before = await look<{ n: number }>({
    sql: `SELECT n FROM directory_entry WHERE n < ${SPAN} AND address IN (${each})`,
    parameters: addresses,
  })
  const [last] = await look<{ n: number | null }>({
    sql: `SELECT MAX(n) AS n FROM directory_entry WHERE n < ${SPAN}`,
    parameters: [],
  })
  const first = Number(last?.n ?? 0) + 1
  const entries = boxes
    .filter(({ state }) => state === 'active')
    .map((row, i) => {
      const facts = factsOf(mailboxOf(row), config())
      const { changed_at_ms = null } = row as MailboxRow & { readonly changed_at_ms?: number | null }
      const changedAtMs = Number(changed_at_ms ?? row.created_at_ms)
      const shown = { name: row.name, establishment: row.establishment, red: Number(row.red_list) === 1 }
      return { n: first + i, facts, ...shown, changedAtMs, words: wordsOfEntry(facts, [row.name]) }
    })
  const rows: Statement[] = [
    ...stale.map(({ address, version }) => ({
      sql: 'DELETE FROM directory_stale WHERE address = ? AND version = ?',
      parameters: [address, Number(version)],
      rows: 1,
    })),
    ...before.map(({ n }) => removeRow(Number(n), Number(n) + 1)),
    ...entryRows(entries, dialect),
  ]
  return (await journal.apply({ rows })) && stale.length === BATCH
}

function factsOf(box: Mailbox, { establishments }: Pick<Config, 'establishments'>): DirectoryFacts {
  const known = establishments.get(box.establishment)
  const finess = box.entity ?? known?.finess.ej ?? known?.finess.eg[0] ?? null
  const nobody = { title: null, given: null, family: null }
  return {
    ...{ address: box.address, kind: box.kind, person: box.owner },
    ...(box.kind === 'PER' ? namesOf(box.name) : nobody),
    structure: finess === null ? null : idNstOf('FINEG', finess),
    organisation: known?.name ?? box.establishment,
    ...{ service: box.service, description: box.description },
    ...{ profession: null, professionCode: null, speciality: null, specialityCode: null },
    ...{ postcode: null, town: null, department: null, digital: null },
  }
}
