import type { Clock } from './ports.ts'

/** Work that is done again and again while a process lives: one round at a time, each as long after the last as that said. */
export interface Rounds {
  readonly clock: Pick<Clock, 'after'>
  /** Before the first round (ms). */
  readonly firstMs: number
  /** Gives how long to wait for the next (ms); where it throws, `failedMs`. */
  readonly round: () => Promise<number>
  readonly failedMs: number
  /** What a round threw, unless the rounds were stopped meanwhile. */
  readonly failed: (fault: unknown) => void
}

/** Starts the rounds. The function returned stops them, and resolves once the round under way is over; it never rejects. */
export function startRounds({ clock, firstMs, round, failedMs, failed }: Rounds): () => Promise<void> {
  let stopped = false
  let under: Promise<void> = Promise.resolve()
  const once = async (): Promise<void> => {
    let waitMs = failedMs
    try {
      waitMs = await round()
    } catch (fault) {
      if (!stopped) failed(fault)
    }
    if (!stopped) cancel = clock.after(waitMs, next)
  }
  const next = (): void => {
    under = once()
  }
  let cancel = clock.after(firstMs, next)
  return async () => {
    stopped = true
    cancel()
    await under
  }
}
