import type { Fault, Path } from '../problem.ts'
import type { Validate } from '../validate.ts'
import type { WrittenRegion } from '../written.ts'

/** A required value taken out takes out what needs it; this many steps lead from any value to its list item. */
const MAX_ROUNDS = 8

/**
 * The part of a file that has the form asked for (a region's), for the cross checks: a value at fault is taken out, and so is what
 * cannot be without it; defaults are filled in; list items keep their places, so lists may have holes (`present`). Null
 * when not even that is left: the cross checks then wait until its form is mended. */
export function soundPart<T = WrittenRegion>(value: unknown, validate: Validate): T | null {
  const sound = structuredClone(value)
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const faults = validate(sound).filter((fault) => fault.path.length === 0 || takeOut(sound, fault))
    if (faults.length === 0) return sound as T
    if (faults.some(({ path }) => path.length === 0)) return null
  }
  return null
}

/** Items of a list that may have holes, with their places. */
export function present<T>(list: readonly T[]): [number, T][] {
  return [...list.entries()].filter(([, item]) => item !== undefined)
}

/** False when it had been taken out before: a hole is at fault for ever. */
function takeOut(value: unknown, { path }: Fault): boolean {
  const holder = path.slice(0, -1).reduce<unknown>(step, value)
  const last = path.at(-1)!
  if (typeof holder !== 'object' || holder === null || step(holder, last) === undefined) return false
  return Reflect.deleteProperty(holder, last)
}

function step(value: unknown, part: Path[number]): unknown {
  const known = typeof value === 'object' && value !== null && Object.hasOwn(value, part)
  return known ? (value as Record<string | number, unknown>)[part] : undefined
}

/** Names of the file that other parts may refer to, taken also from items that have faults of their own. */
export interface Known {
  readonly establishments: ReadonlySet<string>
  readonly destinations: ReadonlySet<string>
  readonly services: ReadonlySet<string>
}

/** Collects the names from the value as it was written, whatever its form, and from the services shipped. */
export function knownNames(value: unknown, shipped: readonly string[]): Known {
  const establishments = new Set<string>()
  const destinations = new Set<string>()
  const { establishments: list, services } = (value ?? {}) as Readonly<Record<string, unknown>>
  for (const one of Array.isArray(list) ? list : []) {
    const { id, destinations: ways } = (one ?? {}) as { id?: unknown; destinations?: unknown }
    if (typeof id !== 'string') continue
    establishments.add(id)
    for (const name of Object.keys(ways ?? {})) destinations.add(`${id}/${name}`)
  }
  return { establishments, destinations, services: new Set([...shipped, ...Object.keys(services ?? {})]) }
}
