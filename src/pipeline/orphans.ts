import type { Config } from '../core/config.ts'
import { codeOf } from '../core/errors.ts'
import type { Journal } from '../core/journal.ts'
import { type DestinationId, PLATFORM } from '../core/message.ts'
import type { Clock, Log } from '../core/ports.ts'
import { startRounds } from '../core/rounds.ts'
import { wayOf } from '../core/ways.ts'
import { parkRest } from './park.ts'

/** Between two looks (ms). */
const LOOK_MS = 60_000

/**
 * Parks, now and then, what is open to destinations that the configuration no longer has: what was on its way on a node that
 * died after the destination was taken out belongs to nobody. Only what was so at two looks, under one and the same
 * configuration that is the newest one there is: a node that has not heard of a new destination yet takes nothing for lost.
 * The function returned stops it. */
export function watchOrphans({
  journal,
  config,
  clock,
  log,
}: {
  readonly journal: Journal
  readonly config: () => Config
  readonly clock: Clock
  readonly log: Log
}): () => Promise<void> {
  let before: { readonly revision: number; readonly ids: ReadonlySet<DestinationId> } | null = null

  async function look(): Promise<number> {
    const now = config()
    const { revision } = now
    if (journal.revision()?.revision !== revision) return LOOK_MS
    const counted = [...(await journal.counts()).destinations]
    const orphans = counted.filter(([id, { open }]) => open > 0 && id !== PLATFORM && wayOf(now, id) === undefined)
    const ids = new Set(orphans.map(([id]) => id))
    const same = before !== null && before.revision === revision ? before.ids : new Set<DestinationId>()
    before = { revision, ids }
    for (const id of ids) {
      if (!same.has(id)) continue
      const count = await parkRest(id, { journal, clock })
      if (count > 0) log.warn('delivery.parked', { destination: id, code: 'DESTINATION_GONE', count })
    }
    return LOOK_MS
  }
  return startRounds({
    clock,
    firstMs: LOOK_MS,
    round: look,
    failedMs: LOOK_MS,
    failed: (fault) => log.warn('delivery.orphans', { code: codeOf(fault) }),
  })
}
