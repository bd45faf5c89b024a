import type { Move } from '../../core/journal.ts'
import type { DeliveryId, DestinationId, MessageId } from '../../core/message.ts'

/** What becomes of an open delivery whose destination goes with a change of configuration (DESTINATION_GONE). */
export function parkedBy(
  { id, message, attempts }: { readonly id: DeliveryId; readonly message: MessageId; readonly attempts: number },
  destination: DestinationId,
  who: string,
  atMs: number,
): Move {
  const code = 'DESTINATION_GONE'
  return {
    deliveryId: id,
    from: ['queued', 'unknown'],
    to: 'expired',
    held: true,
    holds: true,
    atMs,
    dueAtMs: atMs,
    code,
    sameCode: 0,
    attempts,
    attempt: null,
    findings: [],
    events: [{ atMs, who, what: 'park', why: null, code, message, delivery: id, detail: destination }],
  }
}
