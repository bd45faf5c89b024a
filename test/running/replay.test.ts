import { expect, test } from 'vitest'
import { farSide, makeWorld, mllpAt } from './gateway.ts'

interface Step {
  readonly messages: number
  readonly deliveries: Record<string, number>
  readonly doubles: number
  readonly skipped: Record<string, number>
  readonly next: string | null
}

test('a replay by filter: dry run, then in the order they came, in steps of 200 that do not take what comes meanwhile', async () => {
  const world = makeWorld()
  const [first, second] = [await farSide(), await farSide()]
  world.write({ a: mllpAt(first), b: mllpAt(second) }, { routes: [{ name: 'r', when: {}, to: ['receiver/a'] }] })
  await world.start()
  const ids = Array.from({ length: 450 }, (_, i) => `R${i}`)
  await world.post(...ids)
  await first.when(({ ledger }) => ledger.length === ids.length)
  const replay = async (body: object): Promise<Step> => {
    const { status, json } = await world.call('/api/messages/replay', {
      reason: 'moved',
      filter: { from: 'sender' },
      ...body,
    })
    expect(status, JSON.stringify(json)).toBe(200)
    return json as unknown as Step
  }

  const dry = await replay({ dryRun: true })
  expect(dry).toMatchObject({ messages: 200, deliveries: { 'receiver/a': 200 }, skipped: {} })
  expect(second.ledger).toHaveLength(0)
  expect((await replay({ dryRun: true, to: 'receiver/b' })).doubles).toBe(0)

  const one = await replay({ to: 'receiver/b' })
  await world.post('LATER')
  const two = await replay({ to: 'receiver/b', after: one.next })
  const three = await replay({ to: 'receiver/b', after: two.next })
  expect([one, two, three].map(({ messages }) => messages)).toEqual([200, 200, 50])
  expect(three.next).toBeNull()
  await second.when(({ ledger }) => ledger.length === ids.length)
  expect(second.ledger.map(({ controlId }) => controlId)).toEqual(ids)

  const again = await replay({ dryRun: true, to: 'receiver/b', filter: { from: 'sender', kind: 'ORU^*' } })
  expect(again).toMatchObject({ messages: 200, doubles: 200 })
  const { json } = await world.call('/api/status')
  expect(json).toMatchObject({ received: 451, difference: 0 })
})

test('what cannot go is counted by its reason, and nothing is made of it', async () => {
  const world = makeWorld()
  const far = await farSide()
  world.write({ a: mllpAt(far), b: mllpAt(far, { use: 'production' }) })
  await world.start()
  await world.post('S1')
  await far.when(({ ledger }) => ledger.length === 1)
  const ask = { reason: 'r', filter: {} }
  expect((await world.call('/api/messages/replay', { ...ask, to: 'receiver/b' })).json).toMatchObject({
    messages: 1,
    deliveries: {},
    skipped: { PROCESSING_ID: 1 },
  })
  expect((await world.call('/api/messages/replay', { ...ask, to: 'receiver/none' })).json).toMatchObject({
    code: 'DESTINATION_GONE',
  })
  world.write({ b: mllpAt(far, { use: 'production' }) })
  await world.call('/api/config/apply', { reason: 'r' })
  expect((await world.call('/api/messages/replay', ask)).json).toMatchObject({
    deliveries: {},
    skipped: { DESTINATION_GONE: 1 },
  })
  expect(far.ledger).toHaveLength(1)
  expect((await world.call('/api/messages/replay', { ...ask, after: '1' })).status).toBe(400)
})
