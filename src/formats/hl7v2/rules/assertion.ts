/** What rules ask, compiled: each gives a judge that looks at one segment, or at the message as a whole. */
import type { ErrorCode } from '../../../core/errors.ts'
import type { Range } from '../segments.ts'
import { CHECKS } from './checks.ts'
import { type Conditions, compileConditions, type Holds, type ValuesOf } from './condition.ts'
import type { Look } from './look.ts'
import { compilePattern } from './pattern.ts'
import { type Place, parsePlace } from './place.ts'
import { TYPES } from './types.ts'
import type { WrittenRule } from './written.ts'

/** Tells what was found: in which segment (index; −1: none) and repetition, or at another place; and with which code. */
export interface Told {
  readonly segment: number
  readonly repetition: number
  readonly at?: string
  readonly code?: ErrorCode
}

/** Looks at one segment (−1: at the message), and tells what is not as the rule asks. */
export type Judge = (look: Look, segment: number, tell: (told: Told) => void) => void

interface Asked {
  readonly place: Place
  readonly conditions: Conditions
  readonly where: Holds | null
  readonly valuesOf: ValuesOf
}

/** A rule's judge, and whether it looks at the message as a whole. */
export interface Judged {
  readonly whole: boolean
  readonly judge: Judge
}

/** Compiles what a rule asks. @throws {RangeError} with a sentence that says what is wrong in it */
export function compileAssertion(rule: WrittenRule, valuesOf: ValuesOf): Judged {
  const place = parsePlace(rule.at)
  const asked: Asked = {
    place,
    valuesOf,
    conditions: compileConditions(rule.when, place, valuesOf),
    where: whereOf(rule, place, valuesOf),
  }
  if (place.field === null) return { whole: true, judge: ofMessage(rule, asked) }
  return { whole: false, judge: ofSegment(rule, asked) }
}

function whereOf(rule: WrittenRule, place: Place, valuesOf: ValuesOf): Holds | null {
  const { ofSegment, ofRepetition } = compileConditions(rule.where, place, valuesOf)
  if (ofSegment === null || ofRepetition === null) return ofSegment ?? ofRepetition
  return (look, segment) => ofSegment(look, segment, 0) && ofRepetition(look, segment, 0)
}

/** Rules of segments as such: they are there, are not there, so many of them, or a named check. */
function ofMessage(rule: WrittenRule, { place, conditions, where, valuesOf }: Asked): Judge {
  const holds = conditions.ofSegment
  const all = (look: Look): readonly number[] => {
    const named = look.named(place.segment)
    return where === null ? named : named.filter((segment) => where(look, segment, 0))
  }
  const when =
    (judge: Judge): Judge =>
    (look, segment, tell) => {
      if (holds === null || holds(look, segment, 0)) judge(look, segment, tell)
    }
  if (rule.check !== undefined) {
    const check = CHECKS[rule.check]
    if (check === undefined) throw new RangeError(`there is no check named ${rule.check}`)
    const run = check(rule.with ?? {}, valuesOf)
    return when((look, _segment, tell) => {
      for (const { at, code } of run(look)) tell({ segment: -1, repetition: 1, at, ...(code && { code }) })
    })
  }
  const { min = 0, max = Number.POSITIVE_INFINITY } =
    rule.count ?? (rule.required ? { min: 1 } : rule.forbidden ? { max: 0 } : {})
  if (min === 0 && max === Number.POSITIVE_INFINITY) {
    throw new RangeError(`${place.segment} is a segment: it can be required, forbidden, counted or checked`)
  }
  return when((look, _segment, tell) => {
    const found = all(look)
    if (found.length > max) tell({ segment: found[max]!, repetition: 1 })
    else if (found.length < min) tell({ segment: -1, repetition: 1 })
  })
}

/** Rules of fields: a judge of one segment. */
function ofSegment(rule: WrittenRule, asked: Asked): Judge {
  const { place, conditions, where } = asked
  const { ofSegment: held, ofRepetition } = conditions
  const judge = fieldJudge(rule, asked, ofRepetition)
  return (look, segment, tell) => {
    if (place.occurrence !== null && look.named(place.segment)[place.occurrence - 1] !== segment) return
    if (where !== null && !where(look, segment, 0)) return
    if (held !== null && !held(look, segment, 0)) return
    judge(look, segment, tell)
  }
}

function fieldJudge(rule: WrittenRule, { place, valuesOf }: Asked, held: Holds | null): Judge {
  const n = place.field!
  const wholeField = place.component === null && place.repetition === null
  const onField =
    (wrong: (look: Look, segment: number) => boolean): Judge =>
    (look, segment, tell) => {
      if ((held === null || held(look, segment, 0)) && wrong(look, segment)) tell({ segment, repetition: 1 })
    }
  if (rule.required && wholeField) return onField((look, segment) => !look.isFilled(segment, n))
  if (rule.forbidden && wholeField) return onField((look, segment) => look.isValued(segment, n))
  if (rule.max !== undefined) {
    const most = rule.max
    return onField((look, segment) => {
      const field = look.field(segment, n)
      return field !== null && look.repetitions(field) > most
    })
  }
  if (rule.contains !== undefined) {
    const set = valuesOf(rule.contains)
    const isOne = (value: string): boolean => set.has(value)
    return onField((look, segment) => look.isFilled(segment, n) && !look.some(segment, place, isOne))
  }
  if (rule.count !== undefined || rule.check !== undefined) {
    throw new RangeError(`${rule.check === undefined ? 'count' : 'check'} asks for a segment, such as OBX`)
  }
  return eachRepetition(place, held, ofValue(rule, place, valuesOf))
}

/** Is the value at the place, inside this repetition, not as the rule asks? */
type Wrong = (look: Look, repetition: Range, segment: number) => boolean

function ofValue(rule: WrittenRule, place: Place, valuesOf: ValuesOf): Wrong {
  const leafText = (look: Look, repetition: Range): string => {
    const text = isRaw(place) ? look.text(repetition) : look.leafText(repetition, place)
    return text === '""' ? '' : text
  }
  if (rule.required) return (look, repetition) => leafText(look, repetition) === ''
  if (rule.forbidden) {
    return (look, repetition) => {
      const { start, end } = look.inside(repetition, place)
      return end > start
    }
  }
  if (rule.in !== undefined || rule.notIn !== undefined) {
    const set = valuesOf((rule.in ?? rule.notIn)!)
    const wanted = rule.in !== undefined
    return (look, repetition) => {
      const text = leafText(look, repetition)
      return text !== '' && set.has(text) !== wanted
    }
  }
  if (rule.pattern !== undefined) {
    const fits = compilePattern(rule.pattern)
    return (look, repetition) => {
      const text = leafText(look, repetition)
      return text !== '' && !fits(text)
    }
  }
  if (rule.type !== undefined) return ofType(rule.type, place)
  if (rule.equals !== undefined) return ofEqual(parsePlace(rule.equals), place)
  if (rule.matrix !== undefined) return ofMatrix(rule.matrix, leafText)
  throw new RangeError('a rule asks exactly one thing')
}

function isRaw({ segment, field }: Place): boolean {
  return segment === 'MSH' && field! <= 2
}

function ofType(name: string, place: Place): Wrong {
  const test = Object.hasOwn(TYPES, name) ? TYPES[name]! : null
  if (test === null) throw new RangeError(`there is no data type ${name}; known: ${Object.keys(TYPES).join(', ')}`)
  return (look, repetition) => {
    const { delimiters } = look.message
    const range = look.inside(repetition, place)
    if (range.start === range.end || look.isNull(range)) return false
    const byte = place.component === null ? delimiters.component : delimiters.subcomponent
    return !test(look.raw(range), byte === null ? '\r' : String.fromCharCode(byte))
  }
}

function ofEqual(other: Place, place: Place): Wrong {
  if (other.field === null) throw new RangeError(`${other.segment} is a segment and has no value`)
  return (look, repetition, segment) => {
    const there = otherSegment(look, other, place, segment)
    const field = there < 0 ? null : look.field(there, other.field!)
    if (field === null) return false
    const end = String.fromCharCode(look.message.delimiters.component)
    const [mine, theirs] = [
      trimmed(look.raw(look.inside(repetition, place)), end),
      trimmed(look.raw(look.inside(look.repetition(field, other.repetition ?? 1), other)), end),
    ]
    return mine !== '' && theirs !== '' && mine !== theirs
  }
}

function otherSegment(look: Look, other: Place, own: Place, segment: number): number {
  if (other.occurrence !== null) return look.named(other.segment)[other.occurrence - 1] ?? -1
  return other.segment === own.segment ? segment : look.near(other.segment, segment)
}

function trimmed(text: string, separator: string): string {
  let end = text.length
  while (end > 0 && text[end - 1] === separator) end--
  return end === text.length ? text : text.slice(0, end)
}

function ofMatrix(
  { by, allow }: NonNullable<WrittenRule['matrix']>,
  leafText: (look: Look, repetition: Range) => string,
): Wrong {
  const other = parsePlace(by)
  if (other.field === null) throw new RangeError(`${by} is a segment and has no value`)
  const allowed = new Map(Object.entries(allow).map(([value, list]) => [value, new Set(list)]))
  return (look, repetition, segment) => {
    const text = leafText(look, repetition)
    if (text === '') return false
    const sameName = look.message.segmentIndex.nameOf(segment) === other.segment
    const there = sameName ? segment : look.near(other.segment, segment)
    const value = there < 0 ? undefined : look.values(there, other)[0]
    const set = value === undefined ? undefined : allowed.get(value)
    return set !== undefined && !set.has(text)
  }
}

/** Looks at each repetition that has something in it, or at the one that the place names. */
function eachRepetition(place: Place, held: Holds | null, wrong: Wrong): Judge {
  return (look, segment, tell) => {
    const field = look.field(segment, place.field!)
    if (field === null) return
    const count = isRaw(place) ? 1 : look.repetitions(field)
    const from = place.repetition ?? 1
    for (let n = from; n <= (place.repetition ?? count); n++) {
      const repetition = count === 1 && n === 1 ? field : look.repetition(field, n)
      if (repetition.start === repetition.end && place.repetition === null) continue
      if (held !== null && !held(look, segment, n)) continue
      if (wrong(look, repetition, segment)) tell({ segment, repetition: n })
    }
  }
}
