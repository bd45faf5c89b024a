import type { BatchCommitted, BatchPart, Committed, Intake } from '../../core/journal.ts'

/** What was laid, in the parts it came in. */
export function regrouped<T>(laid: readonly T[], parts: readonly BatchPart[]): readonly (readonly T[])[] {
  let at = 0
  return parts.map((part) => {
    at += part.length
    return laid.slice(at - part.length, at)
  })
}

/** The intakes of a batch that its commit wrote. */
export function writtenOf(result: BatchCommitted, batch: Intake, parts: readonly BatchPart[]): readonly Intake[] {
  if (result.kind !== 'committed' || result.batch === null) return []
  return [batch, ...parts.filter((_, i) => result.parts[i]?.kind === 'committed').flat()]
}

/**
 * The intakes of a commit whose bodies stay: those that it wrote, and those that came as a stream and are about to be
 * committed again, as nobody could lay them anew. */
export function keptOf({ kind }: Committed, intakes: readonly Intake[]): readonly Intake[] {
  if (kind === 'committed') return intakes
  return kind === 'stale' || kind === 'mismatch' ? intakes.filter(({ staged }) => staged !== undefined) : []
}
