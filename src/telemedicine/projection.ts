import type { Case, CaseId, CaseMessage, Happening, Notice } from '../core/cases.ts'
import type { Config } from '../core/config.ts'
import type { ExtraDelivery, Intake, Journal, NewEvent, Statement, Timer } from '../core/journal.ts'
import type { CareService } from '../core/services.ts'
import type { ClockSteps } from './clock-steps.ts'

/** A change of a case about to be committed. */
export interface CaseChange {
  /** Null: it is opened. */
  readonly before: Case | null
  readonly after: Case
  /** What makes the one of the other, in order. */
  readonly happenings: readonly Happening[]
  readonly service: CareService
  readonly config: Config
  readonly nowMs: number
}

/** What follows of a change, in the same commit or not at all. */
export interface CaseWrites {
  readonly rows?: readonly Statement[]
  readonly arrivals?: readonly Intake[]
  /** New deliveries of messages that are in the journal. */
  readonly deliveries?: readonly ExtraDelivery[]
  readonly timers?: readonly Timer[]
  readonly events?: readonly NewEvent[]
  /** The Task as it stands then: kept with the case. */
  readonly task?: NonNullable<Case['task']>
}

/**
 * What another part makes of a change: resources, answers, notices. It may look things up and changes nothing itself; it
 * may be asked again for the same change when the commit was overtaken. What it throws undoes the act. */
export type CaseProjection = (change: CaseChange) => CaseWrites | Promise<CaseWrites>

/** Name of whom a notice is for, for people: of who is on duty now, by the rota of the ladder; null: not known. */
export type NoticeName = (
  notice: Notice,
  about: { readonly service: CareService; readonly nowMs: number; readonly ladder: string },
) => Promise<string | null>

/** What of another part goes when the content of a closed case does. */
export type CaseForgetting = (id: CaseId) => readonly Statement[]

/** What cases are kept and changed with. */
export interface CaseParts {
  readonly journal: Pick<Journal, 'look' | 'read' | 'apply' | 'deliveriesOf'>
  readonly config: () => Config
  readonly clock: { nowMs(): number }
  readonly uuid: () => string
  /** HMAC of `authority|value`, as the intake makes its search keys. */
  readonly search: (authority: string, value: string) => string
  readonly projections: readonly CaseProjection[]
  /** Absent: nothing else is kept of a case. */
  readonly forgets?: readonly CaseForgetting[]
  readonly nameOf?: NoticeName
  /** Steps of the wall clock; absent: it never steps. */
  readonly steps?: ClockSteps
  /** Messages received since then that bear one of these keys, the newest first, not more than some dozens; absent: none. */
  readonly recent?: (keys: readonly string[], sinceMs: number) => Promise<readonly CaseMessage[]>
}
