/** Identities: ADT A28, A31, A40 and A47 (ITI-30, PAM FR §4.4 and §5.2) against Patient. */
import type { Finding } from '../../core/message.ts'
import { resourcesOf } from '../fhir/bundle.ts'
import { RELIABILITY } from '../fhir/identity-reliability.ts'
import { type JsonObject, object, objects, text } from '../fhir/json-value.ts'
import type { Header } from '../hl7v2/header.ts'
import type { Hl7Message } from '../hl7v2/message.ts'
import { hl7Timestamp } from '../hl7v2/timestamp.ts'
import { type Segment, segment } from '../hl7v2/write.ts'
import { isInsIdentifier } from '../identifiers/fhir-form.ts'
import type { Reliability } from '../identifiers/identity-status.ts'
import { INS_AUTHORITIES, isIns } from '../identifiers/ins.ts'
import { cxOfIdentifier, identifierOfCx } from '../identifiers/patient.ts'
import type { Mapping } from './bridge.ts'
import { fullUrlOf, nameOf, patched, resolve, resource, transaction, written } from './bundle.ts'
import type { BridgeContext } from './context.ts'
import { type Conversion, type Hl7Draft, lacking } from './conversion.ts'
import { eventSegment } from './header.ts'
import { completed, identifiersFrom, reliabilityElement, reliabilityIn, withAuthority } from './identity.ts'
import { PAM_PROFILE, PAM_VERSION } from './pam.ts'
import { cxOf, cxRepetition, partOf, partsOf } from './parts.ts'
import { claimed, PATIENT_LOSSES, PATIENT_READ, PID_READ, patientOf, pidOf } from './patient.ts'
import { humanNameOf, xpnOf } from './people.ts'

function toFhir(message: Hl7Message, header: Header, context: BridgeContext): Conversion<JsonObject> {
  if (header.triggerEvent === 'A47') return changedIdentifier(message, context)
  const { patient, findings } = patientOf(message, context)
  if (nameOf(patient) === null) return lacking('PID-3')
  if (header.triggerEvent !== 'A40') return { ok: true, made: transaction([written(patient)], context), findings }
  return merged(message, patient, findings, context)
}

/** A40: the identity of MRG is replaced by the one of PID. */
function merged(
  message: Hl7Message,
  patient: JsonObject,
  findings: readonly Finding[],
  context: BridgeContext,
): Conversion<JsonObject> {
  const replaced = identifiersFrom(partsOf(message, 'MRG-1').map(cxOf), reliabilityIn(message), context)
  const replacedPatient = resource('Patient', null, {
    identifier: replaced.identifiers.map((one) => ({ ...one, use: 'old' })),
    active: false,
    name: partsOf(message, 'MRG-7').map(humanNameOf),
    link: [{ other: { reference: fullUrlOf('Patient', nameOf(patient)!) }, type: 'replaced-by' }],
  })
  const old = claimed(replacedPatient)
  const oldName = nameOf(old)
  if (oldName === null) return lacking('MRG-1')
  const link = [{ other: { reference: fullUrlOf('Patient', oldName) }, type: 'replaces' }]
  const entries = [written({ ...patient, link }), written(old)]
  return { ok: true, made: transaction(entries, context), findings: [...findings, ...replaced.findings] }
}

/**
 * A47: one identifier takes the place of another, or an INS goes (PAM FR §4.4), and nothing else of the patient is
 * touched: a patch of what is found under the old one. Done twice it changes nothing more. */
function changedIdentifier(message: Hl7Message, context: BridgeContext): Conversion<JsonObject> {
  const given = cxOf(partOf(message, 'MRG-1'))
  const oldCx = withAuthority(given, context.sender.authority)
  const old = given.value === '' ? null : identifierOfCx(oldCx, { old: true })
  const oldName = old === null ? null : nameOf({ identifier: [old] })
  if (old === null || oldName === null) return lacking('MRG-1')
  const reliability = reliabilityIn(message)
  const { identifiers, findings } = identifiersFrom(partsOf(message, 'PID-3').map(cxOf), reliability, context)
  const changes =
    identifiers.length > 0 ? exchanged(old, identifiers) : deleted(oldCx.authority.id, oldCx.type, oldName)
  // A local number says nothing of the INS, which such a message does not carry: its status stays the receiver's.
  const concernsIns = isIns(oldCx.authority.id, oldCx.type) || identifiers.some(isInsIdentifier)
  const operations = [...changes, ...(concernsIns ? restated(reliability) : [])]
  return { ok: true, made: transaction([patched('Patient', oldName, operations)], context), findings }
}

/** The new ones stand there once, and the old one as old. */
function exchanged(old: JsonObject, identifiers: readonly JsonObject[]): JsonObject[] {
  const all = [...identifiers, old]
  return [
    ...all.map((one) => gone({ system: text(one['system']) ?? '', value: text(one['value'])! })),
    ...all.map((one) => operation('add', 'Patient', 'identifier', { valueIdentifier: one })),
  ]
}

/** The patient's reliability as the message says it, instead of what stands there. */
function restated(reliability: Reliability): JsonObject[] {
  return [
    operation('delete', `Patient.extension.where(url = ${quoted(RELIABILITY)})`),
    operation('add', 'Patient', 'extension', { part: partsOfExtension(reliabilityElement(reliability)) }),
  ]
}

/** An extension as Parameters can hold it: they have no value of that type (fhirpatch.html). */
function partsOfExtension(extension: JsonObject): JsonObject[] {
  return Object.entries(extension).flatMap(([name, value]): JsonObject[] => {
    if (name === 'url') return [{ name, valueUri: value }]
    if (name === 'extension') return objects(value).map((one) => ({ name, part: partsOfExtension(one) }))
    return [{ name: 'value', [name]: value }]
  })
}

/** With an INS every INS of the patient goes. */
function deleted(oid: string, type: string, name: { system: string; value: string }): JsonObject[] {
  if (!isIns(oid, type)) return [gone(name)]
  const others = INS_AUTHORITIES.map((one) =>
    operation('delete', `Patient.identifier.where(system = ${quoted(`urn:oid:${one.oid}`)})`),
  )
  return [gone(name), ...others]
}

function gone({ system, value }: { system: string; value: string }): JsonObject {
  return operation('delete', `Patient.identifier.where(system = ${quoted(system)} and value = ${quoted(value)})`)
}

function operation(type: string, path: string, name?: string, value?: JsonObject): JsonObject {
  const part = [
    { name: 'type', valueCode: type },
    { name: 'path', valueString: path },
    ...(name === undefined ? [] : [{ name: 'name', valueString: name }]),
    ...(value === undefined ? [] : [{ name: 'value', ...value }]),
  ]
  return { name: 'operation', part }
}

/** A string of FHIRPath. */
function quoted(value: string): string {
  return `'${value.replace(/[\\']/g, '\\$&')}'`
}

function toHl7(root: JsonObject, context: BridgeContext): Conversion<Hl7Draft> {
  const patients = resourcesOf(root).filter((one) => one['resourceType'] === 'Patient')
  const replaced = patients.find((one) => replacement(one) !== null)
  const survivor = replaced === undefined ? patients[0]! : survivorOf(replaced, root)
  if (survivor === null) return lacking('Patient.link')
  if (patients.length > (replaced === undefined ? 1 : 2)) return lacking('Patient')
  const { pid, zfd, findings } = pidOf(survivor, context)
  if (nameOf(survivor) === null) return lacking('Patient.identifier')
  const event = eventSegment(context, hl7Timestamp(context.atMs, context.timeZone))
  if (replaced === undefined) {
    const segments: readonly Segment[] = [event, pid, segment('PV1', { 2: 'N' }), zfd]
    return { ok: true, made: draft('A31', 'ADT_A05', segments), findings }
  }
  const old = objects(replaced['identifier']).flatMap((one) => cxOfIdentifier(one) ?? [])
  // An INS that was replaced is not told: receivers know the identity by its local number.
  const fields = old.filter(({ authority, type }) => !isIns(authority.id, type))
  if (fields.length === 0) return lacking('Patient.identifier')
  const [name] = objects(replaced['name'])
  const mrg = segment('MRG', {
    1: { repeat: fields.map((one) => cxRepetition(completed(one, 'PI', context))) },
    7: name === undefined ? '' : xpnOf(name),
  })
  return { ok: true, made: draft('A40', 'ADT_A39', [event, pid, mrg]), findings }
}

function draft(event: string, structure: string, segments: readonly Segment[]): Hl7Draft {
  return { type: ['ADT', event, structure], version: PAM_VERSION, profile: PAM_PROFILE, segments }
}

function replacement(patient: JsonObject): JsonObject | null {
  const link = objects(patient['link']).find(({ type }) => type === 'replaced-by')
  return object(link?.['other'])
}

function survivorOf(replaced: JsonObject, root: JsonObject): JsonObject | null {
  const reference = replacement(replaced)
  return reference === null ? null : resolve(reference, replaced, root)
}

/** The mapping. */
export const demographicsMapping: Mapping = {
  name: 'identities',
  hl7: {
    kinds: ['ADT^A28', 'ADT^A31', 'ADT^A40', 'ADT^A47'],
    reads: [...PID_READ, 'PV1-2', 'MRG-1', 'MRG-7'],
    toFhir,
  },
  fhir: { types: ['Patient'], reads: PATIENT_READ, toHl7 },
  losses: [
    ...PATIENT_LOSSES,
    { from: 'hl7v2', at: 'MSH-9', what: 'A28 writes the patient as A31 does, and comes back as A31.' },
    { from: 'hl7v2', at: 'MSH-9', what: 'A47 becomes a patch of the patient found by MRG-1; there is no way back.' },
    { from: 'hl7v2', at: 'MRG-1', what: 'In an A40 an INS does not come back.' },
    {
      from: 'hl7v2',
      at: 'PID-3',
      what: 'Of an A47 only identifiers are changed at the receiver, and the status with an INS.',
    },
    { from: 'fhir', at: 'Patient.link', what: 'Links other than one merge; active.' },
  ],
}
