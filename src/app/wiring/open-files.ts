import { readFileSync } from 'node:fs'
import type { NodeConfig } from '../../core/config.ts'
import type { Log } from '../../core/ports.ts'
import { HTTP_LIMITS } from '../../entrances/http/limits.ts'

/** Store, log, timers and destinations: descriptors beside those of the doors. */
const OTHERS = 256

/** The soft limit of open files in `/proc/self/limits`, or null when the text does not say. Pure. */
export function openFilesLimit(limits: string): number | null {
  const soft = /^Max open files +(\d+|unlimited)/m.exec(limits)?.[1]
  if (soft === undefined) return null
  return soft === 'unlimited' ? Number.POSITIVE_INFINITY : Number(soft)
}

/** Connections that the doors together may have, and what else needs a descriptor. Pure. */
export function openFilesNeeded({ mllp, http }: NodeConfig): number {
  const connections = mllp.reduce((sum, { limits }) => sum + limits.maxConnections, 0)
  return connections + http.length * HTTP_LIMITS.connections + OTHERS
}

/** Warns when the system would refuse descriptors before the doors refuse connections. Where it does not tell, nothing is said. */
export function warnOfOpenFiles(
  node: NodeConfig,
  log: Log,
  read = () => readFileSync('/proc/self/limits', 'utf8'),
): void {
  let limit: number | null = null
  try {
    limit = openFilesLimit(read())
  } catch {}
  const needed = openFilesNeeded(node)
  if (limit !== null && limit < needed) log.warn('gateway.open-files', { count: limit, needed })
}
