import type { Journal } from '../../core/journal.ts'
import type { Lease } from '../../core/leases.ts'
import { NoticeSending, type SendingParts } from './sending.ts'

/** The sending of notices, on the one node that holds its lease. */
export interface Telling {
  /** Something was committed that people are to be told of, or that silences them. */
  poke(): void
  stop(): Promise<void>
}

/** Sends notices while this node holds the lease `care-notices`. */
export function startTelling(parts: SendingParts & { readonly journal: Pick<Journal, 'leases'> }): Telling {
  let sending: NoticeSending | null = null
  const tenancy = parts.journal.leases.hold('care-notices', {
    async begin(lease: Lease) {
      sending = new NoticeSending(parts, lease)
      sending.poke()
    },
    async end() {
      const ending = sending
      sending = null
      await ending?.stop()
    },
  })
  tenancy.begun.catch(() => {})
  return { poke: () => sending?.poke(), stop: () => tenancy.drop() }
}
