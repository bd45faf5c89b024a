/** One element of one type, as compiled: its JSON form, then what its type, its profile and its definition ask. */
import { isObject, JsonNumber, type JsonObject, type JsonValue } from '../json-value.ts'
import { bindingCheck, type Check } from './binding.ts'
import type { FhirDefinitions } from './definitions.ts'
import type { ElementNode, ElementTree } from './element-tree.ts'
import { checkExtension } from './extension.ts'
import { invariantCheck } from './invariant.ts'
import { hasPattern, isFixed } from './match.ts'
import { checkObject, type ObjectPlan } from './object.ts'
import { objectPlan, type StructurePlan } from './plan.ts'
import { isPrimitive, primitiveTest } from './primitive.ts'
import { referenceCheck } from './reference.ts'
import { isResourceName, resourceItem } from './resource.ts'
import type { Place, Run } from './run.ts'
import { choiceOf, type ElementType, R4 } from './structure.ts'

/** Checks a value, or where there is none the `_name` beside it. */
export type Item = (run: Run, value: JsonValue | undefined, shadow: JsonValue | undefined, place: Place) => void

/** What a definition is compiled in. */
export interface Making {
  readonly tree: ElementTree
  readonly definitions: FhirDefinitions
  /** Canonical of the profile or type. */
  readonly profile: string
}

/** Compiles an element for one of its types; `type` null: it is of the form of another (contentReference). */
export function itemOf(node: ElementNode, type: ElementType | null, making: Making): Item {
  if (type === null) return contentItem(node, making)
  const { code } = type
  if (isPrimitive(code)) return primitiveItem(node, code, making)
  if (isResourceName(code)) return resourceItem(code, type.profile ?? [], checksOf(node, code, making))
  return complexItem(node, type, making)
}

/** What the element's definition asks of a value beyond its type. */
function checksOf(node: ElementNode, type: string, { definitions, profile }: Making): Check[] {
  const { definition } = node
  const checks: Check[] = []
  const fixed = choiceOf(definition, 'fixed')
  if (fixed !== undefined) {
    checks.push((run, value, place) => {
      if (!isFixed(value, fixed)) run.tell('value', place, { rule: 'fixed', profile })
    })
  }
  const pattern = choiceOf(definition, 'pattern')
  if (pattern !== undefined) {
    checks.push((run, value, place) => {
      if (!hasPattern(value, pattern)) run.tell('value', place, { rule: 'pattern', profile })
    })
  }
  const binding = bindingCheck(definition, type, profile, definitions)
  if (binding !== null) checks.push(binding)
  checks.push(...boundChecks(node, profile))
  const base = type === 'BackboneElement' || type === 'Element' ? definition.path : type
  for (const constraint of definition.constraint ?? []) {
    const check = invariantCheck(constraint, base, profile, definitions)
    if (check !== null) checks.push(check)
  }
  return checks
}

/** maxLength, minValue and maxValue of numbers, dates and times. */
function boundChecks({ definition }: ElementNode, profile: string): Check[] {
  const { maxLength } = definition
  const checks: Check[] = []
  if (maxLength !== undefined) {
    checks.push((run, value, place) => {
      if (typeof value === 'string' && value.length > maxLength)
        run.tell('value', place, { rule: 'maxLength', profile })
    })
  }
  for (const name of ['minValue', 'maxValue'] as const) {
    const bound = choiceOf(definition, name)
    if (typeof bound !== 'number' && typeof bound !== 'string') continue
    checks.push((run, value, place) => {
      const found = value instanceof JsonNumber ? Number(value.text) : value
      if (typeof found !== typeof bound || found === null) return
      if (name === 'minValue' ? found < bound : found > bound) run.tell('value', place, { rule: name, profile })
    })
  }
  return checks
}

function primitiveItem(node: ElementNode, code: string, making: Making): Item {
  const { profile, definitions } = making
  const test = primitiveTest(code)
  const checks = checksOf(node, code, making)
  let plan: ObjectPlan | null | undefined
  const shadowPlan = (): ObjectPlan | null =>
    (plan ??= node.children.length > 0 ? objectPlan(node, making) : (definitions.type('Element')?.object() ?? null))
  const own = node.children.length > 0
  return (run, value, shadow, place) => {
    if (value !== undefined && value !== null) {
      const wrong = test(value)
      if (wrong !== null) run.tell(wrong, place, { rule: code, profile })
      else for (let i = 0; i < checks.length; i++) checks[i]!(run, value, place)
    }
    if (shadow === undefined || shadow === null) {
      if (value === undefined || value === null) run.tell('invariant', place, { rule: 'ele-1', profile })
      else if (own) checkObject(run, shadowPlan()!, NOTHING, place)
      return
    }
    if (!isObject(shadow)) {
      run.tell('structure', place, { profile })
      return
    }
    const shape = shadowPlan()
    const members = shape === null ? 1 : checkObject(run, shape, shadow, place)
    if (members === 0 && (value === undefined || value === null))
      run.tell('invariant', place, { rule: 'ele-1', profile })
  }
}

const NOTHING: JsonObject = Object.freeze(Object.create(null) as JsonObject)

/** An element of a complex type: by its own elements where the definition has some, else by its type's or profile's. */
function complexItem(node: ElementNode, type: ElementType, making: Making): Item {
  const { profile, definitions } = making
  const { code } = type
  const checks = checksOf(node, code, making)
  if (code === 'Reference') checks.push(referenceCheck(type.targetProfile ?? [], making.profile))
  const profiles = code === 'Extension' || node.children.length === 0 ? (type.profile ?? []) : []
  let own: ObjectPlan | null = null
  let plans: readonly StructurePlan[] | null = null
  const look = (run: Run, value: JsonObject, place: Place): void => {
    if (run.stopped) return
    plans ??= plansOf(code, profiles, definitions)
    if (node.children.length > 0) own ??= objectPlan(node, making)
    let members = 1
    if (own !== null) {
      members = checkObject(run, own, value, place)
      definitions.type(code)?.rules(run, value, place)
    } else if (plans.length === 1) members = plans[0]!.check(run, value, place)
    else if (plans.length > 1 && !plans.some((plan) => run.isQuietly(plan, value, place))) {
      run.tell('structure', place, { rule: profiles[0] ?? null, profile })
    }
    if (members === 0) run.tell('invariant', place, { rule: 'ele-1', profile })
    if (code === 'Extension' && profiles.length === 0) checkExtension(run, value, place)
    for (let i = 0; i < checks.length; i++) checks[i]!(run, value, place)
  }
  return objectItem(profile, look)
}

function plansOf(code: string, profiles: readonly string[], definitions: FhirDefinitions): readonly StructurePlan[] {
  const known = profiles.map((one) => definitions.plan(one)).filter((one) => one !== null)
  if (known.length > 0) return known
  const type = definitions.type(code)
  return type === null ? [] : [type]
}

/** An element that has the elements, and is asked the rules, of another (`#Observation.referenceRange`). */
function contentItem(node: ElementNode, making: Making): Item {
  const { profile, tree, definitions } = making
  const checks = checksOf(node, 'BackboneElement', making)
  let plan: ObjectPlan | null | undefined
  const find = (): ObjectPlan | null => {
    const reference = node.definition.contentReference ?? ''
    const id = reference.slice(reference.indexOf('#') + 1)
    const base = definitions.tree(R4 + tree.structure.type)
    const own = tree.byId.get(id)
    const other = own ?? base?.byId.get(id)
    const where: Making = own !== undefined || base === null ? making : { ...making, tree: base }
    if (other !== undefined) checks.push(...checksOf(other, 'BackboneElement', where))
    if (node.children.length > 0) return objectPlan(node, making)
    return other === undefined ? null : objectPlan(other, where)
  }
  return objectItem(profile, (run, value, place) => {
    if (plan === undefined) plan = find()
    if (plan !== null && checkObject(run, plan, value, place) === 0) {
      run.tell('invariant', place, { rule: 'ele-1', profile })
    }
    for (let i = 0; i < checks.length; i++) checks[i]!(run, value, place)
  })
}

/** An object, put off when the slice is over. */
function objectItem(profile: string, look: (run: Run, value: JsonObject, place: Place) => void): Item {
  return (run, value, shadow, place) => {
    if (!isObject(value) || shadow !== undefined) run.tell('structure', place, { profile })
    else if (run.step(place)) run.later(() => look(run, value, place))
    else look(run, value, place)
  }
}
