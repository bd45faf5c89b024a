import type { Reach } from '../../core/caller.ts'
import type { Establishment } from '../../core/config.ts'
import type { Framework, Requirement, Verdict } from '../../core/conformity.ts'
import type {
  Closest,
  ConformityAsk,
  Matrix,
  MatrixColumn,
  MatrixFilter,
  MatrixRow,
  Share,
  Trend,
} from '../../core/conformity-views.ts'
import { requirementsFor } from '../judge/judge.ts'
import { cellOf, shareOf, sumOf } from './cell.ts'
import { frameworkOf, namedOf, seenBy, type ViewParts } from './seen.ts'
import { readBefore, readStandings, type Standing } from './standings.ts'
import { readWeeks, type WeeksOf } from './weeks.ts'

const DAY_MS = 86_400_000
/** What the shares of today are compared with. */
const TREND_DAYS = 30
const MOST_CLOSEST = 10
const MOST_MISSING = 3

/** A column while it is filled: the requirements that it stands for. */
interface Part extends Omit<MatrixColumn, 'trend'> {
  readonly requirements: readonly Requirement[]
}

/** Establishments × domains, or × requirements of one domain. @throws {GatewayError} NOT_FOUND */
export async function readMatrix(
  parts: ViewParts,
  ask: ConformityAsk,
  filter: MatrixFilter,
  reach: Reach | null,
): Promise<Matrix> {
  const framework = await frameworkOf(parts, ask.framework)
  const all = seenBy(parts.config(), reach).filter(({ kind }) => requirementsFor(framework, kind).length > 0)
  const chosen = all.filter((one) => isChosen(one, filter))
  const atMs = parts.nowMs() - TREND_DAYS * DAY_MS
  const [now, before] = await Promise.all([
    readStandings(parts, framework, ask, chosen, reach),
    reach?.applications == null ? readBefore(parts, ask, atMs, reach) : null,
  ])
  const columns = partsOf(framework, filter.domain)
  const asked = askedOf(framework, columns)
  const rows = chosen
    .map((one) => rowOf(one, now.get(one.id) ?? new Map(), asked(one.kind)))
    .filter(({ cells }) => filter.verdict === undefined || cells.some(({ verdict }) => verdict === filter.verdict))
  const trends = columns.map((_, i) => trendOf(rows, (kind) => asked(kind)[i] ?? [], now, before))
  const met = sumOf(trends.map((one) => one.now))
  // Of single products no changes are kept.
  const wanted = filter.weeks === true && before !== null
  const weeks = wanted ? await readWeeks(parts, ask, weeksOf(rows, columns, filter, met)) : []
  const mandatory = rows.map((row) => closeness(row, framework, now.get(row.id) ?? new Map()))
  return {
    ...{ framework: ask.framework, use: ask.use, rows },
    columns: columns.map(({ id, name, level, confirm }, i) => ({ id, name, level, confirm, trend: trends[i]! })),
    trend: {
      now: met,
      before: before === null ? null : sumOf(trends.flatMap((one) => (one.before === null ? [] : [one.before]))),
    },
    weeks,
    ...completeness(mandatory),
    departments: unique(all.map((one) => namedOf(one).department)),
    kinds: unique(all.map(({ kind }) => kind)),
  }
}

function weeksOf(rows: readonly MatrixRow[], columns: readonly Part[], { domain }: MatrixFilter, now: Share): WeeksOf {
  const requirements = columns.flatMap((one) => one.requirements.map(({ id }) => id))
  return {
    establishments: rows.map(({ id }) => id),
    requirements: domain === undefined ? null : requirements,
    now,
  }
}

function unique(values: readonly (string | null)[]): readonly string[] {
  return [...new Set(values)].filter((one) => one !== null).sort()
}

/** Does the filter want this establishment? Pure. */
export function isChosen(establishment: Establishment, { kind, department, q, among }: MatrixFilter): boolean {
  const { id, name, finess } = establishment
  if (among?.has(id) === false) return false
  if (kind !== undefined && establishment.kind !== kind) return false
  if (department !== undefined && namedOf(establishment).department !== department) return false
  if (q === undefined) return true
  return [id, name, finess.ej ?? '', ...finess.eg].some((text) => plain(text).includes(plain(q)))
}

/** Without accents and letter case. */
function plain(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase()
}

function partsOf({ domains, confirm }: Framework, domain: string | undefined): readonly Part[] {
  if (domain === undefined) {
    return domains.map(({ id, name, requirements }) => ({ id, name, level: null, confirm, requirements }))
  }
  const own = domains.find(({ id }) => id === domain)?.requirements ?? []
  return own.map((one) => ({
    id: one.id,
    name: one.text,
    level: one.level,
    confirm: confirm || one.confirm,
    requirements: [one],
  }))
}

/** Which requirements of each column are asked of a kind of establishment, found once. */
function askedOf(
  framework: Framework,
  columns: readonly Part[],
): (kind: string) => readonly (readonly Requirement[])[] {
  const known = new Map<string, readonly (readonly Requirement[])[]>()
  return (kind) => {
    let asked = known.get(kind)
    if (asked === undefined) {
      const own = new Set(requirementsFor(framework, kind))
      asked = columns.map(({ requirements }) => requirements.filter((one) => own.has(one)))
      known.set(kind, asked)
    }
    return asked
  }
}

function rowOf(one: Establishment, standing: Standing, asked: readonly (readonly Requirement[])[]): MatrixRow {
  const cells = asked.map((requirements) =>
    cellOf(
      requirements.flatMap(({ id, level }) => {
        const verdict = standing.get(id)
        return verdict === undefined ? [] : [{ level, verdict }]
      }),
    ),
  )
  return { ...namedOf(one), cells }
}

function trendOf(
  rows: readonly MatrixRow[],
  asked: (kind: string) => readonly Requirement[],
  now: ReadonlyMap<string, Standing>,
  before: ReadonlyMap<string, Standing> | null,
): Trend {
  const verdicts: Verdict[] = []
  const earlier: Verdict[] = []
  for (const { id, kind } of rows) {
    for (const { id: requirement } of asked(kind)) {
      const verdict = now.get(id)?.get(requirement)
      if (verdict === undefined) continue
      verdicts.push(verdict)
      earlier.push(before?.get(id)?.get(requirement) ?? verdict)
    }
  }
  return { now: shareOf(verdicts), before: before === null ? null : shareOf(earlier) }
}

function closeness({ cells: _, ...named }: MatrixRow, framework: Framework, standing: Standing): Closest {
  const mandatory = requirementsFor(framework, named.kind).filter(
    ({ level, id }) => level === 'mandatory' && standing.has(id),
  )
  const open = mandatory.filter(({ id }) => !['met', 'not-applicable'].includes(standing.get(id) ?? ''))
  const share: Share = shareOf(mandatory.map(({ id }) => standing.get(id) ?? 'not-measured'))
  return { ...named, share, missing: open.slice(0, MOST_MISSING).map(({ id }) => id) }
}

function completeness(all: readonly Closest[]): Pick<Matrix, 'complete' | 'closest'> {
  const asked = all.filter(({ share }) => share.of > 0)
  const left = ({ share }: Closest): number => share.of - share.met
  // Where nothing is met yet nobody is close to anything.
  const closest = asked
    .filter((one) => left(one) > 0 && one.share.met > 0)
    .sort((a, b) => left(a) - left(b) || b.share.of - a.share.of || a.name.localeCompare(b.name))
    .slice(0, MOST_CLOSEST)
  return { complete: { met: asked.filter((one) => left(one) === 0).length, of: asked.length }, closest }
}
