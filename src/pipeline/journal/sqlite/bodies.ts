import { createHash, hash } from 'node:crypto'
import { type Dirent, readdirSync, rmSync } from 'node:fs'
import { type FileHandle, mkdir, open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { GatewayError } from '../../../core/errors.ts'
import type { Body } from '../../../core/message.ts'
import { syncFolder } from '../folder.ts'
import type { Laid } from '../laid.ts'

const CHUNK_BYTES = 64 * 1024
/** Read of a file at a time: each read is a turn of the pool of threads. */
const READ_BYTES = 256 * 1024
/** Written and hashed at a time, so that 25 MB never hold the event loop. */
const WRITE_BYTES = 1024 * 1024

/** The bodies that are files: `bodies/<day>/<id>` below the store's folder. */
export interface BodyFiles {
  /**
   * Writes and syncs file and folder before a commit may name them.
   * @throws {GatewayError} STORE_FULL when the disk is, STORE_FAILED when a write or sync failed, else INTERNAL */
  lay(id: string, dayMs: number, bytes: Uint8Array): Promise<Laid>
  /** Begins a file whose bytes come one after the other. @throws as `lay` */
  begin(id: string, dayMs: number): Promise<BodyFile>
  /** Removes a file that no commit names; a failure leaves it to the sweep of the next start. */
  drop(file: string): Promise<void>
  /** From now on nothing is removed; what `drop` was told meanwhile goes when the function returned is called. */
  hold(): () => void
  /** Removes every file that `named` does not know; returns how many. */
  sweep(named: (id: string) => boolean): number
}

/** A body's file while it is written. */
export interface BodyFile {
  /** Writes these one behind the other. @throws as `lay` */
  write(...parts: readonly Uint8Array[]): Promise<void>
  /** Syncs file and folder. @throws as `lay` */
  end(): Promise<Laid>
  /** Closes and removes it; never rejects. */
  drop(): Promise<void>
}

/** Bodies as files below `dir`. */
export function bodyFiles(dir: string): BodyFiles {
  const root = join(dir, 'bodies')
  const made = new Map<string, Promise<() => Promise<void>>>()
  const remove = (file: string) => rm(join(dir, file), { force: true }).catch(() => {})
  const holds = new Set<symbol>()
  const waiting: string[] = []
  const begin = async (id: string, dayMs: number): Promise<BodyFile> => {
    const day = new Date(dayMs).toISOString().slice(0, 10)
    const name = `bodies/${day}/${id}`
    try {
      const folder = made.get(day) ?? makeFolder(dir, root, day)
      made.set(day, folder)
      const syncNames = await folder
      return fileBeingWritten(join(dir, name), name, await open(join(dir, name), 'wx', 0o600), syncNames)
    } catch (error) {
      made.delete(day)
      throw writeFault(error)
    }
  }
  return {
    begin,
    async lay(id, dayMs, bytes) {
      const file = await begin(id, dayMs)
      for (let at = 0; at < bytes.length; at += WRITE_BYTES) await file.write(bytes.subarray(at, at + WRITE_BYTES))
      return file.end()
    },
    async drop(file) {
      if (holds.size > 0) waiting.push(file)
      else await remove(file)
    },
    hold() {
      const hold = Symbol()
      holds.add(hold)
      return () => {
        holds.delete(hold)
        if (holds.size === 0) for (const file of waiting.splice(0)) void remove(file)
      }
    },
    sweep(named) {
      let swept = 0
      for (const day of listed(root).filter((entry) => entry.isDirectory())) {
        for (const { name } of listed(join(root, day.name))) {
          if (named(name)) continue
          rmSync(join(root, day.name, name), { force: true, recursive: true })
          swept += 1
        }
      }
      return swept
    },
  }
}

/** A stored body as a handle. The inline bytes are fetched at each `open`, never kept. */
export function storedBody(
  dir: string,
  id: string,
  row: { bytes: number; sha256: string; keyId: number; file: string | null },
  data: () => Uint8Array | null,
): Body {
  const { bytes, sha256, keyId, file } = row
  if (file === null) return { bytes, sha256, keyId, open: openInline }
  const path = join(dir, file)
  return { bytes, sha256, keyId, file: path, open: () => openFile(path) }

  async function* openInline(): AsyncIterable<Uint8Array> {
    const found = data()
    if (found?.length !== bytes || hash('sha256', found, 'hex') !== sha256) throw damaged(id)
    for (let at = 0; at < found.length; at += CHUNK_BYTES) yield found.subarray(at, at + CHUNK_BYTES)
  }

  async function* openFile(path: string): AsyncIterable<Uint8Array> {
    const digest = createHash('sha256')
    let read = 0
    try {
      const from = await open(path, 'r')
      try {
        for (let more = true; more; ) {
          // One byte more than there should be is asked for, so that a file that is too long is seen.
          const into = Buffer.allocUnsafeSlow(Math.min(bytes + 1 - read, READ_BYTES))
          const { bytesRead } = await from.read(into, 0, into.length, read)
          digest.update(into.subarray(0, bytesRead))
          read += bytesRead
          more = bytesRead === into.length && read <= bytes
          for (let at = 0; at < bytesRead; at += CHUNK_BYTES)
            yield into.subarray(at, Math.min(at + CHUNK_BYTES, bytesRead))
        }
      } finally {
        await from.close()
      }
    } catch (error) {
      throw damaged(id, error)
    }
    if (read !== bytes || digest.digest('hex') !== sha256) throw damaged(id)
  }
}

function damaged(id: string, cause?: unknown): GatewayError {
  return new GatewayError('BODY_DAMAGED', `The body of ${id} is missing or is not what was accepted.`, { cause })
}

/** Makes the folder of a day durable; what it gives syncs the names in it. */
export async function makeFolder(dir: string, root: string, day: string): Promise<() => Promise<void>> {
  await mkdir(join(root, day), { recursive: true, mode: 0o700 })
  await syncFolder(root)
  await syncFolder(dir)
  return shared(() => syncFolder(join(root, day)))
}

/** An act that those who ask for it while it runs share: each gets one that began after it asked. */
function shared(act: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> = Promise.resolve()
  let next: Promise<void> | null = null
  return () => {
    next ??= running
      .catch(() => {})
      .then(() => {
        next = null
        running = act()
        return running
      })
    return next
  }
}

function fileBeingWritten(path: string, name: string, file: FileHandle, syncNames: () => Promise<void>): BodyFile {
  const digest = createHash('sha256')
  let bytes = 0
  const drop = async (): Promise<void> => {
    await file.close().catch(() => {})
    await rm(path, { force: true }).catch(() => {})
  }
  const orDrop = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work()
    } catch (error) {
      await drop()
      throw writeFault(error)
    }
  }
  return {
    drop,
    write: (...parts) =>
      orDrop(async () => {
        for (const part of parts) {
          digest.update(part)
          bytes += part.length
        }
        await writeAll(file, parts)
      }),
    end: () =>
      orDrop(async () => {
        await file.sync()
        await file.close()
        await syncNames()
        return { bytes, sha256: digest.digest('hex'), data: null, file: name }
      }),
  }
}

/** Writes all of these one behind the other, however many writes it takes. */
export async function writeAll(file: FileHandle, parts: readonly Uint8Array[]): Promise<void> {
  const total = parts.reduce((sum, { length }) => sum + length, 0)
  const { bytesWritten } = await file.writev(parts)
  if (bytesWritten === total) return
  const rest = Buffer.concat(parts).subarray(bytesWritten)
  for (let at = 0; at < rest.length; ) at += (await file.write(rest, at)).bytesWritten
}

/** What an error of the file system means for the journal. */
export function writeFault(error: unknown): GatewayError {
  const code = (error as NodeJS.ErrnoException).code
  if (code === 'ENOSPC' || code === 'EDQUOT') return new GatewayError('STORE_FULL', undefined, { cause: error })
  return new GatewayError(code === 'EIO' ? 'STORE_FAILED' : 'INTERNAL', undefined, { cause: error })
}

function listed(path: string): Dirent[] {
  try {
    return readdirSync(path, { withFileTypes: true })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}
