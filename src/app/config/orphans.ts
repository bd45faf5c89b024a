import type { Config } from '../../core/config.ts'
import type { DestinationId } from '../../core/message.ts'

/** Destinations that the change takes away while deliveries to them are open, in the order given. Pure. */
export function orphans(before: Config, after: Config, openDestinations: readonly DestinationId[]): DestinationId[] {
  return openDestinations.filter((id) => before.destinations.has(id) && !after.destinations.has(id))
}
