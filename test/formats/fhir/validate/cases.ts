import { expect, test } from 'vitest'
import type { Definition } from '../../../../src/formats/fhir/validate/structure.ts'
import { validateResource } from '../../../../src/formats/fhir/validate/validate.ts'
import { at, definitions, profile, read, type Said } from './define.ts'

/** What it shows; the type and its profile; further definitions; resources with every error and warning. */
export type Case = readonly [
  name: string,
  type: string,
  said: readonly Said[],
  more: readonly Definition[],
  resources: readonly (readonly [object, readonly string[]])[],
]

/** One test for each resource of the table. */
export function testCases(table: readonly Case[]): void {
  const cases = table.flatMap(([name, type, said, more, resources]) => {
    const known = definitions(profile('own', type, said), ...more)
    return resources.map(([resource, expected], i) => ({ name: `${name} (${i + 1})`, known, resource, expected }))
  })
  test.each(cases)('$name', ({ known, resource, expected }) => {
    const issues = validateResource(read(JSON.stringify(resource)), known, { asked: [at('own')] })
    const told = issues
      .filter(({ code, severity }) => !(code === 'code-invalid' && severity === 'warning'))
      .map(({ severity, class: sort, code, expression, rule: key }) => {
        const how = severity !== 'error' ? `${severity} ` : sort === 'safety' ? 'safety ' : ''
        return `${how}${code} ${expression}${key === null ? '' : ` ${key}`}`
      })
    expect(told.toSorted()).toEqual([...expected].toSorted())
  })
}
