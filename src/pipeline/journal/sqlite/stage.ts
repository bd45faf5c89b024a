import { GatewayError } from '../../../core/errors.ts'
import type { Staging } from '../../../core/journal.ts'
import { INLINE_BYTES, layInline } from '../laid.ts'
import type { BodyFile, BodyFiles } from './bodies.ts'
import type { Writer } from './writer.ts'

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
    let bytes = 0
    let file: BodyFile | null = null
    return {
      write: (chunk) =>
        guarded(async () => {
          bytes += chunk.length
          if (file === null) {
            held.push(chunk)
            if (bytes <= INLINE_BYTES) return
            file = await files.begin(id, dayMs)
            chunk = Buffer.concat(held)
            held = []
          }
          await file.write(chunk)
        }),
      end: () => guarded(async () => (file === null ? layInline(Buffer.concat(held)) : file.end())),
      async drop() {
        held = []
        if (file === null) return
        await file.drop()
      },
    }
  }
}
