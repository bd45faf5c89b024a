import { makeWorld, type World, type WorldDestination, type WorldSpec } from '../test/support/world/world.ts'

/** Senders of the bench region; each has a destination of its own. */
export const FACILITIES = ['CH-A', 'CH-B', 'CH-C', 'CH-D', 'CH-E', 'CH-F', 'CH-G', 'CH-H']

/** The world of `benchSpec`, on the embedded store. */
export function benchWorld(options: WorldDestination = {}): Promise<World> {
  return makeWorld(benchSpec(options))
}

/** A region of eight senders, whose results go each to one destination with four connections. */
export function benchSpec(options: WorldDestination): WorldSpec {
  const destinationOf = (facility: string): string => `r${facility.toLowerCase()}/dpi`
  return {
    sources: FACILITIES,
    destinations: Object.fromEntries(
      FACILITIES.map((facility) => [
        destinationOf(facility),
        {
          ...options,
          options: {
            maxInFlight: 4,
            retry: { first: '1 s', factor: 2, max: '5 s', expires: '7 d' },
            ...options.options,
          },
        },
      ]),
    ),
    routes: [
      ...FACILITIES.map((facility) => ({
        name: `results of ${facility}`,
        when: { kinds: ['ORU^R01', 'MDM^T02', 'ServiceRequest'], from: [facility.toLowerCase()] },
        to: [destinationOf(facility)],
      })),
      {
        name: 'stroke requests',
        when: { kinds: ['ORM^O01'], service: 'stroke' },
        to: [destinationOf('CH-A')],
        lane: 'urgent',
      },
    ],
  }
}

/** Messages received by all destinations so far. */
export function deliveredIn(world: World): number {
  return FACILITIES.reduce((sum, facility) => sum + world.receiver(`r${facility.toLowerCase()}/dpi`).ledger.length, 0)
}
