import {
  type FrameworkName,
  type Judgement,
  type KeptVerdict,
  NOTHING_MEASURED,
  type Verdict,
} from '../../core/conformity.ts'
import type { Statement } from '../../core/journal.ts'
import type { Subject } from './facts.ts'

/** How good a verdict is; what says nothing has no place in the order. */
const RANK: Readonly<Record<Verdict, number | null>> = {
  met: 3,
  partly: 2,
  unmet: 1,
  lapsed: 1,
  'not-applicable': null,
  'not-measured': null,
}

/**
 * What a verdict was before it became worse, for as long as it has not come back to that. A verdict that says nothing keeps it:
 * who stops sending has mended nothing. Pure. */
export function regressedFrom(
  before: Pick<KeptVerdict, 'verdict' | 'regressedFrom'> | null,
  now: Verdict,
): Verdict | null {
  if (before === null || now === 'not-applicable') return null
  const rank = RANK[now]
  const held = before.regressedFrom ?? before.verdict
  if (rank === null) return before.regressedFrom
  return (RANK[held] ?? 0) > rank ? held : null
}

/** What is written when verdicts of an establishment were made anew: rows that changed, and none for those that did not. Pure. */
export function verdictRows(
  { establishment, use }: Subject,
  judged: ReadonlyMap<FrameworkName, ReadonlyMap<string, Judgement>>,
  kept: readonly KeptVerdict[],
  nowMs: number,
): Statement[] {
  const before = new Map(kept.map((one) => [`${one.framework} ${one.requirement}`, one]))
  const rows: Statement[] = []
  for (const [framework, verdicts] of judged) {
    for (const [requirement, now] of verdicts) {
      const key = `${framework} ${requirement}`
      const was = before.get(key) ?? null
      before.delete(key)
      if (was !== null && isSame(was, now)) continue
      const turned = was === null || was.verdict !== now.verdict
      const verdict: KeptVerdict = {
        ...now,
        ...{ use, establishment, framework, requirement },
        sinceMs: turned ? nowMs : was.sinceMs,
        judgedAtMs: nowMs,
        regressedFrom: regressedFrom(was, now.verdict),
      }
      rows.push(verdictRow(verdict))
      // What was never measured, and is not yet, is no news.
      if (turned && !(was === null && now.verdict === 'not-measured'))
        rows.push(changeRow(verdict, was?.verdict ?? null))
    }
  }
  // What no framework in use asks of it any more. That it ended is kept too, so that one that begins again is not counted twice.
  for (const was of before.values()) {
    const { framework, requirement } = was
    const ended = { ...was, ...NOTHING_MEASURED, verdict: 'not-measured', why: 'not-asked', judgedAtMs: nowMs } as const
    if (was.verdict !== 'not-measured') rows.push(changeRow(ended, was.verdict))
    rows.push({
      sql: 'DELETE FROM conformity_verdict WHERE use = ? AND framework = ? AND establishment = ? AND requirement = ?',
      parameters: [use, framework, establishment, requirement],
    })
  }
  return rows
}

function isSame(was: KeptVerdict, now: Judgement): boolean {
  return (
    was.verdict === now.verdict &&
    was.why === now.why &&
    was.good === now.good &&
    was.total === now.total &&
    was.untilMs === now.untilMs &&
    JSON.stringify([was.found, was.software]) === JSON.stringify([now.found, now.software])
  )
}

const COLUMNS = [
  ...['use', 'framework', 'establishment', 'requirement', 'verdict', 'why', 'good', 'total', 'found', 'software'],
  ...['until_ms', 'since_ms', 'judged_at_ms', 'regressed_from'],
]
const KEY = 'use, framework, establishment, requirement'
const UPSERT = `INSERT INTO conformity_verdict (${COLUMNS.join(', ')}) VALUES (${COLUMNS.map(() => '?').join(', ')})
  ON CONFLICT (${KEY}) DO UPDATE SET ${COLUMNS.slice(4)
    .map((one) => `${one} = excluded.${one}`)
    .join(', ')}`

function verdictRow(one: KeptVerdict): Statement {
  return {
    sql: UPSERT,
    parameters: [
      ...[one.use, one.framework, one.establishment, one.requirement, one.verdict, one.why, one.good, one.total],
      ...[JSON.stringify(one.found), JSON.stringify(one.software), one.untilMs, one.sinceMs, one.judgedAtMs],
      one.regressedFrom,
    ],
    rows: 1,
  }
}

function changeRow(one: KeptVerdict, was: Verdict | null): Statement {
  return {
    sql: `INSERT INTO conformity_change (at_ms, use, establishment, framework, requirement, was, verdict, why, good, total)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    parameters: [
      ...[one.judgedAtMs, one.use, one.establishment, one.framework, one.requirement],
      ...[was, one.verdict, one.why, one.good, one.total],
    ],
    rows: 1,
  }
}
