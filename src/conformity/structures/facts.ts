import { GatewayError } from '../../core/errors.ts'
import type { NewEvent, Statement } from '../../core/journal.ts'
import type { FactsImport, StructureAct, StructureFault } from '../../core/structures.ts'
import { csvRecords, unguardedCell } from '../../formats/csv-read.ts'
import { isMine, type StructureActParts, structureEvent } from './commands.ts'
import { type Judged, judgeContact, judgeOwn, judgeSoftware, roleOf } from './judge.ts'
import { contactRow, ownRow, softwareRow } from './own.ts'

/** Lines of one file. */
export const MOST_FACTS = 1_000
/** What a file may be of, by what its header has beside `finess`. */
const FORMS = {
  own: ['ght', 'body'],
  contact: ['role', 'name', 'phone', 'mail'],
  software: ['product', 'editor', 'version', 'since'],
} as const
type Form = keyof typeof FORMS

const ACTS: Readonly<Record<Form, string>> = {
  own: 'place-structure',
  contact: 'add-contact',
  software: 'declare-software',
}

type Problem = StructureFault & { readonly line: number }
type Value = (name: string) => string | null

/**
 * Takes the lines of a CSV file in one commit: all of them, or none and every problem of every line. A dry run says what would
 * become of it. @throws {GatewayError} STRUCTURE_FIELD when others crossed it */
export async function importFacts(
  parts: StructureActParts,
  csv: string,
  dryRun: boolean,
  act: StructureAct,
): Promise<FactsImport> {
  const refused = (problems: readonly Problem[]): FactsImport => ({ taken: 0, dryRun, problems })
  const [header, ...records] = csvRecords(csv)
  const names = header?.cells.map((name) => name.trim()) ?? []
  const form = formOf(names)
  if (form === null || records.length === 0 || records.length > MOST_FACTS)
    return refused([{ line: 1, field: 'file', code: 'STRUCTURE_FIELD' }])
  const problems: Problem[] = []
  const rows: Statement[] = []
  const events: NewEvent[] = []
  const atMs = parts.clock.nowMs()
  const numberOf = (cells: readonly string[]) => (cells[names.indexOf('finess')] ?? '').trim().toUpperCase()
  const known = await parts.views.many([...new Set(records.map(({ cells }) => numberOf(cells)))])
  for (const { line, cells } of records) {
    const finess = numberOf(cells)
    const structure = known.get(finess)
    if (structure === undefined || !isMine(structure, act)) {
      problems.push({ line, field: 'finess', code: structure === undefined ? 'STRUCTURE_UNKNOWN' : 'FORBIDDEN' })
      continue
    }
    const judged = lineRow(form, (name) => unguardedCell(cells[names.indexOf(name)] ?? ''), {
      ...{ finess, atMs, id: parts.ids.uuid() },
    })
    if (judged.ok) {
      rows.push(judged.kept)
      events.push(structureEvent(ACTS[form], act, atMs, finess))
    } else problems.push(...judged.fields.map((field) => ({ line, field, code: 'STRUCTURE_FIELD' as const })))
  }
  if (problems.length > 0) return refused(problems)
  if (!dryRun && !(await parts.journal.apply({ rows, events }))) throw new GatewayError('STRUCTURE_FIELD')
  return { taken: rows.length, dryRun, problems }
}

/** Null: the header is of no form, or has a column of none or twice. */
function formOf(names: readonly string[]): Form | null {
  if (!names.includes('finess') || new Set(names).size < names.length) return null
  const others = names.filter((name) => name !== 'finess')
  const fits = ([, columns]: (typeof ENTRIES)[number]) =>
    others.length > 0 && others.every((name) => columns.some((column) => column === name))
  return ENTRIES.find(fits)?.[0] ?? null
}
const ENTRIES = Object.entries(FORMS) as [Form, readonly string[]][]

function lineRow(
  form: Form,
  value: Value,
  { finess, id, atMs }: { readonly finess: string; readonly id: string; readonly atMs: number },
): Judged<Statement> {
  if (form === 'own') {
    const judged = judgeOwn({ ght: value('ght'), body: value('body') })
    return judged.ok ? { ok: true, kept: ownRow(finess, judged.kept.ght, judged.kept.body, atMs) } : judged
  }
  if (form === 'software') {
    const judged = judgeSoftware({
      ...{ product: value('product') ?? '', editor: value('editor'), version: value('version'), since: value('since') },
    })
    return judged.ok ? { ok: true, kept: softwareRow(finess, id, true, judged.kept, atMs) } : judged
  }
  const role = roleOf(value('role') ?? 'other')
  if (role === undefined) return { ok: false, fields: ['role'] }
  const judged = judgeContact({ role, name: value('name') ?? '', phone: value('phone'), mail: value('mail') })
  return judged.ok ? { ok: true, kept: contactRow(finess, id, true, judged.kept, atMs) } : judged
}
