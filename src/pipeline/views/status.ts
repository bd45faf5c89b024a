import type { Reach } from '../../core/caller.ts'
import { reaches } from '../../core/caller.ts'
import type { Config } from '../../core/config.ts'
import type { Journal } from '../../core/journal.ts'
import type { DestinationId } from '../../core/message.ts'
import { announcedTo } from '../../core/neighbours.ts'
import type { Paused } from '../../core/operations.ts'
import type { Clock } from '../../core/ports.ts'
import type { Maintenance } from '../../core/treat.ts'
import type { DestinationStatus, EntranceStatus, EstablishmentTraffic, Status } from '../../core/views.ts'
import { isoTime } from './list.ts'
import { type OwnCounts, ownCounts } from './own-counts.ts'

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

/** Counts and queues of the whole region, or what a reach shows of them: its destinations, and what its establishments sent. */
export async function statusOf(
  parts: ViewParts,
  reach: Reach | null,
  traffic: (reach: Reach | null) => Promise<ReadonlyMap<string, EstablishmentTraffic>>,
): Promise<Status> {
  const { journal, config, clock, entrances, behind, node, version } = parts
  const { destinations: counted, ...counts } = await journal.counts()
  const current = config()
  const newer = behind?.() ?? null
  const planned = announcedTo(parts.maintenance?.() ?? [], current, reach)
  const nowMs = clock.nowMs()
  const shown = reach === null ? { ...counts, entrances: entrances() } : await own(journal, reach, await traffic(reach))
  const { received, closed, inFlight, parked, purged, refused } = shown
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
    ...(planned.length > 0 && { maintenance: planned }),
    entrances: shown.entrances,
    destinations: queues(parts, current, counted, nowMs).filter(
      ({ establishment }) => reach === null || (reach.applications === null && reaches(reach, establishment)),
    ),
  }
}

/** An establishment's numbers are of one instant each, so what is closed follows from the others. */
async function own(journal: Journal, reach: Reach, traffic: ReadonlyMap<string, EstablishmentTraffic>) {
  const counts: OwnCounts = await ownCounts(journal, reach)
  const sent = [...traffic.values()].reduce((sum, one) => sum + one.received, 0)
  const received = Math.max(sent, counts.inFlight + counts.parked)
  return { ...counts, received, closed: received - counts.inFlight - counts.parked, purged: 0, entrances: [] }
}

function queues(
  { paused }: ViewParts,
  config: Config,
  counted: Awaited<ReturnType<Journal['counts']>>['destinations'],
  nowMs: number,
): readonly DestinationStatus[] {
  const pauses = paused?.()
  return [...new Set([...config.destinations.keys(), ...counted.keys()])].map((id): DestinationStatus => {
    const queue = counted.get(id)
    const oldest = queue?.oldestOpenAtMs ?? null
    const pause = pauses?.get(id)
    return {
      id,
      establishment: config.destinations.get(id)?.establishment ?? id.split('/', 1)[0] ?? id,
      use: config.destinations.get(id)?.use ?? null,
      open: queue?.open ?? 0,
      parked: queue?.parked ?? 0,
      delivered: queue?.delivered ?? 0,
      oldestOpenMs: oldest === null ? null : Math.max(0, nowMs - oldest),
      ...(pause && { paused: { since: isoTime(pause.atMs), who: pause.who, why: pause.why } }),
    }
  })
}
