import { expect, test } from 'vitest'
import { configViews } from '../../src/app/wiring/config-views.ts'
import { openStore } from './gateway.ts'

const shared = (name: string) =>
  JSON.stringify({ region: { name }, establishments: [], services: {}, tables: {}, maps: {} })

test('revisions with who, when and why; their text; what differs', async () => {
  const { journal } = await openStore()
  const event = {
    atMs: 5,
    who: 'op',
    what: 'apply-config',
    why: 'a new name',
    code: null,
    message: null,
    delivery: null,
  }
  await journal.adopt('op', 5, shared('Here'))
  const also = { park: [], events: [{ ...event, detail: 'revision 3' }] }
  await journal.adopt('op', 6, shared('There'), also)
  const views = configViews({
    profiles: [],
    journal,
    node: () => ({ mllp: [], http: [], minFreeBytes: 0, drainMs: 0 }),
  })
  expect(await views.revisions(null, 10)).toEqual([
    { revision: 3, atMs: 6, by: 'op', why: 'a new name' },
    { revision: 2, atMs: 5, by: 'op', why: null },
    { revision: 1, atMs: 0, by: 'test', why: null },
  ])
  expect((await views.revisions(3, 1)).map(({ revision }) => revision)).toEqual([2])
  expect(await views.text(3)).toContain('name: There')
  expect(await views.text(9)).toBeNull()
  expect(await views.difference(2, 3)).toMatchObject([{ part: 'region', settings: [{ at: 'name', to: '"There"' }] }])
  expect(await views.difference(2, 9)).toBeNull()
})

test('the reason of a revision is found by an index', async () => {
  const { journal } = await openStore()
  if (journal.dialect !== 'sqlite') return
  const plan = await journal.read<{ detail: string }>({
    sql: `EXPLAIN QUERY PLAN SELECT max(e.why) FROM event e WHERE e.what = 'apply-config' AND e.detail = 'revision 3'`,
    parameters: [],
  })
  expect(plan.map(({ detail }) => detail).join()).toContain('event_apply_config')
  const history = await journal.read<{ detail: string }>({
    sql: `EXPLAIN QUERY PLAN SELECT at_ms FROM event
      WHERE what >= 'onboarding-' AND what < 'onboarding.' AND detail >= ? AND detail < ? ORDER BY seq DESC LIMIT 200`,
    parameters: ['a/b', 'a/b!'],
  })
  expect(history.map(({ detail }) => detail).join()).toContain('event_onboarding')
})
