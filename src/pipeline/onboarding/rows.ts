import type { Journal, NewEvent, Statement } from '../../core/journal.ts'
import type { OnboardingKey, OnboardingState, Signature, StepNote, StepRule, Trial } from '../../core/onboarding.ts'

/** Flow under which the steps stand that an establishment does once for all flows. */
export const EVERY_FLOW = '*'

/** An onboarding as it is stored. */
export interface OnboardingRow {
  readonly establishment: string
  readonly flow: string
  readonly name: string
  readonly state: OnboardingState
  readonly earlier: OnboardingState | null
  readonly opened_at_ms: number
  readonly moved_at_ms: number
  readonly version: number
}

const COLUMNS = 'establishment, flow, name, state, earlier, opened_at_ms, moved_at_ms, version'

/** The onboardings of these establishments, or all. */
export async function onboardings(
  { read }: Pick<Journal, 'read'>,
  establishments: readonly string[] | null,
): Promise<readonly OnboardingRow[]> {
  if (establishments?.length === 0) return []
  const places = establishments?.map(() => '?').join(', ')
  const where = places === undefined ? '' : `WHERE establishment IN (${places})`
  return read({
    sql: `SELECT ${COLUMNS} FROM onboarding ${where} ORDER BY establishment, flow`,
    parameters: establishments ?? [],
  })
}

/** One, or null. */
export async function onboarding(
  { look }: Pick<Journal, 'look'>,
  { establishment, flow }: OnboardingKey,
): Promise<OnboardingRow | null> {
  const [row] = await look<OnboardingRow>({
    sql: `SELECT ${COLUMNS} FROM onboarding WHERE establishment = ? AND flow = ?`,
    parameters: [establishment, flow],
  })
  return row ?? null
}

interface StepRow {
  readonly establishment: string
  readonly flow: string
  readonly step: string
  readonly state: 'open' | 'done'
  readonly owner: string
  readonly done_on: string
  readonly note: string
  readonly entry: string
  readonly who: string
  readonly at_ms: number
}

/** Steps of an establishment by flow, those of all flows under `*`; of all establishments where `of` is null. */
export async function stepsOf(
  { read }: Pick<Journal, 'read'>,
  of: string | null,
): Promise<readonly (OnboardingKey & { readonly note: StepNote })[]> {
  const rows = await read<StepRow>({
    sql: `SELECT establishment, flow, step, state, owner, done_on, note, entry, who, at_ms FROM onboarding_step
      ${of === null ? '' : 'WHERE establishment = ?'}`,
    parameters: of === null ? [] : [of],
  })
  return rows.map(({ establishment, flow, step, state, owner, done_on, note, entry, who, at_ms }) => ({
    establishment,
    flow,
    note: { step, state, owner, on: done_on, note, ...JSON.parse(entry), who, atMs: Number(at_ms) },
  }))
}

/** The row of a step, written whether it was there or not. */
export function stepRow({ establishment, flow }: OnboardingKey, rule: StepRule, note: StepNote): Statement {
  const entry = JSON.stringify({ values: note.values, facts: note.facts })
  return {
    sql: `INSERT INTO onboarding_step (establishment, flow, step, state, owner, done_on, note, entry, who, at_ms)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT (establishment, flow, step) DO UPDATE SET state = excluded.state, owner = excluded.owner,
        done_on = excluded.done_on, note = excluded.note, entry = excluded.entry, who = excluded.who, at_ms = excluded.at_ms`,
    parameters: [
      establishment,
      rule.once ? EVERY_FLOW : flow,
      rule.id,
      note.state,
      note.owner,
      note.on,
      note.note,
      entry,
      note.who,
      note.atMs,
    ],
    rows: 1,
  }
}

/** The row of an onboarding after an act; refused when another act came between. */
export function movedRow(row: OnboardingRow, to: Pick<OnboardingRow, 'state' | 'earlier'>, atMs: number): Statement {
  return {
    sql: `UPDATE onboarding SET state = ?, earlier = ?, moved_at_ms = ?, version = version + 1
      WHERE establishment = ? AND flow = ? AND version = ?`,
    parameters: [
      to.state,
      to.earlier,
      to.state === row.state ? Number(row.moved_at_ms) : atMs,
      row.establishment,
      row.flow,
      Number(row.version),
    ],
    rows: 1,
  }
}

/** Signatures of a go-live, in their order. */
export async function signaturesOf(
  { look }: Pick<Journal, 'look'>,
  { establishment, flow }: OnboardingKey,
): Promise<readonly Signature[]> {
  const rows = await look<{ who: string; why: string; at_ms: number }>({
    sql: 'SELECT who, why, at_ms FROM onboarding_signature WHERE establishment = ? AND flow = ? ORDER BY at_ms, who',
    parameters: [establishment, flow],
  })
  return rows.map(({ who, why, at_ms }) => ({ who, why, atMs: Number(at_ms) }))
}

interface TrialRow {
  readonly id: string
  readonly at_ms: number
  readonly establishment: string
  readonly application: string
  readonly kind: string | null
  readonly control_id: string | null
  readonly version: string
  readonly charset: string
  readonly accent: number
  readonly again: number
  readonly msa: string | null
  readonly code: string | null
  readonly path: string | null
  readonly findings: string
}

/** What came of an establishment at the sandbox door since then, oldest first, at most the last `limit`. */
export async function trialsOf(
  { read }: Pick<Journal, 'read'>,
  establishment: string,
  sinceMs: number,
  limit: number,
): Promise<readonly Trial[]> {
  const rows = await read<TrialRow>({
    sql: `SELECT id, at_ms, establishment, application, kind, control_id, version, charset, accent, again, msa, code, path, findings
      FROM trial WHERE establishment = ? AND at_ms >= ? ORDER BY seq DESC LIMIT ?`,
    parameters: [establishment, sinceMs, limit],
  })
  return [...rows].reverse().map((row) => ({
    id: row.id,
    atMs: Number(row.at_ms),
    establishment: row.establishment === '' ? null : row.establishment,
    application: row.application,
    kind: row.kind,
    controlId: row.control_id,
    version: row.version,
    charset: row.charset,
    accent: Number(row.accent) === 1,
    repeat: Number(row.again) === 1,
    answer: row.msa,
    code: row.code,
    at: row.path,
    findings: JSON.parse(row.findings) as Trial['findings'],
  }))
}

/** What an act leaves behind: `what` after `onboarding-`, and of which onboarding. */
export function onboardingEvent(
  what: string,
  { establishment, flow }: OnboardingKey,
  told: { readonly who: string; readonly why: string | null; readonly atMs: number; readonly more?: string },
): NewEvent {
  const { who, why, atMs, more } = told
  const detail = `${establishment}/${flow}${more === undefined ? '' : ` ${more}`}`
  return { atMs, who, what: `onboarding-${what}`, why, code: null, message: null, delivery: null, detail }
}
