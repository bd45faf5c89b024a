import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { machineIds } from '../../src/app/cli/machine.ts'
import type { Config } from '../../src/core/config.ts'
import type { Journal } from '../../src/core/journal.ts'
import type { MailOperator } from '../../src/core/mail.ts'
import {
  type MailMonth,
  type MailMonthFilter,
  type MailMonthViews,
  MONTH_COLUMNS,
} from '../../src/core/mail-indicators.ts'
import { monthAt, monthSpan, monthsBetween } from '../../src/formats/clock/months.ts'
import { mailboxCommands } from '../../src/mssante/mailbox-commands.ts'
import { usedRows } from '../../src/mssante/mailboxes.ts'
import { acceptingMail } from '../../src/pipeline/mail/accept.ts'
import { MONTH_GRACE_MS, mailMonths, monthTimer } from '../../src/pipeline/mail/months/close.ts'
import { mailRefusals } from '../../src/pipeline/mail/months/refusals.ts'
import { mailMonthViews } from '../../src/pipeline/mail/months/views.ts'
import { oldTraces } from '../../src/pipeline/mail/prune.ts'
import { recipientRow } from '../../src/pipeline/mail/rows.ts'
import { openStore } from '../support/stores.ts'

const ZONE = 'Europe/Paris'
const INS = '279035121518989'
const at = (text: string): number => Date.parse(text)
const quiet = { info() {}, warn() {}, error() {} }
const act = { who: 'ada', why: 'test', reach: null }

let store: Awaited<ReturnType<typeof openStore>>
let journal: Journal
let config: Config
let views: MailMonthViews
const clock = { atMs: 0, nowMs: () => clock.atMs, monotonicMs: () => clock.atMs, after: () => () => {} }

beforeAll(async () => {
  store = await openStore()
  journal = store.journal
  const { revision } = await journal.adopt('test', 0, '{}')
  const domains = new Map(
    ['a', 'b'].map((one) => [`${one}.mssante.test`, { name: `${one}.mssante.test`, establishment: `ch-${one}` }]),
  )
  const operator = {
    ...{ host: 'mail.a.mssante.test', domains, patientDomain: 'patient.exemple.test', documents: new Map() },
    retry: { expiresMs: 172_800_000 },
    indicators: {
      xMss: { codeCda: ['34112-3', 'PRESC-BIO'], ins: ['O', 'N'], nil: ['DEV1'], mes: ['FIN'] },
      columns: MONTH_COLUMNS.map((column) => ({ column, name: column })),
    },
  } as unknown as MailOperator
  const establishments = new Map(['ch-a', 'ch-b'].map((id) => [id, { finess: { ej: null, eg: [] } }]))
  config = { revision, region: { timeZone: ZONE }, establishments, mail: { operator } } as unknown as Config
  views = mailMonthViews({ journal, config: () => config, clock })
})
afterAll(() => store?.end())

/** Goes to that time. */
function now(text: string): number {
  clock.atMs = at(text)
  return clock.atMs
}

async function box(address: string, kind: 'ORG' | 'APP' = 'ORG'): Promise<void> {
  const nothing = { establishment: null, entity: null, owner: null, responsible: null, service: null }
  const made = await mailboxCommands({ journal, config: () => config, clock }).create(
    { ...nothing, address, kind, name: address, description: null, redList: false, quota: null, certificate: null },
    act,
  )
  expect(made).toMatchObject({ ok: true })
}

/** Takes a mail now. */
async function mail(
  way: 'in' | 'sent',
  sender: string,
  to: readonly [string, ...string[]],
  { bytes = 100, xMss = {} as Record<string, string> } = {},
): Promise<string> {
  const id = machineIds.uuid()
  const staging = journal.stage(id, clock.nowMs())
  await staging.write(Buffer.alloc(bytes, 'x'))
  const accept = acceptingMail({
    ...{ journal, config: () => config, closed: () => null, clock, ids: machineIds, log: quiet },
    meter: { count() {}, observe() {} },
  })
  const [first, ...others] = to.map((address) => ({ address, notify: [], original: null }))
  const user = way === 'in' ? null : { id: 'x', how: 'token' as const, addresses: [sender] }
  const answer = await accept({
    entrance: way === 'in' ? 'smtp' : 'submission',
    peer: { address: '127.0.0.1:1', loopback: true, hello: 'a', tls: null, certificate: null, subject: 'CN=a', user },
    receivedAtMs: clock.nowMs(),
    envelope: { sender, returns: null, id: null, eightBit: false, utf8: false },
    recipients: [first!, ...others],
    id,
    staged: await staging.end(),
    facts: { kind: 'MAIL', messageId: id, from: [sender], hops: 0, loops: 0, automatic: false, xMss },
  })
  expect(answer).toHaveProperty('messageId')
  return id
}

/** The recipient of a mail failed then. */
async function failed(message: string, atMs: number, code: string): Promise<void> {
  const sql = "UPDATE mail_recipient SET state = 'failed', ended_at_ms = ?, code = ? WHERE message = ?"
  expect(await journal.apply({ rows: [{ sql, parameters: [atMs, code, message] }] })).toBe(true)
}

const follower = () => mailMonths({ journal, config: () => config, clock })
/** Fires the timer as the runner does; when it is due next. */
async function fire(): Promise<number> {
  const effect = await follower().timer(monthTimer(0))
  expect(await journal.apply(effect)).toBe(true)
  const [next] = effect.timers ?? []
  await journal.apply({ fired: [next!.id] })
  return next!.dueAtMs
}

const told = (filter: MailMonthFilter, reach: Parameters<MailMonthViews['list']>[1] = null) => views.list(filter, reach)
const of = (months: readonly MailMonth[], month: string, domain: string, kind = 'ORG'): MailMonth | undefined =>
  months.find((one) => one.month === month && one.domain === domain && one.kind === kind)

test.each<[string, string, string]>([
  ['the last second of a year', '2025-12-31T22:59:59.999Z', '2025-12'],
  ['the first of the next', '2025-12-31T23:00:00Z', '2026-01'],
  ['the end of March, in summer time already', '2026-03-31T21:59:59.999Z', '2026-03'],
  ['the first of April', '2026-03-31T22:00:00Z', '2026-04'],
  ['the end of October, in winter time again', '2026-10-31T22:59:59.999Z', '2026-10'],
])('months: %s', (_name, instant, month) => {
  expect(monthAt(at(instant), ZONE)).toBe(month)
  const { fromMs, untilMs } = monthSpan(month, ZONE)
  expect(fromMs <= at(instant) && at(instant) < untilMs).toBe(true)
})

test('months: spans join, and March and October have the hour that they lost and won', () => {
  const hours = (month: string) => (monthSpan(month, ZONE).untilMs - monthSpan(month, ZONE).fromMs) / 3_600_000
  expect([hours('2026-03'), hours('2026-10'), hours('2026-02')]).toEqual([743, 745, 672])
  expect(monthsBetween('2025-11', '2026-02')).toEqual(['2025-11', '2025-12', '2026-01', '2026-02'])
  expect(monthsBetween('2026-02', '2025-11')).toEqual([])
})

describe('the months of an operator', () => {
  test('are counted as they stand', async () => {
    now('2026-01-10T10:00:00Z')
    for (const address of ['u@a.mssante.test', 'v@a.mssante.test', 'w@b.mssante.test']) await box(address)
    await box('dpi@a.mssante.test', 'APP')
    now('2026-01-31T22:59:59.999Z')
    // One mail for two mailboxes of a group, one of them by a tag, and for one of another.
    const xMss = { codeCda: `34112-3,PRESC-BIO,${INS}`, ins: 'O', nil: 'DEV1' }
    await mail('in', 'x@c.mssante.test', ['u@a.mssante.test', 'V+lab@a.mssante.test', 'w@b.mssante.test'], { xMss })
    now('2026-01-31T23:00:00Z')
    await mail('in', 'x@c.mssante.test', ['u@a.mssante.test'], { bytes: 7, xMss: { ins: INS } })
    // A patient's answer, to whom one does not write again.
    await mail('sent', 'U+x@a.mssante.test', [`${INS}@patient.exemple.test`, 'w@b.mssante.test'], {
      xMss: { mes: 'FIN', nil: `Dupont ${INS}` },
    })
    await mail('sent', 'u@a.mssante.test', ['v@a.mssante.test'], { bytes: 50 })
    now('2026-02-10T10:00:00Z')
    const months = await told({ from: '2026-01', to: '2026-02' })
    expect(of(months, '2026-01', 'a.mssante.test')).toMatchObject({
      ...{ boxes: 2, created: 2, closed: 0, suspended: 0, used: 0, lastUseMs: null, establishment: 'ch-a' },
      ...{ received: 1, receivedRecipients: 2, receivedBytes: 100, sent: 0, final: false },
      receivedXMss: { codeCda: { '34112-3': 1, 'PRESC-BIO': 1, other: 1 }, ins: { O: 1 }, nil: { DEV1: 1 }, mes: {} },
    })
    expect(of(months, '2026-01', 'a.mssante.test', 'APP')).toMatchObject({ boxes: 1, created: 1, received: 0 })
    expect(of(months, '2026-02', 'a.mssante.test')).toMatchObject({
      ...{ boxes: 2, created: 0, used: 1, lastUseMs: at('2026-01-31T23:00:00Z') },
      ...{ received: 2, receivedBytes: 57, sent: 2, relayed: 1, sentRecipients: 3, sentBytes: 150 },
      receivedXMss: { ins: { other: 1 } },
      sentXMss: { mes: { FIN: 1 }, nil: { other: 1 } },
    })
    expect(of(months, '2026-02', 'b.mssante.test')).toMatchObject({ received: 1, receivedRecipients: 1, boxes: 1 })
  })

  test('tell mailboxes at the end of the month, who was read, and what failed in it', async () => {
    const commands = mailboxCommands({ journal, config: () => config, clock })
    now('2026-02-12T10:00:00Z')
    await commands.move('v@a.mssante.test', 'suspend', act)
    const sent = await mail('sent', 'u@a.mssante.test', ['x@c.mssante.test'])
    await journal.apply({ rows: usedRows('w@b.mssante.test', clock.nowMs(), ZONE) })
    const got = await mail('in', 'x@c.mssante.test', ['w@b.mssante.test'])
    await failed(sent, at('2026-03-02T00:00:00Z'), 'MAIL_REFUSED')
    await failed(got, at('2026-02-28T22:59:59Z'), 'MAILBOX_FULL')
    now('2026-03-05T10:00:00Z')
    await commands.move('v@a.mssante.test', 'resume', act)
    await commands.move('dpi@a.mssante.test', 'suspend', act)
    await commands.move('dpi@a.mssante.test', 'close', act)
    const months = await told({ from: '2026-02', to: '2026-03' })
    expect(of(months, '2026-02', 'a.mssante.test')).toMatchObject({ boxes: 2, suspended: 1, failed: {}, relayed: 2 })
    expect(of(months, '2026-02', 'b.mssante.test')).toMatchObject({ used: 1, failed: { MAILBOX_FULL: 1 } })
    expect(of(months, '2026-03', 'a.mssante.test')).toMatchObject({ suspended: 0, failed: { MAIL_REFUSED: 1 } })
    expect(of(months, '2026-03', 'a.mssante.test', 'APP')).toMatchObject({ boxes: 0, closed: 1, suspended: 0 })
  })

  test('count a recipient once, however often a person had the mail sent again', async () => {
    now('2025-11-12T10:00:00Z')
    const got = await mail('in', 'x@c.mssante.test', ['u@a.mssante.test'])
    const sent = await mail('sent', 'u@a.mssante.test', ['x@c.mssante.test'])
    const again = (message: string, address: string) =>
      recipientRow(machineIds.uuid(), message, clock.nowMs(), { address, notify: [], original: null })
    const rows = [again(got, 'u@a.mssante.test'), again(sent, 'x@c.mssante.test')]
    expect(await journal.apply({ rows })).toBe(true)
    const months = await told({ from: '2025-11', to: '2025-11' })
    expect(of(months, '2025-11', 'a.mssante.test')).toMatchObject({
      ...{ received: 1, receivedRecipients: 1, sent: 1, sentRecipients: 1, relayed: 1 },
    })
    await journal.apply({
      rows: ['mail_recipient', 'mail'].map((table) => ({
        sql: `DELETE FROM ${table} WHERE message IN (?, ?)`,
        parameters: [got, sent],
      })),
    })
  })

  test('have what the doors refused, by the mailbox that it was for', async () => {
    now('2026-02-20T10:00:00Z')
    const establishmentOf = (domain: string) => config.mail?.operator?.domains.get(domain)?.establishment ?? null
    const refusals = mailRefusals({ journal, establishmentOf, timeZone: () => ZONE, clock, log: quiet })
    refusals.refused('MAIL_BOX_UNKNOWN', 'nobody@a.mssante.test')
    refusals.refused('MAIL_TOO_LARGE', 'U+x@a.mssante.test')
    refusals.refused('MAIL_TOO_LARGE', 'u@a.mssante.test')
    refusals.refused('MAIL_PEER_UNLISTED', null)
    refusals.refused('MAIL_PEER_UNLISTED', `${INS}@elsewhere.test`)
    await refusals.write()
    refusals.refused('MAIL_TOO_LARGE', 'u@a.mssante.test')
    await refusals.stop()
    now('2026-02-21T10:00:00Z')
    const months = await told({ from: '2026-02', to: '2026-02' })
    expect(of(months, '2026-02', 'a.mssante.test')?.refused).toEqual({ MAIL_TOO_LARGE: 3 })
    expect(of(months, '2026-02', 'a.mssante.test', '')).toMatchObject({ refused: { MAIL_BOX_UNKNOWN: 1 }, boxes: 0 })
    expect(of(months, '2026-02', '', '')?.refused).toEqual({ MAIL_PEER_UNLISTED: 2 })
  })

  test('are told of those that the person reaches, and of those that are asked for', async () => {
    now('2026-02-21T10:00:00Z')
    const own = { establishments: ['ch-b'], applications: null }
    const span = { from: '2026-02', to: '2026-02' }
    const domainsOf = async (...ask: Parameters<typeof told>) => [
      ...new Set((await told(...ask)).map(({ domain }) => domain)),
    ]
    expect(await domainsOf(span, own)).toEqual(['b.mssante.test'])
    expect(await domainsOf({ ...span, establishment: 'ch-a' }, own)).toEqual([])
    expect(await domainsOf({ ...span, domain: 'a.mssante.test' })).toEqual(['a.mssante.test'])
    expect((await told({ ...span, kind: 'APP' })).map(({ kind }) => kind)).toEqual(['APP'])
    for (const wrong of [
      { from: '2026-02', to: '2026-01' },
      { from: '2020-01', to: '2026-01' },
      { from: '2026-13', to: '2027-01' },
    ])
      await expect(told(wrong)).rejects.toMatchObject({ code: 'BAD_REQUEST' })
    expect(await told({ from: '2026-03', to: '2026-05' })).toEqual([])
  })

  test('are counted once when they are over, each by itself, and not before the time for latecomers', async () => {
    now('2026-03-10T00:00:00Z')
    const span = { from: '2026-01', to: '2026-02' }
    const before = await told(span)
    now('2026-01-31T23:59:59Z')
    expect(await fire()).toBe(at('2026-01-31T23:00:00Z') + MONTH_GRACE_MS)
    expect((await told(span)).some(({ final }) => final)).toBe(false)
    // No gateway ran at the end of January and February: two firings on one day.
    now('2026-03-10T00:00:00Z')
    const twice = await follower().timer(monthTimer(0))
    expect(await fire()).toBe(at('2026-02-28T23:00:00Z') + MONTH_GRACE_MS)
    // What another node, or the same one before a crash, had counted meanwhile changes nothing.
    expect(await journal.apply(twice)).toBe(false)
    expect((await told(span)).map(({ final }) => final).includes(false)).toBe(true)
    expect(await fire()).toBe(at('2026-03-31T22:00:00Z') + MONTH_GRACE_MS)
    expect(await fire()).toBe(at('2026-03-31T22:00:00Z') + MONTH_GRACE_MS)
    const after = await told(span)
    expect(after).toEqual(before.map((one) => ({ ...one, final: true })))
    expect(after.length).toBeGreaterThan(5)
  })

  test('are counted while other timers fire: none waits for a large month, which is counted once', async () => {
    now('2026-06-10T00:00:00Z')
    const counted = Promise.withResolvers<void>()
    let reads = 0
    const slow: Pick<Journal, 'look' | 'read'> = {
      look: (query) => journal.look(query),
      async read(query) {
        reads += 1
        await counted.promise
        return journal.read(query)
      },
    }
    const impatient = {
      ...clock,
      nowMs: clock.nowMs,
      after(_ms: number, run: () => void) {
        run()
        return () => {}
      },
    }
    const months = mailMonths({ journal: slow, config: () => config, clock: impatient })
    for (let firing = 0; firing < 3; firing += 1) {
      const effect = await months.timer(monthTimer(0))
      expect(effect.rows).toBeUndefined()
      expect(effect.timers).toEqual([monthTimer(clock.nowMs() + 1_000)])
    }
    expect(reads).toBe(1)
    counted.resolve()
    await expect.poll(async () => (await months.timer(monthTimer(0))).rows?.length).toBeGreaterThan(1)
  })

  test('stay when traces go, and no trace goes before its month was counted', async () => {
    now('2027-04-15T00:00:00Z')
    const span = { from: '2026-01', to: '2026-03' }
    const before = await told(span)
    const traces = async () =>
      Number((await journal.look<{ n: number }>({ sql: 'SELECT COUNT(*) AS n FROM mail', parameters: [] }))[0]?.n)
    now('2026-03-04T00:00:00Z')
    await mail('in', 'x@c.mssante.test', ['u@a.mssante.test'])
    await journal.apply({
      rows: [{ sql: "UPDATE mail_recipient SET state = 'delivered' WHERE state = 'open'", parameters: [] }],
    })
    now('2027-04-15T00:00:59Z')
    // Within a minute what is not counted yet is told again.
    expect(await told(span)).toEqual(before)
    now('2027-04-15T00:01:00Z')
    await journal.apply({ rows: oldTraces(clock.nowMs() - 365 * 86_400_000) })
    // March was not counted yet.
    expect(await traces()).toBe(1)
    const counted = await told(span)
    expect(counted.filter(({ month }) => month < '2026-03')).toEqual(before.filter(({ month }) => month < '2026-03'))
    expect(of(counted, '2026-03', 'a.mssante.test')).toMatchObject({ received: 1, final: false })
    await fire()
    await journal.apply({ rows: oldTraces(clock.nowMs() - 365 * 86_400_000) })
    expect(await traces()).toBe(0)
    const last = of(await told(span), '2026-03', 'a.mssante.test')
    expect(last).toMatchObject({ received: 1, final: true, boxes: 2 })
  })

  test('name no patient, no number, no subject', async () => {
    const span = { from: '2026-01', to: '2026-12' }
    const all = `${JSON.stringify(await told(span))}${await views.csv(span, null)}`
    expect(all).toContain('a.mssante.test')
    expect(all).not.toMatch(/\d{14}@|patient|Dupont|279035121518989|x@c|u@a/i)
  })

  test('as a file', async () => {
    const columns = [
      ...[
        { column: 'month', name: 'MOIS' },
        { column: 'domain', name: '=DOMAINE' },
        { column: 'type', name: 'TYPE;BAL' },
      ],
      ...[
        { column: 'received', name: 'received' },
        { column: 'refusedCodes', name: 'refusedCodes' },
      ],
    ]
    const { operator } = config.mail as { operator: MailOperator }
    const named = { ...operator, indicators: { ...operator.indicators, columns } } as MailOperator
    const told = mailMonthViews({
      ...{ journal, clock },
      config: () => ({ ...config, mail: { whiteList: null, operator: named } }) as Config,
    })
    expect(await told.csv({ from: '2026-02', to: '2026-02', domain: 'a.mssante.test' }, null)).toBe(
      [
        `\ufeffMOIS;'=DOMAINE;"TYPE;BAL";received;refusedCodes`,
        '2026-02;a.mssante.test;;0;MAIL_BOX_UNKNOWN=1',
        '2026-02;a.mssante.test;APP;0;',
        '2026-02;a.mssante.test;ORG;2;MAIL_TOO_LARGE=3',
        '',
      ].join('\r\n'),
    )
  })
})

// Last: the months before count every mail of this store.
test('a mail to as many as a region may allow is taken', async () => {
  const [first, ...others] = Array.from({ length: 300 }, () => `${randomBytes(20).toString('hex')}@op.mssante.test`)
  await mail('in', 'jean@a.mssante.test', [first!, ...others])
})
