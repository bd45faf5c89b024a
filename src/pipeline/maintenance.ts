import { GatewayError } from '../core/errors.ts'
import type { Journal, NewEvent, Statement } from '../core/journal.ts'
import type { DestinationId } from '../core/message.ts'
import type { Clock, Ids } from '../core/ports.ts'
import type { Maintenance, MaintenanceAsk } from '../core/treat.ts'
import { isoTime } from './views/list.ts'

/** Maintenance as the store keeps it. */
interface Planned {
  readonly id: string
  readonly fromMs: number
  readonly untilMs: number
  readonly shown: Maintenance
}

interface Row {
  readonly id: string
  readonly from_ms: number
  readonly until_ms: number
  readonly text: string
  readonly destinations: string
  readonly pause: number
  readonly who: string
}

/** Announced maintenance, known by heart: what other nodes announce is read with `load`. */
export interface MaintenanceStore {
  load(): Promise<void>
  /** What is not over, soonest first. */
  planned(): readonly Maintenance[]
  /** Destinations to which nothing is begun now. */
  pausing(): ReadonlySet<DestinationId>
  /** When the next one begins or ends (ms since 1970), or null. */
  nextChangeMs(): number | null
  /** @throws {GatewayError} BAD_REQUEST */
  plan(ask: MaintenanceAsk, who: string): Promise<Maintenance>
  /** @throws {GatewayError} NOT_FOUND */
  end(id: string, who: string, why: string): Promise<void>
}

/** The maintenance kept in a journal. */
export function maintenances(
  journal: Pick<Journal, 'look' | 'apply'>,
  { clock, ids }: { readonly clock: Clock; readonly ids: Ids },
): MaintenanceStore {
  let known: readonly Planned[] = []
  const open = () => known.filter(({ untilMs }) => untilMs > clock.nowMs())
  const told = (what: string, who: string, why: string, detail: string): NewEvent => ({
    atMs: clock.nowMs(),
    who,
    what,
    why,
    code: null,
    message: null,
    delivery: null,
    detail,
  })
  const load = async (): Promise<void> => {
    const rows = await journal.look<Row>({
      sql: 'SELECT id, from_ms, until_ms, text, destinations, pause, who FROM maintenance WHERE until_ms > ? ORDER BY from_ms, id',
      parameters: [clock.nowMs()],
    })
    known = rows.map(plannedOf)
  }
  return {
    load,
    planned: () => open().map(({ shown }) => shown),
    pausing() {
      const nowMs = clock.nowMs()
      const now = open().filter(({ fromMs, shown }) => shown.pause && fromMs <= nowMs)
      return new Set(now.flatMap(({ shown }) => shown.destinations))
    },
    nextChangeMs() {
      const nowMs = clock.nowMs()
      const changes = open().flatMap(({ fromMs, untilMs }) => [fromMs, untilMs].filter((atMs) => atMs > nowMs))
      return changes.length === 0 ? null : Math.min(...changes)
    },
    async plan({ fromMs, untilMs, text, destinations, pause }, who) {
      if (untilMs <= fromMs || untilMs <= clock.nowMs() || text.trim() === '') throw new GatewayError('BAD_REQUEST')
      const id = ids.uuid()
      const row: Statement = {
        sql: 'INSERT INTO maintenance (id, from_ms, until_ms, text, destinations, pause, who) VALUES (?, ?, ?, ?, ?, ?, ?)',
        parameters: [id, fromMs, untilMs, text, JSON.stringify(destinations), pause ? 1 : 0, who],
        rows: 1,
      }
      const detail = [`${isoTime(fromMs)}/${isoTime(untilMs)}`, ...(pause ? ['pause'] : []), ...destinations].join(' ')
      await journal.apply({ rows: [row], events: [told('plan-maintenance', who, text, detail)] })
      await load()
      return known.find((one) => one.id === id)!.shown
    },
    async end(id, who, why) {
      const row: Statement = {
        sql: 'UPDATE maintenance SET until_ms = ? WHERE id = ? AND until_ms > ?',
        parameters: [clock.nowMs(), id, clock.nowMs()],
        rows: 1,
      }
      if (!(await journal.apply({ rows: [row], events: [told('end-maintenance', who, why, id)] }))) {
        throw new GatewayError('NOT_FOUND')
      }
      await load()
    },
  }
}

function plannedOf({ id, from_ms, until_ms, text, destinations, pause, who }: Row): Planned {
  const [fromMs, untilMs] = [Number(from_ms), Number(until_ms)]
  const shown: Maintenance = {
    id,
    from: isoTime(fromMs),
    until: isoTime(untilMs),
    text,
    destinations: JSON.parse(destinations) as DestinationId[],
    pause: Number(pause) === 1,
    who,
  }
  return { id, fromMs, untilMs, shown }
}
