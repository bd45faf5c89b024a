import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readFhirCase } from '../../../src/formats/case/fhir.ts'
import { neededLinks } from '../../../src/formats/case/fhir-links.ts'
import { readHl7Case } from '../../../src/formats/case/hl7.ts'
import { taskOf } from '../../../src/formats/case/task.ts'
import { taskActs } from '../../../src/formats/case/task-acts.ts'
import { copyOf, isObject, type JsonObject, type JsonValue } from '../../../src/formats/fhir/json.ts'
import { caseOf } from './case.ts'
import { AT_MS, example, FACTS, json } from './facts.ts'
import { SERVICE } from './service.ts'

/** Every place in a value that can be replaced. */
function places(value: JsonValue, found: ((to: JsonValue) => void)[] = []): ((to: JsonValue) => void)[] {
  const names = Array.isArray(value) ? [...value.keys()] : isObject(value) ? Object.keys(value) : []
  for (const name of names) {
    const holder = value as Record<string | number, JsonValue>
    found.push((to) => void (holder[name] = to))
    places(holder[name]!, found)
  }
  return found
}

const anything = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }),
  fc.constantFrom('', '#x', '9999-12-31', [null], {}, [[]], 'Task/x', 1e300),
) as fc.Arbitrary<JsonValue>
const broken = (resource: JsonObject) =>
  fc.tuple(fc.nat(), anything).map(([n, value]) => {
    const copy = copyOf(resource) as JsonObject
    const all = places(copy)
    all[n % all.length]!(value)
    return copy
  })

const TRANSACTION = json(example('../fhir/examples/stroke-transaction.json'))
const TASK = taskOf(caseOf(), {
  service: SERVICE,
  structure: (name) => ({ name, finess: null }),
  request: null,
  reason: null,
})

test('a resource that is wrong anywhere is read as far as it goes', () => {
  fc.assert(
    fc.property(broken(TRANSACTION), (resource) => {
      expect(neededLinks({ root: resource, kept: new Map() }).length).toBeLessThan(300)
      expect(readFhirCase(resource, FACTS)).toBeDefined()
    }),
    { numRuns: 300 },
  )
})

test('a changed Task is acts or a place that may not change, never a fault', () => {
  fc.assert(
    fc.property(broken(TASK), (after) => {
      const read = taskActs(TASK, after, AT_MS)
      expect(read.ok ? Array.isArray(read.acts) : read.at.startsWith('Task.')).toBe(true)
    }),
    { numRuns: 300 },
  )
})

test('bytes of a message that are wrong anywhere are read as far as they go', () => {
  const request = example('stroke-request.hl7')
  const byte = fc.constantFrom(0x7c, 0x5e, 0x7e, 0x26, 0x5c, 0x0d, 0xff, 0x30)
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(request.length - 1), byte), { minLength: 1, maxLength: 20 }), (changes) => {
      const bytes = Buffer.from(request)
      for (const [at, value] of changes) bytes[at] = value
      expect(readHl7Case(bytes, FACTS).answers).toBeDefined()
    }),
    { numRuns: 300 },
  )
})
