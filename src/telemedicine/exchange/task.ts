import type { Case, Happening } from '../../core/cases.ts'
import { askOf } from '../../core/fhir.ts'
import type { Statement } from '../../core/journal.ts'
import { type TaskContext, taskOf } from '../../formats/case/task.ts'
import { writeJson } from '../../formats/fhir/json.ts'
import { alertedCentres } from '../case/climb.ts'
import type { CaseChange, CaseProjection, CaseWrites } from '../projection.ts'
import { causeOf, type ExchangeParts, isTrial, orderKeysOf, structureOf, takesFhir, wayTo } from './parts.ts'

/**
 * A case as a Task that the gateway keeps: a new version whenever it says something else, in the commit of what happened,
 * sent to the FHIR systems of those who take part. Resources that came with requests are the case's from then on. */
export function taskProjection(parts: ExchangeParts): CaseProjection {
  return async (change): Promise<CaseWrites> => {
    const { before, after, happenings } = change
    const came = await cameWith(after, parts)
    const isNew = happenings.some(({ act }) => act.what === 'request')
    const rows = isNew ? came.map(([type, id]) => belongs(type, id, after.id)) : []
    const context = await contextOf(change, came, parts)
    const task = taskOf(after, context)
    const known = before?.task ?? null
    if (known !== null && writeJson(taskOf(before!, context)) === writeJson(task)) return { rows }
    const id = known?.id ?? parts.uuid()
    const message = parts.uuid()
    const version = { type: 'Task', id, owner: after.site, message, atMs: change.nowMs, resource: task }
    const written = known === null ? parts.created(version) : parts.updated(version, known.version)
    const made = {
      id: message,
      atMs: change.nowMs,
      kind: 'Task',
      controlId: id,
      bytes: Buffer.from(writeJson({ ...task, id }), 'utf8'),
      ask: askOf('update', 'Task', id),
      establishment: after.site,
      test: isTrial(after),
      cause: causeOf(after),
      patientKeys: parts.patientKeys(after),
      orderKeys: orderKeysOf(after),
      to: known === null ? [] : receivers(change),
      alertAfterMs: null,
      rows: written,
    }
    return {
      rows: known === null ? [...rows, belongs('Task', id, after.id)] : rows,
      arrivals: [parts.intake(made, change.config)],
      task: { id, version: (known?.version ?? 0) + 1 },
    }
  }
}

/** Whoever takes part and takes FHIR; the request itself is the first that they are told. */
function receivers({ after, config }: CaseChange): string[] {
  const all = [...after.requests.map(({ site }) => site), ...alertedCentres(after)]
  const ways = [...new Set(all)].map((one) => wayTo(one, after, config)).filter((one) => one !== null)
  return ways.filter(takesFhir).map(({ id }) => id)
}

function belongs(type: string, id: string, careCase: string): Statement {
  return {
    sql: 'INSERT INTO care_resource (type, id, care_case) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
    parameters: [type, id, careCase],
  }
}

/** Resources that the messages of requests wrote, alone or as entries of a Bundle. */
async function cameWith(
  { requests }: Case,
  { journal }: ExchangeParts,
): Promise<readonly (readonly [type: string, id: string])[]> {
  const found: (readonly [string, string])[] = []
  for (const { via, message } of requests) {
    if (via !== 'fhir' || message === null) continue
    const rows = await journal.look<{ type: string; id: string }>({
      sql: `SELECT v.type, v.id FROM resource_version v WHERE v.message = ?
        UNION SELECT v.type, v.id FROM message m JOIN resource_version v ON v.message = m.id WHERE m.parent = ?
        ORDER BY 1, 2`,
      parameters: [message, message],
    })
    found.push(...rows.map(({ type, id }) => [type, id] as const))
  }
  return found
}

async function contextOf(
  { after, happenings, service, config }: CaseChange,
  came: readonly (readonly [type: string, id: string])[],
  { journal }: ExchangeParts,
): Promise<TaskContext> {
  const request = came.find(([type]) => type === 'ServiceRequest')?.[1] ?? null
  const reason = await reasonOf(after, happenings, journal)
  return { service, structure: (establishment) => structureOf(establishment, config), request, reason }
}

/** Why a case is refused or cancelled: the last reason that somebody gave. */
async function reasonOf(
  { id, state }: Case,
  happenings: readonly Happening[],
  journal: ExchangeParts['journal'],
): Promise<string | null> {
  const what = state === 'refused' ? 'refuse' : state === 'cancelled' ? 'cancel' : null
  if (what === null) return null
  const now = happenings.findLast(({ act }) => act.what === what)?.act
  if (now !== undefined && 'reason' in now) return now.reason
  const [row] = await journal.look<{ act: string | null }>({
    sql: 'SELECT act FROM care_happening WHERE care_case = ? AND what = ? ORDER BY n DESC LIMIT 1',
    parameters: [id, what],
  })
  const act = row?.act == null ? null : (JSON.parse(row.act) as { readonly reason?: string })
  return act?.reason ?? null
}
