import type { NodeConfig } from '../../core/config.ts'
import { type OwnFile, planProblem, type ReadMaterial, type RegionReading } from '../config/index.ts'

/** The region file of a running gateway: what it gave at the start, and how to read it again. */
export interface RegionSource {
  readonly reading: RegionReading
  readonly reread: () => Promise<RegionReading>
  /** Where a text that somebody writes is taken to stand; absent: no text is taken. */
  readonly place?: { readonly folder: string; readonly env: Readonly<Record<string, string | undefined>> }
}

/** The region file as the running gateway sees it: the last reading without errors counts. */
export interface OwnRegion {
  /** Reads it again, for a change of the shared part; null when there is no file. */
  readonly reread: (() => Promise<OwnFile>) | null
  /** The node's own parts as they run. */
  own(): Readonly<Record<string, string>>
  node(): NodeConfig
  /** The node's part with its files read again: `taken` once its doors show them. @throws {GatewayError} CONFIG_INVALID */
  renewed(): NodeConfig
  /** From now on the node runs with this. */
  taken(node: NodeConfig): void
  read(): ReadMaterial
  /** Files that keys and certificates were read from. */
  readonly files: () => ReadonlySet<string>
}

/** The file of a gateway; without a source nothing changes. */
export function ownRegion(parts: {
  readonly node: NodeConfig
  readonly read: ReadMaterial
  readonly source?: RegionSource
}): OwnRegion {
  const { source } = parts
  let reading = source?.reading ?? null
  let node = parts.node
  return {
    reread:
      source === undefined
        ? null
        : async () => {
            const again = await source.reread()
            if (again.shared !== null && again.node !== null) reading = again
            return { shared: again.shared, own: again.own, problems: again.problems.map(planProblem) }
          },
    own: () => source?.reading.own ?? {},
    node: () => node,
    renewed: () => reading?.renewed?.() ?? node,
    taken(renewed) {
      node = renewed
    },
    read: () => reading?.read ?? parts.read,
    files: () => reading?.files ?? new Set(),
  }
}
