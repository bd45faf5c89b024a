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
    let held: Buffer = Buffer.alloc(0)
    let file: BodyFile | null = null
    return {
      write: (chunk) =>
        guarded(async () => {
          if (file === null && held.length + chunk.length <= INLINE_BYTES) {
            held = Buffer.concat([held, chunk])
            return
          }
          if (file !== null) return file.write(chunk)
          file = await files.begin(id, dayMs)
          await file.write(held, chunk)
        }),
      end: () => guarded(async () => (file === null ? layInline(held) : file.end())),
      async drop() {
        if (file === null) return
        await file.drop()
      },
    }
  }
}
