import type { Config } from '../../core/config.ts'
import type { Follower } from '../../core/follower.ts'
import type { Effect, Intake, Journal, Timer } from '../../core/journal.ts'
import type { MailOperator } from '../../core/mail.ts'
import type { Clock, Ids, Log } from '../../core/ports.ts'
import { writeDsn } from '../../formats/mail/dsn.ts'
import { MAIL_FOLLOWER, type MailTimer, mailTimer } from './beside.ts'
import { headOf } from './head.ts'
import { ownMail } from './own.ts'
import { oldTraces } from './prune.ts'
import { type KeptRecipient, lateRecipients, notifyOf, recipientOf } from './rows.ts'
import { type Action, dsnOf } from './told.ts'

/** Between two looks for what takes long: a tenth of what is long, within these (ms). */
const [LATE_LEAST_MS, LATE_MOST_MS] = [1_000, 60_000]
/** Recipients told of at a look. */
const LATE_AT_ONCE = 50
const LATE_TIMER = 'mail-late'

/** Of what a sender may be told. */
type Told = 'delay' | 'failure' | 'success'

/** What reports are made with. */
export interface ReportParts {
  readonly journal: Pick<Journal, 'look' | 'body' | 'record' | 'delivery'>
  readonly config: () => Config
  readonly clock: Clock
  readonly ids: Ids
  readonly log: Log
}

/** The timer with which the looks for late mail begin; set at a start when it is not there. */
export function firstLateTimer(nowMs: number): Timer {
  return mailTimer(LATE_TIMER, nowMs, { what: 'late' })
}

/**
 * Tells senders what became of their mail (RFC 3464), each thing once: the report is a mail in the commit that fires its
 * timer. A report is never reported (RFC 5321 §4.5.5), and NOTIFY=NEVER is kept. What was reported, or cannot be, is ended:
 * the responsibility went back to the sender (§6.1). */
export function mailReports(parts: ReportParts): Follower {
  return {
    name: MAIL_FOLLOWER,
    reads: false,
    entries: () => Promise.resolve({}),
    timer(timer) {
      const payload = JSON.parse(timer.payload) as MailTimer
      if (payload.what === 'late') return late(parts)
      return payload.what === 'ended' ? ended(payload, parts) : close(payload, parts)
    },
  }
}

async function ended({ delivery, action }: Extract<MailTimer, { what: 'ended' }>, parts: ReportParts): Promise<Effect> {
  const row = await recipient(delivery, parts)
  if (row === null) return {}
  const { clock } = parts
  const what = action === 'failed' ? 'failure' : 'success'
  const { operator, told } = tellable(row, what, parts)
  const nowMs = clock.nowMs()
  const closing = (code: 'MAIL_REPORTED' | 'MAIL_UNREPORTED') =>
    action === 'failed' ? [mailTimer(`mail-close:${delivery}`, nowMs, { what: 'close', delivery, code })] : []
  if (!told || operator === undefined) return { timers: closing('MAIL_UNREPORTED') }
  return {
    arrivals: [await report(row, action, operator, parts)],
    rows: [toldRow(delivery, what)],
    timers: closing('MAIL_REPORTED'),
  }
}

async function close(
  { delivery, code }: Extract<MailTimer, { what: 'close' }>,
  { journal, clock }: ReportParts,
): Promise<Effect> {
  const entry = await journal.delivery(delivery)
  // A person may have sent it again meanwhile: then it is not ended.
  if (entry === null || (entry.state !== 'refused' && entry.state !== 'expired')) return {}
  const atMs = clock.nowMs()
  await journal.record({
    deliveryId: delivery,
    from: ['refused', 'expired'],
    to: 'closed',
    held: false,
    holds: false,
    atMs,
    dueAtMs: atMs,
    code,
    sameCode: 0,
    attempts: entry.attempts,
    attempt: null,
    findings: [],
    events: [
      {
        atMs,
        who: 'gateway',
        what: 'close',
        why: null,
        code,
        message: entry.messageId,
        delivery,
        detail: entry.destination,
      },
    ],
  })
  return {}
}

async function late(parts: ReportParts): Promise<Effect> {
  const { journal, config, clock } = parts
  const nowMs = clock.nowMs()
  const operator = config().mail?.operator
  const waitMs = Math.min(Math.max((operator?.retry.delayedMs ?? LATE_MOST_MS) / 10, LATE_LEAST_MS), LATE_MOST_MS)
  const next = mailTimer(LATE_TIMER, Math.round(nowMs + waitMs), { what: 'late' })
  if (operator === undefined) return { timers: [next] }
  const rows = await journal.look<KeptRecipient>(lateRecipients(nowMs - operator.retry.delayedMs, LATE_AT_ONCE))
  const telling = rows.filter((row) => tellable(row, 'delay', parts).told)
  const arrivals = await Promise.all(telling.map((row) => report(row, 'delayed', operator, parts)))
  return {
    arrivals,
    rows: [...rows.map(({ delivery }) => toldRow(delivery, 'delay')), ...oldTraces(nowMs - operator.tracesMs)],
    timers: [rows.length === LATE_AT_ONCE ? { ...next, dueAtMs: nowMs } : next],
    events: telling.map(({ message, delivery }) => ({
      atMs: nowMs,
      who: 'gateway',
      what: 'report',
      why: null,
      code: 'MAIL_DELAYED' as const,
      message,
      delivery,
      detail: null,
    })),
  }
}

function toldRow(delivery: string, told: Told) {
  return { sql: 'UPDATE mail_recipient SET told = ? WHERE delivery = ?', parameters: [told, delivery] }
}

/** Is the sender to be told of that? */
function tellable(
  row: KeptRecipient,
  what: Told,
  { config }: ReportParts,
): { readonly operator: MailOperator | undefined; readonly told: boolean } {
  const notify = notifyOf(row)
  const asked = notify.length === 0 ? what !== 'success' : notify.includes(what)
  return { operator: config().mail?.operator, told: row.sender !== '' && asked }
}

async function recipient(delivery: string, { journal }: ReportParts): Promise<KeptRecipient | null> {
  const [row] = await journal.look<KeptRecipient>(recipientOf(delivery))
  return row ?? null
}

/** The report as a mail of ours: null sender, and nobody is told of what becomes of it. */
async function report(row: KeptRecipient, action: Action, operator: MailOperator, parts: ReportParts): Promise<Intake> {
  const { journal, config, clock, ids } = parts
  const nowMs = clock.nowMs()
  const id = ids.uuid()
  const original = await headOf(journal, row.message, action === 'failed' && row.ret === 'full')
  const bytes = writeDsn(dsnOf({ row, action, id, nowMs, original, operator, timeZone: config().region.timeZone }))
  return ownMail(
    {
      id,
      atMs: nowMs,
      kind: 'MAIL^DSN',
      bytes,
      envelope: { sender: '', returns: null, id: null, eightBit: true, utf8: Number(row.utf8) === 1 },
      recipient: { address: row.sender, notify: ['never'], original: null },
      messageId: `${id}@${operator.host}`,
      automatic: true,
      xMss: {},
      establishment: null,
      test: false,
      cause: row.message,
      rows: [],
    },
    config(),
    ids,
  )
}
