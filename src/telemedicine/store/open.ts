import type { Journal } from '../../core/journal.ts'
import type { OpenCases } from '../../core/privacy.ts'

/** How many open cases bear one of these search keys of patients, in whichever domain. */
export function openCasesOf(journal: Pick<Journal, 'read'>): OpenCases {
  return async (searchKeys) => {
    const wanted = new Set(searchKeys)
    // Only open cases have keys: some hundreds.
    const known = await journal.read<{ search_key: string; care_case: string }>({
      sql: 'SELECT search_key, care_case FROM care_key',
      parameters: [],
    })
    const bearing = known.filter(({ search_key }) => wanted.has(search_key.slice(search_key.indexOf(':') + 1)))
    return new Set(bearing.map(({ care_case }) => care_case)).size
  }
}
