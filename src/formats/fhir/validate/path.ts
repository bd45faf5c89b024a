/** The restricted FHIRPath of discriminators (profiling.html#discriminator): read once, followed through values. */
import { isObject, type JsonObject, type JsonValue, list, text } from '../json-value.ts'
import { resolveReference } from './link.ts'
import type { Place } from './run.ts'
import { typeOf } from './run.ts'

/** One step of a path. */
export type Step =
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'extension'; readonly url: string }
  | { readonly kind: 'resolve' }
  | { readonly kind: 'ofType'; readonly type: string }

/** Asks something of a value that a path leads to. `type`: of a resource or of a choice, where that is known. */
export type Ask = (value: JsonValue, type: string | null) => boolean

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

/** Is the answer yes for anything that the steps lead to? `place`: of the value; `name`: of the element it stands under. */
export function some(value: JsonValue, steps: readonly Step[], place: Place, name: string, ask: Ask): boolean {
  const type = place.name.length > name.length ? suffixOf(place.name, name) : null
  return at(value, type, steps, 0, place, ask)
}

function at(value: JsonValue, type: string | null, steps: readonly Step[], i: number, place: Place, ask: Ask): boolean {
  const step = steps[i]
  if (step === undefined) return ask(value, typeOf(value) || type)
  if (step.kind === 'ofType') {
    const own = typeOf(value) || type
    return (own === null || sameType(own, step.type)) && at(value, own, steps, i + 1, place, ask)
  }
  if (!isObject(value)) return false
  if (step.kind === 'resolve') {
    const [target, of] = resolved(value, place)
    return of !== null && at(target, of, steps, i + 1, place, ask)
  }
  if (step.kind === 'extension') {
    return list(value['extension']).some(
      (one) => isObject(one) && one['url'] === step.url && at(one, 'Extension', steps, i + 1, place, ask),
    )
  }
  const direct = value[step.name]
  if (direct !== undefined) return each(direct, null, steps, i + 1, place, ask)
  for (const key in value) {
    const suffix = key.startsWith(step.name) ? suffixOf(key, step.name) : null
    if (suffix !== null) return each(value[key]!, suffix, steps, i + 1, place, ask)
  }
  return false
}

function each(
  value: JsonValue,
  type: string | null,
  steps: readonly Step[],
  i: number,
  place: Place,
  ask: Ask,
): boolean {
  if (!Array.isArray(value)) return at(value, type, steps, i, place, ask)
  for (const one of value) if (at(one, type, steps, i, place, ask)) return true
  return false
}

/** The resource of a reference with its type, or at least the type that the reference names. */
function resolved(reference: JsonObject, place: Place): readonly [JsonValue, string | null] {
  const link = text(reference['reference'])
  const target = link === null ? null : resolveReference(link, place.scope)
  if (target !== null) return [target, typeOf(target)]
  return [null, typeOfLink(link) ?? text(reference['type'])]
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
  const first = key.charCodeAt(name.length)
  return first >= 0x41 && first <= 0x5a && key.startsWith(name) ? key.slice(name.length) : null
}

/** Is the type of a JSON name (`DateTime`) that of a definition (`dateTime`)? */
export function sameType(suffix: string, code: string): boolean {
  return suffix.charAt(0).toLowerCase() + suffix.slice(1) === code.charAt(0).toLowerCase() + code.slice(1)
}
