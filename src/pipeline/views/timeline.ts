import type { Selectable } from 'kysely'
import type { TimelineEntry, TimelineWhat } from '../../core/views.ts'
import { isoTime } from './list.ts'
import type { Tables } from './tables.ts'

/** Rows a timeline is made of. */
export interface TimelineRows {
  readonly message: Pick<Selectable<Tables['message']>, 'received_at_ms' | 'committed_at_ms' | 'entrance'>
  readonly deliveries: readonly Selectable<Tables['delivery']>[]
  readonly attempts: readonly Selectable<Tables['attempt']>[]
  readonly events: readonly Selectable<Tables['event']>[]
  readonly caused: readonly Pick<Selectable<Tables['message']>, 'id' | 'received_at_ms' | 'kind'>[]
}

interface Line {
  readonly atMs: number
  readonly entry: TimelineEntry
}

function line(atMs: number, what: TimelineWhat, facts: Partial<Omit<TimelineEntry, 'at' | 'what'>>): Line {
  const nothing = {
    event: null,
    detail: null,
    message: null,
    delivery: null,
    destination: null,
    route: null,
    n: null,
    ms: null,
    code: null,
    who: null,
    why: null,
  }
  return { atMs, entry: { at: isoTime(atMs), what, ...nothing, ...facts } }
}

function deliveryLines(delivery: Selectable<Tables['delivery']>, attempts: TimelineRows['attempts']): Line[] {
  const own = { delivery: delivery.id, destination: delivery.destination }
  const lines = [
    line(delivery.committed_at_ms, delivery.replay_of === null ? 'routed' : 'replayed', {
      ...own,
      route: delivery.route,
      detail: delivery.lane,
    }),
    ...attempts
      .filter((attempt) => attempt.delivery_seq === delivery.seq)
      .map(({ started_at_ms, ended_at_ms, n, outcome, code, answer }) =>
        line(started_at_ms, 'attempt', {
          ...own,
          n,
          ms: ended_at_ms - started_at_ms,
          detail: answer === null ? outcome : `${outcome} ${answer}`,
          code,
        }),
      ),
  ]
  if (delivery.state === 'expired' || delivery.state === 'poisoned') {
    lines.push(line(delivery.moved_at_ms, 'ended', { ...own, detail: delivery.state, code: delivery.last_code }))
  }
  return lines
}

/** What happened to a message, in order of time; what shares a millisecond keeps the order of the data's way. Pure. */
export function timeline({ message, deliveries, attempts, events, caused }: TimelineRows): TimelineEntry[] {
  const destinations = new Map(deliveries.map(({ id, destination }) => [id, destination]))
  const internal = message.entrance === 'internal'
  const lines = [
    line(message.received_at_ms, 'received', { detail: message.entrance }),
    ...(internal
      ? []
      : [line(message.committed_at_ms, 'answered', { ms: message.committed_at_ms - message.received_at_ms })]),
    ...deliveries.flatMap((delivery) => deliveryLines(delivery, attempts)),
    ...events.map(({ at_ms, what, who, why, code, delivery, detail }) =>
      line(at_ms, 'event', {
        event: what,
        detail,
        who,
        why,
        code,
        delivery,
        destination: delivery === null ? null : (destinations.get(delivery) ?? null),
      }),
    ),
    ...caused.map(({ id, received_at_ms, kind }) => line(received_at_ms, 'caused', { message: id, detail: kind })),
  ]
  return lines.sort((a, b) => a.atMs - b.atMs).map(({ entry }) => entry)
}
