import { sql } from 'kysely'
import type { ErrorCode } from '../../core/errors.ts'
import type { Journal } from '../../core/journal.ts'
import type { MessageCodes } from '../../core/views.ts'
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

/** The codes that messages of the store have, of findings and of last errors. @throws {GatewayError} QUERY_TIMEOUT */
export async function codesThatOccur(journal: Journal): Promise<MessageCodes> {
  const [findings, errors] = await Promise.all([
    distinct(journal, 'message_finding', 'code'),
    distinct(journal, 'delivery', 'last_code'),
  ])
  return { findings, errors }
}
