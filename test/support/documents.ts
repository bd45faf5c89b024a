/** Invented CDA documents, and the messages of CI-SIS that carry them or speak of them. All valid as they stand. */

import { METADATA } from '../../src/app/demo/document.ts'

/** Test INS of the invented patient. */
export const INS = '254035313000022'
export const INS_OID = '1.2.250.1.213.1.4.10'
/** OID of the sender's own patient numbers. */
export const IPP_OID = '1.2.250.1.999.4'
const PATIENT = 'LEROUX (FICTIF)^SUZANNE^SUZANNE^^^^L~DURAND (FICTIF)^SUZANNE^^^^^D'

/** What may differ in a document. */
export interface CdaParts {
  /** `<id …/>` of the patient. */
  readonly ids?: string
  readonly patient?: string
  readonly id?: string
  readonly code?: string
  readonly head?: string
  readonly body?: string
  readonly recordTarget?: string
}

/** A small CDA R2 of an imaging report. */
export function cda(parts: CdaParts = {}): string {
  const {
    ids = `<id root="${INS_OID}" extension="${INS}"/><id root="${IPP_OID}" extension="300101"/>`,
    patient = `<name><family qualifier="BR">LEROUX (FICTIF)</family><given qualifier="BR">SUZANNE</given></name>
   <administrativeGenderCode code="F" codeSystem="2.16.840.1.113883.5.1"/><birthTime value="19540312"/>
   <birthplace><place><addr><county>53130</county></addr></place></birthplace>`,
    id = '<id root="1.2.250.1.999.9.1"/>',
    code = '18748-4',
    head = '<?xml version="1.0" encoding="UTF-8"?>\n',
    body = '<structuredBody><component><section><title>Résultat</title><text>Pas d’hémorragie &lt; 3 mm</text></section></component></structuredBody>',
    recordTarget = `<recordTarget><patientRole>${ids}
  <patient>${patient}</patient></patientRole></recordTarget>`,
  } = parts
  return `${head}<ClinicalDocument xmlns="urn:hl7-org:v3" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
 <realmCode code="FR"/><typeId root="2.16.840.1.113883.1.3" extension="POCD_HD000040"/>
 <templateId root="2.16.840.1.113883.2.8.2.1"/><templateId root="1.2.250.1.213.1.1.1.1"/>
 ${id}<code code="${code}" codeSystem="2.16.840.1.113883.6.1" displayName="CR d'imagerie"/><title>Compte rendu</title>
 <effectiveTime value="20261123112500+0100"/><confidentialityCode code="N" codeSystem="2.16.840.1.113883.5.25"/>
 <languageCode code="fr-FR"/><setId root="1.2.250.1.999.9.2" extension="7"/><versionNumber value="2"/>
 ${recordTarget}
 <author><time value="20261123"/><assignedAuthor><id root="1.2.250.1.71.4.2.1" extension="899900000011"/></assignedAuthor></author>
 <custodian><assignedCustodian><representedCustodianOrganization><id root="1.2.250.1.71.4.2.2" extension="1539990028"/></representedCustodianOrganization></assignedCustodian></custodian>
 <legalAuthenticator><assignedEntity><id root="1.2.250.1.71.4.2.1" extension="899900000011"/></assignedEntity></legalAuthenticator>
 <relatedDocument typeCode="RPLC"><parentDocument><id root="1.2.250.1.999.9.0"/><setId root="1.2.250.1.999.9.2" extension="7"/><versionNumber value="1"/></parentDocument></relatedDocument>
 <componentOf><encompassingEncounter><id root="1.2.250.1.999.5" extension="S1"/><code code="IMP" codeSystem="2.16.840.1.113883.5.4"/></encompassingEncounter></componentOf>
 <component>${body}</component>
</ClinicalDocument>
`
}

/** The document as OBX-5.5 has it. */
export const inBase64 = (xml: string | Buffer): string => Buffer.from(xml).toString('base64')

const header = (type: string, version: string, profile: string, controlId: string): string =>
  `MSH|^~\\&|RIS|SENDER|PFI|RECEIVER|20261123113000+0100||${type}|${controlId}|T|${version}|||||FRA|UNICODE UTF-8|||${profile}`
const PID = `PID|||${INS}^^^ASIP-SANTE-INS-NIR&${INS_OID}&ISO^INS~300101^^^HOPITAL&${IPP_OID}&ISO^PI||${PATIENT}||19540312|F|||12 rue du Pont^^LAVAL^^53000^FRA^H~^^^^^^BDL^^53130|||||||||||||||||||||VALI`
const PV1 = 'PV1|1|I|NEURO||||||||||||||||260000101^^^HOPITAL&1.2.250.1.999.5&ISO^VN'
const DOCTOR = '899900000011^MARTIN (FICTIF)^Claire^^^^^^ASIP-SANTE-PS&1.2.250.1.71.4.2.1&ISO^D^^^IDNPS'
const HOUSE = 'CH Fictif^^^^^ASIP-SANTE-ST&1.2.250.1.71.4.2.2&ISO^FINEG^^^539990028'
const TYPE = "18748-4^CR d'imagerie médicale^LN"

/** The ten metadata in order, with values other than N by code. */
export function metadata(values: Readonly<Record<string, string>> = {}, type = 'CWE', from = 2): string[] {
  return METADATA.map(
    (code, i) =>
      `OBX|${from + i}|${type}|${code}^${code}^MetaDMPMSS||${values[code] ?? 'N'}^^expandedYes-NoIndicator||||||F`,
  )
}

const PRT = [
  `PRT||UC||SB^Send by^participation|${DOCTOR}|||${HOUSE}`,
  'PRT||UC||RCT^Result Copies To^participation|899900000029^DURAND (FICTIF)^Paul^^^^^^ASIP-SANTE-PS&1.2.250.1.71.4.2.1&ISO^D^^^IDNPS||||||||||^NET^X.400^paul.durand@chu.mssante.test',
]
const SENT = { DESTDMP: 'Y', DESTMSSANTEPS: 'Y', DESTMSSANTEPAT: 'Y' }

const MDM = { T02: ['NW', 'F'], T04: ['CA', 'D'], T10: ['RO', 'C'] } as const

/** An MDM with a document: first version (T02), removal (T04), replacement (T10). */
export function mdm(
  event: keyof typeof MDM = 'T02',
  xml: string | Buffer = cda(),
  controlId = `MDM-${event}`,
): string[] {
  const [control, status] = MDM[event]
  const parent = event === 'T10' ? '1.2.250.1.999.9.0' : ''
  return [
    header(`MDM^${event}^MDM_T02`, '2.6', '2.1^CISIS_CDA_HL7_V2', controlId),
    'EVN||20261123113000+0100',
    PID,
    PV1,
    `ORC|${control}`,
    `OBR|1|||${TYPE}`,
    `TXA|1|${TYPE}|TEXT|20261123112500+0100||||||||1.2.250.1.999.9.1|${parent}||||AU`,
    `OBX|1|ED|${TYPE}||^text^XML^Base64^${inBase64(xml)}||||||${status}`,
    ...PRT,
    ...metadata(SENT),
    'OBX|12|ED|CORPSMAIL_PS^Corps du mail^MetaDMPMSS||^text^^Base64^Qm9uam91cg==||||||F',
  ]
}

/** An ORU^R01 with a document. */
export function oruCda(xml: string | Buffer = cda(), controlId = 'ORU-CDA'): string[] {
  return [
    header('ORU^R01^ORU_R01', '2.5', '2.1^CISIS_CDA_HL7_V2', controlId),
    PID,
    PV1,
    'ORC|NW|B1^LABO',
    `OBR|1|B1^LABO||${TYPE}`,
    `OBX|1|ED|${TYPE}||^TEXT^XML^Base64^${inBase64(xml)}||||||F`,
    ...PRT,
    ...metadata(SENT, 'CE'),
    'OBX|12|ED|CORPSMAIL_PS^Corps du mail^MetaDMPMSS||^TEXT^^Base64^Qm9uam91cg==||||||F',
  ]
}

/** A business acknowledgement of a message. */
export function zam(event: 'Z01' | 'Z02' | 'Z03' = 'Z02', of = 'MDM-T02', value = 'Y'): string[] {
  const code = { Z01: 'ACK_RECEPTION_DMP', Z02: 'ACK_RECEPTION_MSS', Z03: 'ACK_LECTURE_MSS' }[event]
  return [
    header(`ZAM^${event}^ZAM_Z01`, '2.6', '2.1^CISIS_CDA_HL7_V2', `ZAM-${event}-${of}-${value}`),
    'EVN||20261123120000',
    `OBX|1|CWE|${code}^Accusé^AckMetierZAM|${of}|${value}^^expandedYes-NoIndicator||||||F`,
    ...(value === 'N'
      ? ['ERR||OBX^1^5|207^Application internal error^messageErrorCondition|E|550^Boîte inconnue^SMTPERRORCODE']
      : []),
  ]
}

/** The recipient whom a ZAM is about. */
export const RECIPIENT =
  'OBX|2|XTN|DESTINATAIRE_MSS^Destinataire^AckMetierZAM|899900000029|^^X.400^paul.durand@chu.mssante.test||||||F'

const order = (number: string): string => `${number}^^1.2.250.1.999.7^ISO`
const ordered = (control: string, number: string, organisation: string): string =>
  `ORC|${control}|${order(number)}|||||||20261123113000|||${DOCTOR}|||||${organisation}^^TLR_TYPE_ORGANISATION||||${HOUSE}`
const asked = (number: string, code: string, reason = ''): string =>
  `OBR||${order(number)}||${code}^${code}^TLR_OBR_PROCEDURE|||||||||${reason}|||${DOCTOR}`
const observed = (n: number, type: string, code: string, sub: string, value: string, status: string): string =>
  `OBX|${n}|${type}|${code}^${code}^TLR_OBSERVATION|${sub}|${value}||||||${status}`
const TLR = '1.0^CISIS_TLR_HL7_V2'

/** Tele-radiology, flow 1: a request. */
export function request(number = 'D1', controlId = `F1-${number}`): string[] {
  return [
    header('ORM^O01^ORM_O01', '2.5.1', TLR, controlId),
    PID,
    PV1,
    ordered('NW', number, 'STRUCTURE_IMAGERIE'),
    asked(number, 'TRANSMISSION_DEMANDE', 'Céphalée inhabituelle'),
    'NTE|||Bilan|FINALITE_EXAMEN^^HL70364',
    observed(1, 'CE', 'MODALITE_IMAGERIE', '', 'MR^IRM^DCM', 'O'),
    ...observations(2, 'O'),
  ]
}

/** Observations that the flows share, numbered from `n`. */
export function observations(n: number, status: string): string[] {
  return [
    observed(n, 'CE', 'REGION_ANATOMIQUE', '1.1', '774007^Tête et cou^SCT', status),
    observed(n + 1, 'CE', 'REGION_ANATOMIQUE', '1.2', '24028007^Droite^SCT', status),
    `OBX|${n + 2}|FT|11322-5^History^LN||Aucun antécédent|||PERTINENT^^HL70078|||${status}`,
    `OBX|${n + 3}|NM|8302-2^Height^LN||170|cm|||||${status}`,
    `OBX|${n + 4}|CE|82810-3^Pregnancy^LN||N^^expandedYes-NoIndicator||||||${status}`,
  ]
}

/** Flow 2: a request is taken back. */
export function cancel(number = 'D1', controlId = `F2-${number}`): string[] {
  return [
    header('ORM^O01^ORM_O01', '2.5.1', TLR, controlId),
    PID,
    PV1,
    ordered('CA', number, 'STRUCTURE_IMAGERIE'),
    asked(number, 'ANNULATION_DEMANDE'),
  ]
}

/** Flow 3: the answer to a request, from the platform that received it. */
export function answer(control: 'OK' | 'OC' = 'OK', number = 'D1', controlId = `F3-${number}`): string[] {
  const head = header('ORU^R01^ORU_R01', '2.5.1', TLR, controlId).replace(
    'RIS|SENDER|PFI|RECEIVER',
    'TLR|RECEIVER|RIS|SENDER',
  )
  return [
    head,
    PID,
    PV1,
    ordered(control, number, 'PLATEFORME_TLR'),
    asked(number, 'REPONSE_DEMANDE'),
    ...(control === 'OK' ? [observed(1, 'FT', 'PROTOCOLE_IMAGERIE', '', 'IRM sans injection', 'F')] : []),
  ]
}

/** Flow 4: what is told after the examination. */
export function complement(url = 'https://drimbox.test/viewer?StudyInstanceUID=1.2.3', number = 'D1'): string[] {
  return [
    header('OMI^O23^OMI_O23', '2.5.1', TLR, `F4-${number}`),
    PID,
    PV1,
    `ORC|SR|${order(number)}`,
    'TQ1||||||730^jours|20261123153000',
    `OBR||${order(number)}||COMPLEMENT_POST_ACTE^Complément^TLR_OBR_PROCEDURE`,
    'IPC|A1^^1.2.250.1.999.8^ISO|24590-2^^2.16.840.1.113883.6.1^ISO|1.2.250.1.999.8.1|24590-2^^2.16.840.1.113883.6.1^ISO',
    observed(1, 'ED', 'URL_PARTIELLE_VIEWER', '', `^TEXT^^Base64^${inBase64(url)}`, 'F'),
    observed(2, 'CE', 'CODE_ACTE_IMAGERIE', '', '24590-2^IRM du cerveau^LN', 'F'),
    observed(3, 'CE', 'REGION_ANATOMIQUE', '1.1', '774007^Tête et cou^SCT', 'F'),
    observed(4, 'CE', 'MODALITE_IMAGERIE', '', 'MR^IRM^DCM', 'F'),
    observed(5, 'CE', 'PRODUIT_ADMINISTRE', '1.1', 'V08C^Produits de contraste^ATC', 'F'),
    observed(6, 'TX', 'PRODUIT_ADMINISTRE', '1.2', 'LOT42', 'F'),
    observed(7, 'NM', 'PRODUIT_ADMINISTRE', '1.3', '12', 'F'),
  ]
}

/** The message's text. */
export const message = (segments: readonly string[]): string => `${segments.join('\r')}\r`
