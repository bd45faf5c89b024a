import { Worker } from 'node:worker_threads'
import type { AuditCheck, AuditChecks, AuditViews } from '../../core/audit.ts'
import type { Clock, Log } from '../../core/ports.ts'
import type { AuditChecked } from '../../formats/audit/check.ts'
import { exportOf } from '../cli/audit.ts'
import type { Found, Piece } from './check-worker.ts'

/** Faults that are told; behind the first ones there is nothing new. */
const SHOWN = 100
const NONE: AuditCheck = { state: 'none', done: 0, total: 0, endedAtMs: null, faults: [], missing: 0 }

/** What checks are made with. */
export interface CheckParts {
  readonly audit: Pick<AuditViews, 'page' | 'state'>
  readonly clock: Clock
  readonly log: Log
}

/** Checks of the audit of a running gateway, as `passerelle verify --audit` makes them of an export. */
export function auditChecks({ audit, clock, log }: CheckParts): AuditChecks {
  let state = NONE
  const run = async (): Promise<void> => {
    try {
      const progress = (done: number, total: number) => {
        state = { ...state, done, total }
      }
      const { events, faults } = await checked(exportOf(audit, {}, progress))
      const { missing } = await audit.state()
      const sound = faults.length === 0 && missing === 0
      const told = faults.slice(0, SHOWN).map(({ what, n }) => ({ what, n }))
      const total = Math.max(state.total, events)
      state = {
        state: sound ? 'sound' : 'unsound',
        done: total,
        total,
        endedAtMs: clock.nowMs(),
        faults: told,
        missing,
      }
      if (!sound) log.error('audit.broken', { code: 'AUDIT_BROKEN', count: faults.length + missing })
    } catch (fault) {
      state = { ...state, state: 'failed', endedAtMs: clock.nowMs() }
      log.error('audit.failed', {}, fault)
    }
  }
  return {
    state: () => state,
    begin() {
      if (state.state === 'running') return state
      state = { ...NONE, state: 'running' }
      void run()
      return state
    },
  }
}

/** Gives the pieces to a thread of their own, one after the other, and waits for what it finds. */
async function checked(pieces: AsyncIterable<string>): Promise<AuditChecked> {
  const worker = new Worker(new URL('./check-worker.ts', import.meta.url))
  worker.unref()
  let settle: (found: Found) => void = () => {}
  let fail: (error: unknown) => void = () => {}
  worker.on('message', (found: Found) => settle(found))
  worker.on('error', (error) => fail(error))
  const answer = (piece: Piece): Promise<Found> =>
    new Promise((resolve, reject) => {
      ;[settle, fail] = [resolve, reject]
      worker.postMessage(piece)
    })
  try {
    for await (const piece of pieces) await answer({ piece })
    const found = await answer({ end: true })
    if (!('checked' in found)) throw new Error('the check of the audit has ended too early')
    return found.checked
  } finally {
    await worker.terminate()
  }
}
