import type { Journal } from '../../core/journal.ts'
import type { MeasuredSoftware } from '../../core/structures.ts'

/** Products of one establishment that are told. */
const MOST = 50

/** The software that an establishment's messages named as their sender (MSH-3), as far as conformity has counted them. */
export async function measuredSoftware(
  { read }: Pick<Journal, 'read'>,
  establishment: string,
): Promise<readonly MeasuredSoftware[]> {
  const rows = await read<{ product: string; messages: number; first_day: string; last_day: string }>({
    sql: `SELECT application AS product, SUM(n) AS messages, MIN(day) AS first_day, MAX(day) AS last_day FROM conformity_count
      WHERE establishment = ? AND side = 'sent' AND application <> '' GROUP BY application ORDER BY messages DESC, product LIMIT ${MOST}`,
    parameters: [establishment],
  })
  return rows.map(({ product, messages, first_day, last_day }) => ({
    ...{ product, messages: Number(messages), firstDay: first_day, lastDay: last_day },
  }))
}
