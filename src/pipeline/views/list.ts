import { type Expression, type ExpressionBuilder, type SqlBool, sql } from 'kysely'
import { GatewayError } from '../../core/errors.ts'
import type { Journal } from '../../core/journal.ts'
import type { Finding } from '../../core/message.ts'
import type { FindingView, MessageFilter, MessagePage, Scope } from '../../core/views.ts'
import { searchKey } from '../keys.ts'
import { ask, db, type Tables } from './tables.ts'

const DEFAULT_LIMIT = 50
const MAX_LIMIT = 500

/** Wall-clock ms as ISO 8601 with offset (UTC). */
export function isoTime(atMs: number): string {
  return new Date(atMs).toISOString()
}

/** The findings of a row, as shown. */
export function findingViews(json: string): readonly FindingView[] {
  return (JSON.parse(json) as readonly Finding[]).map(({ code, class: kind, at, params }) => ({
    code,
    class: kind,
    at: at ?? null,
    params: params ?? {},
  }))
}

/** Is the destination one of this establishment's? */
export function belongsTo(destination: string, establishment: string): boolean {
  return destination.startsWith(`${establishment}/`)
}

/** What an establishment may see: what it sent, and what has a delivery to it. */
export function visibleTo(eb: ExpressionBuilder<Tables, 'message'>, establishment: string): Expression<SqlBool> {
  return eb.or([
    eb('message.establishment', '=', establishment),
    eb.exists(
      eb
        .selectFrom('delivery')
        .select(sql.lit(1).as('one'))
        .whereRef('delivery.message_seq', '=', 'message.seq')
        .where('delivery.destination', '>=', `${establishment}/`)
        // `0` is the character after `/`.
        .where('delivery.destination', '<', `${establishment}0`),
    ),
  ])
}

function patientKey(patient: string, secret: Uint8Array): string {
  const bar = patient.indexOf('|')
  if (bar < 0 || bar === patient.length - 1) throw new GatewayError('BAD_REQUEST')
  return searchKey(secret, patient.slice(0, bar), patient.slice(bar + 1))
}

/** A prefix such as `ADT^*` as a range of text: `ADT^` up to the next text that does not start with it. */
function kindCondition(eb: ExpressionBuilder<Tables, 'message'>, kind: string): Expression<SqlBool> {
  if (!kind.endsWith('*')) return eb('kind', '=', kind)
  const prefix = kind.slice(0, -1)
  return eb.and([eb('kind', '>=', prefix), eb('kind', '<', `${prefix}\u{10ffff}`)])
}

function query(filter: MessageFilter, scope: Scope, limit: number, secret: Uint8Array) {
  const { controlId, from, kind, state, sinceMs, patient, after } = filter
  if (after !== undefined && !/^\d{1,16}$/.test(after)) throw new GatewayError('BAD_REQUEST')
  let rows = db
    .selectFrom('message')
    .select(['seq', 'id', 'received_at_ms', 'establishment', 'entrance', 'kind', 'control_id', 'bytes'])
    .select(['state', 'findings'])
  if (controlId !== undefined) rows = rows.where('control_id', '=', controlId)
  if (from !== undefined) rows = rows.where('establishment', '=', from)
  if (kind !== undefined) rows = rows.where((eb) => kindCondition(eb, kind))
  // Written out, not bound: only then does SQLite use the index of parked messages.
  if (state !== undefined) rows = rows.where('state', '=', sql.lit(state))
  if (sinceMs !== undefined) rows = rows.where('received_at_ms', '>=', sinceMs)
  if (after !== undefined) rows = rows.where('seq', '<', Number(after))
  if (patient !== undefined) {
    const key = patientKey(patient, secret)
    rows = rows.where('seq', 'in', (eb) =>
      eb
        .selectFrom('message_bucket')
        .innerJoin('message_key', 'message_key.bucket', 'message_bucket.n')
        .select('message_key.message_seq')
        .where('message_key.search_key', '=', key)
        .unionAll(eb.selectFrom('message_key_new').select('message_seq').where('search_key', '=', key)),
    )
  }
  if (scope !== null) rows = rows.where((eb) => visibleTo(eb, scope))
  return rows.orderBy('seq', 'desc').limit(limit + 1)
}

/** A page of messages, newest first, with their deliveries; an establishment sees of others' messages its own deliveries. */
export async function listMessages(journal: Journal, filter: MessageFilter, scope: Scope): Promise<MessagePage> {
  const limit = filter.limit ?? DEFAULT_LIMIT
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_LIMIT) throw new GatewayError('BAD_REQUEST')
  const rows = await ask(journal, query(filter, scope, limit, journal.secret))
  const page = rows.slice(0, limit)
  const last = page.at(-1)
  if (last === undefined) return { messages: [], next: null }
  const deliveries = await ask(
    journal,
    db
      .selectFrom('delivery')
      .select(['id', 'message_seq', 'destination', 'state', 'attempts', 'last_code'])
      .where(
        'message_seq',
        'in',
        page.map(({ seq }) => seq),
      )
      .orderBy('seq'),
  )
  const byMessage = Map.groupBy(deliveries, (row) => row.message_seq)
  return {
    messages: page.map((row) => ({
      id: row.id,
      receivedAt: isoTime(row.received_at_ms),
      from: row.establishment,
      entrance: row.entrance,
      kind: row.kind,
      controlId: row.control_id,
      bytes: row.bytes,
      state: row.state,
      findings: findingViews(row.findings),
      deliveries: (byMessage.get(row.seq) ?? [])
        .filter((d) => scope === null || row.establishment === scope || belongsTo(d.destination, scope))
        .map(({ id, destination, state, attempts, last_code }) => ({
          id,
          destination,
          state,
          attempts,
          lastError: last_code,
        })),
    })),
    next: rows.length > limit ? String(last.seq) : null,
  }
}
