import type { AlertKind, AlertParams, Severity } from '../../core/alerts.ts'
import type { AlertRules, Config } from '../../core/config.ts'
import type { ErrorCode } from '../../core/errors.ts'
import type { Counts } from '../../core/journal.ts'
import type { DestinationId } from '../../core/message.ts'
import type { CertificateEnd } from '../../core/overview.ts'
import { type DutyFacts, dutyConditions } from './duty.ts'
import { silenceLimit } from './silence.ts'

const DAY_MS = 86_400_000

/** What is watched, at one time. Ms since 1970, durations ms. */
export interface Facts {
  readonly nowMs: number
  readonly counts: Counts
  readonly paused: ReadonlySet<DestinationId>
  /** By establishment: how long nothing came, and what is usual at this hour of the week (null: not learned). */
  readonly silences: ReadonlyMap<string, { readonly silentMs: number; readonly usualMs: number | null }>
  /** What was counted in the last ten minutes, by establishment or destination. */
  readonly recent: ReadonlyMap<string, Recent>
  readonly certificates: readonly CertificateEnd[]
  /** Free space of the store's disk (bytes); null: not this node's to watch. */
  readonly freeBytes: number | null
  readonly reserveBytes: number
  /** Channels whose notices failed at least three times in a row. */
  readonly silentChannels: readonly string[]
  readonly duty: DutyFacts
  /** What other rooms watch by themselves. */
  readonly others?: readonly Condition[]
}

/** Counts of one establishment (received, refused) or destination (delivered, failed, unreached). */
export interface Recent {
  readonly received: number
  readonly refused: number
  readonly delivered: number
  readonly failed: number
  readonly unreached: number
}

/** Something that people should look at, whether it just happened or lasts. */
export interface Condition {
  /** Equal for the same cause. */
  readonly cause: string
  readonly kind: AlertKind
  readonly severity: Severity
  readonly code: ErrorCode
  readonly subject: string
  readonly establishment: string | null
  readonly params: AlertParams
}

/** Everything that is not as it should be, each cause once. Pure. */
export function conditionsOf(facts: Facts, config: Config, rules: AlertRules): Condition[] {
  return [
    ...conservation(facts),
    ...disk(facts),
    ...silences(facts, config, rules),
    ...[...facts.counts.destinations].flatMap(([id, queue]) => ofDestination(id, queue, facts, rules)),
    ...refusals(facts, config, rules),
    ...certificates(facts),
    ...facts.silentChannels.map((channel) => ofRegion('notice', 'important', 'NOTICE_UNSENT', channel, {})),
    ...dutyConditions(facts.duty, facts.nowMs),
    ...(facts.others ?? []),
  ]
}

function ofRegion(
  kind: AlertKind,
  severity: Severity,
  code: ErrorCode,
  subject: string,
  params: AlertParams,
): Condition {
  return { cause: `${kind}:${subject}`, kind, severity, code, subject, establishment: null, params }
}

/** Whose establishment a destination is. */
export function establishmentOf(destination: DestinationId): string {
  return destination.split('/', 1)[0] ?? destination
}

function conservation({ counts: { received, closed, inFlight, parked } }: Facts): Condition[] {
  const difference = received - closed - inFlight - parked
  return difference === 0 ? [] : [ofRegion('conservation', 'urgent', 'NOT_CONSERVED', '*', { difference })]
}

function disk({ freeBytes, reserveBytes }: Facts): Condition[] {
  if (freeBytes === null || freeBytes >= 2 * reserveBytes) return []
  const params = { freeBytes, reserveBytes }
  return freeBytes < reserveBytes
    ? [ofRegion('disk', 'urgent', 'DISK_LOW', '*', params)]
    : [ofRegion('disk', 'important', 'DISK_NEARLY_LOW', '*', params)]
}

function silences({ silences: known }: Facts, { establishments }: Config, { silence }: AlertRules): Condition[] {
  return [...known].flatMap(([id, { silentMs, usualMs }]): Condition[] => {
    const limitMs = silenceLimit(usualMs, silence)
    if (limitMs === null || silentMs <= limitMs || !establishments.has(id)) return []
    const params = { silentMs: roundMinute(silentMs), usualMs: usualMs ?? 0 }
    return [
      {
        cause: `silence:${id}`,
        kind: 'silence',
        severity: 'important',
        code: 'SILENT',
        subject: id,
        establishment: id,
        params,
      },
    ]
  })
}

type Queue = Counts['destinations'] extends ReadonlyMap<string, infer Q> ? Q : never

function ofDestination(id: DestinationId, queue: Queue, facts: Facts, rules: AlertRules): Condition[] {
  const found: Condition[] = []
  const add = (kind: AlertKind, severity: Severity, code: ErrorCode, params: AlertParams): void => {
    const establishment = establishmentOf(id)
    found.push({ cause: `${kind}:${id}`, kind, severity, code, subject: id, establishment, params })
  }
  if (queue.parked > 0) add('parked', 'important', 'WORK_PARKED', { count: queue.parked })
  // Whoever paused it knows why nothing leaves.
  if (facts.paused.has(id)) return found
  const ageMs = queue.oldestOpenAtMs === null ? 0 : facts.nowMs - queue.oldestOpenAtMs
  if (ageMs > rules.queueAgeMs)
    add('queue-age', 'important', 'QUEUE_OLD', { ageMs: roundMinute(ageMs), count: queue.open })
  const recent = facts.recent.get(id)
  if (recent === undefined) return found
  const { delivered, failed, unreached } = recent
  if (unreached > 0 && delivered === 0 && queue.open > 0) {
    add('unreachable', 'important', 'UNREACHED', { count: unreached })
  } else if (isMuch(failed, delivered + failed, rules)) {
    add('error-rate', 'important', 'ERROR_RATE', { failed, of: delivered + failed })
  }
  return found
}

function refusals({ recent }: Facts, { establishments }: Config, rules: AlertRules): Condition[] {
  return [...establishments.keys()].flatMap((id): Condition[] => {
    const { received = 0, refused = 0 } = recent.get(id) ?? {}
    if (!isMuch(refused, received + refused, rules)) return []
    const params = { failed: refused, of: received + refused }
    const about = { subject: id, establishment: id, params }
    return [{ cause: `error-rate:${id}`, kind: 'error-rate', severity: 'important', code: 'REFUSAL_RATE', ...about }]
  })
}

const isMuch = (failed: number, of: number, { errorShare, errorLeast }: AlertRules): boolean =>
  of >= errorLeast && failed / of >= errorShare

function certificates({ certificates: shown, nowMs }: Facts): Condition[] {
  return shown.flatMap(({ part, endsAtMs }): Condition[] => {
    const days = Math.floor((endsAtMs - nowMs) / DAY_MS)
    if (days >= 60) return []
    const severity: Severity = days < 7 ? 'urgent' : days < 30 ? 'important' : 'info'
    const params = { endsAt: new Date(endsAtMs).toISOString(), days: Math.max(0, days) }
    const establishment = part.includes('/') ? establishmentOf(part) : null
    return [{ ...ofRegion('certificate', severity, 'CERTIFICATE_EXPIRES', part, params), establishment }]
  })
}

/** So that a value which only grows older is not news at every look. */
function roundMinute(ms: number): number {
  return ms - (ms % 60_000)
}
