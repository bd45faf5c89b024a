import { codeOf } from '../../core/errors.ts'
import type { Clock, Log } from '../../core/ports.ts'
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
  let stopped = false
  let tidying: Promise<void> = Promise.resolve()
  const tidy = async (): Promise<void> => {
    try {
      await sessions.tidy()
    } catch (fault) {
      if (!stopped) log.error('session.untidy', { code: codeOf(fault) }, fault)
    }
    if (!stopped) cancel = clock.after(LOOK_MS, next)
  }
  const next = (): void => {
    tidying = tidy()
  }
  let cancel = clock.after(LOOK_MS, next)
  return async () => {
    stopped = true
    cancel()
    await tidying
  }
}
