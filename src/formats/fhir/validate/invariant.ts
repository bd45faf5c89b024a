/** Invariants of an element (elementdefinition.html#constraint): natively where R4's own, else compiled FHIRPath, once. */
import type { FindingClass } from '../../../core/message.ts'
import { copyOf, isObject, JsonNumber, type JsonObject, type JsonValue } from '../json-value.ts'
import type { Check } from './binding.ts'
import type { FhirDefinitions } from './definitions.ts'
import type { Rule, Surroundings } from './engine.ts'
import { resolveReference } from './link.ts'
import { nativeRule } from './native.ts'
import { type Eval, Unsure } from './rule/collection.ts'
import type { Place, Run, Weighed } from './run.ts'
import type { Constraint } from './structure.ts'

/** Extension of a constraint by which a profile says the class of finding (`form`, `contract`, `safety`), valueCode. */
export const CLASS_EXTENSION = 'urn:passerelle:finding-class'
const BEST_PRACTICE = 'http://hl7.org/fhir/StructureDefinition/elementdefinition-bestpractice'

/** Held by the walk itself: every element has something in it, references and contained resources are looked at there. */
const HELD_ELSEWHERE: ReadonlySet<string> = new Set(['ele-1', 'ext-1', 'dom-2', 'dom-3', 'dom-4', 'dom-5', 'ref-1'])

/** Is the rule one that the walk holds by itself? */
export function isHeldElsewhere({ key }: Constraint): boolean {
  return HELD_ELSEWHERE.has(key)
}

/** The check of one rule. `base`: path or type of the element it stands on; `profile`: who asks it. */
export function invariantCheck(
  constraint: Constraint,
  base: string,
  profile: string,
  definitions: FhirDefinitions,
): Check | null {
  const { key, severity, human = null, expression, extension = [] } = constraint
  if (expression === undefined || isHeldElsewhere(constraint)) return null
  const bestPractice =
    key === 'dom-6' || extension.some((one) => one.url === BEST_PRACTICE && one['valueBoolean'] === true)
  const own = extension.find((one) => one.url === CLASS_EXTENSION)?.['valueCode'] as FindingClass | undefined
  const detail = { severity, rule: key, profile, says: human, ...(own === undefined ? {} : { class: own }) }
  const native = nativeRule(expression)
  const holds = native === null ? evaluated(expression, base, detail, definitions) : native
  return (run, value, place) => {
    if (bestPractice && !run.options.bestPractice) return
    if (!holds(value, run, place)) run.tell('invariant', place, detail)
  }
}

type Holds = (value: JsonValue, run: Run, place: Place) => boolean

function evaluated(
  expression: string,
  base: string,
  { rule: key, profile }: { readonly rule: string; readonly profile: string },
  definitions: FhirDefinitions,
): Holds {
  const compiled = new Map<string | null, Rule | null>()
  const ruleFor = (own: string | null): Rule | null => {
    const known = compiled.get(own)
    if (known !== undefined) return known
    let rule: Rule | null
    try {
      rule = definitions.engine.compile(expression, own)
    } catch {
      rule = null
    }
    compiled.set(own, rule)
    return rule
  }
  const wide = /%(?:resource|rootResource|context)\b|resolve\(/.test(expression)
  let quick: Eval | null | undefined
  return (value, run, place) => {
    if (quick === undefined) quick = definitions.quickRule(expression)
    const { maxRuleValues, maxEngineValues } = run.options.limits
    const around = wide ? surroundings(run, place) : NOWHERE
    const subject = weigh(value, maxRuleValues)
    const most = Math.max(subject.values, around.values)
    if (most <= maxRuleValues && run.mayJudge(place, subject.values + around.values)) {
      const found = quick === null ? UNKNOWN : asked(quick, value, place)
      if (found !== UNKNOWN) return isTrue(found)
      // The engine takes no number or boolean with a type.
      const typed = !(typeof value === 'number' || typeof value === 'boolean' || value instanceof JsonNumber)
      const rule = most <= maxEngineValues ? ruleFor(typed ? base : null) : null
      try {
        if (rule !== null) return isTrue(rule(subject.plain, around))
      } catch {
        // What the engine cannot do here (a function that asks a server) is told as not judged.
      }
    }
    run.tell('too-costly', place, { severity: 'information', rule: key, profile })
    return true
  }
}

/** No answer from the quick rule. */
const UNKNOWN: unique symbol = Symbol('unknown')

/** Values that a quick rule may pass on its way: it may look at each many times. */
const QUICK_BUDGET = 200_000

/** What a quick rule finds, as the engine would give it. */
function asked(rule: Eval, value: JsonValue, place: Place): unknown {
  try {
    const found = rule({ focus: [value], total: [], around: raw(place), budget: { left: QUICK_BUDGET } })
    return found.length === 1 ? found[0] : found.length === 0 ? null : found
  } catch (fault) {
    if (fault instanceof Unsure) return UNKNOWN
    throw fault
  }
}

/** The resource around as it was read. */
function raw({ scope }: Place): Surroundings {
  return {
    resource: scope.resource,
    rootResource: scope.container,
    resolve: (link) => resolveReference(link, scope),
  }
}

/** One boolean is itself; nothing is no; anything else is yes (FHIRPath §5.3, as validators read it). */
function isTrue(found: unknown): boolean {
  return typeof found === 'boolean' ? found : found !== null && found !== undefined
}

interface Around extends Surroundings {
  readonly values: number
}

const NOWHERE: Around = { resource: null, rootResource: null, resolve: () => null, values: 0 }

function surroundings(run: Run, place: Place): Around {
  const { scope } = place
  const max = run.options.limits.maxRuleValues
  const resource = weighOnce(scope.resource, scope.copies, max)
  const root = scope.container === scope.resource ? resource : weighOnce(scope.container, scope.copies, max)
  return {
    resource: resource.plain,
    rootResource: root.plain,
    resolve: (link) => {
      const target = resolveReference(link, scope)
      return target === null ? null : weighOnce(target, scope.copies, max).plain
    },
    values: resource.values + (root === resource ? 0 : root.values),
  }
}

function weighOnce(value: JsonObject, copies: Map<JsonObject, Weighed>, max: number): Weighed {
  let known = copies.get(value)
  if (known === undefined) copies.set(value, (known = weigh(value, max)))
  return known
}

/** Counts values up to `max` and a few more, and makes the engine a copy only where a number needs one. */
function weigh(value: JsonValue, max: number): Weighed {
  const found = { values: 0, text: false }
  count(value, max, found)
  if (!found.text || found.values > max) return { plain: value, values: found.values }
  return {
    plain: copyOf(value, (leaf) => (leaf instanceof JsonNumber ? Number(leaf.text) : leaf)),
    values: found.values,
  }
}

/** Characters that count as one value more: long texts cost the engine too. */
const CHARACTERS = 1_000

function count(value: JsonValue, max: number, found: { values: number; text: boolean }): void {
  found.values++
  if (typeof value === 'string') found.values += Math.floor(value.length / CHARACTERS)
  else if (value instanceof JsonNumber) found.text = true
  else if (Array.isArray(value)) {
    for (let i = 0; i < value.length && found.values <= max; i++) count(value[i]!, max, found)
  } else if (isObject(value)) {
    for (const name in value) {
      if (found.values > max) return
      count(value[name]!, max, found)
    }
  }
}
