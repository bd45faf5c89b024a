import { type DataSet, itemsOf, numberOf, textOf } from './json.ts'
import { TAGS, tagName } from './tags.ts'

/** What became of one instance that was to be stored. `reason`: a failure of PS3.4 §GG.4, as a number. */
export interface StoredOne {
  readonly sopClass: string | null
  readonly uid: string | null
  /** Null: stored. */
  readonly reason: number | null
}

/** Failure reasons that are answered (PS3.18 §10.5, PS3.4 §B.2.3). */
export const REASONS = {
  outOfResources: 0xa700,
  mismatch: 0xa900,
  cannotUnderstand: 0xc000,
  syntaxNotSupported: 0x0122,
  processing: 0x0110,
} as const

/** The answer to STOW-RS in the DICOM JSON model (PS3.18 §I.2). `base`: where the studies may be read; null: they may not. */
export function storeAnswer(all: readonly StoredOne[]): DataSet {
  const one = ({ sopClass, uid, reason }: StoredOne): DataSet => ({
    ...(sopClass !== null && value(TAGS.referencedSopClass, 'UI', sopClass)),
    ...(uid !== null && value(TAGS.referencedSopInstance, 'UI', uid)),
    ...(reason !== null && value(TAGS.failureReason, 'US', reason)),
  })
  const stored = all.filter(({ reason }) => reason === null)
  const failed = all.filter(({ reason }) => reason !== null)
  return {
    ...(stored.length > 0 && { [tagName(TAGS.referencedSops)]: { vr: 'SQ', Value: stored.map(one) } }),
    ...(failed.length > 0 && { [tagName(TAGS.failedSops)]: { vr: 'SQ', Value: failed.map(one) } }),
  }
}

function value(tag: number, vr: string, one: string | number): DataSet {
  return { [tagName(tag)]: { vr, Value: [one] } }
}

/** What an answer says of an instance: stored, failed for a reason, or nothing. */
export function saidOf(
  answer: DataSet,
  uid: string,
): { readonly is: 'stored' } | { readonly is: 'failed'; readonly reason: number | null } | null {
  const ours = (tag: number): DataSet | undefined =>
    itemsOf(answer, tag).find((item) => textOf(item, TAGS.referencedSopInstance) === uid)
  const failed = ours(TAGS.failedSops)
  if (failed !== undefined) return { is: 'failed', reason: numberOf(failed, TAGS.failureReason) }
  const stored = ours(TAGS.referencedSops)
  return stored === undefined ? null : { is: 'stored' }
}
