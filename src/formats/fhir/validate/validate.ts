/**
 * Validates resources against R4 and its profiles (validation.html), offline and in this process: cardinality, types and
 * their form, unknown elements, fixed and pattern values, slicing, bindings, references, extensions, invariants. Pure. */
import type { JsonObject } from '../json-value.ts'
import type { FhirDefinitions } from './definitions.ts'
import type { FhirIssue } from './issue.ts'
import { checkResource } from './resource.ts'
import { Place, Run, typeOf, VALIDATION_LIMITS, type ValidationLimits } from './run.ts'

export type { DefinitionSource } from './definitions.ts'
export { FhirDefinitions } from './definitions.ts'
export { loadEngine } from './engine.ts'
export type { FhirIssue, IssueCode, IssueSeverity } from './issue.ts'
export { VALIDATION_LIMITS, type ValidationLimits } from './run.ts'

/** How a resource is validated. */
export interface ValidateOptions {
  /** Profiles that the resource itself must meet beside those it claims. */
  readonly asked?: readonly string[]
  /** Profiles that every resource of a type must meet, by type. */
  readonly profiles?: ReadonlyMap<string, readonly string[]>
  /** Are rules marked as best practice (dom-6) judged? By default not. */
  readonly bestPractice?: boolean
  readonly limits?: Partial<ValidationLimits>
}

/** Steps between two turns of others: a few milliseconds. */
const SLICE_STEPS = 2_000

/**
 * What is wrong with a resource, errors and warnings, as the walk meets them; nothing: it conforms. Any resource that
 * was read may come; never throws. Time and memory are bounded by `limits`. */
export function validateResource(
  resource: JsonObject,
  definitions: FhirDefinitions,
  options: ValidateOptions = {},
): readonly FhirIssue[] {
  const run = begin(resource, definitions, options)
  run.go(Number.POSITIVE_INFINITY)
  return run.issues
}

/** The same in slices, between which others have their turn: no slice holds the thread over 50 ms. */
export async function validateInSlices(
  resource: JsonObject,
  definitions: FhirDefinitions,
  options: ValidateOptions = {},
): Promise<readonly FhirIssue[]> {
  const run = begin(resource, definitions, options)
  while (!run.go(SLICE_STEPS)) await new Promise<void>((resolve) => setImmediate(resolve))
  return run.issues
}

function begin(resource: JsonObject, definitions: FhirDefinitions, options: ValidateOptions): Run {
  const { asked = [], profiles = new Map(), bestPractice = false, limits = {} } = options
  const run = new Run(definitions, { profiles, bestPractice, limits: { ...VALIDATION_LIMITS, ...limits } })
  const scope = { resource, container: resource, bundle: null, role: 'root', copies: new Map() } as const
  const place = new Place(null, typeOf(resource) || '%resource', -1, scope)
  run.later(() => checkResource(run, resource, place, asked))
  return run
}
