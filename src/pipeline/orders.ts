import type { Journal, SqlValue, Statement } from '../core/journal.ts'
import type { Finding } from '../core/message.ts'
import { acknowledgedMessages, type MessageWord, type OrderWord, orderWords } from '../formats/hl7v2/known-orders.ts'
import { searchKey } from './keys.ts'
import type { Reading } from './reading.ts'

/**
 * What a message says of orders that the gateway should have carried, and where that is kept: `imaging_order` holds each
 * order of tele-radiology under an HMAC of its number, who made it, and when it was answered. */
export interface Claims {
  readonly orders: readonly (OrderWord & { readonly key: string })[]
  readonly messages: readonly MessageWord[]
}

/** When rows are written, for how long orders are kept (ms), and whose message it is. */
export interface ClaimParts {
  readonly nowMs: number
  readonly keptMs: number
}

/** Orders past their time that go whenever one is added: more than come, few enough for a commit. */
const FORGOTTEN = 20

/** What a message claims of orders; null for nearly all messages. */
export function claimsOf({ message, header }: Reading, secret: Uint8Array): Claims | null {
  const words = orderWords(message, header)
  const messages = acknowledgedMessages(message, header)
  if (words.length + messages.length === 0) return null
  const orders = new Map<string, Claims['orders'][number]>()
  for (const word of words) {
    const key = searchKey(secret, `order ${word.authority}`, word.number)
    // What one message says twice is one claim.
    if (!orders.has(`${word.role} ${key}`)) orders.set(`${word.role} ${key}`, { ...word, key })
  }
  return { orders: [...orders.values()], messages }
}

/**
 * The rows to commit with the message. Each changes exactly one row, or the commit is a mismatch and `claimFindings` says
 * why; `disputed` are the claims it found, which ask nothing any more. */
function claimRows(
  { orders }: Claims,
  { establishment }: Reading,
  { nowMs, keptMs }: ClaimParts,
  disputed: readonly Finding[],
): readonly Statement[] {
  const rows: Statement[] = []
  for (const { role, key, at } of orders) {
    if (disputed.some((finding) => finding.at === at)) continue
    if (role === 'request') {
      rows.push(
        {
          sql: `DELETE FROM imaging_order WHERE order_key IN (
            SELECT order_key FROM imaging_order WHERE at_ms < ? ORDER BY at_ms LIMIT ${FORGOTTEN})`,
          parameters: [nowMs - keptMs],
        },
        {
          sql: `INSERT INTO imaging_order (order_key, owner, at_ms, answered_at_ms) VALUES (?, ?, ?, NULL)
            ON CONFLICT DO NOTHING`,
          parameters: [key, establishment.id, nowMs],
          rows: 1,
        },
      )
    } else {
      rows.push(role === 'cancel' ? cancelRow(key, establishment.id) : answerRow(key, nowMs))
    }
  }
  return rows
}

/** A cancel changes nothing; it is a row all the same, so that it is judged in the order of commits. */
function cancelRow(key: string, owner: string): Statement {
  const parameters: SqlValue[] = [key, owner]
  const open = 'order_key = ? AND owner = ? AND answered_at_ms IS NULL'
  return { sql: `UPDATE imaging_order SET owner = owner WHERE ${open}`, parameters, rows: 1 }
}

function answerRow(key: string, nowMs: number): Statement {
  const sql =
    'UPDATE imaging_order SET answered_at_ms = coalesce(answered_at_ms, CAST(? AS BIGINT)) WHERE order_key = ?'
  return { sql, parameters: [nowMs, key], rows: 1 }
}

interface OrderRow {
  readonly order_key: string
  readonly owner: string
  readonly answered_at_ms: number | null
}

/** What is wrong with the claims, by what is in the store now. */
async function claimFindings(
  { orders, messages }: Claims,
  reading: Reading,
  journal: Pick<Journal, 'look' | 'sent'>,
): Promise<readonly Finding[]> {
  const findings: Finding[] = []
  for (const { role, key, at } of orders) {
    const [row] = await journal.look<OrderRow>({
      sql: 'SELECT order_key, owner, answered_at_ms FROM imaging_order WHERE order_key = ?',
      parameters: [key],
    })
    const finding = judge(role, row, reading.establishment.id)
    if (finding !== null) findings.push({ ...finding, at })
  }
  for (const { at, controlId } of messages) {
    if (!(await isCarried(controlId, reading, journal))) findings.push({ code: 'MESSAGE_UNKNOWN', class: 'safety', at })
  }
  return findings
}

function judge(role: OrderWord['role'], row: OrderRow | undefined, sender: string): Omit<Finding, 'at'> | null {
  if (role === 'request') return row === undefined ? null : { code: 'ORDER_DUPLICATE', class: 'contract' }
  // Nobody takes back an order that another has made.
  if (row === undefined || (role === 'cancel' && row.owner !== sender))
    return { code: 'ORDER_UNKNOWN', class: 'safety' }
  return role === 'cancel' && row.answered_at_ms !== null ? { code: 'ORDER_ANSWERED', class: 'contract' } : null
}

/** Was a message with this MSH-10 delivered to who acknowledges it, or sent by whom the acknowledgement is for? */
async function isCarried(
  controlId: string,
  { header, establishment }: Reading,
  journal: Pick<Journal, 'look' | 'sent'>,
): Promise<boolean> {
  if ((await journal.sent(establishment.id, controlId)).length > 0) return true
  const rows = await journal.look({
    sql: `SELECT id FROM message WHERE control_id = ? AND application = ? AND facility = ?
      AND kind IN ('ORU^R01', 'MDM^T02', 'MDM^T04', 'MDM^T10') LIMIT 1`,
    parameters: [controlId, header.receivingApplication, header.receivingFacility],
  })
  return rows.length > 0
}

/** What the claims of a reading are judged with. */
export interface JudgeParts extends ClaimParts {
  readonly journal: Pick<Journal, 'look' | 'sent'>
  /** A commit found a claim not to be as it said: the store is asked which. */
  readonly again: boolean
}

/** The reading with the rows of its claims, and with what is wrong with them as far as the store had to be asked. */
export function withClaims(reading: Reading, claims: Claims, parts: JudgeParts): Reading | Promise<Reading> {
  // An order is judged by its row, in the order of commits; a message that went by is not to change any more.
  if (!parts.again && claims.messages.length === 0) return { ...reading, rows: claimRows(claims, reading, parts, []) }
  return claimFindings(claims, reading, parts.journal).then((disputed) => ({
    ...reading,
    findings: [...reading.findings, ...disputed],
    rows: claimRows(claims, reading, parts, disputed),
  }))
}
