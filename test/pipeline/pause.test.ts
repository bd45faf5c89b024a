import { afterEach, beforeEach, expect, test } from 'vitest'
import { machineClock } from '../../src/app/cli/machine.ts'
import type { Journal } from '../../src/core/journal.ts'
import { pauses } from '../../src/pipeline/pause.ts'
import { openStore } from '../support/stores.ts'

let journal: Journal
let end: () => Promise<void>
beforeEach(async () => {
  ;({ journal, end } = await openStore())
})
afterEach(() => end())

/** What another run, or another node, reads. */
async function loaded(): Promise<ReadonlyMap<string, object>> {
  const other = pauses(journal, machineClock)
  await other.load()
  return other.all()
}

test('a pause is a row that others read, the first person and reason stay, and a resumption takes it away', async () => {
  const store = pauses(journal, { ...machineClock, nowMs: () => 1_000 })
  await store.pause('ch-a/dpi', 'ann', 'maintenance')
  await store.pause('ch-a/dpi', 'bob', 'too late')
  await pauses(journal, machineClock).pause('ch-a/dpi', 'bob', 'of another node')
  await store.pause('ch-b/dpi', 'ann', 'moved')
  await store.note('ch-b/dpi', 'probe', 'ann', 'tried')
  expect(await loaded()).toEqual(
    new Map([
      ['ch-a/dpi', { atMs: 1_000, who: 'ann', why: 'maintenance' }],
      ['ch-b/dpi', { atMs: 1_000, who: 'ann', why: 'moved' }],
    ]),
  )
  await store.resume('ch-a/dpi', 'ann', 'done')
  expect([...(await loaded()).keys()]).toEqual(['ch-b/dpi'])
  const events = await journal.read<{ what: string }>({
    sql: 'SELECT what FROM event WHERE detail = ? ORDER BY seq',
    parameters: ['ch-b/dpi'],
  })
  expect(events).toEqual([{ what: 'pause' }, { what: 'probe' }])
})
