import type { Config, RouteRule } from '../core/config.ts'
import type { Intake, Journal, NewDelivery, QueueEntry, Statement } from '../core/journal.ts'
import { roleOf, type VisitRole, visitNumber } from '../formats/hl7v2/movement.ts'
import { searchKey } from './keys.ts'
import type { Reading } from './reading.ts'

/** Before the key of a visit among the order keys of its admissions and movements. */
const VISIT = 'VISIT:'
/** Visits that one question asks for. */
const ASKED_AT_ONCE = 20
/** Visits known by heart: those of some days of a region. */
const KNOWN_BY_HEART = 50_000
/** A movement of a visit known by heart renews its row this often (ms), so that a long stay is not forgotten. */
const RENEW_MS = 86_400_000

/** A message's visit, and what the message is to it. */
export interface Visit {
  readonly role: VisitRole
  /** HMAC of the establishment and the number: what it is kept under. */
  readonly key: string
}

/** The visit of an admission or a movement; null: it is neither, names none, or nothing waits for admissions anyway. */
export function visitOf({ header, message, establishment }: Reading, config: Config, secret: Uint8Array): Visit | null {
  const role = roleOf(header.kind)
  if (role === null || !config.routes.some(awaits)) return null
  const number = visitNumber(message)
  if (number === null) return null
  return { role, key: searchKey(secret, `visit|${establishment.id}|${number.authority}`, number.id) }
}

const awaits = ({ awaitAdmissionMs }: RouteRule): boolean => awaitAdmissionMs > 0

/** Which visits were admitted, as far as this node saw it lately: movements of them need not wait for anything. */
export class KnownVisits {
  readonly #atMs = new Map<string, number>()

  /** An admission of it was committed. */
  note(key: string, nowMs: number): void {
    this.#atMs.delete(key)
    this.#atMs.set(key, nowMs)
    const [oldest] = this.#atMs.keys()
    if (this.#atMs.size > KNOWN_BY_HEART && oldest !== undefined) this.#atMs.delete(oldest)
  }

  has(key: string, nowMs: number): boolean {
    const atMs = this.#atMs.get(key)
    return atMs !== undefined && nowMs - atMs < RENEW_MS
  }
}

/** What a visit adds to its message's intake: an order key, its row, and the wait of deliveries. */
export interface Awaiting {
  readonly deliveries: readonly NewDelivery[]
  readonly rows: readonly Statement[]
}

/**
 * A movement waits, unless its visit is known here: its deliveries are due only after the delay, with the code that says
 * why, and whoever sends them asks the store whether the admission has come. So nothing is asked before the answer, and an
 * admission that is committed at the same time, by whichever node, is missed by nobody. Urgent deliveries, and those of a
 * destination that keeps no order by patient, do not wait. An admission leaves its row. Pure. */
export function awaiting(
  visit: Visit,
  deliveries: readonly NewDelivery[],
  { config, nowMs, known }: { readonly config: Config; readonly nowMs: number; readonly known: boolean },
): Awaiting {
  if (known) return { deliveries, rows: [] }
  if (visit.role === 'admission') return { deliveries, rows: [visitRow(visit.key, 0, nowMs)] }
  const waiting = deliveries.map((one) => {
    const waitMs = config.routes.find(({ name }) => name === one.route)?.awaitAdmissionMs ?? 0
    const ordered = config.destinations.get(one.destination)?.order === 'patient'
    if (waitMs === 0 || !ordered || one.lane === 'urgent' || one.state !== 'queued') return one
    return { ...one, dueAtMs: nowMs + waitMs, code: 'ADMISSION_AWAITED' } satisfies NewDelivery
  })
  const untilMs = Math.max(...waiting.map(({ code, dueAtMs }) => (code === 'ADMISSION_AWAITED' ? dueAtMs : 0)))
  return { deliveries: waiting, rows: untilMs === 0 ? [] : [visitRow(visit.key, untilMs, nowMs)] }
}

/** The intake with the order key of its visit, by which its queue knows what waits for what. */
export function ofVisit(intake: Intake, { key }: Visit, { rows }: Pick<Awaiting, 'rows'>): Intake {
  return { ...intake, orderKeys: [...intake.orderKeys, VISIT + key], rows: [...intake.rows, ...rows] }
}

/** Of two notes about a visit the earlier `until` stays: 0 once it is admitted, else the end of the first wait. */
function visitRow(key: string, untilMs: number, nowMs: number): Statement {
  return {
    sql: `INSERT INTO visit (visit, until_ms, at_ms) VALUES (?, ?, ?) ON CONFLICT (visit) DO UPDATE SET
      until_ms = CASE WHEN excluded.until_ms < visit.until_ms THEN excluded.until_ms ELSE visit.until_ms END,
      at_ms = excluded.at_ms`,
    parameters: [key, untilMs, nowMs],
  }
}

/** The visit among the keys of a delivery, as an order key, or null. */
export function visitIn(keys: readonly string[]): string | null {
  return keys.find((key) => key.startsWith(VISIT)) ?? null
}

/** Does the delivery still stand as a movement that waits for its admission? */
export function isAwaiting({ lastCode, state, attempts }: QueueEntry): boolean {
  return lastCode === 'ADMISSION_AWAITED' && state === 'queued' && attempts === 0
}

/** Is it a delivery of an admission? */
export function isAdmission({ kind }: QueueEntry): boolean {
  return roleOf(kind) === 'admission'
}

/**
 * Until when a movement of each of these visits waits, by their order keys: 0 where one was admitted, absent where nothing is
 * known of it. */
export async function waitsOf(
  journal: Pick<Journal, 'look'>,
  orderKeys: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const keys = [...new Set(orderKeys)].map((key) => key.slice(VISIT.length))
  const found = new Map<string, number>()
  const marks = Array.from({ length: ASKED_AT_ONCE }, () => '?').join(', ')
  for (let at = 0; at < keys.length; at += ASKED_AT_ONCE) {
    const page = keys.slice(at, at + ASKED_AT_ONCE)
    // One statement for all: the last key fills what is left.
    const parameters = Array.from({ length: ASKED_AT_ONCE }, (_, i) => page[i] ?? page.at(-1)!)
    const rows = await journal.look<{ visit: string; until_ms: number }>({
      sql: `SELECT visit, until_ms FROM visit WHERE visit IN (${marks})`,
      parameters,
    })
    for (const row of rows) found.set(VISIT + row.visit, Number(row.until_ms))
  }
  return found
}

/** Removes the visits of which nothing has been heard since a time, at most so many at a time. */
export function forgetVisits(beforeMs: number, maxRows: number): Statement {
  return {
    sql: 'DELETE FROM visit WHERE visit IN (SELECT visit FROM visit WHERE at_ms < ? ORDER BY at_ms LIMIT ?)',
    parameters: [beforeMs, maxRows],
  }
}
