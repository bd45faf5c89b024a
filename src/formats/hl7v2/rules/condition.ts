/** Conditions of rules: a place has one of some values, has any, or has none. */
import type { Look } from './look.ts'
import { type Place, parsePlace } from './place.ts'
import type { WrittenConditions, WrittenTest } from './written.ts'

/** Values of a list or table; prefixes come from rows such as `I6*`. */
export interface ValueSet {
  has(value: string): boolean
  /** A few of them, for sentences. */
  readonly shown: readonly string[]
}

/** Finds the values that a rule names: a list, or `table:NAME`. @throws {RangeError} if there is no such table */
export type ValuesOf = (written: readonly string[] | `table:${string}`) => ValueSet

/** Does it hold, seen from a segment and a repetition of the rule's own field (0: the field as a whole)? */
export type Holds = (look: Look, segment: number, repetition: number) => boolean

/** Conditions, those that look at the same repetition as the rule apart. Null: there are none. */
export interface Conditions {
  readonly ofSegment: Holds | null
  readonly ofRepetition: Holds | null
}

const NONE: Conditions = { ofSegment: null, ofRepetition: null }

/**
 * Compiles conditions for a rule that looks at `own` (null: at the message). A place in the same segment is that of the
 * same occurrence, one in the same field that of the same repetition; another segment is the last one before, else the
 * first. @throws {RangeError} for a place or table that is none */
export function compileConditions(
  written: WrittenConditions | undefined,
  own: Place | null,
  valuesOf: ValuesOf,
): Conditions {
  if (written === undefined) return NONE
  const segment: Holds[] = []
  const repetition: Holds[] = []
  for (const [text, test] of Object.entries(written)) {
    const place = parsePlace(text)
    const sameSegment = own !== null && place.segment === own.segment && place.occurrence === null
    const sameRepetition = sameSegment && place.field !== null && place.field === own.field && place.repetition === null
    const { one, wanted } = testOf(test, place, valuesOf)
    if (sameRepetition) {
      repetition.push((look, at, n) => look.some(at, place, one, n === 0 ? place.repetition : n) === wanted)
    } else if (sameSegment) segment.push((look, at) => isSeen(look, at, place, one) === wanted)
    else segment.push((look, at) => isSeen(look, otherSegment(look, place, at), place, one) === wanted)
  }
  return { ofSegment: all(segment), ofRepetition: all(repetition) }
}

function all(holds: readonly Holds[]): Holds | null {
  if (holds.length === 0) return null
  if (holds.length === 1) return holds[0]!
  return (look, segment, repetition) => holds.every((one) => one(look, segment, repetition))
}

function otherSegment(look: Look, { segment, occurrence }: Place, before: number): number {
  return occurrence === null ? look.near(segment, before) : (look.named(segment)[occurrence - 1] ?? -1)
}

/** Is there such a value at a place? A segment as a whole has one value when it is there. */
function isSeen(look: Look, segment: number, place: Place, one: (value: string) => boolean): boolean {
  if (segment < 0) return false
  return place.field === null ? one(place.segment) : look.some(segment, place, one)
}

/** It holds when whether one of the values passes is what is wanted. */
interface Test {
  readonly one: (value: string) => boolean
  readonly wanted: boolean
}

const hasValue = (value: string): boolean => value !== '' && value !== '""'

function testOf(test: WrittenTest, place: Place, valuesOf: ValuesOf): Test {
  if (test === 'present' || test === 'absent') return { one: hasValue, wanted: test === 'present' }
  if (place.field === null) throw new RangeError(`${place.segment} is a segment: it can only be present or absent`)
  const isNot = typeof test === 'object' && 'not' in test
  const set = valuesOf(isNot ? test.not : test)
  return { one: (value) => set.has(value), wanted: !isNot }
}
