import type { Journal } from '../../core/journal.ts'
import type { AgendaName } from '../../formats/agenda/slot.ts'
import { all, any } from './conditions.ts'
import { offered, type SlotAsker, within } from './slot-conditions.ts'

/** Agendas of time that came without a Schedule, as far as the reader reads it: each is shown as one. */
export async function agendasOf({ ours, offers }: SlotAsker, journal: Pick<Journal, 'read'>): Promise<AgendaName[]> {
  const { sql, parameters } = all([
    { sql: `s.schedule IS NULL AND s.state <> 'withdrawn'`, parameters: [] },
    any([within('s.centre', ours), offered(offers)]),
  ])
  return journal.read<{ service: string; centre: string }>({
    sql: `SELECT DISTINCT s.service, s.centre FROM slot AS s WHERE ${sql} ORDER BY s.service, s.centre`,
    parameters,
  }) as Promise<AgendaName[]>
}
