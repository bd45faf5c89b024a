import type { Config } from '../core/config.ts'
import type { Asked, ConformityAct, FrameworkShelf, FrameworkSource } from '../core/conformity-commands.ts'
import { GatewayError } from '../core/errors.ts'
import type { Journal, NewEvent, Statement } from '../core/journal.ts'
import type { Clock, Ids, Log } from '../core/ports.ts'
import { endOf } from './day.ts'

/** What acts of conformity work with. */
export interface ActingParts {
  readonly journal: Pick<Journal, 'look' | 'read' | 'apply'>
  readonly config: () => Config
  readonly shelf: FrameworkShelf
  readonly source: Pick<FrameworkSource, 'read'>
  /** Verdicts are to be made anew: whoever judges may look at once. */
  readonly changed: () => void
  readonly clock: Pick<Clock, 'nowMs'>
  readonly ids: Pick<Ids, 'uuid'>
  readonly log: Log
}

/** Furthest day that a person may set (years). */
const FURTHEST_YEARS = 10
const YEAR_MS = 366 * 86_400_000

/** The event of an act. `detail` begins with the establishment, where there is one, so that the audit finds it by that. */
export function eventOf(
  { clock }: Pick<ActingParts, 'clock'>,
  what: string,
  { who, why }: { readonly who: string; readonly why: string | null },
  detail: string,
): NewEvent {
  return { atMs: clock.nowMs(), who, what, why, detail, code: null, message: null, delivery: null }
}

/** How an event names what it is about. Pure. */
export function named({ establishment, framework, requirement }: Asked, more = ''): string {
  return `${establishment}/${framework} ${requirement}${more === '' ? '' : ` ${more}`}`
}

/** What verdicts rest on has changed: those of one establishment for both uses, or of all (null), are made anew. */
export function judgedAgain(establishment: string | null): Statement {
  const all = 'UPDATE conformity_standing SET change = change + 1'
  return establishment === null
    ? { sql: all, parameters: [] }
    : { sql: `${all} WHERE establishment = ?`, parameters: [establishment] }
}

/** The end of a last day that somebody set (ms since 1970). @throws {GatewayError} CONFORMITY_UNTIL: no day, over, or too far off */
export function untilMs(day: string, { config, clock }: Pick<ActingParts, 'config' | 'clock'>): number {
  const atMs = endOf(day, config().region.timeZone)
  const nowMs = clock.nowMs()
  if (atMs === null || atMs <= nowMs || atMs > nowMs + FURTHEST_YEARS * YEAR_MS)
    throw new GatewayError('CONFORMITY_UNTIL')
  return atMs
}

/** The act without what it may reach. */
export type Doer = Pick<ConformityAct, 'who' | 'why'>
