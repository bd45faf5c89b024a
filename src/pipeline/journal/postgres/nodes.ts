import type pg from 'pg'
import type { Clock, Log } from '../../../core/ports.ts'
import { OPEN, stateOf } from '../standing.ts'
import { assureUnmarked } from './connect.ts'

/** How long a node is taken to be alive after it was last seen, and how long a lease lasts (ms, by the database's clock). */
export const TTL_MS = 3_000
/** A delivery that this many crashes in a row found alone under our own processing is set aside. */
const CRASHES_TO_POISON = 2

/** SQL: a time this node has left from now. */
const UNTIL = `clock_timestamp() + interval '${TTL_MS} milliseconds'`
const DEAD = `seen_at < clock_timestamp() - interval '${TTL_MS} milliseconds'`

/** What a node says of itself. */
export interface NodeFacts {
  readonly incarnation: string
  readonly name: string
  readonly url: string | null
  readonly release: string
}

/**
 * Makes this node known. Within a transaction that holds the order of commits.
 * @throws {GatewayError} STORE_MOVED, STORE_UNFINISHED when the store may not be served */
export async function enrol(client: pg.Client, { incarnation, name, url, release }: NodeFacts): Promise<void> {
  await assureUnmarked(client)
  await client.query(
    `INSERT INTO node (incarnation, name, url, release, seen_at) VALUES ($1, $2, $3, $4, clock_timestamp())
     ON CONFLICT (incarnation) DO UPDATE SET seen_at = excluded.seen_at`,
    [incarnation, name, url, release],
  )
}

/** The nodes that are alive, with their HTTP addresses. */
export async function aliveNodes(
  client: pg.Client,
): Promise<readonly { readonly name: string; readonly url: string | null; readonly release: string }[]> {
  return (await client.query(`SELECT name, url, release FROM node WHERE NOT (${DEAD}) ORDER BY name`)).rows
}

/**
 * Buries the nodes that have not been seen for 3 s: their leases are free, and a delivery that was alone under processing
 * on one of them at two crashes in a row is set aside. Within a transaction that holds the order of commits. Returns how
 * many there were. */
export async function bury(client: pg.Client, nowMs: number, log: Log): Promise<number> {
  const { rows: dead } = await client.query(`DELETE FROM node WHERE ${DEAD} RETURNING incarnation, name`)
  for (const { name } of dead) log.warn('node.buried', { node: String(name) })
  await freeLeases(client, nowMs)
  const marked = await client.query(
    'SELECT delivery, node FROM guard WHERE running = 1 AND node NOT IN (SELECT incarnation FROM node)',
  )
  const byNode = Map.groupBy(marked.rows as { delivery: string; node: string }[], ({ node }) => node)
  for (const deliveries of byNode.values()) {
    const ids = deliveries.map(({ delivery }) => delivery)
    const id = await crashed(client, ids, nowMs)
    if (id !== null) log.error('delivery.parked', { deliveryId: id, code: 'POISONED' })
  }
  return dead.length
}

/** Frees the leases of nodes that are gone. What was on its way under them is `unknown` at once: perhaps nobody wishes for them. */
async function freeLeases(client: pg.Client, nowMs: number): Promise<void> {
  const { rows } = await client.query(
    `UPDATE lease SET holder = NULL, epoch = epoch + 1
     WHERE holder IS NOT NULL AND holder NOT IN (SELECT incarnation FROM node) RETURNING name`,
  )
  const destinations = rows.flatMap(({ name }) => destinationOf(String(name)) ?? [])
  if (destinations.length > 0) await interrupt(client, destinations, nowMs)
}

/** Counts one crash that found these deliveries marked; the id of the one that is poisoned by it, or null. */
async function crashed(client: pg.Client, ids: readonly string[], nowMs: number): Promise<string | null> {
  const [only] = ids
  if (ids.length > 1 || only === undefined) {
    // A crash that found several ends every row of crashes that went before.
    await client.query('DELETE FROM guard WHERE running = 0 OR delivery = ANY($1)', [ids])
    return null
  }
  await client.query('DELETE FROM guard WHERE running = 0 AND delivery <> $1', [only])
  const { rows } = await client.query(
    "UPDATE guard SET running = 0, crashes = crashes + 1, node = '' WHERE delivery = $1 RETURNING crashes",
    [only],
  )
  if (Number(rows[0]?.crashes) < CRASHES_TO_POISON) return null
  await client.query('DELETE FROM guard WHERE delivery = $1', [only])
  return (await poison(client, only, nowMs)) ? only : null
}

async function poison(client: pg.Client, id: string, nowMs: number): Promise<boolean> {
  const { rows } = await client.query(
    `SELECT d.destination, m.id AS message, m.open, m.parked FROM delivery d JOIN message m ON m.id = d.message
     WHERE d.id = $1 AND ${OPEN}`,
    [id],
  )
  const row = rows[0] as { destination: string; message: string; open: number; parked: number } | undefined
  if (row === undefined) return false
  await client.query(
    `UPDATE delivery SET state = 'poisoned', held = 1, holds = 1, moved_at_ms = $2, last_code = 'POISONED', same_code = 1
     WHERE id = $1`,
    [id, nowMs],
  )
  await client.query(
    `INSERT INTO event (at_ms, who, what, code, message, delivery) VALUES ($1, 'gateway', 'alert', 'POISONED', $2, $3)`,
    [nowMs, row.message, id],
  )
  const [before, after] = [stateOf(row.open, row.parked), stateOf(row.open - 1, row.parked + 1)]
  await client.query('UPDATE message SET state = $2, open = $3, parked = $4 WHERE id = $1', [
    row.message,
    after,
    row.open - 1,
    row.parked + 1,
  ])
  await client.query('UPDATE counter SET value = value - 1 WHERE name = $1', [before])
  await client.query('UPDATE counter SET value = value + 1 WHERE name = $1', [after])
  await client.query('UPDATE destination_counter SET open = open - 1, parked = parked + 1 WHERE destination = $1', [
    row.destination,
  ])
  return true
}

/** How far this machine's wall clock is ahead of the database's (ms): right to half the time that the question took. */
export async function clockAhead(client: pg.Client, clock: Clock): Promise<number> {
  const askedMs = clock.nowMs()
  const text = 'SELECT extract(epoch FROM clock_timestamp()) * 1000 AS ms'
  const { rows } = await client.query({ name: 'clock', text })
  return Math.round((askedMs + clock.nowMs()) / 2 - Number(rows[0].ms))
}

/** This node is no more among those that share the work, and holds nothing: a lease of nobody would wait for a burial. */
export async function strikeOff(client: pg.Client, incarnation: string): Promise<void> {
  await client.query('UPDATE lease SET holder = NULL, epoch = epoch + 1 WHERE holder = $1', [incarnation])
  await client.query('DELETE FROM node WHERE incarnation = $1', [incarnation])
}

/** Renews what this node holds; null when it has been buried meanwhile. */
export async function renew(client: pg.Client, incarnation: string): Promise<ReadonlyMap<string, number> | null> {
  const seen = await client.query({
    name: 'node-seen',
    text: 'UPDATE node SET seen_at = clock_timestamp() WHERE incarnation = $1',
    values: [incarnation],
  })
  if (seen.rowCount !== 1) return null
  const { rows } = await client.query({
    name: 'lease-renew',
    text: `UPDATE lease SET until = ${UNTIL} WHERE holder = $1 RETURNING name, epoch`,
    values: [incarnation],
  })
  return new Map(rows.map(({ name, epoch }) => [String(name), Number(epoch)]))
}

/** How things stand among the nodes. */
export interface Standing {
  /** Nodes that are alive, by incarnation, with how many leases each holds. */
  readonly holding: ReadonlyMap<string, number>
  /** A node was not seen for 3 s, or a lease is of one that is gone. */
  readonly anyDead: boolean
  /** Leases that somebody holds. */
  readonly taken: ReadonlySet<string>
  /** Numbers last given, and the running revision: what another node may have committed unheard. */
  readonly received: number
  readonly deliveries: number
  readonly revision: number
}

/** Reads how things stand. */
export async function lookAround(client: pg.Client): Promise<Standing> {
  const text = `SELECT 'node' AS what, n.incarnation AS name, (SELECT count(*) FROM lease l WHERE l.holder = n.incarnation) AS value,
      (${DEAD})::int AS dead FROM node n
    UNION ALL SELECT 'lease', name, 0, (holder NOT IN (SELECT incarnation FROM node))::int FROM lease WHERE holder IS NOT NULL
    UNION ALL SELECT 'counter', name, value, 0 FROM counter WHERE name IN ('received', 'deliveries')
    UNION ALL SELECT 'counter', 'revision', revision, 0 FROM head`
  const { rows } = await client.query({ name: 'look-around', text })
  const of = (what: string) => rows.filter((row) => row.what === what)
  const counter = (name: string) => Number(of('counter').find((row) => row.name === name)?.value ?? 0)
  return {
    holding: new Map(of('node').map(({ name, value }) => [String(name), Number(value)])),
    anyDead: rows.some(({ dead }) => dead === 1),
    taken: new Set(of('lease').map(({ name }) => String(name))),
    received: counter('received'),
    deliveries: counter('deliveries'),
    revision: counter('revision'),
  }
}

/**
 * Takes leases that nobody holds, or of this node's own that it thought lost: each has a new epoch, and what was on its way
 * under the old one is `unknown`, due at once. Within a transaction that holds the order of commits. Those that somebody has are
 * left out; all are, when this node was buried meanwhile. */
export async function claim(
  client: pg.Client,
  names: readonly string[],
  incarnation: string,
  nowMs: number,
): Promise<{ readonly epochs: ReadonlyMap<string, number>; readonly interrupted: number }> {
  const { rows } = await client.query(
    `INSERT INTO lease AS l (name, holder, epoch, until)
       SELECT wanted, n.incarnation, 1, ${UNTIL} FROM node n, unnest($1::text[]) wanted WHERE n.incarnation = $2
     ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, epoch = l.epoch + 1, until = excluded.until
     WHERE l.holder IS NULL OR l.holder = excluded.holder RETURNING name, epoch`,
    [names, incarnation],
  )
  const epochs = new Map(rows.map(({ name, epoch }) => [String(name), Number(epoch)]))
  const destinations = [...epochs.keys()].flatMap((name) => destinationOf(name) ?? [])
  const interrupted = destinations.length === 0 ? 0 : await interrupt(client, destinations, nowMs)
  return { epochs, interrupted }
}

/** The destination that a lease is for, or null. */
export function destinationOf(lease: string): string | null {
  return /^destination:(.*)$/.exec(lease)?.[1] ?? null
}

/** Gives leases of this node back. */
export async function giveBack(client: pg.Client, names: readonly string[], incarnation: string): Promise<void> {
  await client.query('UPDATE lease SET holder = NULL, epoch = epoch + 1 WHERE name = ANY($1) AND holder = $2', [
    names,
    incarnation,
  ])
}

/** What was `sending` becomes `unknown`, due at once, with an attempt that says CRASHED. `null`: whatever its destination. */
export async function interrupt(
  client: pg.Client,
  destinations: readonly string[] | null,
  nowMs: number,
): Promise<number> {
  const { rowCount } = await client.query(
    `WITH sending AS (
       SELECT id, seq, attempts, moved_at_ms FROM delivery
       WHERE state = 'sending' AND ($2::text[] IS NULL OR destination = ANY($2))
     ), noted AS (
       INSERT INTO attempt (delivery, delivery_seq, n, started_at_ms, ended_at_ms, outcome, code, answer)
       SELECT id, seq, attempts, moved_at_ms, $1, 'unknown', 'CRASHED', NULL FROM sending ON CONFLICT DO NOTHING
     )
     UPDATE delivery d SET state = 'unknown', held = 0, holds = 1, moved_at_ms = $1, due_at_ms = $1,
       last_code = 'CRASHED', same_code = 1 FROM sending s WHERE d.id = s.id`,
    [nowMs, destinations],
  )
  return rowCount ?? 0
}
