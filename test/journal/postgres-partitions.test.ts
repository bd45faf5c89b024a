/** Days of messages as partitions: what retention takes away at once, and what it must not. */
import { hash, randomBytes } from 'node:crypto'
import pg from 'pg'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Intake, Journal, NewDelivery, Purged } from '../../src/core/journal.ts'
import { lockHead, settingsOf } from '../../src/pipeline/journal/postgres/connect.ts'
import { type DueDay, dropDay, dueDay } from '../../src/pipeline/journal/postgres/drop-day.ts'
import { openPostgresJournal } from '../../src/pipeline/journal/postgres/open.ts'
import { dayOf, daysThere, idAt } from '../../src/pipeline/journal/postgres/partitions.ts'
import { PARTITIONED } from '../../src/pipeline/journal/postgres/schema.ts'
import { bytesOf, first } from '../contract/journal-keeping.ts'
import { ask } from '../support/postgres/cluster.ts'
import { missingPostgres } from '../support/postgres/server.ts'
import { newDelivery, newIntake, newMove, newRefused } from './made.ts'
import { after, postgresOptions, postgresRig } from './postgres-rig.ts'

const need = missingPostgres()
const DAY_MS = 86_400_000
type PostgresRig = Awaited<ReturnType<typeof postgresRig>>

let made = 0
/** A new UUIDv7 of this time. */
function idOf(ms: number): string {
  made += 1
  return `${idAt(ms)}-7000-8000-${made.toString(16).padStart(12, '0')}`
}

const open = (ms: number): NewDelivery => newDelivery('chu-nantes/dpi', { id: idOf(ms) })
const done = (ms: number): NewDelivery => newDelivery('platform', { id: idOf(ms), state: 'delivered' })
const parked = (ms: number): NewDelivery =>
  newDelivery('chu-nantes/dpi', { id: idOf(ms), state: 'poisoned', code: 'POISONED' })

/** A message of that time with a finding and a patient; closed unless told. */
function intakeAt(ms: number, more: Partial<Intake> = {}): Intake {
  const id = idOf(ms)
  const findings = [{ code: 'SEGMENT_END', class: 'form' }] as const
  return newIntake({ id, deliveries: [done(ms)], patientKeys: [`k-${id}`], findings, ...more })
}

/** Bytes that no page makes smaller. */
const filling = (bytes: number): Buffer => randomBytes(bytes)

async function purgeAll(journal: Journal, beforeMs: number, refusedBeforeMs = 0): Promise<number> {
  let slice: Purged | null = null
  let messages = 0
  do {
    slice = await journal.purge({ closedBeforeMs: beforeMs, refusedBeforeMs }, slice?.at ?? null, 100)
    messages += slice.messages
  } while (!slice.done)
  return messages
}

describe.skipIf(need !== null)(`partitions by day${need === null ? '' : `: ${need}`}`, () => {
  let rig: PostgresRig
  let dayMs: number
  beforeEach(async () => {
    rig = await postgresRig({ fresh: true })
    dayMs = rig.nowMs
  })
  afterEach(() => rig.end())

  const days = async (): Promise<string[]> => {
    const client = new pg.Client({ connectionString: rig.url })
    await client.connect()
    const there = await daysThere(client)
    await client.end()
    return there.map(({ name }) => name)
  }
  const count = async (sql: string, ...values: unknown[]): Promise<number> =>
    Number((await ask(rig.url, `SELECT count(*) AS n FROM ${sql}`, values))[0]?.['n'])
  const onDisk = async (): Promise<number> => {
    const tables = PARTITIONED.map(({ table }) => `'${table}'`).join()
    const [row] = await ask(
      rig.url,
      `SELECT sum(pg_total_relation_size(inhrelid)) AS n FROM pg_inherits WHERE inhparent::regclass::text IN (${tables})`,
    )
    return Number(row?.['n'])
  }
  const pass = async (...intakes: readonly Intake[]): Promise<void> => {
    for (const one of intakes) expect(await rig.journal.commit([one])).toMatchObject({ kind: 'committed' })
  }
  const replay = async (one: Intake, atMs: number): Promise<void> => {
    const delivery = { ...done(atMs), replayOf: first(one) }
    rig.nowMs = atMs
    expect(await rig.journal.apply({ deliveries: [{ messageId: one.id, delivery }] })).toBe(true)
  }
  /** Everything that names a message that is not there. */
  const orphans = async (): Promise<Record<string, number>> => ({
    deliveries: await count('delivery d WHERE NOT EXISTS (SELECT 1 FROM message m WHERE m.id = d.message)'),
    attempts: await count('attempt a WHERE NOT EXISTS (SELECT 1 FROM delivery d WHERE d.id = a.delivery)'),
    bodies: await count('body b WHERE NOT EXISTS (SELECT 1 FROM message m WHERE m.id = b.message)'),
    keys: await count('message_key k WHERE NOT EXISTS (SELECT 1 FROM message m WHERE m.id = k.message)'),
    findings: await count('message_finding f WHERE NOT EXISTS (SELECT 1 FROM message m WHERE m.id = f.message)'),
  })
  const NONE = { deliveries: 0, attempts: 0, bodies: 0, keys: 0, findings: 0 }

  test('a day goes in one piece, and the disk has its room back', async () => {
    const bytes = filling(20_000)
    for (let i = 0; i < 5; i++) {
      const group = Array.from({ length: 20 }, () => rig.journal.commit([intakeAt(dayMs, { bytes })]))
      await Promise.all(group)
    }
    await pass(intakeAt(dayMs, { bytes: filling(300_000) }))
    const before = await onDisk()
    const kept = intakeAt(dayMs + 2 * DAY_MS)
    rig.nowMs = dayMs + 2 * DAY_MS
    await pass(kept)
    rig.nowMs = dayMs + 32 * DAY_MS
    expect(await purgeAll(rig.journal, rig.nowMs - 30 * DAY_MS)).toBe(101)
    expect(before - (await onDisk())).toBeGreaterThan(2_300_000)
    expect(await days()).toEqual(['20260316', '20260415', '20260416', '20260417'])
    expect(await count('message')).toBe(1)
    expect(await orphans()).toEqual(NONE)
    expect(await rig.journal.counts()).toMatchObject({ received: 102, closed: 102, inFlight: 0, purged: 101 })
    expect(await rig.journal.verify(null)).toEqual({ checked: 1, damaged: [] })
    expect(await bytesOf(rig.journal, kept.id)).toEqual(Buffer.from(kept.bytes))
  })

  const staying: [name: string, make: () => Intake, then?: (one: Intake) => Promise<unknown>][] = [
    ['in flight', () => intakeAt(dayMs, { deliveries: [open(dayMs), done(dayMs)] })],
    ['in flight, large', () => intakeAt(dayMs, { deliveries: [open(dayMs)], bytes: filling(600_000) })],
    ['parked', () => intakeAt(dayMs, { deliveries: [parked(dayMs)] })],
    ['parked, large', () => intakeAt(dayMs, { deliveries: [parked(dayMs)], bytes: filling(100_000) })],
    [
      'in use by a resource',
      () => intakeAt(dayMs, { kind: 'Patient', bytes: filling(100_000) }),
      (one) =>
        rig.journal.apply({
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
    ['replayed a day ago', () => intakeAt(dayMs), (one) => replay(one, dayMs + 31 * DAY_MS)],
  ]
  test.each(staying)('%s: stays with its body, deliveries, attempts, keys and findings', async (_name, make, then) => {
    const one = make()
    const gone = [intakeAt(dayMs), intakeAt(dayMs, { bytes: filling(100_000) })]
    await pass(gone[0]!, one, gone[1]!)
    const [delivery] = one.deliveries
    if (delivery?.state === 'queued') {
      await rig.journal.record(newMove(delivery.id))
      const attempt = {
        n: 1,
        startedAtMs: 1,
        endedAtMs: 2,
        outcome: 'retry',
        code: 'CONNECT_FAILED',
        answer: null,
      } as const
      const back = { from: ['sending'], to: 'queued', attempt } as const
      await rig.journal.record(newMove(delivery.id, back))
    }
    await then?.(one)
    const shape = async (): Promise<unknown> => ({
      message: await ask(rig.url, 'SELECT * FROM message WHERE id = $1', [one.id]),
      deliveries: await ask(rig.url, 'SELECT * FROM delivery WHERE message = $1 ORDER BY seq', [one.id]),
      attempts: await ask(
        rig.url,
        'SELECT a.* FROM attempt a JOIN delivery d ON d.id = a.delivery WHERE d.message = $1',
        [one.id],
      ),
      keys: await ask(rig.url, 'SELECT * FROM message_key WHERE message = $1', [one.id]),
      findings: await ask(rig.url, 'SELECT * FROM message_finding WHERE message = $1', [one.id]),
      body: hash('sha256', await bytesOf(rig.journal, one.id)),
    })
    const before = await shape()
    rig.nowMs = dayMs + 32 * DAY_MS
    expect(await purgeAll(rig.journal, rig.nowMs - 30 * DAY_MS)).toBe(2)
    expect(await days()).not.toContain('20260314')
    expect(await shape()).toEqual(before)
    expect(await orphans()).toEqual(NONE)
    expect(await count('body_chunk WHERE id <> $1', one.id)).toBe(0)
    expect(await rig.journal.counts()).toMatchObject({ received: 3, purged: 2 })
    expect(await rig.journal.verify(null)).toEqual({ checked: 1, damaged: [] })
    expect(await rig.journal.inspect(null, 1_000)).toMatchObject({ checked: 1, damaged: [] })
  })

  test('what stayed because it was open goes once it is closed and old, and so do its replays', async () => {
    const [one, replayed] = [intakeAt(dayMs, { deliveries: [open(dayMs)], bytes: filling(100_000) }), intakeAt(dayMs)]
    await pass(one, replayed)
    await replay(replayed, dayMs + 5 * DAY_MS)
    rig.nowMs = dayMs + 32 * DAY_MS
    expect(await purgeAll(rig.journal, rig.nowMs - 30 * DAY_MS)).toBe(0)
    await rig.journal.record(newMove(first(one), { to: 'closed', holds: false, atMs: rig.nowMs }))
    rig.nowMs += 31 * DAY_MS
    expect(await purgeAll(rig.journal, rig.nowMs - 30 * DAY_MS)).toBe(2)
    for (const table of ['message', 'body', 'body_chunk', 'delivery', 'attempt', 'message_key', 'message_finding'])
      expect([table, await count(table)]).toEqual([table, 0])
    expect((await rig.journal.verify(null)).damaged).toEqual([])
  })

  test('chunks of what was refused stay as long as the refusal', async () => {
    const refused = { ...newRefused(200_000), id: idOf(dayMs), atMs: dayMs + 20 * DAY_MS }
    await rig.journal.refuse(refused)
    await pass(intakeAt(dayMs))
    const chunks = () =>
      ask(rig.url, 'SELECT n, length(data) AS bytes FROM body_chunk WHERE id = $1 ORDER BY n', [refused.id])
    const before = await chunks()
    expect(before.length).toBeGreaterThan(0)
    rig.nowMs = dayMs + 32 * DAY_MS
    expect(await purgeAll(rig.journal, rig.nowMs - 30 * DAY_MS, dayMs)).toBe(1)
    expect(await days()).not.toContain('20260314')
    expect(await chunks()).toEqual(before)
    await purgeAll(rig.journal, rig.nowMs - 30 * DAY_MS, rig.nowMs)
    expect(await chunks()).toEqual([])
    expect((await rig.journal.verify(null)).damaged).toEqual([])
  })

  test('around midnight a message and its delivery may be of two days: neither day leaves anything behind', async () => {
    const midnightMs = Math.ceil(dayMs / DAY_MS) * DAY_MS
    const delivered = async (one: Intake): Promise<void> => {
      await rig.journal.record(newMove(first(one)))
      const attempt = { n: 1, startedAtMs: 1, endedAtMs: 2, outcome: 'delivered', code: null, answer: 'AA' } as const
      await rig.journal.record(newMove(first(one), { from: ['sending'], to: 'delivered', holds: false, attempt }))
    }
    const before = intakeAt(midnightMs - 1, { deliveries: [open(midnightMs)] })
    const late = intakeAt(midnightMs, { deliveries: [open(midnightMs - 1)] })
    await pass(before, late)
    for (const one of [before, late]) await delivered(one)
    rig.nowMs = midnightMs + 30 * DAY_MS
    expect(await purgeAll(rig.journal, rig.nowMs - 30 * DAY_MS)).toBe(1)
    expect(await rig.journal.deliveriesOf(late.id)).toMatchObject([{ id: first(late), state: 'delivered' }])
    expect(await orphans()).toEqual(NONE)
    rig.nowMs += DAY_MS
    expect(await purgeAll(rig.journal, rig.nowMs - 30 * DAY_MS)).toBe(1)
    expect([await count('delivery'), await count('attempt')]).toEqual([0, 0])
  })

  test('what came between the look at a day and its end stays', async () => {
    const [closed, replayed, sent] = [intakeAt(dayMs), intakeAt(dayMs), intakeAt(dayMs)]
    await pass(closed, replayed, sent)
    rig.nowMs = dayMs + 32 * DAY_MS
    const limitMs = rig.nowMs - 30 * DAY_MS
    const pool = new pg.Pool({ ...settingsOf(rig.url, 'test'), max: 1 })
    const due = await dueDay(pool, limitMs, rig.nowMs)
    await pool.end()
    expect(due).toMatchObject({ messages: 3, stays: [] })
    const late = intakeAt(dayMs)
    await pass(late)
    await replay(replayed, rig.nowMs)
    // To where it never went: it is no delivery's replay.
    const elsewhere = { messageId: sent.id, delivery: open(rig.nowMs) }
    expect(await rig.journal.apply({ deliveries: [elsewhere] })).toBe(true)
    const client = new pg.Client(settingsOf(rig.url, 'test'))
    await client.connect()
    await lockHead(client)
    expect(await dropDay(client, due as DueDay)).toMatchObject({ messages: 1 })
    await client.query('COMMIT')
    await client.end()
    expect((await ask(rig.url, 'SELECT id FROM message ORDER BY seq')).map(({ id }) => id)).toEqual([
      replayed.id,
      sent.id,
      late.id,
    ])
    expect(await orphans()).toEqual(NONE)
    expect(await rig.journal.queue(open(0).destination, 0, 10)).toMatchObject([{ id: elsewhere.delivery.id }])
    expect(await rig.journal.counts()).toMatchObject({ received: 4, closed: 3, inFlight: 1, purged: 1 })
    expect((await rig.journal.verify(null)).damaged).toEqual([])
  })

  test('a look at a day that the database ended leaves no broken connection behind', async () => {
    const { journal, url } = rig
    await journal.commit([intakeAt(dayMs)])
    const reader = new pg.Client(url)
    await reader.connect()
    await reader.query(`BEGIN; LOCK TABLE message_${dayOf(dayMs).name} IN ACCESS EXCLUSIVE MODE`)
    rig.nowMs = dayMs + 3 * DAY_MS
    const purging = journal.purge({ closedBeforeMs: rig.nowMs, refusedBeforeMs: 0 }, null, 100)
    purging.catch(() => {})
    // A full disk ends it as well, where it wants temporary files.
    const cancel = `SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE datname = current_database()
      AND wait_event_type = 'Lock' AND query LIKE '%FROM message_%'`
    await expect.poll(() => ask(url, cancel)).toHaveLength(1)
    await expect(purging).rejects.toMatchObject({ code: 'QUERY_TIMEOUT' })
    await reader.end()
    expect(await journal.follow(null, 10)).toHaveLength(1)
  })

  test('commits and reads go on while days go: nothing is lost, nothing is refused', async () => {
    for (const day of [0, 1, 2]) await pass(...Array.from({ length: 20 }, () => intakeAt(dayMs + day * DAY_MS)))
    rig.nowMs = dayMs + 33 * DAY_MS
    const kept: Intake[] = []
    let going = true
    const committing = (async () => {
      while (going) {
        const group = Array.from({ length: 5 }, () => intakeAt(rig.nowMs, { deliveries: [open(rig.nowMs)] }))
        kept.push(...group)
        const results = await Promise.all(group.map((one) => rig.journal.commit([one])))
        expect(results.map(({ kind }) => kind)).toEqual(group.map(() => 'committed'))
        expect(await rig.journal.state(group[0]!.id)).toBe('inFlight')
      }
    })()
    expect(await purgeAll(rig.journal, rig.nowMs - 30 * DAY_MS)).toBe(60)
    going = false
    await committing
    expect((await rig.journal.follow(null, 10_000)).map(({ id }) => id).toSorted()).toEqual(
      kept.map(({ id }) => id).toSorted(),
    )
    expect(await rig.journal.counts()).toMatchObject({ received: 60 + kept.length, inFlight: kept.length, purged: 60 })
    expect(await rig.journal.verify(null)).toEqual({ checked: kept.length, damaged: [] })
  })

  test('days are made ahead: what comes now and tomorrow has a partition of its own', async () => {
    expect(await days()).toEqual(['20260314', '20260315', '20260316'])
    rig.nowMs = dayMs + DAY_MS
    await purgeAll(rig.journal, 0)
    expect(await days()).toEqual(['20260314', '20260315', '20260316', '20260317'])
    await pass(intakeAt(dayMs + 3 * DAY_MS))
    expect(await count('message_20260317')).toBe(1)
    expect(await count('message_rest')).toBe(0)
  })

  test('a day that came before its partition stays in the rest, and goes from there row by row', async () => {
    const early = intakeAt(dayMs + 10 * DAY_MS)
    await pass(early)
    expect(await count('message_rest')).toBe(1)
    rig.nowMs = dayMs + 9 * DAY_MS
    await purgeAll(rig.journal, 0)
    expect(await days()).toEqual(['20260314', '20260315', '20260316', '20260323', '20260325'])
    const beside = intakeAt(dayMs + 10 * DAY_MS)
    await pass(beside)
    expect(await count('message_rest')).toBe(2)
    rig.nowMs = dayMs + 50 * DAY_MS
    expect(await purgeAll(rig.journal, rig.nowMs - 30 * DAY_MS)).toBe(2)
    expect([await count('message'), await count('body'), await count('delivery')]).toEqual([0, 0, 0])
  })

  test.each([
    ['five years ahead', 5 * 365],
    ['fifty years behind', -50 * 365],
  ])('a node whose clock is %s does no harm to what others write', async (_name, apart) => {
    const wrongMs = dayMs + apart * DAY_MS
    const clock = { nowMs: () => wrongMs, monotonicMs: () => performance.now(), after }
    const wrong = await openPostgresJournal(postgresOptions(rig.url, { node: 'wrong', clock }))
    const [theirs, ours] = [intakeAt(wrongMs, { deliveries: [open(wrongMs)] }), intakeAt(dayMs)]
    expect(await wrong.commit([theirs])).toMatchObject({ kind: 'committed' })
    await wrong.close()
    await pass(ours)
    expect((await rig.journal.follow(null, 9)).map(({ id }) => id)).toEqual([theirs.id, ours.id])
    rig.nowMs = dayMs + 32 * DAY_MS
    expect(await purgeAll(rig.journal, rig.nowMs - 30 * DAY_MS)).toBe(1)
    expect(await days()).toContain('20260415')
    expect(await bytesOf(rig.journal, theirs.id)).toEqual(Buffer.from(theirs.bytes))
    expect(await rig.journal.counts()).toMatchObject({ received: 2, inFlight: 1, closed: 1, purged: 1 })
    expect(await rig.journal.verify(null)).toEqual({ checked: 1, damaged: [] })
  })
})
