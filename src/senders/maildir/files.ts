import { accessSync, closeSync, constants, fsyncSync, openSync, writeSync, writevSync } from 'node:fs'
import { type FileHandle, open, rm } from 'node:fs/promises'
import { dirname } from 'node:path'

/** Writes a file anew, synced, that nobody else may read: head and first part at once, each further part when it comes. */
export async function write(
  path: string,
  head: readonly Uint8Array[],
  body: AsyncIterable<Uint8Array> | Iterable<Uint8Array> = [],
): Promise<void> {
  const file = await newFile(path)
  try {
    let held = head
    for await (const part of body) {
      await writeAll(file, [...held, part])
      held = []
    }
    if (held.length > 0) await writeAll(file, held)
    await file.sync()
  } finally {
    await file.close()
  }
}

/** What an attempt that broke off has left is written anew. */
async function newFile(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'wx', 0o600)
  } catch (fault) {
    unlessThere(fault)
    await rm(path, { force: true })
    return open(path, 'wx', 0o600)
  }
}

async function writeAll(file: FileHandle, parts: readonly Uint8Array[]): Promise<void> {
  const total = parts.reduce((sum, { length }) => sum + length, 0)
  const { bytesWritten } = await file.writev(parts)
  if (bytesWritten === total) return
  const rest = Buffer.concat(parts).subarray(bytesWritten)
  for (let at = 0; at < rest.length; ) at += (await file.write(rest, at)).bytesWritten
}

/** Writes all of these one behind the other, however many writes it takes. */
export function writeAllSync(file: number, parts: readonly Uint8Array[]): void {
  const total = parts.reduce((sum, { length }) => sum + length, 0)
  const written = writevSync(file, parts)
  if (written === total) return
  const rest = Buffer.concat(parts).subarray(written)
  for (let at = 0; at < rest.length; ) at += writeSync(file, rest, at)
}

function unlessThere(fault: unknown): void {
  if ((fault as NodeJS.ErrnoException).code !== 'EEXIST') throw fault
}

/** What was linked into a folder, or renamed, stays so after a crash. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

/** The same, holding its thread. */
export function syncFolderSync(path: string): void {
  const folder = openSync(path, 'r')
  try {
    fsyncSync(folder)
  } finally {
    closeSync(folder)
  }
}

/**
 * A folder and those above it up to the one in which `top` stands: they hold the names by which it is reached. One above `top`
 * that we may not read is left out: `top` was made by somebody else. */
export function reachedBy(path: string, top: string): readonly string[] {
  if (path !== top) return [path, ...reachedBy(dirname(path), top)]
  try {
    accessSync(dirname(top), constants.R_OK)
    return [top, dirname(top)]
  } catch {
    return [top]
  }
}
