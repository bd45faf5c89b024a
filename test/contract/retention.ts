/** What every store must do about retention and the slow check. A new store's test file is one call. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Intake, Journal, Purged } from '../../src/core/journal.ts'
import { newDelivery, newIntake, newMove, newRefused, personEvent } from '../journal/made.ts'
import { bytesOf, first, type Rig, receiptOf } from './journal-keeping.ts'

const DAY_MS = 86_400_000
/** Delivered to the platform alone, so closed from the start. */
const closed = () => ({ deliveries: [newDelivery('platform', { state: 'delivered' })] })

/** Runs the suite on the store that `make` gives. */
export function retentionContract(name: string, make: () => Promise<Rig>): void {
  let rig: Rig
  beforeEach(async () => {
    rig = await make()
  })
  afterEach(() => rig.end())
  describe(`${name}: purge`, () => purgeContract(() => rig))
  describe(`${name}: erase`, () => eraseContract(() => rig))
  describe(`${name}: inspect`, () => inspectContract(() => rig))
}

/** Everything due `days` from the start, slice by slice. */
async function purgeAll(journal: Journal, nowMs: number, days: number, maxRows = 100): Promise<readonly Purged[]> {
  const beforeMs = nowMs - days * DAY_MS
  const slices: Purged[] = []
  do
    slices.push(
      await journal.purge({ closedBeforeMs: beforeMs, refusedBeforeMs: beforeMs }, slices.at(-1)?.at ?? null, maxRows),
    )
  while (!slices.at(-1)!.done)
  return slices
}

const total = (slices: readonly Purged[]): number => slices.reduce((sum, { messages }) => sum + messages, 0)

async function deliver(journal: Journal, one: Intake, atMs: number): Promise<void> {
  await journal.record(newMove(first(one), { atMs }))
  const attempt = { n: 1, startedAtMs: atMs, endedAtMs: atMs, outcome: 'delivered', code: null, answer: 'AA' } as const
  await journal.record(newMove(first(one), { from: ['sending'], to: 'delivered', holds: false, atMs, attempt }))
}

function purgeContract(rig: () => Rig): void {
  test('a closed message goes with its body; it stays counted, and a repeat of it stays one', async () => {
    const { journal } = rig()
    const one = newIntake({ ...closed(), patientKeys: ['k1'], orderKeys: ['d:k1'] })
    await journal.commit([one])
    await journal.apply({ events: [personEvent('read-body', { message: one.id })] })
    rig().nowMs += 31 * DAY_MS - 1
    const other = newIntake(closed())
    await journal.commit([other])
    const slices = await purgeAll(journal, rig().nowMs, 30)
    expect(total(slices)).toBe(1)
    expect(slices.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(one.bytes.length)
    expect(await journal.state(one.id)).toBeNull()
    await expect(journal.body(one.id)).rejects.toMatchObject({ code: 'NOT_FOUND' })
    expect(await journal.deliveriesOf(one.id)).toEqual([])
    expect(await bytesOf(journal, other.id)).toEqual(Buffer.from(other.bytes))
    expect(await journal.counts()).toMatchObject({ received: 2, closed: 2, inFlight: 0, parked: 0, purged: 1 })
    expect(await journal.read({ sql: 'SELECT what FROM event', parameters: [] })).toEqual([{ what: 'read-body' }])

    const reopened = await rig().reopen()
    expect(await reopened.counts()).toMatchObject({ received: 2, closed: 2, purged: 1 })
    const next = newIntake()
    expect(receiptOf(await reopened.commit([next])).repeat).toBe(false)
    expect((await reopened.follow(null, 9)).map(({ id }) => id)).toEqual([other.id, next.id])
    expect(await reopened.verify(null)).toEqual({ checked: 2, damaged: [] })
  })

  test('a large commit goes as a small one does, body by body', async () => {
    const { journal } = rig()
    const made = Array.from({ length: 60 }, () => newIntake({ ...closed(), bytes: Buffer.alloc(30_000, 'due ') }))
    await journal.commit(made as [Intake, ...Intake[]])
    rig().nowMs += 31 * DAY_MS
    const slices = await purgeAll(journal, rig().nowMs, 30, 25)
    expect(total(slices)).toBe(60)
    expect(slices.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(60 * 30_000)
    await expect(journal.body(made[0]!.id)).rejects.toMatchObject({ code: 'NOT_FOUND' })
    expect(await (await rig().reopen()).verify(null)).toEqual({ checked: 0, damaged: [] })
  })

  test('within 30 days a repeat of what retention has removed is answered as before', async () => {
    const { journal } = rig()
    const one = newIntake(closed())
    await journal.commit([one])
    rig().nowMs += 10 * DAY_MS
    expect(total(await purgeAll(journal, rig().nowMs, 5))).toBe(1)
    const again = await journal.commit([newIntake({ ...closed(), controlId: one.controlId, bytes: one.bytes })])
    expect(receiptOf(again)).toMatchObject({ messageId: one.id, repeat: true, answer: one.answer })
    rig().nowMs += 21 * DAY_MS
    await purgeAll(journal, rig().nowMs, 5)
    expect(await journal.read({ sql: 'SELECT repeat_key FROM repeat', parameters: [] })).toEqual([])
  })

  test.each<
    [name: string, intake: Partial<Intake>, prepare: ((journal: Journal, one: Intake, nowMs: number) => unknown) | null]
  >([
    ['in flight', {}, null],
    ['parked', { deliveries: [newDelivery('a/b', { state: 'poisoned', code: 'POISONED' })] }, null],
    [
      'one delivery of two open',
      { deliveries: [newDelivery('platform', { state: 'delivered' }), newDelivery('a/b')] },
      null,
    ],
    ['closed a day ago', {}, (journal, one, nowMs) => deliver(journal, one, nowMs - DAY_MS)],
    [
      'the current version of a resource',
      { ...closed(), kind: 'Patient' },
      (journal, one) =>
        journal.apply({
          rows: [
            {
              sql: `INSERT INTO resource (type, id, version, owner, message, updated_at_ms, deleted)
                VALUES ('Patient', 'p1', 1, 'ch-laval', ?, 0, 0)`,
              parameters: [one.id],
              rows: 1,
            },
          ],
        }),
    ],
  ])('never: %s', async (_name, changes, prepare) => {
    const { journal } = rig()
    const one = newIntake(changes)
    await journal.commit([one])
    rig().nowMs += 400 * DAY_MS
    await prepare?.(journal, one, rig().nowMs)
    const state = await journal.state(one.id)
    expect(total(await purgeAll(journal, rig().nowMs, 30))).toBe(0)
    expect(await journal.state(one.id)).toBe(state)
    expect(await bytesOf(journal, one.id)).toEqual(Buffer.from(one.bytes))
    expect((await journal.verify(null)).damaged).toEqual([])
  })

  test('slices are bounded, go on where the last one ended, and pass over what must stay', async () => {
    const { journal } = rig()
    const made = Array.from({ length: 11 }, (_, i) => newIntake(i % 5 === 0 ? {} : closed()))
    for (const one of made) await journal.commit([one])
    rig().nowMs += 31 * DAY_MS
    const slices = await purgeAll(journal, rig().nowMs, 30, 3)
    expect(slices.length).toBeGreaterThanOrEqual(4)
    expect(Math.max(...slices.map(({ messages }) => messages))).toBe(3)
    expect(total(slices)).toBe(8)
    expect((await journal.follow(null, 99)).map(({ id }) => id)).toEqual([made[0], made[5], made[10]].map((m) => m!.id))
    expect(await journal.counts()).toMatchObject({ received: 11, closed: 8, inFlight: 3, purged: 8 })
  })

  test('what was refused goes after its own time, and its bytes are no longer counted', async () => {
    const { journal } = rig()
    await journal.refuse(newRefused(700))
    await journal.refuse({ ...newRefused(80_000), atMs: rig().nowMs + 2 * DAY_MS })
    const limits = { closedBeforeMs: 0, refusedBeforeMs: rig().nowMs + DAY_MS }
    expect(await journal.purge(limits, null, 100)).toMatchObject({ bytes: 700, messages: 0 })
    expect(await journal.read({ sql: 'SELECT bytes FROM refusal', parameters: [] })).toEqual([{ bytes: 80_000 }])
    expect((await journal.counts()).refused).toBe(2)
    expect((await journal.verify(null)).damaged).toEqual([])
  })
}

const RESOURCE = (message: string) => [
  {
    sql: `INSERT INTO resource (type, id, version, owner, message, updated_at_ms, deleted)
      VALUES ('Patient', 'p1', 1, 'ch-laval', ?, 0, 0)`,
    parameters: [message],
  },
  {
    sql: "INSERT INTO resource_index (type, id, name, value) VALUES ('Patient', 'p1', 'identifier', 'k1')",
    parameters: [],
  },
  {
    sql: `INSERT INTO resource_version (type, id, version, message, updated_at_ms) VALUES ('Patient', 'p1', 1, ?, 0)`,
    parameters: [message],
  },
]
const GONE = { sql: 'DELETE FROM patient_pseudonym WHERE search_key = ?', parameters: ['k1'], rows: 1 }
const left = (journal: Journal, table: string) =>
  journal.read<{ n: number }>({ sql: `SELECT count(*) AS n FROM ${table}`, parameters: [] })

function eraseContract(rig: () => Rig): void {
  test('closed messages go at any age, with bodies, keys and resources; counts and the check agree', async () => {
    const { journal } = rig()
    const one = newIntake({
      ...closed(),
      patientKeys: ['k1'],
      orderKeys: ['d:k1'],
      findings: [{ code: 'SEGMENT_END', class: 'form' }],
    })
    const large = newIntake({ ...closed(), patientKeys: ['k1'], bytes: Buffer.alloc(200_000, 'CANARI') })
    const other = newIntake({ ...closed(), patientKeys: ['k2'] })
    for (const intake of [{ ...one, rows: RESOURCE(one.id) }, large, other]) await journal.commit([intake])
    await journal.apply({ rows: [{ sql: "INSERT INTO patient_pseudonym VALUES ('k1', 'p')", parameters: [] }] })
    const done = await journal.erase({
      messages: [one.id, large.id],
      rows: [GONE],
      events: [personEvent('erase-patient')],
    })
    expect(done).toEqual({ messages: 2, bytes: one.bytes.length + 200_000, resources: 1 })
    for (const id of [one.id, large.id]) {
      expect(await journal.state(id)).toBeNull()
      await expect(journal.body(id)).rejects.toMatchObject({ code: 'NOT_FOUND' })
    }
    for (const table of ['resource', 'resource_index', 'resource_version', 'patient_pseudonym', 'message_finding'])
      expect([table, await left(journal, table)]).toEqual([table, [{ n: 0 }]])
    expect(await journal.counts()).toMatchObject({ received: 3, closed: 3, purged: 2 })
    expect(await journal.read({ sql: 'SELECT what FROM event', parameters: [] })).toEqual([{ what: 'erase-patient' }])
    const reopened = await rig().reopen()
    expect(await reopened.verify(null)).toEqual({ checked: 1, damaged: [] })
    expect((await reopened.follow(null, 9)).map(({ id }) => id)).toEqual([other.id])
  })

  test.each<[name: string, changes: Partial<Intake>]>([
    ['in flight', {}],
    ['parked', { deliveries: [newDelivery('a/b', { state: 'poisoned', code: 'POISONED' })] }],
  ])('nothing goes while one is %s, or not there, or a row is not as expected', async (_name, changes) => {
    const { journal } = rig()
    const [one, open] = [newIntake(closed()), newIntake(changes)]
    for (const intake of [one, open]) await journal.commit([intake])
    const events = [personEvent('erase-patient')]
    expect(await journal.erase({ messages: [one.id, open.id], rows: [], events })).toBeNull()
    expect(await journal.erase({ messages: [one.id, 'nobody'], rows: [], events })).toBeNull()
    expect(await journal.erase({ messages: [one.id], rows: [GONE], events })).toBeNull()
    expect(await bytesOf(journal, one.id)).toEqual(Buffer.from(one.bytes))
    expect(await left(journal, 'event')).toEqual([{ n: 0 }])
    expect(await journal.counts()).toMatchObject({ received: 2, closed: 1, purged: 0 })
    expect((await journal.verify(null)).damaged).toEqual([])
  })
}

function inspectContract(rig: () => Rig): void {
  test('slice by slice every record is read once, then it begins again', async () => {
    const { journal } = rig()
    for (let i = 0; i < 30; i++) await journal.commit([newIntake(i === 7 ? { bytes: Buffer.alloc(100_000, 66) } : {})])
    let at: string | null = null
    let checked = 0
    let slices = 0
    do {
      const slice = await journal.inspect(at, 0)
      expect(slice.damaged).toEqual([])
      checked += slice.checked
      slices += 1
      at = slice.at
    } while (at !== null)
    expect(checked).toBe(30)
    expect(slices).toBeGreaterThan(10)
  })

  test.each([
    ['a small body', 1_000],
    ['a large one', 200_000],
  ])('one bit changed in %s is found, and no other record is blamed', async (_name, bytes) => {
    const one = newIntake({ bytes: Buffer.alloc(bytes, 'ESSAI') })
    for (const intake of [newIntake(), one, newIntake()]) await rig().journal.commit([intake])
    await rig().damage(Buffer.from('ESSAIESSAIESSAI'))
    const journal = await rig().reopen(0)
    expect(await journal.inspect(null, 10_000)).toMatchObject({ checked: 3, damaged: [one.id], at: null })
  })
}
