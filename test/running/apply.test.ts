import { describe, expect, test } from 'vitest'
import { oru } from '../pipeline/stage.ts'
import { until } from '../support/world/until.ts'
import { farSide, makeWorld, mllpAt, postTexts, type World } from './gateway.ts'

/** Applies what the region file says now. */
const apply = (world: World, park = false) => world.call('/api/config/apply', { reason: 'test', park })

interface Destination {
  readonly id: string
  readonly open: number
  readonly parked: number
}

async function queue(world: World, id: string): Promise<Destination | undefined> {
  const { json } = await world.call('/api/status')
  return (json as unknown as { destinations: Destination[] }).destinations.find((one) => one.id === id)
}

async function conserved(world: World): Promise<unknown> {
  return (await world.call('/api/status')).json['difference']
}

describe('apply, while the gateway runs', () => {
  test('a changed destination: what waits goes to the new place, in order, once', async () => {
    const world = makeWorld()
    const [first, second] = [await farSide(() => 'AR'), await farSide()]
    world.write({ dpi: mllpAt(first, { ackPolicy: { default: 'ans' }, retry: { first: '1 h', max: '1 h' } }) })
    await world.start()
    expect(await world.post('A1', 'A2', 'A3')).toEqual(['AA', 'AA', 'AA'])
    await first.when(({ distinct }) => distinct.size === 3)

    world.write({ dpi: mllpAt(second) })
    const { json: plan } = await world.call('/api/config/plan', {})
    expect(plan).toMatchObject({ revision: 1, same: false, orphans: [], restart: [] })
    expect(plan['affected']).toEqual([{ destination: 'receiver/dpi', open: 3, parked: 0 }])
    expect(await apply(world)).toMatchObject({ status: 200, json: { revision: 2, parked: 0 } })
    expect(world.gateway.config.revision).toBe(2)
    expect(await world.post('A4')).toEqual(['AA'])
    await second.when(({ distinct }) => distinct.has('A4'))
    expect(second.ledger.every(({ controlId }) => controlId.startsWith('A'))).toBe(true)
    expect(await conserved(world)).toBe(0)
  })

  test('the same file again makes no revision', async () => {
    const world = makeWorld()
    world.write({ dpi: mllpAt(await farSide()) })
    await world.start()
    expect(await apply(world)).toMatchObject({ status: 200, json: { revision: 1, plan: { same: true } } })
  })

  test('an attempt under way at a changed destination ends by itself and is not made twice', async () => {
    const world = makeWorld()
    const [first, second] = [await farSide(() => 'silent'), await farSide()]
    world.write({ dpi: mllpAt(first, { timeout: '400 ms', onUnknown: 'hold' }) })
    await world.start()
    await world.post('B1')
    await first.when(({ distinct }) => distinct.has('B1'))
    world.write({ dpi: mllpAt(second, { onUnknown: 'hold' }) })
    await apply(world)
    await world.notebook.line('delivery.parked', 'ANSWER_TIMEOUT')
    await world.post('B2')
    await second.when(({ distinct }) => distinct.has('B2'))
    expect([...second.distinct]).toEqual(['B2'])
    expect(await queue(world, 'receiver/dpi')).toMatchObject({ parked: 1 })
  })

  test('a destination that goes is refused while deliveries are open, and parks them when told', async () => {
    const world = makeWorld()
    const [stuck, other] = [await farSide(() => 'AR'), await farSide()]
    const dpi = mllpAt(other)
    world.write({ old: mllpAt(stuck, { ackPolicy: { default: 'ans' }, retry: { first: '1 h', max: '1 h' } }), dpi })
    await world.start()
    await world.post('C1', 'C2')
    await stuck.when(({ distinct }) => distinct.size === 2)

    world.write({ dpi })
    expect(await apply(world)).toMatchObject({ status: 409, json: { code: 'CONFIG_ORPHANS' } })
    expect(world.gateway.config.revision).toBe(1)
    expect(await apply(world, true)).toMatchObject({ status: 200, json: { revision: 2, parked: 2 } })
    expect(await queue(world, 'receiver/old')).toMatchObject({ open: 0, parked: 2 })
    expect(await conserved(world)).toBe(0)
    await world.post('C3')
    await other.when(({ distinct }) => distinct.has('C3'))

    const { json } = await world.call('/api/messages?controlId=C1')
    const [message] = json['messages'] as { id: string }[]
    const detail = (await world.call(`/api/messages/${message!.id}`)).json
    expect(detail['state']).toBe('parked')
    expect(JSON.stringify(detail['timeline'])).toContain('"event":"park"')
    const gone = (detail['deliveries'] as { id: string; destination: string; state: string; lastError: string }[]).find(
      ({ destination }) => destination === 'receiver/old',
    )
    expect(gone).toMatchObject({ state: 'expired', lastError: 'DESTINATION_GONE' })
    expect(await world.call(`/api/deliveries/${gone!.id}/resend`, { reason: 'r' })).toMatchObject({ status: 503 })

    // Back again, and the parked one may go.
    stuck.behave(() => 'AA')
    expect(await world.call('/api/config/rollback', { reason: 'mistake' })).toMatchObject({
      status: 200,
      json: { revision: 3, plan: { changes: expect.arrayContaining([expect.objectContaining({ what: 'added' })]) } },
    })
    expect(await world.call(`/api/deliveries/${gone!.id}/resend`, { reason: 'r' })).toMatchObject({ status: 200 })
    await stuck.when(({ ledger }) => ledger.filter(({ controlId }) => controlId === 'C1').length === 2)
  })

  test('messages that come during many changes are all answered and all delivered', async () => {
    const world = makeWorld()
    const far = await farSide()
    const way = (n: number) => ({ dpi: mllpAt(far, { timeout: `${10 + n} s` }) })
    world.write(way(0))
    await world.start()
    const ids = Array.from({ length: 60 }, (_, i) => `D${i}`)
    const posted = Promise.all([0, 1, 2].map((k) => world.post(...ids.slice(k * 20, k * 20 + 20))))
    for (let n = 1; n <= 10; n++) {
      world.write(way(n))
      expect((await apply(world)).status).toBe(200)
    }
    expect((await posted).flat()).toEqual(ids.map(() => 'AA'))
    await far.when(({ distinct }) => distinct.size === ids.length)
    expect(far.ledger).toHaveLength(ids.length)
    expect(world.gateway.config.revision).toBe(11)
  })

  test('a file with errors changes nothing, and the plan tells them', async () => {
    const world = makeWorld()
    world.write({ dpi: mllpAt(await farSide()) })
    await world.start()
    world.write({ dpi: mllpAt({ port: 99_999 }) })
    const { json } = await world.call('/api/config/plan', {})
    expect(json['problems']).toMatchObject([{ severity: 'error', code: 'OUT_OF_BOUNDS' }])
    expect(await apply(world)).toMatchObject({ status: 422, json: { code: 'CONFIG_INVALID' } })
    expect(world.gateway.config.revision).toBe(1)
  })

  test.each<[string, object]>([
    ['no JSON', { shared: 'x{}' }],
    ['another form', { shared: '{"region":{}}' }],
    [
      'a route to nowhere',
      {
        shared:
          '{"region":{"name":"R"},"establishments":[],"services":{},"tables":{},"maps":{},"routes":[{"name":"r","when":{},"to":["a/b"]}]}',
      },
    ],
  ])('what a caller sends is checked: %s', async (_name, ask) => {
    const world = makeWorld()
    world.write({ dpi: mllpAt(await farSide()) })
    await world.start()
    const { json } = await world.call('/api/config/plan', ask)
    expect((json['problems'] as { severity: string }[])[0]).toMatchObject({ severity: 'error' })
    expect((await world.call('/api/config/apply', { ...ask, reason: 'x' })).status).toBe(422)
  })

  test('doors are the node’s own: a plan tells what needs a restart', async () => {
    const world = makeWorld()
    const far = await farSide()
    world.write({ dpi: mllpAt(far) })
    await world.start()
    world.write(
      { dpi: mllpAt(far) },
      { entrances: { mllp: { port: 0, idle: '1 min' }, http: { port: 0 } }, drain: '5 s' },
    )
    const { json } = await world.call('/api/config/plan', {})
    expect(json).toMatchObject({ same: true, restart: ['drain', 'entrances.mllp'] })
  })

  test('reload takes the file over, and says why when it cannot', async () => {
    const world = makeWorld()
    const far = await farSide()
    world.write({ dpi: mllpAt(far) })
    await world.start()
    world.write({ dpi: mllpAt(far, { timeout: '5 s' }) })
    await world.gateway.reload()
    expect(world.gateway.config.revision).toBe(2)
    world.write({ dpi: mllpAt(far, { timeout: 'soon' }) })
    await world.gateway.reload()
    expect(
      world.notebook.lines.some(({ event, code }) => event === 'config.refused' && code === 'CONFIG_INVALID'),
    ).toBe(true)
    expect(world.notebook.lines.filter(({ event }) => event === 'config.problem')).toEqual([
      expect.objectContaining({ rule: expect.stringMatching(/^\d+:\d+ \S*\.dpi\.timeout BAD_VALUE$/) }),
    ])
    expect(world.gateway.config.revision).toBe(2)
  })
})

describe('pause, resume, test', () => {
  const act = (world: World, what: string, id = 'receiver/dpi') =>
    world.call(`/api/destinations/${id}/${what}`, { reason: 'works' })

  test('a paused destination gets nothing, also after a restart, and all of it in order when it goes on', async () => {
    const world = makeWorld()
    const far = await farSide()
    world.write({ dpi: mllpAt(far) })
    await world.start()
    expect(await act(world, 'pause')).toMatchObject({ status: 200, json: { paused: true } })
    expect(await world.post('P1', 'P2')).toEqual(['AA', 'AA'])
    expect(await queue(world, 'receiver/dpi')).toMatchObject({ open: 2, paused: { who: 'op', why: 'works' } })
    await world.gateway.stop()
    await world.start()
    expect(await world.post('P3')).toEqual(['AA'])
    expect(far.ledger).toEqual([])
    // A change of the destination does not wake it either.
    world.write({ dpi: mllpAt(far, { timeout: '9 s' }) })
    await apply(world)
    expect(await queue(world, 'receiver/dpi')).toMatchObject({ open: 3 })
    expect(await act(world, 'resume')).toMatchObject({ status: 200, json: { paused: false } })
    await far.when(({ ledger }) => ledger.length === 3)
    expect(far.ledger.map(({ controlId }) => controlId)).toEqual(['P1', 'P2', 'P3'])
    expect(await queue(world, 'receiver/dpi')).not.toHaveProperty('paused')
  })

  test('a test connects and sends nothing', async () => {
    const world = makeWorld()
    const far = await farSide()
    const closed = await farSide()
    await closed.close()
    world.write({ dpi: mllpAt(far), down: mllpAt(closed) })
    await world.start()
    expect((await act(world, 'test')).json).toMatchObject({ ok: true, step: 'connect', code: null })
    expect((await act(world, 'test', 'receiver/down')).json).toMatchObject({
      ok: false,
      step: 'connect',
      code: 'CONNECT_FAILED',
      detail: 'ECONNREFUSED',
    })
    expect(far.ledger).toEqual([])
    expect((await act(world, 'test', 'receiver/none')).status).toBe(404)
  })
})

test('a delivery poisoned by an edit says which, and goes once the edit is mended: sent again, or replayed', async () => {
  const world = makeWorld()
  const far = await farSide()
  const routes = (to: string) => [
    { name: 'all', when: {}, to: ['receiver/dpi'], edit: [{ set: 'PID-8', to }] },
    { name: 'none', when: { kinds: ['ADT^A01'] }, to: ['receiver/dpi'] },
  ]
  const dpi = mllpAt(far, { retry: { first: '1 ms', max: '1 ms' } })
  world.write({ dpi }, { routes: routes('漢') })
  await world.start()
  const latin9 = ['E1', 'E2'].map((id) => oru({ 10: id, 18: '8859/15' }, `P-${id}^^^SENDER^PI`))
  expect(await postTexts(world.port('mllp'), latin9)).toEqual(['AA', 'AA'])
  await world.notebook.line('delivery.parked', 'EDIT_FAILED')
  const parked = await until('both are parked', async () => {
    const { json } = await world.call('/api/messages?state=parked')
    const found = (json as unknown as { messages: { id: string; controlId: string; deliveries: { id: string }[] }[] })
      .messages
    return found.length === 2 && found
  })
  const one = (controlId: string) => parked.find((message) => message.controlId === controlId)!
  const { json: said } = await world.call(`/api/messages/${one('E1').id}`)
  expect(JSON.stringify(said)).toContain('set PID-8: the value does not fit the message at PID-8')

  world.write({ dpi }, { routes: routes('mended') })
  expect(await apply(world)).toMatchObject({ status: 200 })
  const resend = `/api/deliveries/${one('E1').deliveries[0]!.id}/resend`
  expect(await world.call(resend, { reason: 'mended' })).toMatchObject({ status: 200 })
  await far.when(({ distinct }) => distinct.has('E1'))
  const close = `/api/deliveries/${one('E2').deliveries[0]!.id}/close`
  expect(await world.call(close, { reason: 'sent anew' })).toMatchObject({ status: 200 })
  expect(await world.call(`/api/messages/${one('E2').id}/replay`, { reason: 'mended' })).toMatchObject({ status: 200 })
  await far.when(({ distinct }) => distinct.has('E2'))
})
