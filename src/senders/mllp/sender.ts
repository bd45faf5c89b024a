import type { Destination } from '../../core/config.ts'
import { codeOf } from '../../core/errors.ts'
import type { Body } from '../../core/message.ts'
import type { Outcome } from '../../core/outcome.ts'
import type { Consignment, Sender } from '../../core/ports.ts'
import { lanes } from './lanes.ts'
import { type Letter, letter } from './letter.ts'
import type { LineParts } from './line.ts'

/**
 * Sends to one MLLP destination, plain or over mutual TLS, on connections it keeps: `maxInFlight` of them, and
 * `urgentInFlight` more for the urgent lane, one message on each at a time. A connection on which anything went wrong
 * after the first byte is destroyed, so that a late answer can never be taken for another message's. */
export function mllpSender(destination: Destination, parts: LineParts): Sender {
  const lines = lanes(destination, parts)
  const running = new Set<Promise<Outcome>>()

  /** Until a line has the message, no byte of it has left. */
  const prepare = async (body: Body): Promise<Letter | Outcome> => {
    try {
      return await letter(body, destination)
    } catch (fault) {
      return { kind: 'retry', code: codeOf(fault) }
    }
  }

  const attempt = async ({ body, lane }: Consignment, signal: AbortSignal): Promise<Outcome> => {
    const made = await prepare(body)
    if ('kind' in made) return made
    const line = await lines.take(lane, signal)
    if (line === null) return { kind: 'retry', code: 'DRAINING' }
    try {
      return await line.exchange(made, signal)
    } catch (fault) {
      parts.log.error('mllp.send-failed', { destination: destination.id, code: codeOf(fault) }, fault)
      line.end()
      return { kind: 'unknown', code: 'CONNECTION_CUT' }
    } finally {
      lines.give(lane, line)
    }
  }

  return {
    kind: 'mllp',
    async send(consignment, signal) {
      const outcome = attempt(consignment, signal)
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
