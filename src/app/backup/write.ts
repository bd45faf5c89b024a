import { createHash } from 'node:crypto'
import { type FileHandle, mkdir, mkdtemp, open, rename, rm, stat, statfs } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { GatewayError } from '../../core/errors.ts'
import type { Clock } from '../../core/ports.ts'
import { syncFolder } from '../../pipeline/journal/folder.ts'
import type { SqliteJournal } from '../../pipeline/journal/sqlite/open.ts'
import type { Snapshot } from '../../pipeline/journal/sqlite/snapshot.ts'
import { MANIFEST, type Manifest, type ManifestFile } from './manifest.ts'
import { TAR_END, tarHeader, tarPadding } from './tar.ts'

const CHUNK_BYTES = 256 * 1024

/** Folder below the store's where a running gateway leaves its backups, and where copies are made. */
export const BACKUPS = 'backups'

/** What a backup is made of. */
export interface BackupParts {
  readonly journal: Pick<SqliteJournal, 'snapshot'>
  /** The store's folder. */
  readonly dir: string
  /** Where the archive goes; it must not be there. */
  readonly file: string
  /** Left free on either disk (bytes). */
  readonly reserveBytes: number
  readonly release: string
  readonly clock: Clock
  /** Bytes written, of all. */
  readonly progress: (done: number, total: number) => void
}

/** What was written. */
export interface Backup {
  readonly file: string
  readonly bytes: number
  readonly messages: number
  /** Bodies that are files of their own. */
  readonly bodies: number
}

/**
 * Writes the store as it is at one commit into one tar file (mode 0600) while work goes on: the database, then each body
 * file, then the manifest with every SHA-256. The file has its name only once it is whole and synced.
 * @throws {GatewayError} STORE_FULL when a disk has no room; whatever opening the file throws, such as EEXIST */
export async function writeBackup(parts: BackupParts): Promise<Backup> {
  const { journal, dir, file } = parts
  const folder = join(dir, BACKUPS)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const scratch = await mkdtemp(join(folder, 'copy-'))
  const partial = `${file}.part`
  let snapshot: Snapshot | null = null
  let made = false
  try {
    await refuseExisting(file)
    await roomFor((await stat(join(dir, 'store.db'))).size, folder, parts)
    snapshot = await journal.snapshot(scratch)
    const archive = await open(partial, 'wx', 0o600)
    made = true
    try {
      const backup = await fill(archive, snapshot, parts)
      await archive.sync()
      await rename(partial, file)
      await syncFolder(dirname(file))
      return backup
    } finally {
      await archive.close()
    }
  } catch (error) {
    if (made) await rm(partial, { force: true })
    const full = (error as NodeJS.ErrnoException).code === 'ENOSPC'
    throw full ? new GatewayError('STORE_FULL', undefined, { cause: error }) : error
  } finally {
    await snapshot?.release()
    await rm(scratch, { recursive: true, force: true })
  }
}

async function refuseExisting(file: string): Promise<void> {
  const there = await stat(file).catch(() => null)
  if (there !== null) throw Object.assign(new Error('the file exists'), { code: 'EEXIST' })
}

async function roomFor(bytes: number, folder: string, { reserveBytes }: BackupParts): Promise<void> {
  const { bavail, bsize } = await statfs(folder)
  if (bavail * bsize < bytes + reserveBytes) throw new GatewayError('STORE_FULL')
}

async function fill(archive: FileHandle, snapshot: Snapshot, parts: BackupParts): Promise<Backup> {
  const { dir, file, clock, release, progress } = parts
  const nowMs = clock.nowMs()
  const sources = [{ name: 'store.db', path: snapshot.file, bytes: (await stat(snapshot.file)).size }]
  for await (const name of snapshot.bodies()) {
    const path = join(dir, name)
    sources.push({ name, path, bytes: (await stat(path)).size })
  }
  const total = sources.reduce((sum, { bytes }) => sum + bytes, 0)
  await roomFor(total, dirname(file), parts)
  const files: ManifestFile[] = []
  let done = 0
  for (const { name, path, bytes } of sources) {
    await archive.write(tarHeader(name, bytes, nowMs))
    const sha256 = await copy(path, bytes, archive, (by) => {
      done += by
      progress(done, total)
    })
    await archive.write(tarPadding(bytes))
    files.push({ name, bytes, sha256 })
  }
  const { messages } = snapshot
  const at = new Date(nowMs).toISOString()
  const manifest: Manifest = { format: 'passerelle-backup', version: 1, release, at, messages, files }
  const text = Buffer.from(`${JSON.stringify(manifest, null, 1)}\n`)
  for (const part of [tarHeader(MANIFEST, text.length, nowMs), text, tarPadding(text.length), TAR_END]) {
    await archive.write(part)
  }
  return { file, bytes: (await archive.stat()).size, messages, bodies: files.length - 1 }
}

/** Copies exactly `bytes` bytes; resolves with their SHA-256. @throws {GatewayError} BODY_DAMAGED when there are fewer */
async function copy(path: string, bytes: number, to: FileHandle, progress: (by: number) => void): Promise<string> {
  const from = await open(path, 'r')
  const digest = createHash('sha256')
  const chunk = Buffer.allocUnsafe(CHUNK_BYTES)
  try {
    for (let left = bytes; left > 0; ) {
      const { bytesRead } = await from.read(chunk, 0, Math.min(left, CHUNK_BYTES), bytes - left)
      if (bytesRead === 0) throw new GatewayError('BODY_DAMAGED')
      const part = chunk.subarray(0, bytesRead)
      digest.update(part)
      await to.write(part)
      left -= bytesRead
      progress(bytesRead)
    }
  } finally {
    await from.close()
  }
  return digest.digest('hex')
}
