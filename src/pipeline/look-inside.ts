import type { Config } from '../core/config.ts'
import { GatewayError } from '../core/errors.ts'
import type { Journal } from '../core/journal.ts'
import type { Clock } from '../core/ports.ts'
import { withDocuments } from './documents.ts'
import { claimsOf, withClaims } from './orders.ts'
import type { Reading, Unread } from './reading.ts'

/** An order that is another at every look is no claim that can be judged. */
const LOOKS = 10

/** What looking inside needs. */
export interface LookParts {
  readonly journal: Pick<Journal, 'secret' | 'look' | 'sent'>
  readonly config: () => Config
  readonly clock: Clock
}

/**
 * What a message carries and names, beyond its own fields: documents, which are read and compared with it, and orders. A
 * promise only where that takes long or the store has to be asked; nearly every message comes back as it is. `look` counts
 * the commits that were tried before.
 * @throws {GatewayError} INTERNAL when the orders it names are never as the store just said */
export function lookInside(
  read: Reading | Unread,
  { journal, config, clock }: LookParts,
  look: number,
): Reading | Unread | Promise<Reading> {
  if (!read.ok || read.header.messageType === 'ACK') return read
  const reading = withDocuments(read)
  const claims = claimsOf(read, journal.secret)
  if (claims === null) return reading
  if (look > LOOKS) throw new GatewayError('INTERNAL')
  const parts = { journal, again: look > 0, nowMs: clock.nowMs(), keptMs: config().retention.ordersMs }
  if (reading instanceof Promise) return reading.then((found) => withClaims(found, claims, parts))
  return withClaims(reading, claims, parts)
}
