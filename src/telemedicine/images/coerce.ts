import type { DicomwebTarget } from '../../core/config.ts'
import type { Coercion } from '../../core/images.ts'
import { editHead, otherIdsElement, qualifiersElement, rawText, textElement } from '../../formats/dicom/edit.ts'
import { find } from '../../formats/dicom/facts.ts'
import type { Head } from '../../formats/dicom/head.ts'
import { TAGS } from '../../formats/dicom/tags.ts'

/** Longest value of a Patient ID (LO, PS3.5 §6.2). */
const MAX_ID_BYTES = 64

/** Who issues identifiers at the site that the images come from. */
export type Issuer = Pick<DicomwebTarget, 'issuer' | 'oid'>

/** The bytes to send in place of the head, and what was changed; null: it cannot be changed as asked. */
export interface Coerced {
  readonly bytes: readonly Buffer[]
  readonly done: readonly Coercion[]
}

/**
 * Makes the patient identifier of a head unmistakable elsewhere (IHE RAD PIR, Import Reconciliation): the site's issuer and
 * its qualifiers where they are absent, or the identifier with the issuer before it and the original in Other Patient
 * IDs. UIDs and everything else stay. Pure. */
export function coerce(head: Head, { issuer, oid }: Issuer, how: DicomwebTarget['patientIds']): Coerced | null {
  const id = find(head, TAGS.patientId)
  const set = new Map<number, Buffer>()
  const done: Coercion[] = []
  const original = id === null ? Buffer.alloc(0) : rawText(head, id)
  const issued = isFilled(head, TAGS.issuer)
  if (original.length > 0) {
    if (!issued) {
      set.set(TAGS.issuer, textElement(head, TAGS.issuer, 'LO', issuer))
      done.push('issuer-set')
      if (oid !== null && !isFilled(head, TAGS.qualifiers)) {
        set.set(TAGS.qualifiers, qualifiersElement(head, oid))
        done.push('qualifiers-set')
      }
    }
    const prefix = Buffer.from(`${issuer}-`, 'latin1')
    if (how === 'prefix' && !original.subarray(0, prefix.length).equals(prefix)) {
      const prefixed = Buffer.concat([prefix, original])
      const others = otherIdsElement(head, original, issuer)
      if (prefixed.length > MAX_ID_BYTES || others === null) return null
      set.set(TAGS.patientId, textElement(head, TAGS.patientId, 'LO', prefixed))
      set.set(TAGS.otherIds, others)
      done.push('id-prefixed', 'original-kept')
    }
  }
  const dropped = set.size > 0 && find(head, TAGS.patientGroupLength) !== null
  if (dropped) done.push('group-length-dropped')
  return { bytes: editHead(head, { set, drop: dropped ? [TAGS.patientGroupLength] : [] }), done }
}

function isFilled(head: Head, tag: number): boolean {
  const element = find(head, tag)
  return element !== null && (element.length === null || rawText(head, element).length > 0)
}
