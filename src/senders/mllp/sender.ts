import type { Destination } from '../../core/config.ts'
import { codeOf } from '../../core/errors.ts'
import type { Outcome } from '../../core/outcome.ts'
import type { Consignment, Sender } from '../../core/ports.ts'
import { lanes } from './lanes.ts'
import { letter } from './letter.ts'
import type { LineParts } from './line.ts'

/**
 * Sends to one MLLP destination, plain or over mutual TLS, on connections it keeps: `maxInFlight` of them, and
 * `urgentInFlight` more for the urgent lane, one message on each at a time. A connection on which anything went wrong
 * after the first byte is destroyed, so that a late answer can never be taken for another message's. */
export function mllpSender(destination: Destination, parts: LineParts): Sender {
  const lines = lanes(destination, parts)
  const running = new Set<Promise<Outcome>>()

  const attempt = async (consignment: Consignment, signal: AbortSignal): Promise<Outcome> => {
    const made = await letter(consignment.body, destination)
    if ('kind' in made) return made
    const line = await lines.take(consignment.lane, signal)
    if (line === null) return { kind: 'retry', code: 'DRAINING' }
    try {
      return await line.exchange(made, signal)
    } finally {
      lines.give(consignment.lane, line)
    }
  }

  return {
    kind: 'mllp',
    async send(consignment, signal) {
      // Only reading the body can throw: no byte has left then.
      const outcome = attempt(consignment, signal).catch(
        (fault: unknown): Outcome => ({ kind: 'retry', code: codeOf(fault) }),
      )
      running.add(outcome)
      try {
        return await outcome
      } finally {
        running.delete(outcome)
      }
    },
    async close() {
      lines.close()
      await Promise.all(running)
    },
  }
}
