import { closeSync, fsyncSync, openSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { GatewayError } from '../../../core/errors.ts'
import type { Effect, Journal, Move, StoredRevision } from '../../../core/journal.ts'
import type { Clock, Ids, Log, Meter } from '../../../core/ports.ts'
import { prepareApply } from './apply.ts'
import { type BodyFiles, bodyFiles } from './bodies.ts'
import { prepareCommit, prepareRepeats } from './commit.ts'
import { migrate, openDatabase, STORE_FILE, statementCache } from './database.ts'
import { prepareRows } from './intake.ts'
import { openKeyIndex } from './key-index.ts'
import { bodyLayer, intakeLayer } from './lay.ts'
import { type Ledger, openLedger } from './ledger.ts'
import { listening } from './listeners.ts'
import { type Lock, lockStore } from './lock.ts'
import { queueReads } from './queue.ts'
import { openReader } from './reader.ts'
import { smallReads } from './reads.ts'
import { prepareRecord, prepareRestand } from './record.ts'
import { prepareGuard, recover } from './recover.ts'
import { prepareRefuse, refusing } from './refuse.ts'
import { verify, verifyAtStart } from './verify.ts'
import { type Group, openWriter, type Writer } from './writer.ts'

/** What the embedded store needs. */
export interface SqliteJournalOptions {
  /** The store's folder; made if missing, 0700. */
  readonly dir: string
  readonly log: Log
  readonly meter: Meter
  readonly clock: Clock
  readonly ids: Ids
  /** Bytes that refused messages may take together (retention.refusedMax). */
  readonly refusedMaxBytes: () => number
  /** Called once when a sync failed: stop accepting and end the process. */
  readonly onFatal: (error: GatewayError) => void
  /** Shown to whoever finds the store held. */
  readonly holder?: { readonly node: string; readonly url: string | null }
  /** Last messages whose checksums a start checks; 0 for `verify`, which must open a damaged store too. */
  readonly checkLast?: number
}

const CHECK_LAST = 1_000

/**
 * Opens the embedded store: lock, schema, recovery, checks; then it may be written.
 * @throws {GatewayError} STORE_HELD, STORE_NEWER, or STORE_DAMAGED naming the damaged records */
export async function openSqliteJournal(options: SqliteJournalOptions): Promise<Journal> {
  const { clock, ids, log } = options
  const dir = resolve(options.dir)
  const lock = lockStore(dir, options.holder ?? { node: 'local', url: null }, clock)
  let db: DatabaseSync | null = null
  try {
    db = openDatabase(dir)
    migrate(db, clock, ids)
    for (const folder of [dir, dirname(dir)]) syncFolder(folder)
    const ledger = openLedger(db)
    const { interrupted } = recover(db, ledger, clock, log)
    const damaged = await verifyAtStart(db, dir, options.checkLast ?? CHECK_LAST, interrupted)
    if (damaged.length > 0 && options.checkLast !== 0) {
      log.error('journal.damaged', { code: 'STORE_DAMAGED', count: damaged.length })
      throw new GatewayError('STORE_DAMAGED', `Damaged records: ${damaged.slice(0, 20).join(', ')}.`)
    }
    const files = bodyFiles(dir)
    const named = db.prepare(
      `SELECT 1 FROM message m JOIN body b ON b.message_seq = m.seq WHERE m.id = ? AND b.file IS NOT NULL
       UNION ALL SELECT 1 FROM refusal WHERE id = ? AND file IS NOT NULL`,
    )
    const swept = files.sweep((id) => named.get(id, id) !== undefined)
    if (swept > 0) log.info('journal.swept', { count: swept })
    return compose(options, { dir, db, lock, ledger, files })
  } catch (error) {
    db?.close()
    lock.release()
    throw error
  }
}

interface Opened {
  readonly dir: string
  readonly db: DatabaseSync
  readonly lock: Lock
  readonly ledger: Ledger
  readonly files: BodyFiles
}

function compose(options: SqliteJournalOptions, { dir, db, lock, ledger, files }: Opened): Journal {
  const { log, meter, clock, onFatal, refusedMaxBytes } = options
  const index = openKeyIndex(db)
  const rows = prepareRows(db, index)
  const repeats = prepareRepeats(db)
  const restand = prepareRestand(db)
  const lists = {
    commit: prepareCommit(repeats, rows),
    record: prepareRecord(db, rows, restand, ledger),
    apply: prepareApply(db, { rows, repeats, restand, statement: statementCache(db) }),
    guard: prepareGuard(db),
    adopt: prepareAdopt(db),
  }
  const queue = queueReads(db)
  const listeners = listening(queue, log)
  const heads = {
    messageSeq: ledger.value('received'),
    deliverySeq: ledger.value('deliveries'),
    revision: storedRevision(db),
  }
  const writer: Writer = openWriter({ db, ledger, index, log, meter, clock, heads, onFatal, committed: listeners.tell })
  const reader = openReader(join(dir, STORE_FILE))
  let closing: Promise<void> | null = null

  const layer = bodyLayer(writer, files)
  const intake = intakeLayer(layer)

  return {
    secret: Buffer.from(String(db.prepare("SELECT value FROM meta WHERE name = 'secret'").get()?.['value']), 'hex'),
    commit: (intakes) =>
      intake(
        intakes,
        (laid) => writer.submit((group) => lists.commit(group, laid)),
        ({ kind }) => kind === 'committed',
      ),
    record(move: Move) {
      return writer.submitBeside((group) => {
        const moved = lists.record(group, move)
        if (moved && move.events.some(({ who }) => who !== 'gateway')) group.told.push(move.deliveryId)
        return moved
      })
    },
    apply(effect: Effect) {
      const arrivals = effect.arrivals ?? []
      return intake(arrivals, (laid) => writer.submit((group) => lists.apply(group, effect, laid)), Boolean)
    },
    refuse: refusing(writer, ledger, layer, prepareRefuse(db, ledger, refusedMaxBytes)),
    adopt: (by, atMs, json) => writer.submit((group) => lists.adopt(group, by, atMs, json)),
    revision: () => writer.heads.revision,
    processing: (deliveryId, on) => writer.submit(() => lists.guard(deliveryId, on)),
    ...queue,
    ...smallReads(db, dir),
    counts: () => ledger.counts(),
    read: <Row>(query: Parameters<Journal['read']>[0]) => reader.read(query) as Promise<readonly Row[]>,
    watch: listeners.add,
    verify: (limit, progress) => verify(db, dir, reader, limit, progress),
    close() {
      closing ??= close()
      return closing
    },
  }

  async function close(): Promise<void> {
    await writer.close()
    await reader.close()
    // After a failed sync the files stay as they are: closing would write to them, and the process is about to end.
    if (writer.failed) return
    db.close()
    lock.release()
  }
}

function prepareAdopt(db: DatabaseSync) {
  const insert = db.prepare('INSERT INTO revision (revision, at_ms, adopted_by, json) VALUES (?, ?, ?, ?)')
  return (group: Group, by: string, atMs: number, json: string): StoredRevision => {
    const revision = (group.heads.revision?.revision ?? 0) + 1
    insert.run(revision, atMs, by, json)
    group.heads.revision = { revision, atMs, by, json }
    return group.heads.revision
  }
}

function storedRevision(db: DatabaseSync): StoredRevision | null {
  const row = db.prepare('SELECT revision, at_ms, adopted_by, json FROM revision ORDER BY revision DESC LIMIT 1').get()
  if (!row) return null
  const { revision, at_ms, adopted_by, json } = row as {
    revision: number
    at_ms: number
    adopted_by: string
    json: string
  }
  return { revision, atMs: at_ms, by: adopted_by, json }
}

function syncFolder(path: string): void {
  const folder = openSync(path, 'r')
  try {
    fsyncSync(folder)
  } finally {
    closeSync(folder)
  }
}
