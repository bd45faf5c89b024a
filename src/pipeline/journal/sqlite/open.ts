import { dirname, resolve } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { GatewayError } from '../../../core/errors.ts'
import type { Effect, Journal, Move, StoredRevision } from '../../../core/journal.ts'
import { soleLeases } from '../../../core/leases.ts'
import type { Clock, Ids, Log, Meter } from '../../../core/ports.ts'
import { keptOf, regrouped, writtenOf } from '../batches.ts'
import { syncFolderSync } from '../folder.ts'
import { MARK, readMark, refuseMarked } from '../move/mark.ts'
import { prepareAdopt } from './adopt.ts'
import { prepareApply } from './apply.ts'
import { type BodyFiles, bodyFiles } from './bodies.ts'
import { prepareCommit, prepareRepeats } from './commit.ts'
import { migrate, openDatabase, statementCache } from './database.ts'
import { durableReads } from './durable.ts'
import { type ErasedFiles, prepareErase } from './erase.ts'
import { featureRows, type RunFeature } from './feature.ts'
import { prepareRows, type Rows } from './intake.ts'
import { type KeyIndex, openKeyIndex } from './key-index.ts'
import { type BodyLayer, bodyLayer, intakeLayer } from './lay.ts'
import { type Ledger, openLedger } from './ledger.ts'
import { listening } from './listeners.ts'
import { type Lock, lockStore } from './lock.ts'
import { preparePurge } from './purge.ts'
import { queueReads } from './queue.ts'
import { openReader, type Reader } from './reader.ts'
import { smallReads } from './reads.ts'
import { prepareRecord, prepareRestand } from './record.ts'
import { prepareGuard, recover } from './recover.ts'
import { prepareRefuse, refusing } from './refuse.ts'
import { namedIn, type Snapshot, takeSnapshot } from './snapshot.ts'
import { stager } from './stage.ts'
import { logSync } from './sync.ts'
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

/** The embedded store: a journal that can be copied while work goes on. */
export interface SqliteJournal extends Journal {
  /**
   * A copy of the store as it is at one commit, the database in `folder`, which exists; `progress` counts pages. Release it.
   * @throws {GatewayError} STORE_FULL when the disk is */
  snapshot(folder: string, progress?: (done: number, total: number) => void): Promise<Snapshot>
}

/**
 * Opens the embedded store: lock, schema, recovery, checks; then it may be written.
 * @throws {GatewayError} STORE_HELD, STORE_NEWER, STORE_MOVED, STORE_UNFINISHED, or STORE_DAMAGED naming the damaged records */
export async function openSqliteJournal(options: SqliteJournalOptions): Promise<SqliteJournal> {
  const { clock, ids, log } = options
  const dir = resolve(options.dir)
  const lock = lockStore(dir, options.holder ?? { node: 'local', url: null }, clock)
  let db: DatabaseSync | null = null
  try {
    db = openDatabase(dir)
    migrate(db, clock, ids)
    refuseMarked(readMark(db.prepare('SELECT value FROM meta WHERE name = ?').get(MARK)?.['value']))
    for (const folder of [dir, dirname(dir)]) syncFolderSync(folder)
    const ledger = openLedger(db)
    const { interrupted } = recover(db, ledger, clock, log)
    const damaged = await verifyAtStart(db, dir, options.checkLast ?? CHECK_LAST, interrupted)
    if (damaged.length > 0 && options.checkLast !== 0) {
      log.error('journal.damaged', { code: 'STORE_DAMAGED', count: damaged.length })
      throw new GatewayError('STORE_DAMAGED', `Damaged records: ${damaged.slice(0, 20).join(', ')}.`)
    }
    const files = bodyFiles(dir)
    const swept = files.sweep(namedIn(db))
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

/** What a store that one process alone has open says of itself. */
function alone(): Pick<Journal, 'dialect' | 'reachable' | 'clockAheadMs' | 'leases'> {
  return { dialect: 'sqlite', reachable: () => true, clockAheadMs: () => 0, leases: soleLeases() }
}

/** Records a move, and has listeners told of it when a person made it. */
function recordTold(group: Group, move: Move, record: (group: Group, move: Move) => boolean): boolean {
  const moved = record(group, move)
  if (moved && move.events.some(({ who }) => who !== 'gateway')) group.told.push(move.deliveryId)
  return moved
}

interface UpkeepParts {
  readonly writer: Writer
  readonly layer: BodyLayer
  readonly reader: Reader
  readonly rows: Rows
  readonly feature: RunFeature
  readonly clock: Clock
}

/** What looks after the store behind the answers. */
function upkeep(
  { dir, db, files }: Pick<Opened, 'dir' | 'db' | 'files'>,
  { writer, layer, reader, rows, feature, clock }: UpkeepParts,
): Pick<SqliteJournal, 'purge' | 'erase' | 'inspect' | 'snapshot' | 'verify'> {
  const purge = preparePurge(db, () => clock.monotonicMs())
  const erase = prepareErase(db, { rows, feature })
  return {
    async erase(erasure) {
      // Null: the list has undone itself.
      const erased: ErasedFiles | null = await writer.submit((group) => erase(group, erasure))
      if (erased === null) return null
      writer.erased()
      const { files: gone, ...counted } = erased
      await layer.drop(gone)
      return counted
    },
    async purge(limits, after, maxRows) {
      const { files: gone, ...purged } = await writer.submit((group) => purge(group, limits, after, maxRows))
      await layer.drop(gone)
      return purged
    },
    inspect: (after, workMs) => reader.inspect(after, workMs),
    snapshot: (folder, progress = () => {}) => takeSnapshot(dir, files, folder, progress),
    verify: (limit, progress) => verify(db, dir, reader, limit, progress),
  }
}

/** What writes rows: the lists that the journal's acts are made of. */
function prepareLists(db: DatabaseSync, index: KeyIndex, ledger: Ledger) {
  const rows = prepareRows(db, index)
  const repeats = prepareRepeats(db)
  const restand = prepareRestand(db)
  const feature = featureRows(statementCache(db))
  const record = prepareRecord(db, rows, restand, ledger, feature)
  const lists = {
    ...prepareCommit(repeats, rows, feature),
    record,
    apply: prepareApply(db, { rows, repeats, restand, feature }),
    guard: prepareGuard(db),
    adopt: prepareAdopt(db, rows, record),
  }
  return { lists, rows, feature }
}

function compose(options: SqliteJournalOptions, { dir, db, lock, ledger, files }: Opened): SqliteJournal {
  const { log, meter, clock, onFatal, refusedMaxBytes } = options
  const index = openKeyIndex(db)
  const { lists, rows, feature } = prepareLists(db, index, ledger)
  const queue = queueReads(db)
  const listeners = listening(queue, log)
  const heads = {
    messageSeq: ledger.value('received'),
    deliverySeq: ledger.value('deliveries'),
    revision: storedRevision(db),
  }
  const parts = { db, sync: logSync(db), ledger, index, log, meter, clock, heads, onFatal }
  const writer: Writer = openWriter({ ...parts, committed: listeners.tell })
  const reader = openReader(dir)
  let closing: Promise<void> | null = null

  const layer = bodyLayer(writer, files)
  const intake = intakeLayer(layer)

  return {
    ...alone(),
    stage: stager(writer, files),
    secret: Buffer.from(String(db.prepare("SELECT value FROM meta WHERE name = 'secret'").get()?.['value']), 'hex'),
    commit: (intakes) =>
      intake(
        intakes,
        (laid) => writer.submit((group) => lists.commit(group, laid)),
        (result) => keptOf(result, intakes),
      ),
    commitBatch: (batch, parts) =>
      intake(
        [batch, ...parts.flat()],
        (laid) => writer.submit((group) => lists.commitBatch(group, laid[0]!, regrouped(laid.slice(1), parts))),
        (result) => writtenOf(result, batch, parts),
      ),
    record: (move) => writer.submitBeside((group) => recordTold(group, move, lists.record)),
    apply(effect: Effect) {
      const arrivals = effect.arrivals ?? []
      return intake(
        arrivals,
        (laid) => writer.submit((group) => lists.apply(group, effect, laid)),
        (done) => (done ? arrivals : []),
      )
    },
    refuse: refusing(writer, ledger, layer, prepareRefuse(db, ledger, refusedMaxBytes)),
    adopt: (by, atMs, json, also) => writer.submit((group) => lists.adopt(group, { by, atMs, json, ...also })),
    revision: () => writer.heads.revision,
    processing: (deliveryId, on) => writer.submit(() => lists.guard(deliveryId, on)),
    ...durableReads(writer, reader, { ...queue, ...smallReads(db, dir), ...revisions(db) }),
    counts: async () => ledger.counts(),
    watch: listeners.add,
    ...upkeep({ dir, db, files }, { writer, layer, reader, rows, feature, clock }),
    close() {
      closing ??= close()
      return closing
    },
  }

  async function close(): Promise<void> {
    await closeAll(writer, reader)
    // After a failed sync the files stay as they are: closing would write to them, and the process is about to end.
    if (!writer.failed) release(db, lock)
  }
}

async function closeAll(writer: Writer, reader: Reader): Promise<void> {
  await writer.close()
  await reader.close()
}

function release(db: DatabaseSync, lock: Lock): void {
  db.close()
  lock.release()
}

function revisions(db: DatabaseSync): Pick<Journal, 'revisionOf'> {
  return {
    async revisionOf(revision) {
      const found = storedRevision(db, revision)
      return found?.revision === revision ? found : null
    },
  }
}

/** A configuration by its number, or the newest one. */
function storedRevision(db: DatabaseSync, wanted = Number.MAX_SAFE_INTEGER): StoredRevision | null {
  const row = db
    .prepare(
      'SELECT revision, at_ms, adopted_by, json FROM revision WHERE revision <= ? ORDER BY revision DESC LIMIT 1',
    )
    .get(wanted)
  if (!row) return null
  const { revision, at_ms, adopted_by, json } = row as {
    revision: number
    at_ms: number
    adopted_by: string
    json: string
  }
  return { revision, atMs: at_ms, by: adopted_by, json }
}
