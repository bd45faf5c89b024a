/** Assigned locations: PL of HL7 v2 (§2.A.53) against Locations inside an Encounter, one for each level. */
import { type JsonObject, object, objects, text } from '../fhir/json-value.ts'
import type { Component } from '../hl7v2/write.ts'
import { assignerOf, hdOf, systemOf } from '../identifiers/authority.ts'
import type { Hd } from '../identifiers/hl7-form.ts'
import { resolve, resource } from './bundle.ts'
import { codeIn } from './codes.ts'
import { hdComponent, hdOfPart, type Part } from './parts.ts'

const PHYSICAL = 'http://terminology.hl7.org/CodeSystem/location-physical-type'
/** PL-1 to PL-3: ward (UF), room, bed. */
const LEVELS = [
  { component: 1, id: 'ward', code: 'wa' },
  { component: 2, id: 'room', code: 'ro' },
  { component: 3, id: 'bed', code: 'bd' },
] as const
/** A location is part of another, and that of another: no deeper. */
const DEEPEST = 5

/** The Locations of a PL, to be contained, the widest first; none when it names no place. `prefix`: of their ids. */
export function locationsOf(part: Part, prefix = ''): JsonObject[] {
  const facility = hdOfPart(part, 4)
  const levels = LEVELS.filter(({ component }) => part(component) !== '')
  return levels.map(({ component, id, code }, i) => {
    const outer = levels[i - 1]
    const value = part(component)
    return resource('Location', null, {
      id: `${prefix}${id}`,
      // The establishment stands with the widest.
      identifier: outer === undefined ? [{ system: systemOf(facility), value, assigner: assignerOf(facility) }] : [],
      status: 'active',
      name: value,
      physicalType: { coding: [{ system: PHYSICAL, code }] },
      partOf: outer === undefined ? null : { reference: `#${prefix}${outer.id}` },
    })
  })
}

/** PL of an Encounter's location; empty when it has none. `root`: the Bundle, or the Encounter itself. */
export function plOf(encounter: JsonObject, root: JsonObject): readonly Component[] {
  const all = objects(encounter['location'])
  const now = all.find(({ status }) => status === 'active' || status === 'planned') ?? all.at(-1)
  const reference = object(now?.['location'])
  return reference === null ? [] : plOfReference(reference, encounter, root)
}

/** PL of a Reference to a Location, which stands in `owner`: of one that is not there, its identifier or its name. */
export function plOfReference(reference: JsonObject, owner: JsonObject, root: JsonObject): readonly Component[] {
  const parts: Component[] = []
  let facility: Hd | null = null
  let at = resolve(reference, owner, root)
  if (at === null) {
    const identifier = object(reference['identifier'])
    parts[0] = text(identifier?.['value']) ?? text(reference['display'])
    facility = identifier === null ? null : hdOf(identifier)
  }
  for (let depth = 0; at !== null && depth < DEEPEST; depth++) {
    const code = codeIn(object(at['physicalType']), PHYSICAL)
    const level = LEVELS.findIndex((one) => one.code === code)
    const identifier = objects(at['identifier'])[0]
    const value = text(identifier?.['value']) ?? text(at['name'])
    // What is neither room nor bed is the ward; buildings and sites around it are not of PL-1.
    const place = level < 0 ? 0 : level
    if (parts[place] === undefined) parts[place] = value
    if (identifier !== undefined) facility = hdOf(identifier)
    const outer = object(at['partOf'])
    at = outer === null ? null : resolve(outer, owner, root)
  }
  return [parts[0], parts[1], parts[2], facility === null ? '' : hdComponent(named(facility))]
}

/** Between establishments all of an HD is written (IHE France N.3). */
function named(facility: Hd): Hd {
  return { ...facility, namespace: facility.namespace || facility.id }
}
