/** May an establishment be enrolled, and by which way? Pure. */
import type { EnrolmentProblem, NewEnrolment } from '../../core/programme-commands.ts'
import type { DepositDays, Programme, ProgrammeTrack } from '../../core/programmes.ts'

/** What is asked of an applicant. */
export type Applicant = Pick<NewEnrolment, 'finess' | 'domains' | 'project' | 'depositedOn'> & {
  readonly kind: string
  /** Establishments that the managing body brings; null: not told. */
  readonly count: number | null
  /** Domains of other enrolments of this establishment in this programme that were not dropped. */
  readonly taken: readonly string[]
}

/** Everything that keeps an applicant out; none: it may be enrolled. */
export function eligibilityProblems(programme: Programme, applicant: Applicant): EnrolmentProblem[] {
  const { kind, project, domains } = applicant
  const known = new Set(programme.domains.map(({ id }) => id))
  const problems: EnrolmentProblem[] = []
  if (!programme.kinds.some((one) => one === kind)) problems.push({ field: 'kind', fault: 'kind-not-eligible' })
  if (domains.length === 0) problems.push({ field: 'domains', fault: 'domains' })
  if (domains.some((one) => !known.has(one))) problems.push({ field: 'domains', fault: 'domain-unknown' })
  else if (new Set([...domains, ...applicant.taken]).size > domainsFor(programme, applicant.finess))
    problems.push({ field: 'domains', fault: 'domains-too-many' })
  if (project === null ? programme.projects.length > 0 : !programme.projects.some(({ id }) => id === project))
    problems.push({ field: 'project', fault: 'project' })
  return [...problems, ...trackProblems(programme, applicant), ...depositProblems(programme, applicant)]
}

/** How many domains an establishment is given: the programme's number, or that of an exception in its name. */
export function domainsFor({ domainsEach, exceptions, domains }: Programme, finess: string): number {
  const own = exceptions.find((one) => one.finess === finess)
  return own?.domains ?? domainsEach ?? domains.length
}

/** Ways whose limits the number of establishments keeps; where a programme has limits, a number that nobody told keeps none. */
function tracksBySize({ tracks }: Programme, count: number | null): readonly ProgrammeTrack[] {
  return tracks.filter(({ minimum, maximum }) => {
    if (minimum === null && maximum === null) return true
    return count !== null && count >= (minimum ?? 1) && count <= (maximum ?? count)
  })
}

/** The way by which an applicant comes; null: the programme has but one, or the day is not told and several would do. */
export function trackFor(
  programme: Programme,
  { count, depositedOn }: Pick<Applicant, 'count' | 'depositedOn'>,
): string | null {
  const fitting = tracksBySize(programme, count).filter(
    ({ deposit }) => depositedOn === null || isWithin(depositedOn, deposit),
  )
  return fitting.length === 1 ? fitting[0]!.id : null
}

function trackProblems(programme: Programme, { count }: Applicant): EnrolmentProblem[] {
  if (programme.tracks.length === 0 || tracksBySize(programme, count).length > 0) return []
  return [{ field: 'bodyCount', fault: count === null ? 'body-count' : 'no-track' }]
}

function depositProblems(programme: Programme, { count, depositedOn, domains }: Applicant): EnrolmentProblem[] {
  if (depositedOn === null) return []
  const bySize = tracksBySize(programme, count)
  const closed =
    (bySize.length > 0 && !bySize.some(({ deposit }) => isWithin(depositedOn, deposit))) ||
    programme.domains.some(({ id, deposit }) => domains.includes(id) && !isWithin(depositedOn, deposit))
  return closed ? [{ field: 'depositedOn', fault: 'deposit-closed' }] : []
}

/** Days as text compare as they follow each other. */
function isWithin(day: string, days: DepositDays | null): boolean {
  return days === null || ((days.from === null || days.from <= day) && (days.to === null || day <= days.to))
}
