import { expect, onTestFinished, test } from 'vitest'
import { casesToPlan } from '../../src/console/page/calendar/to-plan.ts'
import { openStore } from '../support/stores.ts'
import { caseRoom } from '../telemedicine/case-room.ts'
import { person, request, WOUNDS } from '../telemedicine/invented.ts'

test('every case that waits for an appointment is there, the oldest first, however many are open', async () => {
  const store = await openStore()
  onTestFinished(() => store.end())
  const room = caseRoom(store.journal)
  const asks = person('requester', 'ch-laval')
  const ids: string[] = []
  for (let i = 0; i < 203; i += 1) {
    room.clock.atMs += 1_000
    const patient = { ...request().patient, identifiers: [{ authority: 'CHL', value: `P${i}`, type: 'PI' }] }
    const asked = request({ id: `r${i}`, service: WOUNDS.name, patient, drill: i === 1 })
    const opened = await room.commands.request(asked, asks)
    if (!opened.ok) throw new Error(opened.error)
    ids.push(opened.case.id)
  }
  await room.commands.act(ids[2]!, { what: 'cancel', reason: 'x' }, asks)
  const found = await casesToPlan(room.views, WOUNDS.name, asks.caller)
  expect(found.map(({ id }) => id)).toEqual(ids.filter((_, i) => i !== 2))
  expect(await casesToPlan(room.views, 'stroke', asks.caller)).toEqual([])
  expect(await casesToPlan(room.views, WOUNDS.name, person('admin', null).caller)).toEqual([])
}, 60_000)
