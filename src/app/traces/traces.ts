import { AsyncLocalStorage } from 'node:async_hooks'
import type { TraceSettings, Way } from '../../core/config.ts'
import type { Intake, Journal } from '../../core/journal.ts'
import type { Arrival } from '../../core/message.ts'
import type { Accept, Clock, Ids, Log, Meter, Sender } from '../../core/ports.ts'
import { type Exporter, exporter } from './exporter.ts'
import { isSampled, placeIn, placeOf, traceparentOf } from './span.ts'

/** Puts itself around what messages pass through, and tells a collector what became of each. */
export interface Traces {
  accepting(accept: Accept): Accept
  /** For `accept` alone: what it commits is told. */
  journal(journal: Journal): Journal
  sender(destination: Way, sender: Sender): Sender
  stop(): Promise<void>
}

/** No traces: everything is as it was. */
export const NO_TRACES: Traces = {
  accepting: (accept) => accept,
  journal: (journal) => journal,
  sender: (_destination, sender) => sender,
  stop: async () => {},
}

/** What traces are made with. */
export interface TraceParts {
  readonly nodeName: string
  readonly version: string
  readonly clock: Clock
  readonly ids: Ids
  readonly log: Log
  readonly meter: Meter
}

/** A kind by its shape (`ORU^R01`, `ServiceRequest`, `Bundle:transaction`): a sender's free words go nowhere. */
const KIND = /^(?:[A-Z][A-Z0-9]{2}(?:\^[A-Z0-9]{3})?|[A-Z][A-Za-z]{2,40}(?::[a-z-]{3,20})?|BATCH)$/

/**
 * One trace per message: the root `message` from its arrival to its commit, `commit`, and each `attempt` to deliver it,
 * whenever and on whichever node. It has ids, names of the region's parts, figures and codes; no content, no address. */
export function tracing(settings: TraceSettings, parts: TraceParts): Traces {
  const { clock, ids } = parts
  const resource = {
    'service.name': 'passerelle',
    'service.instance.id': parts.nodeName,
    'service.version': parts.version,
  }
  const out = exporter({ url: settings.url, resource, ...parts })
  const arrivals = new AsyncLocalStorage<Arrival>()
  const newSpan = (): string => placeOf(ids.uuid()).spanId

  const committed = (intakes: readonly Intake[], beganMs: number): void => {
    const endMs = clock.nowMs()
    const startMs = endMs - (clock.monotonicMs() - beganMs)
    const link = placeIn(arrivals.getStore()?.traceparent)
    for (const intake of intakes) {
      const place = placeOf(intake.id)
      if (!isSampled(place, settings.sample)) continue
      out.put({
        ...place,
        parentSpanId: null,
        name: 'message',
        kind: 'server',
        startMs: Math.min(intake.receivedAtMs, startMs),
        endMs,
        attributes: attributesOf(intake),
        failed: false,
        link,
      })
      const commit = { traceId: place.traceId, spanId: newSpan(), parentSpanId: place.spanId }
      out.put({
        ...commit,
        name: 'commit',
        kind: 'internal',
        startMs,
        endMs,
        attributes: {},
        failed: false,
        link: null,
      })
    }
  }
  return {
    accepting: (accept) => (arrival) => arrivals.run(arrival, () => accept(arrival)),
    journal: (journal) => tellingJournal(journal, clock, committed),
    sender: (destination, sender) => tellingSender(destination, sender, settings, { clock, newSpan, put: out.put }),
    stop: () => out.stop(),
  }
}

/** The same sender, whose attempts are told once they are over. */
function tellingSender(
  destination: Way,
  sender: Sender,
  { sample, propagate }: TraceSettings,
  { clock, newSpan, put }: { readonly clock: Clock; readonly newSpan: () => string; readonly put: Exporter['put'] },
): Sender {
  return {
    kind: sender.kind,
    close: () => sender.close(),
    async send(consignment, signal) {
      const root = placeOf(consignment.messageId)
      if (!isSampled(root, sample)) return sender.send(consignment, signal)
      const place = { traceId: root.traceId, spanId: newSpan() }
      const beganMs = clock.monotonicMs()
      const traced = propagate ? { ...consignment, traceparent: traceparentOf(place) } : consignment
      const outcome = await sender.send(traced, signal)
      const endMs = clock.nowMs()
      put({
        ...place,
        parentSpanId: root.spanId,
        name: 'attempt',
        kind: 'client',
        startMs: endMs - (clock.monotonicMs() - beganMs),
        endMs,
        attributes: {
          'passerelle.message.id': consignment.messageId,
          'passerelle.delivery.id': consignment.deliveryId,
          'passerelle.destination': destination.id,
          'passerelle.lane': consignment.lane,
          'passerelle.outcome': outcome.kind,
          ...('code' in outcome && { 'passerelle.code': outcome.code }),
        },
        failed: outcome.kind !== 'delivered',
        link: null,
      })
      return outcome
    },
  }
}

function attributesOf({ id, entrance, establishment, kind, bytes, deliveries, test }: Intake) {
  return {
    'passerelle.message.id': id,
    'passerelle.entrance': entrance,
    ...(establishment !== null && { 'passerelle.establishment': establishment }),
    'passerelle.kind': KIND.test(kind) ? kind : 'other',
    'passerelle.message.bytes': bytes.length,
    'passerelle.deliveries': deliveries.length,
    'passerelle.test': test,
  }
}

/** The same journal, whose commits of messages are told once they are through. */
function tellingJournal(
  journal: Journal,
  clock: Clock,
  told: (intakes: readonly Intake[], beganMs: number) => void,
): Journal {
  const commit: Journal['commit'] = async (intakes) => {
    const beganMs = clock.monotonicMs()
    const committed = await journal.commit(intakes)
    if (committed.kind === 'committed') told(intakes, beganMs)
    return committed
  }
  const commitBatch: Journal['commitBatch'] = async (batch, parts) => {
    const beganMs = clock.monotonicMs()
    const committed = await journal.commitBatch(batch, parts)
    if (committed.kind === 'committed') {
      const fresh = parts.filter((_, i) => committed.parts[i]?.kind === 'committed')
      told([...(committed.batch === null ? [] : [batch]), ...fresh.flat()], beganMs)
    }
    return committed
  }
  const own: Partial<Journal> = { commit, commitBatch }
  // Whatever the journal is made of, its own members stay its own.
  return new Proxy(journal, {
    get(target, name) {
      const value: unknown = Reflect.get(own, name) ?? Reflect.get(target, name, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}
