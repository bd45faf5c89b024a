import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { backup, DatabaseSync } from 'node:sqlite'
import type { BodyFiles } from './bodies.ts'
import { asFault, STORE_FILE } from './database.ts'

/** Pages (4 KiB) copied at a time, in a thread of the pool. */
const PAGES = 256

/** The store as it was at one commit, while work goes on. `release` it. */
export interface Snapshot {
  /** Path of the copy of the database. */
  readonly file: string
  /** Accepted messages kept in it. */
  readonly messages: number
  /** When it was taken, after what it holds (ms, wall clock of the system). */
  readonly takenMs: number
  /** Body files that it names, below the store's folder, such as `bodies/2026-03-14/<id>`. None is removed meanwhile. */
  bodies(): AsyncGenerator<string>
  /** Files of images of the open studies that it names, below their folder. */
  images(): AsyncGenerator<string>
  /** Removes the copy, and lets files go again. Twice is harmless. */
  release(): Promise<void>
}

/**
 * Copies the database into `folder`, which exists, as it is at one commit: from a connection of its own that stays in
 * one read, so that no commit meanwhile makes the copy begin again. The log cannot be emptied before it has ended.
 * @throws {GatewayError} STORE_FULL when the disk is */
export async function takeSnapshot(
  dir: string,
  files: BodyFiles,
  folder: string,
  progress: (done: number, total: number) => void,
): Promise<Snapshot> {
  const letGo = files.hold()
  const file = join(folder, STORE_FILE)
  let copy: DatabaseSync | null = null
  const release = async (): Promise<void> => {
    if (copy?.isOpen) copy.close()
    letGo()
    for (const end of ['', '-wal', '-shm', '-journal']) await rm(file + end, { force: true })
  }
  const source = new DatabaseSync(join(dir, STORE_FILE), { readOnly: true, timeout: 1_000 })
  try {
    source.exec('BEGIN')
    const kept = source.prepare(
      `SELECT sum(CASE name WHEN 'received' THEN value WHEN 'purged' THEN -value ELSE 0 END) AS n FROM counter`,
    )
    const messages = Number(kept.get()?.['n'])
    // The times of files are the system's.
    const takenMs = Date.now()
    await backup(source, file, {
      rate: PAGES,
      progress: ({ totalPages, remainingPages }) => progress(totalPages - remainingPages, totalPages),
    })
    const opened = new DatabaseSync(file, { readOnly: true })
    copy = opened
    const named = namedIn(opened)
    return { file, messages, takenMs, bodies: () => bodiesBelow(dir, named), images: () => imagesIn(opened), release }
  } catch (error) {
    await release()
    throw asFault(error)
  } finally {
    source.close()
  }
}

/** Does a message or a refusal name the body file of this id? */
export function namedIn(db: DatabaseSync): (id: string) => boolean {
  const named = db.prepare(
    `SELECT 1 FROM message m JOIN body b ON b.message_seq = m.seq WHERE m.id = ? AND b.file IS NOT NULL
     UNION ALL SELECT 1 FROM refusal WHERE id = ? AND file IS NOT NULL`,
  )
  return (id) => named.get(id, id) !== undefined
}

async function* bodiesBelow(dir: string, named: (id: string) => boolean): AsyncGenerator<string> {
  for (const day of (await listed(join(dir, 'bodies'))).toSorted()) {
    for (const id of await listed(join(dir, 'bodies', day))) if (named(id)) yield `bodies/${day}/${id}`
  }
}

async function* imagesIn(db: DatabaseSync): AsyncGenerator<string> {
  const rows = db.prepare(
    `SELECT DISTINCT i.file FROM image_instance i JOIN image_study s ON s.id = i.study
     WHERE i.file IS NOT NULL AND s.state <> 'over' ORDER BY i.file`,
  )
  for (const row of rows.iterate()) yield String(row['file'])
}

async function listed(path: string): Promise<string[]> {
  return readdir(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw error
  })
}
