/** What the overview shows beside counts: traffic per minute and hour, silences, certificates. */
import type { AlertView } from './alerts.ts'
import type { Status } from './views.ts'

/** What one establishment sends. */
export interface Heard {
  /** Messages of the last 24 hours. */
  readonly received: number
  /** Of these hours too: what was refused at the door. */
  readonly refused: number
  /** Ms since 1970; null: nothing was received since this is kept. */
  readonly lastAtMs: number | null
  /** The longest silence that is usual at this hour of the week, ms; null: not learned yet. */
  readonly usualMs: number | null
}

/** One step of the charts of the last 24 hours. */
export interface TrafficPoint {
  readonly atMs: number
  readonly received: number
  readonly refused: number
  readonly delivered: number
  /** Half, and 95 of 100, of the answers took at most so long (ms); null: there was none. */
  readonly p50Ms: number | null
  readonly p95Ms: number | null
}

/** A certificate that a part of the gateway shows. */
export interface CertificateEnd {
  /** A door, or a destination. */
  readonly part: string
  readonly endsAtMs: number
}

/** The whole picture at one time. */
export interface Picture {
  readonly status: Status
  readonly heard: ReadonlyMap<string, Heard>
  /** Alerts that last. */
  readonly alerts: readonly AlertView[]
}

/** Questions of the overview; none of them reads messages. */
export interface OverviewViews {
  /** Now: counters, queues, last messages, alerts. Asked for at most once in some 500 ms, however many look. */
  picture(): Promise<Picture>
  /** The last 24 hours, every five minutes, oldest first; of all nodes. */
  traffic(): Promise<readonly TrafficPoint[]>
  /** The certificates of this node and of the region's destinations, soonest first. */
  certificates(): readonly CertificateEnd[]
}
