/** Value sets expanded offline (valueset.html): is a code in it? `unknown` where the definitions at hand cannot tell. */
import type { CodeSystem, Concept, Expanded, ValueSet, ValueSetInclude } from './structure.ts'
import { unversioned } from './structure.ts'

/** Is a code in a value set? */
export type Membership = 'in' | 'out' | 'unknown'
/** Tells of a code whether it is in; `system` null: of an element of type code, which names none. */
export type CodeTest = (system: string | null, code: string) => Membership

/** Finds value sets and code systems by canonical. */
export interface Terminology {
  valueSet(canonical: string): ValueSet | null
  codeSystem(canonical: string): CodeSystem | null
}

/** Value sets inside value sets at most; a circle ends there as `unknown`. */
const MAX_DEPTH = 10

/** Systems without a list, whose codes have a grammar: media types, languages, units, currencies. */
const GRAMMARS: Readonly<Record<string, RegExp>> = {
  'urn:ietf:bcp:13': /^[A-Za-z0-9][\w!#$&^.+-]{0,126}\/[A-Za-z0-9][\w!#$&^.+-]{0,126}(?:\s*;[\x20-\x7e]{1,200})?$/,
  'urn:ietf:bcp:47': /^[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8}){0,8}$/,
  'http://unitsofmeasure.org': /^[\x21-\x7e]{1,100}$/,
  'urn:iso:std:iso:4217': /^[A-Z]{3}$/,
}

/** Makes the test of a value set, or null when there is none of that canonical. */
export function codeTest(canonical: string, terminology: Terminology): CodeTest | null {
  const valueSet = terminology.valueSet(unversioned(canonical))
  return valueSet === null ? null : testOf(valueSet, terminology, 0)
}

function testOf(valueSet: ValueSet, terminology: Terminology, depth: number): CodeTest {
  if (valueSet.expansion?.contains !== undefined) return expanded(valueSet.expansion.contains)
  const part = (one: ValueSetInclude): CodeTest => included(one, terminology, depth)
  const includes = (valueSet.compose?.include ?? []).map(part)
  const excludes = (valueSet.compose?.exclude ?? []).map(part)
  if (includes.length === 0) return () => 'unknown'
  return (system, code) => {
    const there = any(includes, system, code)
    if (there === 'out' || excludes.length === 0) return there
    const not = any(excludes, system, code)
    if (not === 'in') return 'out'
    return not === 'unknown' ? 'unknown' : there
  }
}

function any(tests: readonly CodeTest[], system: string | null, code: string): Membership {
  let found: Membership = 'out'
  for (const test of tests) {
    const one = test(system, code)
    if (one === 'in') return 'in'
    if (one === 'unknown') found = 'unknown'
  }
  return found
}

function expanded(contains: readonly Expanded[]): CodeTest {
  const bySystem = new Map<string, Set<string>>()
  const every = new Set<string>()
  const put = (list: readonly Expanded[]): void => {
    for (const { system = '', code, abstract, contains: inner } of list) {
      if (code !== undefined && abstract !== true) {
        every.add(code)
        const codes = bySystem.get(system) ?? new Set()
        bySystem.set(system, codes.add(code))
      }
      if (inner !== undefined) put(inner)
    }
  }
  put(contains)
  return (system, code) => ((system === null ? every : bySystem.get(system))?.has(code) === true ? 'in' : 'out')
}

function included(include: ValueSetInclude, terminology: Terminology, depth: number): CodeTest {
  const tests: CodeTest[] = []
  if (include.system !== undefined) tests.push(ofSystem(include, include.system, terminology))
  for (const canonical of include.valueSet ?? []) {
    const valueSet = depth >= MAX_DEPTH ? null : terminology.valueSet(unversioned(canonical))
    tests.push(valueSet === null ? () => 'unknown' : testOf(valueSet, terminology, depth + 1))
  }
  const [only, ...more] = tests
  if (only === undefined) return () => 'unknown'
  if (more.length === 0) return only
  return (system, code) => {
    const found = tests.map((test) => test(system, code))
    return found.includes('out') ? 'out' : found.includes('unknown') ? 'unknown' : 'in'
  }
}

function ofSystem(include: ValueSetInclude, system: string, terminology: Terminology): CodeTest {
  const among =
    (test: (code: string) => Membership): CodeTest =>
    (asked, code) =>
      asked === null || asked === system ? test(code) : 'out'
  if (include.concept !== undefined) {
    const codes = new Set(include.concept.map(({ code }) => code))
    return among((code) => (codes.has(code) ? 'in' : 'out'))
  }
  const grammar = GRAMMARS[system]
  if (grammar !== undefined && include.filter === undefined) return among((code) => (grammar.test(code) ? 'in' : 'out'))
  const codeSystem = terminology.codeSystem(system)
  if (codeSystem === null || codeSystem.content !== 'complete') return among(() => 'unknown')
  const codes = filtered(codeSystem, include.filter ?? [])
  if (codes === null) return among(() => 'unknown')
  const fold = codeSystem.caseSensitive === false
  const known = fold ? new Set([...codes].map((code) => code.toLowerCase())) : codes
  return among((code) => (known.has(fold ? code.toLowerCase() : code) ? 'in' : 'out'))
}

/** The codes of a system that pass every filter; null when a filter is of a sort that is not known here. */
function filtered(system: CodeSystem, filters: NonNullable<ValueSetInclude['filter']>): Set<string> | null {
  const all: { readonly concept: Concept; readonly above: readonly string[] }[] = []
  const walk = (concepts: readonly Concept[], above: readonly string[]): void => {
    for (const concept of concepts) {
      all.push({ concept, above })
      if (concept.concept !== undefined) walk(concept.concept, [...above, concept.code])
    }
  }
  walk(system.concept ?? [], [])
  let left = all
  for (const { property, op, value } of filters) {
    const below = (one: (typeof all)[number]): boolean =>
      one.above.includes(value) || parents(one.concept).includes(value)
    if (op === 'is-a') left = left.filter((one) => one.concept.code === value || below(one))
    else if (op === 'descendent-of') left = left.filter(below)
    else if (op === 'is-not-a') left = left.filter((one) => one.concept.code !== value && !below(one))
    else if (op === '=' && property !== 'concept') left = left.filter((one) => has(one.concept, property, value))
    else if (op === 'in') {
      const values = value.split(',').map((one) => one.trim())
      left = left.filter(({ concept }) => values.some((one) => has(concept, property, one)))
    } else return null
  }
  return new Set(left.map(({ concept }) => concept.code))
}

function parents(concept: Concept): readonly string[] {
  return (concept.property ?? [])
    .filter(({ code }) => code === 'parent' || code === 'subsumedBy')
    .map((one) => String(propertyOf(one)))
}

function has(concept: Concept, property: string, value: string): boolean {
  if (property === 'code' || property === 'concept') return concept.code === value
  return (concept.property ?? []).some((one) => one.code === property && String(propertyOf(one)) === value)
}

function propertyOf(property: NonNullable<Concept['property']>[number]): unknown {
  const key = Object.keys(property).find((one) => one.startsWith('value'))
  return key === undefined ? undefined : property[key as `value${string}`]
}
