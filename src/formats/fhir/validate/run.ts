/** One validation under way: where it stands, what it found, how much it may still do. */
import { isObject, type JsonObject, type JsonValue, list, object } from '../json-value.ts'
import type { FhirDefinitions } from './definitions.ts'
import { type FhirIssue, type IssueCode, type IssueDetail, issue } from './issue.ts'
import type { StructurePlan } from './plan.ts'
import { unversioned } from './structure.ts'

/** The resource that an element belongs to. */
export interface Scope {
  readonly resource: JsonObject
  /** The resource that contains it, or itself: FHIRPath's `%rootResource`. */
  readonly container: JsonObject
  /** The Bundle that it is an entry of, or null. */
  readonly bundle: JsonObject | null
  readonly role: 'root' | 'contained' | 'entry'
  /** Copies for FHIRPath, made when they are needed. */
  readonly copies: Map<JsonObject, Weighed>
}

/** What FHIRPath is given for an object: its plain copy, and how many values are in it. */
export interface Weighed {
  readonly plain: unknown
  readonly values: number
}

/** Where an element stands. Its text is made only when something is said of it. */
export class Place {
  readonly up: Place | null
  readonly name: string
  /** −1: it stands in no array. */
  readonly index: number
  readonly scope: Scope

  constructor(up: Place | null, name: string, index: number, scope: Scope) {
    this.up = up
    this.name = name
    this.index = index
    this.scope = scope
  }
}

/** What may be shown of a name: others may hold anything. */
const SHOWN_NAME = /^_?[A-Za-z][A-Za-z0-9]{0,63}$/
const MAX_SHOWN_DEPTH = 40

/** The place in the words of FHIRPath. */
export function textOf(place: Place): string {
  const parts: string[] = []
  for (let at: Place | null = place; at !== null && parts.length < MAX_SHOWN_DEPTH; at = at.up) {
    const name = SHOWN_NAME.test(at.name) ? at.name.replace(/^_/, '') : at.name === '%resource' ? at.name : '?'
    parts.push(at.index < 0 ? name : `${name}[${at.index}]`)
  }
  return parts.reverse().join('.')
}

/** Bounds of one validation, so that time and memory follow the resource. All count; none is a clock. */
export interface ValidationLimits {
  /** Issues told; the rest is like them. */
  readonly maxIssues: number
  /** Values looked at, once for each profile that looks. */
  readonly maxSteps: number
  /** Values of an element, and of the resource around it, that a FHIRPath rule may look at: larger ones are not judged by it. */
  readonly maxRuleValues: number
  /** The same for rules that only the engine can evaluate. */
  readonly maxEngineValues: number
  /** The values of all judged elements together. */
  readonly maxRuleValuesTogether: number
  /** Profiles that one resource may claim. */
  readonly maxProfiles: number
  /** Steps of a validation inside the validation: does a resource conform to a profile? */
  readonly maxInnerSteps: number
}

/** The limits unless told otherwise. */
export const VALIDATION_LIMITS: ValidationLimits = {
  maxIssues: 100,
  maxSteps: 5_000_000,
  maxRuleValues: 10_000,
  maxEngineValues: 1_500,
  maxRuleValuesTogether: 1_000_000,
  maxProfiles: 20,
  maxInnerSteps: 20_000,
}

/** What a validation is told beside the resource. */
export interface RunOptions {
  /** Profiles that a resource of a type must meet although it may not claim them. */
  readonly profiles: ReadonlyMap<string, readonly string[]>
  /** Are rules marked as best practice judged too (dom-6)? */
  readonly bestPractice: boolean
  readonly limits: ValidationLimits
}

/** Counts, collects, and puts off what is too much for one slice. */
export class Run {
  readonly definitions: FhirDefinitions
  readonly options: RunOptions
  readonly issues: FhirIssue[] = []
  /** What conforms to what, within this validation; null while it is being found out. */
  readonly conforming: Map<JsonObject, Map<string, boolean | null>>
  readonly #seen = new Map<JsonObject, Set<StructurePlan>>()
  readonly #told = new Set<string>()
  readonly #waiting: (() => void)[] = []
  #sliceEnd = Number.POSITIVE_INFINITY
  /** Values looked at so far. */
  steps = 0
  /** Values that rules in FHIRPath looked at so far. */
  ruleValues = 0
  /** Nothing more is looked at. */
  stopped = false
  #errors = 0
  readonly #quiet: boolean

  constructor(definitions: FhirDefinitions, options: RunOptions, outer: Run | null = null) {
    this.definitions = definitions
    this.options = options
    this.conforming = outer?.conforming ?? new Map()
    this.ruleValues = outer?.ruleValues ?? 0
    this.#quiet = outer !== null
  }

  /** Errors told so far. */
  get errors(): number {
    return this.#errors
  }

  /** Tells an issue, once. */
  tell(code: IssueCode, place: Place, detail?: IssueDetail): void {
    if (this.stopped) return
    if (this.#quiet) {
      if ((detail?.severity ?? 'error') !== 'error') return
      this.#errors++
      this.stopped = true
      return
    }
    const one = issue(code, textOf(place), detail)
    const key = `${one.code}\n${one.expression}\n${one.rule ?? ''}`
    if (this.#told.has(key)) return
    this.#told.add(key)
    this.issues.push(one)
    if (one.severity === 'error') this.#errors++
    if (this.issues.length >= this.options.limits.maxIssues) this.cut(place, 'issues')
  }

  /** Ends the validation because a limit is reached, and says which. */
  cut(place: Place, limit: string): void {
    if (this.stopped) return
    let root = place
    while (root.up !== null) root = root.up
    this.issues.push(issue('too-costly', textOf(root), { severity: 'warning', rule: limit }))
    this.stopped = true
  }

  /** Counts values looked at; true when the slice is over, and what remains is to be put off. */
  step(place: Place, values = 1): boolean {
    this.steps += values
    if (this.steps > this.options.limits.maxSteps) this.cut(place, 'steps')
    return this.steps > this.#sliceEnd
  }

  /** May a rule look at so many values? Counts them; what is too much is not judged. */
  mayJudge(place: Place, values: number): boolean {
    const { maxRuleValuesTogether } = this.options.limits
    if (this.ruleValues + values > maxRuleValuesTogether) return false
    this.ruleValues += values
    this.step(place, values)
    return true
  }

  /** Is this the first time that a resource meets a plan? An entry is seen by its Bundle and by its slice. */
  begins(resource: JsonObject, plan: StructurePlan): boolean {
    const plans = this.#seen.get(resource)
    if (plans === undefined) this.#seen.set(resource, new Set([plan]))
    else if (plans.has(plan)) return false
    else plans.add(plan)
    return true
  }

  /** Does a resource conform to a profile? Found out once; what it claims itself is told where it stands. */
  conforms(value: JsonValue, canonical: string, place: Place): boolean {
    const plan = this.definitions.plan(canonical)
    if (plan === null || !isObject(value)) return plan === null
    if (plan.type !== typeOf(value)) return typeOf(value) === '' && this.isQuietly(plan, value, place)
    if (claims(value, plan.url)) return true
    let known = this.conforming.get(value)
    if (known === undefined) this.conforming.set(value, (known = new Map()))
    const before = known.get(plan.url)
    // In a circle, what is being found out is taken for granted.
    if (before !== undefined) return before ?? true
    known.set(plan.url, null)
    const scope: Scope = { ...place.scope, resource: value, container: value }
    const found = this.isQuietly(plan, value, new Place(null, typeOf(value), -1, scope))
    known.set(plan.url, found)
    return found
  }

  /** Meets a value the plan without an error? Nothing is told. What is too large to be looked at here is taken to. */
  isQuietly(plan: StructurePlan, value: JsonObject, place: Place): boolean {
    const { limits } = this.options
    const inner = new Run(
      this.definitions,
      { ...this.options, limits: { ...limits, maxSteps: limits.maxInnerSteps } },
      this,
    )
    plan.check(inner, value, place)
    this.ruleValues = inner.ruleValues
    this.step(place, inner.steps)
    return inner.errors === 0
  }

  /** Puts work off to a later slice. */
  later(work: () => void): void {
    this.#waiting.push(work)
  }

  /** Does what was put off, for about so many steps; true when nothing remains. */
  go(steps: number): boolean {
    this.#sliceEnd = this.steps + steps
    for (let work = this.#waiting.pop(); work !== undefined && !this.stopped; work = this.#waiting.pop()) {
      work()
      if (this.steps > this.#sliceEnd) return this.#waiting.length === 0
    }
    return true
  }
}

/** Does a resource say of itself that it conforms? */
function claims(resource: JsonObject, url: string): boolean {
  return list(object(resource['meta'])?.['profile']).some((one) => typeof one === 'string' && unversioned(one) === url)
}

/** Type of a resource, or ''. */
export function typeOf(value: JsonValue | undefined): string {
  const type = isObject(value) ? value['resourceType'] : undefined
  return typeof type === 'string' ? type : ''
}
