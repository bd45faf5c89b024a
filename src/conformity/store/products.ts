import type { FrameworkName } from '../../core/conformity.ts'
import type { Journal, Statement } from '../../core/journal.ts'
import type { OnProduct } from '../judge/products.ts'
import type { Subject } from './facts.ts'

/** What a product comes to at an establishment under a framework, as it is kept. */
export interface ProductRow {
  readonly framework: FrameworkName
  readonly product: string
  /** JSON of `OnProduct[]`. */
  readonly judged: string
}

/** What is kept of the products of an establishment. */
export async function readProductRows(
  { look }: Pick<Journal, 'look'>,
  { establishment, use }: Subject,
): Promise<readonly ProductRow[]> {
  return look<ProductRow>({
    // Said so, SQLite takes the index of the establishment, and not the key, whose first column is the use.
    sql: `SELECT framework, product, judged FROM conformity_product WHERE establishment = ? AND (use || '') = ?`,
    parameters: [establishment, use],
  })
}

/** What is written when products of an establishment were judged anew: rows that changed, and none for those that did not. Pure. */
export function productRows(
  { establishment, use }: Subject,
  judged: ReadonlyMap<FrameworkName, ReadonlyMap<string, readonly OnProduct[]>>,
  kept: readonly ProductRow[],
): Statement[] {
  const before = new Map(kept.map((row) => [JSON.stringify([row.framework, row.product]), row]))
  const rows: Statement[] = []
  for (const [framework, products] of judged) {
    for (const [product, own] of products) {
      const key = JSON.stringify([framework, product])
      const now = JSON.stringify(own)
      const was = before.get(key)?.judged
      before.delete(key)
      if (was === now) continue
      rows.push({
        sql: `INSERT INTO conformity_product (use, framework, establishment, product, judged) VALUES (?, ?, ?, ?, ?)
          ON CONFLICT (use, framework, establishment, product) DO UPDATE SET judged = excluded.judged`,
        parameters: [use, framework, establishment, product, now],
        rows: 1,
      })
    }
  }
  // What was sent by it is out of every window, or the framework is in use no more.
  for (const { framework, product } of before.values()) {
    rows.push({
      sql: 'DELETE FROM conformity_product WHERE use = ? AND framework = ? AND establishment = ? AND product = ?',
      parameters: [use, framework, establishment, product],
    })
  }
  return rows
}
