import { type Case, CLOSED_STATES, type Happening } from '../../core/cases.ts'
import type { SqlValue, Statement } from '../../core/journal.ts'
import type { SendingSort } from '../../core/sendings.ts'
import { ANSWER, alertedCentres } from '../case/climb.ts'

/** Which open cases a request would join. */
export interface Joining {
  readonly service: string
  readonly test: boolean
  readonly drill: boolean
  /** Cases opened before that are too old. */
  readonly openedAfterMs: number
  readonly keys: readonly string[]
  /** Cases that it shares a key with and does not join: they are of another patient. */
  readonly apart?: readonly string[]
}

const flag = (yes: boolean): number => (yes ? 1 : 0)
const places = (values: readonly unknown[]): string => values.map(() => '?').join(', ')

/** The cases that a request joins, the newest first. By its keys, whatever the planner thinks of the open cases: CROSS JOIN keeps the order in SQLite. */
export function joined({ service, test, drill, openedAfterMs, keys, apart = [] }: Joining): Statement {
  return {
    sql: `SELECT c.id FROM care_key k CROSS JOIN care_case c
      WHERE c.id = k.care_case AND k.search_key IN (${places(keys)}) AND c.service = ? AND c.test = ? AND c.drill = ?
      AND c.closed_at_ms IS NULL AND c.opened_at_ms > ?${apart.length === 0 ? '' : ` AND c.id NOT IN (${places(apart)})`}
      ORDER BY c.id DESC LIMIT 1`,
    parameters: [...keys, service, flag(test), flag(drill), openedAfterMs, ...apart],
  }
}

const COLUMNS = `id, number, service, kind, state, test, drill, site, unit, owner, version, opened_at_ms, changed_at_ms,
  closed_at_ms, due_at_ms, task, state_json`

function valuesOf(of: Case, nowMs: number, dueAtMs: number | null): SqlValue[] {
  const task = of.task === null ? null : JSON.stringify(of.task)
  return [
    of.id,
    of.number,
    of.service,
    of.kind,
    of.state,
    flag(of.test),
    flag(of.drill),
    of.site,
    of.unit,
    of.owner?.establishment ?? null,
    of.version,
    of.openedAtMs,
    nowMs,
    of.closedAtMs,
    dueAtMs,
    task,
    JSON.stringify(of),
  ]
}

/** The row of a new case. `unless`: no case that the request would join may be there by then, or the commit is refused. */
export function caseRow(of: Case, nowMs: number, dueAtMs: number | null, unless: Joining | null): Statement {
  const values = valuesOf(of, nowMs, dueAtMs)
  const into = `INSERT INTO care_case (${COLUMNS})`
  if (unless === null || unless.keys.length === 0) {
    return { sql: `${into} VALUES (${places(values)})`, parameters: values, rows: 1 }
  }
  const found = joined(unless)
  return {
    sql: `${into} SELECT ${places(values)} WHERE NOT EXISTS (SELECT 1 FROM (${found.sql}) AS open_case)`,
    parameters: [...values, ...found.parameters],
    rows: 1,
  }
}

/** The row of a case that changed; refused when `from` is no longer its version. */
export function changedRow(of: Case, from: number, nowMs: number, dueAtMs: number | null): Statement {
  const [id, number, , , state, , , site, unit, owner, version, opened, changed, closed, due, task, json] = valuesOf(
    of,
    nowMs,
    dueAtMs,
  )
  return {
    sql: `UPDATE care_case SET number = ?, state = ?, site = ?, unit = ?, owner = ?, version = ?, opened_at_ms = ?,
      changed_at_ms = ?, closed_at_ms = ?, due_at_ms = ?, task = ?, state_json = ? WHERE id = ? AND version = ?`,
    parameters: [
      number!,
      state!,
      site!,
      unit!,
      owner!,
      version!,
      opened!,
      changed!,
      closed!,
      due!,
      task!,
      json!,
      id!,
      from,
    ],
    rows: 1,
  }
}

/** The rows of what happened. `who`: the name of whoever did it, as in the audit. */
export function happeningRows(id: string, happenings: readonly Happening[], who: string): Statement[] {
  return happenings.map(({ seq, atMs, recordedAtMs, by, act }) => ({
    sql: `INSERT INTO care_happening (care_case, n, at_ms, recorded_at_ms, what, who, establishment, actor, act)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    parameters: [
      id,
      seq,
      atMs,
      recordedAtMs,
      act.what,
      by.role === 'gateway' ? 'gateway' : who,
      by.establishment,
      JSON.stringify(by),
      JSON.stringify(act),
    ],
    rows: 1,
  }))
}

/** What a case is known by from now on. Of a closed case: by nothing. */
export function keyRows(before: readonly string[], after: readonly string[], of: Case): Statement[] {
  if (CLOSED_STATES.includes(of.state)) {
    return [{ sql: 'DELETE FROM care_key WHERE care_case = ?', parameters: [of.id] }]
  }
  const gone = before.filter((key) => !after.includes(key))
  return [
    ...gone.map((key) => ({
      sql: 'DELETE FROM care_key WHERE search_key = ? AND care_case = ?',
      parameters: [key, of.id],
    })),
    ...after
      .filter((key) => !before.includes(key))
      .map((key) => ({
        sql: 'INSERT INTO care_key (search_key, care_case) VALUES (?, ?) ON CONFLICT DO NOTHING',
        parameters: [key, of.id],
      })),
  ]
}

/** Unit of a requester as a part: whoever is bound to units sees by it. A request that names none is every unit's. */
export const unitPart = (unit: string | null): string => `unit:${unit ?? '*'}`

/** The parts that establishments have in a case now, each as establishment and part. `coordination`: of the region. */
export function partsOf(
  of: Case,
  coordination: string | null,
): readonly (readonly [establishment: string, part: string])[] {
  const sites = of.requests.flatMap(({ site, unit }) => [
    [site, 'requester'] as const,
    [site, 'imaging'] as const,
    [site, unitPart(unit)] as const,
  ])
  const answering = of.climbs.filter(({ ladder }) => ladder === ANSWER)
  const centres = alertedCentres({ climbs: answering }).map((centre) => [centre, 'centre'] as const)
  const others = alertedCentres({ climbs: of.climbs.filter(({ ladder }) => ladder !== ANSWER) })
  const owner = of.owner === null ? [] : [[of.owner.establishment, 'centre'] as const]
  const region = coordination === null ? [] : [[coordination, 'coordination'] as const]
  return [...sites, ...centres, ...owner, ...region, ...others.map((centre) => [centre, 'interventional'] as const)]
}

/** The rows of parts that are new. Whoever has once taken part goes on seeing the case, save the site of a request taken out. */
export function partRows(before: Case | null, after: Case, nowMs: number, coordination: string | null): Statement[] {
  const name = ([establishment, part]: readonly [string, string]): string => `${establishment} ${part}`
  const known = new Map((before === null ? [] : partsOf(before, coordination)).map((one) => [name(one), one]))
  const now = new Map(partsOf(after, coordination).map((one) => [name(one), one]))
  const asking = (part: string): boolean => part === 'requester' || part === 'imaging' || part.startsWith('unit:')
  const gone = [...known].filter(([key, [, part]]) => !now.has(key) && asking(part)).map(([, one]) => one)
  return [
    ...gone.map(([establishment, part]) => ({
      sql: 'DELETE FROM care_part WHERE establishment = ? AND care_case = ? AND part = ?',
      parameters: [establishment, after.id, part],
    })),
    ...[...now]
      .filter(([key]) => !known.has(key))
      .map(([, [establishment, part]]) => ({
        sql: `INSERT INTO care_part (establishment, care_case, part, at_ms) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING`,
        parameters: [establishment, after.id, part, nowMs],
      })),
  ]
}

/** The rows of messages that belong to a case: they outlive retention while it is open. */
export function messageRows(id: string, messages: readonly string[]): Statement[] {
  return [...new Set(messages)].map((message) => ({
    sql: 'INSERT INTO care_message (care_case, message) VALUES (?, ?) ON CONFLICT DO NOTHING',
    parameters: [id, message],
  }))
}

/** The rows of what a case sends to others, each under its message. */
export function sendingRows(id: string, what: SendingSort, messages: readonly string[]): Statement[] {
  return [...new Set(messages)].map((message) => ({
    sql: 'INSERT INTO care_sending (care_case, message, what) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
    parameters: [id, message, what],
  }))
}
