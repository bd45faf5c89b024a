import type { Reach } from '../../core/caller.ts'
import type { Establishment } from '../../core/config.ts'
import type { Framework, Verdict } from '../../core/conformity.ts'
import type { ConformityAsk } from '../../core/conformity-views.ts'
import { requirementsFor } from '../judge/judge.ts'
import { sentRules } from '../judge/products.ts'
import { judgeTogether, readSentBy } from './on-products.ts'
import { type ViewParts, within } from './seen.ts'

/** Verdicts of one establishment by requirement: all that apply to it. */
export type Standing = ReadonlyMap<string, Verdict>

/** Verdicts of establishments, now, as far as the reach shows them. */
export async function readStandings(
  parts: ViewParts,
  framework: Framework,
  ask: ConformityAsk,
  establishments: readonly Establishment[],
  reach: Reach | null,
): Promise<ReadonlyMap<string, Standing>> {
  const products = reach?.applications ?? null
  if (products !== null) return onProducts(parts, framework, ask, establishments, products)
  const { sql, parameters } = within(reach)
  const rows = await parts.journal.read<Together>({
    sql: `SELECT establishment, verdict, string_agg(requirement, '${BETWEEN}') AS requirements FROM conformity_verdict
      WHERE use = ? AND framework = ?${sql} GROUP BY establishment, verdict`,
    parameters: [ask.use, ask.framework, ...parameters],
  })
  const kept = apart(rows)
  return new Map(
    establishments.map(({ id, kind }) => {
      const verdicts: Standing = kept.get(id) ?? new Map()
      const own = requirementsFor(framework, kind)
      // What was never judged was not measured.
      return [id, new Map(own.map((one) => [one.id, verdicts.get(one.id) ?? 'not-measured']))]
    }),
  )
}

/** What kept verdicts say is of everything an establishment sends: what single products come to is judged anew. */
async function onProducts(
  parts: ViewParts,
  framework: Framework,
  { use }: ConformityAsk,
  establishments: readonly Establishment[],
  products: readonly string[],
): Promise<ReadonlyMap<string, Standing>> {
  const all = new Map<string, Standing>()
  const sent = await readSentBy(parts, framework, use, establishments)
  for (const { id, kind } of establishments) {
    const rules = sentRules(framework, kind)
    const own = sent(id)
    const judged = rules.flatMap((rule) => {
      const judgement = judgeTogether(rule, own, products)
      return judgement === null ? [] : [[rule.requirement.id, judgement.verdict] as const]
    })
    all.set(id, new Map(judged))
  }
  return all
}

/** What verdicts were at a time, where they have changed since, by establishment and requirement. */
export async function readBefore(
  { journal }: Pick<ViewParts, 'journal'>,
  { framework, use }: ConformityAsk,
  atMs: number,
  reach: Reach | null,
): Promise<ReadonlyMap<string, Standing>> {
  const { sql, parameters } = within(reach)
  const rows = await journal.read<Together>({
    sql: `SELECT c.establishment, c.was AS verdict, string_agg(c.requirement, '${BETWEEN}') AS requirements FROM conformity_change c
      JOIN (SELECT MIN(seq) AS seq FROM conformity_change WHERE at_ms > ? AND use = ? AND framework = ?${sql}
        GROUP BY establishment, requirement) f ON f.seq = c.seq GROUP BY c.establishment, c.was`,
    parameters: [atMs, use, framework, ...parameters],
  })
  return apart(rows)
}

/** Requirements of one establishment with the same verdict come as one row: a tenth of what a great region has to hand over. */
interface Together {
  readonly establishment: string
  /** Null: there was none. */
  readonly verdict: Verdict | null
  readonly requirements: string
}

/** Stands in no id. */
const BETWEEN = '\n'

function apart(rows: readonly Together[]): ReadonlyMap<string, Standing> {
  const all = new Map<string, Map<string, Verdict>>()
  for (const { establishment, verdict, requirements } of rows) {
    const own = all.get(establishment) ?? new Map<string, Verdict>()
    for (const one of requirements.split(BETWEEN)) own.set(one, verdict ?? 'not-measured')
    all.set(establishment, own)
  }
  return all
}
