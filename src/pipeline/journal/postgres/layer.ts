import type { QueueEntry, Statement } from '../../../core/journal.ts'
import type { DeliveryId, DestinationId, MessageId, MessageState, State } from '../../../core/message.ts'
import type { Counter, DestinationCounter } from '../counters.ts'

/** Counters of one destination. */
export type AtDestination = Readonly<Record<DestinationCounter, number>>

/** What an earlier message left under a repeat key. */
export interface KnownKey {
  readonly sha256: string
  readonly message: MessageId
  readonly atMs: number
  readonly answer: Buffer | null
  readonly applicationAnswer: Buffer | null
}

/** A delivery as the lists of a batch see and change it. Its names are those of the columns. */
export interface DeliveryFacts {
  readonly id: DeliveryId
  readonly seq: number
  readonly message: MessageId
  readonly destination: DestinationId
  readonly state: State
  readonly held: number
  readonly holds: number
  readonly moved_at_ms: number
  readonly due_at_ms: number
  readonly expires_at_ms: number
  readonly attempts: number
  readonly last_code: string | null
  readonly same_code: number
  readonly revision: number | null
}

/** A message as the lists of a batch see and change it. */
export interface MessageFacts {
  readonly id: MessageId
  readonly seq: number
  readonly kind: string
  readonly revision: number
  readonly ask: string | null
  readonly withheld: string | null
  readonly order_keys: string
  readonly state: MessageState
  readonly open: number
  readonly parked: number
  readonly findings: string
}

/** Tables that rows are added to, in the order in which they are written. */
export const TABLES = [
  'revision',
  'message',
  'body',
  'message_key',
  'message_finding',
  'delivery',
  'attempt',
  'event',
  'timer',
  'refusal',
] as const
/** One of them. */
export type Table = (typeof TABLES)[number]
/** Every table that a batch writes. */
export const WRITTEN = [...TABLES, 'repeat', 'counter', 'destination_counter', 'cursor'] as const
/** One of them. */
export type Written = (typeof WRITTEN)[number]

/** What a batch has read under the lock, by key. */
export interface Stock {
  readonly nowMs: number
  readonly revision: number
  readonly counters: ReadonlyMap<string, number>
  readonly repeats: ReadonlyMap<string, KnownKey>
  readonly deliveries: ReadonlyMap<DeliveryId, DeliveryFacts>
  readonly messages: ReadonlyMap<MessageId, MessageFacts>
  readonly cursors: ReadonlyMap<string, number>
  readonly timers: ReadonlySet<string>
  /** Leases that this node holds, with their epochs. */
  readonly epochs: ReadonlyMap<string, number>
  /** Open deliveries of destinations that go. */
  readonly openOf: ReadonlyMap<DestinationId, readonly DeliveryFacts[]>
}

/**
 * Changes over what was read, one list after the other: each list has a layer of its own over that of its batch, taken in
 * when it is done and thrown away when it undoes itself. So a list sees what the lists before it did, and nothing is
 * written before all of them are done. */
export class Layer {
  readonly stock: Stock
  readonly #below: Layer | null
  messageSeq: number
  deliverySeq: number
  revision: number
  readonly counters = new Map<Counter, number>()
  readonly destinations = new Map<DestinationId, AtDestination>()
  readonly repeats = new Map<string, KnownKey>()
  readonly deliveries = new Map<DeliveryId, DeliveryFacts>()
  readonly messages = new Map<MessageId, MessageFacts>()
  readonly cursors = new Map<string, number>()
  readonly fired = new Set<string>()
  readonly rows = new Map<Table, object[]>()
  readonly statements: Statement[] = []
  /** Deliveries that became queued, and those that a person changed. */
  readonly queued: QueueEntry[] = []
  readonly moved: DeliveryId[] = []
  /** Rows of features were written by an effect. */
  features = false

  /** Over what was read, or over the layer below. */
  constructor(stock: Stock, below: Layer | null = null) {
    this.stock = stock
    this.#below = below
    this.messageSeq = below?.messageSeq ?? stock.counters.get('received') ?? 0
    this.deliverySeq = below?.deliverySeq ?? stock.counters.get('deliveries') ?? 0
    this.revision = below?.revision ?? stock.revision
  }

  count(counter: Counter, by: number): void {
    this.counters.set(counter, (this.counters.get(counter) ?? 0) + by)
  }

  countAt(destination: DestinationId, counter: keyof AtDestination, by: number): void {
    const at = this.destinations.get(destination) ?? { open: 0, parked: 0, delivered: 0 }
    this.destinations.set(destination, { ...at, [counter]: at[counter] + by })
  }

  add(table: Table, row: object): void {
    const rows = this.rows.get(table)
    if (rows === undefined) this.rows.set(table, [row])
    else rows.push(row)
  }

  repeat(key: string): KnownKey | undefined {
    return this.repeats.get(key) ?? this.#below?.repeat(key) ?? this.stock.repeats.get(key)
  }

  delivery(id: DeliveryId): DeliveryFacts | undefined {
    return this.deliveries.get(id) ?? this.#below?.delivery(id) ?? this.stock.deliveries.get(id)
  }

  message(id: MessageId): MessageFacts | undefined {
    return this.messages.get(id) ?? this.#below?.message(id) ?? this.stock.messages.get(id)
  }

  cursor(follower: string): number | undefined {
    return this.cursors.get(follower) ?? this.#below?.cursor(follower) ?? this.stock.cursors.get(follower)
  }

  /** Is this timer there, and not fired by a list before? */
  timer(id: string): boolean {
    if (this.fired.has(id)) return false
    if (this.rows.get('timer')?.some((row) => (row as { id: string }).id === id)) return true
    return this.#below === null ? this.stock.timers.has(id) : this.#below.timer(id)
  }

  /** Takes the changes of a list over into the layer below it. */
  settle(): void {
    const below = this.#below
    if (below === null) return
    below.messageSeq = this.messageSeq
    below.deliverySeq = this.deliverySeq
    below.revision = this.revision
    for (const [counter, by] of this.counters) below.count(counter, by)
    for (const [id, by] of this.destinations) {
      const at = below.destinations.get(id)
      below.destinations.set(id, at === undefined ? by : added(at, by))
    }
    copy(this.repeats, below.repeats)
    copy(this.deliveries, below.deliveries)
    copy(this.messages, below.messages)
    copy(this.cursors, below.cursors)
    for (const id of this.fired) below.fired.add(id)
    for (const [table, rows] of this.rows) for (const row of rows) below.add(table, row)
    below.statements.push(...this.statements)
    below.queued.push(...this.queued)
    below.moved.push(...this.moved)
    below.features ||= this.features
  }
}

function added(a: AtDestination, b: AtDestination): AtDestination {
  return { open: a.open + b.open, parked: a.parked + b.parked, delivered: a.delivered + b.delivered }
}

function copy<T>(from: ReadonlyMap<string, T>, to: Map<string, T>): void {
  for (const [key, value] of from) to.set(key, value)
}
