/** The second half of the contract of a store: its queue, what it keeps, and what a restart finds. */
import { expect, test } from 'vitest'
import type { Committed, Intake, Journal, QueueEntry } from '../../src/core/journal.ts'
import type { MessageId, Receipt } from '../../src/core/message.ts'
import { newDelivery, newIntake, newMove, newRefused, personEvent } from '../journal/made.ts'

/** A journal under test and what a test may do to it. */
export interface Rig {
  journal: Journal
  /** The wall clock of the journal. */
  nowMs: number
  refusedMaxBytes: number
  /** Closes and opens again; `checkLast` 0: without checking what is there. */
  reopen(checkLast?: number): Promise<Journal>
  /** Closes, and flips one bit where these bytes stand. */
  damage(bytes: Uint8Array): Promise<void>
  end(): Promise<void>
}

/** The receipt of a commit that must have one. */
export function receiptOf(committed: Committed): Receipt {
  if (committed.kind !== 'committed' && committed.kind !== 'repeat') throw new Error(`no receipt: ${committed.kind}`)
  return committed.receipt
}

/** Ids of entries, in their order. */
export const ids = (entries: readonly QueueEntry[]): string[] => entries.map(({ id }) => id)
/** Id of the first delivery of an intake. */
export const first = (intake: Intake): string => intake.deliveries[0]!.id

/** The whole body of a message. */
export async function bytesOf(journal: Journal, id: MessageId): Promise<Buffer> {
  return Buffer.concat(await Array.fromAsync((await journal.body(id)).open()))
}

/** The reads of the dispatcher. */
export function queueContract(rig: () => Rig): void {
  test('order, pages, lanes; what is parked and skipped is left out', async () => {
    const { journal } = rig()
    const made = Array.from({ length: 6 }, (_, i) =>
      newIntake({ deliveries: [newDelivery('a/b', { lane: i % 2 ? 'urgent' : 'normal' }), newDelivery('a/c')] }),
    )
    for (const one of made) await journal.commit([one])
    const all = await journal.queue('a/b', 0, 99)
    expect(ids(all)).toEqual(made.map(first))
    expect(all.map(({ seq }) => seq)).toEqual(all.map(({ seq }) => seq).toSorted((a, b) => a - b))
    expect(ids(await journal.queue('a/b', all[1]!.seq, 2))).toEqual(made.slice(2, 4).map(first))
    expect(ids(await journal.urgent('a/b', 0, 99))).toEqual([made[1]!, made[3]!, made[5]!].map(first))
    await journal.record(newMove(first(made[0]!), { to: 'expired', holds: false }))
    await journal.record(newMove(first(made[1]!), { to: 'expired', holds: true }))
    expect(ids(await journal.queue('a/b', 0, 2))).toEqual([made[1]!, made[2]!].map(first))
    expect(ids(await journal.urgent('a/b', 0, 1))).toEqual([first(made[3]!)])
    expect((await journal.counts()).destinations.get('a/b')).toMatchObject({ open: 4, parked: 2 })
  })

  test('earlier: same destination, a shared key, before, newest first, bounded', async () => {
    const { journal } = rig()
    const keys = [['d:1'], ['d:2', 'd:1'], ['d:3'], [], ['d:1', 'd:1'], ['e:1']]
    const made = keys.map((orderKeys) => newIntake({ orderKeys, deliveries: [newDelivery('a/b'), newDelivery('a/c')] }))
    for (const one of made) await journal.commit([one])
    const seqs = new Map((await journal.queue('a/b', 0, 99)).map(({ id, seq }) => [id, seq]))
    const before = (i: number) => seqs.get(first(made[i]!))!
    const earlier = async (of: string[], i: number, limit = 9) =>
      ids(await journal.earlier('a/b', of, before(i), limit))
    expect(await earlier(['d:1'], 5)).toEqual([made[4]!, made[1]!, made[0]!].map(first))
    expect(await earlier(['d:1', 'd:2', 'd:3'], 4)).toEqual([made[2]!, made[1]!, made[0]!].map(first))
    expect(await earlier(['d:1', 'd:2'], 5, 2)).toEqual([made[4]!, made[1]!].map(first))
    expect(await earlier(['d:1'], 0)).toEqual([])
    await journal.record(newMove(first(made[1]!), { to: 'closed' }))
    expect(await earlier(['d:1'], 5)).toEqual([made[4]!, made[0]!].map(first))
  })

  test('the oldest open delivery is known however it came to be open', async () => {
    const made = [newIntake(), newIntake(), newIntake()]
    const t0 = rig().nowMs
    for (const one of made) {
      await rig().journal.commit([one])
      rig().nowMs += 1_000
    }
    const { journal } = rig()
    const oldest = async () => (await journal.counts()).destinations.get('chu-nantes/dpi')?.oldestOpenAtMs
    expect(await oldest()).toBe(t0)
    for (const one of made.slice(0, 2)) await journal.record(newMove(first(one), { to: 'expired' }))
    expect(await oldest()).toBe(t0 + 2_000)
    await journal.record(newMove(first(made[0]!), { from: ['expired'], to: 'queued', events: [personEvent('resend')] }))
    expect(await oldest()).toBe(t0)
    await journal.record(newMove(first(made[0]!), { to: 'closed' }))
    await journal.record(newMove(first(made[2]!), { to: 'closed' }))
    expect(await oldest()).toBeNull()
  })

  test('whose route edits a delivery: who routed the message, until a person sends it again or makes another of it', async () => {
    const made = newIntake({ deliveries: [newDelivery('a/b'), newDelivery('a/c')] })
    const [sentAgain, left] = made.deliveries.map(({ id }) => id) as [string, string]
    await rig().journal.commit([made])
    const parked = newMove(sentAgain, { to: 'poisoned', held: true })
    await rig().journal.record(parked)
    await rig().journal.record(newMove(sentAgain, { from: ['poisoned'], to: 'queued', revision: made.revision + 2 }))
    // What comes of an attempt leaves it as it is.
    await rig().journal.record(newMove(sentAgain, { from: ['queued'], to: null, attempts: 1 }))
    const replay = newDelivery('a/b', { replayOf: left, revision: made.revision + 1 })
    await rig().journal.apply({ deliveries: [{ messageId: made.id, delivery: replay }] })
    const revisions = async () =>
      Promise.all([sentAgain, left, replay.id].map(async (id) => (await rig().journal.delivery(id))?.revision))
    const expected = [made.revision + 2, made.revision, made.revision + 1]
    expect(await revisions()).toEqual(expected)
    await rig().reopen()
    expect(await revisions()).toEqual(expected)
    expect((await rig().journal.queue('a/b', 0, 9)).map(({ revision }) => revision)).toEqual([expected[0], expected[2]])
  })

  test('sent: by MSH-10 and establishment, newest first', async () => {
    const { journal } = rig()
    const to = (destination: string) =>
      newIntake({ controlId: 'SAME', repeatKey: null, deliveries: [newDelivery(destination)] })
    const made = ['chu/a', 'chu-nantes/a', 'chu/b', 'chux/a'].map(to)
    for (const one of made) await journal.commit([one])
    expect((await journal.sent('chu', 'SAME')).map(({ deliveryId }) => deliveryId)).toEqual([
      first(made[2]!),
      first(made[0]!),
    ])
    expect(await journal.sent('chu', 'OTHER')).toEqual([])
  })
}

/** Bodies, checksums and what was refused. */
export function keepContract(rig: () => Rig): void {
  test.each([0, 1, 65_536, 65_537, 5_000_000])('a body of %i bytes comes back whole, in chunks', async (size) => {
    const bytes = Buffer.alloc(size, 'passerelle ')
    const one = newIntake({ bytes })
    await rig().journal.commit([one])
    const journal = await rig().reopen()
    const body = await journal.body(one.id)
    expect(body).toMatchObject({ bytes: size, keyId: 0 })
    const chunks = await Array.fromAsync(body.open())
    expect(Buffer.concat(chunks).equals(bytes)).toBe(true)
    expect(chunks.every(({ length }) => length <= 65_536)).toBe(true)
    expect((await journal.verify(null)).damaged).toEqual([])
  })

  test.each([2_000, 100_000])('a flipped bit in a body of %i bytes is found', async (size) => {
    const bytes = Buffer.alloc(size, 'a body that is flipped ')
    const [good, one] = [newIntake(), newIntake({ bytes })]
    await rig().journal.commit([good])
    await rig().journal.commit([one])
    await rig().damage(bytes.subarray(0, 100))
    await expect(rig().reopen()).rejects.toMatchObject({
      code: 'STORE_DAMAGED',
      message: expect.stringContaining(one.id),
    })
    const journal = await rig().reopen(0)
    expect(await journal.verify(1)).toEqual({ checked: 1, damaged: [one.id] })
    expect(await journal.verify(null)).toEqual({ checked: 2, damaged: [one.id] })
    await expect(bytesOf(journal, one.id)).rejects.toMatchObject({ code: 'BODY_DAMAGED' })
  })

  test('a large commit: every body of it comes back, each whole and under its own id', async () => {
    const sizes = [0, 1, 4_095, 4_096, 4_097, 65_536, 65_537, ...Array<number>(60).fill(30_000)]
    const made = sizes.map((size, i) => newIntake({ bytes: Buffer.alloc(size, `${i} of many `) }))
    expect((await rig().journal.commit(made as [Intake, ...Intake[]])).kind).toBe('committed')
    const journal = await rig().reopen()
    for (const { id, bytes } of made) expect((await bytesOf(journal, id)).equals(Buffer.from(bytes))).toBe(true)
    expect(await journal.verify(null)).toEqual({ checked: made.length, damaged: [] })
    expect(await journal.counts()).toMatchObject({ received: made.length, inFlight: made.length })
  })

  test('a flipped bit in a middling body of a large commit is found', async () => {
    const made = Array.from({ length: 60 }, (_, i) => newIntake({ bytes: Buffer.alloc(30_000, `middling ${i}. `) }))
    await rig().journal.commit(made as [Intake, ...Intake[]])
    await rig().damage(made[42]!.bytes.subarray(0, 100))
    expect((await (await rig().reopen(0)).verify(null)).damaged).toEqual([made[42]!.id])
  })

  test('a flipped bit in a record is found', async () => {
    const one = newIntake({ application: 'FLIP-ME-HERE', repeatKey: null })
    await rig().journal.commit([one])
    await rig().damage(Buffer.from('FLIP-ME-HERE'))
    expect((await (await rig().reopen(0)).verify(null)).damaged).toEqual([one.id])
  })

  test('refusals: kept within the budget, the oldest go first, all are counted', async () => {
    rig().refusedMaxBytes = 250_000
    const sizes = [60_000, 100_000, 60_000, 70_000, 10_000]
    const made = sizes.map(newRefused)
    for (const one of made) expect(await rig().journal.refuse(one)).toBe(true)
    const journal = await rig().reopen()
    const kept = await journal.read<{ id: string; head: number }>({
      sql: 'SELECT id, length(data) AS head FROM refusal ORDER BY seq',
      parameters: [],
    })
    expect(kept.map(({ id }) => id)).toEqual(made.slice(1).map(({ id }) => id))
    // Whoever looks at headers needs no body.
    expect(kept.map(({ head }) => Number(head))).toEqual([4_096, 60_000, 4_096, 10_000])
    expect(await journal.counts()).toMatchObject({ refused: 5, received: 0 })
    expect((await journal.verify(null)).damaged).toEqual([])
  })
}

/** What a start finds and puts right. */
export function restartContract(rig: () => Rig): void {
  test('sending becomes unknown, due now, with an attempt that says CRASHED; the secret stays', async () => {
    const [going, waiting] = [newIntake({ orderKeys: ['d:k'] }), newIntake()]
    const { secret } = rig().journal
    await rig().journal.commit([going])
    await rig().journal.commit([waiting])
    await rig().journal.record(newMove(first(going), { attempts: 3 }))
    rig().nowMs += 5_000
    const journal = await rig().reopen()
    const found = { state: 'unknown', held: false, holds: true, dueAtMs: rig().nowMs, lastCode: 'CRASHED', attempts: 3 }
    expect(await journal.delivery(first(going))).toMatchObject(found)
    expect(await journal.delivery(first(waiting))).toMatchObject({ state: 'queued' })
    const attempts = await journal.read({ sql: 'SELECT n, outcome, code FROM attempt', parameters: [] })
    expect(attempts).toEqual([{ n: 3, outcome: 'unknown', code: 'CRASHED' }])
    expect(await journal.counts()).toMatchObject({ received: 2, inFlight: 2 })
    expect(journal.secret).toEqual(secret)
    expect(secret.length).toBe(32)
  })

  const crashes: [name: string, marks: ('one' | 'both' | 'none' | 'other' | 'over')[], state: string][] = [
    ['alone at two crashes in a row', ['one', 'one'], 'poisoned'],
    ['alone once', ['one'], 'queued'],
    ['never alone', ['both', 'both', 'both'], 'queued'],
    ['another one in between', ['one', 'other', 'one'], 'queued'],
    ['done in between', ['one', 'over', 'one'], 'queued'],
    ['a quiet start in between', ['one', 'none', 'one'], 'poisoned'],
  ]
  test.each(crashes)('poison: %s', async (_name, marks, state) => {
    const [one, other] = [newIntake(), newIntake()]
    await rig().journal.commit([one])
    await rig().journal.commit([other])
    for (const mark of marks) {
      const { journal } = rig()
      if (mark === 'one' || mark === 'both' || mark === 'over') await journal.processing(first(one), true)
      if (mark === 'other' || mark === 'both') await journal.processing(first(other), true)
      if (mark === 'over') await journal.processing(first(one), false)
      await rig().reopen()
    }
    const { journal } = rig()
    expect(await journal.delivery(first(one))).toMatchObject({ state, held: state === 'poisoned' })
    expect(await journal.delivery(first(other))).toMatchObject({ state: 'queued' })
    expect(await journal.counts()).toMatchObject(
      state === 'poisoned' ? { parked: 1, inFlight: 1 } : { parked: 0, inFlight: 2 },
    )
    expect((await journal.verify(null)).damaged).toEqual([])
  })

  test('positions and order go on where they were', async () => {
    const before = newIntake()
    await rig().journal.commit([before])
    const journal = await rig().reopen()
    const after = newIntake()
    await journal.commit([after])
    expect((await journal.follow(null, 9)).map(({ id }) => id)).toEqual([before.id, after.id])
    expect(ids(await journal.queue('chu-nantes/dpi', 0, 9))).toEqual([first(before), first(after)])
  })

  test('closing twice is harmless; afterwards nothing is taken', async () => {
    const { journal } = rig()
    await Promise.all([journal.close(), journal.close()])
    await expect(journal.commit([newIntake()])).rejects.toMatchObject({ code: 'DRAINING' })
  })
}
