/** A47: one identifier takes the place of another, or is no more (ITI-30, PAM FR §4.4), against patches and versions. */
import type { Finding } from '../../core/message.ts'
import { RELIABILITY } from '../fhir/identity-reliability.ts'
import { writeJson } from '../fhir/json.ts'
import { type JsonObject, objects } from '../fhir/json-value.ts'
import type { Hl7Message } from '../hl7v2/message.ts'
import { hl7Timestamp } from '../hl7v2/timestamp.ts'
import { HL7_NULL, type Repetition, type Segment, segment } from '../hl7v2/write.ts'
import { isInsIdentifier } from '../identifiers/fhir-form.ts'
import type { Hl7Identifier } from '../identifiers/hl7-form.ts'
import { insAuthority, isIns } from '../identifiers/ins.ts'
import { cxOfIdentifier, identifierOfCx } from '../identifiers/patient.ts'
import { nameOf, patched, resource, transaction } from './bundle.ts'
import type { BridgeContext } from './context.ts'
import { type Conversion, type Hl7Draft, lacking } from './conversion.ts'
import { eventSegment } from './header.ts'
import { type IdentifierPatch, operationsOf } from './identifier-patch.ts'
import { completed, fieldsOf, identifiersFrom, reliabilityElement, reliabilityIn, withAuthority } from './identity.ts'
import { PAM_PROFILE, PAM_VERSION } from './pam.ts'
import { cxOf, cxRepetition, hdComponent, partOf, partsOf } from './parts.ts'
import { pidOf } from './patient.ts'
import { lossFindings } from './unread.ts'

/**
 * A47 as a patch of what is found under the old identifier: nothing else of the patient is touched. Done twice it changes
 * nothing more. */
export function changedIdentifier(message: Hl7Message, context: BridgeContext): Conversion<JsonObject> {
  const given = cxOf(partOf(message, 'MRG-1'))
  const oldCx = withAuthority(given, context.sender)
  const old = given.value === '' ? null : identifierOfCx(oldCx, { old: true })
  const oldName = old === null ? null : nameOf({ identifier: [old] })
  if (old === null || oldName === null) return lacking('MRG-1')
  const reliability = reliabilityIn(message)
  const { identifiers: now, findings } = identifiersFrom(partsOf(message, 'PID-3').map(cxOf), reliability, context)
  // A local number says nothing of the INS, which such a message does not carry: its status stays the receiver's.
  const concernsIns = isIns(oldCx.authority.id, oldCx.type) || now.some(isInsIdentifier)
  const patch: IdentifierPatch = { old, now, reliability: concernsIns ? reliabilityElement(reliability) : null }
  return transaction([patched('Patient', oldName, operationsOf(patch))], context, findings)
}

/** The name of a patient of whom no name is told (HL7 v2.5 §3.4.2.5, where PID-5 is required). */
const NAMELESS = { repeat: ['', ['', '', '', '', '', '', 'U']] }

/** PID-32 of a patient of whose status nothing is told (table 0445, where the field is required). */
const UNTOLD = 'VIDE'

/** The A47 that such a patch came from, as far as it says: no name, and no status where it concerns no INS. */
export function changeOfPatch(patch: IdentifierPatch, context: BridgeContext): Conversion<Hl7Draft> {
  const cx = cxOfIdentifier(patch.old)
  if (cx === null) return lacking('Parameters.parameter')
  const { authority } = context.sender
  // What is deleted is told by system and value alone: of its authority we know our sender's whole.
  const from = cx.authority.id === authority.id ? { ...cx, authority } : cx
  if (patch.reliability === null && patch.now.some(isInsIdentifier)) return lacking('Parameters.parameter')
  const patient = resource('Patient', null, { extension: [patch.reliability], identifier: patch.now })
  const { pid, zfd, findings } = pidOf(patient, context)
  const to = fieldsOf(patient, context).fields
  // What stood instead does not leave: only of an INS is that a deletion.
  if (patch.now.length > 0 && to.length === 0 && !isInsOf(from)) return lacking('Patient.identifier')
  const fields = { ...pid.fields, 5: NAMELESS, ...(patch.reliability === null ? { 32: UNTOLD } : {}) }
  const made = changeDraft({ ...pid, fields }, zfd, { from, to }, context)
  return { ok: true, made, findings: [...findings, ...lossFindings(['Patient.name'])] }
}

/**
 * The A47 of what became of a Patient's identifiers from one version to the next; `made` null: none was changed or removed.
 * More than one that changed, save INS that go together, cannot be told at once. */
export function changeBetween(
  before: JsonObject,
  after: JsonObject,
  context: BridgeContext,
): Conversion<Hl7Draft | null> {
  const known = fieldsOf(before, context).fields
  const { fields } = fieldsOf(after, context)
  const gone = known.filter((one) => !fields.some((other) => isSame(one, other)))
  if (gone.length === 0) return { ok: true, made: null, findings: [] }
  const added = fields.filter((one) => !known.some((other) => isSame(one, other)))
  const change = gone.every(isInsOf) ? insChange(gone, fields) : localChange(gone, added)
  if (change === null) return lacking('Patient.identifier')
  const { pid, zfd, findings } = pidOf(after, context)
  // A receiver of A47 changes one identifier: what else is new here it learns from the next A31.
  const lost = elementsChanged(before, after)
  if (added.some((one) => !change.to.includes(one))) lost.unshift('Patient.identifier')
  return { ok: true, made: changeDraft(pid, zfd, change, context), findings: [...findings, ...lossFindings(lost)] }
}

/** What went, and what took its place; nothing: it is deleted. */
interface Change {
  readonly from: Hl7Identifier
  readonly to: readonly Hl7Identifier[]
}

/** An INS by another that the patient has; or every INS goes, which the permanent one tells, for the others too. */
function insChange(gone: readonly Hl7Identifier[], fields: readonly Hl7Identifier[]): Change | null {
  const permanentFirst = (all: readonly Hl7Identifier[]): Hl7Identifier | undefined =>
    all.find(({ authority }) => insAuthority(authority.id)?.use === 'official') ?? all[0]
  const from = permanentFirst(gone)!
  const to = permanentFirst(fields.filter(isInsOf))
  if (to === undefined) return { from, to: [] }
  return gone.length > 1 ? null : { from, to: [to] }
}

/** Another of the same authority and type takes its place. */
function localChange([from, another]: readonly Hl7Identifier[], added: readonly Hl7Identifier[]): Change | null {
  if (from === undefined || another !== undefined) return null
  const to = added.filter((one) => isOfAuthority(one, from) && one.type === from.type)
  return to.length > 1 ? null : { from, to }
}

function isInsOf({ authority, type }: Hl7Identifier): boolean {
  return isIns(authority.id, type)
}

function isOfAuthority({ authority: a }: Hl7Identifier, { authority: b }: Hl7Identifier): boolean {
  return a.id === '' && b.id === '' ? a.namespace === b.namespace : a.id === b.id
}

function isSame(one: Hl7Identifier, other: Hl7Identifier): boolean {
  return one.value === other.value && isOfAuthority(one, other)
}

/** Elements that are not as they were, but for identifiers and the status, which go with an A47: `Patient.name`. */
function elementsChanged(before: JsonObject, after: JsonObject): string[] {
  const said = ({ resourceType: _type, id: _id, meta: _meta, text: _text, identifier: _all, ...rest }: JsonObject) => {
    const extension = objects(rest['extension']).filter(({ url }) => url !== RELIABILITY)
    return new Map(Object.entries({ ...rest, extension }).map(([name, value]) => [name, writeJson(value)]))
  }
  const [was, is] = [said(before), said(after)]
  return [...new Set([...was.keys(), ...is.keys()])]
    .filter((name) => was.get(name) !== is.get(name) && /^[a-z][A-Za-z]*$/.test(name))
    .map((name) => `Patient.${name}`)
}

/** PID-3 holds one identifier, or the HL7 null under the authority of the one that is deleted (PAM FR §4.4). */
function changeDraft(pid: Segment, zfd: Segment, { from, to }: Change, context: BridgeContext): Hl7Draft {
  const old = completed(from, 'PI', context)
  const nothing: Repetition = [HL7_NULL, '', '', hdComponent(old.authority), old.type]
  const event = eventSegment(context, hl7Timestamp(context.atMs, context.timeZone))
  const now = { ...pid, fields: { ...pid.fields, 3: to.length === 0 ? nothing : { repeat: to.map(cxRepetition) } } }
  const segments = [event, now, segment('MRG', { 1: cxRepetition(old) }), zfd]
  return { type: ['ADT', 'A47', 'ADT_A30'], version: PAM_VERSION, profile: PAM_PROFILE, segments }
}

/** What is told when the version before is no longer kept. */
export const PRIOR_GONE: Finding = { code: 'PRIOR_VERSION_GONE', class: 'contract', at: 'Patient.identifier' }
