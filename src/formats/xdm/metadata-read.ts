/** METADATA.XML as somebody wrote it: one submission set with its documents, and what it leaves out. */
import type { Finding } from '../../core/message.ts'
import { XdmStop } from './fault.ts'
import { pieceOf } from './hl7-text.ts'
import type { XdmAuthor, XdmCode, XdmEntry, XdmMetadata, XdmSubmission } from './package.ts'
import { DOCUMENT_SCHEMES, REPLACES, RIM, SET_SCHEMES, SUBMISSION_SET } from './schemes.ts'
import { type XmlNode, xmlTree } from './tree.ts'

/** What METADATA.XML says, and what of it is missing or disagrees. */
export interface ReadMetadata {
  readonly metadata: XdmMetadata
  readonly findings: readonly Finding[]
}

/**
 * Reads the metadata.
 * @throws {XdmStop} if it is no request, has no submission set or several, or registers no document */
export function readMetadata(bytes: Buffer): ReadMetadata {
  const root = xmlTree(bytes)
  if (root.name !== 'SubmitObjectsRequest') throw new XdmStop('XDM_METADATA', 'root')
  const list = root.children.find((one) => one.name === 'RegistryObjectList')
  if (list === undefined || list.namespace !== RIM) throw new XdmStop('XDM_METADATA', 'root')
  const objects = list.children.filter((one) => one.namespace === RIM)
  const { set, isMarked } = submissionSet(objects)
  const documents = objects.filter((one) => one.name === 'ExtrinsicObject')
  if (documents.length === 0) throw new XdmStop('XDM_METADATA', 'no-documents')
  const replaced = new Map(
    objects
      .filter((one) => one.name === 'Association' && attribute(one, 'associationType') === REPLACES)
      .map((one) => [attribute(one, 'sourceObject'), attribute(one, 'targetObject')]),
  )
  const metadata = { submission: submissionOf(set), entries: documents.map((one) => entryOf(one, replaced)) }
  const unmarked: Finding[] = isMarked ? [] : [missing('SubmissionSet.classification')]
  return { metadata, findings: [...patientFindings(metadata), ...unmarked, ...missingOf(metadata)] }
}

/** The package that is classified as a submission set; the only package counts where none is. */
function submissionSet(objects: readonly XmlNode[]): { set: XmlNode; isMarked: boolean } {
  const packages = objects.filter((one) => one.name === 'RegistryPackage')
  const isSet = (one: XmlNode): boolean =>
    one.name === 'Classification' && attribute(one, 'classificationNode') === SUBMISSION_SET
  const classified = new Set(objects.filter(isSet).map((one) => attribute(one, 'classifiedObject')))
  const marked = packages.filter((one) => classified.has(attribute(one, 'id')) || one.children.some(isSet))
  const found = marked.length > 0 ? marked : packages
  if (found.length > 1) throw new XdmStop('XDM_METADATA', 'several-sets')
  const [set] = found
  if (set === undefined) throw new XdmStop('XDM_METADATA', 'no-set')
  return { set, isMarked: marked.length > 0 }
}

function submissionOf(set: XmlNode): XdmSubmission {
  return {
    entryUuid: attribute(set, 'id'),
    uniqueId: identifier(set, SET_SCHEMES.uniqueId),
    sourceId: identifier(set, SET_SCHEMES.sourceId),
    submissionTime: slot(set, 'submissionTime'),
    patientId: identifier(set, SET_SCHEMES.patientId),
    authors: authors(set, SET_SCHEMES.author),
    contentTypeCode: codes(set, SET_SCHEMES.contentTypeCode)[0] ?? null,
    intendedRecipients: slots(set, 'intendedRecipient'),
    title: nameOf(set),
  }
}

function entryOf(node: XmlNode, replaced: ReadonlyMap<string, string>): XdmEntry {
  const code = (scheme: string): XdmCode | null => codes(node, scheme)[0] ?? null
  const size = slot(node, 'size')
  const entryUuid = attribute(node, 'id')
  return {
    entryUuid,
    uniqueId: identifier(node, DOCUMENT_SCHEMES.uniqueId),
    uri: slots(node, 'URI').join(''),
    mimeType: attribute(node, 'mimeType'),
    hash: slot(node, 'hash').toLowerCase(),
    size: /^\d{1,12}$/.test(size) ? Number(size) : null,
    creationTime: slot(node, 'creationTime'),
    languageCode: slot(node, 'languageCode'),
    patientId: identifier(node, DOCUMENT_SCHEMES.patientId),
    sourcePatientId: slot(node, 'sourcePatientId'),
    sourcePatientInfo: slots(node, 'sourcePatientInfo'),
    authors: authors(node, DOCUMENT_SCHEMES.author),
    legalAuthenticator: slot(node, 'legalAuthenticator'),
    serviceStartTime: slot(node, 'serviceStartTime'),
    serviceStopTime: slot(node, 'serviceStopTime'),
    title: nameOf(node),
    classCode: code(DOCUMENT_SCHEMES.classCode),
    typeCode: code(DOCUMENT_SCHEMES.typeCode),
    formatCode: code(DOCUMENT_SCHEMES.formatCode),
    healthcareFacilityTypeCode: code(DOCUMENT_SCHEMES.healthcareFacilityTypeCode),
    practiceSettingCode: code(DOCUMENT_SCHEMES.practiceSettingCode),
    confidentialityCodes: codes(node, DOCUMENT_SCHEMES.confidentialityCode),
    eventCodes: codes(node, DOCUMENT_SCHEMES.eventCode),
    replaces: replaced.get(entryUuid) ?? null,
  }
}

const attribute = (node: XmlNode, name: string): string => node.attributes.get(name)?.trim() ?? ''
const ofName = (node: XmlNode, name: string): XmlNode[] => node.children.filter((one) => one.name === name)

/** Values of a slot, each without the space around it. */
function slots(node: XmlNode, name: string): string[] {
  return ofName(node, 'Slot')
    .filter((one) => attribute(one, 'name') === name)
    .flatMap((one) => ofName(one, 'ValueList'))
    .flatMap((one) => ofName(one, 'Value'))
    .map((one) => one.text.trim())
    .filter((one) => one !== '')
}

const slot = (node: XmlNode, name: string): string => slots(node, name)[0] ?? ''

function nameOf(node: XmlNode): string {
  const [local] = ofName(node, 'Name').flatMap((one) => ofName(one, 'LocalizedString'))
  return local === undefined ? '' : attribute(local, 'value')
}

function classifications(node: XmlNode, scheme: string): XmlNode[] {
  return ofName(node, 'Classification').filter((one) => attribute(one, 'classificationScheme') === scheme)
}

function codes(node: XmlNode, scheme: string): XdmCode[] {
  return classifications(node, scheme)
    .map((one) => ({
      code: attribute(one, 'nodeRepresentation'),
      system: slot(one, 'codingScheme'),
      display: nameOf(one),
    }))
    .filter(({ code }) => code !== '')
}

function authors(node: XmlNode, scheme: string): XdmAuthor[] {
  return classifications(node, scheme).map((one) => ({
    person: slot(one, 'authorPerson'),
    institutions: slots(one, 'authorInstitution'),
    roles: slots(one, 'authorRole'),
    specialties: slots(one, 'authorSpecialty'),
    telecoms: slots(one, 'authorTelecommunication'),
  }))
}

function identifier(node: XmlNode, scheme: string): string {
  const found = ofName(node, 'ExternalIdentifier').find((one) => attribute(one, 'identificationScheme') === scheme)
  return found === undefined ? '' : attribute(found, 'value')
}

/** Who a patientId names, whatever else the CX says: the value, and the OID that gave it. */
export function patientKey(patientId: string): string {
  return `${pieceOf(patientId, 4, 2)} ${pieceOf(patientId, 1)}`
}

/** One message speaks of one patient (MSSanté, ECO.2.1.1). */
function patientFindings({ submission, entries }: XdmMetadata): Finding[] {
  const ids = [submission.patientId, ...entries.map((one) => one.patientId)].filter((one) => one !== '')
  if (ids.length === 0) return [{ code: 'XDM_FIELD_MISSING', class: 'contract', at: 'SubmissionSet.patientId' }]
  const count = new Set(ids.map(patientKey)).size
  return count === 1 ? [] : [{ code: 'XDM_PATIENTS', class: 'safety', params: { count } }]
}

/** What a set and an entry must say (ITI TF-3 §4.3.1, column of XDM). */
const SET_FIELDS = ['uniqueId', 'sourceId', 'submissionTime', 'contentTypeCode'] as const
const ENTRY_FIELDS = [
  'entryUuid',
  'uniqueId',
  'uri',
  'mimeType',
  'hash',
  'size',
  'creationTime',
  'languageCode',
  'patientId',
  'title',
  'classCode',
  'typeCode',
  'formatCode',
  'healthcareFacilityTypeCode',
  'practiceSettingCode',
] as const
const MOST_FINDINGS = 50

function missingOf({ submission, entries }: XdmMetadata): Finding[] {
  const unsaid = (value: unknown): boolean => value === '' || value === null
  const ofSet = SET_FIELDS.filter((one) => unsaid(submission[one])).map((one) => missing(`SubmissionSet.${one}`))
  const ofEntries = entries.flatMap((entry, i) => [
    ...ENTRY_FIELDS.filter((one) => unsaid(entry[one])).map((one) => missing(`DocumentEntry[${i}].${one}`)),
    ...(entry.authors.length === 0 ? [missing(`DocumentEntry[${i}].author`)] : []),
    ...(entry.confidentialityCodes.length === 0 ? [missing(`DocumentEntry[${i}].confidentialityCode`)] : []),
  ])
  return [...ofSet, ...ofEntries].slice(0, MOST_FINDINGS)
}

function missing(at: string): Finding {
  return { code: 'XDM_FIELD_MISSING', class: 'form', at }
}
