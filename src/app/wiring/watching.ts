import { alertsPlugin } from '../../console/alerts.ts'
import { overviewPlugin } from '../../console/overview.ts'
import { liveOverview } from '../../console/page/overview/live.ts'
import type { AlertKind } from '../../core/alerts.ts'
import type { Config, NodeConfig } from '../../core/config.ts'
import type { Journal } from '../../core/journal.ts'
import type { DestinationCommands } from '../../core/operations.ts'
import type { CertificateEnd } from '../../core/overview.ts'
import type { Clock, Ids, Log, Meter } from '../../core/ports.ts'
import type { EntranceStatus } from '../../core/views.ts'
import type { HttpPlugin } from '../../entrances/http/server.ts'
import type { DiskWatch } from '../../pipeline/disk.ts'
import { onboardingCounts } from '../../pipeline/onboarding/views.ts'
import { makeViews } from '../../pipeline/views.ts'
import { alertCommands, alertViews } from '../../pipeline/watch/alert-views.ts'
import type { Condition } from '../../pipeline/watch/conditions.ts'
import { overviewViews } from '../../pipeline/watch/overview-views.ts'
import { startWatch } from '../../pipeline/watch/start.ts'
import { notices } from '../../senders/notice/tell.ts'

/** What is watched, and what the overview and the alerts are made of. */
export interface WatchingParts {
  readonly journal: Journal
  readonly config: () => Config
  readonly node: NodeConfig
  readonly nodeName: string
  readonly version: string
  readonly disk: DiskWatch
  readonly destinations: Pick<DestinationCommands, 'paused'>
  /** When each part's certificate is over, ms since 1970. */
  readonly expiries: () => ReadonlyMap<string, number>
  readonly entrances: () => readonly EntranceStatus[]
  /** A newer revision that this node could not take over, or null. */
  readonly behind: () => number | null
  /** What other rooms watch by themselves. */
  readonly others?: () => readonly Condition[]
  /** Kinds of which they know nothing yet. */
  readonly unknown?: () => readonly AlertKind[]
  readonly clock: Clock
  readonly ids: Ids
  readonly log: Log
  readonly meter: Meter
}

/** The watch over the region, with the pages that show what it knows. */
export interface Watching {
  readonly plugins: readonly HttpPlugin[]
  /** Ends live pages, which else would hold up a stop. */
  endLive(): void
  stop(): Promise<void>
}

/** Begins to watch. */
export function watchOver(parts: WatchingParts): Watching {
  const { journal, config, node, nodeName, version, disk, destinations, clock } = parts
  const certificates = (): CertificateEnd[] => [...parts.expiries()].map(([part, endsAtMs]) => ({ part, endsAtMs }))
  const paused = () => destinations.paused()
  const views = makeViews({ ...parts, paused, node: nodeName })
  const alerts = alertViews(journal)
  const overview = overviewViews({ journal, config, status: () => views.status(null), alerts, certificates, clock })
  const live = liveOverview({ overview, config, clock })
  const stop = startWatch({
    ...parts,
    paused: () => new Set(paused().keys()),
    certificates,
    freeBytes: () => disk.freeBytes,
    reserveBytes: node.minFreeBytes,
    tell: notices(clock),
    console: node.http.find(({ publicUrl }) => publicUrl !== undefined)?.publicUrl ?? null,
  })
  return {
    plugins: [
      overviewPlugin({ overview, live, onboardings: () => onboardingCounts(journal), config, version }),
      alertsPlugin({ views: alerts, commands: alertCommands({ journal, clock }), config, clock, version }),
    ],
    endLive: () => live.stop(),
    stop,
  }
}
