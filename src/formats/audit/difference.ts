/** What was done to one event of a list. `n` is its number as it was signed; null: it never was. `place`: its line here, from 0. */
export interface Difference {
  readonly what: 'altered' | 'removed' | 'added' | 'moved'
  /** Index among the signed ones. */
  readonly signed: number | null
  readonly place: number | null
}

/** Indices of a longest rising run of values: what stays when everything out of order is taken away. O(n log n). */
export function rising(values: readonly number[]): ReadonlySet<number> {
  const ends: number[] = []
  const before = new Int32Array(values.length).fill(-1)
  for (const [i, value] of values.entries()) {
    let [low, high] = [0, ends.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if (values[ends[middle]!]! < value) low = middle + 1
      else high = middle
    }
    before[i] = low > 0 ? ends[low - 1]! : -1
    ends[low] = i
  }
  const found = new Set<number>()
  for (let i = ends.at(-1) ?? -1; i >= 0; i = before[i]!) found.add(i)
  return found
}

/**
 * What was done to a list of hashes to make another of it. What is there in another order is moved; where something signed
 * is missing and something else stands in its place it is altered; what is left is removed or added. Costs only what differs. */
export function differences(
  signed: { readonly count: number; hash(i: number): string },
  found: { readonly count: number; hash(i: number): string },
): readonly Difference[] {
  let start = 0
  while (start < signed.count && start < found.count && signed.hash(start) === found.hash(start)) start += 1
  let [endSigned, endFound] = [signed.count, found.count]
  while (endSigned > start && endFound > start && signed.hash(endSigned - 1) === found.hash(endFound - 1)) {
    endSigned -= 1
    endFound -= 1
  }
  const places = new Map<string, number[]>()
  for (let i = endSigned - 1; i >= start; i -= 1) {
    const list = places.get(signed.hash(i))
    if (list === undefined) places.set(signed.hash(i), [i])
    else list.push(i)
  }
  const matched: { readonly place: number; readonly signed: number }[] = []
  const strangers: number[] = []
  for (let place = start; place < endFound; place += 1) {
    const i = places.get(found.hash(place))?.pop()
    if (i === undefined) strangers.push(place)
    else matched.push({ place, signed: i })
  }
  const kept = rising(matched.map((one) => one.signed))
  const moved = matched.filter((_, i) => !kept.has(i))
  const anchors = matched.filter((_, i) => kept.has(i))
  const missing = [...places.values()].flat().sort((a, b) => a - b)
  return [
    ...moved.map(({ place, signed: of }): Difference => ({ what: 'moved', signed: of, place })),
    ...paired(anchors, missing, strangers),
  ].sort((a, b) => (a.signed ?? a.place ?? 0) - (b.signed ?? b.place ?? 0))
}

/** Between two events that stayed: as many as are missing and strange are altered, the rest is removed or added. */
function paired(
  anchors: readonly { readonly place: number; readonly signed: number }[],
  missing: readonly number[],
  strangers: readonly number[],
): readonly Difference[] {
  const out: Difference[] = []
  let [m, s] = [0, 0]
  for (const anchor of [...anchors, { place: Number.POSITIVE_INFINITY, signed: Number.POSITIVE_INFINITY }]) {
    while (
      (missing[m] ?? Number.POSITIVE_INFINITY) < anchor.signed ||
      (strangers[s] ?? Number.POSITIVE_INFINITY) < anchor.place
    ) {
      const [one, other] = [missing[m], strangers[s]]
      const gone = one !== undefined && one < anchor.signed
      const strange = other !== undefined && other < anchor.place
      if (gone) m += 1
      if (strange) s += 1
      if (gone && strange) out.push({ what: 'altered', signed: one, place: other })
      else if (gone) out.push({ what: 'removed', signed: one, place: null })
      else if (strange) out.push({ what: 'added', signed: null, place: other })
    }
  }
  return out
}
