import type { Journal } from '../../core/journal.ts'
import type { Lease } from '../../core/leases.ts'
import { Telling, type TellingParts } from './telling.ts'
import { Watch, type WatchParts } from './watch.ts'

/** Watches and tells, on the one node that holds the lease `watch`. The function returned stops both. */
export function startWatch(
  parts: Omit<WatchParts, 'told'> & Omit<TellingParts, 'journal'> & { readonly journal: Journal },
): () => Promise<void> {
  let watch: Watch | null = null
  let telling: Telling | null = null
  const tenancy = parts.journal.leases.hold('watch', {
    async begin(lease: Lease) {
      const mine = new Telling(parts, lease)
      telling = mine
      watch = new Watch({ ...parts, told: () => mine.poke() }, lease)
      watch.start()
      mine.poke()
    },
    async end() {
      // What a look of a lost lease still wants written is refused by its fence.
      await Promise.all([watch?.stop(), telling?.stop()])
      watch = null
      telling = null
    },
  })
  tenancy.begun.catch(() => {})
  return () => tenancy.drop()
}
