import type { LegalHold } from '../../core/config.ts'
import type { EraseBar } from '../../core/privacy.ts'
import type { Kept } from './kept.ts'

const SHOWN = 20

function bar(why: EraseBar['why'], messages: readonly Kept[], hold: string | null = null): EraseBar[] {
  const n = messages.length
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

/** What keeps these messages from being erased now. Pure. */
export function barsOf(messages: readonly Kept[], holds: readonly LegalHold[], openCases: number): readonly EraseBar[] {
  return [
    ...(openCases > 0 ? [{ why: 'case' as const, n: openCases, messages: [], hold: null }] : []),
    ...bar(
      'in-flight',
      messages.filter(({ state }) => state === 'inFlight'),
    ),
    ...bar(
      'parked',
      messages.filter(({ state }) => state === 'parked'),
    ),
    ...holds.flatMap((hold) =>
      bar(
        'hold',
        messages.filter((message) => covers(hold, message)),
        hold.name,
      ),
    ),
  ]
}
