import type { CaseRequest, Happening, Measured } from '../../core/cases.ts'
import { isBroughtBy, messagesTakenOut } from '../../formats/case/brought.ts'
import { type CaseName, evolveAll } from './evolve.ts'

/** What the message of a request has measured, in order. Pure. */
export function broughtBy({ message }: CaseRequest, happenings: readonly Happening[]): readonly Happening[] {
  return message === null ? [] : happenings.filter(({ act }) => isBroughtBy(new Set([message]), act))
}

/**
 * What a case has measured once a request is taken out of it, by all that happened; nothing where the request's message told
 * none of it. Pure. */
export function leftWithout(
  request: CaseRequest,
  happenings: readonly Happening[],
  name: CaseName,
): { readonly left?: Measured } {
  if (broughtBy(request, happenings).length === 0) return {}
  const gone = new Set([...messagesTakenOut(happenings), request.message!])
  const kept = happenings.filter(({ act }) => !isBroughtBy(gone, act)).map(withoutLeft)
  const { nihss, biology } = evolveAll(null, kept, name)
  return { left: { nihss, biology } }
}

/** What was left when another request was taken out may be of this one. */
function withoutLeft(one: Happening): Happening {
  if (one.act.what !== 'separate') return one
  const { left: _, ...act } = one.act
  return { ...one, act }
}
