import { GatewayError } from '../core/errors.ts'
import type { NewEvent, SqlValue, Statement } from '../core/journal.ts'
import type { DestinationId, MessageId } from '../core/message.ts'
import type { ReplayAsk, ReplayStep } from '../core/operations.ts'
import type { Log } from '../core/ports.ts'
import type { ReplayCounts, ReplayRequest, ReplayRequests, ReplaySubject, RequestState } from '../core/treat.ts'
import type { MakeCommands } from '../core/views.ts'
import { lastOf, replayOne, replayStep, STEP } from './replay.ts'
import { isoTime } from './views/list.ts'

/** How long a request waits for its second person (ms). */
export const REQUEST_MS = 24 * 3_600_000
/** Steps of a dry run: whoever asks waits for them. */
const MOST_STEPS = 100
/** Requests that a list holds. */
const LISTED = 100

type Parts = Parameters<MakeCommands>[0] & { readonly log: Log }
type Subject = ReplaySubject | { readonly filter: ReplayAsk['filter'] }

interface Row {
  readonly id: string
  readonly at_ms: number
  readonly who: string
  readonly why: string
  readonly destination: string
  readonly subject: string
  readonly counts: string
  readonly expires_at_ms: number
  readonly state: Exclude<RequestState, 'expired'>
  readonly decided_at_ms: number | null
  readonly decided_by: string | null
  readonly decided_why: string | null
  readonly place: string
  readonly done: number
}

/**
 * Replays to a destination that the messages did not have. One person asks, another lets it run: the store itself refuses
 * the same name twice. Each step of the run moves its place in the same commit, so that it is made once, whichever node
 * goes on with it. */
export function replayRequests(parts: Parts): ReplayRequests {
  const { journal, clock, ids } = parts
  const found = async (id: string): Promise<Row> => {
    const row = await rowOf(parts, id)
    if (row === null) throw new GatewayError('NOT_FOUND')
    return row
  }
  const shown = async (id: string): Promise<ReplayRequest> => requestOf(await found(id), clock.nowMs())
  const told = (what: string, row: Pick<Row, 'id' | 'subject' | 'destination'>, who: string, why: string): NewEvent => {
    const subject = JSON.parse(row.subject) as ReplaySubject
    const message = 'message' in subject ? subject.message : null
    const detail = `${row.id} ${row.destination}`
    return { atMs: clock.nowMs(), who, what, why, code: null, message, delivery: null, detail }
  }
  return {
    counts: (subject, to) => countsOf(parts, subject, to),
    elsewhere: (message, to) => goesElsewhere(parts, message, to),
    async ask(subject, to, why, who) {
      if ('filter' in subject && holdsPatient(subject.filter)) throw new GatewayError('BAD_REQUEST')
      const counts = await countsOf(parts, subject, to)
      const row = { id: ids.uuid(), subject: JSON.stringify(subject), destination: to }
      const atMs = clock.nowMs()
      const values: SqlValue[] = [row.id, atMs, who, why, to, row.subject, JSON.stringify(counts), atMs + REQUEST_MS]
      const insert: Statement = {
        sql: `INSERT INTO replay_request (id, at_ms, who, why, destination, subject, counts, expires_at_ms, state, place, done)
          VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'asked', '', 0)`,
        parameters: values,
        rows: 1,
      }
      await journal.apply({ rows: [insert], events: [told('ask-replay', row, who, why)] })
      return shown(row.id)
    },
    async approve(id, who, why) {
      const row = await found(id)
      if (row.who === who) throw new GatewayError('SECOND_PERSON')
      const decide = decided(id, 'running', who, why, clock.nowMs(), ' AND who <> ?', [who])
      const events = [told('approve-replay', row, who, why)]
      if (!(await journal.apply({ rows: [decide], events }))) throw new GatewayError('WRONG_STATE')
      runBehind(parts, id)
      return shown(id)
    },
    async refuse(id, who, why) {
      const row = await found(id)
      const decide = decided(id, 'refused', who, why, clock.nowMs())
      const events = [told('refuse-replay', row, who, why)]
      if (!(await journal.apply({ rows: [decide], events }))) throw new GatewayError('WRONG_STATE')
      return shown(id)
    },
    async goOn(id, who) {
      const row = await found(id)
      if (row.state !== 'running') throw new GatewayError('WRONG_STATE')
      await journal.apply({ events: [told('continue-replay', row, who, '')] })
      runBehind(parts, id)
      return shown(id)
    },
    async all() {
      const rows = await journal.look<Row>({
        sql: `SELECT * FROM replay_request ORDER BY at_ms DESC LIMIT ${LISTED}`,
        parameters: [],
      })
      return rows.map((row) => requestOf(row, clock.nowMs()))
    },
    async one(id) {
      const row = await rowOf(parts, id)
      return row === null ? null : requestOf(row, clock.nowMs())
    },
  }
}

function holdsPatient(filter: ReplayAsk['filter']): boolean {
  return filter.patient !== undefined || filter.patients !== undefined
}

function decided(
  id: string,
  state: 'running' | 'refused',
  who: string,
  why: string,
  atMs: number,
  also = '',
  values: readonly SqlValue[] = [],
): Statement {
  return {
    sql: `UPDATE replay_request SET state = ?, decided_at_ms = ?, decided_by = ?, decided_why = ?
      WHERE id = ? AND state = 'asked' AND expires_at_ms > ?${also}`,
    parameters: [state, atMs, who, why, id, atMs, ...values],
    rows: 1,
  }
}

async function rowOf({ journal }: Parts, id: string): Promise<Row | null> {
  const [row] = await journal.look<Row>({ sql: 'SELECT * FROM replay_request WHERE id = ?', parameters: [id] })
  return row ?? null
}

function requestOf(row: Row, nowMs: number): ReplayRequest {
  const expiresAtMs = Number(row.expires_at_ms)
  return {
    id: row.id,
    askedAt: isoTime(Number(row.at_ms)),
    askedBy: row.who,
    why: row.why,
    to: row.destination,
    subject: JSON.parse(row.subject) as ReplaySubject,
    counts: JSON.parse(row.counts) as ReplayCounts,
    expiresAt: isoTime(expiresAtMs),
    state: row.state === 'asked' && expiresAtMs <= nowMs ? 'expired' : row.state,
    decidedAt: row.decided_at_ms === null ? null : isoTime(Number(row.decided_at_ms)),
    decidedBy: row.decided_by,
    decidedWhy: row.decided_why,
    done: Number(row.done),
  }
}

async function goesElsewhere({ journal }: Parts, message: MessageId, to: DestinationId): Promise<boolean> {
  const olds = await lastOf(journal, message)
  return olds !== null && !olds.some(({ destination }) => destination === to)
}

/** What a replay would make, step by step, none of it made. */
async function countsOf(parts: Parts, subject: Subject, to: DestinationId | null): Promise<ReplayCounts> {
  if ('message' in subject) return countsOfOne(parts, subject.message, to)
  let counts: ReplayCounts = { messages: 0, deliveries: {}, doubles: 0, skipped: {}, whole: true }
  let after: string | null = null
  for (let n = 0; n < MOST_STEPS; n++) {
    const ask: ReplayAsk = { filter: subject.filter, to, dryRun: true, reason: '', after }
    const step: ReplayStep = await replayStep(parts, ask, '')
    counts = {
      messages: counts.messages + step.messages,
      deliveries: sums(counts.deliveries, step.deliveries),
      doubles: counts.doubles + step.doubles,
      skipped: sums(counts.skipped, step.skipped),
      whole: step.next === null,
    }
    if (step.next === null) return counts
    after = step.next
  }
  return counts
}

function sums(...of: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const all: Record<string, number> = {}
  for (const [name, n] of of.flatMap((one) => Object.entries(one))) all[name] = (all[name] ?? 0) + n
  return all
}

async function countsOfOne(parts: Parts, message: MessageId, to: DestinationId | null): Promise<ReplayCounts> {
  const { deliveries, left } = await replayOne(parts, message, { to, dryRun: true, reason: '' }, '')
  const olds = (await lastOf(parts.journal, message)) ?? []
  const delivered = new Set(olds.filter(({ state }) => state === 'delivered').map(({ id }) => id))
  return {
    messages: 1,
    deliveries: sums({}, ...deliveries.map(({ destination }) => ({ [destination]: 1 }))),
    doubles: deliveries.filter(({ replayOf }) => replayOf !== null && delivered.has(replayOf)).length,
    skipped: left.length === 0 ? {} : { platform: left.length },
    whole: true,
  }
}

/** Goes on until it is done, or another node has taken a step of it. */
function runBehind(parts: Parts, id: string): void {
  const again = async (): Promise<void> => {
    while (await runStep(parts, id));
  }
  again().catch((fault: unknown) => parts.log.error('replay.stopped', {}, fault))
}

/** One step of a request that runs; true when there is another. */
async function runStep(parts: Parts, id: string): Promise<boolean> {
  const row = await rowOf(parts, id)
  if (row === null || row.state !== 'running') return false
  const subject = JSON.parse(row.subject) as ReplaySubject
  const moved = (next: string | null, messages: number): Statement => ({
    sql: `UPDATE replay_request SET place = ?, done = done + ?, state = ?
      WHERE id = ? AND state = 'running' AND place = ?`,
    parameters: [next ?? '', messages, next === null ? 'done' : 'running', id, row.place],
    rows: 1,
  })
  if ('message' in subject) {
    const ask = { to: row.destination, dryRun: false, reason: row.why }
    await replayOne(parts, subject.message, ask, row.who, [moved(null, 1)])
    return false
  }
  const after = row.place === '' ? null : row.place
  const ask: ReplayAsk = { filter: subject.filter, to: row.destination, dryRun: false, reason: row.why, after }
  const { next } = await replayStep(parts, ask, row.who, (step) => [moved(step.next, step.messages)])
  return next !== null
}

/** Messages that a dry run goes through at most. */
export const MOST_COUNTED = MOST_STEPS * STEP
