/** The restricted FHIRPath of discriminators (profiling.html#discriminator): read once, followed through values. */
import { isObject, type JsonValue, objects, text } from '../json-value.ts'
import { resolveReference } from './link.ts'
import type { Place } from './run.ts'
import { typeOf } from './run.ts'

/** One step of a path. */
export type Step =
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'extension'; readonly url: string }
  | { readonly kind: 'resolve' }
  | { readonly kind: 'ofType'; readonly type: string }

/** What a path leads to. `type`: of a resource or of a choice, where that is known. */
export interface Found {
  readonly value: JsonValue
  readonly type: string | null
}

const STEP =
  /^(?:extension\(\s*(['"])([^'"]*)\1\s*\)|(resolve)\(\)|(?:ofType|as)\(\s*([A-Za-z]+)\s*\)|(\$this)|([A-Za-z][A-Za-z0-9]*))(?:\.|$)/

/** Reads a path; null when it is none of the restricted ones. `$this` is no step. */
export function stepsOf(path: string): readonly Step[] | null {
  const steps: Step[] = []
  for (let rest = path; rest !== ''; ) {
    const match = STEP.exec(rest)
    if (match === null) return null
    const [whole, , url, resolve, type, self, name] = match
    if (url !== undefined) steps.push({ kind: 'extension', url })
    else if (resolve !== undefined) steps.push({ kind: 'resolve' })
    else if (type !== undefined) steps.push({ kind: 'ofType', type })
    else if (self === undefined && name !== undefined) steps.push({ kind: 'name', name })
    rest = rest.slice(whole.length)
  }
  return steps
}

/** Everything that the steps lead to from a value. `place`: of the value, for its scope and the name it stands under. */
export function follow(value: JsonValue, steps: readonly Step[], place: Place, name: string): readonly Found[] {
  let found: readonly Found[] = [{ value, type: typeOf(value) || suffixOf(place.name, name) }]
  for (const step of steps) found = found.flatMap((one) => next(one, step, place))
  return found
}

function next({ value, type }: Found, step: Step, place: Place): readonly Found[] {
  if (step.kind === 'ofType') return type === null || sameType(type, step.type) ? [{ value, type }] : []
  if (!isObject(value)) return []
  if (step.kind === 'resolve') return resolved(value, place)
  if (step.kind === 'extension') {
    return objects(value['extension'])
      .filter(({ url }) => url === step.url)
      .map((one) => ({ value: one, type: 'Extension' }))
  }
  const direct = value[step.name]
  if (direct !== undefined) return each(direct, null)
  for (const key in value) {
    const suffix = key.startsWith(step.name) ? suffixOf(key, step.name) : null
    if (suffix !== null) return each(value[key]!, suffix)
  }
  return []
}

function each(value: JsonValue, type: string | null): readonly Found[] {
  return (Array.isArray(value) ? value : [value]).map((one) => ({ value: one, type: typeOf(one) || type }))
}

/** The resource of a reference, or at least the type that the reference names. */
function resolved(reference: { readonly [name: string]: JsonValue }, place: Place): readonly Found[] {
  const link = text(reference['reference'])
  const target = link === null ? null : resolveReference(link, place.scope)
  if (target !== null) return [{ value: target, type: typeOf(target) }]
  const type = typeOfLink(link) ?? text(reference['type'])
  return type === null ? [] : [{ value: null, type }]
}

const LINK = /(?:^|\/)([A-Z][A-Za-z]+)\/[A-Za-z0-9\-.]{1,64}(?:\/_history\/[A-Za-z0-9\-.]{1,64})?$/
const CONDITIONAL = /^([A-Z][A-Za-z]+)\?/

/** Type of the resource that a link names in its text: `Patient/1`, `https://…/Patient/1`, `Patient?identifier=…`; or null. */
export function typeOfLink(link: string | null): string | null {
  if (link === null || link.startsWith('#') || link.startsWith('urn:')) return null
  return (LINK.exec(link.slice(-256)) ?? CONDITIONAL.exec(link.slice(0, 64)))?.[1] ?? null
}

/** `Quantity` for `valueQuantity` of `value`; null when the name has no such suffix. */
function suffixOf(key: string, name: string): string | null {
  const suffix = key.slice(name.length)
  return key.startsWith(name) && /^[A-Z]/.test(suffix) ? suffix : null
}

/** Is the type of a JSON name (`DateTime`) that of a definition (`dateTime`)? */
export function sameType(suffix: string, code: string): boolean {
  return suffix.charAt(0).toLowerCase() + suffix.slice(1) === code.charAt(0).toLowerCase() + code.slice(1)
}
