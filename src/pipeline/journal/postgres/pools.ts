import pg from 'pg'
import { settingsOf } from './connect.ts'
import { gone, tear } from './leave.ts'

/** A question of a feature (design: at most 2 s), and one of the journal's own (ms). */
const READ_MS = 2_000
const ASK_MS = 10_000
/** How much later than the database's own limit a silent one is given up (ms): its answer may be on the way. */
const SILENT_MS = 3_000
/** Plans by index whatever the statistics say: tables grow by the million between two looks of the server at them. */
const BY_INDEX =
  '-c enable_seqscan=off -c enable_hashjoin=off -c enable_mergejoin=off -c plan_cache_mode=force_generic_plan'

/** Connections that only ask. */
export interface Pools {
  /** The journal's own questions, bodies, and what is told to other nodes. */
  readonly own: pg.Pool
  /** Questions of features: read only, each stopped after 2 s. */
  readonly features: pg.Pool
  /** The database is out of reach: whoever waits for it need wait no longer, and the next question has a new connection. */
  tear(): void
  end(): Promise<void>
}

/** Opens both; connections are made when they are needed, and again when they break. */
export function openPools(url: string, node: string): Pools {
  const open = new Set<pg.PoolClient>()
  const pool = (max: number, limitMs: number, options: string) => {
    const limits = { query_timeout: limitMs + SILENT_MS, options: `-c statement_timeout=${limitMs} ${options}` }
    const made = new pg.Pool({ ...settingsOf(url, node), max, ...limits })
    // An idle connection that breaks is replaced; whoever uses one meets the error itself.
    made.on('error', () => {})
    made.on('connect', (client) => void open.add(client))
    made.on('remove', (client) => void open.delete(client))
    return made
  }
  const own = pool(8, ASK_MS, `-c jit=off ${BY_INDEX}`)
  const features = pool(4, READ_MS, '-c jit=off -c random_page_cost=1.1 -c default_transaction_read_only=on')
  return {
    own,
    features,
    tear() {
      for (const client of open) tear(client)
    },
    async end() {
      await Promise.allSettled([own.end(), features.end()])
      await Promise.all([...open].map(gone))
    },
  }
}
