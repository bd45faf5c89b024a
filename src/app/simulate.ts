import type { Config } from '../core/config.ts'
import type { Log } from '../core/ports.ts'
import { type Receiver, startReceiver } from './simulate/receiver.ts'

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|::1)$/

/** The simulated establishments of a region. */
export interface Simulators {
  /** Messages they have answered. */
  received(): number
  /** Ends them and frees their ports. Twice is harmless. */
  close(): Promise<void>
}

/**
 * Starts a receiving end at each plain MLLP destination of the region that points to this machine, so that the demo
 * region answers by itself. Destinations elsewhere or over TLS are left alone; a port already taken is told in the log:
 * somebody's own test system may stand there. */
export async function startSimulators(config: Config, log: Log): Promise<Simulators> {
  const receivers = new Map<string, Receiver>()
  for (const { id, target } of config.destinations.values()) {
    const place = `${target.host}:${target.port}`
    if (receivers.has(place)) continue
    if (target.tls || !LOOPBACK.test(target.host)) {
      log.info('simulator.skipped', { destination: id })
      continue
    }
    try {
      receivers.set(place, await startReceiver(target.host, target.port, config.region.timeZone))
    } catch (fault) {
      log.warn('simulator.port-taken', { destination: id, peer: place })
      if ((fault as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw fault
    }
  }
  log.info('simulator.listening', { count: receivers.size })
  const all = [...receivers.values()]
  return {
    received: () => all.reduce((sum, receiver) => sum + receiver.received(), 0),
    close: async () => {
      await Promise.all(all.map((receiver) => receiver.close()))
    },
  }
}
