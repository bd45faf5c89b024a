import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { machineIds } from '../../src/app/cli/machine.ts'
import type { Config } from '../../src/core/config.ts'
import type { Follower } from '../../src/core/follower.ts'
import type { Effect, Journal, Move, QueueEntry, Timer } from '../../src/core/journal.ts'
import type { MailArrival, MailFacts, MailOperator, MailRecipient } from '../../src/core/mail.ts'
import type { Outcome } from '../../src/core/outcome.ts'
import { readDsn } from '../../src/formats/mail/dsn.ts'
import { acts } from '../../src/pipeline/acts.ts'
import { expire } from '../../src/pipeline/decide.ts'
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
    ...{ revision, routes: [], destinations: new Map(), region: { timeZone: 'Europe/Paris' } },
    mail: { whiteList: null, operator },
  } as unknown as Config
})
afterAll(() => store?.end())
beforeEach(() => {
  nowMs = Date.now()
  follower = mailReports({ journal, config: () => config, clock: clock(), ids: machineIds, log: quiet })
})
const clock = () => ({ nowMs: () => nowMs, monotonicMs: () => nowMs, after: () => () => {} })

interface Mailed {
  readonly sender: string
  readonly bytes: number
  readonly messageId: string
  readonly to: readonly Partial<MailRecipient>[]
}

const everyone = (to: Partial<MailRecipient> | readonly string[]): readonly Partial<MailRecipient>[] =>
  Array.isArray(to) ? to.map((address: string) => ({ address })) : [to as Partial<MailRecipient>]

/** Takes a mail of that many bytes in its body; its id. */
async function accepted(
  to: Partial<MailRecipient> | readonly string[] = {},
  {
    sender = SENDER,
    bytes = 10,
    messageId = `${machineIds.uuid()}@op`,
    to: all = everyone(to),
  } = {} as Partial<Mailed>,
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
    recipients: all.map((one) => ({
      ...{ address: 'x@c.mssante.test', notify: [], original: null },
      ...one,
    })) as unknown as MailArrival['recipients'],
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

/** Records a change of a delivery as the dispatcher does. */
const stepOf =
  (entry: QueueEntry) =>
  (move: Partial<Move>): Promise<boolean> =>
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

/** An attempt that the far side answered for good. */
async function refuse(message: string): Promise<string> {
  const entry = await deliveryOf(message)
  const step = stepOf(entry)
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

/** An attempt of this outcome, and then the limit passes. */
async function expireAfter(message: string, result: Extract<Outcome, { kind: 'unknown' | 'retry' }>): Promise<string> {
  const entry = await deliveryOf(message)
  const step = stepOf(entry)
  await step({})
  const { code, kind: outcome } = result
  const attempt = { n: 1, startedAtMs: nowMs, endedAtMs: nowMs, outcome, code, answer: null }
  const to = outcome === 'retry' ? 'queued' : 'unknown'
  const move = { from: ['sending'], to, code, attempt } as const
  await step({ ...move, ...mailBeside(entry, { ...entry, ...move, atMs: nowMs } as unknown as Move, result) })
  const end = expire({ ...entry, attempts: 1 }, nowMs)
  await journal.record({ ...end, ...mailBeside(entry, end, null) })
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

describe('the same mail again', () => {
  const everyone = (...addresses: readonly string[]) => ({ to: addresses.map((address) => ({ address })) })
  /** Addresses that deliveries were made for, in the order of their mails. */
  const delivered = async (messageId: string) =>
    (
      await journal.look<{ address: string }>({
        sql: `SELECT r.address FROM mail_recipient r JOIN mail m ON m.message = r.message WHERE m.message_id = ?
          ORDER BY r.message, r.address`,
        parameters: [messageId],
      })
    ).map(({ address }) => address)

  test('has the same answer, and another one under its Message-ID is another', async () => {
    const first = await accepted({}, { messageId: 'same@op' })
    expect(await accepted({}, { messageId: 'same@op' })).toBe(first)
    expect(await accepted({}, { messageId: 'same@op', bytes: 11 })).not.toBe(first)
  })

  const [u, v, w] = ['u@op.mssante.test', 'v@op.mssante.test', 'w@c.mssante.test']
  test.each<[what: string, mails: readonly (readonly string[])[], made: readonly string[]]>([
    ['to fewer', [[u, v], [u]], [u, v]],
    ['to one more', [[u], [u, v]], [u, v]],
    [
      'to one that is written otherwise at a domain of ours',
      [
        [u, v],
        ['U@op.mssante.test', v],
      ],
      [u, v],
    ],
    ['to one that is written otherwise elsewhere', [[w], ['W@c.mssante.test']], [w, 'W@c.mssante.test']],
    ['to others', [[u], [v], [w]], [u, v, w]],
    [
      'to a tag of the mailbox, which its server may put elsewhere',
      [[u], ['u+a@op.mssante.test']],
      [u, 'u+a@op.mssante.test'],
    ],
    ['to one who stands in it twice', [[u, 'U@op.mssante.test']], [u]],
    ['in parts and whole', [[u], [v], [u, v, w]], [u, v, w]],
  ])('%s is delivered to each once', async (_what, mails, made) => {
    const messageId = `${machineIds.uuid()}@op`
    for (const to of mails) await accepted({}, { messageId, ...everyone(...to) })
    expect(await delivered(messageId)).toEqual(made)
  })

  test('twenty times at once is taken once, with its body', async () => {
    const mail = { messageId: 'at-once@op', bytes: 300_000 }
    const ids = await Promise.all(
      Array.from({ length: 20 }, (_, n) => accepted({}, { ...mail, ...everyone(u, n % 2 === 0 ? v : w) })),
    )
    expect((await delivered('at-once@op')).sort()).toEqual([u, v, w])
    for (const id of new Set(ids)) expect((await bytesOf(id)).length).toBeGreaterThan(300_000)
  })

  test('to hundreds is one commit, and known again', async () => {
    const mail = {
      messageId: 'hundreds@op',
      ...everyone(...Array.from({ length: 500 }, (_, n) => `b${n}@op.mssante.test`)),
    }
    const first = await accepted({}, mail)
    expect(await accepted({}, mail)).toBe(first)
    expect(await delivered('hundreds@op')).toHaveLength(500)
    await journal.apply({
      rows: [{ sql: "UPDATE mail_recipient SET told = 'delay' WHERE message = ?", parameters: [first] }],
    })
  })

  test('is taken anew after 30 days', async () => {
    const first = await accepted({}, { messageId: 'old@op' })
    const ago = { sql: 'UPDATE repeat SET at_ms = ? WHERE message = ?', parameters: [nowMs - 31 * DAY_MS, first] }
    await journal.apply({ rows: [ago] })
    expect(await accepted({}, { messageId: 'old@op' })).not.toBe(first)
  })

  test.each<[what: string, mail: Partial<Mailed>, to: Partial<MailRecipient>]>([
    ['whose failure was told', {}, {}],
    ['whose failure nobody wanted to hear of', {}, { notify: ['never'] }],
  ])('%s is a new job', async (_what, mail, to) => {
    const messageId = `${machineIds.uuid()}@op`
    const first = await accepted(to, { ...mail, messageId })
    const delivery = await refuse(first)
    expect(await accepted(to, { ...mail, messageId })).toBe(first)
    const [told] = (await journal.due(nowMs + 1, 1_000)).filter(({ payload }) => payload.includes(delivery))
    await apply(told!)
    if (to.notify === undefined) expect(await journal.delivery(delivery)).toMatchObject({ state: 'refused' })
    else await fire(delivery)
    const second = await accepted(to, { ...mail, messageId })
    expect(second).not.toBe(first)
    await fire(delivery)
    expect(await accepted(to, { ...mail, messageId })).toBe(second)
    expect(await deliveryOf(second)).toMatchObject({ state: 'queued' })
  })

  test('that a person closed or sent again is none', async () => {
    const first = await accepted({}, { messageId: 'closed@op' })
    const entry = await journal.delivery(await refuse(first))
    const act = {
      deliveryId: entry!.id,
      from: ['refused'] as const,
      held: false,
      holds: false,
      atMs: nowMs,
      dueAtMs: nowMs,
    }
    const rest = { code: null, sameCode: 0, attempts: 1, attempt: null, findings: [], events: [] }
    expect(await journal.record({ ...act, ...rest, to: 'closed' })).toBe(true)
    expect(await accepted({}, { messageId: 'closed@op' })).toBe(first)
  })
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

  test.each([
    ['no answer behind its end', { kind: 'unknown', code: 'ANSWER_TIMEOUT' }, '4.4.7', true],
    ['a not-now', { kind: 'retry', code: 'MAIL_DEFERRED' }, '5.4.7', false],
  ] as const)(
    '%s until its limit: the report says whether it may have arrived',
    async (_what, result, status, maybe) => {
      const message = await accepted()
      await fire(await expireAfter(message, result))
      const [report] = await reportsOf(message)
      const bytes = await bytesOf(report!.id)
      expect(readDsn(bytes)).toMatchObject({ recipients: [{ action: 'failed', status }] })
      expect(bytes.includes('peut-=C3=AAtre')).toBe(maybe)
      expect(bytes.includes('may have been delivered')).toBe(maybe)
      expect(await deliveryOf(message)).toMatchObject({ state: 'closed' })
    },
  )

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
