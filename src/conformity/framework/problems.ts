/** What is wrong with a framework whose form is good: what stands twice, leads nowhere or contradicts itself. Pure. */
import { KEPT_DAYS } from '../day.ts'
import { readSettings } from '../probes/settings.ts'
import { daysOf, partsOf, shareOf } from './compile.ts'
import type { WrittenDerived, WrittenFramework, WrittenJudge, WrittenRequirement, WrittenTraffic } from './written.ts'

type Path = readonly (string | number)[]

/** Something wrong: keys and indexes to the value, and a sentence. */
export interface FrameworkProblem {
  readonly path: Path
  readonly message: string
}

/** What a framework may name. */
export interface FrameworkNames {
  /** Ids of rules, codes of the error table, and cases of test books (`identities/TWOINS`); null: anything may be named. */
  readonly findings: ReadonlySet<string> | null
  /** Ids of every requirement of the file, those whose own form is not good too. */
  readonly requirements: ReadonlySet<string>
}

/** A requirement and where it stands. */
interface Placed {
  readonly requirement: WrittenRequirement
  readonly path: Path
}

/** Everything at once. Lists may have holes, where an item was taken out because of its form. */
export function frameworkProblems(written: WrittenFramework, names: FrameworkNames): FrameworkProblem[] {
  const domains = present(written.domains)
  const placed: Placed[] = domains.flatMap(([i, domain]) =>
    present(domain.requirements).map(([j, requirement]) => ({
      requirement,
      path: ['domains', i, 'requirements', j],
    })),
  )
  return [
    ...dateProblems(written),
    ...twice(domains.map(([i, { id }]) => ({ id, path: ['domains', i, 'id'] }))),
    ...twice(placed.map(({ requirement, path }) => ({ id: requirement.id, path: [...path, 'id'] }))),
    ...placed.flatMap(({ requirement, path }) => judgeProblems(requirement.judge, [...path, 'judge'], names)),
    ...circles(placed),
  ]
}

/** Items of a list that may have holes, with their places. */
export function present<T>(list: readonly T[]): [number, T][] {
  return [...list.entries()].filter(([, item]) => item !== undefined)
}

function dateProblems({ valid }: WrittenFramework): FrameworkProblem[] {
  const unreal = (['from', 'to'] as const).flatMap((key) => {
    const day = valid[key]
    return day === undefined || isDay(day)
      ? []
      : [{ path: ['valid', key], message: `${day} is no day of the calendar` }]
  })
  if (unreal.length > 0 || valid.to === undefined || valid.from <= valid.to) return unreal
  return [{ path: ['valid', 'to'], message: `ends ${valid.to}, before it begins` }]
}

/** Is it a day of the calendar (`YYYY-MM-DD`)? */
export function isDay(text: string): boolean {
  const date = new Date(`${text}T00:00:00Z`)
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text)
}

/** Ids that stand a second time. */
export function twice(named: readonly { readonly id: string; readonly path: Path }[]): FrameworkProblem[] {
  const seen = new Set<string>()
  return named.flatMap(({ id, path }) => {
    if (seen.has(id)) return [{ path, message: `the id ${id} stands twice` }]
    seen.add(id)
    return []
  })
}

const WAYS = ['traffic', 'probe', 'evidence', 'trial', 'derived'] as const
const MEASURES = ['share', 'absence', 'presence', 'answered'] as const
const PARTS = ['all', 'any', 'atLeast'] as const

/** A problem when not exactly one of the keys is there. */
function notOne<K extends string>(value: Readonly<Partial<Record<K, unknown>>>, keys: readonly K[], path: Path) {
  const given = keys.filter((key) => value[key] !== undefined)
  if (given.length === 1) return null
  const found = given.length === 0 ? 'none' : given.join(' and ')
  return { path, message: `exactly one of ${keys.join(', ')} is asked for, found ${found}` }
}

function judgeProblems(judge: WrittenJudge, path: Path, names: FrameworkNames): FrameworkProblem[] {
  const several = notOne(judge, WAYS, path)
  if (several !== null) return [several]
  const { traffic, probe, evidence, trial, derived } = judge
  if (traffic !== undefined) return trafficProblems(traffic, [...path, 'traffic'], names.findings)
  if (trial !== undefined) return trialProblems(trial.cases, [...path, 'trial', 'cases'], names.findings)
  if (derived !== undefined) return derivedProblems(derived, [...path, 'derived'], names.requirements)
  if (probe !== undefined) {
    const read = readSettings(probe.kind, probe.settings)
    const message = `these settings do not fit the probe ${probe.kind}`
    return read.ok ? [] : [{ path: [...path, 'probe', 'settings'], message: `${message} (${read.at})` }]
  }
  if (evidence === undefined || daysOf(evidence.remind) < daysOf(evidence.valid)) return []
  const message = `the reminder (${evidence.remind}) must be shorter than it is valid (${evidence.valid})`
  return [{ path: [...path, 'evidence', 'remind'], message }]
}

function trialProblems(cases: readonly string[], path: Path, known: FrameworkNames['findings']): FrameworkProblem[] {
  return present(cases).flatMap(([i, name]) => {
    if (known === null || known.has(name)) return []
    return [{ path: [...path, i], message: `there is no case ${name} (profiles/test-books: BOOK/CASE)` }]
  })
}

function trafficProblems(
  traffic: WrittenTraffic,
  path: Path,
  findings: FrameworkNames['findings'],
): FrameworkProblem[] {
  const several = notOne(traffic, MEASURES, path)
  if (several !== null) return [several]
  const { side, minimum, share, absence, presence, answered } = traffic
  // What was published before counts as it was: only who writes one is told.
  const problems: FrameworkProblem[] = findings === null ? [] : windowProblems(traffic.window, [...path, 'window'])
  for (const key of ['profiles', 'notProfiles'] as const) {
    if (side === 'sent' || traffic[key] === undefined) continue
    problems.push({ path: [...path, key], message: 'profiles are counted of messages sent' })
  }
  if ((side === 'received') !== (answered !== undefined)) {
    const message =
      side === 'received' ? 'received goes with answered alone' : 'answered is measured of messages received'
    problems.push({ path: [...path, 'side'], message })
  }
  if (presence !== undefined && presence < minimum) {
    const message = `under a minimum of ${minimum} nothing is said, so ${presence} can never be asked for`
    problems.push({ path: [...path, 'presence'], message })
  }
  if (share !== undefined && share.without.length === 0 && !share.refused) {
    problems.push({
      path: [...path, 'share'],
      message: 'without findings and refused: false, every message is as it must be',
    })
  }
  const named = share === undefined ? (['absence'] as const) : (['share', 'without'] as const)
  for (const [i, name] of present(share?.without ?? absence ?? [])) {
    if (!isKnown(name, findings)) problems.push({ path: [...path, ...named, i], message: unknownFinding(name) })
  }
  for (const key of ['share', 'answered'] as const) {
    const { atLeast, partly } = traffic[key] ?? {}
    if (atLeast === undefined || partly === undefined || shareOf(atLeast) > shareOf(partly)) continue
    problems.push({ path: [...path, key, 'partly'], message: `partly (${partly}) must be below atLeast (${atLeast})` })
  }
  return problems
}

/** Nothing is kept of days before: what is said of them would be said of fewer. */
export function windowProblems(window: string, path: Path): FrameworkProblem[] {
  if (daysOf(window) <= KEPT_DAYS) return []
  return [{ path, message: `${window} is longer than counts are kept (${KEPT_DAYS} d)` }]
}

/** Does a rule or code of that name stand there, or for `NAME*` one that begins so? `findings` null: any name is known. */
export function isKnown(name: string, findings: FrameworkNames['findings']): boolean {
  if (findings === null) return true
  if (!name.endsWith('*')) return findings.has(name)
  const start = name.slice(0, -1)
  return findings.values().some((one) => one.startsWith(start) && !one.includes('/'))
}

/** Says that no rule and no code bears the name. */
export function unknownFinding(name: string): string {
  return name.endsWith('*')
    ? `no rule and no code begins with ${name.slice(0, -1)}`
    : `there is no rule and no code ${name} (profiles/hl7v2, docs/errors.md)`
}

function derivedProblems(derived: WrittenDerived, path: Path, requirements: ReadonlySet<string>): FrameworkProblem[] {
  const several = notOne(derived, PARTS, path)
  if (several !== null) return [several]
  const at: Path = derived.all !== undefined ? ['all'] : derived.any !== undefined ? ['any'] : ['atLeast', 'of']
  const unknown = present(partsOf(derived)).flatMap(([i, id]) =>
    requirements.has(id)
      ? []
      : [{ path: [...path, ...at, i], message: `there is no requirement ${id} in this framework` }],
  )
  const { atLeast } = derived
  if (atLeast === undefined || atLeast.n <= atLeast.of.length) return unknown
  return [
    ...unknown,
    { path: [...path, 'atLeast', 'n'], message: `${atLeast.n} of ${atLeast.of.length} can never be met` },
  ]
}

/** Requirements that are made of themselves, each circle told once. */
function circles(placed: readonly Placed[]): FrameworkProblem[] {
  const parts = new Map<string, readonly string[]>()
  for (const { requirement } of placed) {
    const { derived } = requirement.judge
    if (derived !== undefined && notOne(derived, PARTS, []) === null) parts.set(requirement.id, partsOf(derived))
  }
  const told = new Set<string>()
  return placed.flatMap(({ requirement: { id }, path }) => {
    const way = told.has(id) ? null : wayBack(id, parts)
    if (way === null) return []
    for (const one of way) told.add(one)
    return [{ path: [...path, 'judge', 'derived'], message: `goes in a circle: ${[...way, id].join(' → ')}` }]
  })
}

/** The requirements from one back to itself, itself first; null where none leads back. Looks at each once. */
function wayBack(start: string, parts: ReadonlyMap<string, readonly string[]>): string[] | null {
  const seen = new Set<string>()
  const open: string[][] = [[start]]
  for (let way = open.pop(); way !== undefined; way = open.pop()) {
    for (const next of parts.get(way.at(-1)!) ?? []) {
      if (next === start) return way
      if (seen.has(next)) continue
      seen.add(next)
      open.push([...way, next])
    }
  }
  return null
}
