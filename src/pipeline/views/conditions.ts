import { sql } from 'kysely'
import { type Reach, reachesNothing } from '../../core/caller.ts'
import { GatewayError } from '../../core/errors.ts'
import { type DestinationId, type MessageState, OPEN_STATES, PARKED_STATES } from '../../core/message.ts'
import { ENTRANCES, type MessageFilter } from '../../core/views.ts'
import { searchKey } from '../keys.ts'
import { ofChildren, ofMessages, type Sql, type Stream, type Words } from '../sql/words.ts'

/** A condition of a search on the message `m`. */
export interface Condition {
  readonly test: Sql
  /**
   * Streams that together hold every message that meets it, and perhaps others; none: no message meets it; null: it
   * cannot lead. */
  readonly lead: readonly Stream[] | null
  /** The streams hold no other message, so those that they lead to need no test. */
  readonly exact?: boolean
  /** The streams are in another order than that of seq. */
  readonly unordered?: boolean
  /** The test has alternatives in other tables, so that no join can answer it: it is asked of each message. */
  readonly asked?: boolean
}

/** What must be known of the region and its store to put conditions into SQL. */
export interface Known {
  readonly words: Words
  readonly secret: Uint8Array
  readonly destinations: readonly DestinationId[]
  /** The kinds that a `kind` ending in `*` stands for, among those in the store. */
  readonly kinds: readonly string[]
}

function deliveries(words: Words, index: string, where: Sql): Stream {
  return ofChildren(words, words.from('delivery', 'x', index), where)
}

function toDestination(destination: DestinationId, words: Words): Stream {
  return deliveries(words, 'delivery_destination', sql`x.destination = ${destination}`)
}

/** The destinations that `to` means: one, or all of an establishment. */
function meant(to: string, { destinations }: Known): readonly DestinationId[] {
  return destinations.filter((id) => id === to || id.startsWith(`${to}/`))
}

/** The sides of a reach on which deliveries count: all of what `senders` sent, else those to `places`. */
interface Sides {
  readonly senders: readonly string[]
  readonly places: readonly DestinationId[]
}

/** Null: every delivery counts of whatever is visible. */
function sidesOf(reach: Reach | null, known: Known): Sides | null {
  if (reach === null || reach.applications !== null || reach.establishments === null || reachesNothing(reach))
    return null
  return { senders: reach.establishments, places: reach.establishments.flatMap((id) => meant(id, known)) }
}

/**
 * `to` and `code` mean one and the same delivery, one that the reach sees. Each may lead, so there is a condition of each,
 * with one test. */
function deliveryConditions(
  { to, code }: MessageFilter,
  reach: Reach | null,
  known: Known,
): { byCode: Condition[]; byPlace: Condition[] } {
  const { words } = known
  const sides = sidesOf(reach, known)
  const places = to === undefined ? [] : meant(to, known)
  const at = (alias: Sql) => (places.length === 0 ? sql`` : sql` AND ${alias}.destination IN (${sql.join(places)})`)
  const failed = (alias: Sql) => (code === undefined ? sql`` : sql` AND ${alias}.last_code = ${code}`)
  const [e, x] = [sql`e`, sql`x`]
  const exact = sides === null || (to !== undefined && places.every((id) => sides.places.includes(id)))
  const seen = exact ? sql`` : sql` AND (m.establishment ${oneOf(sides.senders)}${orTo(sides.places)})`
  const test = sql`EXISTS (SELECT 1 FROM delivery AS e WHERE ${sql.raw(words.of('e', 'm'))}${at(e)}${failed(e)}${seen})`
  const withCode = deliveries(words, 'delivery_code', sql`x.last_code IS NOT NULL${failed(x)}${at(x)}`)
  const there = places.map((id) => deliveries(words, 'delivery_destination', sql`x.destination = ${id}${failed(x)}`))
  return {
    byCode: code === undefined ? [] : [{ test, lead: [withCode], exact }],
    byPlace: to === undefined ? [] : [{ test, lead: there, exact }],
  }
}

function orTo(places: readonly DestinationId[]): Sql {
  return places.length === 0 ? sql`` : sql` OR e.destination ${oneOf(places)}`
}

/** Above so many destinations the deliveries of a message are read once, and not looked for in the index of each. */
const MOST_LOOKS = 4

/** What a reach shows: what its establishments sent, and what has a delivery to them. None: nothing. */
function visible(reach: Reach, known: Known): Condition | Condition[] {
  const { words } = known
  const { establishments, applications } = reach
  if (reachesNothing(reach)) return { test: sql`1 = 0`, lead: [] }
  if (applications !== null) return sentBy(establishments, applications, words)
  if (establishments === null) return []
  const places = establishments.flatMap((id) => meant(id, known))
  const to = (where: Sql) =>
    sql` OR EXISTS (SELECT 1 FROM ${places.length > MOST_LOOKS ? words.from('delivery', 'v', 'delivery_message') : sql`delivery AS v`}
      WHERE ${sql.raw(words.of('v', 'm'))} AND v.destination ${where})`
  const delivered =
    places.length > MOST_LOOKS ? [to(sql`IN (${sql.join(places)})`)] : places.map((id) => to(sql`= ${id}`))
  return {
    test: sql`(m.establishment ${oneOf(establishments)}${sql.join(delivered, sql``)})`,
    lead: [
      ...establishments.map((id) => ofMessages(words, 'message_sender', sql`m.establishment = ${id}`)),
      ...places.map((id) => toDestination(id, words)),
    ],
    exact: true,
    asked: true,
  }
}

/** What an editor's applications sent for these establishments. */
function sentBy(establishments: readonly string[] | null, applications: readonly string[], words: Words): Condition {
  const test = sql`m.application ${oneOf(applications)}`
  if (establishments === null) return { test, lead: null }
  return {
    test: sql`(m.establishment ${oneOf(establishments)} AND ${test})`,
    lead: establishments.map((id) =>
      ofMessages(words, 'message_sender', sql`m.establishment = ${id} AND m.application ${oneOf(applications)}`),
    ),
    exact: true,
  }
}

/**
 * A finding that the reach sees: of what others sent, none that speaks of a delivery to somebody else. What the index of codes
 * leads to is read again only then. */
function findingCondition(code: string, reach: Reach | null, known: Known): Condition {
  const { words } = known
  const bears = sql`EXISTS (SELECT 1 FROM message_finding AS f WHERE f.code = ${code} AND ${sql.raw(words.of('f', 'm'))})`
  const lead = [ofChildren(words, sql`message_finding AS x`, sql`x.code = ${code}`)]
  const sides = sidesOf(reach, known)
  if (sides === null) return { test: bears, lead, exact: true }
  const at = `(g.value ->> 'at')`
  const place = sql.raw(at)
  const own = sides.senders.map((id) => sql`${place} LIKE ${`${id}/%`}`)
  const seen = sql`EXISTS (SELECT 1 FROM ${words.findings()} WHERE g.value ->> 'code' = ${code}
    AND (${place} IS NULL OR NOT ${words.isDestination(at)} OR ${sql.join(own, sql` OR `)}))`
  return { test: sql`(${bears} AND (m.establishment ${oneOf(sides.senders)} OR ${seen}))`, lead }
}

function oneOf(values: readonly string[]): Sql {
  return values.length === 1 ? sql`= ${values[0]}` : sql`IN (${sql.join(values)})`
}

function patientCondition(patients: readonly string[], { secret, words }: Known): Condition {
  const keys = patients.map((patient) => {
    const bar = patient.indexOf('|')
    if (bar < 0 || bar === patient.length - 1) throw new GatewayError('BAD_REQUEST')
    return searchKey(secret, patient.slice(0, bar), patient.slice(bar + 1))
  })
  const test = sql`(${sql.join(
    keys.map((key) => words.bears(key)),
    sql` OR `,
  )})`
  return { test, lead: keys.flatMap((key) => words.bearing(key)), exact: true }
}

/** `ADT^*` as the text range that all of its kinds lie in. */
export function kindRange(kind: string): { readonly from: string; readonly below: string } {
  const prefix = kind.slice(0, -1)
  return { from: prefix, below: `${prefix}\u{10ffff}` }
}

/** Above this many kinds a search by prefix does not lead: too many streams for one statement. */
const MOST_STREAMS = 100

function kindCondition(kind: string, { kinds, words }: Known): Condition {
  const ofKind = (one: string) => ofMessages(words, 'message_kind', sql`m.kind = ${one}`)
  if (!kind.endsWith('*')) return { test: sql`m.kind = ${kind}`, lead: [ofKind(kind)], exact: true }
  const { from, below } = kindRange(kind)
  const test = sql`(m.kind >= ${from} AND m.kind < ${below})`
  return kinds.length > MOST_STREAMS ? { test, lead: null } : { test, lead: kinds.map(ofKind), exact: true }
}

function doorCondition({ entrance, test }: MessageFilter, { words }: Known): Condition[] {
  const tests = test === undefined ? [0, 1] : [test ? 1 : 0]
  const doors = entrance === undefined ? ENTRANCES : [entrance]
  const lead = doors.flatMap((door) =>
    tests.map((one) => ofMessages(words, 'message_door', sql`m.entrance = ${door} AND m.test = ${one}`)),
  )
  return [
    ...(entrance === undefined ? [] : [{ test: sql`m.entrance = ${entrance}`, lead, exact: true }]),
    ...(test === undefined ? [] : [{ test: sql`m.test = ${test ? 1 : 0}`, lead, exact: true }]),
  ]
}

function sizeCondition({ minBytes = 0, maxBytes = Number.MAX_SAFE_INTEGER }: MessageFilter, words: Words): Condition {
  const test = sql`m.bytes BETWEEN ${minBytes} AND ${maxBytes}`
  return { test, lead: [ofMessages(words, 'message_size', test)], unordered: true, exact: true }
}

/** The state of a message as a reach sees it: of what others sent, that of its own deliveries alone. */
function stateTest(state: MessageState, sides: Sides | null, { words }: Known): Sql {
  const whole = sql`m.state = ${state}`
  if (sides === null) return whole
  const some = (test: Sql) =>
    sides.places.length === 0
      ? sql`1 = 0`
      : sql`EXISTS (SELECT 1 FROM delivery AS s WHERE ${sql.raw(words.of('s', 'm'))}
        AND s.destination ${oneOf(sides.places)} AND ${test})`
  const parked = some(sql`(s.held = 1 OR s.state IN (${sql.join(PARKED_STATES)}))`)
  const open = some(sql`s.held = 0 AND s.state IN (${sql.join(OPEN_STATES)})`)
  const own = { parked, inFlight: sql`(NOT ${parked} AND ${open})`, closed: sql`(NOT ${parked} AND NOT ${open})` }[
    state
  ]
  return sql`CASE WHEN m.establishment ${oneOf(sides.senders)} THEN ${whole} ELSE ${own} END`
}

/** Closed are most of them as a rule: that never leads. What is in flight is found by the queues of its deliveries. */
function stateCondition(state: MessageState, reach: Reach | null, known: Known): Condition {
  const { words } = known
  const sides = sidesOf(reach, known)
  const test = stateTest(state, sides, known)
  if (state === 'closed') return { test, lead: null }
  if (state === 'parked') return { test, lead: [words.parked()], exact: sides === null }
  const open = sql`x.holds = 1 AND x.state IN (${sql.join(OPEN_STATES)})`
  return { test, lead: [deliveries(words, 'delivery_queue', open)], unordered: true }
}

/** Every condition of a filter, those that few messages meet as a rule first. @throws {GatewayError} BAD_REQUEST */
export function conditionsOf(filter: MessageFilter, reach: Reach | null, known: Known): readonly Condition[] {
  const { patient, patients = [], controlId, finding, from, kind, state, minBytes, maxBytes, sinceMs, untilMs } = filter
  const ofDeliveries = deliveryConditions(filter, reach, known)
  const all: Condition[] = []
  const add = (wanted: boolean, make: () => Condition | Condition[]) => {
    if (wanted) all.push(...[make()].flat())
  }
  const equal = (index: string, test: Sql): Condition => ({
    test,
    lead: [ofMessages(known.words, index, test)],
    exact: true,
  })
  add(patient !== undefined, () => patientCondition([patient!], known))
  add(patients.length > 0, () => patientCondition(patients, known))
  add(controlId !== undefined, () => equal('message_control_id', sql`m.control_id = ${controlId}`))
  add(finding !== undefined, () => findingCondition(finding!, reach, known))
  add(true, () => ofDeliveries.byCode)
  add(from !== undefined, () => equal('message_sender', sql`m.establishment = ${from}`))
  add(kind !== undefined, () => kindCondition(kind!, known))
  // After those whose index alone answers: a delivery's index leads to the message's row.
  add(true, () => ofDeliveries.byPlace)
  add(reach !== null, () => visible(reach!, known))
  add(minBytes !== undefined || maxBytes !== undefined, () => sizeCondition(filter, known.words))
  add(true, () => doorCondition(filter, known))
  add(state !== undefined, () => stateCondition(state!, reach, known))
  add(sinceMs !== undefined, () => ({ test: sql`m.received_at_ms >= ${sinceMs}`, lead: null }))
  add(untilMs !== undefined, () => ({ test: sql`m.received_at_ms <= ${untilMs}`, lead: null }))
  return all
}
