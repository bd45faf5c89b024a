import pg from 'pg'
import type { Clock, Ids } from '../../../src/core/ports.ts'
import { migrate } from '../../../src/pipeline/journal/postgres/migrate.ts'
import { MIGRATIONS } from '../../../src/pipeline/journal/postgres/schema.ts'
import { ask, type Databases } from './cluster.ts'

/** Lock of the server under which one test file at a time looks for a template; any number. */
const LOCK = 7_234
const DAY_MS = 86_400_000

/**
 * A new database of this server that has the schema already: a copy of one that is migrated once a run, which takes a
 * quarter of the time. Its partitions are those around the clock's day. */
export async function migratedDatabase(cluster: Databases, clock: Clock, ids: Ids): Promise<string> {
  const template = `migrated_${Math.floor(clock.nowMs() / DAY_MS)}`
  const admin = new pg.Client({ connectionString: cluster.adminUrl() })
  await admin.connect()
  try {
    await admin.query('SELECT pg_advisory_lock($1)', [LOCK])
    const { rows } = await admin.query('SELECT 1 FROM pg_database WHERE datname = $1', [template])
    if (rows.length === 0) await makeTemplate(cluster, template, clock, ids)
    return await cluster.createDatabase(undefined, { template })
  } finally {
    await admin.end()
  }
}

async function makeTemplate(cluster: Databases, name: string, clock: Clock, ids: Ids): Promise<void> {
  const unfinished = `${name}_unfinished`
  const client = new pg.Client({ connectionString: await cluster.createDatabase(unfinished) })
  await client.connect()
  await migrate(client, clock, ids, MIGRATIONS)
  await client.end()
  await ask(cluster.adminUrl(), `ALTER DATABASE ${unfinished} RENAME TO ${name}`)
}
