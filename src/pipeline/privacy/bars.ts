import type { LegalHold } from '../../core/config.ts'
import type { EraseBar, KeptCase } from '../../core/privacy.ts'
import type { Kept, KeptOfPatient } from './kept.ts'

const SHOWN = 20

function bar(why: EraseBar['why'], messages: readonly Kept[], hold: string | null = null, cases = 0): EraseBar[] {
  const n = messages.length + cases
  return n === 0 ? [] : [{ why, n, messages: messages.slice(0, SHOWN).map(({ id }) => id), hold }]
}

/** Is the message under the hold? A condition that cannot be read holds. */
export function covers(
  hold: LegalHold,
  message: Pick<Kept, 'received_at_ms' | 'establishment' | 'patient_keys'>,
): boolean {
  const { establishments, patients, sinceMs, belowMs } = hold
  const keys: readonly string[] = JSON.parse(message.patient_keys)
  return (
    (establishments === undefined || establishments.includes(message.establishment ?? '')) &&
    (patients === undefined || patients.some((one) => keys.includes(one))) &&
    !(sinceMs !== undefined && message.received_at_ms < sinceMs) &&
    !(belowMs !== undefined && message.received_at_ms >= belowMs)
  )
}

/** What keeps what is kept of a patient from being erased now. A hold covers a case as a message of its opening. Pure. */
export function barsOf(
  { messages, keys }: Pick<KeptOfPatient, 'messages' | 'keys'>,
  cases: readonly KeptCase[],
  holds: readonly LegalHold[],
): readonly EraseBar[] {
  const open = cases.filter(({ closedAtMs }) => closedAtMs === null).length
  const opened = cases.map(({ openedAtMs, site }) => ({
    received_at_ms: openedAtMs,
    establishment: site,
    patient_keys: JSON.stringify(keys),
  }))
  const inState = (state: Kept['state']) => messages.filter((message) => message.state === state)
  return [
    ...(open > 0 ? [{ why: 'case' as const, n: open, messages: [], hold: null }] : []),
    ...bar('in-flight', inState('inFlight')),
    ...bar('parked', inState('parked')),
    ...holds.flatMap((hold) => {
      const covered = (one: Parameters<typeof covers>[1]): boolean => covers(hold, one)
      return bar('hold', messages.filter(covered), hold.name, opened.filter(covered).length)
    }),
  ]
}
