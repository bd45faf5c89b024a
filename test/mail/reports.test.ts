import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { machineIds } from '../../src/app/cli/machine.ts'
import type { Config } from '../../src/core/config.ts'
import type { Follower } from '../../src/core/follower.ts'
import type { Effect, Journal, Move, Timer } from '../../src/core/journal.ts'
import type { MailArrival, MailFacts, MailOperator, MailRecipient } from '../../src/core/mail.ts'
import { readDsn } from '../../src/formats/mail/dsn.ts'
import { acts } from '../../src/pipeline/acts.ts'
import { acceptingMail } from '../../src/pipeline/mail/accept.ts'
import { mailBeside } from '../../src/pipeline/mail/beside.ts'
import { monthRows } from '../../src/pipeline/mail/months/rows.ts'
import { oldTraces } from '../../src/pipeline/mail/prune.ts'
import { mailReports } from '../../src/pipeline/mail/reports.ts'
import { openStore } from '../support/stores.ts'

const SENDER = 'u@op.mssante.test'
const DAY_MS = 86_400_000
const quiet = { info() {}, warn() {}, error() {} }

let store: Awaited<ReturnType<typeof openStore>>
let journal: Journal
let config: Config
let follower: Follower
let nowMs: number

beforeAll(async () => {
  store = await openStore()
  journal = store.journal
  const { revision } = await journal.adopt('test', 0, '{}')
  const operator = {
    host: 'mail.op.mssante.test',
    domains: new Map([['op.mssante.test', {}]]),
    hosts: new Map(),
    patientDomain: 'patient.exemple.test',
    retry: { stepsMs: [60_000], expiresMs: 2 * DAY_MS, delayedMs: 4 * 3_600_000, atOnce: 4, timeoutMs: 1_000 },
    tracesMs: 365 * DAY_MS,
    documents: new Map(),
  } as unknown as MailOperator
  config = {
    ...{ revision, destinations: new Map(), region: { timeZone: 'Europe/Paris' } },
    mail: { whiteList: null, operator },
  } as unknown as Config
})
afterAll(() => store?.end())
beforeEach(() => {
  nowMs = Date.now()
  follower = mailReports({ journal, config: () => config, clock: clock(), ids: machineIds, log: quiet })
})
const clock = () => ({ nowMs: () => nowMs, monotonicMs: () => nowMs, after: () => () => {} })

/** Takes a mail of that many bytes in its body; its id. */
async function accepted(
  to: Partial<MailRecipient> | readonly string[] = {},
  { sender = SENDER, bytes = 10, messageId = `${machineIds.uuid()}@op` } = {},
): Promise<string> {
  const id = machineIds.uuid()
  const staging = journal.stage(id, nowMs)
  await staging.write(Buffer.from(`From: <${SENDER}>\r\nMessage-ID: <${messageId}>\r\n\r\n`))
  for (let left = bytes; left > 0; left -= 50_000) await staging.write(Buffer.alloc(Math.min(left, 50_000), 'x'))
  const facts: MailFacts = { kind: 'MAIL', messageId, from: [SENDER], hops: 0, loops: 0, automatic: false, xMss: {} }
  const arrival: MailArrival = {
    entrance: 'smtp',
    peer: {
      address: '127.0.0.1:1',
      loopback: true,
      hello: 'a',
      tls: null,
      certificate: null,
      subject: 'CN=a',
      user: null,
    },
    receivedAtMs: nowMs,
    envelope: { sender, returns: null, id: 'QQ1', eightBit: false, utf8: false },
    recipients: Array.isArray(to)
      ? (to.map((address) => ({ address, notify: [], original: null })) as unknown as MailArrival['recipients'])
      : [{ address: 'x@c.mssante.test', notify: [], original: null, ...to }],
    id,
    staged: await staging.end(),
    facts,
  }
  const accept = acceptingMail({
    journal,
    config: () => config,
    closed: () => null,
    clock: clock(),
    ids: machineIds,
    log: quiet,
    meter: { count() {}, observe() {} },
  })
  const answer = await accept(arrival)
  if ('code' in answer) throw new Error(answer.code)
  return answer.messageId
}

/** The last delivery of a message. */
async function deliveryOf(message: string) {
  const one = (await journal.deliveriesOf(message)).at(-1)
  return (await journal.delivery(one!.id))!
}

/** An attempt that the far side answered for good, as the dispatcher records it. */
async function refuse(message: string): Promise<string> {
  const entry = await deliveryOf(message)
  const step = (move: Partial<Move>): Promise<boolean> =>
    journal.record({
      ...{
        deliveryId: entry.id,
        from: ['queued'],
        to: 'sending',
        held: false,
        holds: true,
        atMs: nowMs,
        dueAtMs: nowMs,
      },
      ...{ code: null, sameCode: 0, attempts: 1, attempt: null, findings: [], events: [] },
      ...move,
    })
  await step({})
  const attempt = {
    n: 1,
    startedAtMs: nowMs,
    endedAtMs: nowMs,
    outcome: 'refused',
    code: 'MAIL_REFUSED',
    answer: '550 5.1.1',
  } as const
  const move = { from: ['sending'], to: 'refused', held: true, code: 'MAIL_REFUSED', attempt } as const
  const result = {
    kind: 'refused',
    code: 'MAIL_REFUSED',
    answer: '550 5.1.1',
    diagnostic: 'mx.c.test\n550 5.1.1 inconnu',
  } as const
  await step({ ...move, ...mailBeside(entry, { ...entry, ...move, atMs: nowMs } as unknown as Move, result) })
  return entry.id
}

/** Fires every timer of mail about this delivery, in order, as the runner does; how many there were. */
async function fire(delivery: string): Promise<number> {
  for (let n = 0; ; n += 1) {
    const [timer] = (await journal.due(nowMs + 1, 1_000)).filter(({ payload }) => payload.includes(delivery))
    if (timer === undefined) return n
    expect(await apply(timer)).toBe(true)
  }
}

async function apply(timer: Timer): Promise<boolean> {
  const effect: Effect = await follower.timer(timer)
  return journal.apply({ ...effect, fired: [timer.id] })
}

async function bytesOf(message: string): Promise<Buffer> {
  const parts: Uint8Array[] = []
  for await (const part of (await journal.body(message)).open()) parts.push(part)
  return Buffer.concat(parts)
}

const reportsOf = (message: string) =>
  journal.look<{ id: string }>({
    sql: "SELECT id FROM message WHERE kind = 'MAIL^DSN' AND cause = ?",
    parameters: [message],
  })

describe('a body that comes as a stream', () => {
  test.each([10, 65_000, 70_000, 262_144, 1_000_003])('%i bytes are kept as they came', async (bytes) => {
    const id = await accepted({}, { bytes })
    expect((await bytesOf(id)).subarray(-bytes).equals(Buffer.alloc(bytes, 'x'))).toBe(true)
  })

  test('what is dropped before its commit is gone', async () => {
    const id = machineIds.uuid()
    const staging = journal.stage(id, nowMs)
    await staging.write(Buffer.alloc(300_000))
    await staging.drop()
    await expect(journal.body(id)).rejects.toMatchObject({ code: 'NOT_FOUND' })
    expect(await accepted({}, { bytes: 300_000 })).toBeTruthy()
  })
})

test('the same mail again has the same answer, and another one under its Message-ID is another', async () => {
  const first = await accepted({}, { messageId: 'same@op' })
  expect(await accepted({}, { messageId: 'same@op' })).toBe(first)
  expect(await accepted({}, { messageId: 'same@op', bytes: 11 })).not.toBe(first)
})

describe('a mail that was refused', () => {
  test('is reported once, in one commit, and then closed', async () => {
    const message = await accepted()
    const delivery = await refuse(message)
    expect(await fire(delivery)).toBe(2)
    const [report, ...more] = await reportsOf(message)
    expect(more).toEqual([])
    const read = readDsn(await bytesOf(report!.id))
    expect(read).toMatchObject({
      envid: 'QQ1',
      recipients: [
        { action: 'failed', status: '5.1.1', remoteMta: 'mx.c.test', diagnostic: expect.stringContaining('inconnu') },
      ],
    })
    expect((await deliveryOf(report!.id)).destination).toBe('mail/op.mssante.test')
    expect(await deliveryOf(message)).toMatchObject({ state: 'closed' })
    expect(await journal.state(message)).toBe('closed')
  })

  test('a timer that fires twice reports once', async () => {
    const message = await accepted()
    const delivery = await refuse(message)
    const [timer] = (await journal.due(nowMs + 1, 1_000)).filter(({ payload }) => payload.includes(delivery))
    expect(await apply(timer!)).toBe(true)
    expect(await apply(timer!)).toBe(false)
    expect(await reportsOf(message)).toHaveLength(1)
  })

  test.each([
    ['a report', { sender: '' }, {}],
    ['whoever wants to hear nothing', {}, { notify: ['never'] as const }],
  ])('%s makes no report, and is closed all the same', async (_what, mail, to) => {
    const message = await accepted(to, mail)
    await fire(await refuse(message))
    expect(await reportsOf(message)).toEqual([])
    expect(await deliveryOf(message)).toMatchObject({ state: 'closed', lastCode: 'MAIL_UNREPORTED' })
  })
})

describe('a mail is replayed', () => {
  const again = (message: string, to: string | null = null, dryRun = false) =>
    acts({ journal, config: () => config, clock: clock(), ids: machineIds }).replay(
      message,
      { to, dryRun, reason: 'essai' },
      'ann',
    )

  test('to its recipient, whose new outcome is told as the first was', async () => {
    const message = await accepted()
    const first = await refuse(message)
    await fire(first)
    expect(await again(message, null, true)).toMatchObject({
      deliveries: [{ id: null, destination: 'mail/c.mssante.test', replayOf: first }],
    })
    expect(await journal.deliveriesOf(message)).toHaveLength(1)
    const { deliveries } = await again(message)
    expect(deliveries).toMatchObject([{ destination: 'mail/c.mssante.test', replayOf: first }])
    expect(await deliveryOf(message)).toMatchObject({ state: 'queued', expiresAtMs: nowMs + 2 * DAY_MS })
    const second = await refuse(message)
    expect(second).toBe(deliveries[0]!.id)
    expect(await fire(second)).toBe(2)
    const reports = await reportsOf(message)
    expect(reports).toHaveLength(2)
    for (const { id } of reports)
      expect(readDsn(await bytesOf(id))).toMatchObject({ recipients: [{ action: 'failed', status: '5.1.1' }] })
    expect(await journal.state(message)).toBe('closed')
  })

  test('to each recipient of a domain, or of all', async () => {
    const message = await accepted(['x@c.mssante.test', 'y@c.mssante.test', 'z@a.mssante.test'])
    const at = (list: { readonly deliveries: readonly { readonly destination: string }[] }) =>
      list.deliveries.map(({ destination }) => destination.slice('mail/'.length)).sort()
    const c = 'c.mssante.test'
    expect(at(await again(message, `mail/${c}`))).toEqual([c, c])
    expect(at(await again(message))).toEqual(['a.mssante.test', c, c])
    const rows = await journal.look<{ address: string }>({
      sql: 'SELECT address FROM mail_recipient WHERE message = ? ORDER BY address',
      parameters: [message],
    })
    expect(rows.map(({ address }) => address[0]).join('')).toBe('xxxyyyzz')
    const filter = { controlId: (await controlIdOf(message))!, since: new Date(0).toISOString() }
    const many = await acts({ journal, config: () => config, clock: clock(), ids: machineIds }).replayMany(
      { filter, to: `mail/${c}`, dryRun: true, reason: 'essai', after: null },
      'ann',
    )
    expect(many).toMatchObject({ deliveries: { [`mail/${c}`]: 2 }, skipped: {} })
  })

  test('but not to a domain where it had no recipient', async () => {
    const message = await accepted()
    await expect(again(message, 'mail/a.mssante.test')).rejects.toMatchObject({ code: 'DESTINATION_GONE' })
  })

  async function controlIdOf(message: string): Promise<string | undefined> {
    const sql = 'SELECT control_id FROM message WHERE id = ?'
    const [row] = await journal.look<{ control_id: string }>({ sql, parameters: [message] })
    return row?.control_id
  }
})

test('what takes long is told once, and stays on its way', async () => {
  const message = await accepted()
  nowMs += 5 * 3_600_000
  const late: Timer = { id: 'mail-late-test', follower: 'mail', dueAtMs: nowMs, payload: '{"what":"late"}' }
  for (let n = 0; n < 2; n += 1) {
    await journal.apply({ timers: [late] })
    const effect = await follower.timer(late)
    expect(await journal.apply({ ...effect, timers: [], fired: [late.id] })).toBe(true)
  }
  const [report, ...more] = await reportsOf(message)
  expect(more).toEqual([])
  expect(readDsn(await bytesOf(report!.id))).toMatchObject({
    recipients: [{ action: 'delayed', status: expect.stringMatching(/^4\./) }],
  })
  expect(await deliveryOf(message)).toMatchObject({ state: 'queued' })
})

test('traces go with their time, save those of mail that is still on its way', async () => {
  const ended = await accepted()
  await fire(await refuse(ended))
  const open = await accepted()
  const month = { month: '2026-11', fromMs: 0, untilMs: nowMs + DAY_MS }
  await journal.apply({ rows: [...monthRows(month, [], nowMs), ...oldTraces(nowMs + DAY_MS)] })
  const left = await journal.look<{ message: string }>({
    sql: 'SELECT message FROM mail WHERE message IN (?, ?)',
    parameters: [ended, open],
  })
  expect(left.map(({ message }) => message)).toEqual([open])
})
