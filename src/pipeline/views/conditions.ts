import { type RawBuilder, sql } from 'kysely'
import { GatewayError } from '../../core/errors.ts'
import { type DestinationId, type MessageState, OPEN_STATES } from '../../core/message.ts'
import { ENTRANCES, type MessageFilter, type Scope } from '../../core/views.ts'
import { searchKey } from '../keys.ts'

/** A piece of a statement. Messages are `m` in it. */
export type Sql = RawBuilder<unknown>

/** Entries of one index that end with the seq of their message, and so come newest first by themselves. */
export interface Stream {
  readonly from: Sql
  readonly where: Sql
  readonly seq: Sql
  /** Brings `m` in, where the index is of another table. */
  readonly join: Sql | null
}

/**
 * A condition of a search. `lead`: streams that together hold every message that meets it, and perhaps others; none: no
 * message meets it; null: it cannot lead. */
export interface Condition {
  readonly test: Sql
  readonly lead: readonly Stream[] | null
  /** The streams are in another order than that of seq. */
  readonly unordered?: boolean
}

/** What must be known of the region to put conditions into SQL. */
export interface Known {
  readonly secret: Uint8Array
  readonly destinations: readonly DestinationId[]
  /** The kinds that a `kind` ending in `*` stands for, among those in the store. */
  readonly kinds: readonly string[]
}

function ofMessages(index: string, where: Sql): Stream {
  return { from: sql`message AS m INDEXED BY ${sql.ref(index)}`, where, seq: sql`m.seq`, join: null }
}

function through(from: Sql, where: Sql): Stream {
  return {
    from: sql`${from}`,
    where,
    seq: sql`x.message_seq`,
    join: sql`CROSS JOIN message AS m ON m.seq = x.message_seq`,
  }
}

function toDestination(destination: DestinationId): Stream {
  return through(sql`delivery AS x INDEXED BY delivery_destination`, sql`x.destination = ${destination}`)
}

/** The destinations that `to` means: one, or all of an establishment. */
function meant(to: string, { destinations }: Known): readonly DestinationId[] {
  return destinations.filter((id) => id === to || id.startsWith(`${to}/`))
}

/** `to` and `code` mean one and the same delivery. Each may lead, so there is a condition of each, with one test. */
function deliveryConditions({ to, code }: MessageFilter, known: Known): { byCode: Condition[]; byPlace: Condition[] } {
  const places = to === undefined ? [] : meant(to, known)
  const at = places.length === 0 ? sql`` : sql` AND e.destination IN (${sql.join(places)})`
  const failed = code === undefined ? sql`` : sql` AND e.last_code = ${code}`
  const test = sql`EXISTS (SELECT 1 FROM delivery AS e WHERE e.message_seq = m.seq${at}${failed})`
  const withCode = through(
    sql`delivery AS x INDEXED BY delivery_code`,
    sql`x.last_code IS NOT NULL AND x.last_code = ${code ?? null}`,
  )
  return {
    byCode: code === undefined ? [] : [{ test, lead: [withCode] }],
    byPlace: to === undefined ? [] : [{ test, lead: places.map(toDestination) }],
  }
}

/** What an establishment may see: what it sent, and what has a delivery to it. */
function visible(scope: string, known: Known): Condition {
  const places = meant(scope, known)
  const sent = places.map(
    (id) => sql` OR EXISTS (SELECT 1 FROM delivery AS v WHERE v.message_seq = m.seq
    AND v.destination = ${id})`,
  )
  return {
    test: sql`(m.establishment = ${scope}${sql.join(sent, sql``)})`,
    lead: [ofMessages('message_sender', sql`m.establishment = ${scope}`), ...places.map(toDestination)],
  }
}

function patientCondition(patient: string, secret: Uint8Array): Condition {
  const bar = patient.indexOf('|')
  if (bar < 0 || bar === patient.length - 1) throw new GatewayError('BAD_REQUEST')
  const key = searchKey(secret, patient.slice(0, bar), patient.slice(bar + 1))
  return {
    test: sql`(EXISTS (SELECT 1 FROM message_key AS k
        WHERE k.bucket = (m.seq >> 16) AND k.search_key = ${key} AND k.message_seq = m.seq)
      OR EXISTS (SELECT 1 FROM message_key_new AS n WHERE n.message_seq = m.seq AND n.search_key = ${key}))`,
    // New keys are in a small table of their own until they are sorted in, bucket by bucket.
    lead: [
      through(
        sql`(SELECT k.message_seq FROM message_bucket AS b
          JOIN message_key AS k ON k.bucket = b.n AND k.search_key = ${key}) AS x`,
        sql`1 = 1`,
      ),
      through(sql`message_key_new AS x`, sql`x.search_key = ${key}`),
    ],
  }
}

/** `ADT^*` as the text range that all of its kinds lie in. */
export function kindRange(kind: string): { readonly from: string; readonly below: string } {
  const prefix = kind.slice(0, -1)
  return { from: prefix, below: `${prefix}\u{10ffff}` }
}

/** Above this many kinds a search by prefix does not lead: too many streams for one statement. */
const MOST_STREAMS = 100

function kindCondition(kind: string, { kinds }: Known): Condition {
  const ofKind = (one: string) => ofMessages('message_kind', sql`m.kind = ${one}`)
  if (!kind.endsWith('*')) return { test: sql`m.kind = ${kind}`, lead: [ofKind(kind)] }
  const { from, below } = kindRange(kind)
  const test = sql`(m.kind >= ${from} AND m.kind < ${below})`
  return kinds.length > MOST_STREAMS ? { test, lead: null } : { test, lead: kinds.map(ofKind) }
}

function doorCondition({ entrance, test }: MessageFilter): Condition[] {
  const tests = test === undefined ? [0, 1] : [test ? 1 : 0]
  const doors = entrance === undefined ? ENTRANCES : [entrance]
  const lead = doors.flatMap((door) =>
    tests.map((one) => ofMessages('message_door', sql`m.entrance = ${door} AND m.test = ${one}`)),
  )
  return [
    ...(entrance === undefined ? [] : [{ test: sql`m.entrance = ${entrance}`, lead }]),
    ...(test === undefined ? [] : [{ test: sql`m.test = ${test ? 1 : 0}`, lead }]),
  ]
}

function sizeCondition({ minBytes = 0, maxBytes = Number.MAX_SAFE_INTEGER }: MessageFilter): Condition {
  const test = sql`m.bytes BETWEEN ${minBytes} AND ${maxBytes}`
  return { test, lead: [ofMessages('message_size', test)], unordered: true }
}

/** Closed are most of them as a rule: that never leads. What is in flight is found by the queues of its deliveries. */
function stateCondition(state: MessageState, { destinations }: Known): Condition {
  // Written out, not bound: only then does SQLite use the index of parked messages.
  const test = sql`m.state = ${sql.lit(state)}`
  if (state === 'closed') return { test, lead: null }
  if (state === 'parked') return { test, lead: [ofMessages('message_parked', test)] }
  const queued = (destination: DestinationId) =>
    through(
      sql`delivery AS x INDEXED BY delivery_queue`,
      sql`x.holds = 1 AND x.destination = ${destination} AND x.state IN (${sql.join(OPEN_STATES)})`,
    )
  return { test, lead: destinations.map(queued), unordered: true }
}

/** Every condition of a filter, those that few messages meet as a rule first. @throws {GatewayError} BAD_REQUEST */
export function conditionsOf(filter: MessageFilter, scope: Scope, known: Known): readonly Condition[] {
  const { patient, controlId, finding, from, kind, state, minBytes, maxBytes, sinceMs, untilMs } = filter
  const deliveries = deliveryConditions(filter, known)
  const all: Condition[] = []
  const add = (wanted: boolean, make: () => Condition | Condition[]) => {
    if (wanted) all.push(...[make()].flat())
  }
  const equal = (index: string, test: Sql): Condition => ({ test, lead: [ofMessages(index, test)] })
  add(patient !== undefined, () => patientCondition(patient!, known.secret))
  add(controlId !== undefined, () => equal('message_control_id', sql`m.control_id = ${controlId}`))
  add(finding !== undefined, () => ({
    test: sql`EXISTS (SELECT 1 FROM message_finding AS f WHERE f.code = ${finding} AND f.message_seq = m.seq)`,
    lead: [through(sql`message_finding AS x`, sql`x.code = ${finding}`)],
  }))
  add(true, () => deliveries.byCode)
  add(from !== undefined, () => equal('message_sender', sql`m.establishment = ${from}`))
  add(kind !== undefined, () => kindCondition(kind!, known))
  // After those whose index alone answers: a delivery's index leads to the message's row.
  add(true, () => deliveries.byPlace)
  add(scope !== null, () => visible(scope!, known))
  add(minBytes !== undefined || maxBytes !== undefined, () => sizeCondition(filter))
  add(true, () => doorCondition(filter))
  add(state !== undefined, () => stateCondition(state!, known))
  add(sinceMs !== undefined, () => ({ test: sql`m.received_at_ms >= ${sinceMs}`, lead: null }))
  add(untilMs !== undefined, () => ({ test: sql`m.received_at_ms <= ${untilMs}`, lead: null }))
  return all
}
