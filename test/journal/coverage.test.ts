import { expect, test } from 'vitest'
import { coverage } from '../../src/pipeline/journal/postgres/coverage.ts'

const cases: [name: string, told: (readonly [after: number, upTo: number] | number)[], upTo: number][] = [
  ['nothing', [], 0],
  [
    'one after the other',
    [
      [0, 3],
      [3, 5],
    ],
    5,
  ],
  [
    'the later first',
    [
      [3, 5],
      [0, 3],
    ],
    5,
  ],
  [
    'a gap stays one',
    [
      [0, 3],
      [4, 6],
    ],
    3,
  ],
  [
    'a commit without deliveries closes no gap',
    [
      [0, 2],
      [3, 3],
    ],
    2,
  ],
  ['known by other means', [[0, 2], [3, 6], 3], 6],
  [
    'told twice',
    [
      [0, 3],
      [0, 3],
      [3, 4],
    ],
    4,
  ],
]
test.each(cases)('told: %s', (_name, told, upTo) => {
  const covered = coverage()
  for (const one of told) {
    if (typeof one === 'number') covered.reach(one)
    else covered.add({ after: one[0], upTo: one[1] })
  }
  expect(covered.upTo).toBe(upTo)
})
