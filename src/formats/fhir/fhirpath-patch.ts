/** FHIRPath Patch (FHIR R4 fhirpatch.html): where paths lead is the engine's work, what is changed there is ours. */
import { type Elements, type Location, loadPaths } from './fhirpath-place.ts'
import { copyOf, emptyObject, isObject, type JsonObject, type JsonValue, objects, text } from './json-value.ts'

/** Operations of a patch: each evaluates a path over the whole resource. */
const MAX_OPERATIONS = 100
/** Parts inside each other, of a value that has no data type of its own. */
const MAX_DEPTH = 20

/** Thrown inside, never out: the operation cannot be done. */
class Impossible extends Error {}

/**
 * Applies the operations to a copy: all, or the index (among the parameters) of the first that is malformed or does not
 * apply. A path must lead to one element; `delete` may also find none, `insert` and `move` find a list. */
export async function applyFhirpathPatch(
  resource: JsonObject,
  parameters: JsonObject,
): Promise<{ readonly value: JsonValue } | { readonly failed: number }> {
  const given = objects(parameters['parameter'])
  if (parameters['resourceType'] !== 'Parameters' || given.length === 0 || given.length > MAX_OPERATIONS) {
    return { failed: 0 }
  }
  const paths = await loadPaths()
  const target = copyOf(resource) as JsonObject
  for (const [i, parameter] of given.entries()) {
    // Each operation walks the whole resource: others run in between.
    if (i > 0) await new Promise<void>((resolve) => setImmediate(resolve))
    try {
      if (parameter['name'] !== 'operation') throw new Impossible()
      operate(objects(parameter['part']), target, paths)
    } catch (fault) {
      if (!(fault instanceof Impossible)) throw fault
      return { failed: i }
    }
  }
  return { value: target }
}

type Paths = Awaited<ReturnType<typeof loadPaths>>

function operate(parts: readonly JsonObject[], target: JsonObject, paths: Paths): void {
  const part = (name: string): JsonObject => {
    const found = parts.find((one) => one['name'] === name)
    if (found === undefined) throw new Impossible()
    return found
  }
  const word = (name: string, key: string): string => text(part(name)[key]) ?? impossible()
  const index = (name: string): number => {
    const value = part(name)['valueInteger']
    return typeof value === 'number' && Number.isInteger(value) && value >= 0 ? value : impossible()
  }
  const found = paths.locate(word('path', 'valueString'), target) ?? impossible()
  const type = word('type', 'valueCode')
  if (type === 'add') add(only(found), word('name', 'valueString'), part('value'), paths.elements)
  else if (type === 'insert') insert(listOf(found), index('index'), part('value'), paths.elements)
  else if (type === 'replace') replace(only(found), part('value'), paths.elements)
  else if (type === 'move') move(listOf(found), index('source'), index('destination'))
  else if (type !== 'delete') impossible()
  else if (found.length > 0) remove(only(found))
}

function impossible(): never {
  throw new Impossible()
}

function only(found: readonly Location[]): Location {
  return found.length === 1 ? found[0]! : impossible()
}

/** A place inside an object: an element, or a whole list when `index` is null. */
interface Slot {
  readonly parent: JsonObject
  readonly key: string
  readonly index: number | null
  /** FHIR path of the element, without choice: `Patient.deceased`. */
  readonly path: string
}

function slotOf({ slot }: Location): Slot {
  return slot ?? impossible()
}

/** The list whose elements were found: of one parent, under one name. */
function listOf(found: readonly Location[]): Slot & { readonly list: JsonValue[] } {
  const slots = found.map(slotOf)
  const first = slots[0] ?? impossible()
  const list = first.parent[first.key]
  const same = slots.every(({ parent, key }) => parent === first.parent && key === first.key)
  return same && Array.isArray(list) ? { ...first, list } : impossible()
}

/** The list of extensions of primitives that goes with a list: kept in step with it. */
function besideOf(parent: JsonObject, key: string): JsonValue[] | null {
  const beside = parent[`_${key}`]
  return Array.isArray(beside) ? beside : null
}

function add(at: Location, name: string, part: JsonObject, elements: Elements): void {
  if (!isObject(at.value)) impossible()
  put(at.value as JsonObject, at.type, name, part, elements, 0)
}

/** Gives an object an element: at the end where it repeats, else only if it is not there yet. */
function put(
  parent: JsonObject,
  type: string,
  name: string,
  part: JsonObject,
  elements: Elements,
  depth: number,
): void {
  const element = elements.of(type, name) ?? impossible()
  const { suffix, value } = valueIn(part, element.type, elements, depth)
  const key = keyOf(name, element.choices, suffix)
  if (element.repeats) {
    const list = (parent[key] ??= [])
    if (!Array.isArray(list)) impossible()
    ;(list as JsonValue[]).push(value)
    return
  }
  const taken = element.choices === null ? [key] : element.choices.map((choice) => name + choice)
  if (taken.some((one) => Object.hasOwn(parent, one) || Object.hasOwn(parent, `_${one}`))) impossible()
  parent[key] = value
}

function keyOf(name: string, choices: readonly string[] | null, suffix: string | null): string {
  if (choices === null) return name
  return suffix !== null && choices.includes(suffix) ? name + suffix : impossible()
}

/** The value of a part: `value[x]` with its type, a resource, or parts that name the elements of a type of its own. */
function valueIn(
  part: JsonObject,
  type: string,
  elements: Elements,
  depth: number,
): { readonly suffix: string | null; readonly value: JsonValue } {
  const given = Object.keys(part).filter((key) => /^(value[A-Z]|resource$|part$)/.test(key))
  const [key] = given
  if (key === undefined || given.length > 1 || depth > MAX_DEPTH) return impossible()
  if (key !== 'part')
    return { suffix: key === 'resource' ? null : key.slice('value'.length), value: copyOf(part[key]!) }
  const value = emptyObject()
  for (const inner of objects(part['part'])) {
    put(value, type, text(inner['name']) ?? impossible(), inner, elements, depth + 1)
  }
  return { suffix: null, value }
}

function insert(at: ReturnType<typeof listOf>, index: number, part: JsonObject, elements: Elements): void {
  if (index > at.list.length) impossible()
  const { value } = valueIn(part, elements.at(at.path)?.type ?? impossible(), elements, 0)
  at.list.splice(index, 0, value)
  const beside = besideOf(at.parent, at.key)
  if (beside !== null && index < beside.length) beside.splice(index, 0, null)
}

function move(at: ReturnType<typeof listOf>, source: number, destination: number): void {
  if (source >= at.list.length || destination >= at.list.length) impossible()
  at.list.splice(destination, 0, ...at.list.splice(source, 1))
  const beside = besideOf(at.parent, at.key)
  if (beside === null) return
  while (beside.length < at.list.length) beside.push(null)
  beside.splice(destination, 0, ...beside.splice(source, 1))
}

function remove(location: Location): void {
  const { parent, key, index } = slotOf(location)
  const list = parent[key]
  if (index === null || !Array.isArray(list)) {
    delete parent[key]
    delete parent[`_${key}`]
    return
  }
  list.splice(index, 1)
  besideOf(parent, key)?.splice(index, 1)
  // An array is never empty (json.html §2.6.2).
  if (list.length === 0) {
    delete parent[key]
    delete parent[`_${key}`]
  }
}

function replace(location: Location, part: JsonObject, elements: Elements): void {
  const { parent, key, index, path } = slotOf(location)
  const element = elements.at(path) ?? impossible()
  const { suffix, value } = valueIn(part, element.type, elements, 0)
  const list = parent[key]
  if (index !== null && Array.isArray(list)) {
    list[index] = value
    const beside = besideOf(parent, key)
    if (beside !== null && index < beside.length) beside[index] = null
    return
  }
  const after = keyOf(path.slice(path.lastIndexOf('.') + 1), element.choices, suffix)
  if (after !== key) delete parent[key]
  delete parent[`_${key}`]
  parent[after] = value
}
