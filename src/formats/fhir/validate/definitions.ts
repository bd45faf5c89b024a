/** The definitions at hand, each compiled once when it is first needed. */
import { type ElementTree, elementTree } from './element-tree.ts'
import type { Engine } from './engine.ts'
import { isHeldElsewhere } from './invariant.ts'
import { nativeRule } from './native.ts'
import { type StructurePlan, structurePlan } from './plan.ts'
import type { Eval } from './rule/collection.ts'
import { compileRule, type Syntax } from './rule/compile.ts'
import {
  type CodeSystem,
  type Definition,
  R4,
  type StructureDefinition,
  unversioned,
  type ValueSet,
} from './structure.ts'
import { type CodeTest, codeTest } from './value-set.ts'

/** Where definitions are read: types of R4, profiles, extensions, value sets, code systems. */
export interface DefinitionSource {
  /** The definition of a canonical without version, or null. The same object or an equal one each time. */
  find(canonical: string): Definition | null
  /** Profiles of resources that are loaded (not the types of R4, not extensions). */
  readonly profiles: readonly { readonly url: string; readonly type: string }[]
}

/** Definitions for `validateResource`. What is compiled is kept: make one and keep it. */
export class FhirDefinitions {
  readonly #source: DefinitionSource
  readonly #trees = new Map<string, ElementTree | null>()
  readonly #plans = new Map<string, StructurePlan | null>()
  readonly #tests = new Map<string, CodeTest | null>()
  readonly #rules = new Map<string, Eval | null>()
  /** Evaluates FHIRPath. */
  readonly engine: Engine

  constructor(source: DefinitionSource, engine: Engine) {
    this.#source = source
    this.engine = engine
  }

  /** Profiles of resources that are loaded. */
  get profiles(): DefinitionSource['profiles'] {
    return this.#source.profiles
  }

  /** The elements of a type or profile, or null when it is not known or has no snapshot. */
  tree(canonical: string): ElementTree | null {
    const url = unversioned(canonical)
    const known = this.#trees.get(url)
    if (known !== undefined) return known
    const structure = this.#find(url, 'StructureDefinition') as StructureDefinition | null
    const tree = structure?.snapshot === undefined ? null : elementTree(structure)
    this.#trees.set(url, tree)
    return tree
  }

  /** A type or profile ready to be checked against, or null when it is not known. */
  plan(canonical: string): StructurePlan | null {
    const url = unversioned(canonical)
    const known = this.#plans.get(url)
    if (known !== undefined) return known
    const tree = this.tree(url)
    const plan = tree === null ? null : structurePlan(tree, this)
    this.#plans.set(url, plan)
    return plan
  }

  /** A type of R4 by its name. */
  type(name: string): StructurePlan | null {
    return this.plan(R4 + name)
  }

  /** Tells which codes are in a value set, or null when it is not known. */
  codeTest(canonical: string): CodeTest | null {
    const url = unversioned(canonical)
    const known = this.#tests.get(url)
    if (known !== undefined) return known
    const test = codeTest(url, {
      valueSet: (one) => this.#find(one, 'ValueSet') as ValueSet | null,
      codeSystem: (one) => this.#find(one, 'CodeSystem') as CodeSystem | null,
    })
    this.#tests.set(url, test)
    return test
  }

  /** A rule compiled here, or null when it is left to the engine. Each expression is read once. */
  quickRule(expression: string): Eval | null {
    let known = this.#rules.get(expression)
    if (known === undefined) this.#rules.set(expression, (known = this.#compiled(expression)))
    return known
  }

  #compiled(expression: string): Eval | null {
    let syntax: Syntax
    try {
      syntax = this.engine.parse(expression)
    } catch {
      return null
    }
    return compileRule(syntax)
  }

  /** Reads the rules of every profile now, in slices: the engine's parser takes up to some ten milliseconds for each. */
  async warm(): Promise<void> {
    for (const { url } of this.profiles) {
      for (const { definition } of this.tree(url)?.byId.values() ?? []) {
        for (const constraint of definition.constraint ?? []) {
          const { expression } = constraint
          if (expression === undefined || isHeldElsewhere(constraint) || nativeRule(expression) !== null) continue
          if (this.#rules.has(expression)) continue
          this.quickRule(expression)
          await new Promise<void>((resolve) => setImmediate(resolve))
        }
      }
    }
  }

  #find(url: string, type: Definition['resourceType']): Definition | null {
    const found = this.#source.find(url)
    return found?.resourceType === type ? found : null
  }
}
