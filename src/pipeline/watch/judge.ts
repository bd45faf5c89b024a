import { type AlertKind, type AlertParams, SEVERITIES, type Severity } from '../../core/alerts.ts'
import type { Condition } from './conditions.ts'
import { OCCURRING, OCCURRING_CODES, type Occurrence, QUIET_MS } from './occurrences.ts'

/** What ended and comes again within this is the same alert, and what people did with it stays (ms). */
export const AGAIN_MS = 3_600_000
/** How often an alert that lasts is written again, with what it says now (ms). */
export const TOUCH_MS = 60_000
/** Deliveries that an alert remembers. */
const MOST_DELIVERIES = 50

/** An alert as it is kept. Times ms since 1970. */
export interface KeptAlert extends Condition {
  readonly id: string
  readonly firstAtMs: number
  readonly lastAtMs: number
  readonly times: number
  readonly acknowledged: boolean
  readonly snoozedUntilMs: number | null
  readonly endedAtMs: number | null
}

/** A change of one alert. `awake`: the time that somebody put it off for is over, and it still lasts. */
export interface AlertChange {
  readonly what: 'new' | 'again' | 'graver' | 'awake' | 'lasts' | 'ended'
  readonly alert: KeptAlert
}

/** What is known, and what is seen now. */
export interface Seen {
  /** Alerts that last, and those that ended within `AGAIN_MS`; of each cause the newest. */
  readonly kept: readonly KeptAlert[]
  readonly conditions: readonly Condition[]
  readonly occurrences: readonly Occurrence[]
  /** Alerts about deliveries of which none is open any more. */
  readonly over: ReadonlySet<string>
  /** Kinds of which nothing is known yet: their alerts stay as they are. */
  readonly unknown: ReadonlySet<AlertKind>
  readonly nowMs: number
  readonly newId: () => string
}

/** What becomes of the alerts: each cause has one, what is seen again is counted, what is seen no more ends by itself. Pure. */
export function judge({ kept, conditions, occurrences, over, unknown, nowMs, newId }: Seen): AlertChange[] {
  const known = new Map(kept.map((alert) => [alert.cause, alert]))
  const changes = new Map<string, AlertChange>()
  const change = (what: AlertChange['what'], alert: KeptAlert): void => {
    const before = changes.get(alert.cause)?.what
    changes.set(alert.cause, { what: before === 'new' || before === 'again' ? before : what, alert })
    known.set(alert.cause, alert)
  }
  const present = new Set<string>()
  for (const condition of conditions) {
    present.add(condition.cause)
    const before = known.get(condition.cause)
    if (before === undefined) change('new', freshAlert(condition, nowMs, newId()))
    else if (before.endedAtMs !== null) change('again', renewed(before, condition, nowMs, before.times + 1))
    else if (level(condition.severity) < level(before.severity)) change('graver', graver(before, condition, nowMs))
    else if (isAwake(before, nowMs)) change('awake', { ...before, snoozedUntilMs: null })
    else if (nowMs - before.lastAtMs >= TOUCH_MS) change('lasts', renewed(before, condition, nowMs, before.times))
  }
  for (const one of occurrences) {
    const before = known.get(one.cause)
    const params = { ...one.params, ...deliveriesOf(before?.params, one) }
    if (before === undefined) change('new', freshAlert({ ...one, params }, one.atMs, newId()))
    else {
      const again = renewed(before, { ...one, params }, one.atMs, before.times + 1)
      change(before.endedAtMs === null ? 'lasts' : 'again', again)
    }
  }
  for (const alert of kept) {
    if (alert.endedAtMs !== null || changes.has(alert.cause)) continue
    const gone = !present.has(alert.cause) && !unknown.has(alert.kind)
    if (gone && isOver(alert, over, nowMs)) change('ended', { ...alert, endedAtMs: nowMs })
    else if (isAwake(alert, nowMs)) change('awake', { ...alert, snoozedUntilMs: null })
  }
  return [...changes.values()]
}

function isAwake({ snoozedUntilMs }: KeptAlert, nowMs: number): boolean {
  return snoozedUntilMs !== null && snoozedUntilMs <= nowMs
}

function isOver({ id, kind, code, lastAtMs }: KeptAlert, over: ReadonlySet<string>, nowMs: number): boolean {
  if (kind === 'urgent') return over.has(id)
  const happens = OCCURRING.includes(kind) || OCCURRING_CODES.includes(code)
  return happens ? nowMs - lastAtMs >= QUIET_MS : true
}

function freshAlert(condition: Condition, atMs: number, id: string): KeptAlert {
  const { cause, kind, severity, code, subject, establishment, params } = condition
  const about = { cause, kind, severity, code, subject, establishment, params }
  const untouched = { acknowledged: false, snoozedUntilMs: null, endedAtMs: null }
  return { ...about, id, firstAtMs: atMs, lastAtMs: atMs, times: 1, ...untouched }
}

function renewed(before: KeptAlert, { params, severity, code }: Condition, atMs: number, times: number): KeptAlert {
  return { ...before, params, severity, code, lastAtMs: Math.max(before.lastAtMs, atMs), times, endedAtMs: null }
}

/** Whoever took note of it took note of less. */
function graver(before: KeptAlert, { params, severity, code }: Condition, nowMs: number): KeptAlert {
  return { ...before, params, severity, code, lastAtMs: nowMs, acknowledged: false, snoozedUntilMs: null }
}

const level = (severity: Severity): number => SEVERITIES.indexOf(severity)

function deliveriesOf(before: AlertParams | undefined, { deliveries }: Occurrence): AlertParams {
  const all = [...new Set([...idsIn(before), ...deliveries])].slice(-MOST_DELIVERIES)
  return all.length === 0 ? {} : { deliveries: all.join(' ') }
}

/** The deliveries that an alert remembers. */
export function idsIn(params: AlertParams | undefined): string[] {
  return String(params?.['deliveries'] ?? '')
    .split(' ')
    .filter((id) => id !== '')
}
