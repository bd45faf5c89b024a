import fc from 'fast-check'
import { expect, test } from 'vitest'
import { shippedProfiles } from '../../../../src/app/config/index.ts'
import { readDefinitions } from '../../../../src/app/definitions/definitions.ts'
import { linesSource } from '../../../../src/formats/fhir/validate/source.ts'
import { FhirDefinitions, loadEngine, validateResource } from '../../../../src/formats/fhir/validate/validate.ts'
import { EXAMPLES, mutated } from './mutate.ts'

const engine = await loadEngine()
const source = linesSource(readDefinitions(shippedProfiles()).texts)
const quick = new FhirDefinitions(source, engine)
/** The same, with every rule evaluated by the engine itself. */
const slow = new FhirDefinitions(source, {
  ...engine,
  parse: () => {
    throw new Error('left to the engine')
  },
})

test.each([...EXAMPLES])('%s conforms to what it claims', (_name, resource) => {
  expect(validateResource(resource, quick)).toEqual([])
})

test('rules compiled here and rules of the engine say the same of any resource', () => {
  fc.assert(
    fc.property(mutated([...EXAMPLES.keys()].filter((name) => !name.startsWith('stroke-'))), ({ resource }) => {
      const [ours, theirs] = [validateResource(resource, quick), validateResource(resource, slow)]
      // The engine fails on some resources of the wrong form, and then has no opinion.
      const unjudged = new Set(theirs.filter(({ code }) => code === 'too-costly').map(({ rule }) => rule))
      const judged = (issues: typeof ours) => issues.filter(({ rule }) => !unjudged.has(rule))
      expect(judged(ours)).toEqual(judged(theirs))
    }),
    { numRuns: 200 },
  )
})

test('every profile that is shipped is compiled: no slice is left out, no rule that the engine cannot read', () => {
  for (const { url, type } of quick.profiles) {
    const plan = quick.plan(url)!
    expect(plan.type).toBe(type)
    for (const { definition, slices } of plan.tree.byId.values()) {
      for (const { expression } of definition.constraint ?? []) {
        if (expression !== undefined) expect(() => engine.compile(expression, type)).not.toThrow()
      }
      if (slices.length > 0) expect(definition.slicing, `${url} ${definition.id}`).toBeDefined()
    }
    expect(plan.object().entries.size).toBeGreaterThan(0)
  }
})
