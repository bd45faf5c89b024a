import type { Fault } from '../problem.ts'
import type { SoundRegion } from '../written.ts'

/**
 * Takes out of a validated value what a fault makes unsafe to look at: list items keep their places as undefined, named
 * items go. Null when the whole is not even a region; the cross checks then wait until its form is mended. */
export function soundPart(value: unknown, faults: readonly Fault[]): SoundRegion | null {
  if (typeof value !== 'object' || value === null) return null
  const region = value as Record<string, unknown>
  for (const { severity, path, code } of faults) {
    if (severity === 'warning' || code === 'UNKNOWN_KEY' || code === 'NOT_IN_RELEASE') continue
    const [part, item] = path
    if (part === undefined || item === undefined) {
      if (part !== 'drain') return null
      continue
    }
    const holder = region[part] as Record<string | number, unknown> | unknown[] | null
    if (Array.isArray(holder) && typeof item === 'number') holder[item] = undefined
    else if (part === 'entrances' || part === 'services') delete (holder as Record<string, unknown>)[item]
  }
  return region as unknown as SoundRegion
}

/** Names of the file that other parts may refer to, taken also from items that have faults of their own. */
export interface Known {
  readonly establishments: ReadonlySet<string>
  readonly destinations: ReadonlySet<string>
}

/** Collects the names from the value as it was written, whatever its form. */
export function knownNames(value: unknown): Known {
  const establishments = new Set<string>()
  const destinations = new Set<string>()
  const list = (value as { establishments?: unknown } | null)?.establishments
  for (const one of Array.isArray(list) ? list : []) {
    const { id, destinations: ways } = (one ?? {}) as { id?: unknown; destinations?: unknown }
    if (typeof id !== 'string') continue
    establishments.add(id)
    for (const name of typeof ways === 'object' && ways !== null ? Object.keys(ways) : [])
      destinations.add(`${id}/${name}`)
  }
  return { establishments, destinations }
}
