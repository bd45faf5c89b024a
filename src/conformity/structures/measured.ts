import type { Journal } from '../../core/journal.ts'
import type { MeasuredSoftware } from '../../core/structures.ts'
import { softwareVersionIn, VERSION_MARK } from '../count/signature.ts'

/** Products of one establishment that are told, and versions of each. */
const MOST = 50
const MOST_VERSIONS = 5

/** The software that an establishment's messages named as their sender (MSH-3), as far as conformity has counted them. */
export async function measuredSoftware(
  { read }: Pick<Journal, 'read'>,
  establishment: string,
): Promise<readonly MeasuredSoftware[]> {
  const rows = await read<Row>({
    sql: `SELECT application AS product, SUM(n) AS messages, MIN(day) AS first_day, MAX(day) AS last_day FROM conformity_count
      WHERE establishment = ? AND side = 'sent' AND application <> '' GROUP BY application ORDER BY messages DESC, product LIMIT ${MOST}`,
    parameters: [establishment],
  })
  const versions = await versionsOf(read, establishment)
  return rows.map(({ product, messages, first_day, last_day }) => ({
    ...{ product, versions: versions.get(product) ?? [] },
    ...{ messages: Number(messages), firstDay: first_day, lastDay: last_day },
  }))
}

interface Row {
  readonly product: string
  readonly messages: number
  readonly first_day: string
  readonly last_day: string
}

async function versionsOf(
  read: Journal['read'],
  establishment: string,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const rows = await read<{ product: string; signature: string }>({
    sql: `SELECT application AS product, signature FROM conformity_count
      WHERE establishment = ? AND side = 'sent' AND application <> '' AND signature LIKE '%${VERSION_MARK}%'
      GROUP BY application, signature ORDER BY MAX(day) DESC, signature`,
    parameters: [establishment],
  })
  const all = new Map<string, Set<string>>()
  for (const { product, signature } of rows) {
    const own = all.get(product) ?? new Set()
    all.set(product, own)
    const version = softwareVersionIn(signature)
    if (version !== '' && own.size < MOST_VERSIONS) own.add(version)
  }
  return new Map([...all].map(([product, own]) => [product, [...own]]))
}
