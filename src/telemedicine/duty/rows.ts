import type { Duty, DutyEntry, Heard, RotaName, RotaSave } from '../../core/duty.ts'
import type { Journal, Statement } from '../../core/journal.ts'
import { givesWay } from './judge.ts'

/** A row of `duty`. */
export interface DutyRow {
  readonly id: string
  readonly service: string
  readonly centre: string
  readonly place: number
  readonly person: string
  readonly rpps: string | null
  readonly phone: string
  readonly mobile: string | null
  readonly from_ms: number
  readonly until_ms: number
  readonly taken_at_ms: number | null
  readonly taken_by: string | null
  readonly tests: string | null
}

const COLUMNS =
  'id, service, centre, place, person, rpps, phone, mobile, from_ms, until_ms, taken_at_ms, taken_by, tests'

/** A duty as its row has it. */
export function dutyOf(row: DutyRow): Duty {
  const { from_ms, until_ms, taken_at_ms, taken_by, tests, place, ...rest } = row
  return {
    ...rest,
    place: Number(place) as Duty['place'],
    fromMs: Number(from_ms),
    untilMs: Number(until_ms),
    takenAtMs: taken_at_ms === null ? null : Number(taken_at_ms),
    takenBy: taken_by,
    heard: tests === null ? null : (JSON.parse(tests) as Heard),
  }
}

type Look = Pick<Journal, 'look'>

/** Duties that touch some hours, of every rota or of one, in order. */
export async function dutiesIn({ look }: Look, fromMs: number, untilMs: number, rota?: RotaName): Promise<Duty[]> {
  const rows = await look<DutyRow>({
    sql: `SELECT ${COLUMNS} FROM duty WHERE until_ms > ? AND from_ms < ? ${rota === undefined ? '' : 'AND service = ? AND centre = ?'}
      ORDER BY service, centre, place, from_ms`,
    parameters: [fromMs, untilMs, ...(rota === undefined ? [] : [rota.service, rota.centre])],
  })
  return rows.map(dutyOf)
}

/** Who is on duty at a time, in every rota. */
export function dutiesAt(journal: Look, atMs: number): Promise<Duty[]> {
  return dutiesIn(journal, atMs, atMs + 1)
}

/** One duty, or null. */
export async function dutyById({ look }: Look, id: string): Promise<Duty | null> {
  const [row] = await look<DutyRow>({ sql: `SELECT ${COLUMNS} FROM duty WHERE id = ?`, parameters: [id] })
  return row === undefined ? null : dutyOf(row)
}

/**
 * The rows of a save: what gives way goes, as it was looked at, and what is new comes, if nothing has come meanwhile that
 * overlaps; else the whole is undone. A duty that stays the same person's from the same time stays taken. Pure. */
export function saveRows(save: RotaSave, kept: readonly Duty[], newId: () => string): Statement[] {
  const before = kept.filter((one) => givesWay(one, save))
  const same = new Map(save.duties.map((duty) => [before.find((one) => isSame(one, duty)), duty]))
  const gone = before.filter((one) => !same.has(one))
  const come = save.duties.filter((duty) => !before.some((one) => isSame(one, duty)))
  const taken = (duty: DutyEntry) =>
    gone.find(({ place, person, fromMs }) => place === duty.place && person === duty.person && fromMs === duty.fromMs)
  return [
    ...gone.map((one): Statement => {
      const { id, person, fromMs, untilMs } = one
      return {
        sql: 'DELETE FROM duty WHERE id = ? AND person = ? AND from_ms = ? AND until_ms = ?',
        parameters: [id, person, fromMs, untilMs],
        rows: 1,
      }
    }),
    ...come.map((duty) => insertRow(save, duty, taken(duty) ?? null, newId())),
  ]
}

function isSame(one: Duty, duty: DutyEntry): boolean {
  return (['place', 'person', 'rpps', 'phone', 'mobile', 'fromMs', 'untilMs'] as const).every(
    (name) => one[name] === duty[name],
  )
}

function insertRow({ service, centre }: RotaName, duty: DutyEntry, before: Duty | null, id: string): Statement {
  const { place, person, rpps, phone, mobile, fromMs, untilMs } = duty
  const heard = before?.heard ?? null
  const taken = [before?.takenAtMs ?? null, before?.takenBy ?? null, heard === null ? null : JSON.stringify(heard)]
  return {
    sql: `INSERT INTO duty (${COLUMNS})
      SELECT ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ? WHERE NOT EXISTS (
        SELECT 1 FROM duty WHERE service = ? AND centre = ? AND place = ? AND from_ms < ? AND until_ms > ?)`,
    parameters: [
      ...[id, service, centre, place, person, rpps, phone, mobile, fromMs, untilMs, ...taken],
      ...[service, centre, place, untilMs, fromMs],
    ],
    rows: 1,
  }
}
