import type { Case, CaseRequest, ToldTime } from '../../core/cases.ts'
import { isSameStudy } from './part-changes.ts'

type Times = CaseRequest['times']

/**
 * What a case still has once a request is taken out of it, which is of another patient or event: no time, consent or study that
 * came with that request alone. What the requests that stay tell takes its place. Pure. */
export function takenOut(
  of: Pick<Case, 'requests' | 'times' | 'consent' | 'studies'>,
  request: CaseRequest['id'],
): Pick<Case, 'requests' | 'times' | 'consent' | 'studies'> {
  const out = of.requests.find(({ id }) => id === request)
  if (out === undefined) return of
  const requests = of.requests.filter((one) => one !== out)
  const isItsConsent = JSON.stringify(of.consent) === JSON.stringify(out.consent)
  const names = (one: CaseRequest, study: Case['studies'][number]): boolean =>
    one.studies.some((its) => isSameStudy(its, study))
  return {
    requests,
    times: timesWithout(of.times, out.times, requests),
    consent: isItsConsent ? (requests.find(({ consent }) => consent !== null)?.consent ?? null) : of.consent,
    studies: of.studies.filter((study) => !names(out, study) || requests.some((one) => names(one, study))),
  }
}

function timesWithout(times: Times, gone: Times, requests: readonly CaseRequest[]): Times {
  const names = Object.keys(times) as (keyof Times)[]
  return Object.fromEntries(
    names.flatMap((name) => {
      const time = times[name]!
      const its = gone[name]
      if (its === undefined || !isTimeOf(time, its)) return [[name, time]]
      const other = requests.find((one) => one.times[name] !== undefined)
      return other === undefined ? [] : [[name, { toldAtMs: other.atMs, ...other.times[name]! }]]
    }),
  )
}

/** Is it the time as a request told it, and not one that somebody has told since? Pure. */
export function isTimeOf(time: ToldTime, { atMs, precision, source, toldAtMs = time.toldAtMs }: ToldTime): boolean {
  return time.atMs === atMs && time.precision === precision && time.source === source && time.toldAtMs === toldAtMs
}
