/** Slicing (profiling.html#slicing): which slice an element of a list belongs to, and how many each slice may have. */
import type { JsonValue } from '../json-value.ts'
import type { Item } from './item.ts'
import type { Place, Run } from './run.ts'

/** Does an element belong to a slice? `name`: of its JSON member, which tells the type of a choice. */
export type Belongs = (run: Run, value: JsonValue, place: Place) => boolean

/** One slice. */
export interface Slice {
  readonly name: string
  readonly min: number
  readonly max: number
  readonly belongs: Belongs
  /** By name of the JSON member. */
  readonly items: ReadonlyMap<string, Item>
  /** Slices of this slice, or null. */
  readonly within: Slicing | null
}

/** How a list is sliced. */
export interface Slicing {
  readonly slices: readonly Slice[]
  readonly closed: boolean
  readonly openAtEnd: boolean
  readonly ordered: boolean
  /** The element asks nothing beyond its type: who belongs to a slice needs no second look. */
  readonly plain: boolean
  readonly profile: string
}

/** What was counted of a list so far. */
export interface Sliced {
  readonly counts: number[]
  /** The slice that the element before belonged to; −1 before the first. */
  last: number
  others: boolean
  readonly within: Map<Slicing, Sliced>
}

/** Nothing counted yet. */
export function sliced({ slices }: Slicing): Sliced {
  return { counts: new Array<number>(slices.length).fill(0), last: -1, others: false, within: new Map() }
}

/** Finds the slice of an element, counts it and tells what is wrong with its being there. Null: it belongs to none. */
export function assign(run: Run, slicing: Slicing, state: Sliced, value: JsonValue, place: Place): Slice | null {
  const { slices, profile } = slicing
  const found = slices.findIndex((slice) => slice.belongs(run, value, place))
  run.step(place, slices.length)
  if (found < 0) {
    state.others = true
    if (slicing.closed) run.tell('structure', place, { rule: 'slicing', profile })
    return null
  }
  const slice = slices[found]!
  state.counts[found]!++
  if (slicing.openAtEnd && state.others) run.tell('structure', place, { rule: slice.name, profile })
  if (slicing.ordered && found < state.last) run.tell('structure', place, { rule: slice.name, profile })
  state.last = Math.max(state.last, found)
  if (slice.within === null) return slice
  let inner = state.within.get(slice.within)
  if (inner === undefined) state.within.set(slice.within, (inner = sliced(slice.within)))
  return assign(run, slice.within, inner, value, place) ?? slice
}

/** Tells of every slice that has too few or too many elements. `place`: of the list. */
export function countSlices(run: Run, { slices, profile }: Slicing, state: Sliced | null, place: Place): void {
  for (let i = 0; i < slices.length; i++) {
    const { name, min, max, within } = slices[i]!
    const count = state?.counts[i] ?? 0
    if (count < min) run.tell('required', place, { rule: name, profile })
    else if (count > max) run.tell('structure', place, { rule: name, profile })
    if (within !== null && count > 0) countSlices(run, within, state?.within.get(within) ?? null, place)
  }
}
