/** Compiles a snapshot: a StructureDefinition becomes a tree of closures, each part when it is first needed. */
import type { JsonObject } from '../json-value.ts'
import type { Check } from './binding.ts'
import type { FhirDefinitions } from './definitions.ts'
import { belongsTo } from './discriminator.ts'
import type { ElementNode, ElementTree } from './element-tree.ts'
import { invariantCheck } from './invariant.ts'
import { type Item, itemOf, type Making } from './item.ts'
import { hasPattern } from './match.ts'
import { checkObject, type Entry, type Member, type ObjectPlan } from './object.ts'
import { isPrimitive } from './primitive.ts'
import type { Place, Run } from './run.ts'
import type { Slice, Slicing } from './slicing.ts'
import { choiceOf, type ElementDefinition, type ElementType, R4 } from './structure.ts'

/** A type or profile ready to be checked against. */
export interface StructurePlan {
  readonly url: string
  /** `Patient`, `Identifier`, … */
  readonly type: string
  readonly tree: ElementTree
  /** Its elements. */
  object(): ObjectPlan
  /** What it asks of the whole: invariants and pattern of its root. */
  rules(run: Run, value: JsonObject, place: Place): void
  /** Elements and rules; gives the members beside `id`. */
  check(run: Run, value: JsonObject, place: Place): number
}

/** Compiles a definition. Nothing is looked up before it is needed: types refer to each other in circles. */
export function structurePlan(tree: ElementTree, definitions: FhirDefinitions): StructurePlan {
  const { url, type } = tree.structure
  const making: Making = { tree, definitions, profile: url }
  let object: ObjectPlan | null = null
  let checks: readonly Check[] | null = null
  const plan: StructurePlan = {
    url,
    type,
    tree,
    object: () => (object ??= objectPlan(tree.root, making)),
    rules(run, value, place) {
      checks ??= rootChecks(tree.root.definition, type, making)
      for (let i = 0; i < checks.length; i++) checks[i]!(run, value, place)
    },
    check(run, value, place) {
      const members = checkObject(run, plan.object(), value, place)
      plan.rules(run, value, place)
      return members
    },
  }
  return plan
}

function rootChecks(definition: ElementDefinition, type: string, { definitions, profile }: Making): Check[] {
  const checks = (definition.constraint ?? [])
    .map((one) => invariantCheck(one, type, profile, definitions))
    .filter((one) => one !== null)
  const pattern = choiceOf(definition, 'pattern')
  if (pattern === undefined) return checks
  return [
    ...checks,
    (run, value, place) => {
      if (!hasPattern(value, pattern)) run.tell('value', place, { rule: 'pattern', profile })
    },
  ]
}

/** Compiles the elements below a node; those that its snapshot leaves out are its type's. */
export function objectPlan(node: ElementNode, making: Making): ObjectPlan {
  const { tree, profile } = making
  const members = node.children
    .filter(({ name }) => !isValueOfPrimitive(name, node))
    .map((child) => memberOf(child, making))
  const code = node === tree.root ? tree.structure.type : (node.definition.type?.[0]?.code ?? '')
  if (node !== tree.root) {
    const known = new Set(members.map(({ name }) => name))
    for (const rest of restOf(node, code, making)) {
      for (const child of rest.node.children) {
        if (!known.has(child.name)) members.push(memberOf(child, rest.making))
        known.add(child.name)
      }
    }
  }
  const entries = new Map<string, Entry>()
  for (const member of members) {
    for (const [name, item] of member.items) {
      const entry: Entry = { member, item, bare: name, shadow: member.shadowed ? `_${name}` : null }
      entries.set(name, entry)
      if (entry.shadow !== null) entries.set(entry.shadow, entry)
    }
  }
  return {
    profile,
    isResource: node === tree.root && tree.structure.kind === 'resource',
    isExtension: code === 'Extension',
    entries,
    asked: members.filter(({ min, slicing }) => min > 0 || slicing?.slices.some((slice) => slice.min > 0)),
  }
}

/** Where the elements stand that a node's own snapshot does not repeat: at what it slices, in the base, in its type. */
function restOf(
  { definition: { id, path } }: ElementNode,
  code: string,
  making: Making,
): { readonly node: ElementNode; readonly making: Making }[] {
  const { tree, definitions } = making
  const rest: { node: ElementNode; making: Making }[] = []
  const sliced = id?.includes(':') ? tree.byId.get(id.replace(/:[^.:]+$/, '')) : undefined
  if (sliced !== undefined) rest.push({ node: sliced, making })
  const base = definitions.tree(R4 + tree.structure.type)
  const same = base?.byId.get(path)
  if (base && same !== undefined) rest.push({ node: same, making: { ...making, tree: base } })
  const type = definitions.tree(R4 + (isPrimitive(code) ? 'Element' : code))
  if (type !== null) rest.push({ node: type.root, making: { tree: type, definitions, profile: type.structure.url } })
  return rest
}

/** In a snapshot a primitive has an element `value`; in JSON it is the primitive itself. */
function isValueOfPrimitive(name: string, { definition }: ElementNode): boolean {
  return name === 'value' && definition.type !== undefined && isPrimitive(definition.type[0]?.code ?? 'X')
}

const boundOf = (max: string | undefined): number =>
  max === undefined || max === '*' ? Number.POSITIVE_INFINITY : Number(max)

function memberOf(node: ElementNode, making: Making): Member & { readonly shadowed: boolean } {
  const { definition, name } = node
  const types = typesOf(node, making)
  const base = definition.base?.max ?? baseOf(node, making)?.max ?? definition.max
  return {
    name,
    min: definition.min ?? 0,
    max: boundOf(definition.max),
    repeats: base !== '1' && base !== '0',
    items: itemsOf(node, types, making),
    slicing: slicingOf(node, making),
    shadowed: types.some(({ code }) => isPrimitive(code)),
  }
}

/** The same element in the type that a profile constrains. */
function baseOf({ definition: { path } }: ElementNode, { tree, definitions }: Making): ElementDefinition | undefined {
  return tree.structure.derivation === 'constraint' ? baseElement(path, definitions) : undefined
}

/** The element of R4 at a path; a path that goes on inside a data type is followed into it. */
function baseElement(path: string, definitions: FhirDefinitions): ElementDefinition | undefined {
  const [type = '', ...names] = path.split('.')
  let tree = definitions.tree(R4 + type)
  let at = type
  let found = tree?.byId.get(at)?.definition
  for (const name of names) {
    const inside = `${at}.${name}`
    let next = tree?.byId.get(inside)?.definition
    at = inside
    for (const { code } of next === undefined ? (found?.type ?? []) : []) {
      const other = definitions.tree(R4 + code)
      next = other?.byId.get(`${code}.${name}`)?.definition
      if (next === undefined) continue
      tree = other
      at = `${code}.${name}`
      break
    }
    if (next === undefined) return undefined
    found = next
    if (found.contentReference !== undefined) at = found.contentReference.slice(found.contentReference.indexOf('#') + 1)
  }
  return found
}

/** Types of an element, those of one code together, with the names that FHIR writes them by. */
function typesOf(node: ElementNode, making: Making): readonly ElementType[] {
  const { definition } = node
  const written =
    definition.type ?? (definition.contentReference === undefined ? baseOf(node, making)?.type : undefined) ?? []
  const byCode = new Map<string, ElementType>()
  for (const one of written) {
    const code = one.code.startsWith('http://hl7.org/fhirpath/') ? systemType(node, making) : one.code
    const before = byCode.get(code)
    byCode.set(code, {
      code,
      profile: [...(before?.profile ?? []), ...(one.profile ?? [])],
      targetProfile: [...(before?.targetProfile ?? []), ...(one.targetProfile ?? [])],
    })
  }
  return [...byCode.values()]
}

/** Types of FHIRPath stand where R4 has an attribute: ids and the url of an extension. */
function systemType({ definition: { path } }: ElementNode, { tree }: Making): string {
  if (path.endsWith('.url')) return 'uri'
  return tree.structure.kind === 'resource' && path.split('.').length === 2 ? 'id' : 'string'
}

function itemsOf(node: ElementNode, types: readonly ElementType[], making: Making): ReadonlyMap<string, Item> {
  if (types.length === 0) return new Map([[node.name, itemOf(node, null, making)]])
  return new Map(
    types.map((type) => {
      const name = node.choice ? node.name + type.code.charAt(0).toUpperCase() + type.code.slice(1) : node.name
      return [name, itemOf(node, type, making)] as const
    }),
  )
}

function slicingOf(node: ElementNode, making: Making): Slicing | null {
  const { definition, slices } = node
  const { discriminator = [], rules = 'open', ordered = false } = definition.slicing ?? {}
  const compiled: Slice[] = []
  for (const slice of slices) {
    const belongs = belongsTo(slice, discriminator, making, node)
    // What cannot be told apart with the definitions at hand is not enforced.
    if (belongs === null) continue
    const { min, max, sliceName = '' } = slice.definition
    const items = itemsOf(slice, typesOf(slice, making), making)
    const within = slice.slices.length > 0 ? slicingOf(slice, making) : null
    compiled.push({ name: sliceName, min: min ?? 0, max: boundOf(max), belongs, items, within })
  }
  const closed = rules === 'closed' && compiled.length === slices.length
  if (compiled.length === 0 && !(closed && definition.slicing !== undefined)) return null
  return {
    slices: compiled,
    closed,
    openAtEnd: rules === 'openAtEnd',
    ordered,
    plain: isPlain(node),
    profile: making.profile,
  }
}

/** Asks the element itself nothing beyond its type? */
function isPlain({ definition, children }: ElementNode): boolean {
  const { constraint = [], binding } = definition
  return (
    children.length === 0 &&
    choiceOf(definition, 'fixed') === undefined &&
    choiceOf(definition, 'pattern') === undefined &&
    (binding === undefined || (binding.strength !== 'required' && binding.strength !== 'extensible')) &&
    constraint.every(({ key }) => key === 'ele-1' || key === 'ext-1')
  )
}
