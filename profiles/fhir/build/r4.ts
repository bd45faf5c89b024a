/** Makes `profiles/fhir/r4`: what the validator needs of FHIR R4 (4.0.1), trimmed, with the value sets of its bindings listed. */
import {
  expandValueSet,
  extensional,
  type Terminology,
  withoutVersion,
} from '../../../src/formats/fhir/definitions/expand.ts'
import { trimStructure } from '../../../src/formats/fhir/definitions/trim.ts'
import type { JsonObject } from '../../../src/formats/fhir/json-value.ts'
import { list, object } from '../../../src/formats/fhir/json-value.ts'
import { linesOf } from './lines.ts'
import { byCanonical, resourcesOf } from './r4-source.ts'

/** Strengths whose codes a validator looks up: an error, and a warning. */
const CHECKED = new Set(['required', 'extensible'])

/**
 * Bindings that are not taken over. The types of FrCore and of annex N France are not in HL7's set, which is extensible: a
 * warning at every French identifier would say nothing. Our profiles bind their identifiers to a set that has both. */
const WIDENED: ReadonlySet<unknown> = new Set<unknown>(['Identifier.type'])

function withoutWidened(definition: JsonObject): JsonObject {
  const elements = list(object(definition['snapshot'])?.['element'])
  const kept = elements.map((one) => {
    const { binding, ...rest } = object(one) ?? {}
    return binding === undefined || WIDENED.has(rest['path']) ? rest : { ...rest, binding }
  })
  return { ...definition, snapshot: { element: kept } }
}

function isDefinition(resource: JsonObject): boolean {
  return resource['resourceType'] === 'StructureDefinition' && resource['kind'] !== 'logical'
}

/** Canonicals of the value sets that the elements of the definitions bind so that a validator looks. */
export function boundSets(definitions: readonly JsonObject[]): Set<string> {
  const bound = new Set<string>()
  for (const definition of definitions) {
    for (const element of list(object(definition['snapshot'])?.['element'])) {
      const { strength, valueSet } = object(object(element)?.['binding']) ?? {}
      if (typeof valueSet === 'string' && CHECKED.has(String(strength))) bound.add(withoutVersion(valueSet))
    }
  }
  return bound
}

/** Value sets and code systems of R4, of HL7 v3 and of HL7 v2, whole. */
export function r4Terminology(): Terminology {
  const all = ['valuesets', 'v3-codesystems', 'v2-tables'].flatMap(resourcesOf)
  const [sets, systems] = [byCanonical(all, 'ValueSet'), byCanonical(all, 'CodeSystem')]
  return { valueSet: (canonical) => sets.get(canonical), codeSystem: (canonical) => systems.get(canonical) }
}

/** Those sets that can be listed offline, as lists of their codes. */
export function listedSets(canonicals: Iterable<string>, terminology: Terminology): JsonObject[] {
  return [...canonicals].flatMap((canonical) => {
    const set = terminology.valueSet(canonical)
    const codes = expandValueSet(set, terminology)
    return set === undefined || codes === null ? [] : [extensional(set, codes)]
  })
}

/** The files of `profiles/fhir/r4` by name. */
export function r4Files(): Map<string, string> {
  const types = resourcesOf('profiles-types').filter(isDefinition)
  const resources = resourcesOf('profiles-resources').filter(isDefinition)
  const extensions = resourcesOf('extension-definitions').filter(isDefinition)
  const trimmed = (definitions: readonly JsonObject[]): string =>
    linesOf(definitions.map((one) => trimStructure(withoutWidened(one), { keepHuman: false })))
  const sets = listedSets(boundSets([...types, ...resources, ...extensions]), r4Terminology())
  return new Map([
    ['types.json', trimmed(types)],
    ['resources.json', trimmed(resources)],
    ['extensions.json', trimmed(extensions)],
    ['valuesets.json', linesOf(sets)],
  ])
}
