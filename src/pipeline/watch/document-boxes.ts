import type { Config } from '../../core/config.ts'
import type { Journal } from '../../core/journal.ts'
import { mailboxKey } from '../../core/mail.ts'
import type { Condition } from './conditions.ts'

interface BoxRow {
  readonly address: string
  readonly kind: string
  readonly state: string
}

/** Mailboxes in whose name documents leave and that cannot do so: not there, not active, or of no application. */
export async function documentBoxes({ look }: Pick<Journal, 'look'>, { mail }: Config): Promise<readonly Condition[]> {
  const wanted = [...(mail?.operator?.documents ?? [])]
  if (wanted.length === 0) return []
  const rows = await look<BoxRow>({
    sql: `SELECT address, kind, state FROM mailbox WHERE address IN (${wanted.map(() => '?').join(', ')})`,
    parameters: wanted.map(([, { mailbox }]) => mailboxKey(mailbox)),
  })
  const boxes = new Map(rows.map((row) => [row.address, row]))
  return wanted.flatMap(([establishment, { mailbox }]): Condition[] => {
    const box = boxes.get(mailboxKey(mailbox))
    if (box?.state === 'active' && box.kind === 'APP') return []
    const params = { mailbox: box === undefined ? 'missing' : box.state === 'active' ? box.kind : box.state }
    const about = { subject: establishment, establishment, params }
    return [
      {
        cause: `documents:${establishment}`,
        kind: 'documents',
        severity: 'important',
        code: 'DOCUMENTS_MAILBOX',
        ...about,
      },
    ]
  })
}
