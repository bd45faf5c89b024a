/** What every store must do, whatever it is made of. A new store's test file is one call of `journalContract`. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Intake, Journal, QueueEntry } from '../../src/core/journal.ts'
import { newDelivery, newIntake, newMove, nextId, personEvent } from '../journal/made.ts'
import {
  bytesOf,
  first,
  ids,
  keepContract,
  queueContract,
  type Rig,
  receiptOf,
  restartContract,
} from './journal-keeping.ts'

export { type Rig, receiptOf } from './journal-keeping.ts'

/** Runs the suite on the store that `make` gives. */
export function journalContract(name: string, make: () => Promise<Rig>): void {
  let rig: Rig
  beforeEach(async () => {
    rig = await make()
  })
  afterEach(() => rig.end())
  describe(`${name}: commit`, () => commitContract(() => rig))
  describe(`${name}: record`, () => recordContract(() => rig))
  describe(`${name}: apply`, () => applyContract(() => rig))
  describe(`${name}: queue`, () => queueContract(() => rig))
  describe(`${name}: bodies and refusals`, () => keepContract(() => rig))
  describe(`${name}: restart`, () => restartContract(() => rig))
}

function commitContract(rig: () => Rig): void {
  test('a message and its deliveries are there after the receipt, and after a restart', async () => {
    const one = newIntake({ applicationAnswer: Buffer.from('APP') })
    const receipt = receiptOf(await rig().journal.commit([one]))
    expect(receipt).toMatchObject({ messageId: one.id, repeat: false, answer: one.answer })
    const journal = await rig().reopen()
    expect(await bytesOf(journal, one.id)).toEqual(Buffer.from(one.bytes))
    expect(await journal.state(one.id)).toBe('inFlight')
    expect(await journal.deliveriesOf(one.id)).toMatchObject([{ id: first(one), state: 'queued', test: true }])
    expect(await journal.state(nextId())).toBeNull()
    await expect(journal.body(nextId())).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })

  test('same key and bytes: the first answers again, nothing new', async () => {
    const { journal } = rig()
    const one = newIntake({ applicationAnswer: Buffer.from('APP') })
    await journal.commit([one])
    const again = await journal.commit([{ ...newIntake({ controlId: one.controlId }), answer: Buffer.from('new') }])
    expect(again.kind).toBe('repeat')
    expect(receiptOf(again)).toMatchObject({ messageId: one.id, repeat: true, answer: one.answer })
    expect(receiptOf(again).applicationAnswer).toEqual(Buffer.from('APP'))
    expect((await journal.counts()).received).toBe(1)
  })

  test('two equal messages in one group: the second is a repeat', async () => {
    const { journal } = rig()
    const one = newIntake({ controlId: 'TWICE' })
    const kinds = await Promise.all([journal.commit([one]), journal.commit([newIntake({ controlId: 'TWICE' })])])
    expect(kinds.map(({ kind }) => kind)).toEqual(['committed', 'repeat'])
    expect(receiptOf(kinds[1]!).messageId).toBe(one.id)
  })

  test.each([
    ['other bytes', 0, 'conflict'],
    ['other bytes, 29 days later', 29, 'conflict'],
    ['other bytes, 31 days later', 31, 'committed'],
  ])('same key, %s', async (_name, days, kind) => {
    const one = newIntake()
    await rig().journal.commit([one])
    rig().nowMs += days * 86_400_000
    const other = newIntake({ controlId: one.controlId, bytes: Buffer.from('other') })
    const result = await rig().journal.commit([other])
    expect(result.kind).toBe(kind)
    if (result.kind === 'conflict') expect(result.messageId).toBe(one.id)
  })

  test('no key is never a repeat', async () => {
    const one = newIntake({ repeatKey: null })
    await rig().journal.commit([one])
    const again = await rig().journal.commit([newIntake({ repeatKey: null, bytes: one.bytes })])
    expect(again.kind).toBe('committed')
  })

  test('a message routed by another revision than the running one is stale; revisions count and survive', async () => {
    const { journal } = rig()
    expect(journal.revision()).toBeNull()
    await journal.adopt('demo-admin', 1, '{"a":1}')
    const [stored, stale] = await Promise.all([
      journal.adopt('demo-admin', 2, '{"a":2}'),
      journal.commit([newIntake({ revision: 1 })]),
    ])
    expect(stored).toEqual({ revision: 2, atMs: 2, by: 'demo-admin', json: '{"a":2}' })
    expect(stale.kind).toBe('stale')
    expect((await journal.commit([newIntake({ revision: 2 })])).kind).toBe('committed')
    const late = journal.adopt('demo-admin', 3, '{"a":3}', { over: 1, park: [], events: [] })
    await expect(late).rejects.toMatchObject({ code: 'CONFIG_BEHIND' })
    expect(await journal.revisionOf(3)).toBeNull()
    expect((await rig().reopen()).revision()).toEqual(stored)
  })

  test('one that fails does not undo its neighbours', async () => {
    const { journal } = rig()
    const good = [newIntake(), newIntake(), newIntake()]
    const twice = { ...newIntake({ deliveries: [newDelivery('x/y'), newDelivery('x/z')] }), id: good[0]!.id }
    const results = await Promise.allSettled([
      journal.commit([good[0]!]),
      journal.commit([twice]),
      journal.commit([good[1]!, { ...newIntake(), deliveries: [good[0]!.deliveries[0]!] }]),
      journal.commit([good[2]!]),
    ])
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected', 'fulfilled'])
    expect(results[1]).toMatchObject({ reason: { code: 'INTERNAL' } })
    expect(await journal.counts()).toMatchObject({ received: 2, inFlight: 2 })
    expect(ids(await journal.queue('chu-nantes/dpi', 0, 10))).toEqual([first(good[0]!), first(good[2]!)])
    expect([...(await journal.counts()).destinations.keys()]).toEqual(['chu-nantes/dpi'])
    expect(await journal.state(good[1]!.id)).toBeNull()
  })

  test.each([
    ['platform only', ['delivered'], 'closed'],
    ['none', [], 'closed'],
    ['one of two queued', ['delivered', 'queued'], 'inFlight'],
    ['parked for safety', ['poisoned', 'queued'], 'parked'],
  ] as const)('state at once: %s', async (_name, states, state) => {
    const { journal } = rig()
    const deliveries = states.map((one, i) => newDelivery(`a/${i}`, { state: one, code: null }))
    const one = newIntake({ deliveries })
    await journal.commit([one])
    expect(await journal.state(one.id)).toBe(state)
    expect(await journal.counts()).toMatchObject({ received: 1, [state]: 1 })
  })

  test('positions: a reader that keeps up with concurrent commits sees each message once, in order', async () => {
    const { journal } = rig()
    const seen: string[] = []
    let after: string | null = null
    const commits = Array.from({ length: 300 }, (_, i) =>
      journal.commit([newIntake({ bytes: Buffer.alloc(i % 50 === 0 ? 70_000 : 10, i) })]),
    )
    const all = Promise.all(commits)
    const read = async () => {
      const entries = await journal.follow(after, 7)
      seen.push(...entries.map(({ id }) => id))
      after = entries.at(-1)?.position ?? after
      return entries.length
    }
    for (const commit of commits) {
      await commit
      await read()
    }
    const results = await all
    while ((await read()) > 0);
    expect(new Set(seen).size).toBe(300)
    expect(seen.toSorted()).toEqual(results.map((one) => receiptOf(one).messageId).toSorted())
    expect((await journal.follow(null, 1_000)).map(({ id }) => id)).toEqual(seen)
  })
}

function recordContract(rig: () => Rig): void {
  test('a delivery goes queued, sending, delivered; its message closes', async () => {
    const { journal } = rig()
    const one = newIntake({ deliveries: [newDelivery('a/b'), newDelivery('platform', { state: 'delivered' })] })
    await journal.commit([one])
    expect(await journal.record(newMove(first(one)))).toBe(true)
    expect(await journal.delivery(first(one))).toMatchObject({ state: 'sending', attempts: 1, holds: true })
    const attempt = {
      n: 1,
      startedAtMs: 1,
      endedAtMs: 2,
      outcome: 'delivered',
      code: null,
      answer: 'MSA-1 AA',
    } as const
    const done = newMove(first(one), { from: ['sending'], to: 'delivered', attempt })
    expect(await journal.record(done)).toBe(true)
    expect(await journal.record(done)).toBe(false)
    expect(await journal.delivery(first(one))).toMatchObject({ state: 'delivered', holds: false, held: false })
    expect(await journal.counts()).toMatchObject({ received: 1, closed: 1, inFlight: 0, parked: 0 })
    expect((await journal.counts()).destinations.get('a/b')).toEqual({
      open: 0,
      parked: 0,
      delivered: 1,
      oldestOpenAtMs: null,
    })
    expect((await journal.counts()).destinations.get('platform')).toMatchObject({ delivered: 1 })
  })

  test.each([
    ['not in a from state', ['sending'], 'delivered'],
    ['no legal move', ['queued'], 'delivered'],
    ['already there', ['queued'], 'queued'],
  ] as const)('refused and nothing changed: %s', async (_name, from, to) => {
    const { journal } = rig()
    const one = newIntake()
    await journal.commit([one])
    const before = await journal.delivery(first(one))
    const events = [personEvent('resend')]
    expect(await journal.record(newMove(first(one), { from, to, events, attempts: 9 }))).toBe(false)
    expect(await journal.record(newMove(nextId(), { from, to, events }))).toBe(false)
    expect(await journal.delivery(first(one))).toEqual(before)
    expect(await journal.read({ sql: 'SELECT * FROM event', parameters: [] })).toEqual([])
  })

  test('skip keeps the state and lets the keys go; resend takes them again', async () => {
    const { journal } = rig()
    const one = newIntake({ orderKeys: ['ch-laval:k'] })
    await journal.commit([one])
    await journal.record(newMove(first(one)))
    await journal.record(newMove(first(one), { from: ['sending'], to: 'refused', held: true, code: 'ACK_REJECT' }))
    expect(await journal.state(one.id)).toBe('parked')
    expect(ids(await journal.earlier('chu-nantes/dpi', ['ch-laval:k'], 99, 9))).toEqual([first(one)])
    const skip = newMove(first(one), {
      from: ['refused'],
      to: null,
      held: true,
      holds: false,
      events: [personEvent('skip')],
    })
    expect(await journal.record(skip)).toBe(true)
    expect(await journal.delivery(first(one))).toMatchObject({ state: 'refused', holds: false })
    expect(await journal.earlier('chu-nantes/dpi', ['ch-laval:k'], 99, 9)).toEqual([])
    expect(await journal.queue('chu-nantes/dpi', 0, 9)).toEqual([])
    await journal.record(newMove(first(one), { from: ['refused'], to: 'queued', events: [personEvent('resend')] }))
    expect(ids(await journal.earlier('chu-nantes/dpi', ['ch-laval:k'], 99, 9))).toEqual([first(one)])
    expect((await journal.counts()).destinations.get('chu-nantes/dpi')?.oldestOpenAtMs).toBe(rig().nowMs)
  })

  test('findings are added once each', async () => {
    const { journal } = rig()
    const found = { code: 'SEGMENT_END', class: 'form' } as const
    const late = { code: 'ORDER_OVERTAKEN', class: 'safety', at: 'chu-nantes/dpi' } as const
    const one = newIntake({ findings: [found] })
    await journal.commit([one])
    await journal.record(newMove(first(one), { findings: [late, found] }))
    expect((await journal.follow(null, 1))[0]?.findings).toEqual([found, late])
  })

  test('listeners hear of what is queued and of what a person changed, after the commit', async () => {
    const { journal } = rig()
    const heard: QueueEntry[] = []
    const turns: (() => void)[] = []
    const heardMore = () => new Promise<void>((resolve) => turns.push(resolve))
    journal.watch(({ entries }) => {
      heard.push(...entries)
      for (const turn of turns.splice(0)) turn()
    })
    const one = newIntake({
      orderKeys: ['d:k'],
      deliveries: [newDelivery('a/b'), newDelivery('platform', { state: 'delivered' })],
    })
    const clash = newIntake({ deliveries: [newDelivery('a/b', { id: first(one) })] })
    const failing = () => journal.commit([newIntake(), clash]).catch((error) => error.code)
    await Promise.all([heardMore(), journal.commit([one]), failing()])
    expect(heard).toEqual([await journal.delivery(first(one))])
    await journal.record(newMove(first(one)))
    await journal.record(newMove(first(one), { from: ['sending'], to: 'refused' }))
    const resend = newMove(first(one), { from: ['refused'], to: 'queued', events: [personEvent('resend')] })
    await Promise.all([heardMore(), journal.record(resend)])
    expect(heard.map(({ state }) => state)).toEqual(['queued', 'queued'])
  })
}

function applyContract(rig: () => Rig): void {
  test('cursor: of two racing effects one wins', async () => {
    const { journal } = rig()
    expect(await journal.cursor('cases')).toBeNull()
    const race = (from: string | null, to: string) => journal.apply({ cursor: { follower: 'cases', from, to } })
    expect(await Promise.all([race(null, '1'), race(null, '2')])).toEqual([true, false])
    expect(await Promise.all([race('1', '5'), race('1', '4'), race('5', '6')])).toEqual([true, false, true])
    expect(await (await rig().reopen()).cursor('cases')).toBe('6')
  })

  test('a timer fires once', async () => {
    const { journal } = rig()
    const timer = (id: string, dueAtMs: number) => ({ id, follower: 'cases', dueAtMs, payload: '{}' })
    await journal.apply({ timers: [timer('b', 20), timer('a', 10), timer('c', 30)] })
    expect(await journal.nextDueMs()).toBe(10)
    expect((await journal.due(20, 9)).map(({ id }) => id)).toEqual(['a', 'b'])
    expect(await Promise.all([journal.apply({ fired: ['a'] }), journal.apply({ fired: ['a'] })])).toEqual([true, false])
    expect(await journal.apply({ fired: ['b', 'a'] })).toBe(false)
    expect((await journal.due(99, 1)).map(({ id }) => id)).toEqual(['b'])
  })

  test('an urgent delivery brings its alert', async () => {
    const { journal } = rig()
    const one = newIntake({ deliveries: [newDelivery('a/b', { lane: 'urgent', alertAtMs: 77 })] })
    await journal.commit([one])
    const [timer] = await journal.due(77, 9)
    expect(timer).toMatchObject({ id: `alert:${first(one)}`, follower: 'alerts' })
    expect(JSON.parse(timer!.payload)).toEqual({ delivery: first(one), message: one.id })
  })

  const undone: [name: string, effect: (known: Intake) => Parameters<Journal['apply']>[0]][] = [
    ['row count', () => ({ rows: [{ sql: 'DELETE FROM resource', parameters: [], rows: 1 }] })],
    ['cursor', () => ({ cursor: { follower: 'f', from: '3', to: '4' } })],
    ['repeat key in use', (known) => ({ arrivals: [newIntake(), newIntake({ controlId: known.controlId })] })],
    ['stale arrival', () => ({ arrivals: [newIntake({ revision: 9 })] })],
    ['timer there already', () => ({ timers: [{ id: 't', follower: 'f', dueAtMs: 1, payload: '' }] })],
    ['message unknown', () => ({ deliveries: [{ messageId: nextId(), delivery: newDelivery('a/b') }] })],
    ['delivery there already', (known) => ({ deliveries: [{ messageId: known.id, delivery: known.deliveries[0]! }] })],
  ]
  test.each(undone)('all of it or nothing: %s', async (_name, effect) => {
    const { journal } = rig()
    const known = newIntake()
    await journal.commit([known])
    await journal.apply({ timers: [{ id: 't', follower: 'f', dueAtMs: 1, payload: '' }] })
    const insert =
      'INSERT INTO resource (type, id, version, owner, message, updated_at_ms, deleted) VALUES (?, ?, 1, ?, ?, 1, 0)'
    const good = {
      fired: ['t'],
      timers: [{ id: 'u', follower: 'f', dueAtMs: 2, payload: '' }],
      rows: [{ sql: insert, parameters: ['Task', 'r1', 'ch-laval', known.id], rows: 1 }],
      events: [personEvent('replay')],
      arrivals: [newIntake()],
      deliveries: [{ messageId: known.id, delivery: newDelivery('a/b') }],
    }
    const bad = effect(known)
    const mixed = {
      ...good,
      ...bad,
      fired: bad.timers ? [] : good.fired,
      timers: [...good.timers, ...(bad.timers ?? [])],
      rows: [...good.rows, ...(bad.rows?.map((row) => ({ ...row, rows: 2 })) ?? [])],
      arrivals: [...good.arrivals, ...(bad.arrivals ?? [])],
      deliveries: [...good.deliveries, ...(bad.deliveries ?? [])],
    }
    const before = await journal.counts()
    expect(await journal.apply(mixed)).toBe(false)
    expect(await journal.counts()).toEqual(before)
    expect((await journal.due(99, 9)).map(({ id }) => id)).toEqual(['t'])
    expect(await journal.read({ sql: 'SELECT id FROM resource', parameters: [] })).toEqual([])
    expect((await journal.follow(null, 9)).map(({ id }) => id)).toEqual([known.id])
    expect(await journal.apply(good)).toBe(true)
    expect(await journal.counts()).toMatchObject({ received: 2, inFlight: 2 })
    expect((await journal.verify(null)).damaged).toEqual([])
  })

  test('a replay brings a closed message back in flight, and says what it replays', async () => {
    const { journal } = rig()
    const one = newIntake({ orderKeys: ['d:k'] })
    await journal.commit([one])
    await journal.record(newMove(first(one)))
    await journal.record(newMove(first(one), { from: ['sending'], to: 'delivered' }))
    const delivery = newDelivery('chu-nantes/dpi', { replayOf: first(one) })
    expect(await journal.apply({ deliveries: [{ messageId: one.id, delivery }] })).toBe(true)
    expect(await journal.state(one.id)).toBe('inFlight')
    expect(await journal.counts()).toMatchObject({ received: 1, closed: 0, inFlight: 1 })
    expect(await journal.queue('chu-nantes/dpi', 0, 9)).toMatchObject([
      { id: delivery.id, keys: ['d:k'], messageId: one.id, isReplay: true },
    ])
  })

  test('a value of the wrong type is a fault, never bound by name', async () => {
    const parameters = [{ a: 1 }] as unknown as string[]
    const { journal } = rig()
    const wrong = journal.apply({ rows: [{ sql: 'DELETE FROM resource WHERE id = $a', parameters }] })
    await expect(wrong).rejects.toMatchObject({ code: 'INTERNAL' })
  })
}
