import type { CaseId } from '../../core/cases.ts'
import type { ErrorCode } from '../../core/errors.ts'
import type { Coercion, ImageInstance } from '../../core/images.ts'
import type { Journal, Statement } from '../../core/journal.ts'
import type { DestinationId } from '../../core/message.ts'

/** Where a study stands. `sought`: not found yet; `open`: listed; `there`: compared with the centre's list; `over`: the case is. */
export type StudyState = 'sought' | 'open' | 'held' | 'there' | 'over'

/** A study that is carried. `source`: an archive, or `spool:ID`. `target` null: no centre has accepted. */
export interface StudyRow {
  readonly id: string
  readonly careCase: CaseId | null
  readonly site: string
  readonly source: string
  readonly target: DestinationId | null
  readonly uid: string | null
  readonly accession: string | null
  readonly state: StudyState
  readonly code: ErrorCode | null
  readonly attempts: number
  readonly dueAtMs: number
  readonly madeAtMs: number
  readonly changedAtMs: number
}

/** One instance of a study. */
export interface InstanceRow {
  readonly uid: string
  readonly series: string
  readonly n: number
  readonly state: 'waiting' | 'there' | 'refused'
  readonly tries: number
}

/** An identity that instances bear, by its HMAC. */
export interface IdentityRow {
  readonly identity: string
  readonly result: 'ok' | 'mismatch' | 'unknown'
  readonly judgedAtMs: number
  readonly confirmedAtMs: number | null
}

const STUDY = `SELECT id, care_case AS "careCase", site, source, target, uid, accession, state, code, attempts,
  due_at_ms AS "dueAtMs", made_at_ms AS "madeAtMs", changed_at_ms AS "changedAtMs" FROM image_study`

/** Reads of the images' tables. */
export function imageReads(journal: Pick<Journal, 'look' | 'read'>) {
  return {
    /** Studies due at `nowMs` whose source begins so, oldest first. */
    due: (spool: string | null, nowMs: number, limit: number) =>
      journal.look<StudyRow>({
        sql: `${STUDY} WHERE state <> 'over' AND due_at_ms <= ? AND ${spool === null ? "source NOT LIKE 'spool:%'" : 'source = ?'}
          ORDER BY due_at_ms, id LIMIT ${limit}`,
        parameters: spool === null ? [nowMs] : [nowMs, spool],
      }),
    one: async (id: string) =>
      (await journal.look<StudyRow>({ sql: `${STUDY} WHERE id = ?`, parameters: [id] }))[0] ?? null,
    ofCase: (careCase: CaseId) =>
      journal.look<StudyRow>({ sql: `${STUDY} WHERE care_case = ?`, parameters: [careCase] }),
    /** Studies that came by a door and belong to no case yet. */
    loose: () =>
      journal.look<StudyRow>({
        sql: `${STUDY} WHERE care_case IS NULL AND state <> 'over' AND source LIKE 'spool:%' ORDER BY made_at_ms LIMIT 500`,
        parameters: [],
      }),
    instances: (study: string) =>
      journal.read<InstanceRow>({
        sql: 'SELECT uid, series, n, state, tries FROM image_instance WHERE study = ? ORDER BY series, n, uid',
        parameters: [study],
      }),
    identities: (study: string) =>
      journal.look<IdentityRow>({
        sql: `SELECT identity, result, judged_at_ms AS "judgedAtMs", confirmed_at_ms AS "confirmedAtMs"
          FROM image_identity WHERE study = ?`,
        parameters: [study],
      }),
    /** When persons confirmed the identity of a study of a case. */
    confirmations: async (careCase: CaseId, uid: string) => {
      const rows = await journal.look<{ readonly atMs: number; readonly act: string | null }>({
        sql: `SELECT recorded_at_ms AS "atMs", act FROM care_happening WHERE care_case = ? AND what = 'confirm-identity'`,
        parameters: [careCase],
      })
      return rows.filter(({ act }) => act !== null && JSON.parse(act).uid === uid).map(({ atMs }) => atMs)
    },
  }
}

/** The reads. */
export type ImageReads = ReturnType<typeof imageReads>

/** A new study. */
export function studyInsert(row: StudyRow): Statement {
  return {
    sql: `INSERT INTO image_study (id, care_case, site, source, target, uid, accession, state, code, attempts, due_at_ms,
      made_at_ms, changed_at_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    parameters: [
      row.id,
      row.careCase,
      row.site,
      row.source,
      row.target,
      row.uid,
      row.accession,
      row.state,
      row.code,
      row.attempts,
      row.dueAtMs,
      row.madeAtMs,
      row.changedAtMs,
    ],
  }
}

/** What a run changes of its study. */
export interface StudyChange {
  readonly uid?: string
  readonly state: StudyState
  readonly code: ErrorCode | null
  readonly attempts: number
  readonly dueAtMs: number
}

/** Ends a run: unless the study went to another centre or case meanwhile, which then looks at it afresh. */
export function studyUpdate(row: StudyRow, change: StudyChange, nowMs: number): Statement {
  return {
    sql: `UPDATE image_study SET uid = ?, state = ?, code = ?, attempts = ?, due_at_ms = ?, changed_at_ms = ?
      WHERE id = ? AND changed_at_ms = ? AND state <> 'over'`,
    parameters: [
      change.uid ?? row.uid,
      change.state,
      change.code,
      change.attempts,
      change.dueAtMs,
      Math.max(nowMs, row.changedAtMs + 1),
      row.id,
      row.changedAtMs,
    ],
    rows: 1,
  }
}

/** A study that goes to another centre: every instance waits again. */
export function retarget(row: StudyRow, target: DestinationId | null, nowMs: number): Statement[] {
  return [
    {
      sql: 'UPDATE image_study SET target = ?, attempts = 0, due_at_ms = ?, changed_at_ms = ? WHERE id = ? AND changed_at_ms = ?',
      parameters: [target, nowMs, Math.max(nowMs, row.changedAtMs + 1), row.id, row.changedAtMs],
      rows: 1,
    },
    { sql: "UPDATE image_instance SET state = 'waiting', tries = 0 WHERE study = ?", parameters: [row.id] },
  ]
}

/** A study that came by the door belongs to this case. */
export function attach(row: StudyRow, careCase: CaseId, nowMs: number): Statement {
  return {
    sql: 'UPDATE image_study SET care_case = ?, due_at_ms = ?, changed_at_ms = ? WHERE id = ? AND care_case IS NULL',
    parameters: [careCase, nowMs, Math.max(nowMs, row.changedAtMs + 1), row.id],
    rows: 1,
  }
}

/** A study that came by the door is no longer of its case: whoever names it next has it, judged and carried afresh. */
export function detach(row: StudyRow, nowMs: number): Statement[] {
  return [
    {
      sql: `UPDATE image_study SET care_case = NULL, target = NULL, state = 'sought', code = NULL, attempts = 0, due_at_ms = ?,
        changed_at_ms = ? WHERE id = ? AND changed_at_ms = ?`,
      parameters: [nowMs, Math.max(nowMs, row.changedAtMs + 1), row.id, row.changedAtMs],
      rows: 1,
    },
    { sql: "UPDATE image_instance SET state = 'waiting', tries = 0 WHERE study = ?", parameters: [row.id] },
    { sql: 'DELETE FROM image_identity WHERE study = ?', parameters: [row.id] },
  ]
}

/** Look at it at once, and once more where it is being looked at now. */
export function dueNow({ id, changedAtMs }: StudyRow, nowMs: number): Statement {
  return {
    sql: 'UPDATE image_study SET due_at_ms = ?, changed_at_ms = ? WHERE id = ?',
    parameters: [nowMs, Math.max(nowMs, changedAtMs + 1), id],
  }
}

/** The case is closed, or has the study no longer: nothing more of it is carried. */
export function studyOver(id: string, nowMs: number): Statement {
  return {
    sql: "UPDATE image_study SET state = 'over', changed_at_ms = ? WHERE id = ? AND state <> 'over'",
    parameters: [nowMs, id],
  }
}

/** An instance that a list named; one that is known stays as it is. */
export function instanceInsert(study: string, one: ImageInstance): Statement {
  return {
    sql: `INSERT INTO image_instance (study, uid, series, n, sop_class, state, tries)
      VALUES (?, ?, ?, ?, ?, 'waiting', 0) ON CONFLICT DO NOTHING`,
    parameters: [study, one.uid, one.series, one.number ?? 0, one.sopClass],
  }
}

/** The centre of that target has it, listed before or not; a mismatch when the study goes to another one by now. */
export function instanceThere(
  { id, target }: StudyRow,
  { uid, series, number, sopClass }: ImageInstance,
  coerced: readonly Coercion[],
): Statement {
  return {
    sql: `INSERT INTO image_instance (study, uid, series, n, sop_class, state, tries, coerced)
      SELECT ?, ?, ?, ?, ?, 'there', 0, ? WHERE EXISTS (SELECT 1 FROM image_study WHERE id = ? AND target = ?)
      ON CONFLICT (study, uid) DO UPDATE SET state = 'there', code = NULL, coerced = excluded.coerced`,
    parameters: [id, uid, series, number ?? 0, sopClass, coerced.join(' '), id, target],
    rows: 1,
  }
}

/** It is there, or waits again, by the list of the centre of that target. */
export function instanceState({ id, target }: StudyRow, uid: string, state: 'there' | 'waiting'): Statement {
  return {
    sql: `UPDATE image_instance SET state = ? WHERE study = ? AND uid = ?
      AND EXISTS (SELECT 1 FROM image_study WHERE id = ? AND target = ?)`,
    parameters: [state, id, uid, id, target],
    rows: 1,
  }
}

/** It was refused; after `most` times it waits for nobody any more. */
export function instanceRefused(study: string, uid: string, code: ErrorCode, most: number): Statement {
  return {
    sql: `UPDATE image_instance SET tries = tries + 1, code = ?,
      state = CASE WHEN tries + 1 >= ? THEN 'refused' ELSE 'waiting' END WHERE study = ? AND uid = ?`,
    parameters: [code, most, study, uid],
  }
}

/** What the gate said against identities of a study and nobody confirmed is judged anew at the next look. */
export function identitiesForgotten(study: string): Statement {
  const sql = "DELETE FROM image_identity WHERE study = ? AND result <> 'ok' AND confirmed_at_ms IS NULL"
  return { sql, parameters: [study] }
}

/**
 * What the gate said of an identity, unless a person has confirmed it; nothing where the study changed since it was looked at,
 * whose images may be others. `told`: whom the image names, JSON; null where it is proved. */
export function identityJudged(
  { id, changedAtMs }: Pick<StudyRow, 'id' | 'changedAtMs'>,
  identity: string,
  said: { readonly result: string; readonly which: readonly string[]; readonly told: string | null },
  nowMs: number,
): Statement {
  return {
    // Of a case that was erased meanwhile nothing is written anew.
    sql: `INSERT INTO image_identity (study, identity, result, which, judged_at_ms, told)
      SELECT s.id, ?, ?, ?, ?, ? FROM image_study AS s WHERE s.id = ? AND s.changed_at_ms = ?
      ON CONFLICT (study, identity) DO UPDATE SET result = excluded.result, which = excluded.which, told = excluded.told`,
    parameters: [identity, said.result, said.which.join(' '), nowMs, said.told, id, changedAtMs],
  }
}

/** A person confirmed the identities that were known then. */
export function identitiesConfirmed(study: string, atMs: number): Statement {
  return {
    sql: `UPDATE image_identity SET confirmed_at_ms = ?
      WHERE study = ? AND result <> 'ok' AND confirmed_at_ms IS NULL AND judged_at_ms <= ?`,
    parameters: [atMs, study, atMs],
  }
}

/** What erases the images' rows of a case; the files of those that came by a door go when nothing names them any more. */
export function imagesForgotten(careCase: CaseId): Statement[] {
  const own = 'study IN (SELECT id FROM image_study WHERE care_case = ?)'
  return [
    { sql: `DELETE FROM image_identity WHERE ${own}`, parameters: [careCase] },
    { sql: `DELETE FROM image_instance WHERE ${own}`, parameters: [careCase] },
    { sql: 'DELETE FROM image_study WHERE care_case = ?', parameters: [careCase] },
  ]
}
