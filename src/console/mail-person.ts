import type { Caller } from '../core/caller.ts'
import type { MailPerson } from '../core/webmail.ts'

/** A caller as somebody who has mailboxes: by the national identifier that is vouched for. */
export function mailPerson(caller: Caller): MailPerson {
  return { who: caller.who, identifier: caller.role === 'establishment' ? null : (caller.identifier ?? null) }
}
