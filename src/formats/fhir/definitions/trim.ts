/**
 * Makes conformance resources small: what the validator reads stays, what people read (definitions, comments, mappings, narrative)
 * goes. A trimmed resource is still FHIR, so that ours, R4's and those of an official package are one kind of thing. Pure. */
import type { JsonObject, JsonValue } from '../json-value.ts'
import { list, object, objects } from '../json-value.ts'

const HEAD = 'resourceType url version name title kind abstract type baseDefinition derivation context'.split(' ')
const ELEMENT = 'id path sliceName slicing min max contentReference type'.split(' ')
const LIMITS = /^(fixed|pattern|minValue|maxValue|maxLength$)/
const LAST = 'binding mustSupport'.split(' ')

/** Rules that hold for every element (element.html, extensibility.html): the validator knows them, no snapshot repeats them. */
const EVERYWHERE: ReadonlySet<JsonValue | undefined> = new Set<JsonValue | undefined>(['ele-1', 'ext-1'])

function pick(from: JsonObject, names: readonly string[]): JsonObject {
  const picked: JsonObject = {}
  for (const name of names) if (from[name] !== undefined) picked[name] = from[name]
  return picked
}

/** Extensions of a rule that change how it is judged: best practice, and our class of finding. */
const OF_RULES: ReadonlySet<JsonValue | undefined> = new Set<JsonValue | undefined>([
  'http://hl7.org/fhir/StructureDefinition/elementdefinition-bestpractice',
  'urn:passerelle:finding-class',
])

function trimRule(rule: JsonObject, keepHuman: boolean): JsonObject {
  const extensions = objects(rule['extension']).filter(({ url }) => OF_RULES.has(url))
  const trimmed = pick(rule, keepHuman ? ['key', 'severity', 'human', 'expression'] : ['key', 'severity', 'expression'])
  return extensions.length === 0 ? trimmed : { ...trimmed, extension: extensions }
}

function rules(element: JsonObject, keepHuman: boolean): JsonObject[] {
  const isExtension = element['path'] === 'Extension'
  const own = objects(element['constraint']).filter(({ key }) => isExtension || !EVERYWHERE.has(key))
  return own.map((rule) => trimRule(rule, keepHuman))
}

/** The most that the base allows, where the profile allows less: it says whether the JSON is an array. */
function baseMax(element: JsonObject): JsonObject {
  const max = object(element['base'])?.['max']
  return max === undefined || max === element['max'] ? {} : { base: { max } }
}

function trimElement(element: JsonObject, keepHuman: boolean): JsonObject {
  const trimmed = pick(element, ELEMENT)
  if (trimmed['id'] === trimmed['path']) delete trimmed['id']
  Object.assign(trimmed, baseMax(element))
  for (const name of Object.keys(element)) if (LIMITS.test(name)) trimmed[name] = element[name] as JsonValue
  const own = rules(element, keepHuman)
  if (own.length > 0) trimmed['constraint'] = own
  const binding = object(element['binding'])
  const last = pick(element, LAST)
  if (binding !== null) last['binding'] = pick(binding, ['strength', 'valueSet'])
  return Object.assign(trimmed, last)
}

/** What trimming keeps besides. */
export interface TrimOptions {
  /** Keeps the sentence of each invariant, as our own profiles do; the base's are told by their key alone. */
  readonly keepHuman: boolean
}

/**
 * A StructureDefinition with its snapshot alone. An element whose id is its path has no id; `ele-1` and `ext-1`, which hold
 * everywhere, stand only where `Extension` itself is defined. */
export function trimStructure(definition: JsonObject, options: TrimOptions): JsonObject {
  const elements = objects(object(definition['snapshot'])?.['element'])
  return {
    ...pick(definition, HEAD),
    snapshot: { element: elements.map((element) => trimElement(element, options.keepHuman)) },
  }
}

function trimConcept(concept: JsonValue): JsonObject {
  const own = object(concept) ?? {}
  const inner = list(own['concept'])
  const parents = list(own['property']).filter(
    (one) => object(one)?.['code'] === 'subsumedBy' || object(one)?.['code'] === 'parent',
  )
  return {
    ...pick(own, ['code', 'display']),
    ...(parents.length > 0 && { property: parents }),
    ...(inner.length > 0 && { concept: inner.map(trimConcept) }),
  }
}

/** A CodeSystem with its codes, their displays and what says which stands above which. */
export function trimCodeSystem(system: JsonObject): JsonObject {
  return {
    ...pick(system, ['resourceType', 'url', 'version', 'name', 'title', 'content', 'caseSensitive']),
    concept: list(system['concept']).map(trimConcept),
  }
}

/** A ValueSet with its rules and, where it has one, its expansion. */
export function trimValueSet(set: JsonObject): JsonObject {
  return pick(set, ['resourceType', 'url', 'version', 'name', 'title', 'compose', 'expansion'])
}
