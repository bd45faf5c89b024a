/** Functions of FHIRPath (§5) that rules of profiles use, over collections. */
import { isObject, type JsonValue } from '../../json-value.ts'
import {
  boolean,
  distinct,
  type Eval,
  extensions,
  NONE,
  numberOf,
  type Scope,
  spend,
  textOf,
  truth,
  Unsure,
  type Values,
} from './collection.ts'

/** A function with its arguments: what it makes of a collection. */
export type Call = (values: Values, scope: Scope) => Values
/** Takes compiled arguments; null when there are too many or too few, which only the engine has a word for. */
export type Make = (args: readonly Eval[]) => Call | null

const noArgument =
  (call: (values: Values, scope: Scope) => Values): Make =>
  (args) =>
    args.length === 0 ? call : null

/** A function whose argument is a criterion, looked at for each item. */
const perItem =
  (call: (values: Values, test: (item: JsonValue) => Values, scope: Scope) => Values): Make =>
  ([argument, ...more]) => {
    if (argument === undefined || more.length > 0) return null
    return (values, scope) => {
      spend(scope, values.length)
      return call(values, (item) => argument({ ...scope, focus: [item] }), scope)
    }
  }

/** A function of a text and a text. */
const ofTexts =
  (call: (text: string, argument: string) => boolean): Make =>
  ([argument, ...more]) => {
    if (argument === undefined || more.length > 0) return null
    return (values, scope) => {
      const [text, other] = [textOf(values), textOf(argument(scope))]
      return text === null || other === null ? NONE : truth(call(text, other))
    }
  }

/** The same functions, by name. */
export const FUNCTIONS: Readonly<Record<string, Make>> = {
  exists: (args) => {
    if (args.length === 0) return (values) => truth(values.length > 0)
    return perItem((values, test) => truth(values.some((item) => boolean(test(item)) === true)))(args)
  },
  empty: noArgument((values) => truth(values.length === 0)),
  not: noArgument((values) => {
    const value = boolean(values)
    return truth(value === null ? null : !value)
  }),
  count: noArgument((values) => [values.length]),
  first: noArgument((values) => values.slice(0, 1)),
  last: noArgument((values) => values.slice(-1)),
  single: noArgument((values) => {
    if (values.length > 1) throw new Unsure()
    return values
  }),
  hasValue: noArgument((values) => {
    if (values.length !== 1) return truth(false)
    return truth(!isObject(values[0]))
  }),
  distinct: noArgument(distinct),
  isDistinct: noArgument((values) => truth(distinct(values).length === values.length)),
  trace: ([name]) => (name === undefined ? null : (values) => values),
  where: perItem((values, test) => values.filter((item) => boolean(test(item)) === true)),
  all: perItem((values, test) => truth(values.every((item) => boolean(test(item)) === true))),
  select: perItem((values, test) => values.flatMap(test)),
  aggregate: ([step, start, ...more]) => {
    if (step === undefined || more.length > 0) return null
    return (values, scope) => {
      spend(scope, values.length)
      let total = start === undefined ? NONE : start(scope)
      for (const item of values) total = step({ ...scope, focus: [item], total })
      return total
    }
  },
  extension: ([url, ...more]) => {
    if (url === undefined || more.length > 0) return null
    return (values, scope) => {
      const asked = textOf(url(scope))
      return asked === null ? NONE : extensions(values, asked)
    }
  },
  resolve: noArgument((values, { around }) =>
    values.flatMap((one) => {
      const link = typeof one === 'string' ? one : isObject(one) ? one['reference'] : undefined
      const target = typeof link === 'string' ? around.resolve(link) : null
      return target === null ? [] : [target as JsonValue]
    }),
  ),
  startsWith: ofTexts((text, other) => text.startsWith(other)),
  endsWith: ofTexts((text, other) => text.endsWith(other)),
  contains: ofTexts((text, other) => text.includes(other)),
  matches: matching((pattern) => pattern),
  matchesFull: matching((pattern) => `^(?:${pattern})$`),
  length: noArgument((values) => {
    const text = textOf(values)
    return text === null ? NONE : [text.length]
  }),
  upper: noArgument((values) => {
    const text = textOf(values)
    return text === null ? NONE : [text.toUpperCase()]
  }),
  lower: noArgument((values) => {
    const text = textOf(values)
    return text === null ? NONE : [text.toLowerCase()]
  }),
  iif: ([criterion, then, other, ...more]) => {
    if (criterion === undefined || then === undefined || more.length > 0) return null
    return (values, scope) => {
      const inside = { ...scope, focus: values }
      if (boolean(criterion(inside)) === true) return then(inside)
      return other === undefined ? NONE : other(inside)
    }
  },
  skip: ([size, ...more]) => {
    if (size === undefined || more.length > 0) return null
    return (values, scope) => values.slice(Math.max(0, numberOf(size(scope)) ?? 0))
  },
}

/** A regular expression is compiled once for each pattern, as the engine reads it. */
function matching(whole: (pattern: string) => string): Make {
  return ([argument, ...more]) => {
    if (argument === undefined || more.length > 0) return null
    let last = ''
    let compiled: RegExp | null = null
    return (values, scope) => {
      const [text, pattern] = [textOf(values), textOf(argument(scope))]
      if (text === null || pattern === null) return NONE
      if (compiled === null || pattern !== last) {
        last = pattern
        compiled = expression(whole(pattern))
      }
      return truth(compiled.test(text))
    }
  }
}

function expression(pattern: string): RegExp {
  try {
    return new RegExp(pattern, 'us')
  } catch {
    throw new Unsure()
  }
}
