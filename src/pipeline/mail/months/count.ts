import { GatewayError } from '../../../core/errors.ts'
import type { Journal, Statement } from '../../../core/journal.ts'
import type { MailFigures, MailGroup, XMssCodes } from '../../../core/mail-indicators.ts'
import type { MonthSpan } from '../../../formats/clock/months.ts'
import { Counted, count, countXMss, type GroupRow, usedAt } from './figures.ts'

/** Mails of one question, about: far from what a question may take. */
const AT_ONCE = 10_000
/** A question about less time is not made smaller (ms). */
const LEAST_MS = 60_000

type Read = Journal['read']
type Span = Pick<MonthSpan, 'fromMs' | 'untilMs'>

/**
 * What a month comes to, as far as mailboxes and traces of mails tell it: everything but what the doors refused. Every mail
 * counts in the month of its acceptance, every failure in that of its end.
 * @throws {GatewayError} QUERY_TIMEOUT */
export async function countMonth(
  read: Read,
  span: MonthSpan,
  xMss: XMssCodes,
): Promise<readonly (MailGroup & MailFigures)[]> {
  const counted = new Counted()
  await mailboxes(read, span, counted)
  const users = new Map<string, GroupRow>()
  await opened(read, span, counted, users)
  for (const part of await partsOf(read, span)) {
    await smaller(part, async (some) => {
      const got = await read<MailsRow>(about(RECEIVED, some))
      const sent = await read<MailsRow & { readonly relayed: number }>(about(SENT, some))
      const senders = await read<UseRow>(about(SENDERS, some))
      for (const row of got) received(counted, row, xMss)
      for (const row of sent) sentRow(counted, row, xMss)
      for (const row of senders) use(row, counted, users)
    })
  }
  await smaller(span, async (some) => {
    const rows = await read<GroupRow & { code: string | null; n: number }>(about(FAILED, some))
    for (const row of rows) count(counted.of(row).failed, row.code ?? 'DELIVERY_EXPIRED', Number(row.n))
  })
  for (const row of users.values()) counted.of(row).sum.used += 1
  return counted.all()
}

/** The month in slices of about `AT_ONCE` mails. */
async function partsOf(read: Read, { fromMs, untilMs }: Span): Promise<readonly Span[]> {
  const [row] = await read<{ n: number }>(
    about('SELECT COUNT(*) AS n FROM mail WHERE at_ms >= ? AND at_ms < ?', { fromMs, untilMs }),
  )
  const parts = Math.ceil(Number(row?.n ?? 0) / AT_ONCE)
  const at = (i: number): number => fromMs + Math.round(((untilMs - fromMs) * i) / parts)
  return Array.from({ length: parts }, (_, i) => ({ fromMs: at(i), untilMs: at(i + 1) }))
}

/** Asks about a span; where that takes too long, about one half after the other. */
async function smaller(span: Span, ask: (span: Span) => Promise<void>): Promise<void> {
  try {
    await ask(span)
  } catch (fault) {
    const { fromMs, untilMs } = span
    const late = fault instanceof GatewayError && fault.code === 'QUERY_TIMEOUT'
    if (!late || untilMs - fromMs < LEAST_MS) throw fault
    const middleMs = Math.floor((fromMs + untilMs) / 2)
    await smaller({ fromMs, untilMs: middleMs }, ask)
    await smaller({ fromMs: middleMs, untilMs }, ask)
  }
}

function about(sql: string, { fromMs, untilMs }: Span): Statement {
  return { sql, parameters: [fromMs, untilMs] }
}

interface MailsRow extends GroupRow {
  readonly x_mss: string
  readonly mails: number
  readonly recipients: number
  readonly bytes: number
}
interface UseRow extends GroupRow {
  readonly address: string
  readonly at_ms: number
}

const GROUP = 'domain, establishment, kind'
const OF_RECIPIENT = 'b.address = COALESCE(r.box, r.address)'
const OF_SENDER = "s.address = COALESCE(m.box, m.sender) AND m.way <> 'in'"
const WITHIN = 'm.at_ms >= ? AND m.at_ms < ?'

/** A mail for several mailboxes of a group is one mail of it, with so many recipients: one to whom it was sent again is no other. */
const RECEIVED = `SELECT ${GROUP}, x_mss, COUNT(*) AS mails, SUM(recipients) AS recipients, SUM(bytes) AS bytes FROM (
  SELECT b.domain, b.establishment, b.kind, m.message, MAX(m.x_mss) AS x_mss, MAX(m.bytes) AS bytes, COUNT(DISTINCT r.address) AS recipients
  FROM mail m JOIN mail_recipient r ON r.message = m.message JOIN mailbox b ON ${OF_RECIPIENT}
  WHERE ${WITHIN} GROUP BY b.domain, b.establishment, b.kind, m.message) AS one GROUP BY ${GROUP}, x_mss`
/** Relayed: at least one of its recipients is no mailbox here. */
const SENT = `SELECT ${GROUP}, x_mss, COUNT(*) AS mails, SUM(recipients) AS recipients, SUM(bytes) AS bytes,
  SUM(relayed) AS relayed FROM (
  SELECT s.domain, s.establishment, s.kind, m.message, MAX(m.x_mss) AS x_mss, MAX(m.bytes) AS bytes, COUNT(DISTINCT r.address) AS recipients,
    MAX(CASE WHEN b.address IS NULL THEN 1 ELSE 0 END) AS relayed
  FROM mail m JOIN mailbox s ON ${OF_SENDER} JOIN mail_recipient r ON r.message = m.message
  LEFT JOIN mailbox b ON ${OF_RECIPIENT}
  WHERE ${WITHIN} GROUP BY s.domain, s.establishment, s.kind, m.message) AS one GROUP BY ${GROUP}, x_mss`
const SENDERS = `SELECT s.address, s.domain, s.establishment, s.kind, MAX(m.at_ms) AS at_ms
  FROM mail m JOIN mailbox s ON ${OF_SENDER} WHERE ${WITHIN} GROUP BY s.address, s.domain, s.establishment, s.kind`
/** Of whom it was sent, where that is a mailbox here; else of whom it was for. */
const FAILED = `SELECT COALESCE(s.domain, b.domain) AS domain, COALESCE(s.establishment, b.establishment) AS establishment,
  COALESCE(s.kind, b.kind) AS kind, r.code, COUNT(*) AS n
  FROM mail_recipient r JOIN mail m ON m.message = r.message LEFT JOIN mailbox s ON ${OF_SENDER}
  LEFT JOIN mailbox b ON ${OF_RECIPIENT}
  WHERE r.state = 'failed' AND r.ended_at_ms >= ? AND r.ended_at_ms < ?
  GROUP BY COALESCE(s.domain, b.domain), COALESCE(s.establishment, b.establishment), COALESCE(s.kind, b.kind), r.code`

function received(counted: Counted, row: MailsRow, codes: XMssCodes): void {
  const { sum, xMss } = counted.of(row)
  sum.received += Number(row.mails)
  sum.receivedRecipients += Number(row.recipients)
  sum.receivedBytes += Number(row.bytes)
  countXMss(xMss.received, row.x_mss, codes, Number(row.mails))
}

function sentRow(counted: Counted, row: MailsRow & { readonly relayed: number }, codes: XMssCodes): void {
  const { sum, xMss } = counted.of(row)
  sum.sent += Number(row.mails)
  sum.relayed += Number(row.relayed)
  sum.sentRecipients += Number(row.recipients)
  sum.sentBytes += Number(row.bytes)
  countXMss(xMss.sent, row.x_mss, codes, Number(row.mails))
}

async function mailboxes(read: Read, { fromMs, untilMs }: MonthSpan, counted: Counted): Promise<void> {
  const in_ = (column: string): string => `SUM(CASE WHEN ${column} >= ? AND ${column} < ? THEN 1 ELSE 0 END)`
  const rows = await read<GroupRow & { boxes: number; created: number; closed: number }>({
    sql: `SELECT ${GROUP}, SUM(CASE WHEN closed_at_ms IS NULL OR closed_at_ms >= ? THEN 1 ELSE 0 END) AS boxes,
      ${in_('created_at_ms')} AS created, ${in_('closed_at_ms')} AS closed
      FROM mailbox WHERE created_at_ms < ? GROUP BY ${GROUP}`,
    parameters: [untilMs, fromMs, untilMs, fromMs, untilMs, untilMs],
  })
  for (const row of rows) {
    const { sum } = counted.of(row)
    sum.boxes += Number(row.boxes)
    sum.created += Number(row.created)
    sum.closed += Number(row.closed)
  }
  const suspended = await read<GroupRow & { n: number }>({
    sql: `SELECT b.domain, b.establishment, b.kind, COUNT(*) AS n FROM mailbox_suspension p
      JOIN mailbox b ON b.address = p.address
      WHERE p.from_ms < ? AND (p.until_ms IS NULL OR p.until_ms >= ?) GROUP BY b.domain, b.establishment, b.kind`,
    parameters: [untilMs, untilMs],
  })
  for (const row of suspended) counted.of(row).sum.suspended += Number(row.n)
}

async function opened(read: Read, { month }: MonthSpan, counted: Counted, users: Map<string, GroupRow>): Promise<void> {
  const rows = await read<UseRow>({
    sql: `SELECT b.address, b.domain, b.establishment, b.kind, u.at_ms FROM mailbox_use u
      JOIN mailbox b ON b.address = u.address WHERE u.month = ?`,
    parameters: [month],
  })
  for (const row of rows) use(row, counted, users)
}

function use(row: UseRow, counted: Counted, users: Map<string, GroupRow>): void {
  users.set(row.address, row)
  usedAt(counted.of(row), Number(row.at_ms))
}
