import { createHash } from 'node:crypto'
import { type FileHandle, mkdir, mkdtemp, open, rename, rm, stat, statfs } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { GatewayError } from '../../core/errors.ts'
import type { Clock } from '../../core/ports.ts'
import { syncFolder } from '../../pipeline/journal/folder.ts'
import { writeAll } from '../../pipeline/journal/sqlite/bodies.ts'
import type { SqliteJournal } from '../../pipeline/journal/sqlite/open.ts'
import type { Snapshot } from '../../pipeline/journal/sqlite/snapshot.ts'
import { type BesideFile, imageFiles, mailFiles, mailNow, unlessGone } from './beside.ts'
import { BesideSum, MANIFEST, type Manifest, type ManifestFile } from './manifest.ts'
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
  /** Files of mailboxes and of images, where they lie in the store's folder. */
  readonly mails: number
  readonly images: number
}

/**
 * Writes the store as it is at one commit into one tar file (mode 0600) while work goes on: the database, each body file, what lies
 * beside in mailboxes and images, then the manifest with every SHA-256. The file has its name only once it is whole and synced. Mail
 * that its reader deletes meanwhile may be left out, and images of a case that is closed meanwhile.
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
    // Of a backup that was killed: nobody else writes it, since this process holds the store.
    await rm(partial, { force: true })
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

/** A file that goes into the archive; `open` null: what lies beside may be gone by then. */
interface Source extends BesideFile {
  readonly open: () => Promise<FileHandle | null>
}

async function fill(archive: FileHandle, snapshot: Snapshot, parts: BackupParts): Promise<Backup> {
  const { file, clock, release, progress } = parts
  const nowMs = clock.nowMs()
  const kept = await Array.fromAsync(keptFiles(snapshot, parts, nowMs))
  let total = kept.reduce((sum, { bytes }) => sum + bytes, 0)
  // Listed twice and never held: there may be a million mails.
  for await (const { bytes } of besideFiles(snapshot, parts)) total += bytes
  await roomFor(total, dirname(file), parts)
  let done = 0
  const told = (by: number): void => {
    done += by
    progress(Math.min(done, total), total)
  }
  const files: ManifestFile[] = []
  const sum = new BesideSum()
  for (const source of kept) files.push((await put(source, archive, told))!)
  for await (const source of besideFiles(snapshot, parts)) {
    const written = await put(source, archive, told)
    if (written !== null) sum.add(written)
  }
  progress(total, total)
  const { messages } = snapshot
  const at = new Date(nowMs).toISOString()
  const beside = sum.done()
  const manifest: Manifest = { format: 'passerelle-backup', version: 1, release, at, messages, files, beside }
  const text = Buffer.from(`${JSON.stringify(manifest, null, 1)}\n`)
  await writeAll(archive, [tarHeader(MANIFEST, text.length, nowMs), text, tarPadding(text.length), TAR_END])
  const { mails, images } = beside
  return { file, bytes: (await archive.stat()).size, messages, bodies: files.length - 1, mails, images }
}

/** Writes one file; null: it is gone. */
async function put(
  { name, bytes, atMs, open }: Source,
  archive: FileHandle,
  told: (by: number) => void,
): Promise<ManifestFile | null> {
  const from = await open()
  if (from === null) return null
  await writeAll(archive, [tarHeader(name, bytes, atMs)])
  const sha256 = await copy(from, bytes, archive, told)
  await writeAll(archive, [tarPadding(bytes)])
  return { name, bytes, sha256 }
}

async function* keptFiles(snapshot: Snapshot, { dir }: BackupParts, atMs: number): AsyncGenerator<Source> {
  const must = async (name: string, path: string): Promise<Source> => {
    const { size: bytes } = await stat(path)
    return { name, bytes, atMs, open: () => open(path, 'r') }
  }
  yield await must('store.db', snapshot.file)
  for await (const name of snapshot.bodies()) yield await must(name, join(dir, name))
}

async function* besideFiles(snapshot: Snapshot, { dir }: BackupParts): AsyncGenerator<Source> {
  for await (const mail of mailFiles(dir, snapshot.takenMs)) yield { ...mail, open: () => openMail(dir, mail.name) }
  for await (const image of imageFiles(dir, snapshot.images()))
    yield { ...image, open: () => unlessGone(open(join(dir, image.name), 'r')) }
}

/** Opens a mail where it was listed, else where it is by now. */
async function openMail(dir: string, name: string): Promise<FileHandle | null> {
  for (let at: string | null = name, left = 3; at !== null && left > 0; left -= 1) {
    const file = await unlessGone(open(join(dir, at), 'r'))
    if (file !== null) return file
    at = await mailNow(dir, name)
  }
  return null
}

/** Copies exactly `bytes` bytes and closes `from`; resolves with their SHA-256. @throws {GatewayError} BODY_DAMAGED when there are fewer */
async function copy(from: FileHandle, bytes: number, to: FileHandle, progress: (by: number) => void): Promise<string> {
  const digest = createHash('sha256')
  const chunk = Buffer.allocUnsafe(CHUNK_BYTES)
  try {
    for (let left = bytes; left > 0; ) {
      const { bytesRead } = await from.read(chunk, 0, Math.min(left, CHUNK_BYTES), bytes - left)
      if (bytesRead === 0) throw new GatewayError('BODY_DAMAGED')
      const part = chunk.subarray(0, bytesRead)
      digest.update(part)
      await writeAll(to, [part])
      left -= bytesRead
      progress(bytesRead)
    }
  } finally {
    await from.close()
  }
  return digest.digest('hex')
}
