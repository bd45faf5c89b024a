/** The FHIRPath engine, as far as rules need it. It takes a tenth of a second and 20 MB to load: not before it is needed. */

import type { Syntax } from './rule/compile.ts'

/** What a rule sees beside the element: `%resource`, `%rootResource`. */
export interface Surroundings {
  readonly resource: unknown
  readonly rootResource: unknown
  /** The resource that a link leads to, or null. */
  readonly resolve: (link: string) => unknown
}

/** A rule compiled: its value for an element. @throws when the engine cannot evaluate it */
export type Rule = (value: unknown, around: Surroundings) => unknown

/** Compiles rules. */
export interface Engine {
  /** The syntax of an expression. @throws when it is no FHIRPath */
  parse(expression: string): Syntax
  /** `base`: path or type of the element that the rule stands on. @throws when it is no FHIRPath */
  compile(expression: string, base: string | null): Rule
}

/** Around the rule that is being evaluated: the engine's own functions know of nothing outside their element. */
let now: Surroundings | null = null

/** `resolve()` within what is being validated; the engine's own asks a server. */
function resolve(inputs: readonly unknown[]): unknown[] {
  return inputs.flatMap((one) => {
    const link = typeof one === 'string' ? one : (one as { reference?: unknown } | null)?.reference
    const target = typeof link === 'string' ? (now?.resolve(link) ?? null) : null
    return target === null ? [] : [target]
  })
}

const OFFLINE = {
  async: false as const,
  resolveInternalTypes: true,
  userInvocationTable: { resolve: { fn: resolve, arity: { 0: [] as [] } } },
}

/** Loads the engine and R4's model. */
export async function loadEngine(): Promise<Engine> {
  const [{ default: engine }, { default: r4 }] = await Promise.all([
    import('fhirpath'),
    import('fhirpath/fhir-context/r4'),
  ])
  return {
    parse: (expression) => engine.parse(expression) as Syntax,
    compile(expression, base) {
      const path = base === null ? expression : { base, expression }
      const compiled = engine.compile(path, r4, OFFLINE) as (value: unknown, around: object) => unknown[]
      return (value, around) => {
        now = around
        try {
          const found = compiled(value, { resource: around.resource, rootResource: around.rootResource })
          return found.length === 1 ? found[0] : found.length === 0 ? null : found
        } finally {
          now = null
        }
      }
    },
  }
}
