import type { Config } from '../core/config.ts'
import type { Journal, NewEvent } from '../core/journal.ts'
import type { MailboxAct } from '../core/mailboxes.ts'
import type { Clock } from '../core/ports.ts'

/** What mailboxes are changed with. */
export interface MailboxParts {
  readonly journal: Pick<Journal, 'look' | 'read' | 'apply'>
  readonly config: () => Pick<Config, 'mail' | 'establishments'>
  readonly clock: Pick<Clock, 'nowMs'>
}

/** The event of an act, which names the mailbox and never more than the names of what changed. */
export function eventOf(
  { clock }: Pick<MailboxParts, 'clock'>,
  what: string,
  { who, why }: Pick<MailboxAct, 'who' | 'why'>,
  detail: string,
): NewEvent {
  return { atMs: clock.nowMs(), who, what, why, detail, code: null, message: null, delivery: null }
}
