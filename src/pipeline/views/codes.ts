import { sql } from 'kysely'
import type { Reach } from '../../core/caller.ts'
import type { ErrorCode } from '../../core/errors.ts'
import type { Journal } from '../../core/journal.ts'
import type { MessageCodes, MessageFilter } from '../../core/views.ts'
import { searchMessages } from './search.ts'
import { askSql } from './tables.ts'

/** One step of the index for each code, not for each message. */
async function distinct(journal: Journal, table: string, column: string): Promise<readonly ErrorCode[]> {
  const [from, code] = [sql.raw(table), sql.raw(column)]
  const rows = await askSql<{ code: ErrorCode }>(
    journal,
    sql`WITH RECURSIVE c(code) AS (
      SELECT min(${code}) FROM ${from} WHERE ${code} IS NOT NULL
      UNION ALL SELECT (SELECT min(${code}) FROM ${from} WHERE ${code} > c.code AND ${code} IS NOT NULL) FROM c
      WHERE c.code IS NOT NULL
    ) SELECT code FROM c WHERE code IS NOT NULL`,
  )
  return rows.map((row) => row.code)
}

/**
 * The codes that messages of the store have, of findings and of last errors, as far as the reach sees them.
 * @throws {GatewayError} QUERY_TIMEOUT */
export async function codesThatOccur(journal: Journal, reach: Reach | null): Promise<MessageCodes> {
  const [findings, errors] = await Promise.all([
    distinct(journal, 'message_finding', 'code'),
    distinct(journal, 'delivery', 'last_code'),
  ])
  if (reach === null) return { findings, errors }
  const seen = async (codes: readonly ErrorCode[], filterOf: (code: ErrorCode) => MessageFilter) => {
    const found = await Promise.all(
      codes.map(async (code) => (await searchMessages(journal, filterOf(code), reach, 1)).length > 0),
    )
    return codes.filter((_, i) => found[i])
  }
  return {
    findings: await seen(findings, (finding) => ({ finding })),
    errors: await seen(errors, (code) => ({ code })),
  }
}
