import type { ImageInstance, ImagePatient } from '../../core/images.ts'
import { type Element, endOf, itemsOf } from './elements.ts'
import type { Head, Read } from './head.ts'
import { TAGS } from './tags.ts'
import { decodeText } from './text.ts'

/** A UID (PS3.5 §9.1): digits and points, at most 64. */
const UID = /^[0-9]+(\.[0-9]+)*$/

/** Is the text a UID? What is none never becomes part of an address. */
export function isUid(text: string): boolean {
  return text.length <= 64 && UID.test(text)
}

/** What the head says the instance is; null: it lacks one of its three UIDs, or what stands there is none. */
export function instanceOf(head: Head): ImageInstance | null {
  const plain = (tag: number): string | null => textOf(head, tag)?.text ?? null
  const uid = plain(TAGS.sopInstance)
  const study = plain(TAGS.study)
  const series = plain(TAGS.series)
  if (uid === null || study === null || series === null || ![uid, study, series].every(isUid)) return null
  const number = plain(TAGS.number)
  return {
    uid,
    study,
    series,
    sopClass: plain(TAGS.sopClass),
    number: number !== null && /^[+-]?\d{1,10}$/.test(number) ? Number(number) : null,
    accession: plain(TAGS.accession),
    modality: plain(TAGS.modality),
    patient: patientOf(head),
  }
}

/** Whom the head names. */
export function patientOf(head: Head): ImagePatient {
  const id = textOf(head, TAGS.patientId)
  const name = textOf(head, TAGS.patientName)
  return {
    id: id?.text ?? null,
    issuer: textOf(head, TAGS.issuer)?.text ?? null,
    issuerEntity: issuerEntityOf(head),
    name: name?.text ?? null,
    birthDate: textOf(head, TAGS.birthDate)?.text ?? null,
    sex: textOf(head, TAGS.sex)?.text ?? null,
    ...(name?.readable === false && { unreadable: true }),
  }
}

/** An element of the head; null: there is none. */
export function find({ elements }: Head, tag: number): Read | null {
  return elements.find((one) => one.tag === tag) ?? null
}

function textOf(head: Head, tag: number): { readonly text: string; readonly readable: boolean } | null {
  const element = find(head, tag)
  if (element === null) return null
  const charset = find(head, TAGS.charset)
  const named = charset === null ? '' : head.bytes.toString('latin1', charset.valueStart, charset.end)
  const decoded = decodeText(head.bytes.subarray(element.valueStart, element.end), named)
  return decoded.text === '' ? null : decoded
}

/** Universal Entity ID of the issuer's qualifiers (PS3.3 §C.7.1.1). */
function issuerEntityOf(head: Head): string | null {
  const sequence = find(head, TAGS.qualifiers)
  const [item] = (sequence && itemsOf(head.bytes, sequence, sequence.end, head.writing)) ?? []
  const entity = item?.find((one: Element) => one.tag === TAGS.entityId)
  if (entity === undefined) return null
  const end = endOf(head.bytes, entity, head.writing)
  if (typeof end === 'string') return null
  const text = head.bytes.toString('latin1', entity.valueStart, end).replace(/[\0 ]+$/, '')
  return text === '' ? null : text
}
