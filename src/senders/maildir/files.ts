import { type FileHandle, open, rm } from 'node:fs/promises'

/** Writes a file anew, synced, that nobody else may read. */
export async function write(
  path: string,
  head: readonly Uint8Array[],
  body: AsyncIterable<Uint8Array> | Iterable<Uint8Array> = [],
): Promise<void> {
  await rm(path, { force: true })
  const file = await open(path, 'wx', 0o600)
  try {
    for (const part of head) await writeAll(file, part)
    for await (const part of body) await writeAll(file, part)
    await file.sync()
  } finally {
    await file.close()
  }
}

async function writeAll(file: FileHandle, part: Uint8Array): Promise<void> {
  for (let at = 0; at < part.length; ) at += (await file.write(part, at)).bytesWritten
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
