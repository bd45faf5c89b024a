import type { Reach } from '../../core/caller.ts'
import { type FrameworkName, frameworkName, type Verdict, type Why } from '../../core/conformity.ts'
import type { ChangesAsk, ConformityAsk, VerdictChange } from '../../core/conformity-views.ts'
import { GatewayError } from '../../core/errors.ts'
import { type ViewParts, within } from './seen.ts'

interface Row {
  readonly seq: number
  readonly at_ms: number
  readonly establishment: string
  readonly requirement: string
  readonly was: Verdict | null
  readonly verdict: Verdict
  readonly why: Why
  readonly good: number
  readonly total: number
}

/** Verdicts that became others, newest first. @throws {GatewayError} NOT_FOUND */
export async function readChanges(
  parts: ViewParts,
  ask: ChangesAsk,
  reach: Reach | null,
): Promise<{ readonly changes: readonly VerdictChange[]; readonly next: number | null }> {
  await known(parts, ask.framework)
  // Changes are those of all that an establishment sends.
  if (reach?.applications != null) return { changes: [], next: null }
  const { establishment, after, limit } = ask
  const { sql, parameters } = within(reach)
  const rows = await select(
    parts,
    ask,
    `at_ms >= ? AND at_ms < ?${establishment === undefined ? '' : ' AND establishment = ?'}${after === undefined ? '' : ' AND seq < ?'}${sql}`,
    [
      ...[ask.sinceMs, ask.untilMs],
      ...(establishment === undefined ? [] : [establishment]),
      ...(after === undefined ? [] : [after]),
      ...parameters,
    ],
    limit + 1,
  )
  const changes = rows.slice(0, limit)
  return { changes, next: rows.length > limit ? (changes.at(-1)?.n ?? null) : null }
}

/** Changes are kept for ever: whoever disputes one reads it when the framework is in force no more. @throws {GatewayError} NOT_FOUND */
async function known({ frameworks, journal }: ViewParts, name: FrameworkName): Promise<void> {
  if ((await frameworks()).some((one) => frameworkName(one) === name)) return
  const rows = await journal.read<{ name: string }>({
    sql: 'SELECT name FROM conformity_framework WHERE name = ?',
    parameters: [name],
  })
  if (rows.length === 0) throw new GatewayError('NOT_FOUND')
}

/** The last changes of one establishment, newest first. */
export function readHistory(
  parts: Pick<ViewParts, 'journal'>,
  establishment: string,
  ask: ConformityAsk,
  most: number,
): Promise<readonly VerdictChange[]> {
  return select(parts, ask, 'establishment = ?', [establishment], most)
}

async function select(
  { journal }: Pick<ViewParts, 'journal'>,
  { framework, use }: ConformityAsk,
  where: string,
  parameters: readonly (string | number)[],
  most: number,
): Promise<readonly VerdictChange[]> {
  const rows = await journal.read<Row>({
    sql: `SELECT seq, at_ms, establishment, requirement, was, verdict, why, good, total FROM conformity_change
      WHERE use = ? AND framework = ? AND ${where} ORDER BY seq DESC LIMIT ?`,
    parameters: [use, framework, ...parameters, most],
  })
  return rows.map(({ seq, at_ms, good, total, ...row }) => ({
    ...{
      establishment: row.establishment,
      requirement: row.requirement,
      was: row.was,
      verdict: row.verdict,
      why: row.why,
    },
    ...{ n: Number(seq), atMs: Number(at_ms), good: Number(good), total: Number(total) },
  }))
}
