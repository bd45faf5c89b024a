import type { Config, Establishment } from '../core/config.ts'
import type { Verdict } from '../core/conformity.ts'
import { type Framework, type FrameworkName, frameworkName, type Requirement, type Why } from '../core/conformity.ts'
import type {
  PublicCell,
  PublicConformity,
  PublicEstablishment,
  PublicSettings,
  PublishedConformity,
} from '../core/conformity-public.ts'
import type { Clock } from '../core/ports.ts'
import { dayOf } from './day.ts'
import { requirementsFor } from './judge/judge.ts'
import { cellOf } from './views/cell.ts'
import { namedOf, type ViewParts } from './views/seen.ts'

/** How old an answer to the public may be (ms): whoever asks how often, the store is asked once in that time. */
const KEPT_MS = 60_000

interface Kept {
  readonly config: Config
  readonly untilMs: number
  readonly made: Promise<PublishedConformity | null>
}

/** What the region publishes, read at most once a minute for each framework, and anew with each configuration. */
export function publicConformity(
  parts: Pick<ViewParts, 'journal' | 'config' | 'frameworks'> & { readonly clock: Pick<Clock, 'nowMs'> },
): PublicConformity {
  const kept = new Map<FrameworkName | null, Kept>()
  return {
    async now(framework) {
      const config = parts.config()
      const settings = config.conformity?.public
      if (settings === undefined) return null
      // Names that nobody publishes are not remembered.
      if (framework !== null && !settings.frameworks.includes(framework)) return null
      const nowMs = parts.clock.nowMs()
      const known = kept.get(framework)
      if (known !== undefined && known.config === config && known.untilMs > nowMs) return known.made
      const made = read(parts, config, settings, framework)
      kept.set(framework, { config, untilMs: nowMs + KEPT_MS, made })
      made.catch(() => kept.delete(framework))
      return made
    },
  }
}

async function read(
  { journal, frameworks }: Pick<ViewParts, 'journal' | 'frameworks'>,
  config: Config,
  settings: PublicSettings,
  wanted: FrameworkName | null,
): Promise<PublishedConformity | null> {
  const inForce = await frameworks()
  const published = settings.frameworks.flatMap((name) => inForce.filter((one) => frameworkName(one) === name))
  const framework = wanted === null ? published[0] : published.find((one) => frameworkName(one) === wanted)
  if (framework === undefined) return null
  const rows = await journal.read<Row>({
    sql: `SELECT establishment, requirement, verdict, why, since_ms FROM conformity_verdict
      WHERE use = 'production' AND framework = ?`,
    parameters: [frameworkName(framework)],
  })
  const byEstablishment = Map.groupBy(rows, ({ establishment }) => establishment)
  const establishments = [...config.establishments.values()]
    .filter(({ publicConformity }) => settings.establishments === 'all' || publicConformity === true)
    .flatMap((one) => establishmentOf(one, framework, byEstablishment.get(one.id) ?? [], config.region.timeZone))
    .sort((a, b) => a.name.localeCompare(b.name, 'fr'))
  const shown = establishments.flatMap(({ cells }) => cells.filter((one) => one !== null))
  return {
    region: config.region.name,
    framework: { ...titleOf(framework), publisher: framework.publisher, confirm: framework.confirm },
    frameworks: published.map(titleOf),
    domains: framework.domains.map(({ id, name }) => ({ id, name })),
    establishments,
    changedMs: shown.length === 0 ? null : Math.max(...shown.map(({ sinceMs }) => sinceMs)),
  }
}

interface Row {
  readonly establishment: string
  readonly requirement: string
  readonly verdict: Verdict
  readonly why: Why
  readonly since_ms: number
}

function titleOf(framework: Framework): PublishedConformity['frameworks'][number] {
  return { name: frameworkName(framework), title: framework.name, version: framework.version }
}

/** Nothing where no domain is met or partly met: a row of blanks would say more than a verdict. */
function establishmentOf(
  one: Establishment,
  framework: Framework,
  rows: readonly Row[],
  timeZone: string,
): PublicEstablishment[] {
  const kept = new Map(rows.map((row) => [row.requirement, row]))
  const asked = new Set(requirementsFor(framework, one.kind))
  const decided = decidedBy(asked, kept)
  const cells = framework.domains.map(({ requirements }) =>
    publicCell(
      requirements.filter((requirement) => asked.has(requirement)),
      kept,
      decided,
      timeZone,
    ),
  )
  if (cells.every((cell) => cell === null)) return []
  const { name, kind, department } = namedOf(one)
  return [{ name, kind, department, finess: one.finess.ej ?? one.finess.eg[0] ?? null, cells }]
}

/** A domain as the matrix has it, where that is met or partly met; else nothing. */
function publicCell(
  requirements: readonly Requirement[],
  kept: ReadonlyMap<string, Row>,
  decided: (id: string) => boolean,
  timeZone: string,
): PublicCell | null {
  const judged = requirements.map(({ id, level }) => ({ level, verdict: kept.get(id)?.verdict ?? 'not-measured', id }))
  const { verdict, counts } = cellOf(judged)
  if (verdict !== 'met' && verdict !== 'partly') return null
  const applying = judged.filter((one) => one.verdict !== 'not-applicable')
  const mandatory = applying.filter(({ level }) => level === 'mandatory')
  const deciding = (mandatory.length > 0 ? mandatory : applying).flatMap(({ id }) => kept.get(id) ?? [])
  const sinceMs = Math.max(...deciding.map(({ since_ms }) => Number(since_ms)))
  return {
    verdict,
    met: counts.met,
    of: applying.length,
    sinceMs,
    since: dayOf(sinceMs, timeZone),
    byPerson: judged.some(({ id }) => decided(id)),
  }
}

/** Did a person decide a verdict, or one that it is made of, in whatever domain? A framework has no circles. */
function decidedBy(asked: Iterable<Requirement>, kept: ReadonlyMap<string, Row>): (id: string) => boolean {
  const parts = new Map([...asked].map(({ id, judging }) => [id, judging.by === 'derived' ? judging.of : []]))
  const decided = (id: string): boolean =>
    ['waived', 'overridden'].includes(kept.get(id)?.why ?? '') || (parts.get(id) ?? []).some(decided)
  return decided
}
