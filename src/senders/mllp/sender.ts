import type { MllpTarget } from '../../core/config.ts'
import type { Sender } from '../../core/ports.ts'
import { frame } from '../../formats/mllp/scanner.ts'
import { beforehand, senderOf, type To } from '../attempts.ts'
import { letter } from '../letter.ts'
import { lanes } from './lanes.ts'
import type { LineParts } from './line.ts'

/**
 * Sends to one MLLP destination, plain or over mutual TLS, on connections it keeps: `maxInFlight` of them, and
 * `urgentInFlight` more for the urgent lane, one message on each at a time. A connection on which anything went wrong
 * after the first byte is destroyed, so that a late answer can never be taken for another message's. */
export function mllpSender(destination: To<MllpTarget>, parts: LineParts): Sender {
  const lines = lanes(destination, parts)
  return senderOf(
    'mllp',
    destination,
    parts.log,
    async (consignment, signal) => {
      const made = await beforehand(() => letter(consignment, destination))
      if ('kind' in made) return made
      const line = await lines.take(consignment.lane, signal)
      if (line === null) return { kind: 'retry', code: 'DRAINING' }
      try {
        return await line.exchange({ ...made, block: frame(made.bytes) }, signal, consignment.mayBegin)
      } catch (fault) {
        line.end()
        throw fault
      } finally {
        lines.give(consignment.lane, line)
      }
    },
    { end: () => lines.close() },
  )
}
