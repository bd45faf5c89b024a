import { expect, test } from 'vitest'
import { joined } from '../../src/telemedicine/store/rows.ts'
import { openStore } from '../support/stores.ts'

// The embedded store alone: PostgreSQL keeps statistics of its own.
test('what a request joins is looked up by its keys, however many cases are open', async () => {
  const { journal, end } = await openStore()
  const { sql, parameters } = joined({
    service: 'stroke',
    test: true,
    drill: false,
    openedAfterMs: 1,
    keys: ['a', 'b'],
  })
  const steps = await journal.look<{ detail: string }>({ sql: `EXPLAIN QUERY PLAN ${sql}`, parameters })
  await end()
  expect(steps.map(({ detail }) => detail).slice(0, 2)).toEqual([
    expect.stringMatching(/^SEARCH k USING PRIMARY KEY/),
    expect.stringMatching(/^SEARCH c USING PRIMARY KEY/),
  ])
})
