/** A case for those who look after appointments: who comes when, and no clinical text. Times ms since 1970. */
import type { Appointment } from './appointments.ts'
import type { AttachmentType } from './attachments.ts'
import type { Caller } from './caller.ts'
import type { CaseId, CasePatient, CaseState } from './cases.ts'

/** Whether the link of a session can be given: no session of this service, not yet, now, no longer, or not before consent. */
export const LINK_STATES = ['none', 'early', 'open', 'over', 'consent'] as const
/** One of them. */
export type LinkState = (typeof LINK_STATES)[number]

/** A document or photo by what it is; its content is not for this page. `number`: among those of its kind, from 1. */
export interface SheetDocument {
  readonly type: AttachmentType
  readonly number: number
  readonly atMs: number
  readonly establishment: string
}

/** A case as it is seen by those who look after its appointments. */
export interface CaseSheet {
  readonly id: CaseId
  readonly number: string
  readonly service: string
  readonly state: CaseState
  readonly site: string
  readonly unit: string | null
  readonly test: boolean
  readonly drill: boolean
  readonly openedAtMs: number
  readonly closedAtMs: number | null
  readonly patient: CasePatient
  /** Those that the caller reaches, the soonest first. */
  readonly appointments: readonly (Appointment & { readonly link: LinkState })[]
  readonly documents: readonly SheetDocument[]
}

/** Reads such sheets. Null: no such case for them, or they see its studies alone. */
export interface CaseSheets {
  of(id: CaseId, caller: Caller): Promise<CaseSheet | null>
}
