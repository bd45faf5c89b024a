/** Turns a ValueSet into the list of its codes, offline, from the CodeSystems at hand (R4 valueset.html §4.9.8). Pure. */
import type { JsonObject, JsonValue } from '../json-value.ts'
import { list, object, text } from '../json-value.ts'

/** Finds a ValueSet or a CodeSystem by its canonical, without version. */
export interface Terminology {
  valueSet(canonical: string): JsonObject | undefined
  codeSystem(canonical: string): JsonObject | undefined
}

/** Codes by system, in the order met; `null` for a system says that every code of it is in the set (its codes are not at hand). */
export type Codes = Map<string, ReadonlySet<string> | null>

/** Sets that name each other without end stop here. */
const MAX_DEPTH = 10

/** The canonical without `|version`. */
export function withoutVersion(canonical: string): string {
  const bar = canonical.indexOf('|')
  return bar < 0 ? canonical : canonical.slice(0, bar)
}

interface Concept {
  readonly code: string
  readonly above: readonly string[]
}

/** Every code of a CodeSystem with those directly above it; null when it does not list them all. */
function conceptsOf(system: JsonObject | undefined): Concept[] | null {
  if (system === undefined || (system['content'] !== 'complete' && system['content'] !== undefined)) return null
  const found: Concept[] = []
  const walk = (concepts: readonly JsonValue[], parent: string | null): void => {
    for (const one of concepts) {
      const concept = object(one) ?? {}
      const code = text(concept['code'])
      if (code === null) continue
      const named = list(concept['property']).map((property) => text(object(property)?.['valueCode']))
      found.push({ code, above: [parent, ...named].filter((above) => above !== null) })
      walk(list(concept['concept']), code)
    }
  }
  walk(list(system['concept']), null)
  return found
}

/** Those under a code, and itself where asked. */
function under(concepts: readonly Concept[], top: string, itself: boolean): Set<string> {
  const below = new Set([top])
  for (let grown = -1; grown !== below.size; ) {
    grown = below.size
    for (const { code, above } of concepts) if (above.some((one) => below.has(one))) below.add(code)
  }
  if (!itself) below.delete(top)
  return below
}

function filtered(concepts: readonly Concept[], filter: JsonObject): Set<string> | null {
  const value = text(filter['value'])
  if (value === null || (filter['property'] !== 'concept' && filter['property'] !== 'code')) return null
  if (filter['op'] === 'is-a') return under(concepts, value, true)
  if (filter['op'] === 'descendent-of') return under(concepts, value, false)
  if (filter['op'] === 'is-not-a') {
    const not = under(concepts, value, true)
    return new Set(concepts.map(({ code }) => code).filter((code) => !not.has(code)))
  }
  return null
}

/** Codes of one include or exclude that names a system; null when they cannot be known offline; `all` for a system not at hand. */
function ofSystem(part: JsonObject, system: string, terminology: Terminology): ReadonlySet<string> | null | 'all' {
  const named = list(part['concept'])
  if (named.length > 0) return new Set(named.map((one) => text(object(one)?.['code'])).filter((code) => code !== null))
  const concepts = conceptsOf(terminology.codeSystem(withoutVersion(system)))
  const filters = list(part['filter'])
  if (concepts === null) return filters.length === 0 ? 'all' : null
  let codes: ReadonlySet<string> = new Set(concepts.map(({ code }) => code))
  for (const filter of filters) {
    const kept = filtered(concepts, object(filter) ?? {})
    if (kept === null) return null
    codes = new Set([...codes].filter((code) => kept.has(code)))
  }
  return codes
}

function intersect(one: Codes, other: Codes): Codes {
  const both: Codes = new Map()
  for (const [system, codes] of one) {
    const others = other.get(system)
    if (others === undefined) continue
    if (codes === null) both.set(system, others)
    else both.set(system, others === null ? codes : new Set([...codes].filter((code) => others.has(code))))
  }
  return both
}

/** Codes of one include: of its system, and of every ValueSet that it names. */
function ofPart(part: JsonObject, terminology: Terminology, depth: number): Codes | null {
  let codes: Codes | null = null
  const system = text(part['system'])
  if (system !== null) {
    const own = ofSystem(part, system, terminology)
    if (own === null) return null
    codes = new Map([[system, own === 'all' ? null : own]])
  }
  for (const named of list(part['valueSet'])) {
    const inner = expandAt(terminology.valueSet(withoutVersion(text(named) ?? '')), terminology, depth + 1)
    if (inner === null) return null
    codes = codes === null ? inner : intersect(codes, inner)
  }
  return codes
}

function add(to: Codes, from: Codes): void {
  for (const [system, codes] of from) {
    const before = to.get(system)
    if (before === null) continue
    to.set(system, codes === null ? null : new Set([...(before ?? []), ...codes]))
  }
}

function remove(from: Codes, gone: Codes): boolean {
  for (const [system, codes] of gone) {
    const before = from.get(system)
    if (before === undefined) continue
    if (codes === null) from.delete(system)
    else if (before === null) return false
    else from.set(system, new Set([...before].filter((code) => !codes.has(code))))
  }
  return true
}

function expandAt(set: JsonObject | undefined, terminology: Terminology, depth: number): Codes | null {
  if (set === undefined || depth > MAX_DEPTH) return null
  const contains = list(object(set['expansion'])?.['contains'])
  if (contains.length > 0) return listed(contains)
  const compose = object(set['compose'])
  if (compose === null) return null
  const codes: Codes = new Map()
  for (const part of list(compose['include'])) {
    const included = ofPart(object(part) ?? {}, terminology, depth)
    if (included === null) return null
    add(codes, included)
  }
  for (const part of list(compose['exclude'])) {
    const excluded = ofPart(object(part) ?? {}, terminology, depth)
    if (excluded === null || !remove(codes, excluded)) return null
  }
  return codes
}

function listed(contains: readonly JsonValue[]): Codes {
  const codes: Codes = new Map()
  const walk = (entries: readonly JsonValue[]): void => {
    for (const one of entries) {
      const entry = object(one) ?? {}
      const [system, code] = [text(entry['system']), text(entry['code'])]
      if (system !== null && code !== null && entry['abstract'] !== true)
        add(codes, new Map([[system, new Set([code])]]))
      walk(list(entry['contains']))
    }
  }
  walk(contains)
  return codes
}

/** The codes of a set by system; null when they cannot all be known offline: an unknown set, a filter that needs a server. */
export function expandValueSet(set: JsonObject | undefined, terminology: Terminology): Codes | null {
  return expandAt(set, terminology, 0)
}

/** A set as the list of its codes (an extensional ValueSet); a system of which every code is in it is included whole. */
export function extensional(set: JsonObject, codes: Codes): JsonObject {
  const include = [...codes].map(
    ([system, own]): JsonObject =>
      own === null ? { system } : { system, concept: [...own].map((code) => ({ code })) },
  )
  const head: JsonObject = { resourceType: 'ValueSet' }
  for (const name of ['url', 'version', 'name', 'title']) if (set[name] !== undefined) head[name] = set[name]
  return { ...head, compose: { include } }
}
