import { documentTimer } from '../../core/documents.ts'
import type { Move, QueueEntry, Timer } from '../../core/journal.ts'
import type { Beside } from '../dispatch.ts'

/** Name of the follower whose timers make reports. */
export const MAIL_FOLLOWER = 'mail'

/** What a timer of mail is about. */
export type MailTimer =
  /** The delivery has ended: its sender is told, when that was asked for. */
  | { readonly what: 'ended'; readonly delivery: string; readonly action: 'failed' | 'delivered' | 'relayed' }
  /** The failed delivery was reported: nobody needs to end it. */
  | { readonly what: 'close'; readonly delivery: string; readonly code: 'MAIL_REPORTED' | 'MAIL_UNREPORTED' }
  /** Look for what takes long. */
  | { readonly what: 'late' }

type Ended = Extract<MailTimer, { readonly what: 'ended' }>

/** The timer for a payload. */
export function mailTimer(id: string, dueAtMs: number, payload: MailTimer): Timer {
  return { id, follower: MAIL_FOLLOWER, dueAtMs, payload: JSON.stringify(payload) }
}

/**
 * What a change of a delivery of mail writes beside it: what became of the recipient, and, once that is certain, the timer
 * that tells the sender. What our own work gave up waits for a person; of documents their sender is told. Pure. */
export const mailBeside: Beside = (entry, move, result) => {
  if (move.to === 'delivered') {
    const report = result?.kind === 'delivered' ? result.report : undefined
    return ended(entry, move, 'delivered', { diagnostic: null, action: report ?? null })
  }
  const failed = move.to === 'refused' || move.to === 'expired'
  const diagnostic = result !== null && 'diagnostic' in result ? (result.diagnostic ?? null) : null
  if (failed) return ended(entry, move, 'failed', { diagnostic, action: 'failed' })
  if (move.attempt === null) return {}
  const { kind, messageId: id } = entry
  const { code } = move
  const timers =
    move.to === 'poisoned' && kind === 'MAIL^XDM' && code !== null
      ? [documentTimer({ what: 'given-up', id, code }, move.atMs)]
      : []
  return {
    timers,
    rows: [
      {
        sql: 'UPDATE mail_recipient SET code = ?, answer = ?, diagnostic = ? WHERE delivery = ?',
        parameters: [code, move.attempt.answer, diagnostic, entry.id],
      },
    ],
  }
}

function ended(
  { id }: QueueEntry,
  { atMs, code, attempt }: Move,
  state: 'delivered' | 'failed',
  { diagnostic, action }: { readonly diagnostic: string | null; readonly action: Ended['action'] | null },
): Pick<Move, 'rows' | 'timers'> {
  // A limit that has passed says nothing new of the far side: what it answered last stays.
  const [set, values] =
    attempt === null && state === 'failed'
      ? ['', []]
      : [', code = ?, answer = ?, diagnostic = ?', [code, attempt?.answer ?? null, diagnostic]]
  return {
    rows: [
      {
        sql: `UPDATE mail_recipient SET state = ?, ended_at_ms = ?${set} WHERE delivery = ?`,
        parameters: [state, atMs, ...values, id],
      },
    ],
    timers: action === null ? [] : [mailTimer(`mail-ended:${id}`, atMs, { what: 'ended', delivery: id, action })],
  }
}
