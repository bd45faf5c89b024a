import type { Case, CaseRequest } from '../../core/cases.ts'
import { samePlacer } from '../../formats/case/reading.ts'

/** Has the case an advice or a decision, or was its session held? */
export function isAnswered({ advice, decision, appointment }: Case): boolean {
  return advice !== null || decision !== null || appointment?.status === 'fulfilled'
}

/**
 * Does a request ask again what was answered? Nobody is called for what joins an answered case, and its times would stay those of
 * the first event. What is sent twice, and an order that is changed, ask nothing new. Pure. */
export function isAskedAgain(of: Case, request: CaseRequest): boolean {
  return isAnswered(of) && !of.requests.some((one) => isSameRequest(one, request))
}

function isSameRequest(one: CaseRequest, other: CaseRequest): boolean {
  if (one.id === other.id || (one.message !== null && one.message === other.message)) return true
  if (one.keys.some((key) => key.startsWith(FORM) && other.keys.includes(key))) return true
  if (one.site !== other.site || one.via !== other.via || one.via === 'form') return false
  if (one.placer !== null || other.placer !== null)
    return one.placer !== null && other.placer !== null && samePlacer(one.placer, other.placer)
  // Without a number it is known by what it says.
  return one.reason === other.reason && told(one) === told(other)
}

/** Before the key of a form that was shown: the same form is sent once more. */
const FORM = 'form:'
const told = ({ times }: CaseRequest): string =>
  JSON.stringify(
    Object.entries(times)
      .map(([name, time]) => [name, time.atMs])
      .toSorted(),
  )
