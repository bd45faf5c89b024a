import type { Config, Establishment } from '../../core/config.ts'
import { resourcesOf } from '../../formats/fhir/bundle.ts'
import { type JsonObject, object, objects } from '../../formats/fhir/json.ts'
import { referenceTargets } from '../../formats/fhir/references.ts'
import { nationalOfIdentifier } from '../../formats/identifiers/fhir-form.ts'
import { readIdNst } from '../../formats/identifiers/structure.ts'

/** Elements that say which organisation sends, the surest first. */
const SAID: readonly (readonly [type: string, element: string])[] = [
  ['MessageHeader', 'sender'],
  ['MessageHeader', 'responsible'],
  ['ServiceRequest', 'requester'],
  ['Task', 'requester'],
  ['CommunicationRequest', 'requester'],
  ['Communication', 'sender'],
  ['DocumentReference', 'custodian'],
  ['DiagnosticReport', 'performer'],
  ['Encounter', 'serviceProvider'],
  ['Patient', 'managingOrganization'],
]
/** A role names its organisation by one more reference. */
const MOST_STEPS = 3

/**
 * For whom a resource or Bundle is sent: where the caller may send for others, the one of them that it names by FINESS as
 * its sender or requester; else the caller. Null: a message names as its sender an establishment of the region for which
 * the caller may not send, as MSH-4 would. Pure. */
export function speakerOf(resource: JsonObject, caller: Establishment, config: Config): Establishment | null {
  const resources = resourcesOf(resource)
  const header = resources[0]
  if (header?.['resourceType'] === 'MessageHeader') {
    for (const number of numbersAt(header, 'sender', resource)) {
      const named = ownerOf(number, [...config.establishments.values()])
      if (named !== null) return mayActFor(caller, named.id) ? named : null
    }
  }
  if (caller.sendsFor.length === 0) return caller
  const others = caller.sendsFor.map((id) => config.establishments.get(id)).filter((one) => one !== undefined)
  for (const [type, element] of SAID) {
    for (const one of resources) {
      if (one['resourceType'] !== type) continue
      for (const number of numbersAt(one, element, resource)) {
        const named = ownerOf(number, [caller, ...others])
        if (named !== null) return named
      }
    }
  }
  return caller
}

/** May the caller act in the name of this establishment: its own, or one that it sends for? */
export function mayActFor(caller: Pick<Establishment, 'id' | 'sendsFor'>, establishment: string): boolean {
  return caller.id === establishment || caller.sendsFor.includes(establishment)
}

function ownerOf(number: string, establishments: readonly Establishment[]): Establishment | null {
  return (
    establishments.find(
      ({ facilities, finess }) => finess.ej === number || finess.eg.includes(number) || facilities.includes(number),
    ) ?? null
  )
}

/** FINESS numbers of the organisations that an element refers to, logically or by a resource that travels along. */
function numbersAt(owner: JsonObject, element: string, root: JsonObject): string[] {
  const value = owner[element]
  const references = Array.isArray(value) ? objects(value) : [object(value)].filter((one) => one !== null)
  return references.flatMap((one) => numbersOf(one, owner, root, MOST_STEPS))
}

function numbersOf(reference: JsonObject, owner: JsonObject, root: JsonObject, steps: number): string[] {
  const logical = object(reference['identifier'])
  const found = logical === null ? [] : finessOf(logical)
  if (steps === 0) return found
  for (const target of referenceTargets(reference, owner, root)) {
    found.push(...objects(target['identifier']).flatMap(finessOf))
    const organization = object(target['organization'])
    if (organization !== null) found.push(...numbersOf(organization, target, root, steps - 1))
  }
  return found
}

function finessOf(identifier: JsonObject): string[] {
  const national = nationalOfIdentifier(identifier)
  if (national?.kind === 'FINEJ' || national?.kind === 'FINEG') return [national.value]
  const inside = national?.kind === 'IDNST' ? readIdNst(national.value) : null
  return inside?.of === 'FINEG' ? [inside.number] : []
}
