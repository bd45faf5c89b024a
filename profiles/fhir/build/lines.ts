import type { JsonObject } from '../../../src/formats/fhir/json-value.ts'

/** By code unit, so that every machine has the same order. */
function byUrl(one: JsonObject, other: JsonObject): number {
  return String(one['url']) < String(other['url']) ? -1 : 1
}

/**
 * A JSON array with one resource on each line, ordered by canonical: a reader may take a line without parsing the others, and
 * a change shows as the lines that changed. */
export function linesOf(resources: readonly JsonObject[]): string {
  return `[\n${[...resources]
    .sort(byUrl)
    .map((one) => JSON.stringify(one))
    .join(',\n')}\n]\n`
}
