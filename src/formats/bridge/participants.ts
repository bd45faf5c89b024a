/** Professionals (XCN) and structures (XON) of orders, results and documents, as resources that travel along. */
import { type JsonObject, object, objects, text } from '../fhir/json.ts'
import { referenceTargets } from '../fhir/references.ts'
import type { Hl7Message } from '../hl7v2/message.ts'
import type { Component, Repetition } from '../hl7v2/write.ts'
import { hdOf, systemOf } from '../identifiers/authority.ts'
import { FR_TYPES, identifierOfNational, nationalOfIdentifier, typeCodes } from '../identifiers/fhir-form.ts'
import {
  type Hd,
  type Hl7Identifier,
  nationalOfXcn,
  nationalOfXon,
  xcnOfNational,
  xonOfNational,
} from '../identifiers/hl7-form.ts'
import { mayBeSent, type National, type ProfessionalKind, type StructureKind } from '../identifiers/national.ts'
import { readIdNps } from '../identifiers/professional.ts'
import { type Entry, ensured, nameOf, referenceTo, resource } from './bundle.ts'
import type { BridgeContext, Party } from './context.ts'
import { wholeAuthority } from './entities.ts'
import { hdComponent, hdOfPart, partOf } from './parts.ts'

/** Someone who takes part: how others refer to them, and the entry that is the resource; null: known by name only. */
export interface Participant {
  readonly reference: JsonObject
  readonly entry: Entry | null
}

/** The professional of an XCN; null when it is empty. */
export function professionalAt(message: Hl7Message, path: string, context: BridgeContext): Participant | null {
  const part = partOf(message, path)
  return professionalOf(part, hdOfPart(part, 9), part(13), context)
}

/** The professional of the CNN in an NDL (HL7 v2.5 §2.A.47, OBR-32): an XCN in subcomponents. */
export function interpreterAt(message: Hl7Message, path: string, context: BridgeContext): Participant | null {
  const part = partOf(message, path)
  const authority = { namespace: part(1, 9), id: part(1, 10), idType: part(1, 11) }
  return professionalOf((component) => part(1, component), authority, '', context)
}

function professionalOf(
  part: (component: number) => string,
  authority: Hd,
  type: string,
  context: BridgeContext,
): Participant | null {
  const given = [part(3), part(4)].filter((one) => one !== '')
  const name = { family: part(2), given, prefix: [part(6)] }
  const display = [part(6), part(3), part(2)].filter((one) => one !== '').join(' ')
  const identifiers = professionalIdentifiers({ value: part(1).trim(), authority, type }, context.sender)
  if (identifiers.length === 0 && display === '') return null
  return participant(
    resource('Practitioner', null, { identifier: identifiers, name: display === '' ? [] : [name] }),
    display,
  )
}

function professionalIdentifiers(xcn: Hl7Identifier, sender: Party): JsonObject[] {
  if (xcn.value === '' || xcn.value === '""') return []
  const national = nationalOfXcn(xcn)
  if (national === null) {
    const system = systemOf(wholeAuthority(xcn.authority, sender))
    return system === null ? [] : [{ system, value: xcn.value }]
  }
  const inside = national.kind === 'IDNPS' ? readIdNps(national.value) : null
  const all: National<ProfessionalKind>[] =
    inside?.of === 'RPPS' ? [national, { kind: 'RPPS', value: inside.number }] : [national]
  return all.map((one) => identifierOfNational(one)).filter((one) => one !== null)
}

/** The structure of an XON; null when it is empty. */
export function structureAt(message: Hl7Message, path: string, context: BridgeContext): Participant | null {
  const at = partOf(message, path)
  // Columns of fixed width come padded, with no-break spaces too, which `trim` knows.
  const xon: Hl7Identifier = { value: at(10).trim() || at(3).trim(), authority: hdOfPart(at, 6), type: at(7) }
  if (xon.value === '' && at(1) === '') return null
  const identifier = xon.value === '' ? null : structureIdentifier(xon, context.sender)
  return participant(
    resource('Organization', null, { identifier: identifier === null ? [] : [identifier], name: at(1) }),
    at(1),
  )
}

function structureIdentifier(xon: Hl7Identifier, sender: Party): JsonObject | null {
  const national = nationalOfXon(xon)
  if (national !== null) return identifierOfNational(national)
  const system = systemOf(wholeAuthority(xon.authority, sender))
  if (system === null) return null
  const type = xon.type === '' ? {} : { type: { coding: [{ system: FR_TYPES, code: xon.type }] } }
  return { ...type, system, value: xon.value }
}

/** The establishment of one side of the exchange. */
export function partyOf(party: Party): Participant {
  const organization = partyResource(party)
  return participant(organization, text(organization['name']) ?? '')
}

/** Its Organization. */
export function partyResource({ authority, name }: Party): JsonObject {
  const kind = authority.idType === 'N' ? 'FINEG' : 'FINEJ'
  const system = systemOf(authority)
  const identifier =
    authority.idType === 'M' || authority.idType === 'N'
      ? identifierOfNational({ kind, value: authority.id })
      : system === null
        ? null
        : { system, value: authority.id }
  return resource('Organization', null, {
    identifier: identifier === null ? [] : [identifier],
    name: name === '' ? authority.namespace : name,
  })
}

function participant(one: JsonObject, display: string): Participant {
  const shown = display === '' ? {} : { display }
  if (nameOf(one) !== null) {
    const entry = ensured(one)
    return { entry, reference: { ...referenceTo(entry), ...shown } }
  }
  const [identifier] = objects(one['identifier'])
  const type = one['resourceType']!
  return { entry: null, reference: { type, ...(identifier === undefined ? {} : { identifier }), ...shown } }
}

/** The entries of those who have one. */
export function entriesOfAll(all: readonly (Participant | null)[]): Entry[] {
  return all.flatMap((one) => (one?.entry == null ? [] : [one.entry]))
}

/** A professional in a structure, as a contained PractitionerRole where more than one thing is known; else the one that is. */
export function roleOf(
  professional: Participant | null,
  structure: Participant | null,
  id: string,
  telecom: readonly JsonObject[] = [],
): { readonly reference: JsonObject | null; readonly contained: readonly JsonObject[] } {
  if ((professional === null || structure === null) && telecom.length === 0)
    return { reference: (professional ?? structure)?.reference ?? null, contained: [] }
  const role = resource('PractitionerRole', null, {
    id,
    practitioner: professional?.reference,
    organization: structure?.reference,
    telecom,
  })
  return { reference: { reference: `#${id}`, type: 'PractitionerRole' }, contained: [role] }
}

/** Who a reference means, as far as it can be followed: the professional and the structure, each with its reference. */
export interface Followed {
  readonly professional: JsonObject | null
  readonly structure: JsonObject | null
}

/**
 * Follows a reference inside its resource and Bundle, a PractitionerRole to both sides. What is not there is made of the
 * reference itself: its type, identifier and display. */
export function followed(reference: JsonObject | null, owner: JsonObject, root: JsonObject): Followed {
  const nobody: Followed = { professional: null, structure: null }
  if (reference === null) return nobody
  const target = targetOf(reference, owner, root)
  switch (target['resourceType']) {
    case 'PractitionerRole': {
      // No further: a role that names a role, or itself, names nobody.
      const [one, other] = ['practitioner', 'organization'].map((element) => {
        const side = object(target[element])
        return side === null ? null : targetOf(side, owner, root)
      })
      return {
        professional: one?.['resourceType'] === 'Practitioner' ? one : null,
        structure: other?.['resourceType'] === 'Organization' ? other : null,
      }
    }
    case 'Practitioner':
      return { professional: target, structure: null }
    case 'Organization':
      return { professional: null, structure: target }
    default:
      return nobody
  }
}

function targetOf(reference: JsonObject, owner: JsonObject, root: JsonObject): JsonObject {
  return referenceTargets(reference, owner, root)[0] ?? standIn(reference)
}

/** A resource of what a reference says about its target. */
function standIn(reference: JsonObject): JsonObject {
  const identifier = object(reference['identifier'])
  const display = text(reference['display'])
  const national = identifier === null ? null : nationalOfIdentifier(identifier)
  const structure = national !== null && isStructure(national)
  const type = text(reference['type']) ?? (structure ? 'Organization' : 'Practitioner')
  const identifiers = identifier === null ? {} : { identifier: [identifier] }
  if (display === null) return { resourceType: type, ...identifiers }
  return type === 'Organization'
    ? { resourceType: type, ...identifiers, name: display }
    : { resourceType: type, ...identifiers, name: [{ text: display }] }
}

/** XCN of a Practitioner; null when there is none. */
export function professionalField(practitioner: JsonObject | null): Repetition {
  if (practitioner === null) return null
  const xcn = xcnOf(objects(practitioner['identifier']))
  const [name] = objects(practitioner['name'])
  const given = Array.isArray(name?.['given']) ? name['given'].filter((one) => typeof one === 'string') : []
  const prefix = Array.isArray(name?.['prefix']) ? name['prefix'].filter((one) => typeof one === 'string') : []
  const family = text(name?.['family']) ?? text(name?.['text'])
  if (xcn === null && family === null && given.length === 0) return null
  const authority: Component = xcn === null ? null : hdComponent(xcn.authority)
  const named = family === null && given.length === 0 ? null : 'D'
  const names = [family, given[0], given.slice(1).join(' '), null, prefix[0]]
  return [xcn?.value, ...names, null, null, authority, named, null, null, xcn?.type]
}

function xcnOf(identifiers: readonly JsonObject[]): Hl7Identifier | null {
  const nationals = identifiers
    .map(nationalOfIdentifier)
    .filter((one): one is National<ProfessionalKind> => one !== null && isProfessional(one) && mayBeSent(one))
  const best = nationals.find(({ kind }) => kind === 'IDNPS') ?? nationals[0]
  if (best !== undefined) return xcnOfNational(best)
  const local = identifiers.find((one) => nationalOfIdentifier(one) === null && text(one['value']) !== null)
  return local === undefined ? null : { value: text(local['value'])!, authority: hdOf(local), type: '' }
}

function isProfessional({ kind }: National): boolean {
  return kind === 'RPPS' || kind === 'IDNPS' || kind === 'ADELI'
}

function isStructure(national: National): national is National<StructureKind> {
  return ['FINEJ', 'FINEG', 'IDNST', 'SIREN', 'SIRET'].includes(national.kind)
}

/** XON of an Organization; null when there is none. */
export function structureField(organization: JsonObject | null): Repetition {
  if (organization === null) return null
  const identifiers = objects(organization['identifier'])
  const nationals = identifiers.map(nationalOfIdentifier).filter((one) => one !== null && isStructure(one))
  const national = nationals[0] as National<StructureKind> | undefined
  const [local] = identifiers
  const xon: Hl7Identifier | null =
    national !== undefined
      ? xonOfNational(national)
      : local === undefined
        ? null
        : { value: text(local['value']) ?? '', authority: hdOf(local), type: typeCodes(local)[0] ?? '' }
  const name = text(organization['name'])
  if (xon === null) return name
  return [name, null, null, null, null, hdComponent(xon.authority), xon.type, null, null, xon.value]
}
