/** Discriminators compiled: what a slice's definition expects at a path becomes a test of values. */
import type { JsonValue } from '../json-value.ts'
import { bindingTest } from './binding.ts'
import type { ElementNode } from './element-tree.ts'
import type { Making } from './item.ts'
import { hasPattern, isFixed, isRecord } from './match.ts'
import { type Step, sameType, some, stepsOf } from './path.ts'
import type { Place, Run } from './run.ts'
import type { Belongs } from './slicing.ts'
import { choiceOf, type Defined, type Discriminator, R4, unversioned } from './structure.ts'

/** An element of some snapshot. */
interface Spot {
  readonly node: ElementNode
  readonly making: Making
}

/** What a definition says of a place: elements that stand there, or what is left of a pattern above it. */
type Expectation = { readonly spots: readonly Spot[] } | { readonly pattern: Defined; readonly exact: boolean }

type Test = (run: Run, value: JsonValue, place: Place, type: string | null) => boolean

/** Tells whether an element belongs to a slice; null when the definitions at hand cannot tell. */
export function belongsTo(
  slice: ElementNode,
  discriminators: readonly Discriminator[],
  making: Making,
  sliced: ElementNode,
): Belongs | null {
  const own = discriminators.length > 0 ? discriminators : sliced.choice ? [{ type: 'type', path: '$this' }] : []
  const tests: Belongs[] = []
  for (const { type, path } of own) {
    const steps = stepsOf(path)
    const test = steps === null ? null : belongs(type, steps, { node: slice, making }, sliced.name)
    if (test === null) return null
    tests.push(test)
  }
  const [only, ...more] = tests
  if (only === undefined) return null
  return more.length === 0 ? only : (run, value, place) => tests.every((test) => test(run, value, place))
}

function belongs(type: string, steps: readonly Step[], slice: Spot, name: string): Belongs | null {
  const expected = expectedAt([slice], steps)
  if (expected === null) return null
  if (type === 'exists') return existing(expected, steps, name)
  const test = 'pattern' in expected ? patternTest(expected) : testOf(type, expected.spots)
  return test === null
    ? null
    : (run, value, place) => some(value, steps, place, name, (one, of) => test(run, one, place, of))
}

function existing(expected: Expectation, steps: readonly Step[], name: string): Belongs {
  const absent = 'spots' in expected && expected.spots.every(({ node }) => node.definition.max === '0')
  return (_run, value, place) => some(value, steps, place, name, () => true) !== absent
}

const patternTest =
  ({ pattern, exact }: { readonly pattern: Defined; readonly exact: boolean }): Test =>
  (_run, value) =>
    exact ? isFixed(value, pattern) : hasPattern(value, pattern)

function testOf(type: string, spots: readonly Spot[]): Test | null {
  const tests = spots
    .map((spot) => (type === 'type' ? typeTest(spot) : type === 'profile' ? profileTest(spot) : valueTest(spot)))
    .filter((test) => test !== null)
  return tests.length === 0 ? null : (run, value, place, of) => tests.some((test) => test(run, value, place, of))
}

function typeTest({ node, making }: Spot): Test | null {
  const isRoot = node === making.tree.root
  const codes = isRoot ? [making.tree.structure.type] : (node.definition.type ?? []).map(({ code }) => code)
  if (codes.length === 0) return null
  return (_run, _value, _place, type) =>
    type === null || codes.some((code) => sameType(type, code) || code === 'Resource')
}

function profileTest({ node, making }: Spot): Test | null {
  const isRoot = node === making.tree.root
  const profiles = isRoot ? [making.profile] : (node.definition.type ?? []).flatMap(({ profile = [] }) => profile)
  if (profiles.length === 0) return null
  return (run, value, place) => profiles.some((one) => run.conforms(value, one, place))
}

/** Fixed value, pattern, required binding, url of an extension, or what is fixed below. */
function valueTest(spot: Spot): Test | null {
  const { node, making } = spot
  const fixed = choiceOf(node.definition, 'fixed')
  if (fixed !== undefined) return patternTest({ pattern: fixed, exact: true })
  const pattern = choiceOf(node.definition, 'pattern')
  if (pattern !== undefined) return patternTest({ pattern, exact: false })
  if (node.definition.max === '0') return null
  const below = belowTest(spot)
  if (below !== null) return below
  const { strength, valueSet } = node.definition.binding ?? {}
  const type = node.definition.type?.[0]?.code
  if (strength !== 'required' || valueSet === undefined || type === undefined) return null
  const member = bindingTest(type, valueSet, making.definitions)
  return member === null ? null : (_run, value) => member(value) === 'in'
}

/** What the elements below fix or ask: all of it must be there. */
function belowTest({ node, making }: Spot): Test | null {
  const parts: { readonly steps: readonly Step[]; readonly test: Test }[] = []
  for (const child of node.children) {
    const spots = [child, ...child.slices].filter((one) => one === child || (one.definition.min ?? 0) > 0)
    for (const one of spots) {
      const hasOwn =
        choiceOf(one.definition, 'fixed') !== undefined || choiceOf(one.definition, 'pattern') !== undefined
      const test = hasOwn || one.children.length > 0 ? valueTest({ node: one, making }) : null
      if (test !== null) parts.push({ steps: [{ kind: 'name', name: child.name }], test })
    }
  }
  if (parts.length === 0) return null
  return (run, value, place) =>
    parts.every(({ steps, test }) => some(value, steps, place, place.name, (one, of) => test(run, one, place, of)))
}

function expectedAt(spots: readonly Spot[], steps: readonly Step[]): Expectation | null {
  const [step, ...rest] = steps
  if (spots.length === 0) return null
  if (step === undefined) return { spots }
  for (const { node } of spots) {
    const fixed = choiceOf(node.definition, 'fixed')
    const pattern = fixed ?? choiceOf(node.definition, 'pattern')
    const left = pattern === undefined ? undefined : dig(pattern, steps)
    if (left !== undefined) return { pattern: left, exact: fixed !== undefined }
  }
  const next = spots.flatMap((spot) => stepFrom(spot, step))
  const found = expectedAt(next, rest)
  if (found !== null) return found
  // The slice of an extension says by its profile which url it is.
  const profile =
    step.kind === 'name' && step.name === 'url' ? spots[0]?.node.definition.type?.[0]?.profile?.[0] : undefined
  return profile === undefined ? null : { pattern: unversioned(profile), exact: true }
}

/** The part of a pattern below; of an array its first element. */
function dig(pattern: Defined, steps: readonly Step[]): Defined | undefined {
  let at: Defined | undefined = pattern
  for (const step of steps) {
    if (Array.isArray(at)) at = at[0]
    if (step.kind !== 'name' || !isRecord(at)) return undefined
    at = at[step.name]
  }
  return Array.isArray(at) ? at[0] : at
}

function stepFrom(spot: Spot, step: Step): readonly Spot[] {
  const { node, making } = spot
  if (step.kind === 'ofType') return [spot]
  if (step.kind === 'resolve') {
    const targets = (node.definition.type ?? []).flatMap(({ targetProfile = [] }) => targetProfile)
    return targets.flatMap((one) => rootOf(one, making))
  }
  if (step.kind === 'extension') {
    const slice = childrenOf(spot, 'extension')
      .flatMap((one) => one.node.slices.map((inner) => ({ ...one, node: inner })))
      .find((one) => one.node.definition.type?.[0]?.profile?.some((profile) => unversioned(profile) === step.url))
    const profile = rootOf(step.url, making)
    return slice === undefined
      ? profile
      : slice.node.children.length > 0
        ? [slice]
        : profile.length > 0
          ? profile
          : [slice]
  }
  // What a child's own slices fix is as good as what it fixes itself.
  return childrenOf(spot, step.name).flatMap((one) => [
    one,
    ...one.node.slices.filter(({ definition }) => (definition.min ?? 0) > 0).map((node) => ({ ...one, node })),
  ])
}

function rootOf(canonical: string, making: Making): readonly Spot[] {
  const tree = making.definitions.tree(canonical)
  return tree === null ? [] : [{ node: tree.root, making: { ...making, tree, profile: tree.structure.url } }]
}

function childrenOf({ node, making }: Spot, name: string): readonly Spot[] {
  const own = node.children.filter((child) => child.name === name)
  if (own.length > 0) return own.map((child) => ({ node: child, making }))
  for (const { code, profile = [] } of node.definition.type ?? []) {
    for (const canonical of [...profile, R4 + code]) {
      const [root] = rootOf(canonical, making)
      const found = root?.node.children.filter((child) => child.name === name) ?? []
      if (root !== undefined && found.length > 0) return found.map((child) => ({ ...root, node: child }))
    }
  }
  return []
}
