import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import type { JsonObject } from '../../../../src/formats/fhir/json-value.ts'
import { read } from './define.ts'

const FOLDER = fileURLToPath(new URL('../../../../profiles/fhir/examples/', import.meta.url))

/** The examples that the gateway ships, by file name. */
export const EXAMPLES: ReadonlyMap<string, JsonObject> = new Map(
  readdirSync(FOLDER)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => [name, read(readFileSync(FOLDER + name, 'utf8'))]),
)

type Plain = null | boolean | number | string | Plain[] | { [name: string]: Plain }
interface Slot {
  readonly parent: { [name: string]: Plain } | Plain[]
  readonly key: string | number
}

/** Every place below a value. */
function slots(value: Plain, found: Slot[] = []): Slot[] {
  if (typeof value !== 'object' || value === null) return found
  for (const key of Array.isArray(value) ? value.keys() : Object.keys(value)) {
    if (key === 'resourceType' || key === 'meta') continue
    found.push({ parent: value, key })
    slots(value[key as never], found)
  }
  return found
}

/** What is put where a value was; undefined: nothing. */
const PUT: readonly ((before: Plain) => Plain | undefined)[] = [
  () => undefined,
  () => 'nonsense',
  () => 12,
  () => true,
  () => ({ other: 'x' }),
  () => [],
  (before) => (Array.isArray(before) ? before[0]! : [before]),
  (before) => (Array.isArray(before) ? [...before, ...before] : before),
  (before) =>
    typeof before === 'object' && before !== null && !Array.isArray(before)
      ? { ...before, colour: 'blue' }
      : ` ${String(before)}`,
  (before) => (typeof before === 'string' ? before.slice(1) : before),
]

/** An example, changed in one place; names which. */
export const mutated = (
  names: readonly string[],
): fc.Arbitrary<{ readonly name: string; readonly resource: JsonObject }> =>
  fc
    .record({ name: fc.constantFrom(...names), at: fc.nat(), put: fc.constantFrom(...PUT) })
    .map(({ name, at, put }) => {
      const resource = JSON.parse(JSON.stringify(EXAMPLES.get(name))) as { [name: string]: Plain }
      const all = slots(resource)
      const { parent, key } = all[at % all.length]!
      const value = put((parent as Record<string | number, Plain>)[key]!)
      if (value !== undefined) (parent as Record<string | number, Plain>)[key] = value
      else if (Array.isArray(parent)) parent.splice(key as number, 1)
      else delete parent[key as string]
      return { name, resource: read(resource) }
    })
