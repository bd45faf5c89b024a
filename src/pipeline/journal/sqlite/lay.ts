import { GatewayError } from '../../../core/errors.ts'
import type { Intake } from '../../../core/journal.ts'
import { INLINE_BYTES, type Laid, layInline } from '../laid.ts'
import type { BodyFiles } from './bodies.ts'
import type { LaidIntake } from './commit.ts'
import type { Writer } from './writer.ts'

/** Where bodies are put before their commit, and removed from when there was none. */
export interface BodyLayer {
  /** Up to `inlineBytes` (default INLINE_BYTES): for its row. Above: on storage first. @throws {GatewayError} STORE_FULL, STORE_FAILED */
  lay(id: string, dayMs: number, bytes: Uint8Array, inlineBytes?: number): Promise<Laid>
  drop(laid: readonly Pick<Laid, 'file'>[]): Promise<void>
}

/** A failed sync of a file ends the journal like one of the log. */
export function bodyLayer(writer: Writer, files: BodyFiles): BodyLayer {
  return {
    async lay(id, dayMs, bytes, inlineBytes = INLINE_BYTES) {
      if (bytes.length <= inlineBytes) return layInline(bytes)
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

/** Bytes of bodies that one commit writes into rows as they come: above, its thread would be held by writing them. */
const COMMIT_INLINE_BYTES = 1024 * 1024
/** In a commit above that, what a body may have at most to stand in its row: a page of the store. */
const CROWDED_INLINE_BYTES = 4 * 1024
/** Files written at once: as many as the pool has threads. */
const FILES_AT_ONCE = 4

/** The most that a body of these intakes may have to stand in its row. */
function inlineLimit(intakes: readonly Intake[]): number {
  let inline = 0
  for (const { bytes } of intakes) if (bytes.length <= INLINE_BYTES) inline += bytes.length
  return inline > COMMIT_INLINE_BYTES ? CROWDED_INLINE_BYTES : INLINE_BYTES
}

/**
 * Puts the bodies of intakes where they belong, then writes; what was laid and no commit names is removed. The middling
 * bodies of a large commit become files too, so that the one transaction that names them stays short. */
export function intakeLayer({ lay, drop }: BodyLayer) {
  return async <T>(
    intakes: readonly Intake[],
    write: (laid: readonly LaidIntake[]) => Promise<T>,
    written: (result: T) => readonly Intake[],
  ): Promise<T> => {
    const laid = new Map<Intake, Laid>()
    try {
      const limit = inlineLimit(intakes)
      const large: Intake[] = []
      for (const intake of intakes) {
        if (intake.staged !== undefined) laid.set(intake, intake.staged)
        else if (intake.bytes.length > limit) large.push(intake)
        else laid.set(intake, layInline(intake.bytes))
      }
      // Without large ones nothing is awaited, so that a call is in the group of the turn that made it.
      if (large.length > 0) await layFiles(large, lay, laid)
      const result = await write(intakes.map((intake) => ({ intake, laid: laid.get(intake)! })))
      const named = new Set(written(result))
      if (named.size < laid.size) await drop([...laid].flatMap(([intake, part]) => (named.has(intake) ? [] : [part])))
      return result
    } catch (error) {
      await drop([...laid.values()])
      throw error
    }
  }
}

/** Lays each as a file, a few at a time; when one fails those begun are ended first, so that all of them are known. */
async function layFiles(intakes: readonly Intake[], lay: BodyLayer['lay'], laid: Map<Intake, Laid>): Promise<void> {
  const waiting = intakes.values()
  let failed = false
  const one = async (): Promise<void> => {
    for (const intake of waiting) {
      if (failed) return
      try {
        laid.set(intake, await lay(intake.id, intake.receivedAtMs, intake.bytes, 0))
      } catch (error) {
        failed = true
        throw error
      }
    }
  }
  const ended = await Promise.allSettled(Array.from({ length: FILES_AT_ONCE }, one))
  for (const result of ended) if (result.status === 'rejected') throw result.reason
}
