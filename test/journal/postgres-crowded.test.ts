/** A day of which more stays than may be moved at once: it is cleared in portions, and may be left off at any of them. */
import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Intake, Purged } from '../../src/core/journal.ts'
import { daysThere, idAt } from '../../src/pipeline/journal/postgres/partitions.ts'
import { PARTITIONED } from '../../src/pipeline/journal/postgres/schema.ts'
import { bytesOf, first } from '../contract/journal-keeping.ts'
import { ask } from '../support/postgres/cluster.ts'
import { missingPostgres } from '../support/postgres/server.ts'
import { newDelivery, newIntake, newMove, newRefused } from './made.ts'
import { postgresRig } from './postgres-rig.ts'

const need = missingPostgres()
const DAY_MS = 86_400_000
/** Most rows that one portion moves. */
const PORTION = 1_000

let made = 0
const idOf = (ms: number): string => `${idAt(ms)}-7000-8000-${(++made).toString(16).padStart(12, '0')}`

describe.skipIf(need !== null)(`a crowded day${need === null ? '' : `: ${need}`}`, () => {
  let rig: Awaited<ReturnType<typeof postgresRig>>
  let dayMs: number
  beforeEach(async () => {
    rig = await postgresRig({ fresh: true })
    dayMs = rig.nowMs
  })
  afterEach(() => rig.end())

  /** A message of the day that is over; `open`: it waits for its destination. */
  const message = (open: boolean, bytes = 20): Intake => {
    const id = idOf(dayMs)
    const delivery = open
      ? newDelivery('chu-nantes/dpi', { id: idOf(dayMs) })
      : newDelivery('platform', { id: idOf(dayMs), state: 'delivered' })
    const findings = [{ code: 'SEGMENT_END', class: 'form' }] as const
    return newIntake({ id, bytes: randomBytes(bytes), deliveries: [delivery], patientKeys: [`k-${id}`], findings })
  }
  const commit = async (intakes: readonly Intake[]): Promise<void> => {
    for (let i = 0; i < intakes.length; i += 200)
      await Promise.all(intakes.slice(i, i + 200).map((one) => rig.journal.commit([one])))
  }
  const triedAgain = async (one: Intake, times: number): Promise<void> => {
    for (let n = 1; n <= times; n++) {
      const attempt = {
        n,
        startedAtMs: 1,
        endedAtMs: 2,
        outcome: 'retry',
        code: 'CONNECT_FAILED',
        answer: null,
      } as const
      await rig.journal.record(newMove(first(one), { attempts: n }))
      await rig.journal.record(newMove(first(one), { from: ['sending'], to: 'queued', attempts: n, attempt }))
    }
  }
  const count = async (sql: string): Promise<number> =>
    Number((await ask(rig.url, `SELECT count(*) AS n FROM ${sql}`, []))[0]?.['n'])
  const inRest = (): Promise<number[]> => Promise.all(PARTITIONED.map(({ table }) => count(`${table}_rest`)))
  const dayThere = async (): Promise<boolean> => {
    const client = new pg.Client({ connectionString: rig.url })
    await client.connect()
    const names = (await daysThere(client)).map(({ name }) => name)
    await client.end()
    return names.includes('20260314')
  }
  /** All rows that belong to the day's messages, but those of messages that are closed. */
  const rowsThatStay = async (): Promise<Record<string, unknown>> => {
    const open = "SELECT id FROM message WHERE state <> 'closed'"
    const of = (table: string, where: string) => ask(rig.url, `SELECT * FROM ${table} t WHERE ${where} ORDER BY t`, [])
    return {
      message: await of('message', `id IN (${open})`),
      body: await ask(
        rig.url,
        `SELECT message, sha256, length(data) FROM body WHERE message IN (${open}) ORDER BY 1`,
        [],
      ),
      delivery: await of('delivery', `message IN (${open})`),
      attempt: await of('attempt', `delivery IN (SELECT id FROM delivery WHERE message IN (${open}))`),
      message_key: await of('message_key', `message IN (${open})`),
      message_finding: await of('message_finding', `message IN (${open})`),
    }
  }

  const days: [name: string, make: () => Promise<number>][] = [
    [
      'many messages stay',
      async () => {
        await commit([
          ...Array.from({ length: 2_100 }, () => message(true)),
          ...Array.from({ length: 130 }, () => message(false)),
        ])
        return 130
      },
    ],
    [
      'few messages stay, with many bytes',
      async () => {
        await commit(Array.from({ length: 3 }, () => message(true, 4 * 1_024 * 1_024)))
        await commit([...Array.from({ length: 5 }, () => message(false)), message(false, 300_000)])
        await rig.journal.refuse({ ...newRefused(200_000), id: idOf(dayMs), atMs: dayMs + 31 * DAY_MS })
        return 6
      },
    ],
    [
      'few messages stay, with many attempts',
      async () => {
        const tried = [message(true), message(true)]
        await commit([...tried, message(false)])
        await triedAgain(tried[0]!, 1_100)
        await triedAgain(tried[1]!, 1_000)
        return 1
      },
    ],
  ]
  test.each(days)(
    '%s: what goes is removed, the rest moves in portions, and each may be the last before a restart',
    async (_name, make) => {
      const closed = await make()
      const before = await rowsThatStay()
      const chunks = await count('body_chunk c JOIN message m ON m.id = c.id WHERE m.state <> $$closed$$')
      const refused = await count('body_chunk c JOIN refusal r ON r.id = c.id')
      rig.nowMs = dayMs + 32 * DAY_MS
      const limits = { closedBeforeMs: rig.nowMs - 30 * DAY_MS, refusedBeforeMs: 0 }
      let slice: Purged | null = null
      let gone = 0
      let slices = 0
      do {
        const rest = await inRest()
        slice = await rig.journal.purge(limits, slice?.at ?? null, 5_000)
        gone += slice.messages
        const moved = (await inRest()).map((n, i) => n - rest[i]!)
        expect(moved.reduce((sum, n) => sum + Math.max(0, n), 0)).toBeLessThanOrEqual(PORTION + 100)
        if (slices++ % 2 === 0) await rig.reopen()
      } while (!slice.done)
      expect(gone).toBe(closed)
      expect(await dayThere()).toBe(false)
      expect(await rowsThatStay()).toEqual(before)
      expect(await count('message_key')).toBe((before['message_key'] as unknown[]).length)
      expect(await count('message_finding')).toBe((before['message_finding'] as unknown[]).length)
      expect(await count('body_chunk')).toBe(chunks + refused)
      expect((await rig.journal.verify(null)).damaged).toEqual([])
      expect(await rig.journal.counts()).toMatchObject({ closed, purged: closed })
    },
  )

  test('a message that comes with an id of the part that was moved is found, and what closes meanwhile goes in its time', async () => {
    const open = Array.from({ length: 2_100 }, () => message(true))
    await commit(open)
    rig.nowMs = dayMs + 32 * DAY_MS
    const limits = () => ({ closedBeforeMs: rig.nowMs - 30 * DAY_MS, refusedBeforeMs: 0 })
    while ((await count('message_rest')) === 0) await rig.journal.purge(limits(), null, 500)
    expect(await dayThere()).toBe(true)
    const late = { ...message(true), id: open[0]!.id.replace(/.$/, 'f') }
    await commit([late])
    await rig.journal.record(newMove(first(open[0]!), { to: 'closed', holds: false, atMs: rig.nowMs }))
    await rig.journal.record(newMove(first(open.at(-1)!), { to: 'closed', holds: false, atMs: rig.nowMs }))
    while (await dayThere()) await rig.journal.purge(limits(), null, 500)
    expect(await bytesOf(rig.journal, late.id)).toEqual(Buffer.from(late.bytes))
    expect(await count('message')).toBe(2_101)
    rig.nowMs += 31 * DAY_MS
    let slice: Purged | null = null
    do slice = await rig.journal.purge(limits(), slice?.at ?? null, 500)
    while (!slice.done)
    expect([await count('message'), await count('message_key')]).toEqual([2_099, 2_099])
    expect((await rig.journal.verify(null)).damaged).toEqual([])
  })

  test('a day that somebody reads waits, and goes on afterwards', async () => {
    await commit([...Array.from({ length: 2_001 }, () => message(true)), message(false)])
    rig.nowMs = dayMs + 32 * DAY_MS
    const limits = { closedBeforeMs: rig.nowMs - 30 * DAY_MS, refusedBeforeMs: 0 }
    await rig.journal.purge(limits, null, 5_000)
    const reader = new pg.Client(rig.url)
    await reader.connect()
    await reader.query('BEGIN; LOCK TABLE attempt_20260314, message_20260314 IN ACCESS SHARE MODE')
    expect(await rig.journal.purge(limits, null, 5_000)).toMatchObject({ messages: 0, done: true })
    await reader.end()
    while (await dayThere()) await rig.journal.purge(limits, null, 5_000)
    expect(await count('message')).toBe(2_001)
  })
})
