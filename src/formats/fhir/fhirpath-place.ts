/** Where a FHIRPath leads in a resource. Only simple paths: names, indexes, `where` and what is like it. */
import { copyOf, isObject, JsonNumber, type JsonObject, type JsonValue } from './json-value.ts'

/** Characters of a path. */
const MAX_PATH = 500
/** Parentheses and brackets of a path: the engine's parser takes 2 ms for each after a few dozen. */
const MAX_BRACKETS = 20
/** What the parser may find in a path. Environment variables, of which a few can multiply the work, are not among it. */
const SYNTAX: ReadonlySet<string> = new Set([
  'EntireExpression',
  'InvocationExpression',
  'IndexerExpression',
  'TermExpression',
  'InvocationTerm',
  'MemberInvocation',
  'ThisInvocation',
  'Identifier',
  'FunctionInvocation',
  'Functn',
  'ParamList',
  'LiteralTerm',
  'StringLiteral',
  'NumberLiteral',
  'BooleanLiteral',
  'EqualityExpression',
  'AndExpression',
  'OrExpression',
  'ParenthesizedTerm',
])
const FUNCTIONS: ReadonlySet<string> = new Set(['where', 'first', 'last', 'single', 'exists', 'ofType', 'extension'])

/** An element that a path leads to. */
export interface Location {
  readonly value: JsonValue
  /** Type whose elements it has: `HumanName`, `Patient`, `Patient.contact`. */
  readonly type: string
  /** Where it stands; null for the resource itself. */
  readonly slot: {
    readonly parent: JsonObject
    readonly key: string
    readonly index: number | null
    /** `Patient.deceased`, without choice. */
    readonly path: string
  } | null
}

/** What R4 says of an element. */
export interface ElementRule {
  /** Type whose elements its value has. */
  readonly type: string
  readonly repeats: boolean
  /** Suffixes of a choice (`Boolean`, `DateTime`), or null. */
  readonly choices: readonly string[] | null
}

/** The elements of R4. */
export interface Elements {
  /** Null when the type has no such element. */
  of(type: string, name: string): ElementRule | null
  /** The same by path. */
  at(path: string): ElementRule | null
}

/** The parts of the engine's model that are used here. */
interface Model {
  readonly choiceTypePaths: Readonly<Record<string, readonly string[]>>
  readonly pathsDefinedElsewhere: Readonly<Record<string, string>>
  readonly path2Type: Readonly<Record<string, string>>
  readonly path2Repeating: Readonly<Record<string, boolean>>
}

/** The parts of the engine's nodes that are used here. */
interface Node {
  readonly parentResNode: Node | null
  readonly path: string | null
  readonly propName: string | null
  readonly index: number | null
}

interface Syntax {
  readonly type: string
  readonly text?: string
  readonly children?: readonly Syntax[]
}

/**
 * Loads the engine and R4's model (a tenth of a second, so not before they are needed). `locate` gives every element
 * that a path leads to, or null when the path is none, or is not a simple one. */
export async function loadPaths(): Promise<{
  readonly elements: Elements
  locate(path: string, resource: JsonObject): readonly Location[] | null
}> {
  const [{ default: engine }, { default: r4 }] = await Promise.all([
    import('fhirpath'),
    import('fhirpath/fhir-context/r4'),
  ])
  const elements = elementsOf(r4 as unknown as Model)
  return {
    elements,
    locate(path, resource) {
      if (path.length > MAX_PATH || path.split(/[([]/, MAX_BRACKETS + 2).length > MAX_BRACKETS + 1) return null
      let nodes: readonly unknown[]
      try {
        if (!isSimple(engine.parse(path) as Syntax)) return null
        const data = copyOf(resource, (leaf) => (leaf instanceof JsonNumber ? Number(leaf.text) : leaf))
        nodes = engine.evaluate(data, path, {}, r4, { resolveInternalTypes: false, async: false })
      } catch {
        return null
      }
      const locations = nodes.map((node) => locationOf(node, resource, elements))
      return locations.some((one) => one === null) ? null : (locations as Location[])
    },
  }
}

function isSimple(syntax: Syntax): boolean {
  if (!SYNTAX.has(syntax.type)) return false
  if (syntax.type === 'FunctionInvocation' && !FUNCTIONS.has(syntax.text ?? '')) return false
  return (syntax.children ?? []).every(isSimple)
}

/** The place of a node in the resource itself: the engine saw a copy. */
function locationOf(found: unknown, resource: JsonObject, elements: Elements): Location | null {
  if (typeof found !== 'object' || found === null || !('parentResNode' in found)) return null
  const node = found as Node
  if (node.parentResNode === null) return { value: resource, type: node.path ?? '', slot: null }
  const above = locationOf(node.parentResNode, resource, elements)
  const name = node.propName
  if (above === null || name === null || !isObject(above.value)) return null
  const rule = elements.of(above.type, name)
  const key =
    rule?.choices?.map((choice) => name + choice).find((one) => Object.hasOwn(above.value as object, one)) ?? name
  const there = Object.hasOwn(above.value, key) ? above.value[key]! : null
  const value = Array.isArray(there) ? (node.index === null ? null : (there[node.index] ?? null)) : there
  if (rule === null || value === null) return null
  // A resource inside another begins a path of its own.
  const own = isObject(value) && typeof value['resourceType'] === 'string' ? value['resourceType'] : null
  const suffix = key.slice(name.length)
  const type = own ?? (suffix === '' ? rule.type : suffix)
  return { value, type, slot: { parent: above.value, key, index: node.index, path: `${above.type}.${name}` } }
}

function elementsOf(model: Model): Elements {
  const at = (path: string): ElementRule | null => {
    const choices = model.choiceTypePaths[path] ?? null
    const elsewhere = model.pathsDefinedElsewhere[path]
    const type = model.path2Type[path]
    if (choices === null && type === undefined && elsewhere === undefined) return null
    // Elements without a type of their own are known by their path.
    const inner = type === undefined || type === 'BackboneElement' || type === 'Element' ? (elsewhere ?? path) : type
    return { type: inner, repeats: model.path2Repeating[path] === true, choices }
  }
  return { at, of: (type, name) => at(`${type}.${name}`) }
}
