import type { ErrorCode } from '../core/errors.ts'
import type { Follower } from '../core/follower.ts'
import type { Journal, NewEvent } from '../core/journal.ts'
import { OPEN_STATES } from '../core/message.ts'
import type { Clock, Log, Meter } from '../core/ports.ts'

/** Name under which the timers of `alertAfter` are kept; their ids are `alert:` and the delivery's id. */
export const ALERTS = 'alerts'

/** The event that tells people of something they should look at. `about`: the message, the delivery, protocol facts. */
export function alertEvent(
  atMs: number,
  code: ErrorCode | null,
  about: Partial<Pick<NewEvent, 'message' | 'delivery' | 'detail'>> = {},
): NewEvent {
  return { atMs, who: 'gateway', what: 'alert', why: null, code, message: null, delivery: null, detail: null, ...about }
}

/** Warns of urgent deliveries that have not arrived by `alertAfter`; the attempts go on. */
export function alertFollower(parts: {
  readonly journal: Pick<Journal, 'delivery'>
  readonly clock: Clock
  readonly log: Log
  readonly meter: Meter
}): Follower {
  return {
    name: ALERTS,
    reads: false,
    entries: async () => ({}),
    async timer(timer) {
      const entry = await parts.journal.delivery(timer.id.slice(timer.id.indexOf(':') + 1))
      if (entry === null || !OPEN_STATES.includes(entry.state)) return {}
      parts.log.warn('delivery.late', { deliveryId: entry.id, destination: entry.destination, code: 'ALERT_AFTER' })
      parts.meter.count('alert_total', { code: 'ALERT_AFTER' })
      return {
        events: [
          alertEvent(parts.clock.nowMs(), 'ALERT_AFTER', {
            message: entry.messageId,
            delivery: entry.id,
            detail: entry.destination,
          }),
        ],
      }
    },
  }
}
