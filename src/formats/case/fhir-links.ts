/** What references of a message lead to: inside it, or among the resources that the gateway keeps. */
import { resolve } from '../bridge/bundle.ts'
import { resourcesOf } from '../fhir/bundle.ts'
import { type JsonObject, object, objects, text } from '../fhir/json-value.ts'

const LITERAL = /^(?:https?:\/\/[^?#]*\/)?([A-Z][A-Za-z]+\/[A-Za-z0-9\-.]{1,64})(?:\/_history\/[A-Za-z0-9\-.]{1,64})?$/
/** Elements by which what a case reads leads on, by type. */
const LEADS: Readonly<Record<string, readonly string[]>> = {
  ServiceRequest: ['subject', 'encounter', 'requester', 'supportingInfo', 'reasonReference'],
  Patient: ['generalPractitioner'],
  PractitionerRole: ['practitioner', 'organization'],
  Encounter: ['serviceProvider'],
  Observation: ['subject', 'hasMember'],
  ImagingStudy: ['subject'],
}
/** More than a request leads to. */
const MOST_LINKS = 200

/** `Type/ID` of a literal reference, absolute or not; null: it is none. */
export function literalOf(reference: JsonObject | null): string | null {
  return LITERAL.exec(text(reference?.['reference']) ?? '')?.[1] ?? null
}

/** The References of an element, one or many. */
export function referencesAt(resource: JsonObject, element: string): JsonObject[] {
  const one = object(resource[element])
  return one === null ? objects(resource[element]) : [one]
}

/** The reference to the Patient who goes on for one that was merged; null: it was not. */
export function replacedBy(patient: JsonObject): JsonObject | null {
  return object(objects(patient['link']).find(({ type }) => type === 'replaced-by')?.['other'])
}

/** A message with what is kept beside it. */
export interface Linked {
  readonly root: JsonObject
  readonly kept: ReadonlyMap<string, JsonObject>
}

/** What a Reference of `owner` leads to; null: out of reach, or ambiguous. */
export function follow(reference: JsonObject, owner: JsonObject, { root, kept }: Linked): JsonObject | null {
  const inside = resolve(reference, owner, root)
  const literal = literalOf(reference)
  return inside ?? (literal === null ? null : (kept.get(literal) ?? null))
}

/** All that an element of `owner` leads to. */
export function followAll(owner: JsonObject, element: string, linked: Linked): JsonObject[] {
  return referencesAt(owner, element)
    .map((one) => follow(one, owner, linked))
    .filter((one) => one !== null)
}

/**
 * `Type/ID` of what reading the message still needs, each once: asked again with what was found, it says what those lead
 * to. Empty: nothing more. */
export function neededLinks({ root, kept }: Linked): string[] {
  const needed = new Set<string>()
  const need = (reference: JsonObject, owner: JsonObject): void => {
    const literal = literalOf(reference)
    if (literal === null || kept.has(literal) || resolve(reference, owner, root) !== null) return
    if (needed.size < MOST_LINKS) needed.add(literal)
  }
  for (const one of resourcesOf(root)) {
    const into = one['resourceType'] === 'Patient' ? replacedBy(one) : null
    if (into !== null) need(into, one)
  }
  const from = [root, ...resourcesOf(root), ...kept.values()]
  for (const owner of from) {
    const all = [owner, ...objects(owner['contained'])]
    for (const one of all) {
      for (const element of LEADS[text(one['resourceType']) ?? ''] ?? []) {
        for (const reference of referencesAt(one, element)) need(reference, owner)
      }
    }
  }
  return [...needed]
}
