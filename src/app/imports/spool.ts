import { createReadStream } from 'node:fs'
import { mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { type ErrorCode, GatewayError } from '../../core/errors.ts'
import type { ImportFile } from '../../core/imports/imported.ts'

/** A file on disk, to be read from its beginning. */
export interface Spooled {
  readonly file: ImportFile
  /** Removes it. */
  end(): Promise<void>
}

/**
 * Keeps a file on disk while it comes, so that whoever sends it need not wait for what is made of it.
 * @throws {GatewayError} `tooLarge` above `maxBytes`; then nothing is left of it */
export async function spool({ name, chunks }: ImportFile, maxBytes: number, tooLarge: ErrorCode): Promise<Spooled> {
  const dir = await mkdtemp(join(tmpdir(), 'passerelle-import-'))
  const end = () => rm(dir, { recursive: true, force: true })
  const path = join(dir, 'file')
  try {
    const kept = await open(path, 'w', 0o600)
    let bytes = 0
    try {
      for await (const chunk of chunks) {
        bytes += chunk.length
        if (bytes > maxBytes) throw new GatewayError(tooLarge)
        await kept.write(chunk)
      }
    } finally {
      await kept.close()
    }
    return { file: { name, bytes, chunks: createReadStream(path) }, end }
  } catch (fault) {
    await end()
    throw fault
  }
}

/** A file of this machine. @throws the error of a file that cannot be read */
export async function fileAt(path: string): Promise<ImportFile> {
  const kept = await open(path)
  const { size } = await kept.stat()
  return { name: basename(path), bytes: size, chunks: kept.createReadStream() }
}
