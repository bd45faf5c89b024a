/** A snapshot's list of elements as a tree: children under their parent, slices under what they slice. */
import type { ElementDefinition, StructureDefinition } from './structure.ts'

/** An element, with what is below it in the same snapshot. */
export interface ElementNode {
  readonly definition: ElementDefinition
  /** Last part of the path, without `[x]`. */
  readonly name: string
  /** Is it a choice of types (`value[x]`)? */
  readonly choice: boolean
  readonly children: ElementNode[]
  readonly slices: ElementNode[]
}

/** The tree of a snapshot: its root, and every node by element id. */
export interface ElementTree {
  readonly structure: StructureDefinition
  readonly root: ElementNode
  readonly byId: ReadonlyMap<string, ElementNode>
}

/** Builds the tree. An element whose parent is not in the snapshot is left out. @throws {TypeError} without a snapshot */
export function elementTree(structure: StructureDefinition): ElementTree {
  const elements = structure.snapshot?.element ?? []
  const byId = new Map<string, ElementNode>()
  for (const definition of elements) {
    const last = definition.path.slice(definition.path.lastIndexOf('.') + 1)
    const choice = last.endsWith('[x]')
    const node: ElementNode = { definition, name: choice ? last.slice(0, -3) : last, choice, children: [], slices: [] }
    const id = definition.id ?? definition.path
    byId.set(id, node)
    const dot = id.lastIndexOf('.')
    if (dot < 0) continue
    const own = id.slice(dot + 1)
    const colon = own.indexOf(':')
    if (colon < 0) byId.get(id.slice(0, dot))?.children.push(node)
    else slicedBy(byId, id.slice(0, dot + 1 + colon), own.slice(colon + 1))?.slices.push(node)
  }
  const root = elements[0] === undefined ? undefined : byId.get(elements[0].id ?? elements[0].path)
  if (root === undefined) throw new TypeError(`${structure.url} has no snapshot`)
  return { structure, root, byId }
}

/** A slice of a slice (`a/b`) stands under the slice, where there is one of that name. */
function slicedBy(byId: ReadonlyMap<string, ElementNode>, id: string, slice: string): ElementNode | undefined {
  const slash = slice.lastIndexOf('/')
  const outer = slash < 0 ? undefined : byId.get(`${id}:${slice.slice(0, slash)}`)
  return outer ?? byId.get(id)
}
