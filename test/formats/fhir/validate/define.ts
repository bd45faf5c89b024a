import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { JsonObject } from '../../../../src/formats/fhir/json-value.ts'
import { parseStrict } from '../../../../src/formats/fhir/read-json.ts'
import { linesSource } from '../../../../src/formats/fhir/validate/source.ts'
import {
  type Definition,
  type ElementDefinition,
  R4,
  type StructureDefinition,
} from '../../../../src/formats/fhir/validate/structure.ts'
import { FhirDefinitions, loadEngine } from '../../../../src/formats/fhir/validate/validate.ts'

const FOLDER = fileURLToPath(new URL('../../../../profiles/fhir/r4/', import.meta.url))
const r4 = linesSource(
  ['types', 'resources', 'extensions', 'valuesets'].map((name) => readFileSync(`${FOLDER}${name}.json`, 'utf8')),
)
const engine = await loadEngine()

/** Canonical of a definition of the tests. */
export const at = (name: string): string => `https://example.test/${name}`

/** Part of an element: what a profile says of it. The path is made from the id. */
export type Said = Partial<ElementDefinition> & { readonly id: string }

/** A profile written by hand: the snapshot of its type with these elements changed, or added. */
export function profile(name: string, type: string, said: readonly Said[]): StructureDefinition {
  const base = r4.find(R4 + type) as StructureDefinition
  const elements = new Map(base.snapshot!.element.map((one) => [one.id ?? one.path, one]))
  for (const one of said) {
    const path = one.id.replace(/:[^.]+/g, '')
    const before = elements.get(one.id) ?? elements.get(path)
    const sliceName = /:([^.:]+)$/.exec(one.id)?.[1]
    elements.set(one.id, {
      ...(before ?? { path }),
      ...(sliceName === undefined ? {} : { sliceName, slicing: undefined, min: 0 }),
      ...one,
    } as ElementDefinition)
  }
  const kind = /^[A-Z]/.test(type) && type === 'Extension' ? 'complex-type' : base.kind
  return { ...base, url: at(name), name, kind, derivation: 'constraint', snapshot: { element: [...elements.values()] } }
}

/** An extension with a value of one type, or with nothing but inner extensions. */
export function extension(
  name: string,
  value: NonNullable<ElementDefinition['type']> | null,
  said: readonly Said[] = [],
): StructureDefinition {
  const own: Said[] = [{ id: 'Extension.url', fixedUri: at(name) }]
  own.push(value === null ? { id: 'Extension.value[x]', max: '0' } : { id: 'Extension.value[x]', type: value })
  return profile(name, 'Extension', [...own, ...said])
}

/** Definitions of R4 and of the test. */
export function definitions(...own: readonly Definition[]): FhirDefinitions {
  const byUrl = new Map(own.map((one) => [one.url, one]))
  const profiles = own.filter((one) => one.resourceType === 'StructureDefinition' && one.kind === 'resource')
  return new FhirDefinitions(
    {
      find: (canonical) => byUrl.get(canonical) ?? r4.find(canonical),
      profiles: profiles.map((one) => ({ url: one.url, type: (one as StructureDefinition).type })),
    },
    engine,
  )
}

/** A resource as the door reads it. */
export function read(resource: unknown): JsonObject {
  const reading = parseStrict(Buffer.from(typeof resource === 'string' ? resource : JSON.stringify(resource)))
  if (!reading.ok) throw new Error(`${reading.fault} at ${reading.offset}`)
  return reading.value as JsonObject
}
