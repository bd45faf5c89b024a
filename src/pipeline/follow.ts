import { codeOf } from '../core/errors.ts'
import type { Follower, Pace } from '../core/follower.ts'
import type { Effect, Entry, Journal } from '../core/journal.ts'
import type { Lease, LeaseName, Tenancy, Tenant } from '../core/leases.ts'
import { type Poked, pokedRounds } from '../core/poked.ts'
import type { Clock, Log } from '../core/ports.ts'

const BATCH = 100
/** Longest wait before looking again (ms): a follower is woken by `poke`, this is for what nobody announced. */
const LOOK_AGAIN_MS = 1_000
const AT_ONCE: Pace = { everyMs: LOOK_AGAIN_MS, batch: BATCH, ripeMs: 0 }

/** What the runner of followers works with. */
export interface FollowParts {
  readonly journal: Pick<Journal, 'follow' | 'cursor' | 'apply' | 'due' | 'leases'>
  readonly followers: readonly Follower[]
  readonly clock: Clock
  readonly log: Log
}

/**
 * Runs followers behind the answer: each entry once, each timer once, whatever crashes between. On several nodes each
 * follower runs on the one that holds its lease (`follower:NAME`), and the timers of all on the one that holds `timers`. */
export interface Following {
  start(): void
  /** Something was committed: look now. */
  poke(): void
  /** Waits for the effect being applied, then stops. */
  stop(): Promise<void>
}

/** One kind of work under a lease; true: there is more to do at once. */
type Work = (lease: Lease) => Promise<boolean>

/** The runner; nothing runs before `start`. */
export function following(parts: FollowParts): Following {
  const { journal, followers, clock, log } = parts

  const readOn =
    (follower: Follower): Work =>
    async ({ fence, held }) => {
      const { batch, ripeMs } = follower.pace ?? AT_ONCE
      const from = await journal.cursor(follower.name)
      const read = await journal.follow(from, batch)
      const entries = ripeMs === 0 ? read : ripe(read, clock.nowMs() - ripeMs)
      const last = entries.at(-1)
      if (last === undefined || !held()) return false
      const effect = await follower.entries(entries)
      // Refused when another node moved the cursor: the next round reads from where it stands.
      await journal.apply({ ...effect, fence, cursor: { follower: follower.name, from, to: last.position } })
      return entries.length === batch
    }

  const fireDue: Work = async ({ fence, held }) => {
    const timers = await journal.due(clock.nowMs(), BATCH)
    for (const timer of timers) {
      if (!held()) return false
      try {
        const follower = followers.find((f) => f.name === timer.follower)
        const effect: Effect = follower === undefined ? {} : await follower.timer(timer)
        await journal.apply({ ...effect, fence, fired: [timer.id] })
      } catch (fault) {
        if (!held()) throw fault
        log.error('follow.fault', { code: codeOf(fault) }, fault)
        // The others wait for none that fails. Where the store itself fails this does too, and ends the round.
        const again = { ...timer, dueAtMs: clock.nowMs() + LOOK_AGAIN_MS }
        await journal.apply({ fence, fired: [timer.id], timers: [again] })
      }
    }
    return timers.length === BATCH
  }

  const rounds = [
    ...followers
      .filter(({ reads }) => reads)
      .map((one) => new Rounds(`follower:${one.name}`, readOn(one), parts, one.pace?.everyMs)),
    new Rounds('timers', fireDue, parts),
  ]
  return {
    start() {
      for (const one of rounds) one.start()
    },
    poke() {
      for (const one of rounds) one.poke()
    },
    async stop() {
      await Promise.all(rounds.map((one) => one.stop()))
    },
  }
}

/** The first of them, up to one that is too young: what follows it is younger, but for clocks of nodes that differ. */
function ripe(entries: readonly Entry[], untilMs: number): readonly Entry[] {
  const young = entries.findIndex(({ receivedAtMs }) => receivedAtMs > untilMs)
  return young < 0 ? entries : entries.slice(0, young)
}

/** Does one kind of work round after round, while this node holds its lease. */
class Rounds implements Tenant {
  readonly #name: LeaseName
  readonly #parts: FollowParts
  readonly #rounds: Poked
  readonly #pokes: boolean
  #tenancy: Tenancy | null = null
  #lease: Lease | null = null

  /** `everyMs`: it looks then, whatever is new meanwhile. */
  constructor(name: LeaseName, work: Work, parts: FollowParts, everyMs?: number) {
    this.#name = name
    this.#parts = parts
    this.#pokes = everyMs === undefined
    this.#rounds = pokedRounds({
      clock: parts.clock,
      // What a round of a lost lease still wants applied is refused by its fence.
      round: async () => this.#lease?.held() === true && work(this.#lease),
      waitMs: () => (this.#lease === null ? null : (everyMs ?? LOOK_AGAIN_MS)),
      failed: (fault) => parts.log.error('follow.fault', { code: codeOf(fault) }, fault),
    })
  }

  start(): void {
    this.#tenancy = this.#parts.journal.leases.hold(this.#name, this)
    this.#tenancy.begun.catch(() => {})
  }

  async stop(): Promise<void> {
    await this.#tenancy?.drop()
  }

  async begin(lease: Lease): Promise<void> {
    this.#lease = lease
    this.#rounds.poke()
  }

  async end(why: 'lost' | 'given'): Promise<void> {
    this.#lease = null
    const ended = this.#rounds.rest()
    if (why === 'given') await ended
  }

  poke(): void {
    if (this.#pokes && this.#lease !== null) this.#rounds.poke()
  }
}
