import type { EstablishmentKind } from '../../core/config.ts'
import type { Journal, Statement } from '../../core/journal.ts'
import type { Enrolment, EnrolmentStep, Payment } from '../../core/programme-commands.ts'
import type { EnrolmentState, PaymentPart } from '../../core/programmes.ts'

/** A row of `programme_enrolment`. */
export interface EnrolmentRow {
  readonly id: string
  readonly programme: string
  readonly finess: string
  readonly establishment: string | null
  readonly name: string
  readonly kind: EstablishmentKind
  readonly department: string
  readonly body_finess: string | null
  readonly body_name: string | null
  readonly body_count: number | null
  readonly domains: string
  readonly project: string | null
  readonly track: string | null
  readonly deposited_on: string | null
  readonly state: EnrolmentState
  readonly cents: number | null
  readonly paid_advance: number
  readonly paid_start_up: number
  readonly paid_use: number
  readonly source: string
  readonly invented: number
  readonly confirm: number
  readonly since_ms: number
  readonly version: number
}

const whole = (value: number | null): number | null => (value === null ? null : Number(value))

/** The enrolment of a row. */
export function enrolmentOf(row: EnrolmentRow): Enrolment {
  return {
    ...{ id: row.id, programme: row.programme, finess: row.finess, establishment: row.establishment, name: row.name },
    ...{ kind: row.kind, department: row.department, project: row.project, track: row.track, state: row.state },
    body: { finess: row.body_finess, name: row.body_name, count: whole(row.body_count) },
    domains: row.domains.split(' '),
    depositedOn: row.deposited_on,
    cents: whole(row.cents),
    paid: { advance: Number(row.paid_advance), 'start-up': Number(row.paid_start_up), use: Number(row.paid_use) },
    source: row.source,
    invented: Number(row.invented) === 1,
    confirm: Number(row.confirm) === 1,
    sinceMs: Number(row.since_ms),
  }
}

/** An enrolment by its id, or null. */
export async function enrolmentAt({ look }: Pick<Journal, 'look'>, id: string): Promise<EnrolmentRow | null> {
  const [row] = await look<EnrolmentRow>({ sql: 'SELECT * FROM programme_enrolment WHERE id = ?', parameters: [id] })
  return row ?? null
}

const guardName = (programme: string): string => `programme ${programme}`

/** How often enrolments were made in a programme, for `enrolledRow`. */
export async function timesEnrolled({ look }: Pick<Journal, 'look'>, programme: string): Promise<number> {
  const sql = 'SELECT value FROM meta WHERE name = ?'
  const [row] = await look<{ value: string }>({ sql, parameters: [guardName(programme)] })
  return Number(row?.value ?? 0)
}

/**
 * Enrolments are made in a programme once more, unless others were since `times` was read: whoever judged beside the same
 * enrolments at the same time is refused, on whatever node. */
export function enrolledRow(programme: string, times: number): Statement {
  return {
    sql: `INSERT INTO meta (name, value) VALUES (?, ?)
      ON CONFLICT (name) DO UPDATE SET value = excluded.value WHERE meta.value = ?`,
    parameters: [guardName(programme), `${times + 1}`, `${times}`],
    rows: 1,
  }
}

/** Makes an enrolment, unless the establishment has another one open in that programme, or this very one; its first step beside it. */
export function newRows(one: Enrolment, { who, why }: { readonly who: string; readonly why: string }): Statement[] {
  const { body, paid } = one
  return [
    {
      sql: `INSERT INTO programme_enrolment (id, programme, finess, establishment, name, kind, department, body_finess, body_name,
          body_count, domains, project, track, deposited_on, state, cents, paid_advance, paid_start_up, paid_use, source, invented,
          confirm, since_ms, version)
        SELECT ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1
        WHERE NOT EXISTS (SELECT 1 FROM programme_enrolment WHERE programme = ? AND finess = ? AND state = ? AND domains = ?
          AND COALESCE(deposited_on, '') = ? AND COALESCE(cents, -1) = ? AND paid_advance = ? AND paid_start_up = ? AND paid_use = ?)
        ON CONFLICT DO NOTHING`,
      parameters: [
        ...[one.id, one.programme, one.finess, one.establishment, one.name, one.kind, one.department, body.finess],
        ...[body.name, body.count, one.domains.join(' '), one.project, one.track, one.depositedOn, one.state],
        ...[one.cents, paid.advance, paid['start-up'], paid.use, one.source, one.invented ? 1 : 0],
        ...[one.confirm ? 1 : 0, one.sinceMs],
        ...[one.programme, one.finess, one.state, one.domains.join(' '), one.depositedOn ?? '', one.cents ?? -1],
        ...[paid.advance, paid['start-up'], paid.use],
      ],
      rows: 1,
    },
    stepRow(one.id, { from: null, to: one.state, who, why, atMs: one.sinceMs }),
  ]
}

/** A step of an enrolment. */
export function stepRow(enrolment: string, { from, to, who, why, atMs }: EnrolmentStep): Statement {
  return {
    sql: 'INSERT INTO programme_step (enrolment, was, state, who, why, at_ms) VALUES (?, ?, ?, ?, ?, ?)',
    parameters: [enrolment, from, to, who, why, atMs],
    rows: 1,
  }
}

/** A payment to an enrolment. */
export function paymentRow(enrolment: string, { part, cents, paidOn, who, why, atMs }: Payment): Statement {
  return {
    sql: 'INSERT INTO programme_payment (enrolment, part, cents, paid_on, who, why, at_ms) VALUES (?, ?, ?, ?, ?, ?, ?)',
    parameters: [enrolment, part, cents, paidOn, who, why, atMs],
    rows: 1,
  }
}

const PAID: Readonly<Record<PaymentPart, string>> = {
  advance: 'paid_advance',
  'start-up': 'paid_start_up',
  use: 'paid_use',
}

/** What changes of an enrolment. */
export interface Change {
  readonly state?: { readonly to: EnrolmentState; readonly atMs: number }
  readonly cents?: number
  readonly paid?: { readonly part: PaymentPart; readonly cents: number }
}

/** Changes an enrolment, if it is still what was looked at. */
export function changedRow(
  { id, version }: Pick<EnrolmentRow, 'id' | 'version'>,
  { state, cents, paid }: Change,
): Statement {
  const sets: string[] = ['version = version + 1']
  const parameters: (string | number)[] = []
  const set = (sql: string, ...values: readonly (string | number)[]): void => {
    sets.push(sql)
    parameters.push(...values)
  }
  if (state !== undefined) set('state = ?, since_ms = ?', state.to, state.atMs)
  if (cents !== undefined) set('cents = ?', cents)
  if (paid !== undefined) set(`${PAID[paid.part]} = ${PAID[paid.part]} + ?`, paid.cents)
  return {
    sql: `UPDATE programme_enrolment SET ${sets.join(', ')} WHERE id = ? AND version = ?`,
    parameters: [...parameters, id, Number(version)],
    rows: 1,
  }
}

/** The steps of an enrolment, the first one first. */
export async function readSteps({ look }: Pick<Journal, 'look'>, enrolment: string): Promise<readonly EnrolmentStep[]> {
  const rows = await look<{
    was: EnrolmentState | null
    state: EnrolmentState
    who: string
    why: string
    at_ms: number
  }>({
    sql: 'SELECT was, state, who, why, at_ms FROM programme_step WHERE enrolment = ? ORDER BY seq',
    parameters: [enrolment],
  })
  return rows.map(({ was, state, who, why, at_ms }) => ({ from: was, to: state, who, why, atMs: Number(at_ms) }))
}

/** What was paid to an enrolment, the first payment first. */
export async function readPayments({ look }: Pick<Journal, 'look'>, enrolment: string): Promise<readonly Payment[]> {
  const rows = await look<{
    part: PaymentPart
    cents: number
    paid_on: string
    who: string
    why: string
    at_ms: number
  }>({
    sql: 'SELECT part, cents, paid_on, who, why, at_ms FROM programme_payment WHERE enrolment = ? ORDER BY seq',
    parameters: [enrolment],
  })
  return rows.map(({ part, cents, paid_on, who, why, at_ms }) => ({
    ...{ part, cents: Number(cents), paidOn: paid_on, who, why, atMs: Number(at_ms) },
  }))
}

/** A fraction that was declared. */
export interface DeclaredValue {
  readonly target: string
  readonly numerator: number
  readonly denominator: number
  readonly who: string
  readonly why: string
  readonly atMs: number
}

/** Fractions that were declared for the targets of an enrolment. */
export async function readValues(
  { look }: Pick<Journal, 'look'>,
  enrolment: string,
): Promise<readonly DeclaredValue[]> {
  const rows = await look<DeclaredValue & { readonly at_ms: number }>({
    sql: 'SELECT target, numerator, denominator, who, why, at_ms FROM programme_value WHERE enrolment = ?',
    parameters: [enrolment],
  })
  return rows.map(({ target, numerator, denominator, who, why, at_ms }) => ({
    ...{ target, numerator: Number(numerator), denominator: Number(denominator), who, why, atMs: Number(at_ms) },
  }))
}

/** Keeps a fraction in place of the one that was declared before. */
export function valueRow(
  enrolment: string,
  { target, numerator, denominator, who, why, atMs }: DeclaredValue,
): Statement {
  return {
    sql: `INSERT INTO programme_value (enrolment, target, numerator, denominator, who, why, at_ms) VALUES (?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT (enrolment, target) DO UPDATE SET numerator = excluded.numerator, denominator = excluded.denominator,
        who = excluded.who, why = excluded.why, at_ms = excluded.at_ms`,
    parameters: [enrolment, target, numerator, denominator, who, why, atMs],
    rows: 1,
  }
}
