import { machineIds } from '../../src/app/cli/machine.ts'
import { Destinations } from '../../src/app/wiring/destinations.ts'
import { senderFor } from '../../src/app/wiring/senders.ts'
import type { Clock } from '../../src/core/ports.ts'
import { quiet, type Stage, uncounted } from './stage.ts'

/** Serves every destination of a stage by its leases, as a node does; `stop` leaves what is on its way. */
export async function serve(stage: Stage, clock: Clock): Promise<{ stop(): Promise<void> }> {
  const { journal } = stage
  const refusing = {
    accept: () => Promise.reject(new Error('nobody answers late')),
    clock,
    log: quiet,
    meter: uncounted,
  }
  const destinations = new Destinations(
    {
      journal,
      senderFor: (destination) => senderFor(destination, refusing),
      prepare: null,
      clock,
      ids: machineIds,
      log: quiet,
      meter: uncounted,
    },
    () => stage.config,
  )
  journal.watch((news) => destinations.hear(news))
  await destinations.start()
  return { stop: () => destinations.stop(0) }
}
