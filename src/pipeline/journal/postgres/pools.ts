import pg from 'pg'
import { settingsOf } from './connect.ts'
import { gone, tear } from './leave.ts'

/** A question of a feature (design: at most 2 s), and one of the journal's own (ms). */
const READ_MS = 2_000
const ASK_MS = 10_000
/** How much later than the database's own limit a silent one is given up (ms): its answer may be on the way. */
const SILENT_MS = 3_000
/** Plans by index whatever the statistics say: tables grow by the million between two looks of the server at them. */
const BY_INDEX = [
  'enable_seqscan = off',
  'enable_hashjoin = off',
  'enable_mergejoin = off',
  'plan_cache_mode = force_generic_plan',
]

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
  const pool = (max: number, limitMs: number, settings: readonly string[]) => {
    // Not by the start's `options`: a pooler refuses them, and the URL may have some of its own.
    const set = [`statement_timeout = ${limitMs}`, ...settings].map((setting) => `SET ${setting}`).join('; ')
    const made = new pg.Pool({
      ...settingsOf(url, node),
      max,
      query_timeout: limitMs + SILENT_MS,
      onConnect: async (client) => void (await client.query(set)),
    })
    // An idle connection that breaks is replaced; whoever uses one meets the error itself.
    made.on('error', () => {})
    made.on('connect', (client) => void open.add(client))
    made.on('remove', (client) => void open.delete(client))
    return made
  }
  const own = pool(8, ASK_MS, ['jit = off', ...BY_INDEX])
  const features = pool(4, READ_MS, ['jit = off', 'random_page_cost = 1.1', 'default_transaction_read_only = on'])
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
