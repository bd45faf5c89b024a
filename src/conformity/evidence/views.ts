import { type Reach, reaches } from '../../core/caller.ts'
import { type Framework, frameworkName } from '../../core/conformity.ts'
import {
  type AskedFor,
  type EvidenceFilter,
  type EvidenceViews,
  keptDocument,
  type LapsingEvidence,
  MOST_LAPSING,
} from '../../core/conformity-commands.ts'
import type { SqlValue } from '../../core/journal.ts'
import { checkedBytes } from '../../formats/checked.ts'
import { type ActingParts, eventOf, named } from '../acting.ts'
import { dayOf } from '../day.ts'
import { heldOverrides } from '../overrides.ts'
import { type EvidenceRow, evidenceAt, evidenceOf, partsIn, partsOf } from './rows.ts'

const DAY_MS = 86_400_000

/** Reads evidence and set verdicts of a journal. */
export function evidenceViews(parts: Pick<ActingParts, 'journal' | 'shelf' | 'config' | 'clock'>): EvidenceViews {
  const { journal, shelf, config, clock } = parts
  const inForce = (): Promise<readonly Framework[]> => shelf.inForce(dayOf(clock.nowMs(), config().region.timeZone))
  return {
    async list(filter, { limit, after }, reach) {
      const [where, parameters] = conditionsOf(filter, reach)
      if (after !== undefined) where.push('id < ?')
      const rows = await journal.read<EvidenceRow>({
        sql: `SELECT * FROM conformity_evidence WHERE ${where.join(' AND ')} ORDER BY id DESC LIMIT ?`,
        parameters: [...parameters, ...(after === undefined ? [] : [after]), limit + 1],
      })
      const evidence = rows.slice(0, limit).map(evidenceOf)
      return { evidence, next: rows.length > limit ? (evidence.at(-1)?.id ?? null) : null }
    },
    async one(id, reach) {
      const row = await evidenceAt(journal, id)
      return row === null || !reaches(reach, row.establishment) ? null : evidenceOf(row)
    },
    async open(id, { who, reach }) {
      const row = await evidenceAt(journal, id)
      if (row === null || !reaches(reach, row.establishment)) return null
      const evidence = evidenceOf(row)
      const document = keptDocument(evidence)
      if (document === null) return null
      await journal.apply({ events: [eventOf(parts, 'read-evidence', { who, why: null }, named(row, id))] })
      return { evidence, bytes: checkedBytes(document.sha256, partsIn(journal, id, partsOf(document.bytes))) }
    },
    lapsing: async (reach, withinMs) => lapsing(reach, askedIn(await inForce()), withinMs, parts),
    asked: async () => askedIn(await inForce()),
    async overrides(reach) {
      return (await heldOverrides(journal, clock.nowMs())).filter(({ establishment }) => reaches(reach, establishment))
    },
  }
}

/** Requirements of these frameworks that ask for evidence, in their order. Pure. */
function askedIn(frameworks: readonly Framework[]): AskedFor[] {
  return frameworks.flatMap((framework) =>
    framework.domains
      .flatMap(({ requirements }) => requirements)
      .flatMap(({ id, text, judging, appliesTo }) =>
        judging.by === 'evidence'
          ? [{ framework, requirement: id, text, judging, appliesTo: appliesTo ?? framework.appliesTo }]
          : [],
      ),
  )
}

/** Of each requirement the newest accepted evidence, which is the one that counts, once its time is nearly over. */
async function lapsing(
  reach: Reach | null,
  asked: readonly AskedFor[],
  withinMs: number | undefined,
  { journal, clock, config }: Pick<ActingParts, 'journal' | 'clock' | 'config'>,
): Promise<LapsingEvidence[]> {
  const nowMs = clock.nowMs()
  // All in the question: what is left out afterwards would have stood in the place of what is looked for.
  const known = [...config().establishments.keys()].filter((establishment) => reaches(reach, establishment))
  const [where, parameters] = conditionsOf({}, { establishments: known, applications: null })
  const reminders = [...Map.groupBy(asked, ({ judging }) => withinMs ?? judging.remindDays * DAY_MS)]
  if (reminders.length === 0) return []
  const due = reminders.map(
    ([, own]) => `valid_until_ms <= ? AND (framework || ' ' || requirement) IN (${own.map(() => '?').join()})`,
  )
  const dueParameters = reminders.flatMap(([remindMs, own]) => [
    nowMs + remindMs,
    ...own.map(({ framework, requirement }) => `${frameworkName(framework)} ${requirement}`),
  ])
  const newer = `SELECT 1 FROM conformity_evidence AS n WHERE n.establishment = e.establishment AND n.framework = e.framework
    AND n.requirement = e.requirement AND n.filed_at_ms > e.filed_at_ms AND n.state`
  const rows = await journal.read<EvidenceRow & { readonly renewed: number }>({
    sql: `SELECT e.*, CASE WHEN EXISTS (${newer} = 'filed') THEN 1 ELSE 0 END AS renewed FROM conformity_evidence AS e
      WHERE state = 'accepted' AND ${where.join(' AND ')} AND (${due.join(' OR ')}) AND NOT EXISTS (${newer} = 'accepted')
      ORDER BY valid_until_ms, id LIMIT ${MOST_LAPSING}`,
    parameters: [...parameters, ...dueParameters],
  })
  return rows.map((row) => ({
    evidence: evidenceOf(row),
    lapsed: Number(row.valid_until_ms) <= nowMs,
    renewed: Number(row.renewed) === 1,
  }))
}

function conditionsOf(
  { establishment, framework, requirement, state }: EvidenceFilter,
  reach: Reach | null,
): [where: string[], parameters: SqlValue[]] {
  const where = ['1 = 1']
  const parameters: SqlValue[] = []
  for (const [column, value] of Object.entries({ establishment, framework, requirement, state })) {
    if (value === undefined) continue
    where.push(`${column} = ?`)
    parameters.push(value)
  }
  const own = reach?.establishments ?? null
  if (own !== null) {
    where.push(own.length === 0 ? '1 = 0' : `establishment IN (${own.map(() => '?').join()})`)
    parameters.push(...own)
  }
  return [where, parameters]
}
