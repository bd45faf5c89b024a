/** Images that an order or a report speaks of: study UID, accession number and viewer, and ImagingStudy with Endpoint. */
import { resourcesOf } from '../fhir/bundle.ts'
import { type JsonObject, object, objects, text } from '../fhir/json.ts'
import type { Hl7Message } from '../hl7v2/message.ts'
import { type Entry, ensured, type Loose, referenceTo, resolve, resource, written } from './bundle.ts'
import type { BridgeContext } from './context.ts'
import { embeddedText } from './embedded.ts'
import { entityAt, entityOf } from './entities.ts'
import type { OrderGroup } from './order-groups.ts'
import { textAt } from './parts.ts'
import { PROFILES } from './profiles.ts'
import { stableId } from './stable-id.ts'

/** System of DICOM's unique ids (R4 imagingstudy.html). */
const DICOM_UID = 'urn:dicom:uid'
const URN_OID = 'urn:oid:'
const UID = /^[0-2](\.(0|[1-9]\d*))+$/
const MOST_UID = 64
const URL = /^https?:\/\/[^\s"<>\\^`{|}]+$/i
const CONNECTION = 'http://terminology.hl7.org/CodeSystem/endpoint-connection-type'
/** Code of an OBX that carries the viewer's address (tele-radiology, flow 4). */
export const VIEWER = 'URL_PARTIELLE_VIEWER'
const DAY_MS = 86_400_000
/** In front of an address that names only host and path. */
const SCHEME = 'https://'

/** What a message says of a study. */
export interface Study {
  readonly uid: string | null
  readonly accession: JsonObject | null
  readonly modality: JsonObject | null
  readonly url: string | null
}

/** The Study Instance UID of IPC-3 or ZDS-1, `wrong` when what stands there is none (PS3.5 §9.1). */
export function studyUid(message: Hl7Message, { ipc, zds }: OrderGroup): string | null | 'wrong' {
  const uid = (ipc === null ? '' : textAt(message, `${ipc}-3`)) || (zds === null ? '' : textAt(message, `${zds}-1`))
  if (uid === '') return null
  return UID.test(uid) && uid.length <= MOST_UID ? uid : 'wrong'
}

/** Accession number of IPC-1, else of OBR-18 (IHE RAD-4). */
export function accessionAt(message: Hl7Message, { ipc, obr }: OrderGroup, context: BridgeContext): JsonObject | null {
  const own = ipc === null ? null : entityAt(message, `${ipc}-1`, 'ACSN', context)
  return own ?? (obr === null ? null : entityAt(message, `${obr}-18`, 'ACSN', context))
}

/** Modality of IPC-5 as a Coding of DICOM; null when it says none. */
export function modalityAt(message: Hl7Message, { ipc }: OrderGroup): JsonObject | null {
  const code = ipc === null ? '' : textAt(message, `${ipc}-5`)
  return code === '' ? null : { system: 'http://dicom.nema.org/resources/ontology/DCM', code }
}

/** The viewer's address of an OBX, encapsulated or as text; null when it is no address. It is never fetched. */
export function viewerAt(message: Hl7Message, obx: string): string | null {
  const said = textAt(message, `${obx}-2`) === 'ED' ? embeddedText(message, obx) : textAt(message, `${obx}-5`)
  const whole = (said ?? '').trim()
  const url = /^[a-z][a-z0-9+.-]*:/i.test(whole) ? whole : SCHEME + whole
  return URL.test(url) ? url : null
}

/** The address as OBX carries it: host, service and parameters, without the scheme. */
export function viewerText(url: string): string {
  return url.startsWith(SCHEME) ? url.slice(SCHEME.length) : url
}

/** What an ImagingStudy says beside its study. */
export interface StudyRole {
  readonly status: 'registered' | 'available'
  readonly subject: JsonObject
  readonly encounter: JsonObject | null
  readonly basedOn: JsonObject | null
  readonly started: string | null
  readonly procedures: readonly JsonObject[]
  /** How long the viewer shows them, from then on (days). */
  readonly keptDays?: number | null
}

/** Identifiers of a study: its UID, then its accession number where it can be told whose it is. */
export function studyNames({ uid, accession }: Study): JsonObject[] {
  const own = accession === null || text(accession['system']) === null ? null : accession
  return [uid === null ? null : { system: DICOM_UID, value: URN_OID + uid }, own].filter((one) => one !== null)
}

/**
 * Entries of a study and its viewer; none when neither UID nor accession number names it. An available study is written
 * over the one that was only announced. */
export function studyEntries(study: Study, role: StudyRole): Entry[] {
  const names = studyNames(study)
  if (names.length === 0) return []
  const endpoint = study.url === null ? null : endpointEntry(study.url, role)
  const { status, subject, encounter, basedOn, started, procedures } = role
  const profile = study.uid !== null && endpoint !== null ? PROFILES.imagingStudy : null
  const imaging = resource('ImagingStudy', profile, {
    identifier: names,
    status,
    modality: study.modality === null ? [] : [study.modality],
    subject,
    encounter,
    started,
    basedOn: basedOn === null ? [] : [basedOn],
    endpoint: endpoint === null ? [] : [referenceTo(endpoint)],
    procedureCode: procedures,
  })
  const entry = status === 'available' ? written(imaging) : ensured(imaging)
  return endpoint === null ? [entry] : [entry, endpoint]
}

function endpointEntry(url: string, { started, keptDays = null }: StudyRole): Entry {
  const payload: Loose = [{ text: 'DICOM' }]
  const end = started === null || keptDays === null ? null : new Date(Date.parse(started) + keptDays * DAY_MS)
  return ensured(
    resource('Endpoint', PROFILES.imagesEndpoint, {
      identifier: [{ system: 'urn:ietf:rfc3986', value: `urn:uuid:${stableId('Endpoint', 'url', url)}` }],
      status: 'active',
      period: end === null ? null : { start: started, end: end.toISOString().slice(0, 10) },
      connectionType: { system: CONNECTION, code: 'ihe-iid' },
      payloadType: payload,
      payloadMimeType: ['application/dicom'],
      address: url,
    }),
  )
}

/** How many days an Endpoint shows its images, from its period; null when it does not say. */
export function keptDaysOf(endpoint: JsonObject | null): number | null {
  const period = object(endpoint?.['period'])
  const [start, end] = [text(period?.['start']), text(period?.['end'])].map((one) => Date.parse(one ?? ''))
  const days = Math.ceil((end! - start!) / DAY_MS)
  return days > 0 ? days : null
}

/** The ImagingStudy that travels with an order, read back. */
export interface StudyRead {
  readonly uid: string | null
  readonly accession: JsonObject | undefined
  readonly modality: string | null
  readonly url: string | null
  readonly endpoint: JsonObject | null
  readonly resource: JsonObject
}

/** The study of a Bundle or of contained resources; null when there is none. */
export function studyOf(root: JsonObject, owner: JsonObject): StudyRead | null {
  const all = [...resourcesOf(root), ...objects(owner['contained'])]
  const study = all.find((one) => one['resourceType'] === 'ImagingStudy')
  if (study === undefined) return null
  const value = text(objects(study['identifier']).find(({ system }) => system === DICOM_UID)?.['value']) ?? ''
  const uid = value.startsWith(URN_OID) ? value.slice(URN_OID.length) : value
  const [reference] = objects(study['endpoint'])
  const endpoint = reference === undefined ? null : resolve(reference, study, root)
  return {
    uid: UID.test(uid) ? uid : null,
    accession: entityOf(study, 'ACSN'),
    modality: text(object(objects(study['modality'])[0])?.['code']),
    url: text(endpoint?.['address']),
    endpoint,
    resource: study,
  }
}
