import { randomUUID } from 'node:crypto'
import type { DicomwebTarget } from '../../core/config.ts'
import { codeOf, GatewayError } from '../../core/errors.ts'
import type {
  Archive,
  FromArchive,
  ImageInstance,
  ImageStudy,
  Kept,
  Sending,
  StudyQuestion,
} from '../../core/images.ts'
import { type DataSet, dataSetOf, dataSetsOf, instanceOf, seriesOf, studyOf } from '../../formats/dicom/json.ts'
import { relatedType } from '../../formats/dicom/multipart.ts'
import { instancesBody, partsOf } from '../../formats/dicom/parts.ts'
import { REASONS, saidOf } from '../../formats/dicom/store-answer.ts'
import { TAGS, tagName } from '../../formats/dicom/tags.ts'
import type { SenderParts, To } from '../attempts.ts'
import { type Exchange, type Exchanges, exchanges } from './exchange.ts'

/** The longest list that is read (bytes), and the instances asked for at once. */
const MAX_LIST_BYTES = 32 * 1024 ** 2
const PAGE = 1_000
const JSON_TYPE = 'application/dicom+json'
/** What identifies a patient, where a list does not tell it by itself. */
const PATIENT_FIELDS = [TAGS.patientId, TAGS.issuer, TAGS.patientName, TAGS.birthDate, TAGS.sex]
  .map((tag) => `includefield=${tagName(tag)}`)
  .join('&')

/**
 * An archive behind DICOMweb (PS3.18 §10: QIDO-RS, WADO-RS, STOW-RS). Instances are asked for as the archive keeps them
 * (`transfer-syntax=*`); nothing is held beyond what is on its way. */
export function dicomwebArchive(destination: To<DicomwebTarget>, parts: SenderParts): Archive {
  const wire = exchanges(destination, parts)
  const list = (path: string, signal: AbortSignal) => listOf(wire, path, signal)
  return {
    async studies(question, signal) {
      const found = await list(`/studies?${questionOf(question)}&${PATIENT_FIELDS}&limit=100`, signal)
      const told = mapped(found, (sets) => sets.map(studyOf).filter((one) => one !== null))
      return mapped(told, (studies) => studies.filter((one) => isAsked(one, question)))
    },
    async series(study, signal) {
      const fields = `includefield=${tagName(TAGS.seriesInstances)}`
      const found = await list(`/studies/${study}/series?${fields}&${PATIENT_FIELDS}`, signal)
      return mapped(found, (sets) => sets.map(seriesOf).filter((one) => one !== null))
    },
    instances: (study, series, signal) => pagesOf(list, { study, series }, signal),
    async open({ study, series, uid }, signal) {
      const opened = await open(wire, `/studies/${study}/series/${series}/instances/${uid}`, signal)
      return mapped(opened, onlyOne)
    },
    openSeries: (study, series, signal) => open(wire, `/studies/${study}/series/${series}`, signal),
    keep: (study, instances, signal) => keep(wire, study, instances, signal),
    close: () => wire.close(),
  }
}

function questionOf(question: StudyQuestion): string {
  const by = (tag: number, value: string): string => `${tagName(tag)}=${encodeURIComponent(value)}`
  switch (question.by) {
    case 'uid':
      return by(TAGS.study, question.uid)
    case 'accession':
      return by(TAGS.accession, question.accession)
    case 'patient':
      return `${by(TAGS.patientId, question.id)}&${by(TAGS.studyDate, question.date)}`
  }
}

/** `*`, `?` and `\\` in a value ask for more than it (PS3.4 §C.2.2.2). */
const WILD = /[*?\\]/

/** Is the study one that was asked for? A number with such a mark in it, or a `?` for an unknown one, finds others'. */
function isAsked(study: ImageStudy, question: StudyQuestion): boolean {
  const [asked, told] =
    question.by === 'uid'
      ? [question.uid, study.uid]
      : question.by === 'accession'
        ? [question.accession, study.accession]
        : [question.id, study.patient.id]
  return told === null ? !WILD.test(asked) : told.toLowerCase() === asked.trim().toLowerCase()
}

function mapped<T, U>(answer: FromArchive<T>, use: (value: T) => U): FromArchive<U> {
  return answer.ok ? { ok: true, value: use(answer.value) } : answer
}

/** Page after page; an archive that knows no pages gives everything at once, and again. */
async function pagesOf(
  list: (path: string, signal: AbortSignal) => Promise<FromArchive<DataSet[]>>,
  of: { readonly study: string; readonly series: string },
  signal: AbortSignal,
): Promise<FromArchive<ImageInstance[]>> {
  const all = new Map<string, ImageInstance>()
  for (;;) {
    const path = `/studies/${of.study}/series/${of.series}/instances?${PATIENT_FIELDS}&limit=${PAGE}&offset=${all.size}`
    const page = await list(path, signal)
    if (!page.ok) return page
    const before = all.size
    for (const set of page.value) {
      const one = instanceOf(set, of)
      if (one !== null) all.set(one.uid, one)
    }
    if (page.value.length < PAGE || all.size === before) return { ok: true, value: [...all.values()] }
  }
}

async function listOf(wire: Exchanges, path: string, signal: AbortSignal): Promise<FromArchive<DataSet[]>> {
  const asked = await wire.ask({ method: 'GET', path, headers: { accept: JSON_TYPE } }, signal)
  if (!asked.ok) return asked
  const text = await textOf(asked.value)
  if (!text.ok) return text
  const sets = dataSetsOf(text.value)
  return sets === null ? { ok: false, code: 'ANSWER_GARBAGE', again: true } : { ok: true, value: sets }
}

async function textOf({ chunks, end }: Exchange): Promise<FromArchive<string>> {
  const held: Uint8Array[] = []
  let bytes = 0
  try {
    for await (const chunk of chunks) {
      held.push(chunk)
      bytes += chunk.length
      if (bytes > MAX_LIST_BYTES) return { ok: false, code: 'ANSWER_GARBAGE', again: false }
    }
    return { ok: true, value: Buffer.concat(held).toString('utf8') }
  } catch (fault) {
    return { ok: false, code: codeOf(fault), again: true }
  } finally {
    end()
  }
}

async function open(
  wire: Exchanges,
  path: string,
  signal: AbortSignal,
): Promise<FromArchive<AsyncIterable<AsyncIterable<Uint8Array>>>> {
  const accept = 'multipart/related; type="application/dicom"; transfer-syntax=*'
  const asked = await wire.ask({ method: 'GET', path, headers: { accept } }, signal)
  if (!asked.ok) return asked
  const { response, end } = asked.value
  const type = String(response.headers['content-type'] ?? '')
  const related = relatedType(type)
  if (related === null && !type.startsWith('application/dicom')) {
    end()
    return { ok: false, code: 'ANSWER_GARBAGE', again: true }
  }
  return { ok: true, value: instancesIn(asked.value, related?.boundary ?? null) }
}

/** The bytes of each part. @throws {GatewayError} where they break off */
async function* instancesIn(
  { chunks, end }: Exchange,
  boundary: string | null,
): AsyncGenerator<AsyncIterable<Uint8Array>> {
  try {
    if (boundary === null) yield chunks
    else for await (const part of partsOf(chunks, boundary)) yield part.bytes
  } finally {
    end()
  }
}

/** The bytes of the one part. @throws {GatewayError} where they break off, or are none or more than one */
async function* onlyOne(parts: AsyncIterable<AsyncIterable<Uint8Array>>): AsyncGenerator<Uint8Array> {
  let count = 0
  for await (const bytes of parts) {
    if (++count > 1) throw new GatewayError('ANSWER_GARBAGE')
    yield* bytes
  }
  if (count === 0) throw new GatewayError('IMAGES_ABSENT')
}

async function keep(
  wire: Exchanges,
  study: string,
  instances: AsyncIterable<Sending>,
  signal: AbortSignal,
): Promise<Kept> {
  const boundary = `passerelle-${randomUUID()}`
  const headers = {
    'content-type': `multipart/related; type="application/dicom"; boundary="${boundary}"`,
    accept: JSON_TYPE,
  }
  const sent: string[] = []
  async function* noted(): AsyncGenerator<Sending> {
    for await (const one of instances) {
      sent.push(one.uid)
      yield one
    }
  }
  const body = instancesBody(boundary, noted())
  const asked = await wire.ask({ method: 'POST', path: `/studies/${study}`, headers, body }, signal)
  if (!asked.ok) return asked
  const text = await textOf(asked.value)
  if (!text.ok) return text
  const answer = dataSetOf(text.value) ?? {}
  const all = sent.map((uid) => [uid, keptOf(answer, uid)] as const)
  return { ok: true, value: new Map(all.filter((one): one is [string, FromArchive<null>] => one[1] !== null)) }
}

/** Null: the answer does not say, and the archive's list will. */
function keptOf(answer: DataSet, uid: string): FromArchive<null> | null {
  const said = saidOf(answer, uid)
  if (said === null) return null
  if (said.is === 'stored') return { ok: true, value: null }
  const again = said.reason === REASONS.outOfResources || said.reason === REASONS.processing
  return { ok: false, code: 'IMAGE_REFUSED', again }
}
