import { type Selectable, type SqlBool, sql } from 'kysely'
import { LOOKS } from '../../core/audit.ts'
import { type Reach, reachesDelivered, reachesNothing, reachesSent } from '../../core/caller.ts'
import type { Journal } from '../../core/journal.ts'
import { type MessageId, OPEN_STATES } from '../../core/message.ts'
import type { DeliveryDetail, MessageDetail } from '../../core/views.ts'
import { wordsOf } from '../sql/words.ts'
import { findingViews, isoTime, stateSeen, visibleTo } from './list.ts'
import { ask, db, type Tables } from './tables.ts'
import { timeline } from './timeline.ts'

/** Deliveries to the platform have a limit beyond any date: none. */
function isoLimit(atMs: number): string | null {
  return atMs >= 8.64e15 ? null : isoTime(atMs)
}

function deliveryDetail(
  row: Selectable<Tables['delivery']>,
  attempts: readonly Selectable<Tables['attempt']>[],
): DeliveryDetail {
  const open = OPEN_STATES.includes(row.state) && row.held === 0
  return {
    id: row.id,
    destination: row.destination,
    state: row.state,
    attempts: row.attempts,
    lastError: row.last_code,
    route: row.route,
    lane: row.lane,
    held: row.held === 1,
    dueAt: open ? isoTime(row.due_at_ms) : null,
    expiresAt: open ? isoLimit(row.expires_at_ms) : null,
    replayOf: row.replay_of,
    history: attempts
      .filter(({ delivery_seq }) => delivery_seq === row.seq)
      .map(({ n, started_at_ms, ended_at_ms, outcome, code, answer }) => ({
        n,
        startedAt: isoTime(started_at_ms),
        ms: ended_at_ms - started_at_ms,
        outcome,
        code,
        answer,
      })),
  }
}

async function rowsAbout(journal: Journal, id: MessageId, seq: number, isOwn: (destination: string) => boolean) {
  const all = await ask(journal, db.selectFrom('delivery').selectAll().where('message_seq', '=', seq).orderBy('seq'))
  const deliveries = all.filter(({ destination }) => isOwn(destination))
  const [attempts, onDeliveries] =
    deliveries.length === 0
      ? [[], []]
      : await Promise.all([
          ask(
            journal,
            db
              .selectFrom('attempt')
              .selectAll()
              .where(
                'delivery_seq',
                'in',
                deliveries.map((d) => d.seq),
              )
              .orderBy('n'),
          ),
          ask(
            journal,
            db
              .selectFrom('event')
              .selectAll()
              .where(
                'delivery',
                'in',
                deliveries.map((d) => d.id),
              )
              .orderBy('seq'),
          ),
        ])
  const [onMessage, caused] = await Promise.all([
    ask(
      journal,
      db
        .selectFrom('event')
        .selectAll()
        .where('message', '=', id)
        .where('delivery', 'is', null)
        // Who only looked stands in the audit: the timeline tells what happened.
        .where('what', 'not in', LOOKS)
        .orderBy('seq'),
    ),
    ask(
      journal,
      db.selectFrom('message').select(['id', 'received_at_ms', 'kind']).where('cause', '=', id).orderBy('seq'),
    ),
  ])
  return { deliveries, attempts, onDeliveries, onMessage, caused }
}

/**
 * All that is known of a message save its content, or null. The receiving side of a message sees its own deliveries and
 * what happened to them, not those of others. */
export async function messageDetail(
  journal: Journal,
  id: MessageId,
  reach: Reach | null,
): Promise<MessageDetail | null> {
  if (reach !== null && reachesNothing(reach)) return null
  let query = db
    .selectFrom('message')
    .selectAll()
    .select((eb) =>
      eb
        .selectFrom('body')
        .select('sha256')
        .where(sql.raw<SqlBool>(wordsOf(journal.dialect).of('body', 'message')))
        .as('sha256'),
    )
    .where('message.id', '=', id)
  if (reach !== null) query = query.where((eb) => visibleTo(eb, reach))
  const [row] = await ask(journal, query)
  if (row === undefined) return null
  const sees = reachesSent(reach, row.establishment, row.application)
  const isSeen = (destination: string) => sees || reachesDelivered(reach, destination)
  const about = await rowsAbout(journal, id, row.seq, isSeen)
  return {
    id: row.id,
    receivedAt: isoTime(row.received_at_ms),
    from: row.establishment,
    entrance: row.entrance,
    kind: row.kind,
    controlId: row.control_id,
    bytes: row.bytes,
    state: sees ? row.state : stateSeen(about.deliveries),
    findings: findingViews(row.findings, isSeen),
    application: row.application,
    facility: row.facility,
    receivingApplication: row.receiving_application,
    receivingFacility: row.receiving_facility,
    test: row.test === 1,
    sha256: row.sha256 ?? '',
    revision: row.revision,
    parent: row.parent,
    cause: row.cause,
    deliveries: about.deliveries.map((delivery) => deliveryDetail(delivery, about.attempts)),
    timeline: timeline({
      message: row,
      deliveries: about.deliveries,
      attempts: about.attempts,
      events: sees ? [...about.onDeliveries, ...about.onMessage] : about.onDeliveries,
      caused: sees ? about.caused : [],
    }),
  }
}

/**
 * What a reach may read of the content: all of it when its establishments sent the message, all but what is withheld when
 * it was delivered to them or the reach is the whole region; null: nothing. */
export async function readable(
  journal: Journal,
  id: MessageId,
  reach: Reach | null,
): Promise<{ readonly withheld: string | null } | null> {
  const rows = await ask(
    journal,
    db
      .selectFrom('message')
      .leftJoin('delivery', (join) =>
        join.onRef('delivery.message_seq', '=', 'message.seq').on('delivery.state', '=', 'delivered'),
      )
      .select(['message.establishment', 'message.application', 'message.withheld', 'delivery.destination'])
      .where('message.id', '=', id),
  )
  const [first] = rows
  if (first === undefined) return null
  // Who runs the region is not who qualified the identity: only its sender sees an INS that may go nowhere.
  if (reach === null || reach.establishments === null) return { withheld: first.withheld }
  if (reachesSent(reach, first.establishment, first.application)) return { withheld: null }
  const delivered = rows.some((row) => row.destination !== null && reachesDelivered(reach, row.destination))
  return delivered ? { withheld: first.withheld } : null
}
