import { expect, test } from 'vitest'
import { cellOf, shareOf } from '../../src/conformity/views/cell.ts'
import type { Level, Verdict } from '../../src/core/conformity.ts'

const LEVELS: Readonly<Record<string, Level>> = { m: 'mandatory', r: 'recommended', o: 'optional', i: 'indicator' }

test.each<[name: string, requirements: string, verdict: Verdict]>([
  ['nothing is asked', '', 'not-applicable'],
  ['all are met', 'm:met m:met r:met', 'met'],
  ['what is recommended and not met does not count beside what is mandatory', 'm:met r:unmet i:lapsed', 'met'],
  ['one that is not met decides', 'm:met m:met m:unmet m:not-measured', 'unmet'],
  ['not met is graver than lapsed', 'm:lapsed m:unmet', 'unmet'],
  ['lapsed is graver than partly', 'm:partly m:lapsed', 'lapsed'],
  ['partly is graver than not measured', 'm:not-measured m:partly m:met', 'partly'],
  ['what is not measured is never shown as met', 'm:met m:not-measured', 'not-measured'],
  ['nothing is measured', 'm:not-measured r:met', 'not-measured'],
  ['where none is mandatory the others decide', 'r:met o:met i:partly', 'partly'],
  ['a mandatory one that does not apply leaves it to the others', 'm:not-applicable r:met', 'met'],
  ['a mandatory one that does not apply is not asked', 'm:not-applicable m:met', 'met'],
  ['none applies', 'm:not-applicable r:not-applicable', 'not-applicable'],
])('%s', (_name, requirements, verdict) => {
  const judged = requirements
    .split(' ')
    .filter((one) => one !== '')
    .map((one) => ({ level: LEVELS[one[0]!]!, verdict: one.slice(2) as Verdict }))
  const cell = cellOf(judged)
  expect(cell.verdict).toBe(verdict)
  expect(Object.values(cell.counts).reduce((sum, n) => sum + n, 0)).toBe(judged.length)
})

test('a share leaves out what does not apply, and counts what is not measured', () => {
  expect(shareOf(['met', 'not-applicable', 'not-measured', 'partly', 'met'])).toEqual({ met: 2, of: 4 })
})
