import type { Config } from '../core/config.ts'
import type { Journal } from '../core/journal.ts'
import type { DestinationId } from '../core/message.ts'
import type { Paused } from '../core/operations.ts'
import type { Clock } from '../core/ports.ts'
import type { Maintenance } from '../core/treat.ts'
import type { DestinationStatus, EntranceStatus, Status, Views } from '../core/views.ts'
import { messageDetail, readable } from './views/detail.ts'
import { isoTime, listMessages } from './views/list.ts'
import { trafficTally } from './views/traffic.ts'
import { bodyOver, bytesOf, withoutWithheld } from './withheld.ts'

/** What the views are made over. */
export interface ViewParts {
  readonly journal: Journal
  readonly config: () => Config
  readonly clock: Clock
  readonly entrances: () => readonly EntranceStatus[]
  /** Destinations to which nothing is begun; absent: none. */
  readonly paused?: () => ReadonlyMap<DestinationId, Paused>
  /** Planned maintenance; absent: none. */
  readonly maintenance?: () => readonly Maintenance[]
  /** A newer revision of the store that this node could not take over; absent or null: there is none. */
  readonly behind?: () => number | null
  readonly node: string
  readonly version: string
}

async function statusOf({
  journal,
  config,
  clock,
  entrances,
  paused,
  maintenance,
  behind,
  node,
  version,
}: ViewParts): Promise<Status> {
  const nowMs = clock.nowMs()
  const { destinations: counted, ...counts } = await journal.counts()
  const current = config()
  const newer = behind?.() ?? null
  const planned = maintenance?.() ?? []
  const ids = new Set([...current.destinations.keys(), ...counted.keys()])
  const destinations = [...ids].map((id): DestinationStatus => {
    const queue = counted.get(id)
    const oldest = queue?.oldestOpenAtMs ?? null
    const pause = paused?.().get(id)
    return {
      id,
      establishment: current.destinations.get(id)?.establishment ?? id.split('/', 1)[0] ?? id,
      use: current.destinations.get(id)?.use ?? null,
      open: queue?.open ?? 0,
      parked: queue?.parked ?? 0,
      delivered: queue?.delivered ?? 0,
      oldestOpenMs: oldest === null ? null : Math.max(0, nowMs - oldest),
      ...(pause && { paused: { since: isoTime(pause.atMs), who: pause.who, why: pause.why } }),
    }
  })
  const { received, closed, inFlight, parked, purged, refused } = counts
  return {
    at: isoTime(nowMs),
    node,
    version,
    revision: current.revision,
    ...(newer !== null && { behind: newer }),
    received,
    closed,
    inFlight,
    parked,
    purged,
    refused,
    difference: received - closed - inFlight - parked,
    entrances: entrances(),
    destinations,
    ...(planned.length > 0 && { maintenance: planned }),
  }
}

/** The read-only views over a journal. Lists and details run on its read-only connection, counts come from counters. */
export function makeViews(parts: ViewParts): Views {
  const { journal } = parts
  return {
    messages: (filter, scope) => listMessages(journal, filter, scope),
    message: (id, scope) => messageDetail(journal, id, scope),
    async body(id, establishment) {
      const part = await readable(journal, id, establishment)
      if (part === null) return null
      const body = await journal.body(id)
      return part.withheld === null ? body : bodyOver(withoutWithheld(await bytesOf(body), part.withheld))
    },
    status: () => statusOf(parts),
    traffic: trafficTally(journal),
  }
}
