import type { SqliteJournalOptions } from '../../src/pipeline/journal/sqlite/open.ts'

/** Events of a log as they come, for tests. */
export function listeningLog() {
  const events: string[] = []
  const note = (event: string) => void events.push(event)
  return { events, log: { info: note, warn: note, error: note } }
}

let numbered = 0

/** Options of a journal in `dir`, with a clock that stands still. */
export function sqliteOptions(dir: string, more: Partial<SqliteJournalOptions> = {}): SqliteJournalOptions {
  return {
    dir,
    log: listeningLog().log,
    meter: { count() {}, observe() {} },
    clock: { nowMs: () => 1_773_480_000_000, monotonicMs: () => performance.now(), after: () => () => {} },
    ids: { uuid: () => `store-${(numbered += 1)}`, random: () => 0.5 },
    refusedMaxBytes: () => 1_000_000,
    onFatal: (error) => {
      throw error
    },
    ...more,
  }
}
