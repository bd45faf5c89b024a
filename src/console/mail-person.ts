import type { Caller } from '../core/caller.ts'
import type { MailPerson } from '../core/webmail.ts'

/** A caller as somebody who has mailboxes: by the national identifier that is vouched for, and as far as whoever vouches reaches. */
export function mailPerson(caller: Caller): MailPerson {
  if (caller.role === 'establishment') return { who: caller.who, identifier: null }
  const { who, identifier = null, launchedBy } = caller
  return { who, identifier, ...(launchedBy !== undefined && { within: launchedBy }) }
}
