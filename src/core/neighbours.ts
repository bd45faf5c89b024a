/** Whom a reach has to do with: by the routes, those it sends to and those that send to it. */
import { type Reach, reaches, reachesDelivered, reachesNothing } from './caller.ts'
import type { Config, RouteRule } from './config.ts'
import type { DestinationId } from './message.ts'
import type { Maintenance } from './treat.ts'

/** What a reach sees of a route. `from` null: anybody sends by it. */
export interface RouteSeen {
  readonly from: readonly string[] | null
  readonly to: readonly DestinationId[]
}

/**
 * A sender sees where what it sends goes, and whom it is sent by who receives; neither sees the others at its own end of the
 * route. Null: the reach has nothing to do with it. Pure. */
export function routeSeen({ when, to }: Pick<RouteRule, 'when' | 'to'>, reach: Reach | null): RouteSeen | null {
  const from = when.from ?? null
  if (reach === null) return { from, to }
  if (reachesNothing(reach)) return null
  const senders = from?.filter((id) => reaches(reach, id)) ?? null
  const takers = to.filter((id) => reachesDelivered(reach, id))
  const sends = senders === null || senders.length > 0
  if (!sends && takers.length === 0) return null
  return { from: takers.length > 0 ? from : senders, to: sends ? to : takers }
}

/** Establishments and destinations of a region. `establishments` null: every one of them. */
export interface Neighbours {
  readonly establishments: ReadonlySet<string> | null
  readonly destinations: ReadonlySet<DestinationId>
}

/** Those of a reach, itself among them. Pure. */
export function neighboursOf(
  { establishments, destinations, routes }: Pick<Config, 'establishments' | 'destinations' | 'routes'>,
  reach: Reach | null,
): Neighbours {
  if (reach === null) return { establishments: null, destinations: new Set(destinations.keys()) }
  const seen = routes.flatMap((route) => routeSeen(route, reach) ?? [])
  const own = [...destinations.keys()].filter((id) => reachesDelivered(reach, id))
  const known = new Set([...own, ...seen.flatMap(({ to }) => to)])
  const takes = (to: readonly DestinationId[]) => to.some((id) => reachesDelivered(reach, id))
  if (seen.some(({ from, to }) => from === null && takes(to))) return { establishments: null, destinations: known }
  const mine = [...establishments.keys()].filter((id) => reaches(reach, id))
  const owners = [...known].map((id) => id.split('/', 1)[0] ?? id)
  return {
    establishments: new Set([...mine, ...owners, ...seen.flatMap(({ from }) => from ?? [])]),
    destinations: known,
  }
}

/** Of what is announced, what touches a reach: the whole region, or destinations that it has to do with, and no others. Pure. */
export function announcedTo(
  planned: readonly Maintenance[],
  config: Pick<Config, 'establishments' | 'destinations' | 'routes'>,
  reach: Reach | null,
): readonly Maintenance[] {
  if (reach === null || planned.length === 0) return planned
  const known = neighboursOf(config, reach).destinations
  return planned.flatMap((one) => {
    const destinations = one.destinations.filter((id) => known.has(id))
    return one.destinations.length > 0 && destinations.length === 0 ? [] : [{ ...one, destinations }]
  })
}
