/** Identities: ADT A28, A31, A40 and A47 (ITI-30, PAM FR §4.4 and §5.2) against Patient. */
import type { Finding } from '../../core/message.ts'
import { type BundleEntry, entriesOf, resourcesOf } from '../fhir/bundle.ts'
import { type JsonObject, object, objects } from '../fhir/json-value.ts'
import type { Header } from '../hl7v2/header.ts'
import { patientIdentities } from '../hl7v2/identifiers.ts'
import type { Hl7Message } from '../hl7v2/message.ts'
import { hl7Timestamp } from '../hl7v2/timestamp.ts'
import { type Segment, segment } from '../hl7v2/write.ts'
import { nationalOfIdentifier } from '../identifiers/fhir-form.ts'
import { isIns } from '../identifiers/ins.ts'
import { cxOfIdentifier } from '../identifiers/patient.ts'
import type { Mapping } from './bridge.ts'
import { type Entry, fullUrlOf, nameOf, resolve, resource, transaction, written } from './bundle.ts'
import type { BridgeContext } from './context.ts'
import { type Conversion, type Hl7Draft, lacking } from './conversion.ts'
import { eventSegment } from './header.ts'
import { changeBetween, changedIdentifier, changeOfPatch, PRIOR_GONE } from './identifier-change.ts'
import { patchOf } from './identifier-patch.ts'
import { completed, identifiersFrom, reliabilityIn } from './identity.ts'
import { PAM_PROFILE, PAM_VERSION } from './pam.ts'
import { cxOf, cxRepetition, partsOf } from './parts.ts'
import { claimed, PATIENT_LOSSES, PATIENT_READ, PID_READ, patientOf, pidOf } from './patient.ts'
import { humanNameOf, xpnOf } from './people.ts'

function toFhir(message: Hl7Message, header: Header, context: BridgeContext): Conversion<JsonObject> {
  if (header.triggerEvent === 'A40') return mergesOf(message, context)
  if (message.segments('PID') > 1) return lacking('PID(2)')
  if (header.triggerEvent === 'A47') return changedIdentifier(message, context)
  const { patient, findings } = patientOf(message, context)
  if (nameOf(patient) === null) return lacking('PID-3')
  return transaction([written(patient)], context, findings)
}

/** More merges than one message tells: each is looked for in all. */
const MOST_MERGES = 200

/** A40: in each group the identity of MRG is replaced by the one of PID. */
function mergesOf(message: Hl7Message, context: BridgeContext): Conversion<JsonObject> {
  if (message.segments('PID') > MOST_MERGES) return lacking('PID')
  const merges: Merge[] = []
  for (const { occurrence, merged } of patientIdentities(message)) {
    const place = occurrence < 2 ? '' : `(${occurrence})`
    if (merged.length !== 1 || occurrence === 0) return lacking(`MRG${place}-1`)
    const { patient, findings } = patientOf(message, context, occurrence)
    const name = nameOf(patient)
    if (name === null) return lacking(`PID${place}-3`)
    const merge = mergeInto(message, { occurrence, patient, name, findings }, context)
    if (merge === null) return lacking(`MRG${place}-1`)
    merges.push(merge)
  }
  if (merges.length === 0) return lacking('PID-3')
  const entries = merges.flatMap(({ survivor, survivorUrl, replaced }) => {
    const all = merges.filter((one) => one.survivorUrl === survivorUrl)
    const link = all.map((one) => ({ other: { reference: one.replaced.fullUrl }, type: 'replaces' }))
    return [written({ ...survivor, link }), replaced]
  })
  return transaction(
    entries,
    context,
    merges.flatMap(({ findings }) => findings),
  )
}

interface Merge {
  readonly survivor: JsonObject
  readonly survivorUrl: string
  readonly replaced: Entry
  readonly findings: readonly Finding[]
}

interface Survivor {
  /** Which PID, from 1, and which MRG. */
  readonly occurrence: number
  readonly patient: JsonObject
  readonly name: { readonly system: string; readonly value: string }
  readonly findings: readonly Finding[]
}

/**
 * One merge; null when MRG-1 names nobody. A national number is the survivor's too, or a relative's: only a local one that the
 * survivor does not bear names who is replaced. */
function mergeInto(
  message: Hl7Message,
  { occurrence, patient, name, findings }: Survivor,
  context: BridgeContext,
): Merge | null {
  const mrg = `MRG(${occurrence})`
  const given = identifiersFrom(partsOf(message, `${mrg}-1`).map(cxOf), reliabilityIn(message, occurrence), context)
  const kept = objects(patient['identifier'])
  const others = given.identifiers.filter(
    (one) => !kept.some(({ system, value }) => system === one['system'] && value === one['value']),
  )
  const [local, national] = [true, false].map((is) =>
    others.filter((one) => (nationalOfIdentifier(one) === null) === is),
  )
  if (nameOf({ identifier: local! }) === null) return null
  const survivorUrl = fullUrlOf('Patient', name)
  const replaced = resource('Patient', null, {
    identifier: [...local!, ...national!].map((one) => ({ ...one, use: 'old' })),
    active: false,
    name: partsOf(message, `${mrg}-7`).map(humanNameOf),
    link: [{ other: { reference: survivorUrl }, type: 'replaced-by' }],
  })
  return {
    ...{ survivor: patient, survivorUrl, replaced: written(claimed(replaced)) },
    findings: [...findings, ...given.findings],
  }
}

function toHl7(root: JsonObject, context: BridgeContext): Conversion<Hl7Draft> {
  const [patch, ...others] = patchesIn(root)
  if (patch !== undefined) return others.length > 0 ? lacking('Bundle.entry') : changeOf(patch, root, context)
  const patients = resourcesOf(root).filter((one) => one['resourceType'] === 'Patient')
  const replaced = patients.find((one) => replacement(one) !== null)
  const survivor = replaced === undefined ? patients[0]! : survivorOf(replaced, root)
  if (survivor === null) return lacking('Patient.link')
  if (patients.length > (replaced === undefined ? 1 : 2)) return lacking('Patient')
  return replaced === undefined ? identityOf(survivor, root, context) : mergeOf(survivor, replaced, context)
}

/** Patches of a Patient in a Bundle, and whatever else is said in Parameters. */
function patchesIn(root: JsonObject): BundleEntry[] {
  return entriesOf(root).filter(({ type }) => type === 'Parameters')
}

function isPatientPatch({ request }: BundleEntry): boolean {
  return request?.method === 'PATCH' && /^Patient[/?]/.test(request.url)
}

/** A47 of a patch, which must be all that the Bundle says. */
function changeOf(entry: BundleEntry, root: JsonObject, context: BridgeContext): Conversion<Hl7Draft> {
  if (!isPatientPatch(entry) || resourcesOf(root).length > 1) return lacking('Bundle.entry')
  const patch = patchOf(entry.resource!)
  return patch === null ? lacking('Parameters.parameter') : changeOfPatch(patch, context)
}

/** A28 of a new Patient; of a changed one A47 where an identifier of the version before is no more, else A31. */
function identityOf(patient: JsonObject, root: JsonObject, context: BridgeContext): Conversion<Hl7Draft> {
  const { before } = context
  const created = isCreated(patient, root, context)
  if (!created && before !== undefined && before !== null) {
    const changed = changeBetween(before, patient, context)
    if (!changed.ok) return changed
    const { made, findings } = changed
    if (made !== null) return { ok: true, made, findings }
  }
  if (nameOf(patient) === null) return lacking('Patient.identifier')
  const { pid, zfd, findings } = pidOf(patient, context)
  const event = eventSegment(context, hl7Timestamp(context.atMs, context.timeZone))
  const segments: readonly Segment[] = [event, pid, segment('PV1', { 2: 'N' }), zfd]
  const made = draft(created ? 'A28' : 'A31', 'ADT_A05', segments)
  return { ok: true, made, findings: !created && before === null ? [...findings, PRIOR_GONE] : findings }
}

/** Whether it was created at the door, or its entry of a Bundle is a create; where nothing says so, not. */
function isCreated(patient: JsonObject, root: JsonObject, { change }: BridgeContext): boolean {
  const request = entriesOf(root).find(({ resource }) => resource === patient)?.request ?? null
  return request === null ? change === 'create' : request.method === 'POST'
}

/** A40 of two Patients, one of which replaces the other. */
function mergeOf(survivor: JsonObject, replaced: JsonObject, context: BridgeContext): Conversion<Hl7Draft> {
  if (nameOf(survivor) === null) return lacking('Patient.identifier')
  const { pid, findings } = pidOf(survivor, context)
  const event = eventSegment(context, hl7Timestamp(context.atMs, context.timeZone))
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
  fhir: {
    types: ['Patient', 'Parameters'],
    mine: (root) =>
      resourcesOf(root).some((one) => one['resourceType'] === 'Patient') || patchesIn(root).some(isPatientPatch),
    reads: [...PATIENT_READ, 'Parameters.parameter'],
    toHl7,
  },
  losses: [
    ...PATIENT_LOSSES,
    { from: 'hl7v2', at: 'MSH-9', what: 'A28 writes the patient as A31 does, and comes back as A31.' },
    {
      from: 'hl7v2',
      at: 'MSH-9',
      what: 'A47 becomes a patch of the patient found by MRG-1; only a patch of that very form comes back as A47.',
    },
    { from: 'hl7v2', at: 'PID-5', what: 'Of an A47 no name comes back, nor any other trait: PID-5 is `~^^^^^^U`.' },
    { from: 'hl7v2', at: 'PID-32', what: 'Of an A47 that concerns no INS it comes back as VIDE.' },
    { from: 'hl7v2', at: 'MRG-1', what: 'In an A47 that deletes a local identifier, CX-5 comes back as PI.' },
    { from: 'hl7v2', at: 'MRG-1', what: 'In an A40 an INS does not come back, nor what the survivor bears too.' },
    { from: 'hl7v2', at: 'MRG', what: 'Several merges of one A40 go to FHIR in one Bundle, which does not come back.' },
    {
      from: 'hl7v2',
      at: 'PID-3',
      what: 'Of an A47 only identifiers are changed at the receiver, and the status with an INS.',
    },
    {
      from: 'fhir',
      at: 'Patient.identifier',
      what: 'A47 tells one identifier that was changed or removed, of the INS all together; several others at once are refused. One that is new beside it goes with the next A31.',
    },
    {
      from: 'fhir',
      at: 'Patient',
      what: 'What else was changed together with an identifier stands in PID of the A47, of which receivers may take the identifier alone. Once the version before is no longer kept, an update is A31 whatever became of the identifiers; the same in a `message`, and from `passerelle convert`. Beside a stay, an order or a result no change is told: they are A01 to A05, ORM or ORU as ever.',
    },
    { from: 'fhir', at: 'Patient.link', what: 'Links other than one merge; active.' },
  ],
}
