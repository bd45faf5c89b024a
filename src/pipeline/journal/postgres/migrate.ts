import { randomBytes } from 'node:crypto'
import type pg from 'pg'
import { GatewayError } from '../../../core/errors.ts'
import type { Clock, Ids } from '../../../core/ports.ts'
import { AUDIT_KEY, AUDIT_STEP, newAuditKey } from '../audit-key.ts'
import type { Migration } from '../schema.ts'
import { aliveNodes } from './nodes.ts'
import { makeDays } from './partitions.ts'

/** Lock under which one node at a time changes the schema; any number, the same in every release. */
const LOCK = 7_233

/** Number of the schema that a database has, or null when no store was ever made there. */
export async function storedSchema(client: pg.Client): Promise<number | null> {
  const { rows } = await client.query("SELECT to_regclass('migration') IS NOT NULL AS there")
  if (rows[0]?.there !== true) return null
  return Number((await client.query('SELECT coalesce(max(number), 0) AS number FROM migration')).rows[0].number)
}

/** Number of the schema, on which these migrations may work; 0: there is none. @throws {GatewayError} STORE_NEWER */
export async function assureKnown(client: pg.Client, migrations: readonly Migration[]): Promise<number> {
  const newest = migrations.at(-1)?.number ?? 0
  const { rows } = await client.query('SELECT number, oldest FROM migration ORDER BY number DESC LIMIT 1')
  const stored = Number(rows[0]?.number ?? 0)
  if (stored > newest && Number(rows[0].oldest) > newest) {
    throw new GatewayError('STORE_NEWER', `The store has schema ${stored}; this version knows ${newest} at most.`)
  }
  return stored
}

/** A step that does more than add is made under no node. Holds the order of commits, so that none appears meanwhile. */
async function assureAlone(client: pg.Client, stored: number, newest: number): Promise<void> {
  await client.query('SELECT FROM head FOR UPDATE')
  const nodes = (await aliveNodes(client)).map(({ name, release }) => `${name} (release ${release})`)
  if (nodes.length === 0) return
  throw new GatewayError(
    'NODES_OLDER',
    `The store goes from schema ${stored} to ${newest}, on which nodes of an older release cannot work. Stop first: ${nodes.join(', ')}.`,
  )
}

/**
 * Brings the schema to the newest number in one transaction, one node at a time, and makes the region secret in a new
 * store. A store whose schema is newer is taken when its newest step says that this release may still work on it.
 * @throws {GatewayError} STORE_NEWER when it says otherwise; NODES_OLDER naming the nodes that are alive, when a step does more than add */
export async function migrate(
  client: pg.Client,
  clock: Clock,
  ids: Ids,
  migrations: readonly Migration[],
): Promise<void> {
  const newest = migrations.at(-1)?.number ?? 0
  await client.query('BEGIN')
  try {
    await client.query('SELECT pg_advisory_xact_lock($1)', [LOCK])
    await client.query(
      `CREATE TABLE IF NOT EXISTS migration
         (number BIGINT PRIMARY KEY, name TEXT COLLATE "C" NOT NULL, at_ms BIGINT NOT NULL, oldest BIGINT NOT NULL)`,
    )
    const stored = await assureKnown(client, migrations)
    if (stored > 0 && (migrations.at(-1)?.oldest ?? 0) > stored) await assureAlone(client, stored, newest)
    for (const { number, name, sql, oldest } of migrations.filter((one) => one.number > stored)) {
      await client.query(sql)
      await client.query('INSERT INTO migration (number, name, at_ms, oldest) VALUES ($1, $2, $3, $4)', [
        number,
        name,
        clock.nowMs(),
        oldest,
      ])
      if (name === AUDIT_STEP) {
        await client.query('INSERT INTO meta (name, value) VALUES ($1, $2)', [AUDIT_KEY, newAuditKey()])
      }
      if (number > 1) continue
      const secret = randomBytes(32).toString('hex')
      await client.query("INSERT INTO meta (name, value) VALUES ('store', $1), ('secret', $2)", [ids.uuid(), secret])
    }
    await makeDays(client, clock.nowMs())
    await client.query('COMMIT')
  } catch (error) {
    await client.query('ROLLBACK').catch(() => {})
    throw error
  }
}
