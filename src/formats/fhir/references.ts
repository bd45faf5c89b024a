/** References between resources (FHIR R4 references.html): finding them, following them, changing them. */
import { entriesOf } from './bundle.ts'
import { emptyObject, isObject, type JsonObject, type JsonValue, objects, text } from './json-value.ts'

/** A reference that the receiver resolves by a search (http.html §3.1.0.11.3), such as `Patient?identifier=…`. */
export interface ConditionalReference {
  /** As written: a target under this name in `rewriteReferences` replaces it. */
  readonly reference: string
  readonly type: string
  /** What follows the `?`, not decoded. */
  readonly query: string
  /** FHIRPath of the first place where it stands. */
  readonly expression: string
}

const CONDITIONAL = /^([A-Z][A-Za-z]+)\?(.+)$/s
/** `Type/id`, with or without a base before it; a version after it is left out. */
const LITERAL = /^(?:(.*)\/)?([A-Z][A-Za-z]+\/[A-Za-z0-9\-.]{1,64})(?:\/_history\/[A-Za-z0-9\-.]{1,64})?$/s
/** Elements of type uri, url, uuid and oid, which may point at an entry; canonical ones never do. */
const LINK = /^(url|uri|\w+(Uri|Url|Uuid|Oid))$/
const URN = /^urn:(uuid|oid):/

/** Every conditional reference of the resource, and of all inside it, each once. */
export function conditionalReferences(resource: JsonObject): ConditionalReference[] {
  const found = new Map<string, ConditionalReference>()
  const walk = (value: JsonValue, expression: string): void => {
    if (Array.isArray(value)) {
      for (let i = 0; i < value.length; i++) walk(value[i]!, `${expression}[${i}]`)
      return
    }
    if (!isObject(value)) return
    const reference = text(value['reference'])
    const parts = reference === null ? null : CONDITIONAL.exec(reference)
    if (reference !== null && parts !== null && !found.has(reference)) {
      found.set(reference, { reference, type: parts[1]!, query: parts[2]!, expression: `${expression}.reference` })
    }
    for (const [name, inner] of Object.entries(value)) {
      if (typeof inner === 'object') walk(inner, `${expression}.${name}`)
    }
  }
  walk(resource, text(resource['resourceType']) ?? '%resource')
  return [...found.values()]
}

/**
 * The resource with every link to a target changed, as a transaction asks (http.html §3.1.0.11.2); the one given stays
 * as it is, and what has no link is shared with it. `targets`: new reference (`Patient/ID`) by fullUrl, or by conditional
 * reference as written. A reference may be the fullUrl itself, or relative to the server of `fullUrl`, the entry that the
 * resource comes from, or to `base`, or absolute under it; one with a version stays. Other links (url, uri, uuid) change
 * only when they are a `urn:uuid:` or `urn:oid:` of a target. Identifiers, fullUrl itself, canonicals and the narrative
 * stay as they are. */
export function rewriteReferences(
  resource: JsonObject,
  targets: ReadonlyMap<string, string>,
  base: string,
  fullUrl: string | null = null,
): JsonObject {
  const server = LITERAL.exec(fullUrl ?? '')?.[1]
  const targetOf = (link: string): string | undefined => {
    const exact = targets.get(link)
    if (exact !== undefined) return exact
    if (link.startsWith(`${base}/`)) return targets.get(link.slice(base.length + 1))
    return (server === undefined ? undefined : targets.get(`${server}/${link}`)) ?? targets.get(`${base}/${link}`)
  }
  const change = (name: string, link: string): string => {
    if (name === 'reference') return targetOf(link) ?? link
    return URN.test(link) && LINK.test(name) && name !== 'fullUrl' ? (targets.get(link) ?? link) : link
  }
  return changed(resource, '', change) as JsonObject
}

function changed(value: JsonValue, name: string, change: (name: string, link: string) => string): JsonValue {
  if (typeof value === 'string') return change(name, value)
  if (Array.isArray(value)) {
    const elements = value.map((one) => changed(one, name, change))
    return elements.some((one, i) => one !== value[i]) ? elements : value
  }
  if (!isObject(value)) return value
  let copy: JsonObject | null = null
  for (const [inner, one] of Object.entries(value)) {
    const after = changed(one, inner, change)
    if (after !== one) (copy ??= Object.assign(emptyObject(), value))[inner] = after
  }
  return copy ?? value
}

/**
 * What a Reference leads to without leaving `root`: a contained resource of `owner` (`#id`), or an entry of the Bundle by
 * its fullUrl or by `Type/id`. More than one when the Bundle is ambiguous. */
export function referenceTargets(reference: JsonObject, owner: JsonObject, root: JsonObject): readonly JsonObject[] {
  const link = text(reference['reference'])
  if (link === null) return []
  if (link.startsWith('#')) return objects(owner['contained']).filter(({ id }) => id === link.slice(1))
  if (root['resourceType'] !== 'Bundle') return []
  const places = placesOf(root)
  return [...(places.get(link) ?? places.get(LITERAL.exec(link)?.[2] ?? '') ?? [])]
}

const known = new WeakMap<JsonObject, ReadonlyMap<string, ReadonlySet<JsonObject>>>()

/** The entries of a Bundle by fullUrl and by `Type/id`. Kept: routing asks for every rule, and nothing changes it. */
function placesOf(bundle: JsonObject): ReadonlyMap<string, ReadonlySet<JsonObject>> {
  const before = known.get(bundle)
  if (before !== undefined) return before
  const places = new Map<string, Set<JsonObject>>()
  const put = (place: string | null, resource: JsonObject): void => {
    if (place === null) return
    const there = places.get(place)
    if (there === undefined) places.set(place, new Set([resource]))
    else there.add(resource)
  }
  for (const { fullUrl, resource, type } of entriesOf(bundle)) {
    if (resource === null) continue
    const id = text(resource['id'])
    put(fullUrl, resource)
    put(id === null ? null : `${type}/${id}`, resource)
  }
  known.set(bundle, places)
  return places
}
