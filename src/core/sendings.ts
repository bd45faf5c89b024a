/** What a case sends to those who take part, and how far each of it came. It holds no content of a case. */
import type { Caller } from './caller.ts'
import type { State } from './message.ts'

/** What is sent: the request to a centre, that it was seen or accepted, the advice, a message between both sides, the report. */
export const SENDING_SORTS = ['request', 'answer', 'advice', 'message', 'report'] as const
/** One of them. */
export type SendingSort = (typeof SENDING_SORTS)[number]

/** How far it may come: it reached the system, somebody there saw it, somebody there acts on it. */
export const SENDING_STEPS = ['delivered', 'seen', 'taken'] as const

/** A step of a sending. `untold`: whoever it went to does not tell; `failed`: it will not come there without a person. */
export interface SendingStep {
  readonly step: (typeof SENDING_STEPS)[number]
  readonly state: 'done' | 'waits' | 'failed' | 'untold'
  /** Null: not known, or not yet. */
  readonly atMs: number | null
}

/** One thing that was sent to one system, or is shown on screens alone. */
export interface Sending {
  readonly what: SendingSort
  /** The message; null: none was made. */
  readonly message: string | null
  /** The system; null: the establishment has none, and looks at the screens. */
  readonly destination: string | null
  readonly establishment: string
  /** State of its delivery; null: on the screens. */
  readonly state: State | null
  /** When it was sent. */
  readonly atMs: number
  readonly steps: readonly SendingStep[]
}

/** Reads what was sent of a case that the caller sees whole; of any other, nothing. */
export interface Sendings {
  /** In the order in which it was sent. */
  of(careCase: string, caller: Caller): Promise<readonly Sending[]>
}
