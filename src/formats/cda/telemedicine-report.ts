/**
 * A closing report as CDA R2 (HL7 CDA R2 §4.2; CI-SIS, structuration minimale): an encounter of class VR, everybody who
 * took part with their RPPS, and the account as text. The template is claimed where the service names one. */
import type { CaseIdentifier } from '../../core/cases.ts'
import { oidOfUuid } from '../bridge/documents.ts'
import { stableId } from '../bridge/stable-id.ts'
import { type Structure, systemOf } from '../case/task.ts'
import { hl7Timestamp } from '../hl7v2/timestamp.ts'
import { PROFESSIONALS, STRUCTURES } from '../identifiers/hl7-form.ts'
import type { CareReport, ReportParty, ReportRecipient, ReportSection } from '../report/report.ts'
import { CDA_NAMESPACE } from './header.ts'
import { type Xml, xml, xmlDocument } from './write.ts'

const LOINC = '2.16.840.1.113883.6.1'
const ACT_CODE = '2.16.840.1.113883.5.4'
const OIDS: Readonly<Record<string, string>> = {
  'http://loinc.org': LOINC,
  'http://snomed.info/sct': '2.16.840.1.113883.6.96',
}
const OID = /^[0-2](\.(0|[1-9]\d*))+$/
const SEXES = { male: ['M', 'Masculin'], female: ['F', 'Féminin'], unknown: ['UN', 'Inconnu'] } as const
/** POCD_HD000040, the schema of every CDA R2. */
const TYPE_ROOT = '2.16.840.1.113883.1.3'

/** The document's own identifier (II without extension). */
export function reportOid({ id }: Pick<CareReport, 'id'>): string {
  return oidOfUuid(id)
}

/** The bytes of a report, UTF-8. Pure. */
export function cdaOf(report: CareReport): Buffer {
  const { type, title, timeZone } = report
  const at = (ms: number): string => hl7Timestamp(ms, timeZone)
  const id = { root: reportOid(report) }
  const document = xml(
    'ClinicalDocument',
    { xmlns: CDA_NAMESPACE, 'xmlns:xsi': 'http://www.w3.org/2001/XMLSchema-instance' },
    xml('realmCode', { code: 'FR' }),
    xml('typeId', { root: TYPE_ROOT, extension: 'POCD_HD000040' }),
    type.template === null ? null : xml('templateId', { root: type.template }),
    xml('id', id),
    codeElement('code', type.code),
    xml('title', {}, title),
    xml('effectiveTime', { value: at(report.atMs) }),
    xml('confidentialityCode', { code: 'N', codeSystem: '2.16.840.1.113883.5.25', displayName: 'Normal' }),
    xml('languageCode', { code: 'fr-FR' }),
    xml('setId', id),
    xml('versionNumber', { value: '1' }),
    recordTarget(report),
    author(report, at(report.atMs)),
    xml(
      'custodian',
      {},
      xml('assignedCustodian', {}, organization('representedCustodianOrganization', report.custodian)),
    ),
    report.recipients.map(recipient),
    xml(
      'legalAuthenticator',
      {},
      xml('time', { value: at(report.atMs) }),
      xml('signatureCode', { code: 'S' }),
      entity('assignedEntity', report.author, report.custodian),
    ),
    report.participants.map((one) => participant(one)),
    serviceEvent(report, at),
    encounter(report, at),
    xml('component', {}, xml('structuredBody', {}, report.sections.map(sectionOf))),
  )
  return xmlDocument(document)
}

function codeElement(name: string, { system, code, display }: CareReport['act']): Xml {
  const oid = OIDS[system] ?? (OID.test(system.replace('urn:oid:', '')) ? system.replace('urn:oid:', '') : null)
  // A system without an OID cannot stand in CDA: the words alone do.
  if (oid === null) return xml(name, { nullFlavor: 'OTH', displayName: display })
  return xml(name, { code, codeSystem: oid, displayName: display })
}

function recordTarget({ patient, number }: CareReport): Xml {
  const [code, display] = SEXES[patient.sex]
  const birth = patient.birthDate?.replaceAll('-', '') ?? null
  const ids =
    patient.identifiers.length === 0
      ? [xml('id', { root: oidOfUuid(stableId('Case', 'number')), extension: number })]
      : patient.identifiers.map(identifier)
  const person = xml(
    'patient',
    {},
    xml(
      'name',
      {},
      xml('family', { qualifier: 'BR' }, patient.family),
      patient.given === '' ? null : xml('given', { qualifier: 'BR' }, patient.given),
    ),
    xml('administrativeGenderCode', { code, codeSystem: '2.16.840.1.113883.5.1', displayName: display }),
    birth === null ? xml('birthTime', { nullFlavor: 'UNK' }) : xml('birthTime', { value: birth }),
  )
  return xml('recordTarget', {}, xml('patientRole', {}, ids, person))
}

/** An authority without an OID gets one that follows from its name: the number stays comparable among our documents. */
function identifier({ authority, value }: CaseIdentifier): Xml {
  const bare = (systemOf(authority, 'hl7v2') ?? '').replace(/^urn:oid:/, '')
  return xml('id', { root: OID.test(bare) ? bare : oidOfUuid(stableId('Authority', authority)), extension: value })
}

/** RPPS as a national number of a professional: `8` and the RPPS. */
function professionalId(rpps: string | null): Xml {
  return rpps === null ? xml('id', { nullFlavor: 'UNK' }) : xml('id', { root: PROFESSIONALS.id, extension: `8${rpps}` })
}

function personOf(name: string): Xml {
  return xml('assignedPerson', {}, xml('name', {}, xml('family', {}, name)))
}

function organization(name: string, { finess, name: called }: Structure): Xml {
  const id =
    finess === null ? xml('id', { nullFlavor: 'UNK' }) : xml('id', { root: STRUCTURES.id, extension: `1${finess}` })
  return xml(name, {}, id, xml('name', {}, called))
}

function author(report: CareReport, time: string): Xml {
  return xml('author', {}, xml('time', { value: time }), entity('assignedAuthor', report.author, report.custodian))
}

function entity(name: string, { rpps, name: called, structure }: ReportParty, custodian: Structure): Xml {
  const place = structure ?? custodian
  return xml(name, {}, professionalId(rpps), personOf(called), organization('representedOrganization', place))
}

/** To whom the document is addressed: a treating doctor, with the address of their secure mail. */
function recipient({ rpps, name, mail }: ReportRecipient): Xml {
  return xml(
    'informationRecipient',
    { typeCode: 'PRCP' },
    xml(
      'intendedRecipient',
      {},
      professionalId(rpps),
      mail === null ? xml('telecom', { nullFlavor: 'UNK' }) : xml('telecom', { value: `mailto:${mail}` }),
      xml('informationRecipient', {}, xml('name', {}, xml('family', {}, name))),
    ),
  )
}

function participant({ name, rpps, role, structure }: ReportParty): Xml {
  return xml(
    'participant',
    { typeCode: 'INF' },
    xml('functionCode', { nullFlavor: 'OTH', displayName: role }),
    xml(
      'associatedEntity',
      { classCode: 'PROV' },
      professionalId(rpps),
      xml('associatedPerson', {}, xml('name', {}, xml('family', {}, name))),
      structure === null ? null : organization('scopingOrganization', structure),
    ),
  )
}

function serviceEvent(
  { act, beganAtMs, endedAtMs, author: by, custodian }: CareReport,
  at: (ms: number) => string,
): Xml {
  return xml(
    'documentationOf',
    {},
    xml(
      'serviceEvent',
      {},
      codeElement('code', act),
      xml('effectiveTime', {}, xml('low', { value: at(beganAtMs) }), xml('high', { value: at(endedAtMs) })),
      xml('performer', { typeCode: 'PRF' }, entity('assignedEntity', by, custodian)),
    ),
  )
}

/** Class VR: at a distance (v3-ActCode). */
function encounter({ number, beganAtMs, endedAtMs }: CareReport, at: (ms: number) => string): Xml {
  return xml(
    'componentOf',
    {},
    xml(
      'encompassingEncounter',
      {},
      xml('id', { root: oidOfUuid(stableId('Case', 'number')), extension: number }),
      xml('code', { code: 'VR', codeSystem: ACT_CODE, displayName: 'virtual' }),
      xml('effectiveTime', {}, xml('low', { value: at(beganAtMs) }), xml('high', { value: at(endedAtMs) })),
    ),
  )
}

function sectionOf({ title, rows, paragraphs }: ReportSection): Xml {
  const table =
    rows.length === 0
      ? null
      : xml(
          'table',
          {},
          xml(
            'tbody',
            {},
            rows.map(([name, said]) => xml('tr', {}, xml('th', {}, name), xml('td', {}, said))),
          ),
        )
  const text = paragraphs.map((one) => xml('paragraph', {}, one))
  return xml('component', {}, xml('section', {}, xml('title', {}, title), xml('text', {}, table, text)))
}
