import type { Case } from '../../core/cases.ts'
import type { Journal } from '../../core/journal.ts'
import type { CasesOfPatients, KeptCase } from '../../core/privacy.ts'
import { base64Pieces } from '../../formats/base64.ts'
import { type AttachmentRow, attachmentOf, chunksIn } from '../photos/rows.ts'
import { forgetRows } from './forget.ts'
import { CASE_FORGETS } from './forgets.ts'
import type { Search } from './keys.ts'
import { type CaseRow, caseOf, loadCase, loadHappenings } from './load.ts'

/** Cases read at a time. */
const PAGE = 200

/** The cases of patients over a journal. */
export function casesOfPatients(journal: Pick<Journal, 'look' | 'read'>, search: Search): CasesOfPatients {
  return {
    async find(searchKeys) {
      const wanted = new Set(searchKeys)
      const found: KeptCase[] = []
      // A closed case has no keys: its content tells whose it is.
      for (let after: string | null = ''; after !== null; ) {
        const rows: readonly CaseRow[] = await journal.read<CaseRow>({
          sql: `SELECT id, number, task, state_json FROM care_case
            WHERE state_json IS NOT NULL AND id > ? ORDER BY id LIMIT ${PAGE}`,
          parameters: [after],
        })
        for (const row of rows) {
          const of = caseOf(row)
          if (of !== null && isOf(of, wanted, search)) found.push(keptOf(of, search))
        }
        after = rows.length < PAGE ? null : rows.at(-1)!.id
      }
      return found.toSorted((a, b) => a.openedAtMs - b.openedAtMs)
    },
    lines: (of) => linesOf(journal, of),
    forget: ({ id }) => forgetRows(id, { forgets: CASE_FORGETS }),
  }
}

function keptOf(of: Case, search: Search): KeptCase {
  const { id, number, service, site, state, openedAtMs, closedAtMs } = of
  return { id, number, service, site, state, openedAtMs, closedAtMs, keys: keysOf(of, search) }
}

/** Search keys of whoever the case says that its patient is. */
function keysOf({ requests, patient }: Case, search: Search): readonly string[] {
  const identifiers = [patient, ...requests.map((request) => request.patient)].flatMap((one) => one.identifiers)
  return identifiers.map(({ authority, value }) => search(authority.replace(/^urn:oid:/, ''), value))
}

/** Does the case bear one of the keys: among those its requests may join by, or as an identifier that nobody has qualified? */
function isOf(of: Case, wanted: ReadonlySet<string>, search: Search): boolean {
  if (wanted.size === 0) return false
  const keys = of.requests.flatMap((request) => request.keys)
  if (keys.some((key) => wanted.has(key.slice(key.indexOf(':') + 1)))) return true
  return keysOf(of, search).some((key) => wanted.has(key))
}

/** A line with the case and what happened to it, then one for each photo and document, its bytes in base64. */
async function* linesOf(journal: Pick<Journal, 'look'>, { id, number }: KeptCase): AsyncGenerator<Uint8Array> {
  const content = await loadCase(journal, id)
  // It went meanwhile.
  if (content === null) return
  const happenings = await loadHappenings(journal, id)
  yield Buffer.from(`${JSON.stringify({ case: number, content, happenings })}\n`)
  const rows = await journal.look<AttachmentRow>({
    sql: 'SELECT * FROM attachment WHERE care_case = ? ORDER BY at_ms, id',
    parameters: [id],
  })
  for (const row of rows) {
    const { id: attachment, type, bytes, sha256, atMs, establishment } = attachmentOf(row)
    const told = JSON.stringify({ attachment, case: number, type, bytes, sha256, atMs, establishment })
    yield Buffer.from(`${told.slice(0, -1)},"body":"`)
    for await (const piece of base64Pieces(chunksIn(journal, attachment, row.chunks))) yield Buffer.from(piece)
    yield Buffer.from('"}\n')
  }
}
