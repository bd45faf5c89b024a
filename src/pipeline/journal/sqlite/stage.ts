import { GatewayError } from '../../../core/errors.ts'
import type { Staging } from '../../../core/journal.ts'
import { INLINE_BYTES, layInline } from '../laid.ts'
import type { BodyFile, BodyFiles } from './bodies.ts'
import type { Writer } from './writer.ts'

/** Bytes that go into a file at once: a network brings 16 KiB, and each write is a turn of the pool of threads. */
const WRITE_BYTES = 256 * 1024

/** Bodies that come as a stream: in memory up to what stands in a row, above in a file. */
export function stager(writer: Writer, files: BodyFiles): (id: string, dayMs: number) => Staging {
  const guarded = async <T>(work: () => Promise<T>): Promise<T> => {
    if (writer.failed) throw writer.failed
    try {
      return await work()
    } catch (error) {
      // A failed sync of a file ends the journal like one of the log.
      if (error instanceof GatewayError && error.code === 'STORE_FAILED') writer.fail(error.cause)
      throw error
    }
  }
  return (id, dayMs) => {
    let held: Uint8Array[] = []
    let heldBytes = 0
    let bytes = 0
    let file: BodyFile | null = null
    const put = async (to: BodyFile): Promise<void> => {
      const parts = held
      held = []
      heldBytes = 0
      await to.write(...parts)
    }
    return {
      write: (chunk) =>
        guarded(async () => {
          bytes += chunk.length
          held.push(chunk)
          heldBytes += chunk.length
          if (file === null) {
            if (bytes <= INLINE_BYTES) return
            file = await files.begin(id, dayMs)
          }
          if (heldBytes >= WRITE_BYTES) await put(file)
        }),
      end: () =>
        guarded(async () => {
          if (file === null) return layInline(Buffer.concat(held))
          if (held.length > 0) await put(file)
          return file.end()
        }),
      async drop() {
        held = []
        if (file === null) return
        await file.drop()
      },
    }
  }
}
