import { type Expression, type ExpressionBuilder, type Selectable, type SqlBool, sql } from 'kysely'
import { type Reach, reachesDelivered, reachesSent } from '../../core/caller.ts'
import { GatewayError } from '../../core/errors.ts'
import type { Journal } from '../../core/journal.ts'
import { type Finding, type MessageState, standing } from '../../core/message.ts'
import type { FindingView, MessageFilter, MessagePage, MessageSummary } from '../../core/views.ts'
import { stateOf } from '../journal/standing.ts'
import { searchMessages } from './search.ts'
import { ask, db, type Tables } from './tables.ts'

const DEFAULT_LIMIT = 50
const MAX_LIMIT = 500
const LISTED = [
  'seq',
  'id',
  'received_at_ms',
  'establishment',
  'application',
  'entrance',
  'kind',
  'control_id',
  'bytes',
  'state',
  'findings',
] as const

/** Wall-clock ms as ISO 8601 with offset (UTC). */
export function isoTime(atMs: number): string {
  return new Date(atMs).toISOString()
}

/** The findings of a row, as shown; one that speaks of a delivery, to whom sees that. */
export function findingViews(json: string, sees: (destination: string) => boolean): readonly FindingView[] {
  const seen = (JSON.parse(json) as readonly Finding[]).filter(({ at }) => !isDestination(at) || sees(at))
  return seen.map(({ code, class: kind, at, params }) => ({
    code,
    class: kind,
    at: at ?? null,
    params: params ?? {},
  }))
}

function isDestination(at: string | undefined): at is string {
  return at !== undefined && /^[a-z0-9-]+\/[a-z0-9-]+$/.test(at)
}

/** The state of a message whose sender the reach is not, by the deliveries that it sees. */
export function stateSeen(deliveries: readonly Pick<Selectable<Tables['delivery']>, 'state' | 'held'>[]): MessageState {
  const all = deliveries.map(({ state, held }) => standing(state, held === 1))
  return stateOf(all.filter((one) => one === 'open').length, all.filter((one) => one === 'parked').length)
}

/** What a reach shows: what its establishments sent, by its applications where it names some, else also what was delivered to them. */
export function visibleTo(eb: ExpressionBuilder<Tables, 'message'>, reach: Reach): Expression<SqlBool> {
  const { establishments, applications } = reach
  const sent = eb.and([
    ...(establishments === null ? [] : [eb('message.establishment', 'in', establishments)]),
    ...(applications === null ? [] : [eb('message.application', 'in', applications)]),
  ])
  if (establishments === null || applications !== null) return sent
  return eb.or([
    sent,
    ...establishments.map((establishment) =>
      eb.exists(
        eb
          .selectFrom('delivery')
          .select(sql.lit(1).as('one'))
          .whereRef('delivery.message_seq', '=', 'message.seq')
          .where('delivery.destination', '>=', `${establishment}/`)
          // `0` is the character after `/`.
          .where('delivery.destination', '<', `${establishment}0`),
      ),
    ),
  ])
}

/** A page of messages, newest first, with their deliveries; a reach shows of others' messages its own deliveries. */
export async function listMessages(journal: Journal, filter: MessageFilter, reach: Reach | null): Promise<MessagePage> {
  const limit = filter.limit ?? DEFAULT_LIMIT
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_LIMIT) throw new GatewayError('BAD_REQUEST')
  const found = await searchMessages(journal, filter, reach, limit + 1)
  const seqs = found.slice(0, limit)
  if (seqs.length === 0) return { messages: [], next: null }
  const page = await ask(
    journal,
    db.selectFrom('message').select(LISTED).where('seq', 'in', seqs).orderBy('seq', 'desc'),
  )
  const deliveries = await ask(
    journal,
    db
      .selectFrom('delivery')
      .select(['id', 'message_seq', 'destination', 'state', 'held', 'attempts', 'last_code'])
      .where('message_seq', 'in', seqs)
      .orderBy('seq'),
  )
  const byMessage = Map.groupBy(deliveries, (row) => row.message_seq)
  return {
    messages: page.map((row) => summaryOf(row, byMessage.get(row.seq) ?? [], reach)),
    next: found.length > limit ? String(seqs.at(-1)) : null,
  }
}

function summaryOf(
  row: Pick<Selectable<Tables['message']>, (typeof LISTED)[number]>,
  all: readonly Pick<
    Selectable<Tables['delivery']>,
    'id' | 'destination' | 'state' | 'held' | 'attempts' | 'last_code'
  >[],
  reach: Reach | null,
): MessageSummary {
  const sent = reachesSent(reach, row.establishment, row.application)
  const sees = (destination: string) => sent || reachesDelivered(reach, destination)
  const deliveries = all.filter(({ destination }) => sees(destination))
  return {
    id: row.id,
    receivedAt: isoTime(row.received_at_ms),
    from: row.establishment,
    entrance: row.entrance,
    kind: row.kind,
    controlId: row.control_id,
    bytes: row.bytes,
    state: sent ? row.state : stateSeen(deliveries),
    findings: findingViews(row.findings, sees),
    deliveries: deliveries.map(({ id, destination, state, attempts, last_code }) => ({
      id,
      destination,
      state,
      attempts,
      lastError: last_code,
    })),
  }
}
