/** What somebody does to a case by changing its Task: the acts that lead from one content to the other. */
import type { Act, CaseState } from '../../core/cases.ts'
import { type JsonObject, object, objects, text, writeJson } from '../fhir/json-value.ts'
import { CASE_STATE, TASK_STATUS } from './task.ts'
import { CASE_PARTS } from './task-parts.ts'

/** The acts, in the order in which they are to be done; or the place that cannot be changed so. */
export type TaskActs =
  | { readonly ok: true; readonly acts: readonly Act[] }
  | { readonly ok: false; readonly at: string }

/** What the gateway alone writes: an order, its patient and who asks are no matter of a Task's change. */
const FIXED = ['identifier', 'groupIdentifier', 'basedOn', 'focus', 'for', 'requester', 'authoredOn', 'intent'] as const
const WRITTEN_BY_ACT: ReadonlySet<string> = new Set(['advice', 'decision', 'reached'])

/**
 * Reads a change of a Task. `before`: as the gateway has it; `after`: what the caller wants it to be. No difference gives
 * no acts. `nowMs`: when somebody was reached. A refusal or a cancellation needs its reason; outputs that were there may neither go nor change, save the
 * advice and the decision, which are given anew. */
export function taskActs(before: JsonObject, after: JsonObject, nowMs: number): TaskActs {
  const fixed = FIXED.find((name) => !same(before[name], after[name]))
  if (fixed !== undefined) return { ok: false, at: `Task.${fixed}` }
  const moved = moveOf(before, after)
  if (!moved.ok) return moved
  const given = outputActs(before, after, nowMs)
  if (!given.ok) return given
  // What takes the case comes before what is said in it, what ends it behind.
  const ends = ({ what }: Act): boolean => what === 'finish' || what === 'cancel' || what === 'refuse'
  const acts = [...moved.acts.filter((one) => !ends(one)), ...given.acts, ...moved.acts.filter(ends)]
  const decided = acts.some(({ what }) => what === 'decide' || what === 'advise')
  const state = stateOf(after)
  if ((state === 'advised' || state === 'decided') && stateOf(before) !== state && !decided) {
    return { ok: false, at: 'Task.output' }
  }
  return { ok: true, acts }
}

/** Where in the Task an act stands (FHIRPath): what a refusal of one of several names. */
export function placeOfAct({ what }: Act): string {
  const code = { advise: 'advice', decide: 'decision', reached: 'reached' }[what as string]
  return code === undefined ? 'Task.businessStatus' : `Task.output.where(type.coding.code = '${code}')`
}

function same(one: JsonObject[string] | undefined, other: JsonObject[string] | undefined): boolean {
  return writeJson(sorted(one ?? null)) === writeJson(sorted(other ?? null))
}

/** Members in one order: a client may write them in another. */
function sorted(value: JsonObject[string]): JsonObject[string] {
  if (Array.isArray(value)) return value.map(sorted)
  const members = object(value)
  if (members === null) return value
  return Object.fromEntries(
    Object.keys(members)
      .sort()
      .map((name) => [name, sorted(members[name]!)]),
  )
}

function stateOf(task: JsonObject): CaseState | null {
  const coding = objects(object(task['businessStatus'])?.['coding']).find(({ system }) => system === CASE_STATE)
  return text(coding?.['code']) as CaseState | null
}

/** The act of a changed status or state; the state counts where both change, since it says more. */
function moveOf(before: JsonObject, after: JsonObject): TaskActs {
  const [was, is] = [stateOf(before), stateOf(after)]
  const [had, has] = [text(before['status']), text(after['status'])]
  if (is !== was && is !== null) {
    if (!Object.hasOwn(TASK_STATUS, is)) return { ok: false, at: 'Task.businessStatus' }
    if (has !== had && has !== TASK_STATUS[is]) return { ok: false, at: 'Task.status' }
    return stateAct(is, after)
  }
  if (has === had) return { ok: true, acts: [] }
  switch (has) {
    case 'received':
      return stateAct('seen', after)
    case 'accepted':
      return stateAct('accepted', after)
    case 'in-progress':
      return had === 'requested' || had === 'received' ? stateAct('accepted', after) : { ok: true, acts: [] }
    case 'rejected':
      return stateAct('refused', after)
    case 'completed':
      return stateAct('done', after)
    case 'cancelled':
      return stateAct('cancelled', after)
    default:
      return { ok: false, at: 'Task.status' }
  }
}

function stateAct(state: CaseState, after: JsonObject): TaskActs {
  const reason = reasonOf(after)
  switch (state) {
    case 'seen':
      return { ok: true, acts: [{ what: 'see' }] }
    case 'accepted':
      return { ok: true, acts: [{ what: 'accept' }] }
    case 'refused':
      return reason === null ? NO_REASON : { ok: true, acts: [{ what: 'refuse', reason }] }
    case 'cancelled':
      return reason === null ? NO_REASON : { ok: true, acts: [{ what: 'cancel', reason }] }
    case 'advice-read':
      return { ok: true, acts: [{ what: 'read-advice' }] }
    case 'done':
      return { ok: true, acts: [{ what: 'finish' }] }
    case 'advised':
    case 'decided':
      return { ok: true, acts: [] }
    default:
      // Appointments and arrivals have resources of their own.
      return { ok: false, at: 'Task.businessStatus' }
  }
}

const NO_REASON: TaskActs = { ok: false, at: 'Task.statusReason' }

function reasonOf(task: JsonObject): string | null {
  return wordsOf(object(task['statusReason']))
}

function wordsOf(concept: JsonObject | null): string | null {
  const [coding] = objects(concept?.['coding'])
  return text(concept?.['text']) ?? text(coding?.['display']) ?? text(coding?.['code'])
}

function codeOf(output: JsonObject): string | null {
  const coding = objects(object(output['type'])?.['coding']).find(({ system }) => system === CASE_PARTS)
  return text(coding?.['code'])
}

function outputActs(before: JsonObject, after: JsonObject, nowMs: number): TaskActs {
  const had = objects(before['output'])
  const has = objects(after['output'])
  const kept = (one: JsonObject, all: readonly JsonObject[]) => all.some((other) => same(one, other))
  // An advice or decision that is given anew stands in the place of the one before.
  const gone = had.find((one) => !kept(one, has) && !has.some((other) => codeOf(other) === codeOf(one)))
  if (gone !== undefined) return { ok: false, at: 'Task.output' }
  const acts: Act[] = []
  for (const one of has.filter((other) => !kept(other, had))) {
    const code = codeOf(one)
    const act = code === null || !WRITTEN_BY_ACT.has(code) ? null : outputAct(code, one, nowMs)
    if (act === null) return { ok: false, at: 'Task.output' }
    acts.push(act)
  }
  return { ok: true, acts }
}

function outputAct(code: string, output: JsonObject, nowMs: number): Act | null {
  const said = text(output['valueString'])
  const concept = object(output['valueCodeableConcept'])
  if (code === 'decision') {
    const own = objects(concept?.['coding']).find(({ system }) => system === `${CASE_PARTS}/decision`)
    const decision = text(own?.['code'])
    return decision === null ? null : { what: 'decide', decision, text: text(concept?.['text']) ?? '' }
  }
  if (code === 'reached') return said === null ? null : { what: 'reached', whom: said, atMs: nowMs }
  const words = said ?? wordsOf(concept)
  return words === null ? null : { what: 'advise', text: words, coded: [] }
}
