import type { AlertViews } from '../../core/alerts.ts'
import type { Config } from '../../core/config.ts'
import type { Journal } from '../../core/journal.ts'
import type { CertificateEnd, Heard, OverviewViews, TrafficPoint } from '../../core/overview.ts'
import type { Clock } from '../../core/ports.ts'
import type { Status } from '../../core/views.ts'
import { lastSeen, usualSilences } from './facts.ts'
import { quantileMs } from './latency.ts'
import { rulesOf } from './rules.ts'
import { HOUR_MS, MINUTE_MS, REGION } from './tally.ts'

const DAY_MS = 24 * HOUR_MS
/** One step of a chart (ms). */
export const STEP_MS = 5 * MINUTE_MS
/** What changes slowly is asked for so often at most (ms). */
const SLOWLY_MS = 30_000
/** Two pictures are not made closer together than this (ms). */
const PICTURE_MS = 400

/** What the overview is made over. */
export interface OverviewParts {
  readonly journal: Pick<Journal, 'look' | 'read'>
  readonly config: () => Config
  readonly status: () => Promise<Status>
  readonly alerts: AlertViews
  readonly certificates: () => readonly CertificateEnd[]
  readonly clock: Clock
  /** How old a picture may be that is shared; absent: PICTURE_MS. */
  readonly pictureMs?: number
}

/** Questions of the overview. Answers are shared by everybody who asks at about the same time. */
export function overviewViews(parts: OverviewParts): OverviewViews {
  const { journal, config, status, alerts, certificates, clock, pictureMs = PICTURE_MS } = parts
  const usual = shared(SLOWLY_MS, clock, () =>
    usualSilences(journal, clock.nowMs(), config(), rulesOf(config()).silence),
  )
  const day = shared(SLOWLY_MS, clock, () => dayOf(journal, clock.nowMs()))
  const points = shared(SLOWLY_MS, clock, () => pointsOf(journal, clock.nowMs()))
  const picture = shared(pictureMs, clock, async () => {
    const [now, seen, limits, counted, page] = await Promise.all([
      status(),
      lastSeen(journal),
      usual(),
      day(),
      alerts.list({ limit: 500 }, null),
    ])
    const ids = [...config().establishments.keys()]
    const heard = new Map(
      ids.map((id): [string, Heard] => {
        const { received = 0, refused = 0 } = counted.get(id) ?? {}
        return [id, { received, refused, lastAtMs: seen.get(id) ?? null, usualMs: limits.get(id) ?? null }]
      }),
    )
    return { status: now, heard, alerts: page.alerts.filter(({ state }) => state !== 'ended') }
  })
  return {
    picture,
    traffic: points,
    certificates: () => certificates().toSorted((a, b) => a.endsAtMs - b.endsAtMs),
  }
}

/** Asks once for all who ask within `ms`. */
function shared<T>(ms: number, clock: Clock, ask: () => Promise<T>): () => Promise<T> {
  let asked: { readonly atMs: number; readonly answer: Promise<T> } | null = null
  return () => {
    const nowMs = clock.monotonicMs()
    if (asked !== null && nowMs - asked.atMs < ms) return asked.answer
    const mine = { atMs: nowMs, answer: ask() }
    asked = mine
    mine.answer.catch(() => {
      if (asked === mine) asked = null
    })
    return mine.answer
  }
}

async function dayOf({ read }: OverviewParts['journal'], nowMs: number) {
  const rows = await read<{ subject: string; name: string; n: number }>({
    sql: `SELECT subject, name, SUM(n) AS n FROM traffic WHERE span = ? AND at_ms > ? AND name IN ('received', 'refused')
      GROUP BY subject, name`,
    parameters: [HOUR_MS, nowMs - DAY_MS],
  })
  const found = new Map<string, { received?: number; refused?: number }>()
  for (const { subject, name, n } of rows) found.set(subject, { ...found.get(subject), [name]: Number(n) })
  return found
}

async function pointsOf({ read }: OverviewParts['journal'], nowMs: number): Promise<readonly TrafficPoint[]> {
  const endMs = nowMs - (nowMs % STEP_MS)
  const firstMs = endMs - DAY_MS + STEP_MS
  const rows = await read<{ step: number; name: string; n: number }>({
    sql: `SELECT at_ms / ${STEP_MS} AS step, name, SUM(n) AS n FROM traffic
      WHERE span = ? AND at_ms >= ? AND subject = ? GROUP BY at_ms / ${STEP_MS}, name`,
    parameters: [MINUTE_MS, firstMs, REGION],
  })
  const steps = new Map<number, Map<string, number>>()
  for (const { step, name, n } of rows) {
    const atMs = Number(step) * STEP_MS
    const counts = steps.get(atMs) ?? new Map<string, number>()
    steps.set(atMs, counts.set(name, Number(n)))
  }
  return Array.from({ length: DAY_MS / STEP_MS }, (_, i): TrafficPoint => {
    const atMs = firstMs + i * STEP_MS
    const counts = steps.get(atMs) ?? new Map<string, number>()
    return {
      atMs,
      received: counts.get('received') ?? 0,
      refused: counts.get('refused') ?? 0,
      delivered: counts.get('delivered') ?? 0,
      p50Ms: quantileMs(counts, 0.5),
      p95Ms: quantileMs(counts, 0.95),
    }
  })
}
