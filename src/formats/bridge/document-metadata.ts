/**
 * The ten metadata of a document on its way to DMP and MSSanté (volet "Transmission de documents CDA-R2 en HL7v2", 2.1):
 * who may see it as security labels, what is to be done with it as tags.
 */
import { type JsonObject, objects, text } from '../fhir/json.ts'
import type { Hl7Message } from '../hl7v2/message.ts'
import { type Segment, segment } from '../hl7v2/write.ts'
import { codeSystemOf } from './codes.ts'
import type { ObservationGroup } from './order-groups.ts'

const METADATA = 'MetaDMPMSS'
/** Tags of a DocumentReference that stand for metadata. */
export const METADATA_SYSTEM = codeSystemOf(METADATA)!
/** Confidentiality of documents in the French health record (TRE_A08); recalled: the sources at hand do not print it. */
export const CONFIDENTIALITY_SYSTEM = 'urn:oid:1.2.250.1.213.1.1.4.13'

interface Metadatum {
  readonly code: string
  readonly display: string
  /** The security label that it stands for; null: a tag. */
  readonly label: string | null
}

/** In the order that the volet requires. */
const METADATA_IN_ORDER: readonly Metadatum[] = [
  { code: 'MASQUE_PS', display: 'Masqué aux professionnels de Santé', label: 'MASQUE_PS' },
  { code: 'INVISIBLE_PATIENT', display: 'Document Non Visible par le patient', label: 'INVISIBLE_PATIENT' },
  {
    code: 'INVISIBLE_REP_LEGAUX',
    display: 'Non visible par les représentants Légaux du patient',
    label: 'INVISIBLE_REPRESENTANTS_LEGAUX',
  },
  { code: 'CONNEXION_SECRETE', display: 'Connexion Secrete', label: null },
  { code: 'MODIF_CONF_CODE', display: 'Modification Confidentiality Code', label: null },
  { code: 'DESTDMP', display: 'Destinataire DMP', label: null },
  {
    code: 'DESTMSSANTEPS',
    display: 'Destinataire (Professionnel de Santé, organisation ou BAL applicative)',
    label: null,
  },
  { code: 'DESTMSSANTEPAT', display: 'Destinataire Patient', label: null },
  { code: 'ACK_RECEPTION', display: 'Accusé de réception', label: null },
  { code: 'ACK_LECTURE_MSS', display: 'Accusé de lecture', label: null },
]
/** Written in samples that circulate for what the table calls ACK_LECTURE_MSS. */
const READ_TOO: Readonly<Record<string, string>> = { ACK_LECTURE: 'ACK_LECTURE_MSS' }

/** What the metadata of a document say, those that say yes. */
export interface DocumentMetadata {
  readonly labels: readonly JsonObject[]
  readonly tags: readonly JsonObject[]
}

/** Is the OBX a metadatum of a document, and no result? */
export function isMetadata(message: Hl7Message, { obx }: ObservationGroup): boolean {
  return message.text(`${obx}-3.3`) === METADATA
}

/** The metadata of an order's OBX that say yes. */
export function readMetadata(message: Hl7Message, observations: readonly ObservationGroup[]): DocumentMetadata {
  const yes = new Set(
    observations
      .filter((one) => isMetadata(message, one) && message.text(`${one.obx}-5`) === 'Y')
      .map(({ obx }) => message.text(`${obx}-3`) ?? '')
      .map((code) => READ_TOO[code] ?? code),
  )
  const said = METADATA_IN_ORDER.filter(({ code }) => yes.has(code))
  return {
    labels: said.flatMap(({ label, display }) =>
      label === null ? [] : [{ coding: [{ system: CONFIDENTIALITY_SYSTEM, code: label, display }] }],
    ),
    tags: said.flatMap(({ code, label, display }) =>
      label === null ? [{ system: METADATA_SYSTEM, code, display }] : [],
    ),
  }
}

/** Codes of the metadata that a DocumentReference says yes to. */
export function metadataOf(document: JsonObject, tags: readonly JsonObject[]): ReadonlySet<string> {
  const labels = objects(document['securityLabel'])
    .flatMap((one) => objects(one['coding']))
    .map((one) => text(one['code']) ?? '')
  const tagged = tags.filter((one) => one['system'] === METADATA_SYSTEM).map((one) => text(one['code']) ?? '')
  return new Set(
    METADATA_IN_ORDER.filter(
      ({ code, label }) =>
        tagged.includes(code) || (label !== null && (labels.includes(label) || labels.includes(code))),
    ).map(({ code }) => code),
  )
}

/** The ten OBX in their order, from set id `from`; CE in 2.5, CWE in 2.6. */
export function metadataSegments(yes: ReadonlySet<string>, type: 'CE' | 'CWE', from: number): Segment[] {
  return METADATA_IN_ORDER.map(({ code, display }, i) =>
    segment('OBX', {
      1: String(from + i),
      2: type,
      3: [code, display, METADATA],
      5: [yes.has(code) ? 'Y' : 'N', null, 'expandedYes-NoIndicator'],
      11: 'F',
    }),
  )
}
