import { codeOf } from '../../core/errors.ts'
import type { Clock, Log } from '../../core/ports.ts'
import { startRounds } from '../../core/rounds.ts'
import type { Sessions } from './sessions.ts'

/** Between two looks for sessions that are over (ms). */
const LOOK_MS = 60_000

/** Ends sessions that are over and forgets old ones, every minute. The function returned stops it. */
export function startTidying({
  sessions,
  clock,
  log,
}: {
  readonly sessions: Pick<Sessions, 'tidy'>
  readonly clock: Clock
  readonly log: Log
}): () => Promise<void> {
  return startRounds({
    clock,
    firstMs: LOOK_MS,
    async round() {
      await sessions.tidy()
      return LOOK_MS
    },
    failedMs: LOOK_MS,
    failed: (fault) => log.error('session.untidy', { code: codeOf(fault) }, fault),
  })
}
