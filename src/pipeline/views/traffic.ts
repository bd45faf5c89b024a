import { type Reach, reaches } from '../../core/caller.ts'
import type { Journal } from '../../core/journal.ts'
import type { EstablishmentTraffic } from '../../core/views.ts'
import { isoTime } from './list.ts'
import { ask, db } from './tables.ts'

// One step stays far below the 2 s a question may take (10⁶ rows: 0.5 s).
const STEP = 250_000

/**
 * Counts what each establishment of a reach sent. Each call counts only what came since the one before, so that a page
 * refreshed every few seconds never scans the table. An editor sees no counts: they are those of the whole establishment. */
export function trafficTally(
  journal: Journal,
): (reach: Reach | null) => Promise<ReadonlyMap<string, EstablishmentTraffic>> {
  const tally = new Map<string, { received: number; lastMs: number }>()
  let counted = 0
  let running: Promise<void> | null = null

  const advance = async (): Promise<void> => {
    const [newest] = await ask(
      journal,
      db.selectFrom('message').select((eb) => eb.fn.max('seq').as('seq')),
    )
    const end = newest?.seq ?? 0
    while (counted < end) {
      const upTo = Math.min(end, counted + STEP)
      const rows = await ask(
        journal,
        db
          .selectFrom('message')
          .select((eb) => ['establishment', eb.fn.countAll<number>().as('n'), eb.fn.max('received_at_ms').as('last')])
          .where('seq', '>', counted)
          .where('seq', '<=', upTo)
          .where('establishment', 'is not', null)
          .where('entrance', '<>', 'internal')
          .groupBy('establishment'),
      )
      for (const { establishment, n, last } of rows) {
        if (establishment === null) continue
        const old = tally.get(establishment) ?? { received: 0, lastMs: 0 }
        tally.set(establishment, { received: old.received + n, lastMs: Math.max(old.lastMs, last ?? 0) })
      }
      counted = upTo
    }
  }
  return async (reach) => {
    running ??= advance().finally(() => {
      running = null
    })
    await running
    const shown = [...tally].filter(([id]) => (reach === null || reach.applications === null) && reaches(reach, id))
    return new Map(shown.map(([id, { received, lastMs }]) => [id, { received, lastReceivedAt: isoTime(lastMs) }]))
  }
}
