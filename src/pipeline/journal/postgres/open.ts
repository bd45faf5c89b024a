import type pg from 'pg'
import { GatewayError } from '../../../core/errors.ts'
import type { Journal, StoredRevision } from '../../../core/journal.ts'
import type { Clock, Ids, Log, Meter } from '../../../core/ports.ts'
import { type Announcer, announcer } from './announce.ts'
import { bodyChunks } from './bodies.ts'
import { asFault, assureUnmarked, committed, connectBeside, connectWriter, lockHead } from './connect.ts'
import { eraseRows } from './erase.ts'
import { type StoredLeases, storedLeases } from './leases.ts'
import { leave } from './leave.ts'
import { assureKnown, migrate, storedSchema } from './migrate.ts'
import { hearing } from './news.ts'
import { bury, destinationOf, enrol, interrupt, type NodeFacts } from './nodes.ts'
import { openPools, type Pools } from './pools.ts'
import { type Ask, asking, countsOf, plain, queueReads, smallReads, storedRevision } from './reads.ts'
import { recentBodies } from './recent-bodies.ts'
import { retaining } from './retain.ts'
import { MIGRATIONS } from './schema.ts'
import { verbs } from './verbs.ts'
import { inspect, verify } from './verify.ts'
import { openWriter } from './writer.ts'

/** What the store on PostgreSQL needs. */
export interface PostgresJournalOptions {
  /** `postgres://user:password@host/database`. */
  readonly url: string
  /** Name of this node, its HTTP address for the others, and its release. */
  readonly node: string
  readonly address: string | null
  readonly release: string
  readonly log: Log
  readonly meter: Meter
  readonly clock: Clock
  readonly ids: Ids
  /** Bytes that refused messages may take together (retention.refusedMax). */
  readonly refusedMaxBytes: () => number
  /** Last messages whose checksums a start checks; 0 for `verify`, which must open a damaged store too. */
  readonly checkLast?: number
  /**
   * False: for a command. It is no node: nobody sees it, it takes no lease, buries nobody, and hears of nothing; what it
   * changes the nodes hear of. Absent: true. */
  readonly serving?: boolean
  /**
   * A node whose wall clock is further than this from the database's (ms) works on nothing: it would send late or early, and
   * remove what others keep. Absent: its clock is its own. */
  readonly skewMaxMs?: number
  /** Longest silence of the database during a commit, after which its connection is given up (ms); default 35 s. */
  readonly silenceMs?: number
}

const CHECK_LAST = 1_000

/**
 * Opens the store on PostgreSQL: schema, recovery of what dead nodes left, checks; then it may be written, by this node and
 * others at once.
 * @throws {GatewayError} STORE_UNREACHABLE, STORE_UNSAFE, STORE_NEWER, NODES_OLDER, STORE_MOVED, STORE_UNFINISHED, STORE_DAMAGED naming
 * the damaged records; NOT_FOUND when not `serving` and there is none */
export async function openPostgresJournal(options: PostgresJournalOptions): Promise<Journal> {
  const { url, ids, log, node, address, release } = options
  const facts: NodeFacts = { incarnation: ids.uuid(), name: node, url: address, release }
  await (options.serving === false ? look(options) : prepare(facts, options))
  const pools = openPools(url, node)
  try {
    const ask = asking(pools.own)
    const { damaged } = await verify(pools.own, options.checkLast ?? CHECK_LAST)
    if (damaged.length > 0) {
      log.error('journal.damaged', { code: 'STORE_DAMAGED', count: damaged.length })
      throw new GatewayError('STORE_DAMAGED', `Damaged records: ${damaged.slice(0, 20).join(', ')}.`)
    }
    const [secret] = await ask('secret', "SELECT value FROM meta WHERE name = 'secret'")
    const revision = await storedRevision(ask, null)
    const parts = { options, facts, pools, ask, revision, secret: Buffer.from(String(secret?.['value']), 'hex') }
    return await compose(parts)
  } catch (error) {
    await pools.end()
    throw asFault(error)
  }
}

/** Schema; burial of dead nodes; and where no other one is alive, what was on its way is taken for interrupted. */
async function prepare(facts: NodeFacts, { url, node, clock, ids, log }: PostgresJournalOptions): Promise<void> {
  const client = await connectBeside(url, node, true)
  try {
    await migrate(client, clock, ids, MIGRATIONS)
    await recountRefusals(client, log)
    await lockHead(client)
    // Until now another release might have changed the schema, unseen: a node that is not enrolled holds nobody off.
    await assureKnown(client, MIGRATIONS)
    await bury(client, clock.nowMs(), log)
    const { rows } = await client.query('SELECT count(*) AS n FROM node')
    const count = Number(rows[0].n) === 0 ? await interrupt(client, null, clock.nowMs()) : 0
    await enrol(client, facts)
    await committed(client)
    if (count > 0) log.warn('journal.interrupted', { code: 'CRASHED', count })
  } catch (error) {
    throw asFault(error)
  } finally {
    await leave(client)
  }
}

/** Releases before this one could count refusals wrongly after an outage: never fewer were refused than are kept. */
async function recountRefusals(client: pg.Client, log: Log): Promise<void> {
  const { rows } = await client.query(
    `UPDATE counter SET value = kept.n FROM (SELECT count(*) AS n FROM refusal) kept
     WHERE name = 'refused' AND value < kept.n RETURNING value`,
  )
  if (rows.length > 0) log.warn('journal.recounted', { count: Number(rows[0].value) })
}

/** Finds the store, made and not moved, without becoming a node of it. */
async function look({ url, node, clock, ids }: PostgresJournalOptions): Promise<void> {
  const client = await connectBeside(url, node, true)
  try {
    const stored = await storedSchema(client)
    if (stored === null) throw new GatewayError('NOT_FOUND', 'There is no store in this database.')
    if (stored !== MIGRATIONS.length) await migrate(client, clock, ids, MIGRATIONS)
    await assureUnmarked(client)
  } catch (error) {
    throw asFault(error)
  } finally {
    await leave(client)
  }
}

interface Parts {
  readonly options: PostgresJournalOptions
  readonly facts: NodeFacts
  readonly pools: Pools
  readonly ask: Ask
  readonly revision: StoredRevision | null
  readonly secret: Buffer
}

/** What a journal writes, hears and holds with. */
function equipped({ options, facts, pools, ask, revision }: Parts, { delivery }: Pick<Journal, 'delivery'>) {
  const { url, node, clock, log, meter } = options
  const { incarnation } = facts
  const beside = (): Promise<pg.Client> => connectBeside(url, node)
  const news: Announcer = announcer({
    incarnation,
    log,
    delivery,
    newestRevision: () => storedRevision(ask, null),
    destinations: () => [...leases.wanted].flatMap((name) => destinationOf(name) ?? []),
    revision,
  })
  const leases: StoredLeases = storedLeases({
    connect: beside,
    node: facts,
    clock,
    skewMaxMs: options.skewMaxMs ?? null,
    log,
    looked: news.looked,
    unreached() {
      writer.giveUp()
      pools.tear()
    },
  })
  const writer = openWriter({
    connect: () => connectWriter(url, node, options.silenceMs),
    incarnation,
    clock,
    log,
    meter,
    telling: news.telling,
    committed: news.committed,
  })
  const ears = hearing({ connect: beside, incarnation, clock, log, heard: news.heard, missed: news.missed })
  return { news, leases, writer, ears }
}

async function compose(parts: Parts): Promise<Journal> {
  const { options, facts, pools, ask, secret } = parts
  const { clock, refusedMaxBytes } = options
  const { incarnation } = facts
  const queue = queueReads(ask)
  const { news, leases, writer, ears } = equipped(parts, queue)
  const serving = options.serving !== false
  if (serving) {
    await ears.start()
    leases.start()
  }
  const recent = recentBodies()
  const { unwritten, ...changes } = verbs({
    writer,
    chunks: bodyChunks(pools.own),
    recent,
    incarnation,
    refusedMaxBytes,
    reachable: () => leases.reached,
  })
  let closing: Promise<void> | null = null
  return {
    dialect: 'postgres',
    reachable: () => leases.reached,
    clockAheadMs: () => leases.aheadMs,
    leases,
    secret,
    ...changes,
    async adopt(by, atMs, json, also) {
      const adopted = await changes.adopt(by, atMs, json, also)
      news.adopted(adopted)
      return adopted
    },
    revision: () => news.revision,
    ...queue,
    ...smallReads(ask, pools.own, recent),
    async counts() {
      const counts = await countsOf(ask)
      return { ...counts, refused: counts.refused + unwritten() }
    },
    read: ({ sql, parameters }) => plain(pools.features, sql, parameters),
    watch: news.watch,
    purge: retaining({ pools, writer, clock }),
    erase: (erasure) => writer.alone((client) => eraseRows(client, erasure)),
    inspect: (after, workMs) => inspect(pools.own, after, workMs),
    verify: (limit, progress) => verify(pools.own, limit, progress),
    close() {
      closing ??= (async () => {
        await writer.close()
        if (serving) {
          await ears.close()
          await leases.close()
        }
        await pools.end()
      })()
      return closing
    },
  }
}
