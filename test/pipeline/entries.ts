import type { QueueEntry } from '../../src/core/journal.ts'

/** A queue entry for tests: queued, normal, due at once. */
export function entry(change: Partial<QueueEntry> & { readonly seq: number }): QueueEntry {
  return {
    id: `d${change.seq}`,
    messageId: `m${change.seq}`,
    destination: 'ch-test/gam',
    kind: 'ADT^A31',
    route: 'all',
    revision: 1,
    ask: null,
    withheld: null,
    lane: 'normal',
    state: 'queued',
    held: false,
    holds: true,
    keys: [],
    committedAtMs: 0,
    dueAtMs: 0,
    expiresAtMs: Number.MAX_SAFE_INTEGER,
    attempts: 0,
    lastCode: null,
    sameCode: 0,
    isReplay: false,
    ...change,
  }
}
