import type { ConfigCommands, DestinationCommands } from '../../src/core/operations.ts'

const never = async () => {
  throw new Error('not asked for in this test')
}

/** Changes of the configuration for consoles whose tests make none. */
export const noChanges: ConfigCommands = { plan: never, apply: never, rollback: never }
/** Destinations for consoles whose tests do not touch them. */
export const noDestinations: DestinationCommands = { pause: never, resume: never, test: never, paused: () => new Map() }
