import type { Use } from '../../core/config.ts'
import type { Entry } from '../../core/journal.ts'
import type { Days } from '../day.ts'
import { signatureOf } from './signature.ts'
import { Tally } from './tally.ts'

/** Counts messages that establishments sent: each once, under what was found in it. What the gateway made itself is nobody's. */
export function countSent(entries: readonly Entry[], days: Days): Tally {
  const tally = new Tally()
  for (const { establishment, entrance, receivedAtMs, kind, application, test, findings, id, profiles } of entries) {
    if (establishment === null || entrance === 'internal') continue
    const day = days.of(receivedAtMs)
    const signature = signatureOf(findings, profiles)
    const of = { establishment, use: useOf(test), side: 'sent', day, kind, application, signature } as const
    tally.add(of, { message: id, atMs: receivedAtMs })
  }
  return tally
}

/** What a message says of its sender: test and drill traffic never counts for production. Pure. */
export function useOf(test: boolean): Use {
  return test ? 'qualification' : 'production'
}
