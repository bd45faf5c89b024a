import type { Act, Happening } from '../../core/cases.ts'
import type { MessageId } from '../../core/message.ts'

/** Messages of the requests that were taken out of a case: what they told is of another case. Pure. */
export function messagesTakenOut(happenings: readonly Happening[]): ReadonlySet<MessageId> {
  const out = new Set(happenings.flatMap(({ act }) => (act.what === 'separate' ? [act.request] : [])))
  const messages = happenings.flatMap(({ act }) =>
    act.what === 'request' && out.has(act.request.id) ? [act.request.message] : [],
  )
  return new Set(messages.filter((one) => one !== null))
}

/** Did one of these messages measure that: a score, results? Pure. */
export function isBroughtBy(messages: ReadonlySet<MessageId>, act: Act): boolean {
  if (act.what !== 'score' && act.what !== 'biology') return false
  return act.message != null && messages.has(act.message)
}
