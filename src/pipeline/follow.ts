import type { Effect, Follower, Journal, Timer } from '../core/journal.ts'
import type { Clock, Log } from '../core/ports.ts'

const BATCH = 100
/** Longest wait before looking again (ms): a follower is woken by `poke`, this is for what nobody announced. */
const LOOK_AGAIN_MS = 1_000

/** What the runner of followers works with. */
export interface FollowParts {
  readonly journal: Pick<Journal, 'follow' | 'cursor' | 'apply' | 'due'>
  readonly followers: readonly Follower[]
  readonly clock: Clock
  readonly log: Log
}

/** Runs followers behind the answer: each entry once, each timer once, whatever crashes between. */
export interface Following {
  start(): void
  /** Something was committed: look now. */
  poke(): void
  /** Waits for the effect being applied, then stops. */
  stop(): Promise<void>
}

/** The runner; nothing runs before `start`. */
export function following({ journal, followers, clock, log }: FollowParts): Following {
  let stopped = false
  let again = false
  let round: Promise<void> | null = null
  let cancel: (() => void) | null = null

  async function readOn(follower: Follower): Promise<boolean> {
    const from = await journal.cursor(follower.name)
    const entries = await journal.follow(from, BATCH)
    const last = entries.at(-1)
    if (last === undefined) return false
    const effect = await follower.entries(entries)
    // Refused when another node moved the cursor: the next round reads from where it stands.
    await journal.apply({ ...effect, cursor: { follower: follower.name, from, to: last.position } })
    return entries.length === BATCH
  }

  async function fire(timer: Timer): Promise<void> {
    const follower = followers.find((f) => f.name === timer.follower)
    const effect: Effect = follower === undefined ? {} : await follower.timer(timer)
    await journal.apply({ ...effect, fired: [timer.id] })
  }

  async function work(): Promise<void> {
    do {
      again = false
      for (const follower of followers) {
        if (follower.reads && (await readOn(follower))) again = true
      }
      const timers = await journal.due(clock.nowMs(), BATCH)
      for (const timer of timers) await fire(timer)
      if (timers.length === BATCH) again = true
    } while (again && !stopped)
  }

  function run(): void {
    if (stopped) return
    if (round !== null) {
      again = true
      return
    }
    cancel?.()
    round = work()
      .catch((fault: unknown) => log.error('follow.fault', {}, fault))
      .finally(() => {
        round = null
        if (!stopped) cancel = clock.after(LOOK_AGAIN_MS, run)
      })
  }

  return {
    start: run,
    poke: run,
    async stop() {
      stopped = true
      cancel?.()
      await round
    },
  }
}
