import { GatewayError } from '../core/errors.ts'
import type { ExtraDelivery, Journal, Move, NewEvent, QueueEntry } from '../core/journal.ts'
import {
  type DeliveryId,
  type DestinationId,
  type Lane,
  type MessageId,
  PLATFORM,
  type State,
} from '../core/message.ts'
import type { ActResult, Commands, MakeCommands, ReplayResult } from '../core/views.ts'
import { newDelivery } from './intake.ts'

/** States in which an act is possible; a delivery on its way cannot be touched. */
const ENDABLE: readonly State[] = ['queued', 'unknown', 'refused', 'expired', 'poisoned']

interface Replayed {
  readonly id: DeliveryId
  readonly destination: DestinationId
  readonly route: string
  readonly lane: Lane
  readonly test: boolean
}

/** The acts of a person, each with its event in the same commit as what it changes. */
export const acts: MakeCommands = ({ journal, config, clock, ids }): Commands => {
  async function act(
    id: DeliveryId,
    who: string,
    why: string,
    what: string,
    change: (e: QueueEntry) => Partial<Move>,
  ): Promise<ActResult> {
    const entry = await journal.delivery(id)
    if (entry === null) throw new GatewayError('NOT_FOUND')
    if (!ENDABLE.includes(entry.state)) throw new GatewayError('WRONG_STATE')
    const atMs = clock.nowMs()
    const event: NewEvent = {
      atMs,
      who,
      what,
      why,
      code: null,
      message: entry.messageId,
      delivery: id,
      detail: entry.state,
    }
    const move: Move = {
      deliveryId: id,
      from: [entry.state],
      to: null,
      held: entry.held,
      holds: entry.holds,
      atMs,
      dueAtMs: entry.dueAtMs,
      code: entry.lastCode,
      sameCode: entry.sameCode,
      attempts: entry.attempts,
      attempt: null,
      findings: [],
      events: [event],
      ...change(entry),
    }
    if (!(await journal.record(move))) throw new GatewayError('WRONG_STATE')
    return { id, destination: entry.destination, state: move.to ?? entry.state }
  }

  return {
    resend: (id, who, why) =>
      act(id, who, why, 'resend', (entry) => {
        const destination = config().destinations.get(entry.destination)
        if (destination === undefined) throw new GatewayError('DESTINATION_GONE')
        const atMs = clock.nowMs()
        return {
          to: entry.state === 'queued' ? null : 'queued',
          held: false,
          holds: true,
          dueAtMs: atMs,
          expiresAtMs: Math.max(entry.expiresAtMs, atMs + destination.retry.expiresMs),
          code: null,
          sameCode: 0,
        }
      }),
    close: (id, who, why) => act(id, who, why, 'close', () => ({ to: 'closed', held: false, holds: false })),
    skip: (id, who, why) =>
      act(id, who, why, 'skip', (entry) => {
        const parked = entry.held || ['refused', 'expired', 'poisoned'].includes(entry.state)
        if (!parked) throw new GatewayError('WRONG_STATE')
        return { holds: false }
      }),
    replay: (message, ask, who) => replay(message, ask, who),
    async readBody(message, who, why) {
      const event: NewEvent = {
        atMs: clock.nowMs(),
        who,
        what: 'read-body',
        why,
        code: null,
        message,
        delivery: null,
        detail: null,
      }
      await journal.apply({ events: [event] })
    },
  }

  async function replay(
    message: MessageId,
    ask: { readonly to: DestinationId | null; readonly dryRun: boolean; readonly reason: string },
    who: string,
  ): Promise<ReplayResult> {
    const olds = await deliveriesOf(journal, message)
    if (olds === null) throw new GatewayError('NOT_FOUND')
    const chosen = chosenFor(olds, ask.to)
    const made = { config: config(), ids, nowMs: clock.nowMs() }
    for (const { destination, test } of chosen) {
      const use = made.config.destinations.get(destination)?.use
      if (use === undefined) throw new GatewayError('DESTINATION_GONE')
      if (test !== (use === 'qualification')) throw new GatewayError('PROCESSING_ID')
    }
    const deliveries: ExtraDelivery[] = chosen.map(({ destination, route, lane, id }) => ({
      messageId: message,
      delivery: newDelivery({ destination, route, lane, alertAfterMs: null }, made, null, id),
    }))
    const shown = (dryRun: boolean): ReplayResult => ({
      dryRun,
      deliveries: deliveries.map(({ delivery }) => ({
        id: dryRun ? null : delivery.id,
        destination: delivery.destination,
        replayOf: delivery.replayOf,
      })),
    })
    if (ask.dryRun) return shown(true)
    const event: NewEvent = {
      atMs: made.nowMs,
      who,
      what: 'replay',
      why: ask.reason,
      code: null,
      message,
      delivery: null,
      detail: chosen.map((c) => c.destination).join(' '),
    }
    if (!(await journal.apply({ deliveries, events: [event] }))) throw new GatewayError('WRONG_STATE')
    return shown(false)
  }
}

/** The last delivery to each destination of a message; null when there is no such message. */
async function deliveriesOf(journal: Journal, message: MessageId): Promise<readonly Replayed[] | null> {
  if ((await journal.state(message)) === null) return null
  const last = new Map<DestinationId, Replayed>()
  for (const row of await journal.deliveriesOf(message)) last.set(row.destination, row)
  return [...last.values()]
}

/** All of them, or the one asked for; a destination it never had is a delivery of the same message by hand. */
function chosenFor(
  olds: readonly Replayed[],
  to: DestinationId | null,
): readonly (Omit<Replayed, 'id'> & { id: DeliveryId | null })[] {
  if (to === null) return olds.filter((old) => old.destination !== PLATFORM)
  const old = olds.find((o) => o.destination === to)
  return [old ?? { id: null, destination: to, route: 'replay', lane: 'normal', test: olds.some((o) => o.test) }]
}
