import type { Case } from '../../core/cases.ts'
import type { DelayName } from '../../core/services.ts'
import type { CaseFacts } from './due.ts'
import { isComplete } from './part-changes.ts'

type Since = (of: Case, facts: CaseFacts) => number | null

/** Between an acceptance and what follows it. */
const working = ({ state, owner }: Case): boolean => owner !== null && ['accepted', 'arrived'].includes(state)
const latest = (...times: readonly (number | null)[]): number => Math.max(...times.map((one) => one ?? 0))

const SINCE: Readonly<Record<DelayName, Since>> = {
  'seen-not-accepted': ({ owner, state, seenAtMs, reached }) =>
    owner !== null || !(['requested', 'seen'].includes(state) || (state === 'refused' && reached !== null))
      ? null
      : (seenAtMs ?? reached?.atMs ?? null),
  'accepted-without-advice': (of) =>
    of.advice !== null || !working(of) ? null : of.state === 'arrived' ? of.stateAtMs : of.owner!.atMs,
  'images-absent': (of) => {
    if (!working(of) || of.studies.some(isComplete)) return null
    const named = of.studies.filter(({ received }) => received === 0).map(({ changedAtMs }) => changedAtMs)
    const since = named.length > 0 ? Math.min(...named) : of.studies.length === 0 ? of.imagesSentAtMs : null
    return since === null ? null : latest(since, of.owner!.atMs)
  },
  'transfer-stalled': (of) => {
    const under = of.studies.filter((study) => study.received > 0 && !isComplete(study))
    return of.owner === null || under.length === 0 ? null : Math.min(...under.map(({ changedAtMs }) => changedAtMs))
  },
  'advice-not-opened': ({ advice }) => (advice === null || advice.readAtMs !== null ? null : advice.atMs),
  'decision-not-recorded': ({ advice, decision }) => (advice === null || decision !== null ? null : advice.atMs),
  'request-undelivered': ({ owner, seenAtMs, openedAtMs }, { delivered }) =>
    owner !== null || seenAtMs !== null || delivered === true ? null : openedAtMs,
  'answer-due': ({ advice, openedAtMs }) => (advice === null ? openedAtMs : null),
}

/** Since when a delay counts for a case (ms since 1970); null: it does not, or no longer. Pure. */
export function sinceOf(name: DelayName, of: Case, facts: CaseFacts): number | null {
  return SINCE[name](of, facts)
}
