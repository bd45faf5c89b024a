import { readFileSync } from 'node:fs'
import { progressRuns } from '../console/runs.ts'
import type { Config, NodeConfig } from '../core/config.ts'
import { type ErrorCode, GatewayError } from '../core/errors.ts'
import type { Follower } from '../core/follower.ts'
import type { Journal, StoredRevision } from '../core/journal.ts'
import { type ConfigCommands, ConfigRefused } from '../core/operations.ts'
import type { Accept, Clock, Ids, Log } from '../core/ports.ts'
import type { EntranceStatus } from '../core/views.ts'
import { accept } from '../pipeline/accept.ts'
import { alertFollower } from '../pipeline/alerts.ts'
import type { DiskWatch } from '../pipeline/disk.ts'
import { examining } from '../pipeline/examine/examine.ts'
import { type Following, following } from '../pipeline/follow.ts'
import { identityFollower } from '../pipeline/identity.ts'
import { inOrder } from '../pipeline/in-order.ts'
import { preparing } from '../pipeline/prepare.ts'
import { rehearsing } from '../pipeline/rehearse.ts'
import { ASTRAY_MS, watchClock } from '../pipeline/skew.ts'
import { byTurns } from '../pipeline/turns.ts'
import { KnownVisits } from '../pipeline/visits.ts'
import type { Condition } from '../pipeline/watch/conditions.ts'
import { tally } from '../pipeline/watch/tally.ts'
import { changing, compileConfig, type ReadMaterial, type SharedJson } from './config/index.ts'
import { definitionsOf } from './fhir-definitions.ts'
import type { PrometheusMeter } from './meter.ts'
import { logProblem } from './region-problems.ts'
import type { StoreAddress } from './store.ts'
import { NO_TRACES, type Traces, tracing } from './traces/traces.ts'
import { caseExchange } from './wiring/case-exchange.ts'
import { type CertificateWatch, certifiedParts, watchCertificates } from './wiring/certificates.ts'
import { RunningConfig } from './wiring/configuration.ts'
import { conformity } from './wiring/conformity.ts'
import { consoleRoutes } from './wiring/console.ts'
import { Destinations } from './wiring/destinations.ts'
import { type Doors, doorsOf } from './wiring/doors.ts'
import { housekeeping } from './wiring/housekeeping.ts'
import { type MailWiring, mail } from './wiring/mail.ts'
import { warnOfOpenFiles } from './wiring/open-files.ts'
import { type OwnRegion, ownRegion, type RegionSource } from './wiring/own-region.ts'
import { senderFor } from './wiring/senders.ts'
import { signingIn } from './wiring/sign-in.ts'
import { startingRevision, warnOfDifference } from './wiring/starting.ts'
import { type OpenStore, openStore } from './wiring/store.ts'
import { telemedicine } from './wiring/telemedicine.ts'
import { watchOver } from './wiring/watching.ts'
import { keepWhiteList, type WhiteListWiring } from './wiring/white-list.ts'

/** Release shown by the console, the API and the log. */
export const VERSION: string = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')).version

/** What a gateway is made of. */
export interface GatewayParts {
  readonly store: StoreAddress
  readonly nodeName: string
  readonly node: NodeConfig
  readonly shared: SharedJson
  readonly read: ReadMaterial
  /** Folders of profiles, the region's own first; absent: those that are shipped. */
  readonly profiles?: readonly string[]
  /** Descriptors of the sockets that were passed to this process, by the door they are for; absent: none. */
  readonly inherited?: ReadonlyMap<string, number>
  /** Its establishments are simulated, so that the guided first run may send at its doors; absent: they are not. */
  readonly guided?: boolean
  /** The file that `node` and `shared` were read from, for what changes while it runs; absent: nothing is read again. */
  readonly source?: RegionSource
  readonly clock: Clock
  readonly ids: Ids
  readonly log: Log
  readonly meter: PrometheusMeter
  /** What is still to be done right before the doors open, when all else is ready; absent: nothing. */
  readonly beforeDoors?: () => void
  /** The store can keep nothing any more: the process must end at once. */
  readonly onFatal: (fault: GatewayError) => void
}

/** A running gateway. */
export interface Gateway {
  /** The configuration now. */
  readonly config: Config
  readonly doors: readonly EntranceStatus[]
  readonly changes: ConfigCommands
  /** Reads the region file again: certificates and keys are taken over, and the shared part as `apply` does. Never rejects. */
  reload(): Promise<void>
  /** Not ready → accepts no more → lets work in flight end within the drain time → closes the store. Once. */
  stop(): Promise<void>
}

/**
 * Opens the store, makes the file's configuration the running one, and opens the doors last.
 * @throws {GatewayError} STORE_HELD, STORE_NEWER, STORE_DAMAGED, CONFIG_ORPHANS, CONFIG_INVALID; or when a port is taken */
export async function openGateway(parts: GatewayParts): Promise<Gateway> {
  const { node, log } = parts
  let running: RunningConfig | null = null
  const refusedMaxBytes = () => running?.now().retention.refusedMaxBytes ?? 0
  const store = await openStore({ ...parts, release: VERSION, refusedMaxBytes })
  const { journal } = store
  try {
    running = new RunningConfig(await startingRevision(journal, parts), { ...parts, journal })
    warnOfOpenFiles(node, log)
    return await run(store, running, parts)
  } catch (fault) {
    await journal.close()
    throw fault
  }
}

/** A revision as it routed, for what reads no certificate. */
function withoutMaterial({ json, revision }: StoredRevision): Config {
  return compileConfig(json, revision, () => '')
}

async function run(
  { journal, embedded, disk }: OpenStore,
  running: RunningConfig,
  parts: GatewayParts,
): Promise<Gateway> {
  const { node, nodeName, clock, ids, log } = parts
  const counted = tally({ journal, clock, log })
  const meter = counted.meter(parts.meter)
  const config = running.now
  await disk.start()
  let draining = false
  const closed = (): ErrorCode | null => whyClosed(journal, disk.low, running)
  const traces = node.traces === undefined ? NO_TRACES : tracing(node.traces, { ...parts, version: VERSION })
  const definitions = definitionsOf(parts.profiles)
  const shared = { journal, config, definitions, clock, ids, log, meter, runs: progressRuns() }
  const changed = (than: number): Promise<void> => running.changed(than)
  const care = telemedicine({ ...parts, ...shared, ...caseExchange(shared), closed, version: VERSION })
  const told = { journal: traces.journal(counted.journal(journal)), visits: new KnownVisits(), openCases: care.keys }
  const taking = { ...shared, ...told, cases: care, closed, changed, timersSet: () => followers.poke() }
  const accepting = traces.accepting((arrival) => accept(arrival, taking))

  const whiteList = keepWhiteList(shared)
  const post = mail({ ...parts, ...shared, ...whiteList, version: VERSION })
  const destinations = serving(journal, running, accepting, traces, post, { ...parts, meter })
  const met = conformity({ ...parts, ...shared, ...whiteList, post, examine: examining(taking), version: VERSION })
  const followers = behindTheAnswer(journal, config, [care, post, met], care.journal, parts)
  await destinations.start()
  await Promise.all([care.start(), post.start(), met.start()])
  followers.start()

  const region = ownRegion(parts)
  const changes = changingHere(journal, running, region, clock)
  const people = signingIn({ ...shared, version: VERSION })
  const house = housekeeping({ ...shared, ...people, embedded, reserveBytes: node.minFreeBytes, release: VERSION })
  const about = { guided: false, ...parts, ...shared, care, whiteList, post, region, changes, version: VERSION }
  const seen = { disk, destinations, expiries: () => watch.expiries(), entrances: () => doors.statuses() }
  const here = { node, nodeName, others: conditionsOf(whiteList, post, met), unknown: met.unknown, version: VERSION }
  const watched = watchOver({ ...shared, ...seen, ...here, behind: () => running.behind })
  const doors: Doors = doorsOf({
    ...shared,
    ...{ node, nodeName, mail: post, structures: met.structures, changes, destinations, version: VERSION },
    inherited: parts.inherited ?? new Map(),
    accept: byTurns(inOrder(accepting), {
      nowMs: () => clock.monotonicMs(),
      behind: () => destinations.behind,
      shared: journal.leases.shared,
    }),
    rehearse: rehearsing({ ...taking, journal, closed: () => (draining ? 'DRAINING' : closed()) }, met.countTried),
    closed: () => (draining ? 'DRAINING' : closed()),
    behind: () => running.behind,
    sessions: people.sessionOf,
    plugins: [
      ...[watched, post, met].flatMap(({ plugins }) => plugins),
      ...post.webmail(() => (draining ? 'DRAINING' : closed())),
      ...consoleRoutes({ ...about, ...house, ...people, open: () => doors.open }),
    ],
  })
  const watch = watching(region, running, doors, shared)
  figures(meter, { journal, running, watch, disk, node, whiteList })
  counted.start()
  const stop = ending([
    [() => (draining = true), () => log.info('gateway.draining')],
    [watchClock(shared), watch.stop, watched.endLive, care.endLive, disk.stop, () => running.stop()],
    [() => doors.close(node.drainMs), () => destinations.stop(node.drainMs), followers.stop, house.stop, watched.stop],
    [counted.stop, care.stop, whiteList.stop, post.stop, met.stop],
    [() => journal.close(), () => traces.stop()],
    [() => log.info('gateway.stopped')],
  ])
  try {
    parts.beforeDoors?.()
    await doors.start()
    await watch.look()
  } catch (fault) {
    await stop()
    throw fault
  }
  return runs(config, doors, changes, () => reload(region, { journal, running, changes, watch, log }), stop)
}

/** What rooms that watch something by themselves see now. */
function conditionsOf(...rooms: readonly { conditions(): readonly Condition[] }[]): () => readonly Condition[] {
  return () => rooms.flatMap((room) => room.conditions())
}

/** A gateway whose doors are open. */
function runs(
  config: () => Config,
  doors: Doors,
  changes: ConfigCommands,
  reload: Gateway['reload'],
  stop: Gateway['stop'],
): Gateway {
  return {
    get config() {
      return config()
    },
    doors: doors.open,
    changes,
    reload,
    stop,
  }
}

/** Ends what is given, group after group, those of a group together; once, however often it is asked for. */
function ending(groups: readonly (readonly (() => unknown)[])[]): () => Promise<void> {
  const end = async (): Promise<void> => {
    for (const group of groups) await Promise.all(group.map((one) => one()))
  }
  let ended: Promise<void> | null = null
  return () => {
    ended ??= end()
    return ended
  }
}

/** What follows from messages once they are answered. */
function behindTheAnswer(
  journal: Journal,
  config: () => Config,
  others: readonly { readonly followers: readonly Follower[] }[],
  through: Journal,
  { clock, ids, log, meter }: GatewayParts,
): Following {
  const followers = [
    alertFollower({ journal, clock, log, meter }),
    identityFollower({ journal, config, clock, ids, log }),
    ...others.flatMap((one) => one.followers),
  ]
  return following({ journal: through, followers, clock, log })
}

/** Why a node that runs takes nothing new, or null. */
function whyClosed(journal: Journal, diskLow: boolean, running: RunningConfig): ErrorCode | null {
  if (diskLow) return 'DISK_LOW'
  if (!journal.reachable()) return 'STORE_UNREACHABLE'
  if (Math.abs(journal.clockAheadMs()) > ASTRAY_MS) return 'CLOCK_SKEW'
  return running.behind === null ? null : 'CONFIG_BEHIND'
}

/** The commands that change the configuration, over this node's file. */
function changingHere(journal: Journal, running: RunningConfig, region: OwnRegion, clock: Clock): ConfigCommands {
  return changing({
    journal,
    own: region.reread,
    running: region.own,
    adopt: (json, by, also) => running.adopt(json, by, clock.nowMs(), also),
    nowMs: () => clock.nowMs(),
  })
}

/** The destinations of the running configuration, told of its changes and of what the journal queues for them. */
function serving(
  journal: Journal,
  running: RunningConfig,
  accept: Accept,
  traces: Traces,
  post: MailWiring,
  parts: GatewayParts,
): Destinations {
  const { clock, ids, log, meter } = parts
  const sending = { accept, mail: post.sending, clock, log, meter }
  const prepare = preparing({ journal, compile: withoutMaterial })
  const destinations = new Destinations(
    {
      journal,
      senderFor: (destination) => traces.sender(destination, senderFor(destination, sending)),
      prepare,
      mail: post.serving,
      clock,
      ids,
      log,
      meter,
    },
    running.now,
  )
  running.tell(destinations)
  post.serving.renewed(() => destinations.freeMail())
  journal.watch((news) => {
    destinations.hear(news)
    if (news.revision || news.missed === true) running.follow()
  })
  // Another node may have changed it since it was read.
  running.follow()
  return destinations
}

/** What is not counted as it happens but asked for at each scrape. */
function figures(
  meter: PrometheusMeter,
  told: {
    readonly journal: Journal
    readonly running: RunningConfig
    readonly watch: CertificateWatch
    readonly disk: DiskWatch
    readonly node: NodeConfig
    readonly whiteList: WhiteListWiring
  },
): void {
  const { journal, running, watch, disk, node, whiteList } = told
  meter.watchWhiteList(whiteList.figures)
  // The process's own figures are told whether the store answers or not: alerts are made of them.
  meter.watch(async () => (journal.reachable() ? journal.counts().catch(() => null) : null))
  meter.watchCertificates(() => watch.expiries())
  meter.watchDisk(() => disk.freeBytes, node.minFreeBytes)
  meter.watchRevisions(() => {
    const { revision } = running.now()
    return { running: revision, stored: running.behind ?? revision }
  })
}

/** Watches the certificates of this node, and takes over what was renewed. */
function watching(
  region: OwnRegion,
  running: RunningConfig,
  doors: Doors,
  shared: Pick<GatewayParts, 'clock' | 'log' | 'meter'> & { readonly journal: Journal },
): CertificateWatch {
  return watchCertificates({
    ...shared,
    parts: () => certifiedParts(region.node(), running.now()),
    files: region.files,
    renew: () => renew(region, running, doors),
  })
}

/** Certificates and keys again, from the file that the node started with or read last. */
function renew(region: OwnRegion, running: RunningConfig, doors: Doors): void {
  const node = region.renewed()
  doors.renew(node)
  region.taken(node)
  running.renew(region.read())
}

interface ReloadParts {
  readonly journal: Journal
  readonly running: RunningConfig
  readonly changes: ConfigCommands
  readonly watch: CertificateWatch
  readonly log: Log
}

async function reload(region: OwnRegion, { journal, running, changes, watch, log }: ReloadParts): Promise<void> {
  try {
    // Beside other nodes a signal to one of them must not change the region: its file may be older than what they run.
    if (journal.leases.shared) {
      const { revision, changes: differing, restart } = await changes.plan({ shared: null, own: null })
      warnOfDifference(revision, differing.length, log)
      for (const part of restart) log.warn('config.restart-needed', { route: part })
    } else {
      const how = { park: false, reason: 'SIGHUP' }
      const { plan, revision } = await changes.apply({ shared: null, own: null }, how, 'signal')
      for (const part of plan.restart) log.warn('config.restart-needed', { route: part })
      log.info('config.reloaded', { revision, count: plan.changes.length })
    }
  } catch (fault) {
    const code = fault instanceof GatewayError ? fault.code : 'INTERNAL'
    for (const problem of fault instanceof ConfigRefused ? fault.plan.problems : []) logProblem(log, problem)
    log.error('config.refused', { code }, fault)
  }
  running.follow()
  if (region.reread !== null) await watch.look()
}
