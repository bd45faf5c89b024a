import { GatewayError } from '../core/errors.ts'
import type { Journal, NewEvent } from '../core/journal.ts'
import type { Clock } from '../core/ports.ts'
import type { DeskNotes, SavedView, SavedViews } from '../core/saved-views.ts'

/** Views that one person may keep. */
const MOST = 50

type Parts = { readonly journal: Pick<Journal, 'look' | 'apply'>; readonly clock: Clock }

/** Searches that people keep under a name, in a journal. */
export function savedViews({ journal, clock }: Parts): SavedViews {
  const told = (what: string, who: string, detail: string): NewEvent => event(clock, what, who, detail)
  const of = (owner: string): Promise<readonly SavedView[]> =>
    journal.look<SavedView>({
      sql: 'SELECT name, query FROM saved_view WHERE owner = ? ORDER BY name',
      parameters: [owner],
    })
  return {
    of,
    async save(owner, { name, query }) {
      const others = (await of(owner)).filter((one) => one.name !== name)
      if (others.length >= MOST) throw new GatewayError('BAD_REQUEST')
      await journal.apply({
        rows: [
          {
            sql: `INSERT INTO saved_view (owner, name, query, at_ms) VALUES (?, ?, ?, ?)
              ON CONFLICT (owner, name) DO UPDATE SET query = excluded.query, at_ms = excluded.at_ms`,
            parameters: [owner, name, query, clock.nowMs()],
          },
        ],
        events: [told('save-view', owner, query)],
      })
    },
    async remove(owner, name) {
      await journal.apply({
        rows: [{ sql: 'DELETE FROM saved_view WHERE owner = ? AND name = ?', parameters: [owner, name] }],
        events: [told('remove-view', owner, '')],
      })
    },
  }
}

/** Notes in a journal what people take away. */
export function deskNotes({ journal, clock }: Parts): DeskNotes {
  return {
    async exported(who, { format, filter, limit }) {
      await journal.apply({ events: [event(clock, 'export-messages', who, `${format} ${limit} ${filter}`.trim())] })
    },
    async sheet(who, message) {
      await journal.apply({ events: [{ ...event(clock, 'incident-sheet', who, ''), message, detail: null }] })
    },
  }
}

function event(clock: Clock, what: string, who: string, detail: string): NewEvent {
  return { atMs: clock.nowMs(), who, what, why: null, code: null, message: null, delivery: null, detail }
}
