/** Rule files → closures over a message, once for a configuration. */
import type { CodeTable, Hl7Rules } from '../../../core/config.ts'
import { ERRORS, type ErrorCode, GatewayError } from '../../../core/errors.ts'
import type { FindingClass } from '../../../core/message.ts'
import { compileAssertion, type Judge } from './assertion.ts'
import { compileConditions, type Holds, type ValueSet, type ValuesOf } from './condition.ts'
import { type Place, parsePlace } from './place.ts'
import { Hl7Profiles, type Profile } from './profiles.ts'
import { parseStructure, type Structure } from './structure.ts'
import {
  ASSERTIONS,
  type Assertion,
  assertionOf,
  type RuleClass,
  type WrittenEvents,
  type WrittenProfiles,
  type WrittenRule,
  type WrittenRuleFile,
  type WrittenStructure,
} from './written.ts'

/** A rule, ready to be looked at. */
export interface CompiledRule {
  readonly id: string
  readonly isFor: (event: string) => boolean
  readonly place: Place
  readonly told: Place
  readonly whole: boolean
  readonly judge: Judge
  readonly class: FindingClass
  readonly code: ErrorCode
}

/** A structure, ready to be compared. `class` null: each misfit has its own. */
export interface CompiledStructure {
  readonly id: string
  readonly isFor: (event: string) => boolean
  readonly holds: Holds | null
  readonly structure: Structure
  readonly class: FindingClass | null
}

/** What is wrong with a rule file: keys and indexes to the value, and a sentence. */
export interface RuleProblem {
  readonly file: string
  readonly path: readonly (string | number)[]
  readonly message: string
}

/** What is asked, where a rule says neither: the class, and the code for a field and for a segment. */
const DEFAULTS: Readonly<Record<Assertion, readonly [FindingClass, ErrorCode, ErrorCode]>> = {
  required: ['contract', 'FIELD_MISSING', 'SEGMENT_MISSING'],
  forbidden: ['contract', 'FIELD_FORBIDDEN', 'SEGMENT_UNEXPECTED'],
  max: ['contract', 'CARDINALITY', 'CARDINALITY'],
  in: ['form', 'VALUE_UNLISTED', 'VALUE_UNLISTED'],
  notIn: ['form', 'VALUE_UNLISTED', 'VALUE_UNLISTED'],
  contains: ['form', 'VALUE_UNLISTED', 'VALUE_UNLISTED'],
  pattern: ['contract', 'FIELD_MALFORMED', 'FIELD_MALFORMED'],
  type: ['contract', 'FIELD_MALFORMED', 'FIELD_MALFORMED'],
  equals: ['contract', 'CONTENT_DISAGREES', 'CONTENT_DISAGREES'],
  matrix: ['contract', 'CONTENT_DISAGREES', 'CONTENT_DISAGREES'],
  count: ['contract', 'CARDINALITY', 'CARDINALITY'],
  check: ['contract', 'CONTENT_DISAGREES', 'CONTENT_DISAGREES'],
}

/** Compiles rule files of good form. @throws {GatewayError} CONFIG_INVALID naming the first problem of `ruleProblems` */
export function compileProfiles(written: WrittenProfiles): Hl7Profiles {
  const compiling = new Compiling(written)
  const [first] = compiling.problems
  if (first !== undefined) {
    throw new GatewayError('CONFIG_INVALID', `profiles/hl7v2/${first.file}.yaml: ${first.message}`)
  }
  return compiling.result
}

const compiled = new WeakMap<Hl7Rules, Hl7Profiles>()

/** The rules of a configuration, compiled when they are first asked for. @throws {GatewayError} CONFIG_INVALID */
export function profilesOf(rules: Hl7Rules): Hl7Profiles {
  let profiles = compiled.get(rules)
  if (profiles === undefined) {
    profiles = compileProfiles(rules as WrittenProfiles)
    compiled.set(rules, profiles)
  }
  return profiles
}

/** Everything wrong with rule files whose form is good; none: `compileProfiles` takes them. Pure. */
export function ruleProblems(written: WrittenProfiles): readonly RuleProblem[] {
  return new Compiling(written).problems
}

class Compiling {
  readonly problems: RuleProblem[] = []
  readonly result: Hl7Profiles
  readonly #written: WrittenProfiles
  readonly #rules = new Map<string, CompiledRule[]>()
  readonly #known = new Map<string, WrittenRule | WrittenStructure>()
  readonly #valuesOf: ValuesOf

  constructor(written: WrittenProfiles) {
    this.#written = written
    this.#valuesOf = valuesIn(written.tables)
    const files = Object.entries(written.files)
    for (const [name, file] of files) this.#rules.set(name, this.#ownRules(name, file))
    const profiles = files.flatMap(([name, file]) => this.#profile(name, file) ?? [])
    this.result = new Hl7Profiles(profiles, this.#known)
  }

  #attempt<T>(file: string, path: readonly (string | number)[], work: () => T): T | null {
    try {
      return work()
    } catch (fault) {
      if (!(fault instanceof RangeError)) throw fault
      this.problems.push({ file, path, message: fault.message })
      return null
    }
  }

  /** Ids are names for operators and answers: one meaning each, over all files. */
  #know(file: string, path: readonly (string | number)[], one: WrittenRule | WrittenStructure): void {
    if (this.#known.has(one.id)) {
      this.problems.push({ file, path: [...path, 'id'], message: `the id ${one.id} stands twice` })
    }
    this.#known.set(one.id, one)
  }

  #ownRules(name: string, file: WrittenRuleFile): CompiledRule[] {
    return (file.rules ?? []).flatMap((rule, i) => {
      const path = ['rules', i]
      this.#know(name, path, rule)
      const compiled = this.#attempt(name, path, () => compileRule(rule, this.#written.classes, this.#valuesOf))
      return compiled === null || compiled === 'off' ? [] : [compiled]
    })
  }

  /** The file with the pieces it uses; null for a piece. */
  #profile(name: string, file: WrittenRuleFile): Profile | null {
    const used = this.#used(name, file, new Set([name]))
    const parts = Object.assign({}, ...used.map((one) => this.#written.files[one]?.parts), file.parts)
    const structures = (file.structures ?? []).flatMap((structure, i) => {
      const path = ['structures', i]
      this.#know(name, path, structure)
      const compiled = this.#attempt(name, path, () =>
        compileStructure(structure, parts, this.#written.classes, this.#valuesOf),
      )
      return compiled === null || compiled === 'off' ? [] : [compiled]
    })
    for (const [i, other] of (file.replaces ?? []).entries()) {
      if (this.#written.files[other]?.appliesTo === undefined) {
        this.problems.push({ file: name, path: ['replaces', i], message: `no file ${other} applies to any message` })
      }
    }
    const { appliesTo } = file
    if (appliesTo === undefined) return null
    const conditions = this.#attempt(name, ['appliesTo', 'when'], () =>
      compileConditions(appliesTo.when, null, this.#valuesOf),
    )
    const rules = [...used, name].flatMap((one) => this.#rules.get(one) ?? [])
    return { name, appliesTo, replaces: file.replaces ?? [], holds: conditions?.ofSegment ?? null, structures, rules }
  }

  /** Pieces, those that they use before them, each once. */
  #used(name: string, file: WrittenRuleFile, seen: Set<string>): string[] {
    return (file.use ?? []).flatMap((piece, i) => {
      const found = this.#written.files[piece]
      if (found === undefined || found.appliesTo !== undefined) {
        const why = found === undefined ? `there is no piece ${piece}` : `${piece} applies by itself and is no piece`
        this.problems.push({ file: name, path: ['use', i], message: why })
        return []
      }
      if (seen.has(piece)) return []
      seen.add(piece)
      return [...this.#used(piece, found, seen), piece]
    })
  }
}

function valuesIn(tables: ReadonlyMap<string, CodeTable>): ValuesOf {
  return (written) => {
    if (typeof written !== 'string') return listed(written)
    const table = tables.get(written.slice('table:'.length))
    if (table === undefined) throw new RangeError(`there is no ${written}`)
    const { codes, prefixes } = table
    const has =
      prefixes.length === 0
        ? (value: string) => codes.has(value)
        : (value: string) => codes.has(value) || prefixes.some((prefix) => value.startsWith(prefix))
    return { has, shown: [...codes] }
  }
}

function listed(values: readonly string[]): ValueSet {
  const set = new Set(values)
  return { has: (value) => set.has(value), shown: values }
}

function eventTest(events: WrittenEvents | undefined): (event: string) => boolean {
  if (events === undefined) return () => true
  if ('not' in events) return (event) => !events.not.includes(event)
  return (event) => events.includes(event)
}

function compileRule(rule: WrittenRule, classes: WrittenProfiles['classes'], valuesOf: ValuesOf): CompiledRule | 'off' {
  const assertion = assertionOf(rule)
  if (assertion === null) throw new RangeError(`${rule.id} must ask exactly one of ${ASSERTIONS.join(', ')}`)
  const [usual, ofField, ofSegment] = DEFAULTS[assertion]
  const place = parsePlace(rule.at)
  const code = rule.code ?? (place.field === null ? ofSegment : ofField)
  if (!Object.hasOwn(ERRORS, code)) throw new RangeError(`${code} is no code of docs/errors.md`)
  if (rule.text === undefined && (assertion === 'check' || rule.code !== undefined)) {
    throw new RangeError(`${rule.id} needs a text in fr and en: what it asks cannot be told from its form`)
  }
  const told = rule.place === undefined ? place : parsePlace(rule.place)
  const compiled = compileAssertion(rule, valuesOf)
  const chosen: RuleClass = classes[rule.id] ?? rule.class ?? (rule.certainty === 'unverified' ? 'form' : usual)
  if (chosen === 'off') return 'off'
  return { id: rule.id, isFor: eventTest(rule.events), place, told, code, class: chosen, ...compiled }
}

function compileStructure(
  written: WrittenStructure,
  parts: Readonly<Record<string, string>>,
  classes: WrittenProfiles['classes'],
  valuesOf: ValuesOf,
): CompiledStructure | 'off' {
  const structure = parseStructure(written.segments, parts)
  const { ofSegment } = compileConditions(written.when, null, valuesOf)
  const chosen = classes[written.id] ?? (written.certainty === 'unverified' ? 'form' : null)
  if (chosen === 'off') return 'off'
  return { id: written.id, isFor: eventTest(written.events), holds: ofSegment, structure, class: chosen }
}
