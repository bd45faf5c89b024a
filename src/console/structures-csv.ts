import type { Structure, StructureAsk, StructureViews } from '../core/structures.ts'
import { csv } from '../formats/csv.ts'

/** Structures of one file, and of one question to the store. */
const MOST_ROWS = 50_000
const PIECE = 1_000

/** Columns of the file, in their order. */
const COLUMNS = [
  ...(['finess', 'level', 'ej', 'ejName', 'name', 'category', 'categoryName', 'kind', 'address', 'postcode'] as const),
  ...(['commune', 'department', 'phone', 'siret', 'openedOn', 'ght', 'body', 'longitude', 'latitude'] as const),
  'establishment',
] as const satisfies readonly (keyof Structure)[]

/** What an ask finds as CSV for spreadsheets, 50,000 lines at most. */
export async function* structuresCsv(views: Pick<StructureViews, 'search'>, ask: StructureAsk): AsyncGenerator<string> {
  yield csv([COLUMNS])
  let after: string | null = null
  for (let rows = 0; rows < MOST_ROWS; ) {
    const page: Awaited<ReturnType<StructureViews['search']>> = await views.search(ask, { limit: PIECE, after })
    if (page.structures.length > 0) {
      // The mark of the file stands at its beginning alone.
      yield csv(page.structures.map((one) => COLUMNS.map((name) => one[name]))).replace('\ufeff', '')
    }
    rows += page.structures.length
    if (page.next === null) return
    after = page.next
  }
}
