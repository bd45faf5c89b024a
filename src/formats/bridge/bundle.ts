/** Bundles that are written: a transaction whose entries find by identifier, so that sending it again makes no double. */
import type { Finding } from '../../core/message.ts'
import { writeJson } from '../fhir/json.ts'
import { JsonNumber, type JsonObject, type JsonValue, object, objects, text } from '../fhir/json-value.ts'
import { referenceTargets } from '../fhir/references.ts'
import { isBillingNumber } from '../identifiers/fhir-form.ts'
import type { BridgeContext } from './context.ts'
import { type Conversion, lacking } from './conversion.ts'
import { stableId } from './stable-id.ts'

/** System of Bundle.identifier. */
export const BUNDLE_SYSTEM = 'urn:passerelle:conversion'
const ACT_REASON = 'http://terminology.hl7.org/CodeSystem/v3-ActReason'

/** An entry of a transaction, and the address by which others of the Bundle refer to it. */
export interface Entry {
  readonly fullUrl: string
  readonly resource: JsonObject
  readonly request: JsonObject
}

/**
 * Of a resource's identifiers that have system and value: the first that it goes by today; null when it has none. The billing
 * number is none: a family shares it, and it has the system of the INS, under which another of them may be known. */
export function nameOf(resource: JsonObject): { system: string; value: string } | null {
  const named = objects(resource['identifier']).flatMap((one) => {
    const system = text(one['system'])
    const value = text(one['value'])
    return system === null || value === null || isBillingNumber(one) ? [] : [{ system, value, use: text(one['use']) }]
  })
  const found = named.find(({ use }) => use === 'usual') ?? named.find(({ use }) => use !== 'old') ?? named[0]
  return found === undefined ? null : { system: found.system, value: found.value }
}

/** `urn:uuid:` of a resource, from its type and name. */
export function fullUrlOf(type: string, { system, value }: { system: string; value: string }): string {
  return `urn:uuid:${stableId(type, system, value)}`
}

/** A reference to an entry. */
export function referenceTo({ fullUrl, resource }: Entry): JsonObject {
  return { reference: fullUrl, type: resource['resourceType']! }
}

/**
 * An entry that writes the resource over the one with its name, or creates it (http.html §3.1.0.4.3).
 * @throws {RangeError} if the resource has no identifier with system and value */
export function written(resource: JsonObject): Entry {
  const { type, name, fullUrl } = named(resource)
  return { fullUrl, resource, request: { method: 'PUT', url: `${type}?${query(name)}` } }
}

/**
 * The same where several resources share a name, as reports share an accession number: of them the one with the first code of
 * `code`; where that has none the name alone finds it. */
export function writtenOfCode(resource: JsonObject, code: JsonObject): Entry {
  const { type, name } = named(resource)
  const [coding] = objects(code['coding'])
  const [system, value] = [text(coding?.['system']), text(coding?.['code'])]
  if (value === null) return written(resource)
  const token = system === null ? escaped(value) : `${escaped(system)}|${escaped(value)}`
  return {
    fullUrl: `urn:uuid:${stableId(type, name.system, name.value, system ?? '', value)}`,
    resource,
    request: { method: 'PUT', url: `${type}?${query(name)}&code=${token}` },
  }
}

/**
 * An entry that creates the resource unless there is one with its name (§3.1.0.8.1): what travels along for reference.
 * @throws {RangeError} if the resource has no identifier with system and value */
export function ensured(resource: JsonObject): Entry {
  const { type, name, fullUrl } = named(resource)
  return { fullUrl, resource, request: { method: 'POST', url: type, ifNoneExist: query(name) } }
}

/** An entry that changes what is found by a name: `operations` are those of a FHIRPath Patch (fhirpatch.html). */
export function patched(
  type: string,
  name: { system: string; value: string },
  operations: readonly JsonObject[],
): Entry {
  return {
    fullUrl: `urn:uuid:${stableId('Parameters', name.system, type, name.value)}`,
    resource: { resourceType: 'Parameters', parameter: [...operations] },
    request: { method: 'PATCH', url: `${type}?${query(name)}` },
  }
}

function named(resource: JsonObject): {
  type: string
  name: { system: string; value: string }
  fullUrl: string
} {
  const type = String(resource['resourceType'])
  const name = nameOf(resource)
  if (name === null) throw new RangeError(`${type} has no identifier to be found by`)
  return { type, name, fullUrl: fullUrlOf(type, name) }
}

function query({ system, value }: { system: string; value: string }): string {
  return `identifier=${escaped(system)}|${escaped(value)}`
}

/** A token of a search (search.html §3.1.1.4.1), fit for a URL. */
function escaped(token: string): string {
  return encodeURIComponent(token.replace(/[\\|,$]/g, '\\$&'))
}

/** What may be told twice in different words, and is never written over what is known: the fuller stands. */
const COMPANIONS: ReadonlySet<unknown> = new Set([
  ...['Patient', 'Encounter', 'Organization', 'Practitioner', 'PractitionerRole', 'Location'],
  // Orders of one study refer to it themselves.
  ...['ImagingStudy', 'Endpoint'],
])

/**
 * A transaction with these entries, each URL once; Bundle.identifier follows from the context's key. Refused where two acts
 * of one name say different things: one would be lost. */
export function transaction(
  entries: readonly Entry[],
  context: BridgeContext,
  findings: readonly Finding[] = [],
): Conversion<JsonObject> {
  const once = new Map<string, Entry>()
  for (const entry of entries) {
    const known = once.get(entry.fullUrl)
    const kept = known === undefined ? entry : oneOf(known, entry)
    if (kept === null) return lacking(`${String(entry.resource['resourceType'])}.identifier`)
    once.set(entry.fullUrl, kept)
  }
  const entry = [...once.values()].map(({ fullUrl, resource, request }) => {
    return { fullUrl, resource: marked(resource, context), request }
  })
  const identifier = { system: BUNDLE_SYSTEM, value: stableId('Bundle', context.sender.establishment, context.key) }
  return { ok: true, made: { resourceType: 'Bundle', identifier, type: 'transaction', entry }, findings }
}

/** Which of two entries of one name stands; null: both are needed. */
function oneOf(known: Entry, other: Entry): Entry | null {
  const said = ({ resource }: Entry): string => writeJson(resource)
  const [before, now] = [said(known), said(other)]
  if (before === now && writeJson(known.request) === writeJson(other.request)) return known
  const travels = [known, other].every(({ request }) => request['ifNoneExist'] !== undefined)
  if (!travels || !COMPANIONS.has(other.resource['resourceType'])) return null
  return before.length > now.length ? known : other
}

/** The resource with HTEST when it is a test (design, "Test and real"). */
export function marked(resource: JsonObject, { test }: BridgeContext): JsonObject {
  if (!test || resource['resourceType'] === 'Parameters') return resource
  const { resourceType, ...rest } = resource
  const meta = { ...object(resource['meta']), security: [{ system: ACT_REASON, code: 'HTEST' }] }
  return { resourceType: resourceType!, ...rest, meta }
}

/** A resource of a type and profile; members that are undefined, null, '' or without content are left out. */
export function resource(type: string, profile: string | null, members: Readonly<Record<string, Loose>>): JsonObject {
  const meta: JsonObject = profile === null ? {} : { meta: { profile: [profile] } }
  return { resourceType: type, ...meta, ...(object(without(members)) ?? {}) }
}

/** JSON with gaps. */
export type Loose = JsonValue | undefined | readonly Loose[] | { readonly [name: string]: Loose }

/** The value without what is empty, all the way down; undefined when nothing is left. */
export function without(value: Loose): JsonValue | undefined {
  if (value === undefined || value === null || value === '') return undefined
  if (Array.isArray(value)) {
    const all = (value as readonly Loose[]).map(without).filter((one) => one !== undefined)
    return all.length === 0 ? undefined : all
  }
  if (typeof value !== 'object' || value instanceof JsonNumber) return value
  const members: JsonObject = {}
  for (const [name, one] of Object.entries(value)) {
    const kept = without(one as Loose)
    if (kept !== undefined) members[name] = kept
  }
  return Object.keys(members).length === 0 ? undefined : members
}

/** What a Reference leads to: a contained resource of `owner`, or an entry of the Bundle; null: none, or several. */
export function resolve(reference: JsonObject, owner: JsonObject, root: JsonObject): JsonObject | null {
  const targets = referenceTargets(reference, owner, root)
  return targets.length === 1 ? targets[0]! : null
}
