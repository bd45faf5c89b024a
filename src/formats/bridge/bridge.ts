/** Which kinds are converted to what, and the conversion of a message: one table, one mapping per module. */
import type { Finding } from '../../core/message.ts'
import { resourcesOf } from '../fhir/bundle.ts'
import { kindsOf } from '../fhir/facts.ts'
import { type JsonObject, text, writeJson } from '../fhir/json.ts'
import { type Header, readHeader } from '../hl7v2/header.ts'
import type { Hl7Message } from '../hl7v2/message.ts'
import { acknowledgementMapping } from './acknowledgement.ts'
import { appointmentMapping } from './appointment.ts'
import type { BridgeContext } from './context.ts'
import { type Conversion, type Hl7Draft, type Loss, lacking } from './conversion.ts'
import { demographicsMapping } from './demographics.ts'
import { documentMapping } from './document-mapping.ts'
import { writeDraft } from './header.ts'
import { movementMapping } from './movement.ts'
import { orderMapping } from './order-mapping.ts'
import { resultMapping } from './result-mapping.ts'
import { teleradiologyMapping } from './teleradiology-mapping.ts'
import { lossFindings, unreadElements, unreadFields } from './unread.ts'

/** The two formats. */
export type Format = 'hl7v2' | 'fhir'

/** One mapping: what it takes, what it makes, what it reads and loses. A direction that is absent is not converted. */
export interface Mapping {
  /** Name for docs/bridges.md and findings. */
  readonly name: string
  /** HL7 v2: kinds it takes (`ADT^A31`), its function, and the places it reads (`PID-3`, or a whole segment `ZFD`). */
  readonly hl7?: {
    readonly kinds: readonly string[]
    /** Where kinds are shared by several mappings: is the message one of its own? Absent: yes. */
    readonly mine?: (message: Hl7Message, header: Header) => boolean
    readonly reads: readonly string[]
    readonly toFhir: (message: Hl7Message, header: Header, context: BridgeContext) => Conversion<JsonObject>
  }
  /** FHIR: the types it is known by, alone or in a Bundle, its function, and the elements it reads (`Patient.name`). */
  readonly fhir?: {
    readonly types: readonly string[]
    readonly mine?: (resource: JsonObject) => boolean
    readonly reads: readonly string[]
    readonly toHl7: (resource: JsonObject, context: BridgeContext) => Conversion<Hl7Draft>
  }
  /** What a round trip loses. */
  readonly losses: readonly Loss[]
}

/** All mappings. Order counts for FHIR: the first whose type a Bundle holds takes it, so what others refer to comes last. */
export const MAPPINGS: readonly Mapping[] = [
  acknowledgementMapping,
  teleradiologyMapping,
  orderMapping,
  documentMapping,
  resultMapping,
  appointmentMapping,
  movementMapping,
  demographicsMapping,
]

/** May a message of this kind (`ADT^A01`, a FHIR type, `Bundle:transaction`) be converted? For `passerelle check`. */
export function isConvertible(kind: string, to: Format, mappings: readonly Mapping[] = MAPPINGS): boolean {
  if (to === 'hl7v2' && kind.startsWith('Bundle:')) return kind === 'Bundle:transaction' || kind === 'Bundle:message'
  const [type, event] = kind.split('^')
  return mappings.some(({ hl7, fhir }) => {
    if (to === 'hl7v2') return fhir?.types.includes(kind) ?? false
    return hl7?.kinds.some((one) => one === kind || (event === '*' && one.startsWith(`${type}^`))) ?? false
  })
}

/** What was made: bytes, the format they are in, and which mapping made them. */
export interface Made {
  readonly bytes: Buffer
  readonly mapping: Mapping
}

/** An HL7 v2 message as FHIR JSON: a Bundle, or a single resource. */
export function toFhir(
  message: Hl7Message,
  context: BridgeContext,
  mappings: readonly Mapping[] = MAPPINGS,
): Conversion<Made & { readonly resource: JsonObject }> {
  const header = readHeader(message)
  const mapping = mappings.find(({ hl7 }) => hl7?.kinds.includes(header.kind) && (hl7.mine?.(message, header) ?? true))
  if (mapping?.hl7 === undefined) return { ok: false, code: 'CONVERSION_NONE', at: 'MSH-9' }
  const converted = mapping.hl7.toFhir(message, header, context)
  if (!converted.ok) return converted
  const resource = converted.made
  const findings = [...converted.findings, ...lossFindings(unreadFields(message, mapping.hl7.reads))]
  return { ok: true, made: { bytes: Buffer.from(writeJson(resource), 'utf8'), mapping, resource }, findings }
}

/**
 * What turns the meaning of the rest around, or may (FHIR R4 §2.4.2.3, §2.1.21): HL7 v2 has no place for it, and without it a
 * request not to do something would be an order. Null: nothing does. */
function meaningChanged(resource: JsonObject): string | null {
  for (const one of resourcesOf(resource)) {
    const type = text(one['resourceType']) ?? ''
    if (one['doNotPerform'] === true) return `${type}.doNotPerform`
    if (one['modifierExtension'] !== undefined) return `${type}.modifierExtension`
  }
  return null
}

/** A FHIR resource or Bundle as an HL7 v2 message, in the character set of the context. */
export function toHl7(
  resource: JsonObject,
  context: BridgeContext,
  mappings: readonly Mapping[] = MAPPINGS,
): Conversion<Made & { readonly kind: string }> {
  const types = new Set(kindsOf(resource))
  const mapping = mappings.find(
    ({ fhir }) => fhir?.types.some((type) => types.has(type)) && (fhir.mine?.(resource) ?? true),
  )
  if (mapping?.fhir === undefined) return { ok: false, code: 'CONVERSION_NONE', at: '' }
  const changed = meaningChanged(resource)
  if (changed !== null) return lacking(changed)
  const converted = mapping.fhir.toHl7(resource, context)
  if (!converted.ok) return converted
  const written = writeDraft(converted.made, context)
  if (!written.ok) return written
  const findings: Finding[] = [...converted.findings, ...lossFindings(unreadElements(resource, mapping.fhir.reads))]
  if (written.replaced > 0) {
    findings.push({ code: 'CHARSET_REPLACED', class: 'contract', params: { count: written.replaced } })
  }
  const [type, event] = converted.made.type
  return { ok: true, made: { bytes: written.bytes, mapping, kind: `${type}^${event}` }, findings }
}
