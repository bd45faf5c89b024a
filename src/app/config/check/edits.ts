import { parsePath } from '../../../formats/hl7v2/path.ts'
import { error, type Fault, type Path } from '../problem.ts'
import type { WrittenEdit, WrittenRegion } from '../written.ts'
import { present } from './sound.ts'

const VERBS = ['set', 'copy', 'map', 'drop'] as const
/** What goes with each verb, and must. */
const NEEDED = { set: 'to', copy: 'to', map: 'table', drop: null } as const
const SEGMENT = /^[A-Z][A-Z0-9]{2}$/
/** Delimiters, and the number by which the far side's answer is known. */
const UNTOUCHABLE = [1, 2, 10]

type TableProblem = (name: string) => { found: boolean; message: string } | null

/** Edits that say nothing or two things, name no field, or touch what delivery itself stands on. Pure. */
export function editFaults(region: WrittenRegion, mapProblem: TableProblem): Fault[] {
  return present(region.routes).flatMap(([i, { edit }]) =>
    present(edit).flatMap(([j, one]) => faultsOf(one, ['routes', i, 'edit', j], mapProblem)),
  )
}

function faultsOf(edit: WrittenEdit, at: Path, mapProblem: TableProblem): Fault[] {
  const verbs = VERBS.filter((verb) => edit[verb] !== undefined)
  const verb = verbs[0]
  if (verb === undefined || verbs.length > 1) {
    return [error(at, 'BAD_EDIT', `one of set, copy, map and drop is needed, found ${verbs.join(', ') || 'none'}`)]
  }
  const needed = NEEDED[verb]
  const faults: Fault[] = (['to', 'table'] as const).flatMap((key): Fault[] => {
    if ((edit[key] !== undefined) === (key === needed)) return []
    if (key === needed) return [error(at, 'MISSING', `${key} is missing`)]
    return [{ ...error([...at, key], 'UNKNOWN_KEY', `${key} does not go with ${verb}`), onKey: true }]
  })
  const changed = verb === 'copy' ? 'to' : verb
  for (const key of verb === 'copy' ? (['copy', 'to'] as const) : [verb]) {
    if (edit[key] !== undefined) faults.push(...fieldFaults(edit[key], [...at, key], key === changed, verb === 'drop'))
  }
  if (edit.when) faults.push(...fieldFaults(edit.when.path, [...at, 'when', 'path'], false, false))
  const problem = edit.table === undefined || needed !== 'table' ? null : mapProblem(edit.table)
  if (problem) faults.push(error([...at, 'table'], problem.found ? 'BAD_TABLE' : 'UNKNOWN_TABLE', problem.message))
  return faults
}

function fieldFaults(text: string, path: Path, changed: boolean, segments: boolean): Fault[] {
  if (segments && SEGMENT.test(text)) {
    return text === 'MSH' ? [error(path, 'BAD_EDIT', 'a message without MSH is none')] : []
  }
  try {
    const { segment, field } = parsePath(text)
    if (!changed || segment !== 'MSH' || !UNTOUCHABLE.includes(field)) return []
    return [error(path, 'BAD_EDIT', `MSH-${field} stays as it is: the far side's answer is read by it`)]
  } catch {
    const example = segments ? 'PV1-3.1, or a segment such as ZXX, is' : 'PV1-3.1 is'
    return [error(path, 'BAD_PATH', `${JSON.stringify(text)} is no path of HL7 v2: ${example}`)]
  }
}
