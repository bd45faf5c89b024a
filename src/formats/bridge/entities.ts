/** Names of orders and documents (EI, HL7 v2.5.1 §2.A.28) and FHIR Identifier. */
import { type JsonObject, objects, text } from '../fhir/json.ts'
import type { Hl7Message } from '../hl7v2/message.ts'
import type { Component, Repetition } from '../hl7v2/write.ts'
import { assignerOf, hdOf, systemOf } from '../identifiers/authority.ts'
import { typeCodes, V2_TYPES } from '../identifiers/fhir-form.ts'
import type { Hd } from '../identifiers/hl7-form.ts'
import type { BridgeContext, Party } from './context.ts'

/** What an Identifier names: by the placer, by the filler, or images (table 0203). */
export type EntityType = 'PLAC' | 'FILL' | 'ACSN'

/** Between an establishment and a name that has a meaning only there. */
const INSIDE = '/'

/**
 * An authority that can be told from every other: one that has only a name is taken as inside the sender, and one that
 * says nothing is the sender. */
export function wholeAuthority({ namespace, id, idType }: Hd, { authority }: Party): Hd {
  if (id !== '') return { namespace, id, idType }
  if (namespace === '' || namespace === authority.namespace) return authority
  return { namespace, id: `${authority.id}${INSIDE}${namespace}`, idType: 'L' }
}

/** The same authority as that sender writes it in its own messages; under any other it would be another. */
export function asWrittenBy(hd: Hd, { authority }: Party): Hd {
  const inside = `${authority.id}${INSIDE}`
  return hd.idType === 'L' && hd.id.startsWith(inside)
    ? { namespace: hd.id.slice(inside.length), id: '', idType: '' }
    : hd
}

/** The authority as its sender writes it: a name alone where `wholeAuthority` has completed it. */
function bare(hd: Hd): Hd {
  const inside = hd.idType === 'L' && hd.namespace !== '' && hd.id.endsWith(`${INSIDE}${hd.namespace}`)
  return inside ? { namespace: hd.namespace, id: '', idType: '' } : hd
}

/** The Identifier of the EI at a path (`ORC(1)-2`); null when it is empty. */
export function entityAt(
  message: Hl7Message,
  path: string,
  type: EntityType | null,
  context: BridgeContext,
): JsonObject | null {
  const at = (component: number) => message.text(`${path}.${component}`) ?? ''
  const value = at(1)
  if (value === '' || message.isNull(`${path}.1`)) return null
  const authority = wholeAuthority({ namespace: at(2), id: at(3), idType: at(4) }, context.sender)
  const system = systemOf(authority)
  const assigner = assignerOf(authority)
  return {
    ...(type === null ? {} : { type: { coding: [{ system: V2_TYPES, code: type }] } }),
    ...(system === null ? {} : { system }),
    value,
    ...(assigner === null ? {} : { assigner }),
  }
}

/**
 * The number of an order, which ORC and OBR each name in field 2 (placer) and 3 (filler): of the first of these segments
 * that has it; null when none does. */
export function orderEntity(
  message: Hl7Message,
  segments: readonly (string | null)[],
  field: 2 | 3,
  context: BridgeContext,
): JsonObject | null {
  const type = field === 2 ? 'PLAC' : 'FILL'
  for (const segment of segments) {
    const found = segment === null ? null : entityAt(message, `${segment}-${field}`, type, context)
    if (found !== null) return found
  }
  return null
}

/** The EI of an Identifier. */
export function entityField(identifier: JsonObject | undefined | null): Repetition {
  const value = text(identifier?.['value'])
  if (identifier === undefined || identifier === null || value === null) return null
  const { namespace, id, idType } = bare(hdOf(identifier))
  const parts: Component[] = [value, namespace, id, idType]
  return parts
}

/** The identifier of a resource with this type. */
export function entityOf(resource: JsonObject, type: EntityType): JsonObject | undefined {
  return objects(resource['identifier']).find((one) => typeCodes(one).includes(type))
}

/** The first identifier of a resource that says no type. */
export function plainEntity(resource: JsonObject): JsonObject | undefined {
  return objects(resource['identifier']).find((one) => typeCodes(one).length === 0)
}

/** A reference to what is not in the Bundle: by its name. */
export function logical(type: string, identifier: JsonObject | null): JsonObject | null {
  return identifier === null ? null : { type, identifier }
}

/** The identifier with another type: a Task goes by the name of its order. */
export function untyped(identifier: JsonObject): JsonObject {
  const { type: _, ...rest } = identifier
  return rest
}
