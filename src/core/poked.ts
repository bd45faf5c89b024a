import type { Clock } from './ports.ts'

/** Work that looks whenever somebody says that something is new, and now and then of its own accord: one round at a time. */
export interface PokedRounds {
  readonly clock: Pick<Clock, 'after'>
  /** True: there is more to do at once. */
  readonly round: () => Promise<boolean>
  /** How long until it looks of its own accord (ms), asked after each round; null: not before it is poked. */
  readonly waitMs: () => number | null
  /** The same after a round that threw; absent: as after any. */
  readonly failedMs?: number
  /** What a round threw, unless it was stopped meanwhile. */
  readonly failed: (fault: unknown) => void
}

/** Such rounds; nothing runs before the first `poke`. */
export interface Poked {
  /** Look now; a round that is under way is followed by another. */
  poke(): void
  /** No round of its own accord until the next poke; resolves once the one under way is over. Never rejects. */
  rest(): Promise<void>
  /** No round any more, whoever pokes. As `rest`. */
  stop(): Promise<void>
}

/** Makes them. */
export function pokedRounds({ clock, round, waitMs, failedMs, failed }: PokedRounds): Poked {
  let stopped = false
  let again = false
  let busy: Promise<void> | null = null
  let cancel = (): void => {}
  const once = async (): Promise<void> => {
    let hasFailed = false
    try {
      do again = false
      while ((await round()) && !stopped)
    } catch (fault) {
      hasFailed = true
      if (!stopped) failed(fault)
    }
    busy = null
    if (stopped) return
    if (again && !hasFailed) return poke()
    const ms = waitMs()
    if (ms !== null) cancel = clock.after(hasFailed ? Math.max(ms, failedMs ?? 0) : ms, poke)
  }
  const poke = (): void => {
    if (stopped) return
    if (busy !== null) {
      again = true
      return
    }
    cancel()
    busy = once()
  }
  const rest = async (): Promise<void> => {
    again = false
    cancel()
    await busy
    cancel()
  }
  return {
    poke,
    rest,
    stop() {
      stopped = true
      return rest()
    },
  }
}
