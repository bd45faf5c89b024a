import type pg from 'pg'
import type { Lease, LeaseName, Leases, Tenancy, Tenant } from '../../../core/leases.ts'
import type { Clock, Log } from '../../../core/ports.ts'
import { asFault, assureSafe, committed, lockHead } from './connect.ts'
import { leave } from './leave.ts'
import {
  bury,
  claim,
  clockAhead,
  enrol,
  giveBack,
  lookAround,
  type NodeFacts,
  renew,
  type Standing,
  strikeOff,
  TTL_MS,
} from './nodes.ts'

/** Between two looks at the leases (ms). */
const TICK_MS = 1_000
/** Leases taken in one commit: it holds up the commits of messages. */
const CLAIMED_AT_ONCE = 200
/** Of what a node has too much, this part goes at each look: work moves without all destinations pausing at once. */
const GIVEN_AT_ONCE = 1 / 10
/** What is taken off the end of a lease (ms): clocks run at slightly different speeds, and a check takes time. */
const MARGIN_MS = 200

/** What the leases of a node are kept with. */
export interface LeaseParts {
  /** A new connection for the leases alone. @throws {GatewayError} STORE_UNREACHABLE, STORE_UNSAFE */
  readonly connect: () => Promise<pg.Client>
  readonly node: NodeFacts
  readonly clock: Clock
  /** Furthest that the wall clock may be from the database's (ms); null: it is not compared. */
  readonly skewMaxMs: number | null
  readonly log: Log
  /** How things stood at each look, for what nobody announced. */
  readonly looked: (standing: Standing) => void
  /** A look did not come about: the database is out of reach, or unsafe. */
  readonly unreached: () => void
}

/** Leases by table rows. */
export interface StoredLeases extends Leases {
  /** Names wished for. */
  readonly wanted: ReadonlySet<LeaseName>
  /** False: the last look did not come about. */
  readonly reached: boolean
  /** How far the wall clock is ahead of the database's (ms); 0 where it is not compared. */
  readonly aheadMs: number
  start(): void
  /** Gives everything back and lets the node go. */
  close(): Promise<void>
}

interface Wish {
  readonly name: LeaseName
  readonly tenant: Tenant
  /** Epoch, and the end by the monotonic clock (ms); null: not held. */
  held: { readonly epoch: number; untilMs: number } | null
  /** Work of the tenant, one after the other. */
  work: Promise<unknown>
  readonly begun: PromiseWithResolvers<void>
  /** Being begun or ended. */
  busy: boolean
  /** Its work is being ended in order. */
  giving: boolean
}

/** The leases of this node; nothing happens before `start`. */
export function storedLeases(parts: LeaseParts): StoredLeases {
  return new NodeLeases(parts)
}

class NodeLeases implements StoredLeases {
  readonly shared = true
  readonly #parts: LeaseParts
  readonly #wishes = new Map<LeaseName, Wish>()
  /** Wished for no more, and their work is still being ended. */
  readonly #dropped = new Set<Wish>()
  #client: pg.Client | null = null
  #turn: Promise<unknown> = Promise.resolve()
  #ticking: Promise<void> | null = null
  #cancelTick: (() => void) | null = null
  #cancelWatch: (() => void) | null = null
  #closed = false
  /** Names to be given back in the next transaction, and that transaction. */
  readonly #toGive = new Set<LeaseName>()
  #giving: Promise<void> | null = null
  reached = true
  aheadMs = 0
  /** Leases that were free at the look before: then a node takes more than its share. */
  #leftOver = new Set<LeaseName>()

  constructor(parts: LeaseParts) {
    this.#parts = parts
  }

  get wanted(): ReadonlySet<LeaseName> {
    return new Set(this.#wishes.keys())
  }

  start(): void {
    this.#tickSoon(0)
  }

  hold(name: LeaseName, tenant: Tenant): Tenancy {
    const begun = Promise.withResolvers<void>()
    // Nobody need wait for it.
    begun.promise.catch(() => {})
    const wish: Wish = { name, tenant, held: null, work: Promise.resolve(), begun, busy: false, giving: false }
    this.#wishes.set(name, wish)
    if (this.#cancelTick !== null) this.#tickSoon(0)
    let dropped: Promise<void> | null = null
    return {
      begun: begun.promise,
      drop: () => {
        dropped ??= this.#drop(wish)
        return dropped
      },
    }
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#cancelTick?.()
    this.#cancelWatch?.()
    await this.#ticking
    await this.#within((client) => strikeOff(client, this.#parts.node.incarnation)).catch(() => {})
    if (this.#client !== null) await leave(this.#client)
  }

  async #drop(wish: Wish): Promise<void> {
    if (this.#wishes.get(wish.name) === wish) this.#wishes.delete(wish.name)
    const { held } = wish
    this.#dropped.add(wish)
    await this.#end(wish, 'given')
    // When the store cannot be reached the lease ends by itself, or goes at a later look.
    if (held !== null) await this.#giveBack([wish.name]).catch(() => {})
    this.#dropped.delete(wish)
  }

  /** What this node still has and nobody here wishes for: dropped while it was being claimed, or not given back then. */
  async #giveBackStray(mine: ReadonlyMap<string, number>): Promise<void> {
    const ending = new Set([...this.#dropped].map(({ name }) => name))
    const stray = [...mine.keys()].filter((name) => !this.#wishes.has(name) && !ending.has(name))
    if (stray.length > 0) await this.#giveBack(stray)
  }

  /** Those that are to go before the transaction begins go together: a node that stops has thousands. */
  #giveBack(names: readonly LeaseName[]): Promise<void> {
    for (const name of names) this.#toGive.add(name)
    if (this.#giving !== null) return this.#giving
    const taken = (): LeaseName[] => {
      const all = [...this.#toGive]
      this.#toGive.clear()
      this.#giving = null
      return all
    }
    // Where the transaction does not begin, they are no longer to go: they end by themselves.
    const giving = this.#within((client) => giveBack(client, taken(), this.#parts.node.incarnation)).finally(() => {
      if (this.#giving === giving) taken()
    })
    this.#giving = giving
    return giving
  }

  /** Those whose work may go on. */
  #working(): readonly Wish[] {
    return [...this.#wishes.values(), ...this.#dropped]
  }

  #tickSoon(ms: number): void {
    this.#cancelTick?.()
    if (this.#closed) return
    this.#cancelTick = this.#parts.clock.after(ms, () => {
      this.#ticking ??= this.#tick()
        .catch((fault: unknown) => {
          this.#unreached(fault)
          return true
        })
        .then((done) => {
          this.#ticking = null
          this.#tickSoon(done ? TICK_MS : 0)
        })
    })
  }

  #unreached(fault: unknown): void {
    this.reached = false
    this.#parts.log.error('lease.unreached', { code: asFault(fault).code }, fault)
    this.#parts.unreached()
    const client = this.#client
    this.#client = null
    if (client !== null) void leave(client)
  }

  /** One look. False: there is more to take than there was time for. */
  async #tick(): Promise<boolean> {
    const { clock, node, looked } = this.#parts
    const asked = await this.#inTurn(async (client) => {
      await assureSafe(client)
      const askedMs = clock.monotonicMs()
      return {
        askedMs,
        renewed: await renew(client, node.incarnation),
        aheadMs: this.#parts.skewMaxMs === null ? 0 : await clockAhead(client, clock),
      }
    })
    const { askedMs, renewed, aheadMs } = asked
    const astray = this.#isAstray(aheadMs)
    if (renewed === null && !astray) await this.#enrolAgain()
    for (const wish of this.#working()) {
      if (wish.held === null) continue
      if (renewed?.get(wish.name) === wish.held.epoch) wish.held.untilMs = askedMs + TTL_MS - MARGIN_MS
      else void this.#end(wish, 'lost')
    }
    this.#watch()
    let standing = await this.#inTurn(lookAround)
    if (standing.anyDead && !astray) {
      await this.#within((one) => bury(one, clock.nowMs(), this.#parts.log))
      standing = await this.#inTurn(lookAround)
    }
    this.reached = true
    looked(standing)
    if (astray) {
      await this.#standAside(renewed !== null)
      return true
    }
    await this.#giveBackStray(renewed ?? new Map())
    return this.#share(standing, renewed ?? new Map())
  }

  /** Is the wall clock too far from the database's to work by? */
  #isAstray(aheadMs: number): boolean {
    const { skewMaxMs, log } = this.#parts
    const beyond = (ms: number): boolean => skewMaxMs !== null && Math.abs(ms) > skewMaxMs
    const [was, is] = [beyond(this.aheadMs), beyond(aheadMs)]
    this.aheadMs = aheadMs
    if (is && !was) log.error('clock.astray', { code: 'CLOCK_SKEW', ms: aheadMs })
    if (was && !is) log.info('clock.right', { ms: aheadMs })
    return is
  }

  /** Gives everything back in order, then is no node any more: the others share the work among themselves. */
  async #standAside(enrolled: boolean): Promise<void> {
    const held = [...this.#wishes.values()].filter((wish) => wish.held !== null)
    for (const wish of held) if (!wish.busy) void this.#give(wish)
    if (held.length > 0 || !enrolled) return
    await this.#within((client) => strikeOff(client, this.#parts.node.incarnation))
  }

  async #enrolAgain(): Promise<void> {
    const { node, clock, log } = this.#parts
    await this.#within(async (client) => {
      await bury(client, clock.nowMs(), log)
      await enrol(client, node)
    })
    log.warn('node.enrolled', { node: node.name })
  }

  /**
   * Takes what is free up to this node's share, what stayed free beyond it, and gives back what another one lacks. False: what
   * is held must be renewed before the rest is taken. */
  async #share(standing: Standing, mine: ReadonlyMap<LeaseName, number>): Promise<boolean> {
    const { clock, node } = this.#parts
    const wishes = [...this.#wishes.values()]
    const nodes = Math.max(1, standing.holding.size)
    const share = Math.ceil(wishes.length / nodes)
    const untilMs = clock.monotonicMs() + TICK_MS
    let free = wishes.filter(
      ({ name, held, busy }) => held === null && !busy && (mine.has(name) || !standing.taken.has(name)),
    )
    let count = wishes.filter(({ held }) => held !== null).length
    while (free.length > 0 && !this.#closed) {
      const { wanted, others } = this.#choose(free, share - count)
      free = others
      if (wanted.length === 0) break
      if (clock.monotonicMs() >= untilMs) return false
      count += await this.#claim(wanted)
    }
    this.#leftOver = new Set(free.map(({ name }) => name))
    const poorer = [...standing.holding].some(
      ([incarnation, n]) => incarnation !== node.incarnation && n < Math.floor(wishes.length / nodes),
    )
    if (!poorer || count <= share) return true
    const held = wishes.filter(({ held, busy }) => held !== null && !busy)
    for (const wish of held.slice(-Math.ceil((count - share) * GIVEN_AT_ONCE))) void this.#give(wish)
    return true
  }

  /** Of what is free, what is taken next: as much as there is room for, and what stayed free at the look before. */
  #choose(free: readonly Wish[], room: number): { readonly wanted: Wish[]; readonly others: Wish[] } {
    const wanted: Wish[] = []
    const others: Wish[] = []
    for (const wish of free) {
      const may = wanted.length < room || this.#leftOver.has(wish.name)
      ;(may && wanted.length < CLAIMED_AT_ONCE ? wanted : others).push(wish)
    }
    return { wanted, others }
  }

  async #give(wish: Wish): Promise<void> {
    await this.#end(wish, 'given')
    await this.#giveBack([wish.name]).catch(() => {})
  }

  /** Takes what of these nobody has; how many it got. */
  async #claim(wishes: readonly Wish[]): Promise<number> {
    const { clock, log, node } = this.#parts
    const askedMs = clock.monotonicMs()
    const names = wishes.map(({ name }) => name)
    const { epochs, interrupted } = await this.#within((one) => claim(one, names, node.incarnation, clock.nowMs()))
    if (interrupted > 0) log.warn('journal.interrupted', { code: 'CRASHED', count: interrupted })
    let count = 0
    for (const wish of wishes) {
      const epoch = epochs.get(wish.name)
      if (epoch === undefined || this.#wishes.get(wish.name) !== wish) continue
      this.#begin(wish, { epoch, untilMs: askedMs + TTL_MS - MARGIN_MS })
      count += 1
    }
    this.#watch()
    return count
  }

  /** The lease of a wish is this node's: its tenant's work begins. */
  #begin(wish: Wish, held: NonNullable<Wish['held']>): void {
    const { clock, log } = this.#parts
    wish.held = held
    wish.busy = true
    const lease: Lease = {
      fence: { lease: wish.name, epoch: held.epoch },
      held: () => wish.held === held && clock.monotonicMs() < held.untilMs,
    }
    wish.work = wish.work
      .then(() => wish.tenant.begin(lease))
      .then(
        () => wish.begun.resolve(),
        (fault: unknown) => {
          log.error('lease.begin', { route: wish.name }, fault)
          wish.begun.reject(fault)
          if (wish.held === held) wish.held = null
        },
      )
      .finally(() => {
        wish.busy = false
      })
  }

  /**
   * Ends the tenant's work once; a lease that is lost is so before anything else happens, and what was being ended in order
   * has no time for it any more. */
  async #end(wish: Wish, why: 'lost' | 'given'): Promise<void> {
    if (wish.held === null) {
      await wish.work
      return
    }
    const { log } = this.#parts
    if (why === 'lost') {
      wish.held = null
      log.warn('lease.lost', { route: wish.name, code: 'LEASE_LOST' })
    }
    const end = (): Promise<void> =>
      wish.tenant.end(why).catch((fault: unknown) => log.error('lease.end', { route: wish.name }, fault))
    if (why === 'lost' && wish.giving) {
      const lost = end()
      wish.work = wish.work.then(() => lost)
      return lost
    }
    wish.busy = true
    wish.work = wish.work
      .then(() => {
        wish.giving = why === 'given'
        return end()
      })
      .finally(() => {
        wish.held = null
        wish.busy = false
        wish.giving = false
      })
    await wish.work
  }

  /** Wakes when the first lease runs out that was not renewed: its sockets go at once. */
  #watch(): void {
    const { clock } = this.#parts
    this.#cancelWatch?.()
    const ends = this.#working().flatMap(({ held }) => (held === null ? [] : [held.untilMs]))
    if (ends.length === 0 || this.#closed) return
    this.#cancelWatch = clock.after(Math.max(0, Math.min(...ends) - clock.monotonicMs()) + 1, () => {
      for (const wish of this.#working()) {
        if (wish.held !== null && wish.held.untilMs <= clock.monotonicMs()) void this.#end(wish, 'lost')
      }
      this.#watch()
    })
  }

  /** One thing at a time on the connection: a renewal inside a transaction that is undone would be none. */
  #inTurn<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
    const mine = this.#turn.then(async () => {
      this.#client ??= await this.#parts.connect()
      return work(this.#client)
    })
    this.#turn = mine.catch(() => {})
    return mine
  }

  /** Runs in a transaction that holds the order of commits. */
  #within<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
    return this.#inTurn(async (client) => {
      try {
        await lockHead(client)
        const value = await work(client)
        await committed(client)
        return value
      } catch (error) {
        await client.query('ROLLBACK').catch(() => {})
        throw error
      }
    })
  }
}
