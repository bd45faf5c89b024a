import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { syncFolder } from '../folder.ts'
import { makeFolder, writeAll, writeFault } from './bodies.ts'

const CHUNK_BYTES = 256 * 1024

/** Where the file of a body stands below the store's folder: `bodies/2026-03-14/<id>`. Pure. */
export function bodyFile(id: string, dayMs: number): string {
  return `bodies/${new Date(dayMs).toISOString().slice(0, 10)}/${id}`
}

/** Bytes of a file as they are, in chunks; none when it is not there. */
export async function* fileBytes(path: string): AsyncIterable<Uint8Array> {
  try {
    yield* createReadStream(path, { highWaterMark: CHUNK_BYTES })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
}

/**
 * Writes a body's file, or writes it again, as the bytes come, and syncs file and folder. Resolves with its SHA-256.
 * @throws {GatewayError} STORE_FULL, STORE_FAILED when a write or sync failed; whatever `bytes` throws */
export async function layStream(dir: string, file: string, bytes: AsyncIterable<Uint8Array>): Promise<string> {
  const path = join(dir, file)
  const digest = createHash('sha256')
  try {
    await makeFolder(dir, join(dir, 'bodies'), file.split('/')[1]!)
    const to = await open(path, 'w', 0o600)
    try {
      for await (const part of bytes) {
        digest.update(part)
        await writeAll(to, [part])
      }
      await to.sync()
    } finally {
      await to.close()
    }
    await syncFolder(dirname(path))
    return digest.digest('hex')
  } catch (error) {
    throw (error as NodeJS.ErrnoException).errno === undefined ? error : writeFault(error)
  }
}
