import { isLoopback } from '../core/address.ts'
import type { Config, SystemTarget } from '../core/config.ts'
import type { Log } from '../core/ports.ts'
import { type Receiver, startReceiver } from './simulate/receiver.ts'
import { startFhirReceiver, startHttpReceiver } from './simulate/web-receiver.ts'

/** The simulated establishments of a region. */
export interface Simulators {
  /** Messages they have answered. */
  received(): number
  /** Ends them and frees their ports. Twice is harmless. */
  close(): Promise<void>
}

interface Site {
  readonly host: string
  readonly port: number
  start(): Promise<Receiver>
}

/** Where a plain destination of this machine listens, and what would listen there; null for any other. */
function siteOf(target: SystemTarget, timeZone: string): Site | null {
  if (target.type === 'mllp') {
    const { host, port, tls } = target
    return tls || !isLoopback(host) ? null : { host, port, start: () => startReceiver(host, port, timeZone) }
  }
  // An archive is a program of its own: Orthanc, beside the site's or the centre's.
  if (target.type === 'dicomweb') return null
  const { protocol, hostname, port: written, pathname } = new URL(target.url)
  if (protocol !== 'http:' || !isLoopback(hostname)) return null
  const host = hostname.replace(/^\[|\]$/g, '')
  const port = Number(written) || 80
  const start =
    target.type === 'fhir'
      ? () => startFhirReceiver(host, port, pathname.replace(/\/$/, ''))
      : () => startHttpReceiver(host, port, timeZone)
  return { host, port, start }
}

/**
 * Starts a receiving end at each plain destination of the region that points to this machine, so that the demo region
 * answers by itself. Destinations elsewhere or over TLS are left alone; a port already taken is told in the log: somebody's
 * own test system may stand there. */
export async function startSimulators(config: Config, log: Log): Promise<Simulators> {
  const receivers = new Map<string, Receiver>()
  for (const { id, target } of config.destinations.values()) {
    const site = siteOf(target, config.region.timeZone)
    if (site === null) {
      log.info('simulator.skipped', { destination: id })
      continue
    }
    const place = `${site.host}:${site.port}`
    if (receivers.has(place)) continue
    try {
      receivers.set(place, await site.start())
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
