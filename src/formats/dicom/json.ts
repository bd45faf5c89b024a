import type { ImageInstance, ImagePatient, ImageSeries, ImageStudy } from '../../core/images.ts'
import { isUid } from './facts.ts'
import { TAGS, tagName } from './tags.ts'

/** One data set of the DICOM JSON model (PS3.18 §F): as JSON.parse gave it, trusted in nothing. */
export type DataSet = Readonly<Record<string, unknown>>

/** The data sets of an answer; null: it is no list of them. An empty text is none (204 at some archives). */
export function dataSetsOf(text: string): DataSet[] | null {
  if (text.trim() === '') return []
  try {
    const read: unknown = JSON.parse(text)
    return Array.isArray(read) && read.every(isObject) ? read : null
  } catch {
    return null
  }
}

/** A data set by itself, as STOW-RS answers; null: it is none. */
export function dataSetOf(text: string): DataSet | null {
  try {
    const read: unknown = JSON.parse(text)
    const one: unknown = Array.isArray(read) ? read[0] : read
    return isObject(one) ? one : null
  } catch {
    return null
  }
}

function isObject(value: unknown): value is DataSet {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The values of an element; none: it is absent, empty, or told by reference. */
export function valuesOf(set: DataSet, tag: number): readonly unknown[] {
  const element = set[tagName(tag)]
  const values = isObject(element) ? element['Value'] : undefined
  return Array.isArray(values) ? values : []
}

/** The first value as text; null: none. */
export function textOf(set: DataSet, tag: number): string | null {
  const [value] = valuesOf(set, tag)
  const text = isObject(value) ? value['Alphabetic'] : value
  if (typeof text !== 'string' && typeof text !== 'number') return null
  const trimmed = String(text).trim()
  return trimmed === '' ? null : trimmed
}

/** The first value as a whole number; null: none. */
export function numberOf(set: DataSet, tag: number): number | null {
  const text = textOf(set, tag)
  return text !== null && /^-?\d{1,10}$/.test(text) ? Number(text) : null
}

/** The items of a sequence. */
export function itemsOf(set: DataSet, tag: number): DataSet[] {
  return valuesOf(set, tag).filter(isObject)
}

/** Whom a data set names. */
export function patientOf(set: DataSet): ImagePatient {
  const [qualifiers] = itemsOf(set, TAGS.qualifiers)
  return {
    id: textOf(set, TAGS.patientId),
    issuer: textOf(set, TAGS.issuer),
    issuerEntity: qualifiers === undefined ? null : textOf(qualifiers, TAGS.entityId),
    name: textOf(set, TAGS.patientName),
    birthDate: textOf(set, TAGS.birthDate),
    sex: textOf(set, TAGS.sex),
  }
}

/** Does it name anybody at all? Some archives leave out what they are asked for. */
export function isTold({ id, name, birthDate }: ImagePatient): boolean {
  return id !== null || name !== null || birthDate !== null
}

/** A study of a list; null: it has no UID. */
export function studyOf(set: DataSet): ImageStudy | null {
  const uid = uidOf(set, TAGS.study)
  if (uid === null) return null
  return {
    uid,
    accession: textOf(set, TAGS.accession),
    modalities: valuesOf(set, TAGS.modalitiesInStudy).filter((one) => typeof one === 'string'),
    description: textOf(set, TAGS.studyDescription),
    date: textOf(set, TAGS.studyDate),
    time: textOf(set, TAGS.studyTime),
    instances: numberOf(set, TAGS.studyInstances),
    patient: patientOf(set),
  }
}

/** A series of a list; null: it has no UID. */
export function seriesOf(set: DataSet): ImageSeries | null {
  const uid = uidOf(set, TAGS.series)
  if (uid === null) return null
  const patient = patientOf(set)
  return {
    uid,
    modality: textOf(set, TAGS.modality),
    instances: numberOf(set, TAGS.seriesInstances) ?? 0,
    patient: isTold(patient) ? patient : null,
  }
}

/** An instance of a list of this series; null: it has no UID. */
export function instanceOf(
  set: DataSet,
  of: { readonly study: string; readonly series: string },
): ImageInstance | null {
  const uid = uidOf(set, TAGS.sopInstance)
  if (uid === null) return null
  return {
    uid,
    sopClass: textOf(set, TAGS.sopClass),
    study: uidOf(set, TAGS.study) ?? of.study,
    series: uidOf(set, TAGS.series) ?? of.series,
    number: numberOf(set, TAGS.number),
    accession: textOf(set, TAGS.accession),
    modality: textOf(set, TAGS.modality),
    patient: patientOf(set),
  }
}

function uidOf(set: DataSet, tag: number): string | null {
  const text = textOf(set, tag)
  return text !== null && isUid(text) ? text : null
}
