/** What people were told of a case outside the screens, and what came of it. It holds no content of a case. */
import type { ErrorCode } from './errors.ts'
import type { CareWebhook, Channel, NoticeTarget, Told } from './services.ts'

/** How far a notice is: `dropped`: somebody answered before it left. `delivered` and its failure are the provider's word. */
export const NOTICE_STATES = ['waiting', 'sent', 'delivered', 'failed', 'dropped'] as const
/** One of them. */
export type NoticeState = (typeof NOTICE_STATES)[number]

/** A notice as it is kept. `n`: the happening of the case that made it. Times ms since 1970. */
export interface KeptNotice {
  readonly id: string
  readonly n: number
  readonly why: string
  readonly told: Told
  readonly channel: Channel
  readonly establishment: string | null
  readonly state: NoticeState
  readonly attempts: number
  /** Why the last attempt failed; null: none did. */
  readonly code: ErrorCode | null
  readonly madeAtMs: number
  readonly doneAtMs: number | null
}

/** Reads what was told of a case. Who may see the case may see that; ask `CaseViews` first. */
export interface CareNotices {
  /** In the order they were made. */
  of(careCase: string): Promise<readonly KeptNotice[]>
}

/** What became of a report: kept; of no notice that we know; not from the provider. */
export type ReportTaken = 'kept' | 'unknown' | 'unauthorized'

/** Takes what the provider of a channel reports. */
export interface NoticeReports {
  /** `key`: what it bore (`Authorization: Bearer`); `fields`: what it posted, flat. */
  take(channel: 'sms' | 'voice', key: string | null, fields: Readonly<Record<string, unknown>>): Promise<ReportTaken>
}

/** A notice as it leaves: a short message or call to one number, or JSON to a webhook. `id`: equal when it is the same again. */
export type Outgoing =
  | {
      readonly by: 'sms' | 'voice'
      readonly target: NoticeTarget
      readonly to: string
      readonly text: string
      readonly id: string
    }
  | { readonly by: 'webhook'; readonly hook: CareWebhook; readonly told: HookNotice }

/** What a webhook is told. Times ISO 8601. */
export interface HookNotice {
  readonly id: string
  readonly why: string
  readonly told: Told
  readonly case: string
  readonly number: string
  readonly service: string
  readonly site: string
  readonly drill: boolean
  readonly test: boolean
  readonly at: string
  readonly text: string
}
