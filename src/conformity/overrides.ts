import { reaches } from '../core/caller.ts'
import type { Use } from '../core/config.ts'
import type {
  Asked,
  ConformityAct,
  ConformityCommands,
  KeptOverride,
  NewOverride,
  SettableVerdict,
} from '../core/conformity-commands.ts'
import { GatewayError } from '../core/errors.ts'
import type { Journal } from '../core/journal.ts'
import { type ActingParts, eventOf, named, untilMs } from './acting.ts'
import { changedRows } from './count/tally.ts'
import { requirementOf } from './requirement.ts'

/** A row of `conformity_override`. */
interface OverrideRow {
  readonly use: string
  readonly framework: string
  readonly establishment: string
  readonly requirement: string
  readonly verdict: string
  readonly reason: string
  readonly who: string
  readonly at_ms: number
  readonly until_ms: number | null
}

const KEY = 'use, framework, establishment, requirement'

/** Setting verdicts, and lifting what was set. */
export function overrideActs(parts: ActingParts): Pick<ConformityCommands, 'override' | 'lift'> {
  return { override: (set, act) => override(set, act, parts), lift: (of, act) => lift(of, act, parts) }
}

async function override(set: NewOverride, act: ConformityAct, parts: ActingParts): Promise<KeptOverride> {
  const { use, framework, establishment, requirement, verdict, until } = set
  if (!reaches(act.reach, establishment)) throw new GatewayError('NOT_FOUND')
  if ((await requirementOf(set, parts)) === null) throw new GatewayError('OVERRIDE_REQUIREMENT')
  const endMs = until === null ? null : untilMs(until, parts)
  const atMs = parts.clock.nowMs()
  const row = {
    sql: `INSERT INTO conformity_override (${KEY}, verdict, reason, who, at_ms, until_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT (${KEY}) DO UPDATE SET verdict = excluded.verdict, reason = excluded.reason, who = excluded.who,
        at_ms = excluded.at_ms, until_ms = excluded.until_ms`,
    parameters: [use, framework, establishment, requirement, verdict, act.why, act.who, atMs, endMs],
    rows: 1,
  }
  const events = [eventOf(parts, 'set-verdict', act, named(set, `${use} ${verdict} ${until ?? ''}`.trim()))]
  await parts.journal.apply({ rows: [row, ...changedRows([set])], events })
  parts.changed()
  return { use, framework, establishment, requirement, verdict, untilMs: endMs, who: act.who, why: act.why, atMs }
}

async function lift(of: Asked & { readonly use: Use }, act: ConformityAct, parts: ActingParts): Promise<void> {
  if (!reaches(act.reach, of.establishment)) throw new GatewayError('NOT_FOUND')
  const row = {
    sql: 'DELETE FROM conformity_override WHERE use = ? AND framework = ? AND establishment = ? AND requirement = ?',
    parameters: [of.use, of.framework, of.establishment, of.requirement],
    rows: 1,
  }
  const events = [eventOf(parts, 'lift-verdict', act, named(of, of.use))]
  if (!(await parts.journal.apply({ rows: [row, ...changedRows([of])], events }))) throw new GatewayError('NOT_FOUND')
  parts.changed()
}

/** Verdicts that were set and still hold, newest first. */
export async function heldOverrides({ look }: Pick<Journal, 'look'>, nowMs: number): Promise<readonly KeptOverride[]> {
  const rows = await look<OverrideRow>({
    sql: `SELECT ${KEY}, verdict, reason, who, at_ms, until_ms FROM conformity_override
      WHERE until_ms IS NULL OR until_ms > ? ORDER BY at_ms DESC, ${KEY}`,
    parameters: [nowMs],
  })
  return rows.map((row) => ({
    use: row.use as Use,
    framework: row.framework,
    establishment: row.establishment,
    requirement: row.requirement,
    verdict: row.verdict as SettableVerdict,
    untilMs: row.until_ms === null ? null : Number(row.until_ms),
    who: row.who,
    why: row.reason,
    atMs: Number(row.at_ms),
  }))
}
