import { type Reach, reaches } from '../../core/caller.ts'
import type { Establishment } from '../../core/config.ts'
import type { Framework, Judgement, KeptVerdict, Requirement } from '../../core/conformity.ts'
import type {
  ConformityAsk,
  EstablishmentConformity,
  ExampleMessage,
  RequirementLine,
} from '../../core/conformity-views.ts'
import { isNamed } from '../count/signature.ts'
import { requirementsFor } from '../judge/judge.ts'
import { sentRules } from '../judge/products.ts'
import { unmeasured } from '../judge/traffic.ts'
import { keptVerdict, subjectKey, type VerdictRow } from '../store/facts.ts'
import { GRAVITY, shareOf } from './cell.ts'
import { readHistory } from './changes.ts'
import { judgeTogether, NOTHING_SENT, readSent } from './on-products.ts'
import { progressOf } from './progress.ts'
import { frameworkOf, namedOf, type ViewParts } from './seen.ts'

const DAY_MS = 86_400_000
/** Days before which a verdict that a person set for a time is told to end. */
const REMIND_DAYS = 30
const MOST_HISTORY = 100

/** What a requirement comes to, as far as the reach shows it. */
export interface Known {
  readonly requirement: Requirement
  readonly judgement: Judgement
  readonly kept: KeptVerdict | null
}

/** Everything of one establishment; null: there is none within the reach. @throws {GatewayError} NOT_FOUND */
export async function readEstablishment(
  parts: ViewParts,
  id: string,
  ask: ConformityAsk,
  reach: Reach | null,
): Promise<EstablishmentConformity | null> {
  const framework = await frameworkOf(parts, ask.framework)
  const own = parts.config().establishments.get(id)
  if (own === undefined || !reaches(reach, id)) return null
  const products = reach?.applications ?? null
  const known =
    products === null
      ? await keptOf(parts, framework, own, ask)
      : await onProducts(parts, framework, own, ask, products)
  const examples = await readExamples(parts, id, ask, products)
  const domainOf = new Map(
    framework.domains.flatMap(({ id: domain, requirements }) => requirements.map((one) => [one, domain])),
  )
  const lines = known.map(
    ({ requirement, judgement, kept }): RequirementLine => ({
      ...judgement,
      ...{ domain: domainOf.get(requirement) ?? '', requirement },
      found: judgement.found.map((one) => ({
        ...one,
        examples: (examples.get(one.finding) ?? []).filter(({ kind }) => isAbout(requirement, kind)),
      })),
      sinceMs: kept?.sinceMs ?? null,
      judgedAtMs: kept?.judgedAtMs ?? null,
      regressedFrom: kept?.regressedFrom ?? null,
      progress: progressOf(requirement, judgement),
    }),
  )
  const mandatory = lines.filter(({ requirement }) => requirement.level === 'mandatory')
  return {
    ...namedOf(own),
    ...{ finess: own.finess, framework: ask.framework, use: ask.use },
    share: shareOf(mandatory.map(({ verdict }) => verdict)),
    lines: lines.sort((a, b) => placeOf(a) - placeOf(b)),
    lapsing: lapsing(lines, parts.nowMs()),
    history: products === null ? await readHistory(parts, id, ask, MOST_HISTORY) : [],
  }
}

/** The same finding stands in messages of other kinds, which a requirement on traffic does not look at. */
function isAbout({ judging }: Requirement, kind: string): boolean {
  return judging.by !== 'traffic' || isNamed(kind, judging.rule.kinds)
}

/** What fails before what does not, the mandatory before the others; the order of the framework stays. */
function placeOf({ verdict, requirement }: RequirementLine): number {
  return 2 * GRAVITY.indexOf(verdict) + (requirement.level === 'mandatory' ? 0 : 1)
}

/** What every requirement comes to at one establishment, as it is kept; in the order of the framework. */
export async function keptOf(
  { journal }: Pick<ViewParts, 'journal'>,
  framework: Framework,
  { id, kind }: Establishment,
  ask: ConformityAsk,
): Promise<readonly Known[]> {
  const rows = await journal.read<VerdictRow>({
    sql: 'SELECT * FROM conformity_verdict WHERE use = ? AND framework = ? AND establishment = ?',
    parameters: [ask.use, ask.framework, id],
  })
  const kept = new Map(rows.map((row) => [row.requirement, keptVerdict(row)]))
  return requirementsFor(framework, kind).map((requirement) => {
    const own = kept.get(requirement.id) ?? null
    return { requirement, kept: own, judgement: own ?? unmeasured(firstWhy(requirement)) }
  })
}

/** What there is none of, before anything was judged. */
function firstWhy({ judging }: Requirement): Judgement['why'] {
  const whys = {
    traffic: 'too-few',
    evidence: 'no-evidence',
    probe: 'no-probe',
    trial: 'no-trial',
    derived: 'parts',
  } as const
  return whys[judging.by]
}

async function onProducts(
  parts: ViewParts,
  framework: Framework,
  { id, kind }: Establishment,
  { use }: ConformityAsk,
  products: readonly string[],
): Promise<readonly Known[]> {
  const rules = sentRules(framework, kind)
  const subject = { establishment: id, use }
  const sent = (await readSent(parts, [subject], rules)).get(subjectKey(subject)) ?? NOTHING_SENT
  return rules.flatMap((rule) => {
    const judgement = judgeTogether(rule, sent, products)
    return judgement === null ? [] : [{ requirement: rule.requirement, kept: null, judgement }]
  })
}

/** Messages that show each finding, as far as they are still there. */
async function readExamples(
  { journal }: ViewParts,
  establishment: string,
  { use }: ConformityAsk,
  products: readonly string[] | null,
): Promise<ReadonlyMap<string, readonly ExampleMessage[]>> {
  if (products?.length === 0) return new Map()
  const sentBy = products === null ? '' : ` AND m.application IN (${products.map(() => '?').join(', ')})`
  const rows = await journal.read<{ finding: string; message: string; kind: string; at_ms: number }>({
    sql: `SELECT e.finding, e.message, e.kind, e.at_ms FROM conformity_example e JOIN message m ON m.id = e.message
      WHERE e.establishment = ? AND e.use = ?${sentBy} ORDER BY e.at_ms DESC`,
    parameters: [establishment, use, ...(products ?? [])],
  })
  const byFinding = Map.groupBy(rows, ({ finding }) => finding)
  return new Map(
    [...byFinding].map(([finding, own]) => [
      finding,
      own.map(({ message, kind, at_ms }) => ({ message, kind, atMs: Number(at_ms) })),
    ]),
  )
}

/** What soon ends by itself. Parts are told and not what is derived from them. */
function lapsing(lines: readonly RequirementLine[], nowMs: number): EstablishmentConformity['lapsing'] {
  return lines
    .flatMap(({ requirement, verdict, why, untilMs }) => {
      if (untilMs === null || untilMs <= nowMs) return []
      const days = remindDays(requirement, why)
      const counts = verdict === 'met' || why === 'waived' || why === 'overridden'
      return counts && untilMs <= nowMs + days * DAY_MS ? [{ requirement: requirement.id, untilMs }] : []
    })
    .sort((a, b) => a.untilMs - b.untilMs)
}

/** How long before its end it is told (days). A probe is asked again by itself: that it was not is seen late. */
function remindDays({ judging }: Requirement, why: Judgement['why']): number {
  if (why === 'waived' || why === 'overridden') return REMIND_DAYS
  if (judging.by === 'evidence') return judging.remindDays
  return judging.by === 'probe' ? judging.validDays / 4 : 0
}
