/** What METADATA.XML says of documents (ANS, "Lien entre l'en-tête CDA et les métadonnées XDS", mapping of the guide). */

import { oidOfUuid } from '../bridge/documents.ts'
import { stableId } from '../bridge/stable-id.ts'
import { instantOf } from '../bridge/time.ts'
import type { CdaCode, CdaId } from '../cda/header.ts'
import { finessFault } from '../identifiers/finess.ts'
import { PROFESSIONALS, STRUCTURES } from '../identifiers/hl7-form.ts'
import { idNstOf } from '../identifiers/structure.ts'
import { cxText, fieldText, hl7Text } from '../xdm/hl7-text.ts'
import type { XdmAuthor, XdmCode, XdmSubmission } from '../xdm/package.ts'
import type { DocumentToWrite } from '../xdm/write.ts'
import type { CdaActor } from './cda-content.ts'
import type { DocumentPatient, DocumentRecipient, DocumentToSend, Party, SentDocument } from './document.ts'
import type { DocumentSettings, Restriction } from './settings.ts'

/** What a submission depends on beside the document. The same input gives the same archive. */
export interface Submitting {
  readonly settings: DocumentSettings
  /** OID of this gateway as a source. */
  readonly sourceId: string
  /** When it is sent: ms since 1970. */
  readonly atMs: number
  /** IANA name: of times that name no offset. */
  readonly timeZone: string
}

/** Entry UUID of a document, from its unique id: so a later version can name the one that it replaces. */
export function entryUuidOf(uniqueId: string): string {
  return `urn:uuid:${stableId('DocumentEntry', uniqueId)}`
}

/** The submission set of one mail. */
export function submissionOf(sending: DocumentToSend, to: DocumentRecipient, submitting: Submitting): XdmSubmission {
  const { settings, sourceId, atMs } = submitting
  const id = stableId(
    'SubmissionSet',
    sourceId,
    sending.controlId,
    ...sending.documents.map((one) => one.uniqueId),
    to.address ?? '',
    String(atMs),
  )
  const { byVisit, otherwise, system } = settings.codes.contentType
  return {
    entryUuid: `urn:uuid:${id}`,
    uniqueId: oidOfUuid(id),
    sourceId,
    submissionTime: utc(new Date(atMs)),
    patientId: patientIdOf(sending.patient),
    authors: [senderAuthor(sending)],
    contentTypeCode: { system, ...(byVisit.get(sending.visitClass) ?? otherwise) },
    intendedRecipients: [recipientText(to)],
    title: sending.documents[0]?.title ?? '',
  }
}

/** The entry of one document with its bytes. */
export function entryOf(sending: DocumentToSend, document: SentDocument, submitting: Submitting): DocumentToWrite {
  const { content, bytes, uniqueId } = document
  const { codes } = submitting.settings
  const time = (stamp: string): string => dtm(stamp, submitting.timeZone)
  const { patient } = sending
  return {
    bytes,
    entry: {
      entryUuid: entryUuidOf(uniqueId),
      uniqueId,
      mimeType: 'text/xml',
      creationTime: time(content.header.effectiveTime),
      languageCode: content.header.language || 'fr-FR',
      patientId: patientIdOf(patient),
      sourcePatientId: sourceIdOf(patient),
      sourcePatientInfo: patientInfo(patient),
      authors: authorsOf(sending, document),
      legalAuthenticator: content.legalAuthenticator === null ? '' : actorText(content.legalAuthenticator),
      serviceStartTime: time(content.serviceStart) || sending.actDate,
      serviceStopTime: time(content.serviceStop),
      title: document.title,
      classCode: {
        system: codes.class.system,
        ...(codes.class.byType.get(document.type.code) ?? codes.class.otherwise),
      },
      typeCode: document.type,
      formatCode: formatOf(document, codes.format),
      healthcareFacilityTypeCode: codeIn(content.facility) ?? codes.facility,
      practiceSettingCode: codeIn(content.practice) ?? codes.practice,
      confidentialityCodes: confidentialityOf(sending, document, codes.confidentiality),
      eventCodes: [],
      replaces: replacedOf(sending, document),
    },
  }
}

/** The entry that a document replaces: the message says it of the first, every other one says it itself. */
function replacedOf({ intent, documents, replaced }: DocumentToSend, document: SentDocument): string | null {
  if (intent !== 'replace') return null
  const related = document.content.header.related.find(({ type }) => type === 'RPLC')?.ids[0]
  const own = related === undefined ? null : idText(related)
  const named = document === documents[0] ? replaced : own
  return named === null ? null : entryUuidOf(named)
}

function idText({ root, extension }: CdaId): string {
  return extension === '' ? root : `${root}^${extension}`
}

function utc(at: Date): string {
  return at.toISOString().replace(/[-:T]/g, '').slice(0, 14)
}

/** A TS as DTM: in UTC where it has hours, else as exact as it is. */
function dtm(stamp: string, timeZone: string): string {
  const instant = instantOf(stamp, timeZone)
  if (instant !== null) return utc(new Date(instant))
  return /^\d{4,8}/.exec(stamp)?.[0] ?? ''
}

/** The INS where it may travel, else the sender's own number. */
function patientIdOf(patient: DocumentPatient): string {
  if (patient.qualified && patient.ins !== null) return cxText(patient.ins.value, patient.ins.oid, 'NH')
  return sourceIdOf(patient)
}

function sourceIdOf({ ids, ins, qualified }: DocumentPatient): string {
  const own = ids.filter((one) => one !== ins)
  const found = own.find(({ type }) => type === 'PI') ?? own[0] ?? (qualified ? ins : null)
  if (found === null || found === undefined) return ''
  return cxText(found.value, found.oid, found === ins ? 'NH' : found.type)
}

function patientInfo({ birthFamily, birthGiven, usedFamily, usedGiven, birthDate, sex }: DocumentPatient): string[] {
  const isUsed = usedFamily !== '' && (usedFamily !== birthFamily || usedGiven !== birthGiven)
  return [
    fieldText('PID-5', [birthFamily, birthGiven, '', '', '', '', 'L']),
    ...(isUsed ? [fieldText('PID-5', [usedFamily, usedGiven, '', '', '', '', 'D'])] : []),
    ...(birthDate === '' ? [] : [fieldText('PID-7', [birthDate])]),
    ...(sex === '' ? [] : [fieldText('PID-8', [sex])]),
  ]
}

function codeIn(code: CdaCode | null): XdmCode | null {
  return code === null ? null : { code: code.code, system: code.codeSystem, display: code.displayName }
}

function formatOf(
  { content }: SentDocument,
  { pdf, structured, byTemplate }: DocumentSettings['codes']['format'],
): XdmCode {
  const named = content.header.templateIds.map(({ root }) => byTemplate.get(root)).find((one) => one !== undefined)
  return named ?? (content.header.body === 'nonXMLBody' ? pdf : structured)
}

function confidentialityOf(
  { instructions }: DocumentToSend,
  { content }: SentDocument,
  listed: DocumentSettings['codes']['confidentiality'],
): XdmCode[] {
  const own = codeIn(content.header.confidentiality)
  const restrictions: readonly (readonly [Restriction, boolean])[] = [
    ['MASQUE_PS', instructions.maskedToProfessionals],
    ['INVISIBLE_PATIENT', instructions.invisibleToPatient],
    ['INVISIBLE_REP_LEGAUX', instructions.invisibleToGuardians],
  ]
  return [
    own ?? { code: 'N', system: '2.16.840.1.113883.5.25', display: 'Normal' },
    ...restrictions.flatMap(([name, applies]) => (applies ? [{ system: listed.system, ...listed[name] }] : [])),
  ]
}

/** XCN as XDS writes it: the authority by its OID alone. */
function xcn(value: string, family: string, given: string, oid: string, type: string): string {
  const national = oid === PROFESSIONALS.id
  const authority = value === '' ? '' : ['', oid, oid === '' ? '' : 'ISO']
  return hl7Text([
    value,
    family,
    given,
    '',
    '',
    '',
    '',
    '',
    authority,
    value === '' ? '' : 'D',
    '',
    '',
    type || (national ? 'IDNPS' : ''),
  ])
}

/** XON; a FINESS of a place is written as the national id that holds it, unless it is one already. */
function xon(name: string, value: string, oid: string, type: string): string {
  const isPlace = type === 'FINEG' && finessFault(value) !== 'form'
  const [number, kind] = isPlace ? [idNstOf('FINEG', value), 'IDNST'] : [value, type === 'FINEG' ? 'IDNST' : type]
  const national = oid === STRUCTURES.id
  const authority = number === '' ? '' : ['', oid, oid === '' ? '' : 'ISO']
  return hl7Text([name, '', '', '', '', authority, kind || (national ? 'IDNST' : ''), '', '', number])
}

function actorText({ ids, family, given }: CdaActor): string {
  const id = ids.find(({ root }) => root === PROFESSIONALS.id) ?? ids[0] ?? { root: '', extension: '' }
  return xcn(id.extension, family, given, id.root, '')
}

function authorOf(actor: CdaActor, institution: string): XdmAuthor {
  const { structureId, structureName, role, profession, device } = actor
  const own =
    structureId === null && structureName === ''
      ? institution
      : xon(structureName, structureId?.extension ?? '', structureId?.root ?? '', '')
  return {
    person: device === '' ? actorText(actor) : hl7Text([actor.ids[0]?.extension ?? '', device]),
    institutions: own === '' ? [] : [own],
    roles: role === '' ? [] : [role],
    specialties: profession === '' ? [] : [profession],
    telecoms: [],
  }
}

function senderInstitution({ sender }: DocumentToSend): string {
  const { structure } = sender
  return structure === null ? '' : xon(structure.name, structure.value, structure.oid, structure.type)
}

function senderAuthor(sending: DocumentToSend): XdmAuthor {
  const { person } = sending.sender
  const institution = senderInstitution(sending)
  const [first] = sending.documents[0]?.content.authors ?? []
  if (person === null && first !== undefined) return authorOf(first, institution)
  return {
    person: person === null ? '' : xcn(person.value, person.family, person.given, person.oid, person.type),
    institutions: institution === '' ? [] : [institution],
    roles: [],
    specialties: [],
    telecoms: [],
  }
}

function authorsOf(sending: DocumentToSend, { content }: SentDocument): XdmAuthor[] {
  if (content.authors.length === 0) return [senderAuthor(sending)]
  const institution = senderInstitution(sending)
  return content.authors.map((one) => authorOf(one, institution))
}

/** `XON|XCN|XTN` (ITI TF-3 §4.2.3.3.7). */
function recipientText({ address, person, structure }: Party & Pick<DocumentRecipient, 'address'>): string {
  const organisation = structure === null ? '' : xon(structure.name, structure.value, structure.oid, structure.type)
  const who = person === null ? '' : xcn(person.value, person.family, person.given, person.oid, person.type)
  const mail = address === null ? '' : hl7Text(['', '', 'Internet', address])
  return `${organisation}|${who}|${mail}`
}
