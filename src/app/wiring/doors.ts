import { consolePlugin } from '../../console/console.ts'
import { deskPlugin } from '../../console/desk.ts'
import { lostPage } from '../../console/page/shell/pages.ts'
import type { Config, NodeConfig } from '../../core/config.ts'
import type { ErrorCode } from '../../core/errors.ts'
import type { Journal } from '../../core/journal.ts'
import type { ConfigCommands, DestinationCommands } from '../../core/operations.ts'
import type { Accept, Clock, Entrance, Ids, Log } from '../../core/ports.ts'
import type { SessionOf } from '../../core/sign-in.ts'
import type { MaintenanceCommands } from '../../core/treat.ts'
import type { EntranceStatus } from '../../core/views.ts'
import { fhirPlugin } from '../../entrances/fhir/fhir.ts'
import { hl7Plugin } from '../../entrances/http/hl7.ts'
import { securityTextPlugin } from '../../entrances/http/security-text.ts'
import { type HttpPlugin, httpEntrance } from '../../entrances/http/server.ts'
import { tokenPlugin } from '../../entrances/http/token-endpoint.ts'
import { accessTokens } from '../../entrances/http/tokens.ts'
import { mllpEntrance } from '../../entrances/mllp/entrance.ts'
import type { FhirDefinitions } from '../../formats/fhir/validate/validate.ts'
import { acts } from '../../pipeline/acts.ts'
import { keepLooks } from '../../pipeline/audit/looks.ts'
import { agendaReads } from '../../pipeline/fhir/agenda-reads.ts'
import { directoryReads } from '../../pipeline/fhir/directory.ts'
import { structureReads } from '../../pipeline/fhir/structures.ts'
import { useOnce } from '../../pipeline/jti.ts'
import { makeViews } from '../../pipeline/views.ts'
import { offersTo } from '../../telemedicine/appointments/offers.ts'
import type { PrometheusMeter } from '../meter.ts'
import { deskOf } from './desk.ts'
import type { MailWiring } from './mail.ts'
import type { StructureWiring } from './structures.ts'
import { usableFiles } from './usable-files.ts'

/** What the doors of a node are given. */
export interface DoorParts {
  readonly node: NodeConfig
  /** Descriptors of the sockets that were passed to this process, by the door they are for. */
  readonly inherited: ReadonlyMap<string, number>
  readonly nodeName: string
  readonly version: string
  readonly journal: Journal
  readonly config: () => Config
  readonly accept: Accept
  /** Accepting at the sandbox doors. */
  readonly rehearse: Accept
  readonly definitions: () => Promise<FhirDefinitions>
  /** Why nothing new is taken now, or null. */
  readonly closed: () => ErrorCode | null
  /** A newer revision that this node could not take over, or null. */
  readonly behind: () => number | null
  readonly changes: ConfigCommands
  readonly destinations: DestinationCommands & { readonly maintenance: MaintenanceCommands }
  /** Doors of mail, and the directory of mailboxes. */
  readonly mail: Pick<MailWiring, 'doors' | 'directory'>
  /** The register of establishments. */
  readonly structures: Pick<StructureWiring, 'views'>
  /** Who a session's cookie is. */
  readonly sessions: SessionOf
  /** Further routes behind the HTTP doors. */
  readonly plugins?: readonly HttpPlugin[]
  readonly clock: Clock
  readonly ids: Ids
  readonly log: Log
  readonly meter: PrometheusMeter
}

/** The doors of a node: what is open, and how to open and close them. */
export interface Doors {
  readonly open: readonly EntranceStatus[]
  /** The same, with the connections they have now. */
  statuses(): readonly EntranceStatus[]
  /** Opens them in the order of the region file. @throws when a port is taken */
  start(): Promise<void>
  close(drainMs: number): Promise<void>
  /** Shows the certificates of `node` to whoever connects from now on. @throws {GatewayError} CONFIG_INVALID */
  renew(node: NodeConfig): void
}

/** Makes the doors; nothing listens before `start`. */
export function doorsOf(parts: DoorParts): Doors {
  const open: EntranceStatus[] = []
  const entrances: Entrance[] = []
  const statuses = (): EntranceStatus[] =>
    open.map((door) => ({ ...door, connections: entrances.find(({ name }) => name === door.name)?.connections() ?? 0 }))
  const { node, accept, config, clock, log, meter } = parts
  const plugins = behindHttp(parts, statuses)
  const looks = keepLooks(parts)
  const passed = ({ name }: { readonly name: string }) => {
    const inherited = parts.inherited.get(name)
    return inherited === undefined ? {} : { inherited }
  }
  entrances.push(
    ...node.mllp.map((door) => {
      const taking = door.name === 'sandbox' ? parts.rehearse : accept
      return mllpEntrance({ door, ...passed(door), accept: taking, config, clock, log, meter })
    }),
    ...node.http.map((door) =>
      httpEntrance({ ...plugins, door, ...passed(door), looks, config, clock, log, meter, version: parts.version }),
    ),
    ...parts.mail.doors(parts.closed, parts.inherited),
  )
  return {
    open,
    statuses,
    async start() {
      for (const { name, tls } of withTls(node)) usableFiles(name, tls)
      for (const entrance of entrances) open.push({ name: entrance.name, ...(await entrance.open()), connections: 0 })
    },
    async close(drainMs) {
      await Promise.all(entrances.map((entrance) => entrance.close(drainMs)))
      await looks.stop()
    },
    renew(renewed) {
      // All or none: a door that took its files and one that did not would leave the node's own part half true.
      for (const { name, tls } of withTls(renewed)) usableFiles(name, tls)
      for (const { name, tls } of withTls(renewed)) entrances.find((entrance) => entrance.name === name)?.renew?.(tls)
    },
  }
}

function withTls({ mllp, http, mail = [] }: NodeConfig) {
  return [...mllp, ...http, ...mail].flatMap(({ name, tls }) => (tls === null ? [] : [{ name, tls }]))
}

function behindHttp(parts: DoorParts, entrances: () => EntranceStatus[]) {
  const { journal, config, accept, definitions, behind, destinations, clock, ids, log, meter, version } = parts
  const tokens = accessTokens(journal.secret, clock)
  const paused = () => destinations.paused()
  const planning = destinations.maintenance
  const maintenance = () => planning.planned()
  const seen = { journal, config, clock, entrances, paused, maintenance, behind, node: parts.nodeName, version }
  const { views, commands } = { views: makeViews(seen), commands: acts({ journal, config, clock, ids }) }
  const treating = deskOf({ ...parts, views, commands, planning, demo: false })
  const plugins: HttpPlugin[] = [
    consolePlugin({
      views,
      commands,
      changes: parts.changes,
      destinations,
      elsewhere: treating.replays.elsewhere,
      config,
      metrics: () => meter.text(),
      ready: () => readiness(parts),
      version,
    }),
    deskPlugin(treating),
    hl7Plugin({ accept, clock, meter }),
    hl7Plugin({ accept: parts.rehearse, clock, meter, path: '/sandbox/hl7' }),
    fhirPlugin({
      accept,
      reads: structureReads(
        directoryReads(
          agendaReads({ journal, config, offersTo: (id) => offersTo(id, config()) }),
          parts.mail.directory.views,
        ),
        parts.structures.views,
      ),
      services: () => [...(config().careServices?.values() ?? [])],
      validation: { definitions, profiles: () => config().fhir?.profiles ?? new Map() },
      secret: journal.secret,
      clock,
      log,
      meter,
      version,
    }),
    securityTextPlugin({ config, clock }),
    tokenPlugin({ config, useOnce: useOnce(journal, clock), nowMs: () => clock.nowMs(), tokens, log }),
    ...(parts.plugins ?? []),
  ]
  return { plugins, tokens, sessions: parts.sessions, lost: lostPage({ config, version, demo: false }) }
}

function readiness({ closed }: DoorParts): { readonly ready: boolean; readonly why?: ErrorCode } {
  const why = closed()
  return why === null ? { ready: true } : { ready: false, why }
}
