import type { Way } from '../core/config.ts'
import type { Journal, QueueEntry, Span } from '../core/journal.ts'
import { Lineup, OVERTAKE_AFTER_MS } from './lineup.ts'

const PAGE = 500
/** Deliveries kept in memory while more wait in the store: 1,000,000 queued must not be 1,000,000 objects. */
const WINDOW = 2_000
/** Deliveries in line from which on a destination is behind its queue. */
const CROWD = 1_500
/** Earlier deliveries looked up for one urgent delivery that arrived beyond the window. */
const EARLIER = 50

/** Nothing to read, and nothing that may go. */
const UNMOVED = { look: 'no', changed: null } as const

type QueueReads = Pick<Journal, 'queue' | 'urgent' | 'earlier' | 'delivery' | 'leases'>

/** A commit as the queue of one destination hears of it. */
export interface Growth {
  readonly span: Span
  /** Does it have deliveries of this destination, and urgent ones among them? */
  readonly grown: boolean
  readonly urgent: boolean
  /** They, when it was made here; none: another node made it. */
  readonly entries: readonly QueueEntry[]
}

/**
 * The part of a destination's queue that is in memory: a prefix of it in order, so that whatever a delivery waits for
 * is here too; urgent deliveries beyond the prefix are brought in as guests, with what they wait for.
 *
 * On a shared store other nodes add to the queue, and their news may come late, twice, or after that of a later commit. So
 * news add to the prefix only where all before them is known (`grow`); else they only say that it is one no more, and it is
 * read on from its last delivery. `seq` is
 * given in the order of commits, and a read sees every commit before the newest it sees. Hence what is committed after a
 * read lies behind all that it gave, nothing can come in between, and whoever stands in the prefix may go however much
 * is new: an earlier one of its keys would be here. */
export class QueueWindow {
  readonly line: Lineup
  readonly #destination: Way
  readonly #journal: QueueReads
  readonly #nowMs: () => number
  readonly #freed: (entry: QueueEntry) => boolean
  #complete = false
  #lastSeq = 0
  /** The last urgent delivery looked at beyond the prefix. */
  #urgentSeq = 0
  #reading: Promise<boolean> | null = null
  #missed: QueueEntry[] = []
  /** Counts the news of growth: a page read before the last of them does not complete the window. */
  #growth = 0
  /** Shared store: the newest delivery heard of, and up to which every one is known that may go before the prefix is read on. */
  #heard = 0
  #known = 0
  /** Commits told of that do not follow what is known yet, in order. */
  #told: Growth[] = []
  #looking: Promise<void> | null = null

  /** The empty window of a destination. `freed`: what its last attempt waited for is there now. */
  constructor(
    destination: Way,
    journal: QueueReads,
    nowMs: () => number,
    freed: (entry: QueueEntry) => boolean = () => false,
  ) {
    const { order } = destination
    this.line = new Lineup((entry) => (order === 'patient' ? entry.keys : order === 'destination' ? ['*'] : []))
    this.#destination = destination
    this.#journal = journal
    this.#nowMs = nowMs
    this.#freed = freed
  }

  /** True when nothing waits in the store that is not here. */
  get complete(): boolean {
    return this.#complete
  }

  /** True when every commit told of is known. */
  get known(): boolean {
    return this.#told.length === 0
  }

  /** Do deliveries wait in number: nearly as many as are held in memory, or more? */
  get crowded(): boolean {
    return this.line.size > CROWD || !(this.#complete || this.#journal.leases.shared)
  }

  /** Takes deliveries that just became queued or were changed by a person. */
  async put(entries: readonly QueueEntry[]): Promise<void> {
    if (this.#journal.leases.shared) return this.#putShared(entries)
    for (const entry of entries) {
      if (this.line.get(entry.id) !== undefined) this.line.put(entry)
      else if (this.#complete) this.#append(entry)
      else if (entry.seq <= this.#lastSeq) this.line.put(entry)
      else if (entry.lane === 'urgent') await this.#bring(entry)
      else if (this.#reading !== null) this.#missed.push(entry)
    }
  }

  /**
   * Commits were made, on whichever node. Those that follow what is known are taken as they are told; one behind a gap
   * waits for the news of what lies between. `look`: the store must be read (`soon`: unless those news come first). */
  grow(commit: Growth): { readonly look: 'no' | 'soon' | 'now'; readonly changed: Promise<void> | null } {
    this.#heard = Math.max(this.#heard, commit.span.upTo)
    if (!commit.grown && this.#told.length === 0 && this.#follows(commit)) {
      this.#known = Math.max(this.#known, commit.span.upTo)
      return UNMOVED
    }
    this.#told.push(commit)
    this.#told.sort((a, b) => a.span.after - b.span.after)
    const urgent: QueueEntry[] = []
    let appended = false
    for (let next = this.#told[0]; next !== undefined; next = this.#told[0]) {
      const { span, entries, grown } = next
      if (span.upTo > this.#known) {
        if (!this.#follows(next)) break
        if (grown && entries.length === 0 && (this.#complete || next.urgent)) break
        if (this.#complete) {
          for (const entry of entries) if (this.line.get(entry.id) === undefined) this.#append(entry)
          appended ||= entries.length > 0
        } else urgent.push(...entries.filter(({ lane }) => lane === 'urgent'))
        this.#known = span.upTo
      }
      this.#told.shift()
    }
    const first = this.#told[0]
    const gap = first !== undefined && first.span.after > this.#known
    const changed = urgent.length > 0 ? this.#bringAll(urgent) : appended ? Promise.resolve() : null
    return { look: first === undefined ? 'no' : gap ? 'soon' : 'now', changed }
  }

  /** Does it go on where all is known? While the store is read, what is told is compared with it afterwards. */
  #follows({ span }: Growth): boolean {
    return span.after <= this.#known && this.#looking === null && this.#reading === null
  }

  async #bringAll(urgent: readonly QueueEntry[]): Promise<void> {
    for (const entry of urgent) {
      if (this.line.get(entry.id) === undefined) await this.#bring(entry)
      this.#urgentSeq = Math.max(this.#urgentSeq, entry.seq)
    }
  }

  async #putShared(entries: readonly QueueEntry[]): Promise<void> {
    let grown = false
    for (const entry of entries) {
      // Only this node sends: what the news say was on its way has been settled here, or is under way here.
      if (entry.state === 'sending') continue
      const known = this.line.get(entry.id)
      if (known !== undefined) {
        const older = entry.attempts < known.entry.attempts
        if (known.entry.state !== 'sending' && !older) this.line.put(entry, known.guest)
      } else if (entry.seq <= this.#lastSeq) this.line.put(entry)
      else if (entry.lane === 'urgent' && entry.seq <= this.#urgentSeq) await this.#bring(entry)
      else grown = true
    }
    if (grown) await this.look()
  }

  /**
   * Other nodes may have added to the queue: reads on where there is room, and brings in the urgent ones that are beyond.
   * Calls while one runs share the next. */
  look(): Promise<void> {
    this.#growth++
    this.#complete = false
    this.#looking ??= this.#lookOn().finally(() => {
      this.#looking = null
    })
    return this.#looking
  }

  async #lookOn(): Promise<void> {
    for (let seen = -1; seen !== this.#growth; ) {
      seen = this.#growth
      const heard = this.#heard
      if (this.line.size < WINDOW) await this.more()
      if (!this.#complete) await this.bringUrgent()
      this.#known = Math.max(this.#known, heard)
      this.#told = this.#told.filter(({ span }) => span.upTo > this.#known)
    }
  }

  /**
   * News were missed: what waits for a person here is looked up, since one may have acted, and the prefix is read from its
   * beginning, since a delivery that was in no line may be queued again. */
  async again(): Promise<void> {
    for (const { entry } of this.line.all()) {
      if (!entry.held) continue
      const now = await this.#journal.delivery(entry.id)
      if (now === null) this.line.remove(entry.id)
      else if (this.line.get(entry.id)?.entry === entry) this.line.put(now)
    }
    while (this.#reading !== null) await this.#reading
    this.#lastSeq = 0
    this.#urgentSeq = 0
    await this.look()
  }

  /**
   * Makes due what waits for nothing any more; false: nothing does. What lies beyond the window is looked at when it is
   * read: that something is due now follows from what is known of it, so that no end of a process loses it. */
  free(): boolean {
    const freed = this.line.all().filter(({ entry }) => this.#due(entry) !== entry)
    for (const { entry, guest } of freed) this.line.put(this.#due(entry), guest)
    return freed.length > 0
  }

  #due(entry: QueueEntry): QueueEntry {
    return entry.state === 'queued' && entry.dueAtMs > 0 && this.#freed(entry) ? { ...entry, dueAtMs: 0 } : entry
  }

  /** Reads the next page; false when there was none. Calls while one runs share it. */
  more(): Promise<boolean> {
    this.#reading ??= this.#readPage().finally(() => {
      this.#reading = null
    })
    return this.#reading
  }

  /** Brings in the urgent deliveries that the store holds beyond the prefix, behind those looked at before. */
  async bringUrgent(): Promise<void> {
    for (;;) {
      const after = Math.max(this.#urgentSeq, this.#journal.leases.shared ? this.#lastSeq : 0)
      const page = await this.#journal.urgent(this.#destination.id, after, PAGE)
      for (const entry of page) {
        if (this.line.get(entry.id) === undefined && entry.state !== 'sending') await this.#bring(entry)
        this.#urgentSeq = Math.max(this.#urgentSeq, entry.seq)
      }
      if (page.length < PAGE) return
    }
  }

  #append(entry: QueueEntry): void {
    this.line.put(entry)
    this.#lastSeq = Math.max(this.#lastSeq, entry.seq)
    if (this.line.size > WINDOW) this.#complete = false
  }

  async #readPage(): Promise<boolean> {
    const growth = this.#growth
    const page = await this.#journal.queue(this.#destination.id, this.#lastSeq, PAGE)
    for (const entry of page) {
      const known = this.line.get(entry.id)
      this.#lastSeq = entry.seq
      // What is in line is newer here than in the page; what is not and was on its way has just been settled.
      if (known !== undefined) this.line.put(known.entry)
      else if (entry.state !== 'sending') this.line.put(this.#due(entry))
    }
    if (page.length < PAGE && growth === this.#growth) {
      this.#complete = true
      for (const entry of this.#missed) if (this.line.get(entry.id) === undefined) this.#append(entry)
    }
    this.#missed = []
    return page.length > 0
  }

  /** Puts an urgent delivery in line as a guest, after what it may have to wait for. */
  async #bring(urgent: QueueEntry): Promise<void> {
    const found: QueueEntry[] = []
    const seen = new Set([urgent.id])
    for (const look = [urgent]; look.length > 0; ) {
      const entry = look.pop()!
      if (this.#destination.order !== 'patient' || entry.keys.length === 0) continue
      for (const earlier of await this.#journal.earlier(this.#destination.id, entry.keys, entry.seq, EARLIER)) {
        if (seen.has(earlier.id) || this.line.get(earlier.id) !== undefined) continue
        seen.add(earlier.id)
        found.push(earlier)
        if (this.#nowMs() - earlier.committedAtMs < OVERTAKE_AFTER_MS) look.push(earlier)
      }
    }
    // Meanwhile one of them may have come in with a page, or gone out.
    for (const entry of found) {
      if (this.line.get(entry.id) === undefined && entry.state !== 'sending') this.line.put(entry, true)
    }
    if (this.line.get(urgent.id) === undefined) this.line.put(urgent, true)
  }
}
