import type { AlertView } from '../../../core/alerts.ts'
import { type Reach, reaches, reachesDelivered } from '../../../core/caller.ts'
import type { Config, Establishment, RouteRule } from '../../../core/config.ts'
import type { DestinationId } from '../../../core/message.ts'
import { routeSeen } from '../../../core/neighbours.ts'
import type { Heard, Picture } from '../../../core/overview.ts'
import type { DestinationStatus } from '../../../core/views.ts'
import { type Standing, worst } from './mark.ts'

/** An establishment on the board. */
export interface BoardRow {
  readonly establishment: Establishment
  readonly heard: Heard | null
  /** How its sending is. */
  readonly sends: Standing
  readonly takes: readonly BoardQueue[]
}

/** A destination on the board. */
export interface BoardQueue {
  readonly status: DestinationStatus
  readonly standing: Standing
}

/** A route, as far as it is shown, and how what goes by it is. `from` null: from anybody. */
export interface BoardFlow {
  readonly route: RouteRule
  readonly from: readonly string[] | null
  readonly to: readonly DestinationId[]
  readonly standing: Standing
}

/** What a reach sees of the region, judged. */
export interface Board {
  readonly rows: readonly BoardRow[]
  readonly queues: readonly BoardQueue[]
  readonly flows: readonly BoardFlow[]
  readonly alerts: readonly AlertView[]
}

/** Judges a picture for who sees it; linear in the region. Pure. */
export function boardOf({ status, heard, alerts: all }: Picture, config: Config, reach: Reach | null): Board {
  const alerts = all.filter(({ establishment }) =>
    establishment === null ? reach === null : reaches(reach, establishment),
  )
  const about = Map.groupBy(alerts, ({ subject }) => subject)
  const queues = status.destinations
    .filter(({ id }) => reachesDelivered(reach, id))
    .map((one): BoardQueue => ({ status: one, standing: queueStanding(one, about.get(one.id) ?? []) }))
  const takenBy = Map.groupBy(queues, ({ status: { establishment } }) => establishment)
  const rows = [...config.establishments.values()]
    .filter(({ id }) => reaches(reach, id))
    .map((establishment): BoardRow => {
      const { id } = establishment
      const own = heard.get(id) ?? null
      const sends = senderStanding(own, about.get(id) ?? [])
      return { establishment, heard: own, sends, takes: takenBy.get(id) ?? [] }
    })
  return { rows, queues, flows: flowsOf(config, rows, queues, reach), alerts }
}

function queueStanding({ open, parked, delivered, paused }: DestinationStatus, own: readonly AlertView[]): Standing {
  if (own.some(({ kind, severity }) => severity === 'urgent' || kind === 'unreachable')) return 'alarm'
  if (paused !== undefined) return 'paused'
  if (parked > 0 || own.some(({ kind }) => kind !== 'certificate')) return 'watch'
  return open + delivered > 0 ? 'sound' : 'idle'
}

function senderStanding(heard: Heard | null, own: readonly AlertView[]): Standing {
  if (own.some(({ kind }) => kind === 'silence')) return 'alarm'
  if (own.length > 0) return 'watch'
  return heard?.lastAtMs == null ? 'idle' : 'sound'
}

function flowsOf(
  { routes }: Config,
  rows: readonly BoardRow[],
  queues: readonly BoardQueue[],
  reach: Reach | null,
): BoardFlow[] {
  const sends = new Map(rows.map((row) => [row.establishment.id, row.sends]))
  const takes = new Map(queues.map(({ status, standing }) => [status.id, standing]))
  return routes.flatMap((route): BoardFlow[] => {
    const shown = routeSeen(route, reach)
    if (shown === null) return []
    const { from, to } = shown
    const senders = (from ?? []).filter((id) => sends.has(id))
    const targets = to.filter((id) => takes.has(id))
    if (reach !== null && senders.length + targets.length === 0) return []
    // One sender of several that is silent is told on its own row: a flow is as bad as all of them together.
    const sending = senders.map((id) => sends.get(id) ?? 'idle')
    const best =
      sending.length === 0
        ? 'sound'
        : sending.every((one) => one === 'alarm')
          ? 'alarm'
          : worst(sending.filter((one) => one !== 'alarm'))
    const there = worst(targets.map((id) => takes.get(id) ?? 'idle'))
    const standing = targets.length === 0 ? best : there === 'idle' && best === 'alarm' ? best : worstOf(best, there)
    return [{ route, from, to, standing }]
  })
}

/** A flow whose ends have traffic of their own is not without traffic for that. */
function worstOf(sending: Standing, taking: Standing): Standing {
  if (taking === 'idle') return sending === 'alarm' || sending === 'watch' ? sending : 'idle'
  return worst([sending === 'idle' ? 'sound' : sending, taking])
}
