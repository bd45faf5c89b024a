import type { Use } from '../../core/config.ts'
import type { Entry, Statement } from '../../core/journal.ts'
import type { MessageId } from '../../core/message.ts'
import { upsert, upserts } from './upserts.ts'

/** How many messages are kept as examples of one finding. */
export const EXAMPLES = 5
/** Of each such time (ms) the first message stays: a write for every message would cost more than counting it. */
const EXAMPLE_MS = 3_600_000
/** So many are known by heart; then it begins anew. */
const MOST_KNOWN = 50_000

/** A message that shows what was found in it. */
export interface Example {
  readonly establishment: string
  readonly use: Use
  readonly kind: string
  readonly message: MessageId
  readonly atMs: number
}

const EXAMPLE = upsert(
  'conformity_example',
  ['establishment', 'use', 'finding', 'slot', 'message', 'kind', 'at_ms'],
  `(establishment, use, finding, slot) DO UPDATE SET message = excluded.message, kind = excluded.kind, at_ms = excluded.at_ms
    WHERE conformity_example.at_ms / ${EXAMPLE_MS} < excluded.at_ms / ${EXAMPLE_MS}`,
)

/**
 * Examples that one commit writes. Of a finding of an establishment there are `EXAMPLES`, over which messages are spread by their
 * ids alone, and each is the first message of the latest hour: so reading the journal again keeps the same ones, in whatever
 * portions it is read. */
export class Examples {
  readonly #known: KnownExamples | null
  readonly #all = new Map<string, { readonly one: Example; readonly finding: string; readonly slot: number }>()

  /** `known`: what need not be written again. */
  constructor(known: KnownExamples | null) {
    this.#known = known
  }

  /** The message has these findings. */
  add(one: Example, findings: readonly string[]): void {
    const slot = Number.parseInt(one.message.slice(-4), 16) % EXAMPLES
    const hour = hourOf(one)
    for (const finding of findings) {
      const key = `${one.establishment} ${one.use} ${finding} ${slot}`
      if (this.#known?.has(key, hour) === true) continue
      const before = this.#all.get(key)
      if (before === undefined || hourOf(before.one) < hour) this.#all.set(key, { one, finding, slot })
    }
  }

  /** By key, the hour of each. */
  hours(): ReadonlyMap<string, number> {
    return new Map([...this.#all].map(([key, { one }]) => [key, hourOf(one)]))
  }

  rows(): Statement[] {
    return upserts(EXAMPLE, this.#all, ({ one, finding, slot }) => [
      ...[one.establishment, one.use, finding, slot, one.message, one.kind],
      one.atMs,
    ])
  }
}

/** Which examples the store has, as far as a follower knows that has written them: what would change nothing is not written. */
export class KnownExamples {
  readonly #hours = new Map<string, number>()
  #offered: { readonly last: MessageId; readonly hours: ReadonlyMap<string, number> } | null = null

  /** Is one of that hour, or of a later one, there? */
  has(key: string, hour: number): boolean {
    return (this.#hours.get(key) ?? Number.NEGATIVE_INFINITY) >= hour
  }

  /** Another portion of the journal is read. When it begins behind the last, what the last made was written, here or elsewhere. */
  read(entries: readonly Pick<Entry, 'id'>[]): void {
    const offered = this.#offered
    this.#offered = null
    if (offered === null || entries.some(({ id }) => id === offered.last)) return
    if (this.#hours.size > MOST_KNOWN) this.#hours.clear()
    for (const [key, hour] of offered.hours) this.#hours.set(key, hour)
  }

  /** What that portion makes. */
  offer(last: MessageId, hours: ReadonlyMap<string, number>): void {
    this.#offered = { last, hours }
  }
}

function hourOf({ atMs }: Example): number {
  return Math.floor(atMs / EXAMPLE_MS)
}
