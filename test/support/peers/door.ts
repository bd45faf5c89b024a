import type {
  CertificateName,
  Config,
  Establishment,
  MllpDoor,
  MllpLimits,
  TlsFiles,
} from '../../../src/core/config.ts'
import type { Accept, Clock, Entrance } from '../../../src/core/ports.ts'
import { mllpEntrance } from '../../../src/entrances/mllp/entrance.ts'
import { type Caller, type CallerTls, call } from './caller.ts'
import { realClock } from './clock.ts'
import { acceptAll } from './messages.ts'
import { type Notebook, notebook } from './notebook.ts'

/** Limits as the schema gives them, save what a test wants otherwise. */
export function limitsOf(wanted: Partial<MllpLimits> = {}): MllpLimits {
  return {
    maxFrameBytes: 16 * 1_024 * 1_024,
    handshakeMs: 10_000,
    idleMs: 1_800_000,
    gapMs: 30_000,
    minBytesPerSecond: 100,
    rateGraceMs: 10_000,
    maxJunkBytes: 1_024,
    maxConnections: 1_024,
    maxConnectionsPerPeer: 256,
    budgetBytes: 256 * 1_024 * 1_024,
    ...wanted,
  }
}

/** A configuration that knows only certificates. */
export function configOf(revision: number, certificates: Readonly<Record<string, readonly CertificateName[]>>): Config {
  const establishments = new Map<string, Establishment>()
  for (const [id, names] of Object.entries(certificates)) {
    establishments.set(id, {
      id,
      name: id,
      kind: 'hospital',
      finess: { ej: null, eg: [] },
      strict: false,
      charset: '8859/15',
      facilities: [],
      certificates: names,
      keys: [],
      clients: [],
      answersTo: null,
      sendsFor: [],
      ackPolicy: {},
    })
  }
  return {
    revision,
    region: { name: 'Essai', timeZone: 'Europe/Paris', locale: 'fr' },
    operators: [],
    services: new Map(),
    establishments,
    facilities: new Map(),
    destinations: new Map(),
    routes: [],
    tables: new Map(),
    maps: new Map(),
    retention: { closedMs: 0, refusedMs: 0, refusedMaxBytes: 0, ordersMs: 0, visitsMs: 1, auditMs: 1 },
  }
}

export interface OpenDoor {
  readonly entrance: Entrance
  readonly port: number
  readonly notes: Notebook
  call(tls?: CallerTls): Promise<Caller>
}

/** Opens an MLLP door on a free port of this machine. */
export async function openDoor({
  accept = acceptAll,
  limits = {},
  tls = null,
  clock = realClock,
  config = () => configOf(1, {}),
}: {
  accept?: Accept
  limits?: Partial<MllpLimits>
  tls?: TlsFiles | null
  clock?: Clock
  config?: () => Config
} = {}): Promise<OpenDoor> {
  const notes = notebook()
  const name = tls === null ? 'mllp' : 'mllps'
  const door: MllpDoor = { name, host: '127.0.0.1', port: 0, allowPlain: false, tls, limits: limitsOf(limits) }
  const entrance = mllpEntrance({ door, accept, config, clock, log: notes.log, meter: notes.meter })
  const { port } = await entrance.open()
  return { entrance, port, notes, call: (files) => call(port, files) }
}
