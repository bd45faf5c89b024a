import type { Journal } from '../core/journal.ts'
import type { DestinationId } from '../core/message.ts'
import type { Clock } from '../core/ports.ts'
import { deliveryAlert } from './decide.ts'
import { parkedBy } from './journal/parked.ts'

const PAGE = 500

/**
 * Parks what is still open to a destination that the running configuration no longer has (`expired`, DESTINATION_GONE): the
 * deliveries that were on their way on this node when another one took the destination out. What is parked already stays
 * as it is, and so does what is on its way. Resolves with how many it parked. */
export async function parkRest(
  destination: DestinationId,
  { journal, clock }: { readonly journal: Pick<Journal, 'queue' | 'record'>; readonly clock: Clock },
): Promise<number> {
  let parked = 0
  for (let after = 0; ; ) {
    const page = await journal.queue(destination, after, PAGE)
    for (const entry of page) {
      const { id, state, held, attempts } = entry
      after = entry.seq
      if (held || (state !== 'queued' && state !== 'unknown')) continue
      const atMs = clock.nowMs()
      const code = 'DESTINATION_GONE'
      const move = parkedBy({ id, message: entry.messageId, attempts }, destination, 'gateway', atMs)
      const done = await journal.record({ ...move, events: [{ ...deliveryAlert(entry, code, atMs), what: 'park' }] })
      if (done) parked += 1
    }
    if (page.length < PAGE) return parked
  }
}
