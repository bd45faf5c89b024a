import { isLoopback } from '../core/address.ts'
import type { Config, SystemTarget } from '../core/config.ts'
import type { Log } from '../core/ports.ts'
import { machineClock, machineIds } from './cli/machine.ts'
import type { Gateway } from './gateway.ts'
import { documentSettings } from './mail/documents.ts'
import { type Receiver, startReceiver } from './simulate/receiver.ts'
import type { TrustSpaceFolder } from './simulate/trust-space.ts'
import { startFhirReceiver, startHttpReceiver } from './simulate/web-receiver.ts'

/** The simulated establishments of a region. */
export interface Simulators {
  /** Messages they have answered. */
  received(): number
  /** Ends them and frees their ports. Twice is harmless. */
  close(): Promise<void>
}

/** Makes what a region file names and a simulation can make: certificates, and a trust space of mail; null: not of our making. */
export async function prepareSimulation(regionFile: string): Promise<TrustSpaceFolder | null> {
  // What makes certificates is a tenth of all the code there is, and who does not try the demonstration has no use for it.
  const [{ makeMissingCertificates }, { makeTrustSpace }] = await Promise.all([
    import('./certs.ts'),
    import('./simulate/trust-space.ts'),
  ])
  const [space] = await Promise.all([makeTrustSpace(regionFile), makeMissingCertificates(regionFile)])
  return space
}

/** Starts all that is simulated of a gateway that runs: the receiving ends, and in a trust space of ours the other mail operator. */
export async function simulateRegion(
  gateway: Pick<Gateway, 'config' | 'doors'>,
  space: TrustSpaceFolder | null,
  profiles: readonly string[],
  log: Log,
): Promise<Simulators> {
  const simulators = await startSimulators(gateway.config, log)
  const other = space === null ? null : await otherMailOperator(gateway, space, profiles, log)
  return {
    received: () => simulators.received() + (other?.received() ?? 0),
    close: async () => {
      await Promise.all([simulators.close(), other?.close()])
    },
  }
}

async function otherMailOperator(
  gateway: Pick<Gateway, 'config' | 'doors'>,
  space: TrustSpaceFolder,
  profiles: readonly string[],
  log: Log,
): Promise<Receiver | null> {
  const door = gateway.doors.find(({ name }) => name === 'smtp')
  const operator = gateway.config.mail?.operator
  if (door === undefined || operator === undefined) return null
  const { startMailOperator } = await import('./simulate/mail-operator.ts')
  const settings = documentSettings(profiles, operator)
  const parts = { space, config: () => gateway.config, settings, door, clock: machineClock, ids: machineIds, log }
  try {
    return await startMailOperator(parts)
  } catch (fault) {
    if ((fault as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw fault
    log.warn('simulator.port-taken', { destination: 'mail' })
    return null
  }
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
