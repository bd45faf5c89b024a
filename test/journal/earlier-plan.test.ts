import { expect, test } from 'vitest'
import { EARLIER } from '../../src/pipeline/journal/sqlite/queue.ts'
import { openStore } from '../support/stores.ts'

test('what an urgent delivery must wait for is found by its patient, however long the queue is', async () => {
  const { journal, end } = await openStore()
  const steps = await journal.look<{ detail: string }>({
    sql: `EXPLAIN QUERY PLAN ${EARLIER}`,
    parameters: ['key', 'chu-a/dpi', 1],
  })
  await end()
  const deliveries = steps.map(({ detail }) => detail).filter((detail) => /\b(SEARCH|SCAN) d\b/.test(detail))
  expect(deliveries).toEqual([expect.stringMatching(/SEARCH d USING INDEX \w+ \(.*message_seq=\?/)])
})
