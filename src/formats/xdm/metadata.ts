/** METADATA.XML: a submission set and its documents as a SubmitObjectsRequest of ebRIM 3.0 (ITI TF-3 §4.2, TF-2b §3.32). */
import { type Xml, xml, xmlDocument } from '../cda/write.ts'
import type { XdmAuthor, XdmCode, XdmEntry, XdmMetadata, XdmSubmission } from './package.ts'
import {
  APPROVED,
  DOCUMENT_SCHEMES,
  HAS_MEMBER,
  LCM,
  OBJECT_TYPES,
  REPLACES,
  RIM,
  SET_SCHEMES,
  STABLE_DOCUMENT,
  SUBMISSION_SET,
} from './schemes.ts'

/** Gives each object that has no name of its own one that is valid in this document. */
class Names {
  #next = 1
  next(kind: string): string {
    return `${kind}${String(this.#next++).padStart(2, '0')}`
  }
}

/** The bytes of METADATA.XML, in UTF-8. */
export function writeMetadata({ submission, entries }: XdmMetadata): Buffer {
  const names = new Names()
  const list = xml(
    'RegistryObjectList',
    { xmlns: RIM },
    entries.map((one) => extrinsicObject(one, names)),
    registryPackage(submission, names),
    xml('Classification', {
      id: names.next('node'),
      classifiedObject: submission.entryUuid,
      classificationNode: SUBMISSION_SET,
      objectType: OBJECT_TYPES.classification,
    }),
    entries.map((one) => member(submission, one, names)),
    entries.map((one) => (one.replaces === null ? null : replacement(one, one.replaces, names))),
  )
  return xmlDocument(xml('lcm:SubmitObjectsRequest', { 'xmlns:lcm': LCM }, list))
}

/** Order of the parts is that of the schema: slots, name, classifications, external identifiers. */
function extrinsicObject(entry: XdmEntry, names: Names): Xml {
  const owner = entry.entryUuid
  const code = (scheme: string, value: XdmCode | null): Xml | null => codeOf(owner, scheme, value, names)
  return xml(
    'ExtrinsicObject',
    { id: owner, mimeType: entry.mimeType, objectType: STABLE_DOCUMENT, status: APPROVED },
    slot('URI', entry.uri),
    slot('creationTime', entry.creationTime),
    slot('hash', entry.hash),
    slot('languageCode', entry.languageCode),
    slot('legalAuthenticator', entry.legalAuthenticator),
    slot('serviceStartTime', entry.serviceStartTime),
    slot('serviceStopTime', entry.serviceStopTime),
    slot('size', entry.size === null ? '' : String(entry.size)),
    slot('sourcePatientId', entry.sourcePatientId),
    slot('sourcePatientInfo', ...entry.sourcePatientInfo),
    name(entry.title),
    entry.authors.map((one) => authorOf(owner, DOCUMENT_SCHEMES.author, one, names)),
    code(DOCUMENT_SCHEMES.classCode, entry.classCode),
    entry.confidentialityCodes.map((one) => code(DOCUMENT_SCHEMES.confidentialityCode, one)),
    entry.eventCodes.map((one) => code(DOCUMENT_SCHEMES.eventCode, one)),
    code(DOCUMENT_SCHEMES.formatCode, entry.formatCode),
    code(DOCUMENT_SCHEMES.healthcareFacilityTypeCode, entry.healthcareFacilityTypeCode),
    code(DOCUMENT_SCHEMES.practiceSettingCode, entry.practiceSettingCode),
    code(DOCUMENT_SCHEMES.typeCode, entry.typeCode),
    identifier(owner, DOCUMENT_SCHEMES.patientId, 'XDSDocumentEntry.patientId', entry.patientId, names),
    identifier(owner, DOCUMENT_SCHEMES.uniqueId, 'XDSDocumentEntry.uniqueId', entry.uniqueId, names),
  )
}

function registryPackage(set: XdmSubmission, names: Names): Xml {
  const owner = set.entryUuid
  return xml(
    'RegistryPackage',
    { id: owner, objectType: OBJECT_TYPES.registryPackage, status: APPROVED },
    slot('intendedRecipient', ...set.intendedRecipients),
    slot('submissionTime', set.submissionTime),
    name(set.title),
    set.authors.map((one) => authorOf(owner, SET_SCHEMES.author, one, names)),
    codeOf(owner, SET_SCHEMES.contentTypeCode, set.contentTypeCode, names),
    identifier(owner, SET_SCHEMES.patientId, 'XDSSubmissionSet.patientId', set.patientId, names),
    identifier(owner, SET_SCHEMES.sourceId, 'XDSSubmissionSet.sourceId', set.sourceId, names),
    identifier(owner, SET_SCHEMES.uniqueId, 'XDSSubmissionSet.uniqueId', set.uniqueId, names),
  )
}

/** A slot; without a value there is none. */
function slot(slotName: string, ...values: readonly string[]): Xml | null {
  const said = values.filter((one) => one !== '')
  if (said.length === 0) return null
  return xml(
    'Slot',
    { name: slotName },
    xml(
      'ValueList',
      {},
      said.map((one) => xml('Value', {}, one)),
    ),
  )
}

function name(text: string): Xml | null {
  return text === '' ? null : xml('Name', {}, xml('LocalizedString', { value: text }))
}

function codeOf(owner: string, scheme: string, code: XdmCode | null, names: Names): Xml | null {
  if (code === null) return null
  return classification(owner, scheme, code.code, names, [slot('codingScheme', code.system), name(code.display)])
}

function authorOf(owner: string, scheme: string, author: XdmAuthor, names: Names): Xml {
  return classification(owner, scheme, '', names, [
    slot('authorInstitution', ...author.institutions),
    slot('authorPerson', author.person),
    slot('authorRole', ...author.roles),
    slot('authorSpecialty', ...author.specialties),
    slot('authorTelecommunication', ...author.telecoms),
  ])
}

function classification(
  owner: string,
  classificationScheme: string,
  nodeRepresentation: string,
  names: Names,
  children: readonly (Xml | null)[],
): Xml {
  return xml(
    'Classification',
    {
      id: names.next('class'),
      classificationScheme,
      classifiedObject: owner,
      nodeRepresentation,
      objectType: OBJECT_TYPES.classification,
    },
    children,
  )
}

function identifier(owner: string, scheme: string, label: string, value: string, names: Names): Xml | null {
  if (value === '') return null
  return xml(
    'ExternalIdentifier',
    {
      id: names.next('id'),
      identificationScheme: scheme,
      registryObject: owner,
      value,
      objectType: OBJECT_TYPES.externalIdentifier,
    },
    name(label),
  )
}

function member(set: XdmSubmission, entry: XdmEntry, names: Names): Xml {
  return association(HAS_MEMBER, set.entryUuid, entry.entryUuid, names, slot('SubmissionSetStatus', 'Original'))
}

function replacement(entry: XdmEntry, replaced: string, names: Names): Xml {
  return association(REPLACES, entry.entryUuid, replaced, names, null)
}

function association(
  associationType: string,
  sourceObject: string,
  targetObject: string,
  names: Names,
  child: Xml | null,
): Xml {
  return xml(
    'Association',
    { id: names.next('link'), associationType, sourceObject, targetObject, objectType: OBJECT_TYPES.association },
    child,
  )
}
