import { GatewayError } from '../../../core/errors.ts'
import type { Intake } from '../../../core/journal.ts'
import { type BodyFiles, INLINE_BYTES, type Laid, layInline } from './bodies.ts'
import type { LaidIntake } from './commit.ts'
import type { Writer } from './writer.ts'

/** Where bodies are put before their commit, and removed from when there was none. */
export interface BodyLayer {
  /** Small: for its row. Large: on storage first. @throws {GatewayError} STORE_FULL, STORE_FAILED */
  lay(id: string, dayMs: number, bytes: Uint8Array): Promise<Laid>
  drop(laid: readonly Pick<Laid, 'file'>[]): Promise<void>
}

/** A failed sync of a file ends the journal like one of the log. */
export function bodyLayer(writer: Writer, files: BodyFiles): BodyLayer {
  return {
    async lay(id, dayMs, bytes) {
      if (bytes.length <= INLINE_BYTES) return layInline(bytes)
      if (writer.failed) throw writer.failed
      try {
        return await files.lay(id, dayMs, bytes)
      } catch (error) {
        if (error instanceof GatewayError && error.code === 'STORE_FAILED') writer.fail(error.cause)
        throw error
      }
    },
    async drop(laid) {
      // After a failed sync a commit may turn out to be on disk: its files stay, and the next start sweeps the others.
      if (writer.failed) return
      for (const { file } of laid) if (file !== null) await files.drop(file)
    },
  }
}

/** Puts the bodies of intakes where they belong, then writes; what was laid and no commit names is removed. */
export function intakeLayer({ lay, drop }: BodyLayer) {
  return async <T>(
    intakes: readonly Intake[],
    write: (laid: readonly LaidIntake[]) => Promise<T>,
    written: (result: T) => readonly Intake[],
  ): Promise<T> => {
    const laid: LaidIntake[] = []
    try {
      for (const intake of intakes) {
        const { id, receivedAtMs, bytes } = intake
        // A small body is not awaited, so that a call is in the group of the turn that made it.
        const small = bytes.length <= INLINE_BYTES
        laid.push({ intake, laid: small ? layInline(bytes) : await lay(id, receivedAtMs, bytes) })
      }
      const result = await write(laid)
      const named = written(result)
      if (named.length < laid.length) {
        await drop(laid.filter(({ intake }) => !named.includes(intake)).map((part) => part.laid))
      }
      return result
    } catch (error) {
      await drop(laid.map((part) => part.laid))
      throw error
    }
  }
}
