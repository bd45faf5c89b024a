import { randomBytes } from 'node:crypto'
import type { Statement } from '../../core/journal.ts'
import { insert } from '../sql/insert.ts'
import type { AuditStore } from './rows.ts'

/** Names in the audit by search key. */
export type Named = ReadonlyMap<string, string>

/** As long as a search key, so that nothing of an older event tells it from one. */
const BYTES = 12
/** Keys asked for at a time. */
const SOME = 200

/** The names that these patients have in the audit; those that have none are not there. */
export async function pseudonymsOf({ look }: AuditStore, keys: readonly string[]): Promise<Named> {
  const found = new Map<string, string>()
  const each = [...new Set(keys)]
  for (let at = 0; at < each.length; at += SOME) {
    const some = each.slice(at, at + SOME)
    const rows = await look<{ search_key: string; pseudonym: string }>({
      sql: `SELECT search_key, pseudonym FROM patient_pseudonym WHERE search_key IN (${some.map(() => '?').join(', ')})`,
      parameters: some,
    })
    for (const { search_key, pseudonym } of rows) found.set(search_key, pseudonym)
  }
  return found
}

/**
 * The names of all of these patients, and the rows that make those that are new. The names are random and not computed from
 * the key: once the row is gone, nothing leads from the patient to the events. The rows clash with those of whoever names one
 * of them at the same time. */
export async function pseudonymsFor(
  store: AuditStore,
  keys: readonly string[],
): Promise<{ readonly names: Named; readonly rows: readonly Statement[] }> {
  const names = new Map(await pseudonymsOf(store, keys))
  const fresh = [...new Set(keys)].filter((key) => !names.has(key))
  for (const key of fresh) names.set(key, randomBytes(BYTES).toString('base64url'))
  if (fresh.length === 0) return { names, rows: [] }
  const rows = fresh.map((key) => [key, names.get(key)!])
  return { names, rows: [insert('patient_pseudonym (search_key, pseudonym)', rows)] }
}
