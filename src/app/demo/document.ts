/** A discharge letter of an invented patient as MDM^T02 with a CDA of level 1 (CI-SIS), on its way to a mailbox. Pure. */
import { createHash } from 'node:crypto'
import { hl7Timestamp } from '../../formats/hl7v2/timestamp.ts'
import { type DemoPatient, TEST_INS } from './patients.ts'
import { pdfPage } from './pdf.ts'

/** Who sends a document. */
export interface DocumentSender {
  /** MSH-4. */
  readonly facility: string
  readonly name: string
  /** FINESS of its legal entity. */
  readonly finess: string
  /** OID of its own patient numbers. */
  readonly numbers: string
}

/** A document and whom it is for. */
export interface DemoDocument {
  readonly controlId: string
  readonly atMs: number
  readonly timeZone: string
  readonly patient: DemoPatient
  readonly from: DocumentSender
  /** The doctor's name (`MARTIN (FICTIF)^Claire`) and address, or the domain of the patient's own box. */
  readonly to:
    | { readonly name: string; readonly address: string; readonly domain?: never }
    | { readonly domain: string }
}

const TYPE = '11490-0^Lettre de liaison à la sortie d’un établissement de soins^LN'
const PERSONS = '1.2.250.1.71.4.2.1'
const STRUCTURES = '1.2.250.1.71.4.2.2'
const AUTHOR = '899900000011'
/** Codes of the ten metadata that say what is to be done with a document (ANS, table MetaDMP/MSS), in order. */
export const METADATA = [
  'MASQUE_PS',
  'INVISIBLE_PATIENT',
  'INVISIBLE_REP_LEGAUX',
  'CONNEXION_SECRETE',
  'MODIF_CONF_CODE',
  'DESTDMP',
  'DESTMSSANTEPS',
  'DESTMSSANTEPAT',
  'ACK_RECEPTION',
  'ACK_LECTURE_MSS',
] as const
const RECEIPTS = ['ACK_RECEPTION', 'ACK_LECTURE_MSS']
/** Commune of birth of every invented patient. */
const BIRTHPLACE = '53130'

/** The message, marked as a test (MSH-11 T); receipts are asked for. */
export function documentMessage(document: DemoDocument): Buffer {
  const { controlId, atMs, timeZone, patient, from, to } = document
  const { family, given, sex, birth, ins, local } = patient
  const at = hl7Timestamp(atMs, timeZone)
  const uid = uniqueId(controlId)
  const names = `${family}^${given}^${given}^^^^L~${family}^${given}^^^^^D`
  const ids = `${ins}^^^ASIP-SANTE-INS-NIR&${TEST_INS}&ISO^INS~${local}^^^${from.facility}&${from.numbers}&ISO^PI`
  const sends = `${AUTHOR}^MARTIN (FICTIF)^Claire^^^^^^ASIP-SANTE-PS&${PERSONS}&ISO^D^^^IDNPS`
  const house = `${from.name}^^^^^ASIP-SANTE-ST&${STRUCTURES}&ISO^FINEJ^^^${from.finess}`
  const receives =
    to.domain === undefined
      ? [`899900000029^${to.name}^^^^^^ASIP-SANTE-PS&${PERSONS}&ISO^D^^^IDNPS`, to.address, 'DESTMSSANTEPS']
      : [`${ins}^${family}^${given}^^^^^^&${TEST_INS}&ISO^L^^^INS`, `${ins}@${to.domain}`, 'DESTMSSANTEPAT']
  const [person, address, wanted] = receives
  const segments = [
    `MSH|^~\\&|DPI|${from.facility}|PFI|PASSERELLE|${at}||MDM^T02^MDM_T02|${controlId}|T|2.6|||||FRA|UNICODE UTF-8|||2.1^CISIS_CDA_HL7_V2`,
    `EVN||${at}`,
    `PID|||${ids}||${names}||${birth}|${sex}|||^^LAVAL^^53000^FRA^H~^^^^^^BDL^^${BIRTHPLACE}${'|'.repeat(21)}VALI`,
    `PV1|1|I|CARDIO^12^1${'|'.repeat(16)}V${local}^^^${from.facility}&${from.numbers}.1&ISO^VN`,
    'ORC|NW',
    `OBR|1|||${TYPE}`,
    `TXA|1|${TYPE}|TEXT|${at}||||||||${uid}|||||AU`,
    `OBX|1|ED|${TYPE}||^text^XML^Base64^${Buffer.from(letter(document, uid)).toString('base64')}||||||F`,
    `PRT||UC||SB^Send by^participation|${sends}|||${house}`,
    `PRT||UC||RCT^Result Copies To^participation|${person}${'|'.repeat(10)}^NET^X.400^${address}`,
    ...METADATA.map(
      (code, i) =>
        `OBX|${i + 2}|CWE|${code}^${code}^MetaDMPMSS||${[wanted, ...RECEIPTS].includes(code) ? 'Y' : 'N'}^^expandedYes-NoIndicator||||||F`,
    ),
    '',
  ]
  return Buffer.from(segments.join('\r'))
}

/** An OID that no other message has (ITU-T X.667: below 2.25). */
function uniqueId(controlId: string): string {
  return `2.25.${BigInt(`0x${createHash('sha256').update(controlId).digest('hex').slice(0, 30)}`)}`
}

function letter({ atMs, timeZone, patient, from }: DemoDocument, uid: string): string {
  const { family, given, sex, birth, ins, local } = patient
  const at = hl7Timestamp(atMs, timeZone)
  const pdf = pdfPage([
    `${from.name} - DOCUMENT FICTIF, DONNÉES DE TEST`,
    '',
    'Lettre de liaison',
    `Patient : ${family} ${given}, né(e) le ${birth.replace(/^(\d{4})(\d\d)(\d\d)$/, '$3/$2/$1')}`,
    '',
    'Séjour sans incident. Retour à domicile. Contrôle dans un mois.',
    '',
    'Dr Claire MARTIN (FICTIF)',
  ])
  const doctor = `<id root="${PERSONS}" extension="${AUTHOR}"/><assignedPerson><name><family>MARTIN (FICTIF)</family><given>Claire</given></name></assignedPerson>`
  return `<?xml version="1.0" encoding="UTF-8"?>
<ClinicalDocument xmlns="urn:hl7-org:v3">
 <realmCode code="FR"/><typeId root="2.16.840.1.113883.1.3" extension="POCD_HD000040"/>
 <templateId root="2.16.840.1.113883.2.8.2.1"/><templateId root="1.2.250.1.213.1.1.1.1"/>
 <id root="${uid}"/><code code="11490-0" codeSystem="2.16.840.1.113883.6.1" displayName="Lettre de liaison"/><title>Lettre de liaison (fictive)</title>
 <effectiveTime value="${at}"/><confidentialityCode code="N" codeSystem="2.16.840.1.113883.5.25"/><languageCode code="fr-FR"/>
 <recordTarget><patientRole><id root="${TEST_INS}" extension="${ins}"/><id root="${from.numbers}" extension="${local}"/>
  <patient><name><family qualifier="BR">${family}</family><given qualifier="BR">${given}</given></name>
   <administrativeGenderCode code="${sex}" codeSystem="2.16.840.1.113883.5.1"/><birthTime value="${birth}"/>
   <birthplace><place><addr><county>${BIRTHPLACE}</county></addr></place></birthplace></patient></patientRole></recordTarget>
 <author><time value="${at}"/><assignedAuthor>${doctor}</assignedAuthor></author>
 <custodian><assignedCustodian><representedCustodianOrganization><id root="${STRUCTURES}" extension="1${from.finess}"/><name>${from.name}</name></representedCustodianOrganization></assignedCustodian></custodian>
 <legalAuthenticator><time value="${at}"/><signatureCode code="S"/><assignedEntity>${doctor}</assignedEntity></legalAuthenticator>
 <componentOf><encompassingEncounter><id root="${from.numbers}.1" extension="V${local}"/><code code="IMP" codeSystem="2.16.840.1.113883.5.4"/><effectiveTime><low value="${at}"/><high value="${at}"/></effectiveTime></encompassingEncounter></componentOf>
 <component><nonXMLBody><text mediaType="application/pdf" representation="B64">${pdf.toString('base64')}</text></nonXMLBody></component>
</ClinicalDocument>
`
}
