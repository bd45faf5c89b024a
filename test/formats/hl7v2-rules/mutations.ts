/** For each rule, messages that break it and nothing else, made from valid ones. */
import {
  assertionOf,
  type WrittenConditions,
  type WrittenRule,
  type WrittenTest,
} from '../../../src/formats/hl7v2/rules/written.ts'
import { inserted, type Lines, linesNamed, valueAt, without, withValue } from './segments.ts'

/** Values that no table, type or pattern of ours takes, and some that some do. */
const STRANGE = ['ZZ9', '!', 'X', 'U', '9', '99', '20260101', 'X^Y']

/**
 * Every message with one change that could break a rule; `others` are values that other rules allow at its place. Which
 * of them does, and only it, the rules themselves tell. */
export function mutationsOf(rule: WrittenRule, sample: Lines, others: readonly string[] = []): Lines[] {
  const segment = rule.at.slice(0, 3)
  if (!rule.at.includes('-')) return ofSegments(rule, segment, sample)
  return linesNamed(sample, segment).flatMap((index) =>
    places(rule, sample, index).flatMap((path) => ofField(rule, sample, index, path, others)),
  )
}

/** The rule's place, and the same in each repetition that the line has. */
function places({ at }: WrittenRule, sample: Lines, index: number): string[] {
  const match = /^(\w{3})(?:\(\d+\))?-(\d+)(\(\d+\))?(.*)$/.exec(at)!
  const [, segment, field, repetition, rest = ''] = match
  if (repetition !== undefined) return [`${segment}-${field}${repetition}${rest}`]
  const whole = valueAt(sample, index, `${segment}-${field}`)
  if (segment === 'MSH' && Number(field) <= 2) return [`${segment}-${field}`]
  const count = whole.split('~').length
  const each = Array.from({ length: count }, (_, i) => `${segment}-${field}(${i + 1})${rest}`)
  return rest === '' ? [`${segment}-${field}`, ...each] : each
}

function ofField(rule: WrittenRule, sample: Lines, index: number, path: string, others: readonly string[]): Lines[] {
  const now = valueAt(sample, index, path)
  return [...brokenValues(rule, now), ...(rule.in === undefined ? [] : others)].map((value) =>
    withValue(sample, index, path, value),
  )
}

function brokenValues(rule: WrittenRule, now: string): string[] {
  switch (assertionOf(rule)) {
    case 'required':
      return ['']
    case 'forbidden':
      return STRANGE
    case 'max':
      return [Array.from({ length: rule.max! + 1 }, () => now).join('~')]
    case 'notIn':
      return typeof rule.notIn === 'string' ? [] : [...rule.notIn!]
    case 'matrix':
      return [...new Set(Object.values(rule.matrix!.allow).flat()), ...STRANGE]
    case 'equals':
      return [`9${now}`, `${now}9`]
    case 'contains':
    case 'in':
      return [...STRANGE, ...(now.includes('^') ? now.split('^').map((_, i, all) => all.with(i, 'ZZ9').join('^')) : [])]
    default:
      return STRANGE
  }
}

function ofSegments(rule: WrittenRule, segment: string, sample: Lines): Lines[] {
  const there = linesNamed(sample, segment)
  if (rule.required)
    return there.length === 1 ? [without(sample, there[0]!)] : [sample.filter((line) => !line.startsWith(segment))]
  if (rule.forbidden) return [...sample.keys()].map((i) => inserted(sample, i + 1, `${segment}|`))
  const removed = there.map((index) => without(sample, index))
  const repeated = there.map((index) => inserted(sample, index + 1, sample[index]!))
  return [...removed, ...repeated]
}

/** Variants of a message for which the conditions of a rule hold, as far as setting values makes them. */
export function satisfying(rule: WrittenRule, sample: Lines): Lines[] {
  let variants: Lines[] = [sample]
  const events = rule.events !== undefined && !('not' in rule.events) ? rule.events : []
  if (events.length > 0 && !events.includes(valueAt(sample, 0, 'MSH-9.2'))) return []
  for (const [at, test] of Object.entries({ ...rule.where, ...rule.when } satisfies WrittenConditions)) {
    variants = variants.flatMap((lines) => [lines, ...settings(lines, at, test)])
  }
  return variants
}

function settings(lines: Lines, at: string, test: WrittenTest): Lines[] {
  const segment = at.slice(0, 3)
  const there = linesNamed(lines, segment)
  if (!at.includes('-')) {
    return test === 'absent' ? [lines.filter((line) => !line.startsWith(segment))] : []
  }
  const values = test === 'absent' ? [''] : Array.isArray(test) ? (test as readonly string[]) : []
  const path = at.replace(/\(\d+\)(?=-)/, '')
  return there.flatMap((index) => values.map((value) => withValue(lines, index, path, value)))
}
