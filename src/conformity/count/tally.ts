import type { Use } from '../../core/config.ts'
import type { Side } from '../../core/conformity.ts'
import type { Statement } from '../../core/journal.ts'
import { upsert, upserts } from './upserts.ts'

/** What is counted of one message. */
export interface Counted {
  readonly establishment: string
  readonly use: Use
  readonly side: Side
  /** `YYYY-MM-DD`. */
  readonly day: string
  readonly kind: string
  readonly application: string
  readonly signature: string
}

const COUNT = upsert(
  'conformity_count',
  ['establishment', 'use', 'side', 'day', 'kind', 'application', 'signature', 'n'],
  '(establishment, use, side, day, kind, application, signature) DO UPDATE SET n = conformity_count.n + excluded.n',
)
const STANDING = upsert(
  'conformity_standing',
  ['establishment', 'use', 'change', 'judged', 'day'],
  '(establishment, use) DO UPDATE SET change = conformity_standing.change + 1',
)

/**
 * Most characters of a kind and of a product's name, which senders write: a sort of message is a key of its table, and a key that is
 * too long would not be written by PostgreSQL, nor anything behind it. */
const MOST_CHARACTERS = { kind: 60, application: 120 }

/** Adds up what is counted, and makes one list of statements of it. */
export class Tally {
  readonly #counts = new Map<string, { readonly of: Counted; n: number }>()

  /** Counts `n` messages of one sort. */
  add(counted: Counted, n = 1): void {
    const of = clipped(counted)
    const { establishment, use, side, day, kind, application, signature } = of
    // What an establishment writes itself stands last, behind its lengths: no two sorts have the same text.
    const sort = `${establishment} ${use} ${side} ${day} ${kind.length} ${signature.length} ${kind}${signature}${application}`
    const known = this.#counts.get(sort)
    if (known === undefined) this.#counts.set(sort, { of, n })
    else known.n += n
  }

  /** The rows, and that what is made of them is to be looked at again. None when nothing was counted. */
  rows(): Statement[] {
    const rows = upserts(COUNT, this.#counts, ({ of, n }) => [
      ...[of.establishment, of.use, of.side, of.day, of.kind, of.application, of.signature],
      n,
    ])
    return [...rows, ...changedRows([...this.#counts.values()].map(({ of }) => of))]
  }
}

function clipped(of: Counted): Counted {
  const { kind, application } = of
  if (kind.length <= MOST_CHARACTERS.kind && application.length <= MOST_CHARACTERS.application) return of
  const short = (text: string, most: number): string => text.slice(0, most).toWellFormed()
  return {
    ...of,
    kind: short(kind, MOST_CHARACTERS.kind),
    application: short(application, MOST_CHARACTERS.application),
  }
}

/** What verdicts of these establishments rest on has changed: they are judged again. One may stand there more than once. */
export function changedRows(standings: readonly { readonly establishment: string; readonly use: Use }[]): Statement[] {
  const each = new Map(standings.map((one) => [`${one.establishment} ${one.use}`, one]))
  return upserts(STANDING, each, ({ establishment, use }) => [establishment, use, 1, 0, ''])
}
