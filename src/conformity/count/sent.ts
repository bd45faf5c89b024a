import type { Use } from '../../core/config.ts'
import type { Entry } from '../../core/journal.ts'
import type { Days } from '../day.ts'
import { Examples, type KnownExamples } from './examples.ts'
import { readSignature, signatureOf } from './signature.ts'
import { Tally } from './tally.ts'

/** What was sent: counted, and shown by examples. */
export interface Sent {
  readonly tally: Tally
  readonly examples: Examples
}

/** Counts messages that establishments sent: each once, under what was found in it. What the gateway made itself is nobody's. */
export function countSent(entries: readonly Entry[], days: Days, known: KnownExamples | null): Sent {
  const tally = new Tally()
  const examples = new Examples(known)
  for (const { establishment, entrance, receivedAtMs, kind, application, test, findings, id } of entries) {
    if (establishment === null || entrance === 'internal') continue
    const use = useOf(test)
    const signature = signatureOf(findings)
    tally.add({ establishment, use, side: 'sent', day: days.of(receivedAtMs), kind, application, signature })
    if (signature === '') continue
    examples.add({ establishment, use, kind, message: id, atMs: receivedAtMs }, readSignature(signature).names)
  }
  return { tally, examples }
}

/** What a message says of its sender: test and drill traffic never counts for production. Pure. */
export function useOf(test: boolean): Use {
  return test ? 'qualification' : 'production'
}
