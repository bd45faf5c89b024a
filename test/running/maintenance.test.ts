import { expect, onTestFinished, test } from 'vitest'
import { machineIds } from '../../src/app/cli/machine.ts'
import { PlannedMaintenance } from '../../src/app/wiring/maintenance.ts'
import { maintenances } from '../../src/pipeline/maintenance.ts'
import { manualClock } from '../support/peers/clock.ts'
import { openStore } from '../support/stores.ts'
import { farSide, makeWorld, mllpAt } from './gateway.ts'

const HOUR_MS = 3_600_000

test('planned maintenance pauses its destinations while it lasts, across a restart, and is told in the status', async () => {
  const world = makeWorld()
  const far = await farSide()
  world.write({ a: mllpAt(far) }, { routes: [{ name: 'r', when: {}, to: ['receiver/a'] }] })
  await world.start()
  const at = (ms: number) => new Date(Date.now() + ms).toISOString()
  const ask = { from: at(-1_000), until: at(3_600_000), text: 'Mise à jour', destinations: ['receiver/a'], pause: true }
  expect((await world.call('/api/maintenance', { ...ask, destinations: ['receiver/none'] })).status).toBe(404)
  expect((await world.call('/api/maintenance', { ...ask, until: at(-500) })).status).toBe(400)
  const planned = await world.call('/api/maintenance', ask)
  expect(planned.json).toMatchObject({ text: 'Mise à jour', pause: true, destinations: ['receiver/a'] })
  await world.gateway.stop()
  await world.start()
  expect(await world.post('M1')).toEqual(['AA'])
  const status = async () => (await world.call('/api/status')).json
  expect(await status()).toMatchObject({
    maintenance: [{ text: 'Mise à jour' }],
    destinations: [{ id: 'receiver/a', open: 1, paused: { why: 'Mise à jour' } }],
  })
  expect(far.ledger).toEqual([])
  const ended = await world.call(`/api/maintenance/${planned.json['id']}/end`, { reason: 'finie' })
  expect(ended.json).toEqual({ maintenance: [] })
  await far.when(({ ledger }) => ledger.length === 1)
  expect(await status()).not.toHaveProperty('maintenance')
})

test('maintenance begins and ends by itself', async () => {
  const { journal, end } = await openStore()
  onTestFinished(end)
  const clock = manualClock()
  const parts = { clock, ids: machineIds }
  const told: string[][] = []
  const planned: PlannedMaintenance = new PlannedMaintenance({
    store: maintenances(journal, parts),
    clock,
    known: () => true,
    changed: () => void told.push([...planned.pausing().keys()]),
  })
  await planned.load()
  const ask = {
    fromMs: clock.nowMs() + HOUR_MS * 2,
    untilMs: clock.nowMs() + HOUR_MS * 3,
    text: 'nuit',
    destinations: ['a/b'],
  }
  await planned.plan({ ...ask, pause: true }, 'ann')
  await planned.plan({ ...ask, fromMs: ask.fromMs - HOUR_MS, pause: false }, 'ann')
  expect(planned.planned().map(({ pause }) => pause)).toEqual([false, true])
  clock.advance(HOUR_MS * 2 - 1)
  expect(told.flat()).toEqual([])
  clock.advance(1)
  expect(told.at(-1)).toEqual(['a/b'])
  expect(planned.pausing().get('a/b')).toMatchObject({ who: 'ann', why: 'nuit' })
  clock.advance(HOUR_MS)
  expect(told.at(-1)).toEqual([])
  expect(planned.planned()).toEqual([])
  expect(clock.timers).toBe(0)
})
