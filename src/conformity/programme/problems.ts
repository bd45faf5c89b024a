/** What is wrong with a programme whose form is good: what stands twice, leads nowhere or contradicts itself. Pure. */
import { finessKeyHolds } from '../../formats/identifiers/finess.ts'
import { centsOf } from '../../formats/money.ts'
import {
  type FrameworkProblem,
  isDay,
  isKnown,
  present,
  twice,
  unknownFinding,
  windowProblems,
} from '../framework/problems.ts'
import { basisPoints } from './compile.ts'
import type { WrittenCount, WrittenDeposit, WrittenMilestone, WrittenProgramme, WrittenTarget } from './written.ts'

/** What a programme may name; null: anything. */
export interface ProgrammeNames {
  /** Ids of rules and codes of the error table. */
  readonly findings: ReadonlySet<string> | null
  /** Requirements of frameworks, `FRAMEWORK@VERSION REQUIREMENT`. */
  readonly requirements: ReadonlySet<string> | null
}

type Path = FrameworkProblem['path']

/** Everything at once. Lists may have holes, where an item was taken out because of its form. */
export function programmeProblems(written: WrittenProgramme, names: ProgrammeNames): FrameworkProblem[] {
  const lists = ['domains', 'tracks', 'projects', 'targets', 'milestones'] as const
  const domains = new Set(present(written.domains).map(([, { id }]) => id))
  return [
    ...between(written.period, ['period']),
    ...lists.flatMap((list) => twice(present(written[list]).map(([i, { id }]) => ({ id, path: [list, i, 'id'] })))),
    ...present(written.envelopes).flatMap(([i, { amount }]) => amountProblems(amount, ['envelopes', i, 'amount'])),
    ...present(written.domains).flatMap(([i, one]) => deposits(one.deposit, ['domains', i, 'deposit'])),
    ...present(written.tracks).flatMap(([i, one]) => [
      ...deposits(one.deposit, ['tracks', i, 'deposit']),
      ...limits(one, ['tracks', i, 'maximum']),
    ]),
    ...exceptionProblems(written),
    ...shareProblems(written),
    ...present(written.targets).flatMap(([i, one]) => targetProblems(one, ['targets', i], domains, names)),
    ...present(written.milestones).flatMap(([i, one]) => milestoneProblems(one, ['milestones', i], domains, names)),
  ]
}

function between({ from, to }: { readonly from?: string; readonly to?: string }, path: Path): FrameworkProblem[] {
  const unreal = Object.entries({ from, to }).flatMap(([key, day]) =>
    day === undefined || isDay(day) ? [] : [{ path: [...path, key], message: `${day} is no day of the calendar` }],
  )
  if (unreal.length > 0 || from === undefined || to === undefined || from <= to) return unreal
  return [{ path: [...path, 'to'], message: `ends ${to}, before it begins` }]
}

function deposits(deposit: WrittenDeposit | undefined, path: Path): FrameworkProblem[] {
  if (deposit === undefined) return []
  if (deposit.from === undefined && deposit.to === undefined)
    return [{ path, message: 'a first or a last day is asked for' }]
  return between(deposit, path)
}

function limits({ minimum, maximum }: { readonly minimum?: number; readonly maximum?: number }, path: Path) {
  if (minimum === undefined || maximum === undefined || minimum <= maximum) return []
  return [{ path, message: `${maximum} at most and ${minimum} at least can never be` }]
}

function amountProblems(amount: string, path: Path): FrameworkProblem[] {
  return centsOf(amount) === null ? [{ path, message: `${amount} is no amount` }] : []
}

function exceptionProblems({ domainsEach, domains }: WrittenProgramme): FrameworkProblem[] {
  if (domainsEach === undefined) return []
  const named = present(domainsEach.exceptions)
  const at = (i: number, key: string): Path => ['domainsEach', 'exceptions', i, key]
  return [
    ...twice(named.map(([i, { finess }]) => ({ id: finess, path: at(i, 'finess') }))),
    ...named.flatMap(([i, { finess, domains: many }]) => [
      ...(finessKeyHolds(finess) ? [] : [{ path: at(i, 'finess'), message: `the key of ${finess} does not hold` }]),
      ...(many > domainsEach.most && many <= domains.length
        ? []
        : [{ path: at(i, 'domains'), message: `${many} is no exception to ${domainsEach.most} of ${domains.length}` }]),
    ]),
  ]
}

function shareProblems({ payment }: WrittenProgramme): FrameworkProblem[] {
  const sum = basisPoints(payment.advance) + basisPoints(payment.startUp) + basisPoints(payment.use)
  if (sum === 10_000) return []
  return [{ path: ['payment'], message: `the parts come to ${sum / 100} % and not to 100 %` }]
}

function unknownDomains(named: readonly string[] | undefined, path: Path, domains: ReadonlySet<string>) {
  return present(named ?? []).flatMap(([i, id]) =>
    domains.has(id) ? [] : [{ path: [...path, 'domains', i], message: `there is no domain ${id} in this programme` }],
  )
}

function targetProblems(target: WrittenTarget, path: Path, domains: ReadonlySet<string>, names: ProgrammeNames) {
  const counts = target.counts
  const sides = counts === undefined ? [] : (['numerator', 'denominator'] as const)
  return [
    ...unknownDomains(target.domains, path, domains),
    ...(basisPoints(target.threshold) > 0
      ? []
      : [{ path: [...path, 'threshold'], message: 'a threshold of nothing is always reached' }]),
    ...(counts === undefined ? [] : windowProblems(counts.window, [...path, 'counts', 'window'])),
    ...sides.flatMap((side) => countProblems(counts![side], [...path, 'counts', side], names)),
  ]
}

function countProblems({ without, side }: WrittenCount, path: Path, { findings }: ProgrammeNames): FrameworkProblem[] {
  if (side === 'received' && present(without).length > 0)
    return [{ path: [...path, 'without'], message: 'findings are of messages that were sent' }]
  return present(without).flatMap(([i, name]) =>
    isKnown(name, findings) ? [] : [{ path: [...path, 'without', i], message: unknownFinding(name) }],
  )
}

function milestoneProblems(
  { domains: own, requirements }: WrittenMilestone,
  path: Path,
  domains: ReadonlySet<string>,
  names: ProgrammeNames,
): FrameworkProblem[] {
  return [
    ...unknownDomains(own, path, domains),
    ...present(requirements).flatMap(([i, one]) =>
      names.requirements === null || names.requirements.has(one)
        ? []
        : [
            {
              path: [...path, 'requirements', i],
              message: `there is no requirement ${one} in the frameworks that are known here`,
            },
          ],
    ),
  ]
}
