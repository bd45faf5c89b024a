import { readFileSync } from 'node:fs'
import { createConsole } from '../console/console.ts'
import type { Config, NodeConfig } from '../core/config.ts'
import { type ErrorCode, GatewayError } from '../core/errors.ts'
import type { Journal } from '../core/journal.ts'
import type { Accept, Clock, Entrance, Ids, Log } from '../core/ports.ts'
import type { EntranceStatus } from '../core/views.ts'
import { mllpEntrance } from '../entrances/mllp/entrance.ts'
import { accept } from '../pipeline/accept.ts'
import { acts } from '../pipeline/acts.ts'
import { alertFollower } from '../pipeline/alerts.ts'
import { diskWatch } from '../pipeline/disk.ts'
import { Dispatcher } from '../pipeline/dispatch.ts'
import { following } from '../pipeline/follow.ts'
import { openSqliteJournal } from '../pipeline/journal/sqlite/open.ts'
import { watchClock } from '../pipeline/skew.ts'
import { makeViews } from '../pipeline/views.ts'
import { mllpSender } from '../senders/mllp/sender.ts'
import { compileConfig, orphans, type ReadMaterial, type SharedJson } from './config/index.ts'
import type { PrometheusMeter } from './meter.ts'

/** Release shown by the console, the API and the log. */
export const VERSION: string = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')).version

/** What a gateway is made of. */
export interface GatewayParts {
  /** Folder of the embedded store. */
  readonly dir: string
  readonly nodeName: string
  readonly node: NodeConfig
  readonly shared: SharedJson
  readonly read: ReadMaterial
  readonly clock: Clock
  readonly ids: Ids
  readonly log: Log
  readonly meter: PrometheusMeter
  /** The store can keep nothing any more: the process must end at once. */
  readonly onFatal: (fault: GatewayError) => void
}

/** A running gateway. */
export interface Gateway {
  readonly config: Config
  readonly doors: readonly EntranceStatus[]
  /** Not ready → accepts no more → lets work in flight end within the drain time → closes the store. Once. */
  stop(): Promise<void>
}

/**
 * Opens the store, makes the file's configuration the running one, and opens the doors last.
 * @throws {GatewayError} STORE_HELD, STORE_NEWER, STORE_DAMAGED, CONFIG_ORPHANS, CONFIG_INVALID; or when a port is taken */
export async function openGateway(parts: GatewayParts): Promise<Gateway> {
  const { dir, node, clock, ids, log, meter } = parts
  let config: Config | null = null
  const running = (): Config => {
    if (config === null) throw new GatewayError('INTERNAL', 'no configuration runs yet')
    return config
  }
  const url = node.http === null ? null : `http://${node.http.host}:${node.http.port}`
  const journal = await openSqliteJournal({
    dir,
    log,
    meter,
    clock,
    ids,
    holder: { node: parts.nodeName, url },
    refusedMaxBytes: () => config?.retention.refusedMaxBytes ?? 0,
    onFatal: parts.onFatal,
  })
  try {
    config = await adoptConfig(journal, parts)
    return await run(journal, running, parts)
  } catch (fault) {
    await journal.close()
    throw fault
  }
}

/** Makes the file's configuration the running one, as `apply` would; the same text again is no new revision. */
async function adoptConfig(journal: Journal, { shared, read, clock }: GatewayParts): Promise<Config> {
  const stored = journal.revision()
  if (stored !== null && stored.json === shared) return compileConfig(shared, stored.revision, read)
  if (stored !== null) {
    const open = [...journal.counts().destinations].filter(([, c]) => c.open > 0 || c.parked > 0).map(([id]) => id)
    const before = compileConfig(stored.json, stored.revision, () => '')
    const orphaned = orphans(before, compileConfig(shared, stored.revision + 1, read), open)
    if (orphaned.length > 0) {
      throw new GatewayError('CONFIG_ORPHANS', `open deliveries would lose their destination: ${orphaned.join(', ')}`)
    }
  }
  const adopted = await journal.adopt('start', clock.nowMs(), shared)
  return compileConfig(shared, adopted.revision, read)
}

async function run(journal: Journal, config: () => Config, parts: GatewayParts): Promise<Gateway> {
  const { node, clock, ids, log, meter } = parts
  const disk = diskWatch(parts.dir, node.minFreeBytes, { clock, log })
  await disk.start()
  let draining = false
  const closed = (): ErrorCode | null => (draining ? 'DRAINING' : disk.low ? 'DISK_LOW' : null)
  const accepting: Accept = (arrival) => accept(arrival, { journal, config, closed, clock, ids, log, meter })

  const dispatchers = new Map<string, Dispatcher>()
  for (const destination of config().destinations.values()) {
    const sender = mllpSender(destination, { accept: accepting, clock, log, meter })
    dispatchers.set(
      destination.id,
      new Dispatcher({ destination, journal, sender, prepare: null, clock, ids, log, meter }),
    )
  }
  const followers = following({
    journal,
    followers: [alertFollower({ journal, clock, log, meter })],
    clock,
    log,
  })
  journal.watch((entries) => {
    for (const [id, group] of Map.groupBy(entries, (entry) => entry.destination)) dispatchers.get(id)?.put(group)
  })
  await Promise.all([...dispatchers.values()].map((one) => one.start()))
  followers.start()
  const unwatchClock = watchClock({ journal, clock, log, meter })
  meter.watch(() => journal.counts())

  const doors: EntranceStatus[] = []
  const entrances = openings(journal, config, accepting, closed, doors, parts)
  let stopping: Promise<void> | null = null
  const stop = async (): Promise<void> => {
    draining = true
    log.info('gateway.draining')
    await Promise.all([
      ...entrances.map((entrance) => entrance.close(node.drainMs)),
      ...[...dispatchers.values()].map((one) => one.stop(node.drainMs)),
      followers.stop(),
    ])
    disk.stop()
    unwatchClock()
    await journal.close()
    log.info('gateway.stopped')
  }
  try {
    for (const entrance of entrances) doors.push({ name: entrance.name, ...(await entrance.open()), connections: 0 })
  } catch (fault) {
    await stop()
    throw fault
  }
  return {
    config: config(),
    doors,
    stop: () => {
      stopping ??= stop()
      return stopping
    },
  }
}

function openings(
  journal: Journal,
  config: () => Config,
  accepting: Accept,
  closed: () => ErrorCode | null,
  doors: readonly EntranceStatus[],
  { node, nodeName, clock, ids, log, meter }: GatewayParts,
): Entrance[] {
  const mllp = node.mllp.map((door) => mllpEntrance({ door, accept: accepting, config, clock, log, meter }))
  if (node.http === null) return mllp
  const entrances = (): EntranceStatus[] =>
    doors.map((door) => ({ ...door, connections: all.find((one) => one.name === door.name)?.connections() ?? 0 }))
  const http = createConsole({
    views: makeViews({ journal, config, clock, entrances, node: nodeName, version: VERSION }),
    commands: acts({ journal, config, clock, ids }),
    config,
    metrics: () => meter.text(),
    ready: () => {
      const why = closed()
      return why === null ? { ready: true } : { ready: false, why }
    },
    log,
    clock,
    door: node.http,
    version: VERSION,
  })
  const all: Entrance[] = [...mllp, http]
  return all
}
