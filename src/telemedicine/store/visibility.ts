import { type Caller, may, mayAnswer, reachOf } from '../../core/caller.ts'
import type { Extent } from '../../core/cases.ts'
import type { Config } from '../../core/config.ts'
import type { SqlValue } from '../../core/journal.ts'
import { unitPart } from './rows.ts'

/** What a caller may see of cases, as parts of establishments; `null`: every case of the region. */
export interface Seen {
  /** Establishments that the caller reaches; null: all of them. */
  readonly establishments: readonly string[] | null
  /** Parts by which the caller sees a case whole (or its appointment), in order. */
  readonly parts: readonly string[]
  /** Services of which the caller sees the studies, by the part `imaging`. */
  readonly studies: readonly string[]
  /** How much is seen by `parts`. */
  readonly extent: Extent
}

/** A condition on `care_case c`, with its values. */
export interface Condition {
  readonly sql: string
  readonly parameters: readonly SqlValue[]
}

/**
 * What the caller sees; null: nothing at all. The requester's side by its units, whoever answers by being alerted, people of
 * imaging by a unit of imaging of the service, a secretariat the appointments alone, the coordination everything. */
export function seenBy(caller: Caller, { careServices = new Map() }: Pick<Config, 'careServices'>): Seen | null {
  const permission = may(caller, 'cases:read') ? 'cases:read' : 'appointments:read'
  if (!may(caller, permission)) return null
  const extent: Extent = may(caller, 'cases:clinical') ? 'whole' : 'appointment'
  const reach = reachOf(caller, permission)
  if (reach === null) return { establishments: null, parts: [], studies: [], extent }
  const { establishments, units = null } = reach
  if (establishments?.length === 0) return null
  const asking = units === null ? ['requester'] : [null, ...units].map(unitPart)
  const answering = mayAnswer(caller) ? ['centre', 'interventional', 'coordination'] : []
  const imaging = [...careServices.values()].filter((one) => units?.some((unit) => one.imagingUnits.includes(unit)))
  const studies = extent === 'whole' ? imaging.map(({ name }) => name) : []
  return { establishments, parts: [...asking, ...answering], studies, extent }
}

const marks = (values: readonly unknown[]): string => values.map(() => '?').join(', ')

/** Is the caller to see the case `c` at all? */
export function visible({ establishments, parts, studies }: Seen): Condition {
  if (parts.length === 0) return { sql: '1 = 1', parameters: [] }
  const where = establishments === null ? [] : [`p.establishment IN (${marks(establishments)})`]
  const by = [
    `p.part IN (${marks(parts)})`,
    ...(studies.length === 0 ? [] : [`(p.part = 'imaging' AND c.service IN (${marks(studies)}))`]),
  ]
  return {
    sql: `EXISTS (SELECT 1 FROM care_part p WHERE ${[...where, 'p.care_case = c.id', `(${by.join(' OR ')})`].join(' AND ')})`,
    parameters: [...(establishments ?? []), ...parts, ...studies],
  }
}

/** Is it seen by one of the parts that show all of it, or by its studies alone? 1 or 0, of a case that is visible. */
export function seenWhole({ establishments, parts }: Seen): Condition {
  if (parts.length === 0) return { sql: '1', parameters: [] }
  const where = establishments === null ? [] : [`q.establishment IN (${marks(establishments)})`]
  return {
    sql: `(CASE WHEN EXISTS (SELECT 1 FROM care_part q WHERE ${[...where, 'q.care_case = c.id', `q.part IN (${marks(parts)})`].join(' AND ')})
      THEN 1 ELSE 0 END)`,
    parameters: [...(establishments ?? []), ...parts],
  }
}
