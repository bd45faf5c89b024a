/** What changed between two lists. */
import type { WhiteList } from './white-list.ts'

/** A domain and the subject of a certificate, as written. */
export interface Pair {
  readonly domain: string
  readonly subject: string
}

/** What one list has and the other has not. `moved`: domains that are in both under other subjects alone. */
export interface ListDifference {
  readonly added: readonly Pair[]
  readonly removed: readonly Pair[]
  readonly moved: readonly string[]
}

/** From one list (null: none) to the next; pairs in the order of their domains. */
export function difference(from: WhiteList | null, to: WhiteList): ListDifference {
  const none: WhiteList['domains'] = new Map()
  const before = from?.domains ?? none
  const added = missing(to.domains, before)
  const removed = missing(before, to.domains)
  const moved = [...before].flatMap(([domain, subjects]) => {
    const now = to.domains.get(domain)
    return now !== undefined && ![...subjects.keys()].some((key) => now.has(key)) ? [domain] : []
  })
  return { added, removed, moved: moved.sort() }
}

/** Pairs of the first that the second lacks. */
function missing(these: WhiteList['domains'], others: WhiteList['domains']): Pair[] {
  const pairs: Pair[] = []
  for (const [domain, subjects] of these) {
    const other = others.get(domain)
    for (const [key, { subject }] of subjects) if (other?.has(key) !== true) pairs.push({ domain, subject })
  }
  return pairs.sort((a, b) => (a.domain < b.domain ? -1 : a.domain > b.domain ? 1 : 0))
}
