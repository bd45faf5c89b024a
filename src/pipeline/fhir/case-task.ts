import type { CaseViewer } from '../../core/cases.ts'
import { ERRORS } from '../../core/errors.ts'
import type { FhirAnswer, FhirAsk } from '../../core/fhir.ts'
import { placeOfAct, taskActs } from '../../formats/case/task-acts.ts'
import type { JsonObject } from '../../formats/fhir/json.ts'
import type { OutcomeIssue } from '../../formats/fhir/outcome.ts'
import { writtenAnswer } from './answers.ts'
import type { Under } from './judge.ts'
import { contentOf, WITHHELD } from './reads.ts'
import { asked, type Current } from './single.ts'

/** What a change of a case's Task came to. */
export type TaskChange =
  | { readonly kind: 'answer'; readonly answer: FhirAnswer }
  | { readonly kind: 'refused'; readonly issues: readonly OutcomeIssue[] }

const refused = (...issues: OutcomeIssue[]): TaskChange => ({ kind: 'refused', issues })

interface Row extends Current {
  readonly care_case: string
  readonly case_version: number
  /** JSON of the id and version of the Task that the case had then. */
  readonly task: string | null
}

/** A case moves on its own too (a rung, images): what the Task says may be the same at another version of the case. */
const LOOKS = 10

/**
 * A PUT or PATCH of a Task that is a case: what differs are acts, done by the case's own rules in the name of the caller,
 * and the answer is the Task as they left it. Several are one commit: all of them, or none. Null: it is no Task of a case. Whoever takes no part is told 404. */
export async function changeCaseTask(bytes: Buffer, ask: FhirAsk, under: Under): Promise<TaskChange | null> {
  if (ask.type !== 'Task' || ask.id === null || under.parts.cases === undefined) return null
  for (let look = 0; look < LOOKS; look++) {
    const done = await tried(bytes, ask, under)
    if (done !== 'moved') return done
  }
  return refused({ error: 'CASE_VERSION', code: 'conflict' })
}

/** Is it a Task of a case that the caller takes part in, and so changes by acts alone? */
export async function isCaseTask({ type, id }: Pick<FhirAsk, 'type' | 'id'>, under: Under): Promise<boolean> {
  if (type !== 'Task' || id === null || under.parts.cases === undefined) return false
  const row = await rowOf(id, under)
  return row !== null && (await partOf(row.care_case, under)) !== null
}

async function tried(bytes: Buffer, ask: FhirAsk, under: Under): Promise<TaskChange | null | 'moved'> {
  const row = await rowOf(ask.id!, under)
  if (row === null) return null
  const establishment = await partOf(row.care_case, under)
  if (establishment === null) return refused({ error: 'NOT_FOUND', code: 'not-found' })
  // An If-Match of a version that is no longer the Task's ends here.
  const made = await asked(bytes, ask, row, under)
  if (!('resource' in made)) return refused(...made)
  const kept = await contentOf(under.parts.journal, row.message, row.withheld)
  if (kept === null) return refused({ error: 'NOT_FOUND', code: 'not-found' })
  const read = taskActs(unversioned(kept), unversioned(made.resource), under.parts.clock.nowMs())
  if (!read.ok) return refused({ error: 'CASE_ACT', code: 'business-rule', expression: read.at })
  const at = { version: row.case_version }
  const viewer = viewerOf(establishment, under)
  const acted = await under.parts.cases!.commands.actTogether(row.care_case, read.acts, viewer, at)
  if (!acted.ok) {
    if (acted.error === 'CASE_VERSION') return 'moved'
    const code = ERRORS[acted.error].http === 409 ? 'conflict' : 'business-rule'
    const place = read.acts[acted.act]
    return refused({ error: acted.error, code, ...(place === undefined ? {} : { expression: placeOfAct(place) }) })
  }
  if (read.acts.length === 0 && (await isTaken(row.care_case, establishment, made.resource, under))) {
    return refused({ error: 'CASE_TAKEN', code: 'conflict' })
  }
  return answered(ask, under)
}

/** Does a centre ask to have accepted what another centre has? Then nothing differs, and yet it has not. */
async function isTaken(
  careCase: string,
  establishment: string,
  { status }: JsonObject,
  { parts }: Under,
): Promise<boolean> {
  if (status !== 'accepted') return false
  const [row] = await parts.journal.look<{ owner: string | null; centre: number }>({
    sql: `SELECT c.owner, (SELECT count(*) FROM care_part p WHERE p.care_case = c.id AND p.establishment = ?
        AND p.part = 'centre') AS centre FROM care_case c WHERE c.id = ?`,
    parameters: [establishment, careCase],
  })
  return row !== undefined && row.owner !== null && row.owner !== establishment && Number(row.centre) > 0
}

/** What is the gateway's own of a resource is no change. */
function unversioned({ id: _id, meta: _meta, text: _text, ...rest }: JsonObject): JsonObject {
  return rest
}

async function rowOf(id: string, { parts }: Under): Promise<Row | null> {
  const [row] = await parts.journal.look<Row>({
    sql: `SELECT r.version, r.message, r.updated_at_ms, r.owner, ${WITHHELD}, c.id AS care_case,
        c.version AS case_version, c.task
      FROM care_resource t JOIN care_case c ON c.id = t.care_case JOIN resource r ON r.type = t.type AND r.id = t.id
      WHERE t.type = 'Task' AND t.id = ? AND r.deleted = 0`,
    parameters: [id],
  })
  const task = row?.task == null ? null : (JSON.parse(row.task) as { readonly id: string })
  return row === undefined || task?.id !== id ? null : row
}

/** In whose name the caller acts: its own, or the first for whom it may send that takes part; null: nobody's. */
async function partOf(careCase: string, { caller, parts }: Under): Promise<string | null> {
  const ours = [caller.id, ...caller.sendsFor]
  const rows = await parts.journal.look<{ establishment: string }>({
    sql: `SELECT DISTINCT establishment FROM care_part WHERE care_case = ? AND establishment IN (${ours.map(() => '?').join(', ')})`,
    parameters: [careCase, ...ours],
  })
  const found = new Set(rows.map(({ establishment }) => establishment))
  return ours.find((one) => found.has(one)) ?? null
}

function viewerOf(establishment: string, { caller, config }: Under): CaseViewer {
  const name = config.establishments.get(establishment)?.name ?? establishment
  return {
    caller: { role: 'establishment', who: caller.id, establishment, scope: null },
    participant: { name, rpps: null, establishment, role: 'establishment', phone: null },
  }
}

async function answered(ask: FhirAsk, under: Under): Promise<TaskChange> {
  const { config, parts } = under
  const row = await rowOf(ask.id!, under)
  const kept = row === null ? null : await contentOf(parts.journal, row.message, row.withheld)
  if (row === null || kept === null) return refused({ error: 'NOT_FOUND', code: 'not-found' })
  const { version, updated_at_ms: updatedAtMs } = row
  const written = { status: 200, type: 'Task', id: ask.id!, version, updatedAtMs, resource: kept } as const
  return { kind: 'answer', answer: writtenAnswer(written, ask, config.region.locale) }
}
