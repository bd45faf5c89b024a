import { randomUUID } from 'node:crypto'
import type { Journal } from '../../src/core/journal.ts'
import { openPostgresJournal, type PostgresJournalOptions } from '../../src/pipeline/journal/postgres/open.ts'
import type { Rig } from '../contract/journal.ts'
import { ask, type Databases } from '../support/postgres/cluster.ts'
import { emptyStore } from '../support/postgres/empty.ts'
import { migratedDatabase } from '../support/postgres/migrated.ts'
import { sharedCluster } from '../support/postgres/shared.ts'
import { listeningLog } from './rig-options.ts'

/** Options of a node `name` on the database at `url`; its wall clock is `nowMs`. */
export function postgresOptions(url: string, more: Partial<PostgresJournalOptions> = {}): PostgresJournalOptions {
  return {
    url,
    node: 'test',
    address: null,
    release: '0.0.0',
    log: listeningLog().log,
    meter: { count() {}, observe() {} },
    clock: { nowMs: () => 1_773_480_000_000, monotonicMs: () => performance.now(), after },
    ids: { uuid: randomUUID, random: () => 0.5 },
    refusedMaxBytes: () => 1_000_000,
    ...more,
  }
}

/** A real timer that keeps no process alive. */
export function after(ms: number, run: () => void): () => void {
  const timer = setTimeout(run, ms).unref()
  return () => clearTimeout(timer)
}

/** A new database of the shared server that has the schema already, with the days around the rig's first `nowMs`. */
export function rigDatabase(cluster: Databases): Promise<string> {
  const { clock, ids } = postgresOptions('')
  return migratedDatabase(cluster, clock, ids)
}

/** Where bytes may stand, as one column of bytes. */
const PLACES = ['body.data', 'body_chunk.data', 'message.application']

/** Databases for the next tests of this file; they go with the run's server. */
const emptied: string[] = []

/**
 * The contract's rig for the store on PostgreSQL: a database of its own on the run's server. `fresh`: one that had no other
 * use before, so that its partitions are those of a new store. */
export async function postgresRig({ fresh = false } = {}): Promise<Rig & { readonly url: string }> {
  const url = (fresh ? null : emptied.pop()) ?? (await rigDatabase(await sharedCluster()))
  const rig = { nowMs: 1_773_480_000_000, refusedMaxBytes: 1_000_000 }
  const open = (checkLast?: number): Promise<Journal> =>
    openPostgresJournal(
      postgresOptions(url, {
        clock: { nowMs: () => rig.nowMs, monotonicMs: () => performance.now(), after },
        refusedMaxBytes: () => rig.refusedMaxBytes,
        ...(checkLast === undefined ? {} : { checkLast }),
      }),
    )
  const live = Object.assign(rig, {
    url,
    journal: await open(),
    async reopen(checkLast?: number) {
      await live.journal.close()
      live.journal = await open(checkLast)
      return live.journal
    },
    async damage(bytes: Uint8Array) {
      await live.journal.close()
      for (const place of PLACES) {
        const [table, column] = place.split('.')
        const text = column === 'application'
        const value = text ? `convert_to(${column}, 'UTF8')` : column
        const flipped = `set_byte(${value}, position($1 in ${value}) - 1, get_byte(${value}, position($1 in ${value}) - 1) # 1)`
        const rows = await ask(
          url,
          `UPDATE ${table} SET ${column} = ${text ? `convert_from(${flipped}, 'UTF8')` : flipped}
           WHERE position($1 in ${value}) > 0 RETURNING 1`,
          [Buffer.from(bytes)],
        )
        if (rows.length > 0) return
      }
      throw new Error('these bytes stand nowhere in the store')
    },
    async end() {
      await live.journal.close()
      await emptyStore(url)
      emptied.push(url)
    },
  })
  return live
}
