import { GatewayError } from '../core/errors.ts'
import type { Move, NewEvent, QueueEntry } from '../core/journal.ts'
import { type DeliveryId, type State, standing } from '../core/message.ts'
import type { ActResult, Commands, MakeCommands } from '../core/views.ts'
import { wayOf } from '../core/ways.ts'
import { replayOne, replayStep, revisionNow } from './replay.ts'

/** States in which an act is possible; a delivery on its way cannot be touched. */
const ENDABLE: readonly State[] = ['queued', 'unknown', 'refused', 'expired', 'poisoned']

type Parts = Parameters<MakeCommands>[0]

/** The acts of a person, each with its event in the same commit as what it changes. */
export const acts: MakeCommands = (parts): Commands => ({
  resend: (id, who, why) =>
    act(parts, id, { who, why, what: 'resend' }, (entry, atMs) => {
      const destination = wayOf(parts.config(), entry.destination)
      if (destination === undefined) throw new GatewayError('DESTINATION_GONE')
      return {
        to: entry.state === 'queued' ? null : 'queued',
        held: false,
        holds: true,
        dueAtMs: atMs,
        expiresAtMs: Math.max(entry.expiresAtMs, atMs + destination.retry.expiresMs),
        code: null,
        sameCode: 0,
        revision: revisionNow(parts.config(), entry.route),
      }
    }),
  close: (id, who, why) =>
    act(parts, id, { who, why, what: 'close' }, () => ({ to: 'closed', held: false, holds: false })),
  skip: (id, who, why) =>
    act(parts, id, { who, why, what: 'skip' }, (entry) => {
      if (standing(entry.state, entry.held) !== 'parked') throw new GatewayError('WRONG_STATE')
      return { holds: false }
    }),
  replay: (message, ask, who) => replayOne(parts, message, ask, who),
  replayMany: (ask, who) => replayStep(parts, ask, who),
  async readBody(message, who, why) {
    const atMs = parts.clock.nowMs()
    const event: NewEvent = { atMs, who, what: 'read-body', why, code: null, message, delivery: null, detail: null }
    await parts.journal.apply({ events: [event] })
  },
})

/** One act on one delivery; `change` gives what it alters, or throws. */
async function act(
  { journal, clock }: Parts,
  id: DeliveryId,
  said: Pick<NewEvent, 'who' | 'why' | 'what'>,
  change: (entry: QueueEntry, atMs: number) => Partial<Move>,
): Promise<ActResult> {
  const entry = await journal.delivery(id)
  if (entry === null) throw new GatewayError('NOT_FOUND')
  if (!ENDABLE.includes(entry.state)) throw new GatewayError('WRONG_STATE')
  const atMs = clock.nowMs()
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
    events: [{ ...said, atMs, code: null, message: entry.messageId, delivery: id, detail: entry.state }],
    ...change(entry, atMs),
  }
  if (!(await journal.record(move))) throw new GatewayError('WRONG_STATE')
  return { id, destination: entry.destination, state: move.to ?? entry.state }
}
