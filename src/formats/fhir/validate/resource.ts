/** Resources: by the profiles they claim or are asked to meet, else by their type; what they contain and refer to. */
import { isObject, type JsonObject, type JsonValue, list, object } from '../json-value.ts'
import { isResourceType } from '../resource-types.ts'
import type { Check } from './binding.ts'
import type { Item } from './item.ts'
import type { StructurePlan } from './plan.ts'
import { Place, type Run, type Scope, typeOf } from './run.ts'
import { unversioned } from './structure.ts'

/** Is it a type of resources, an abstract one included? */
export function isResourceName(code: string): boolean {
  return code === 'Resource' || code === 'DomainResource' || isResourceType(code)
}

/** A resource inside another: contained, or of an entry or parameter. */
export function resourceItem(code: string, profiles: readonly string[], checks: readonly Check[]): Item {
  return (run, value, shadow, place) => {
    if (!isObject(value) || shadow !== undefined) run.tell('structure', place)
    else if (run.step(place)) run.later(() => look(run, value, place))
    else look(run, value, place)
  }

  function look(run: Run, value: JsonObject, at: Place): void {
    const place = new Place(at.up, at.name, at.index, innerScope(value, at))
    if (code !== 'Resource' && code !== 'DomainResource' && typeOf(value) !== code) {
      run.tell('structure', place, { rule: code })
    }
    checkResource(run, value, place, profiles)
    for (let i = 0; i < checks.length; i++) checks[i]!(run, value, place)
  }
}

function innerScope(resource: JsonObject, { name, scope }: Place): Scope {
  const { copies } = scope
  if (name === 'contained')
    return { resource, container: scope.container, bundle: scope.bundle, role: 'contained', copies }
  const bundle = typeOf(scope.resource) === 'Bundle' ? scope.resource : scope.bundle
  return { resource, container: resource, bundle, role: 'entry', copies }
}

/** Checks a resource; `place` bears its scope. `asked`: profiles it must meet beside those it claims. */
export function checkResource(run: Run, resource: JsonObject, place: Place, asked: readonly string[]): void {
  const type = typeOf(resource)
  if (!isResourceType(type)) {
    run.tell('structure', new Place(place, 'resourceType', -1, place.scope))
    return
  }
  const plans = plansFor(run, resource, place, asked)
  const known = plans.length > 0 ? plans : [run.definitions.type(type)].filter((one) => one !== null)
  if (known.length === 0) {
    run.tell('not-found', place, { severity: 'information', rule: type, error: 'PROFILE_UNKNOWN' })
  }
  let first = false
  for (const plan of known) {
    if (!run.begins(resource, plan)) continue
    first = true
    plan.check(run, resource, place)
  }
  if (first && resource['contained'] !== undefined) checkContained(run, resource, place)
}

/** The profiles that apply, each once; what is wrong with those that are claimed is told. */
function plansFor(run: Run, resource: JsonObject, place: Place, asked: readonly string[]): readonly StructurePlan[] {
  const type = typeOf(resource)
  const plans = new Set<StructurePlan>()
  for (const canonical of [...asked, ...(run.options.profiles.get(type) ?? [])]) {
    const plan = run.definitions.plan(canonical)
    if (plan === null) run.tell('not-found', place, { severity: 'warning', rule: canonical, error: 'PROFILE_UNKNOWN' })
    else if (plan.type === type) plans.add(plan)
  }
  const claimed = list(object(resource['meta'])?.['profile'])
  const { maxProfiles } = run.options.limits
  for (let i = 0; i < Math.min(claimed.length, maxProfiles); i++) {
    const canonical = claimed[i]
    if (typeof canonical !== 'string') continue
    const at = new Place(new Place(place, 'meta', -1, place.scope), 'profile', i, place.scope)
    const plan = run.definitions.plan(unversioned(canonical))
    if (plan === null) run.tell('not-found', at, { severity: 'warning', error: 'PROFILE_UNKNOWN' })
    else if (plan.type !== type && plan.type !== 'DomainResource' && plan.type !== 'Resource') run.tell('value', at)
    else if (plan.tree.structure.derivation === 'constraint') plans.add(plan)
  }
  if (claimed.length > maxProfiles) run.tell('too-costly', place, { severity: 'warning', rule: 'profiles' })
  return [...plans]
}

/** dom-2 to dom-5 of what a resource contains. */
function checkContained(run: Run, resource: JsonObject, place: Place): void {
  const contained = list(resource['contained'])
  if (place.scope.role === 'contained') {
    run.tell('invariant', new Place(place, 'contained', -1, place.scope), { rule: 'dom-2' })
    return
  }
  const links = new Set<string>()
  linksOf(resource, links)
  run.step(place, links.size)
  for (let i = 0; i < contained.length; i++) {
    const one = contained[i]
    if (!isObject(one)) continue
    const at = new Place(place, 'contained', i, place.scope)
    const { versionId, lastUpdated, security } = object(one['meta']) ?? {}
    if (versionId !== undefined || lastUpdated !== undefined) run.tell('invariant', at, { rule: 'dom-4' })
    if (security !== undefined) run.tell('invariant', at, { rule: 'dom-5' })
    if (typeof one['id'] === 'string' && links.has(`#${one['id']}`)) continue
    const own = new Set<string>()
    linksOf(one, own)
    if (!own.has('#')) run.tell('invariant', at, { rule: 'dom-3' })
  }
}

/** Every text inside that begins with `#`: as a reference, canonical or uri it leads to something contained. */
function linksOf(value: JsonValue, links: Set<string>): void {
  if (typeof value === 'string') {
    if (value.charCodeAt(0) === 0x23) links.add(value)
  } else if (Array.isArray(value)) for (const one of value) linksOf(one, links)
  else if (isObject(value)) for (const name in value) linksOf(value[name]!, links)
}
